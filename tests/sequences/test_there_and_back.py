"""Sequences become long frames and padded arrays, and come back from them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sktrace import Sequences

from .._sequence_data import NAN, assert_same, make_padded, make_weeks
from ._arrow import needs_arrow


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n_rows=st.integers(1, 40),
    by=st.sampled_from(["user_id", ["user_id", "course"]]),
    order=st.sampled_from(["week", None]),
)
def test_a_long_frame_is_the_inverse(seed, n_rows, by, order):
    X = Sequences.from_frame(make_weeks(seed, n_rows), by, order=order)
    frame = X.to_frame()
    if order is None:
        features = X.steps.columns.tolist()
        assert frame.columns.tolist() == [*X.ids.names, "step", *features]
        expected = [i for n in X.lengths for i in range(n)]
        assert frame["step"].tolist() == expected
        frame = frame.drop(columns="step")
    assert frame.index.tolist() == list(range(len(frame)))
    assert_same(Sequences.from_frame(frame, by, order=order), X)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 6),
    n_steps=st.integers(1, 6),
    n_features=st.integers(1, 3),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_a_padded_array_is_the_inverse(seed, n, n_steps, n_features, dtype):
    array, lengths = make_padded(seed, n, n_steps, n_features, holes=0.3)
    array = array.astype(dtype)
    X = Sequences.from_padded(array)
    np.testing.assert_array_equal(X.lengths, lengths)
    np.testing.assert_array_equal(X.to_padded(n_steps), array)
    np.testing.assert_array_equal(X.to_padded(), array[:, : lengths.max()])
    assert X.to_padded().dtype == dtype
    assert_same(Sequences.from_padded(X.to_padded()), X)
    for i, own in enumerate(X):
        np.testing.assert_array_equal(own, array[i, : lengths[i]])


def test_steps_missing_throughout_are_kept_inside_a_sequence():
    array = np.array([[1.0, NAN, 2.0, NAN], [NAN, NAN, 3.0, NAN], [NAN] * 4])
    X = Sequences.from_padded(array)
    assert X.lengths.tolist() == [3, 3, 0]
    np.testing.assert_array_equal(X.to_padded(4)[:, :, 0], array)


def test_a_padded_array_may_be_cut_or_widened(X):
    whole = X.to_padded()
    np.testing.assert_array_equal(X.to_padded(2), whole[:, :2])
    wide = X.to_padded(whole.shape[1] + 3)
    np.testing.assert_array_equal(wide[:, :-3], whole)
    assert np.isnan(wide[:, -3:]).all()


def test_whole_numbers_have_no_padding_to_drop():
    X = Sequences.from_padded(np.arange(6).reshape(2, 3))
    assert X.lengths.tolist() == [3, 3]
    assert X.steps.dtype == np.int64
    assert X.to_padded().dtype == np.float64


def test_none_is_padding_as_nan_is():
    """Lists and object arrays hold missing numbers as None."""
    expected = Sequences.from_padded([[1.0, NAN], [2.0, 3.0]])
    assert expected.lengths.tolist() == [1, 2]
    for array in ([[1.0, None], [2.0, 3.0]], np.array([[1, NAN], [2, 3]], object)):
        assert Sequences.from_padded(array).lengths.tolist() == [1, 2]


@pytest.mark.parametrize("dtype", ["Int64", "Float32", "double[pyarrow]"])
def test_nullable_numbers_of_a_frame_are_padded_as_any(weeks, dtype):
    needs_arrow(dtype)
    weeks["clicks"] = weeks["clicks"].mask(weeks["clicks"] == 3)
    expected = Sequences.from_frame(weeks, "user_id", order="week").to_padded()
    nullable = Sequences.from_frame(weeks.astype({"clicks": dtype}), "user_id", "week")
    np.testing.assert_array_equal(nullable.to_padded(), expected)


def test_no_sequence_is_a_padded_array_too(X):
    n_features = X.steps.shape[1]
    assert X[:0].to_padded().shape == (0, 0, n_features)
    assert X[:0].to_padded(3).shape == (0, 3, n_features)
    empty = Sequences(X.steps[:0], [0, 0, 0])
    assert empty.to_padded().shape == (2, 0, n_features)
    assert len(X[:0].to_frame()) == len(X[:0].first(2)) == 0


@pytest.mark.parametrize("features", [["week", "hours"], ["user_id", "hours"]])
def test_a_column_may_be_a_role_and_a_feature(weeks, features):
    """The week a step was in is something to learn from."""
    X = Sequences.from_frame(weeks, "user_id", order="week", features=features)
    assert X.steps.columns.tolist() == features
    frame = X.to_frame()
    assert sorted(frame.columns) == ["hours", "user_id", "week"]
    back = Sequences.from_frame(frame, "user_id", order="week", features=features)
    assert_same(back, X)


def test_a_long_frame_never_has_two_columns_of_one_name():
    steps = pd.DataFrame({"id": [1.0, 2.0, 3.0]})
    with pytest.raises(ValueError, match="'id'"):
        Sequences(steps, [0, 1, 3]).to_frame()
    ids = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])
    frame = Sequences(np.zeros((3, 2)), [0, 1, 3], ids).to_frame()
    assert frame.columns.is_unique


def test_the_names_of_a_long_frame():
    X = Sequences(np.arange(3.0)[:, None], [0, 1, 3], ["b", "a"])
    frame = X.to_frame(step="week")
    assert frame.columns.tolist() == ["id", "week", 0]
    assert frame["id"].tolist() == ["b", "a", "a"]
    assert frame["week"].tolist() == [0, 0, 1]
