"""Every form of sequences means the same, and what is refused."""

import copy
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from sktrace import SequenceRegressor, Sequences
from sktrace._sequences.forms import as_sequences, check_sequences

from .._sequence_data import (
    NAN,
    ONE_EPOCH,
    assert_same,
    check_numbers_of,
    make_forms,
    make_padded,
    make_weeks,
)


@pytest.fixture(params=["frame", "array"])
def X(request):
    if request.param == "frame":
        return Sequences.from_frame(make_weeks(), "user_id", order="week")
    return Sequences.from_padded(make_padded(holes=0.2)[0], ids=list("gfedcba"))


# --- all forms mean the same -------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n_features=st.integers(1, 3))
def test_all_forms_are_the_same_steps(seed, n_features):
    array, lengths = make_padded(seed, n_features=n_features)
    steps = array[np.arange(array.shape[1]) < lengths[:, None]]
    for name, form in make_forms(array).items():
        X = check_sequences(form)
        assert isinstance(X, Sequences)
        np.testing.assert_array_equal(X.lengths, lengths, err_msg=name)
        values = check_numbers_of(form)
        np.testing.assert_array_equal(values, steps, err_msg=name)
        assert values.dtype == np.float64, name


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_all_forms_keep_what_is_missing_inside(seed):
    array, lengths = make_padded(seed, n_features=1, holes=0.4)
    for name, form in make_forms(array).items():
        X = as_sequences(form)
        np.testing.assert_array_equal(X.lengths, lengths, err_msg=name)
        np.testing.assert_array_equal(X.to_padded(array.shape[1]), array, err_msg=name)


def test_frames_keep_all_their_rows():
    frame = pd.DataFrame({"a": [1.0, NAN], "b": [2.0, NAN]})
    assert as_sequences([frame, frame[:1]]).lengths.tolist() == [2, 1]
    assert as_sequences([frame.to_numpy()]).lengths.tolist() == [1]


def test_columns_of_frames_go_by_name():
    one = pd.DataFrame({"a": [1.0], "b": [2.0]})
    other = pd.DataFrame({"b": [4.0, 6.0], "a": [3.0, 5.0]})
    X = as_sequences([one, other])
    assert X.steps.columns.tolist() == ["a", "b"]
    assert X.steps.to_numpy().tolist() == [[1, 2], [3, 4], [5, 6]]


def test_sequences_are_taken_as_they_are(X):
    assert as_sequences(X) is X


def test_single_precision_stays_in_every_form():
    array = make_padded()[0].astype(np.float32)
    for name, form in make_forms(array).items():
        single = name in {
            "array",
            "wider array",
            "list of padded arrays",
            "list of wider arrays",
            "list of arrays",
            "tuple of arrays",
            "list of frames",
            "frames with permuted columns",
            "frames with odd index",
            "Sequences",
            "Sequences of a frame",
        }
        expected = np.float32 if single else np.float64
        assert check_numbers_of(form).dtype == expected, name


def test_a_masked_number_is_not_read():
    """Keras's habit: what stands behind a mask is no data."""
    array = np.ma.masked_array([[1.0, 99.0], [2.0, 3.0]], [[0, 1], [0, 0]])
    assert check_numbers_of(array).tolist() == [[1.0], [2.0], [3.0]]


def test_forms_are_left_as_they_were():
    for name, form in make_forms(make_padded(n_features=1)[0]).items():
        before = copy.deepcopy(form)
        check_numbers_of(form)
        is_list = isinstance(form, (list, tuple))
        for one, other in (
            zip(form, before, strict=True) if is_list else [(form, before)]
        ):
            if isinstance(one, Sequences):
                assert_same(one, other)
            else:
                numbers = np.asarray(one, float), np.asarray(other, float)
                np.testing.assert_array_equal(*numbers, err_msg=name)


# --- what is refused ---------------------------------------------------------------


def frames(*columns):
    return [pd.DataFrame([range(len(c))], columns=list(c)) for c in columns]


REFUSED = {
    "DataFrame": (
        pd.DataFrame({"a": [1.0]}),
        "X is a DataFrame, whose rows are steps; expected whole sequences. Gather the "
        "rows of each student: Sequences.from_frame(X, by=...).",
    ),
    "sparse": (sparse.csr_array(np.eye(3)), "X is sparse; expected a dense array of"),
    "sparse matrix": (sparse.eye(3), "X.toarray()"),
    "no sequence in a list": ([], "X holds 0 sequences; expected at least one."),
    "no sequence": (np.zeros((0, 3, 2)), "X holds 0 sequences; expected at least one."),
    "no Sequences": (Sequences(np.zeros((0, 2)), [0]), "X holds 0 sequences"),
    "complex": (np.ones((2, 3), complex), "Complex data not supported: X has dtype"),
    "complex list": ([np.ones((2, 3), complex)], "Complex data not supported"),
    "complex Sequences": (
        Sequences(np.ones((2, 3), complex), [0, 2]),
        "Complex data not supported",
    ),
    "complex frames": (
        [pd.DataFrame({"a": np.ones(2, complex)})],
        "Complex data not supported",
    ),
    "strings": (np.array([["a", "b"]]), "X has dtype '<U1'; expected numbers"),
    "list of strings": ([["a"], ["b"]], "sequence 0 has dtype '<U1'; expected numbers"),
    "digits as strings": (np.array([["1", "2"]]), "X has dtype '<U1'; expected"),
    "times": (np.array([["2024-01-01"]], "M8[ns]"), "expected numbers"),
    "a string": ("abc", "expected numbers"),
    "None": (None, "X has shape (); expected (n_sequences, n_steps, n_features)"),
    "one dimension": (
        np.zeros(3),
        "X has shape (3,); expected (n_sequences, n_steps, n_features), or "
        "(n_sequences, n_steps) of one number per step. Reshape your data: one "
        "sequence is X.reshape(1, -1).",
    ),
    "four dimensions": (np.zeros((2, 2, 2, 2)), "X has shape (2, 2, 2, 2); expected"),
    "list of numbers": ([1.0, 2.0], "Sequence 0 has shape (); expected (n_steps, n_f"),
    "list of four dimensions": (
        [np.zeros((2, 2)), np.zeros((2, 2, 2))],
        "Sequence 1 has shape (2, 2, 2); expected (n_steps, n_features).",
    ),
    "ragged steps": ([[[1, 2], [3]]], "Sequence 0 is ragged; expected an array of"),
    "ragged features": (
        [np.zeros((2, 3)), np.zeros((2, 2))],
        "Sequence 1 has 2 features; expected 3, as sequence 0.",
    ),
    "other columns": (
        frames("ab", "ac"),
        "Sequence 1 has the columns ['a', 'c']; expected those of sequence 0, ['a', ",
    ),
    "fewer columns": (frames("ab", "a"), "Sequence 1 has the columns ['a']; expected"),
    "repeated columns": (frames("aa", "aa"), "2 columns named 'a'"),
    "columns repeated later": (frames("ab", "aba"), "2 columns named 'a'"),
    "frames and arrays": (
        [*frames("ba", "ab"), np.array([[0, 1]])],
        "Sequence 2 is 'ndarray'; expected a 'DataFrame', as",
    ),
    "an empty list": (
        [[1.0], []],
        "1 of 2 sequences have no step (the first at position 1); expected at least "
        "one in each. Leave them out of X and y: keep = X.lengths > 0 of Sequences.",
    ),
    "an empty array": ([np.zeros((1, 3)), np.zeros((0, 3))], "1 of 2 sequences have"),
    "padding only": (np.array([[NAN, NAN], [NAN, 1]]), "(the first at position 0)"),
    "an empty frame": ([frames("a")[0], frames("a")[0][:0]], "1 of 2 sequences"),
    "empty Sequences": (Sequences(np.zeros((2, 1)), [0, 0, 2]), "1 of 2 sequences"),
    "no steps at all": (np.zeros((2, 0, 3)), "2 of 2 sequences have no step"),
    "no feature": (
        np.zeros((2, 3, 0)),
        "X holds 0 feature(s) (shape=(2, 3, 0)) while a minimum of 1 is required.",
    ),
    "Sequences of no feature": (Sequences(np.zeros((2, 0)), [0, 2]), "X holds 0 feat"),
    "NaN inside": (
        np.array([[0, 1, 2.0], [3, NAN, 4]]),
        "X contains NaN in step 1 of sequence 1; expected numbers in every step, and "
        "NaN only behind the end of a sequence. Fill it on training folds only: "
        "make_pipeline(PerStep(SimpleImputer(add_indicator=True)), estimator).",
    ),
    "NaN in one feature": (np.array([[[1, 2], [3, NAN]]]), "NaN in step 1 of sequence"),
    "NaN in a frame": (
        [pd.DataFrame({"a": [1.0, 2.0]}), pd.DataFrame({"a": [1.0, NAN]})],
        "X contains NaN in step 1 of sequence 1 (column 'a')",
    ),
    "NA in a frame": (
        [pd.DataFrame({"a": pd.array([1, None], dtype="Int64")})],
        "X contains NaN in step 1 of sequence 0 (column 'a')",
    ),
    "infinity": (
        np.array([[0, 1, NAN], [3, np.inf, 4]]),
        "X contains infinity in step 1 of sequence 1; expected finite numbers.",
    ),
    "both infinities": (
        [[-np.inf, np.inf]],
        "X contains infinity in step 0 of sequence 0",
    ),
    "text in a frame": (
        [pd.DataFrame({"a": ["x"]})],
        "Leave it out, or encode it by PerStep(transformer).",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_sequences_that_are_refused(name):
    form, message = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        check_numbers_of(form)


@pytest.mark.parametrize("name", ["NaN inside", "infinity", "an empty list", "strings"])
def test_estimators_refuse_them_in_fit_and_predict(name):
    form, message = REFUSED[name]
    reg = SequenceRegressor(task="many-to-one", **ONE_EPOCH).fit(
        np.ones((4, 2)), np.arange(4.0)
    )
    for call in (lambda: reg.predict(form), lambda: reg.fit(form, [0.0] * len(form))):
        with pytest.raises((TypeError, ValueError), match=re.escape(message)):
            call()


def test_an_empty_sequence_may_have_any_number_of_features():
    """A student who did nothing is `[]`, whatever the others' features are."""
    message = "1 of 2 sequences have no step (the first at position 0)"
    with pytest.raises(ValueError, match=re.escape(message)):
        check_sequences([[], np.zeros((2, 3))])


def test_an_object_array_of_arrays_is_a_list_of_them():
    """What ``np.load(..., allow_pickle=True)`` returns."""
    X = np.empty(2, dtype=object)
    X[:] = [np.zeros((2, 3)), np.ones((1, 3))]
    assert as_sequences(X).lengths.tolist() == [2, 1]


@pytest.mark.filterwarnings("error")
def test_large_numbers_are_finite():
    assert np.isfinite(check_numbers_of(np.full((3, 3), 1e100))).all()
    single = np.full((3, 3), np.finfo(np.float32).max, dtype=np.float32)
    assert np.isfinite(check_numbers_of(single)).all()


@pytest.mark.parametrize("number", [1e300, -1e101])
def test_numbers_whose_squares_are_none_are_refused(number):
    with pytest.raises(ValueError, match=r"in step 0 of sequence 0; .* up to 1e\+100"):
        SequenceRegressor(task="many-to-one").fit([[[number], [1.0]]], [0])
