"""Sequences as a ragged container: cut, indexed, iterated, copied and built."""

import copy
import pickle
import re

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.validation import _num_samples

from sktrace import Sequences

from .._sequence_data import assert_same, check_numbers_of, make_padded, make_weeks

# --- the first steps ---------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 10**6, np.int32(2)])
def test_first_cuts_every_sequence(X, n):
    cut = X.first(n)
    assert cut.ids.tolist() == X.ids.tolist()
    for own, whole in zip(cut, X, strict=True):
        np.testing.assert_array_equal(own, whole[:n])
    np.testing.assert_array_equal(cut.lengths, np.minimum(X.lengths, n))
    assert_same(X.first(3).first(2), X.first(2))


@pytest.mark.parametrize("n", [0, -1, 1.5])
def test_no_steps_are_refused(X, n):
    with pytest.raises((TypeError, ValueError), match=re.escape(f"n_steps={n!r}; exp")):
        X.first(n)


def test_a_cut_is_a_copy(X):
    before = copy.deepcopy(X)
    cut = X.first(1)
    if isinstance(cut.steps, pd.DataFrame):
        cut.steps.iloc[:] = 0
    else:
        cut.steps[:] = 0
    assert_same(X, before)


# --- every kind of indexing --------------------------------------------------------

N = 5  # students of make_weeks
KEYS = {
    "slice": slice(1, 4),
    "slice with a step": slice(None, None, 2),
    "backwards": slice(None, None, -1),
    "slice out of range": slice(3, 99),
    "mask": np.array([True, False, True, True, False]),
    "list of booleans": [True, False, True, True, False],
    "pandas mask": pd.Series([True, False, True, True, False], index=[9] * N),
    "nullable mask": pd.array([True, False, True, True, False], dtype="boolean"),
    "positions": np.array([3, 0, 3, -1]),
    "unsigned positions": np.array([3, 0, 3], dtype=np.uint8),
    "list": [4, -5],
    "pandas positions": pd.Series([4, 0], index=[8, 8]),
    "pandas Index": pd.Index([4, 0]),
    "range": range(1, 3),
    "nothing": [],
    "no positions": np.array([], dtype=int),
    "nobody": np.zeros(N, dtype=bool),
    "everybody": Ellipsis,
}


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("with_ellipsis", [False, True])
def test_several_are_sequences_again(name, with_ellipsis):
    key = KEYS[name]
    X = Sequences.from_frame(make_weeks(), "user_id", order="week")
    plain = key.to_numpy(bool) if name == "nullable mask" else key
    positions = np.arange(N)[plain].tolist()
    some = X[key, ...] if with_ellipsis and key is not Ellipsis else X[key]
    assert isinstance(some, Sequences)
    assert some.ids.tolist() == [X.ids[i] for i in positions]
    assert len(some) == some.shape[0] == len(positions)
    for own, i in zip(some, positions, strict=True):
        pd.testing.assert_frame_equal(own, X[i])


@pytest.mark.parametrize("kind", [int, np.int64, np.uint8, np.array])
def test_one_is_its_steps(X, kind):
    n = len(X)
    for i in range(n):
        own = X[kind(i)]
        assert type(own) is type(X.steps)
        assert len(own) == X.lengths[i]
        np.testing.assert_array_equal(own, X[i - n])
        np.testing.assert_array_equal(own, X[i, ...])
    stacked = np.concatenate([np.asarray(own) for own in X])
    np.testing.assert_array_equal(stacked, X.steps)


@pytest.mark.parametrize(
    "key",
    [
        99,
        -99,
        [0, 99],
        [True],
        np.ones(3, bool),
        1.0,
        np.array([0.0]),
        "ann",
        (0, 1),
        None,
        True,
        [[0, 1]],
        np.zeros((1, 2), dtype=int),
        pd.array([True, None], dtype="boolean"),
    ],
    ids=str,
)
def test_keys_that_are_no_position_are_index_errors(X, key):
    with pytest.raises(IndexError):
        X[key]


def test_iteration_yields_every_sequence(X):
    assert len(list(X)) == len(X) == X.shape[0] == _num_samples(X)
    assert X.ndim == 1
    assert len(list(iter(X[:0]))) == 0
    assert bool(X[:1])
    assert not bool(X[:0])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_indexing_twice_is_indexing_once(seed, data):
    X = Sequences.from_padded(make_padded(seed)[0])
    one = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=9))
    two = data.draw(st.lists(st.integers(0, len(one) - 1), max_size=9))
    assert_same(X[one][two], X[np.array(one)[np.array(two, dtype=int)]])
    np.testing.assert_array_equal(X[one].first(2).ids, one)


# --- what it is --------------------------------------------------------------------


def test_an_array_is_refused_by_naming_the_padded_one(X):
    message = (
        "Sequences have no rectangular form to make an array of. Call to_padded() for "
        "an array of shape (n_sequences, n_steps, n_features), padded with NaN."
    )
    for make in (np.asarray, np.array, np.mean, lambda X: np.asarray(X, dtype=float)):
        with pytest.raises(TypeError, match=re.escape(message)):
            make(X)


def test_a_repr_counts():
    X = Sequences.from_padded(make_padded(n_features=3)[0])
    low, high = X.lengths.min(), X.lengths.max()
    assert repr(X) == f"Sequences(7 sequences of {low} to {high} steps, 3 features)"
    assert repr(X[:1].first(1)).startswith("Sequences(1 sequence of 1 ")
    assert repr(X[:0]) == "Sequences(0 sequences of 0 steps, 3 features)"


def test_it_survives_pickle_joblib_and_copy(X, tmp_path):
    for twin in (
        pickle.loads(pickle.dumps(X)),
        copy.copy(X),
        copy.deepcopy(X),
        joblib.load(joblib.dump(X, tmp_path / "X.joblib")[0]),
    ):
        assert_same(twin, X)


def test_float32_stays(X):
    single = Sequences(X.steps.astype(np.float32), X.offsets, X.ids)
    for some in (single, single[::2], single.first(2), single[[0, 0]]):
        assert some.to_padded().dtype == np.float32
        assert check_numbers_of(some.first(1)[:1]).dtype == np.float32


@pytest.mark.parametrize(
    ("steps", "offsets", "ids", "message"),
    [
        (np.zeros(3), [0, 3], None, "steps has shape (3,); expected (n_steps, n_fea"),
        (np.zeros((3, 1, 2)), [0, 3], None, "Call Sequences.from_padded for a padded"),
        (np.zeros((3, 1)), [1, 3], None, "offsets begin with [1]; expected 0 and then"),
        (np.zeros((3, 1)), [], None, "offsets begin with []; expected 0"),
        (np.zeros((3, 1)), [[0, 3]], None, "np.append(0, np.cumsum(lengths))"),
        (np.zeros((3, 1)), [0, 2], None, "offsets end with 2 and steps has 3 rows"),
        (np.zeros((3, 1)), [0, 2, 1, 3], None, "expected offsets that never fall"),
        (np.zeros((3, 1)), [0, 1.5, 3], None, "offsets"),
        (np.zeros((3, 1)), [0, 2, 3], ["a"], "ids has 1 entries; expected one per seq"),
    ],
)
def test_parts_that_do_not_fit_are_refused(steps, offsets, ids, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        Sequences(steps, offsets, ids)
