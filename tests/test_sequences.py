"""Sequences as a ragged container, the forms they take, and their long form."""

import copy
import pickle
import re

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    LeavePOut,
    PredefinedSplit,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
    cross_val_predict,
    cross_validate,
    train_test_split,
)
from sklearn.utils import _safe_indexing, resample, shuffle
from sklearn.utils.validation import _num_samples, indexable

from sktrace import DKTClassifier, SequenceRegressor, Sequences, sequences_to_frame
from sktrace._sequence_validation import as_sequences, check_numbers, check_sequences

SMALL = {
    "task": "many-to-one",
    "hidden_size": 4,
    "max_epochs": 1,
    "random_state": 0,
}
NAN = np.nan


def make_weeks(seed=0, n_rows=40):
    """Rows of several students of several courses, shuffled, some tied in week."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "user_id": rng.choice(["dan", "ann", "cid", "bob", "Eve"], n_rows),
            "course": rng.choice([20, 3], n_rows),
            "week": rng.integers(0, 6, n_rows),
            "hours": rng.normal(size=n_rows),
            "clicks": rng.integers(0, 9, n_rows),
        }
    )


def make_padded(seed=0, n=7, n_steps=5, n_features=2, holes=0.0):
    """An array padded behind each sequence, with missing numbers inside some."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_steps, n_features))
    lengths = rng.integers(1, n_steps + 1, n)
    X[rng.uniform(size=X.shape) < holes] = NAN
    X[np.arange(n), lengths - 1] = 0.5  # the last step is there
    X[np.arange(n_steps) >= lengths[:, None]] = NAN
    return X, lengths


def assert_same(one, other):
    np.testing.assert_array_equal(one.offsets, other.offsets)
    pd.testing.assert_index_equal(one.ids, other.ids, exact="equiv")
    if isinstance(one.steps, pd.DataFrame):
        pd.testing.assert_frame_equal(one.steps, other.steps)
    else:
        np.testing.assert_array_equal(one.steps, other.steps)
        assert one.steps.dtype == other.steps.dtype


@pytest.fixture
def weeks():
    return make_weeks()


@pytest.fixture(params=["frame", "array"])
def X(request):
    if request.param == "frame":
        return Sequences.from_frame(make_weeks(), "user_id", order="week")
    return Sequences.from_padded(make_padded(holes=0.2)[0], ids=list("gfedcba"))


# --- from a long frame -------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n_rows=st.integers(1, 40),
    by=st.sampled_from(["user_id", "course", ["user_id"], ["course", "user_id"]]),
    order=st.sampled_from(["week", None]),
)
def test_sequences_are_the_groups_of_a_frame_in_time_order(seed, n_rows, by, order):
    weeks = make_weeks(seed, n_rows)
    X = Sequences.from_frame(weeks, by, order=order)
    groups = weeks.groupby(by)
    pd.testing.assert_index_equal(X.ids, groups.size().index)
    np.testing.assert_array_equal(X.lengths, groups.size())
    features = weeks.columns.drop([*np.atleast_1d(by)]).drop(order or [])
    for own, (_, rows) in zip(X, groups, strict=True):
        if order is not None:  # rows that tie keep their order
            rows = rows.sort_values(order, kind="stable").set_index(order)
        else:
            rows = rows.reset_index(drop=True)
            own = own.reset_index(drop=True)
        pd.testing.assert_frame_equal(own, rows[features])


def test_shuffled_rows_make_the_same_sequences(weeks):
    weeks = weeks.drop_duplicates(["user_id", "week"])
    shuffled = weeks.sample(frac=1, random_state=0)
    assert_same(
        Sequences.from_frame(shuffled, "user_id", order="week"),
        Sequences.from_frame(weeks, "user_id", order="week"),
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X.set_axis([7] * len(X)),
        lambda X: X.set_axis([f"row {i}" for i in range(len(X))]),
        lambda X: X.rename_axis("week"),
        lambda X: X.set_index("week", drop=False),
        lambda X: X.set_index("user_id", drop=False),
        lambda X: X.set_index(["course", "user_id"], drop=False),
    ],
    ids=["repeated", "strings", "named", "week", "student", "both"],
)
def test_an_odd_index_makes_no_difference(weeks, change):
    assert_same(
        Sequences.from_frame(change(weeks), "user_id", order="week"),
        Sequences.from_frame(weeks, "user_id", order="week"),
    )


@pytest.mark.parametrize("dtype", ["category", object, "string", "string[pyarrow]"])
def test_the_dtype_of_ids_makes_no_difference(weeks, dtype):
    X = Sequences.from_frame(weeks.astype({"user_id": dtype}), "user_id", "week")
    expected = Sequences.from_frame(weeks, "user_id", "week")
    assert X.ids.tolist() == expected.ids.tolist()
    pd.testing.assert_frame_equal(X.steps, expected.steps)


def test_categories_without_rows_are_nobody_and_say_the_order(weeks):
    kind = pd.CategoricalDtype(["zoe", "dan", "cid", "bob", "ann", "Eve"])
    X = Sequences.from_frame(weeks.astype({"user_id": kind}), "user_id")
    assert X.ids.tolist() == ["dan", "cid", "bob", "ann", "Eve"]
    assert (X.lengths > 0).all()


@pytest.mark.parametrize("dtype", ["Int64", "Float32", "float32", "int64[pyarrow]"])
def test_the_dtype_of_the_order_makes_no_difference(weeks, dtype):
    X = Sequences.from_frame(weeks.astype({"week": dtype}), "user_id", "week")
    expected = Sequences.from_frame(weeks, "user_id", "week")
    np.testing.assert_array_equal(X.steps.to_numpy(), expected.steps.to_numpy())
    np.testing.assert_array_equal(X.steps.index, expected.steps.index)


def test_columns_may_be_numbers(weeks):
    numbered = weeks.set_axis(range(5), axis=1)
    X = Sequences.from_frame(numbered, by=0, order=2)
    expected = Sequences.from_frame(weeks, "user_id", "week")
    np.testing.assert_array_equal(X.steps, expected.steps)
    assert X.ids.name == 0
    assert X.steps.columns.tolist() == [1, 3, 4]
    back = Sequences.from_frame(X.to_frame(), by=0, order=2)
    np.testing.assert_array_equal(back.steps, X.steps)


def test_steps_keep_their_dtypes_and_the_index_says_when(weeks):
    X = Sequences.from_frame(weeks, "user_id", order="week", features=["clicks"])
    assert X.steps.dtypes.tolist() == [np.dtype("int64")]
    assert X.steps.index.name == "week"
    for own in X:
        assert own.index.is_monotonic_increasing
    assert Sequences.from_frame(weeks, "user_id").steps.index.name is None


def test_a_frame_is_left_as_it_was(weeks):
    weeks = weeks.astype({"user_id": "category", "clicks": "Int64"})
    before = weeks.copy(deep=True)
    X = Sequences.from_frame(weeks, ["course", "user_id"], order="week")
    X.to_frame()
    X.to_padded()
    sequences_to_frame(X)
    pd.testing.assert_frame_equal(weeks, before)


def test_outcomes_line_up_by_ids(weeks):
    X = Sequences.from_frame(weeks, ["course", "user_id"], order="week")
    outcome = weeks.groupby(["user_id", "course"])["hours"].sum()
    y = outcome.swaplevel().loc[X.ids]
    np.testing.assert_allclose([own["hours"].sum() for own in X], y, rtol=1e-12)


# --- there and back ----------------------------------------------------------------


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


def test_nullable_numbers_of_a_frame_are_padded_as_any(weeks):
    weeks["clicks"] = weeks["clicks"].mask(weeks["clicks"] == 3)
    X = Sequences.from_frame(weeks, "user_id", order="week")
    expected = X.to_padded()
    for dtypes in (
        {"clicks": "Int64"},
        {"clicks": "Float32"},
        {"clicks": "double[pyarrow]"},
    ):
        nullable = Sequences.from_frame(weeks.astype(dtypes), "user_id", "week")
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
    positions = np.arange(N)[key].tolist()
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


# --- frames that are refused -------------------------------------------------------


@pytest.mark.parametrize(
    "null",
    [
        lambda ids: ids.mask(ids == "ann"),
        lambda ids: ids.mask(ids == "ann").astype("category"),
        lambda ids: ids.mask(ids == "ann").astype(object),
        lambda ids: ids.map({"dan": 1.0, "cid": 2.0, "bob": 3.0, "Eve": 4.0}),
        lambda ids: ids.map({"dan": 1, "cid": 2, "bob": 3, "Eve": 4}).astype("Int64"),
    ],
    ids=["str", "category", "object", "float", "Int64"],
)
def test_a_row_without_a_student_is_refused(weeks, null):
    n = (weeks["user_id"] == "ann").sum()
    weeks["user_id"] = null(weeks["user_id"])
    message = (
        f"{n} row(s) have no 'user_id'; expected to know whose each row is. Drop "
        "them: frame.dropna(subset=['user_id'])."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        Sequences.from_frame(weeks, "user_id", order="week")
    with pytest.raises(ValueError, match=re.escape("dropna(subset=['course', 'user")):
        Sequences.from_frame(weeks, ["course", "user_id"], order="week")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"by": "who"}, "frame has no column 'who'; got the columns ['user_id', 'cour"),
        ({"by": ["user_id", "term"]}, "frame has no column 'term'"),
        ({"by": "user_id", "order": "day"}, "frame has no column 'day'"),
        ({"by": "user_id", "features": ["grade"]}, "frame has no column 'grade'"),
    ],
)
def test_a_missing_column_is_refused(weeks, call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Sequences.from_frame(weeks, **call)


def test_features_that_are_no_list_are_not_read_letter_by_letter(weeks):
    with pytest.raises((TypeError, ValueError), match=re.escape("features='hours'")):
        Sequences.from_frame(weeks, "user_id", features="hours")


@pytest.mark.parametrize("name", ["user_id", "week", "hours"])
def test_a_repeated_column_is_refused(weeks, name):
    twice = pd.concat([weeks, weeks[[name]]], axis=1)
    with pytest.raises(ValueError, match=re.escape(f"2 columns named {name!r}")):
        Sequences.from_frame(twice, "user_id", order="week")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.mask(w == 3), "Column 'week' (order) is missing in"),
        (lambda w: w.astype(str), "Column 'week' (order) has dtype"),
        (lambda w: pd.to_datetime("2024-01-01") + w * pd.Timedelta("7D"), '"int64"'),
    ],
)
def test_an_order_that_is_no_number_is_refused(weeks, change, message):
    weeks["week"] = change(weeks["week"])
    with pytest.raises(ValueError, match=re.escape(message)):
        Sequences.from_frame(weeks, "user_id", order="week")


def test_what_is_no_frame_or_no_array_is_refused(weeks):
    with pytest.raises(TypeError, match=r"Call Sequences.from_padded for an array."):
        Sequences.from_frame(weeks.to_numpy(), "user_id")
    with pytest.raises(ValueError, match=re.escape("array has shape (3,); expected")):
        Sequences.from_padded(np.zeros(3))


# --- in scikit-learn's hands -------------------------------------------------------

GROUPS = np.arange(24) // 2
SPLITTERS = [
    KFold(3),
    KFold(3, shuffle=True, random_state=0),
    StratifiedKFold(3),
    GroupKFold(3),
    StratifiedGroupKFold(3),
    RepeatedKFold(n_splits=3, n_repeats=2, random_state=0),
    RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0),
    ShuffleSplit(2, random_state=0),
    StratifiedShuffleSplit(2, random_state=0),
    GroupShuffleSplit(2, random_state=0),
    LeaveOneOut(),
    LeavePOut(1),
    LeaveOneGroupOut(),
    TimeSeriesSplit(3),
    PredefinedSplit(np.arange(24) % 3),
]


@pytest.mark.parametrize("splitter", SPLITTERS, ids=lambda s: type(s).__name__)
def test_every_splitter_splits_sequences_as_it_does_an_array(splitter):
    array, _ = make_padded(n=24)
    X, y = Sequences.from_padded(array), np.arange(24) % 2
    groups = GROUPS if "Group" in type(splitter).__name__ else None
    here = splitter.split(X, y, groups)
    there = splitter.split(array, y, groups)
    for (train, test), (train_there, test_there) in zip(here, there, strict=True):
        np.testing.assert_array_equal(train, train_there)
        np.testing.assert_array_equal(test, test_there)
        for rows in (train, test):
            assert_same(_safe_indexing(X, rows), X[rows])
            np.testing.assert_array_equal(X[rows].ids, rows)


def test_scikit_learn_keeps_the_type():
    array, _ = make_padded(n=24)
    X, y = Sequences.from_padded(array), np.arange(24) % 2
    for some in (
        *train_test_split(X, random_state=0),
        *train_test_split(X, y, stratify=y, random_state=0)[:2],
        *train_test_split(X, shuffle=False),
        resample(X, random_state=0),
        resample(X, y, stratify=y, n_samples=5, random_state=0)[0],
        shuffle(X, y, random_state=0)[0],
        _safe_indexing(X, [1, 2]),
        _safe_indexing(X, np.arange(24) > 5),
        _safe_indexing(X, slice(2, 4)),
        indexable(X, y)[0],
    ):
        assert isinstance(some, Sequences)
        for i, own in zip(some.ids, some, strict=True):
            np.testing.assert_array_equal(own, X[i])
    drawn, y_drawn = resample(X, y, random_state=1)
    np.testing.assert_array_equal(y[drawn.ids], y_drawn)
    np.testing.assert_array_equal(_safe_indexing(X, 3), X[3])


@pytest.mark.parametrize(
    ("estimator", "y"),
    [
        (DKTClassifier(**SMALL), np.arange(24) % 2),
        (SequenceRegressor(**SMALL), np.arange(24.0)),
    ],
    ids=["DKTClassifier", "SequenceRegressor"],
)
def test_searches_and_folds_in_two_processes_agree_with_arrays(estimator, y):
    array, _ = make_padded(n=24)
    X = Sequences.from_padded(array)
    scores = cross_validate(estimator, X, y, cv=3, n_jobs=2, error_score="raise")
    alone = cross_validate(estimator, array, y, cv=3, error_score="raise")
    np.testing.assert_allclose(scores["test_score"], alone["test_score"], atol=1e-6)
    grid = {"cell": ["rnn", "gru"]}
    searches = [
        GridSearchCV(estimator, grid, cv=2, n_jobs=n_jobs, error_score="raise")
        for n_jobs in (2, None)
    ]
    searches[0].fit(X, y)
    searches[1].fit(array, y)
    for search in searches:
        assert search.predict(X).shape == (24,)
    np.testing.assert_allclose(
        searches[0].cv_results_["mean_test_score"],
        searches[1].cv_results_["mean_test_score"],
        atol=1e-6,
    )
    predicted = cross_val_predict(estimator, X, y, cv=2)
    assert predicted.shape == (24,)


def test_steps_may_lie_in_a_read_only_file(tmp_path):
    """So joblib shares large arrays with other processes."""
    X = Sequences.from_padded(make_padded(n=12)[0])
    path = joblib.dump(X, tmp_path / "X.joblib")[0]
    shared = joblib.load(path, mmap_mode="r")
    assert isinstance(shared.steps, np.memmap)
    y = np.arange(12) % 2
    for estimator in (DKTClassifier(**SMALL), SequenceRegressor(**SMALL)):
        p = estimator.fit(X, y).predict(X[::2])
        np.testing.assert_array_equal(estimator.fit(shared, y).predict(shared[::2]), p)


def test_read_only_steps_will_do():
    array, _ = make_padded(n=12)
    X = Sequences.from_padded(array)
    X.steps.flags.writeable = False
    before = copy.deepcopy(X)
    for estimator in (DKTClassifier(**SMALL), SequenceRegressor(**SMALL)):
        estimator.fit(X, np.arange(12) % 2).predict(X[2:4])
    assert_same(X, before)


# --- all forms mean the same -------------------------------------------------------


def check_numbers_of(X):
    return check_numbers(BaseEstimator(), check_sequences(X), reset=True)


def make_forms(array):
    """Write a padded array, all of whose sequences have a step, in every form."""
    names = [f"f{i}" for i in range(array.shape[2])]
    ragged = list(Sequences.from_padded(array))
    frames = [pd.DataFrame(own, columns=names) for own in ragged]
    wider = np.pad(array, [(0, 0), (0, 3), (0, 0)], constant_values=NAN)
    forms = {
        "array": array,
        "wider array": wider,
        "object array": array.astype(object),
        "list of padded arrays": list(array),
        "list of wider arrays": [own[: -1 - i % 2] for i, own in enumerate(wider)],
        "list of arrays": ragged,
        "tuple of arrays": tuple(ragged),
        "list of lists": [own.tolist() for own in ragged],
        "padded lists": array.tolist(),
        "list of frames": frames,
        "frames with permuted columns": [
            own[names[i % 2 :] + names[: i % 2]] for i, own in enumerate(frames)
        ],
        "frames with odd index": [own.set_axis([7] * len(own)) for own in frames],
        "nullable frames": [own.astype("Float64") for own in frames],
        "Sequences": Sequences.from_padded(array),
        "Sequences of a frame": Sequences.from_frame(
            pd.concat(frames, keys=range(len(frames)), names=["who"]).reset_index(0),
            by="who",
        ),
    }
    if array.shape[2] == 1:
        forms |= {
            "two dimensions": array[:, :, 0],
            "list of rows": [own[:, 0] for own in ragged],
            "list of numbers": [own[:, 0].tolist() for own in ragged],
            "list of Series": [pd.Series(own[:, 0]) for own in ragged],
        }
    return forms


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
    reg = SequenceRegressor(**SMALL).fit(np.ones((4, 2)), np.arange(4.0))
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
    assert np.isfinite(check_numbers_of(np.full((3, 3), 1e308))).all()
    single = np.full((3, 3), np.finfo(np.float32).max, dtype=np.float32)
    assert np.isfinite(check_numbers_of(single)).all()


# --- the long form -----------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n_features=st.integers(1, 3))
def test_the_long_form_holds_every_real_step_and_its_target(seed, n_features):
    """A double loop over the padded array makes the same rows."""
    array, lengths = make_padded(seed, n_features=n_features)
    targets = np.random.default_rng(seed).normal(size=array.shape[:2])
    targets[:, 1] = NAN
    rows = [
        (i, t, *array[i, t], targets[i, t])
        for i in range(len(array))
        for t in range(lengths[i])
    ]
    for name, form in make_forms(array).items():
        frame, y = sequences_to_frame(form, targets)
        np.testing.assert_array_equal(
            np.column_stack([frame.astype(float), y]), rows, err_msg=name
        )
        named = [f"f{i}" for i in range(n_features)]
        unnamed = [f"feature {i}" for i in range(n_features)]
        has_names = "rames" in name or "a frame" in name
        features = named if has_names else unnamed
        assert frame.columns.tolist() == ["user_id", "order_id", *features], name
        assert frame.index.tolist() == list(range(lengths.sum()))
        assert y.dtype == np.float64
        pd.testing.assert_frame_equal(sequences_to_frame(form), frame)


def test_targets_may_be_lists_arrays_or_frames():
    array, lengths = make_padded()
    targets = np.arange(array.shape[0] * array.shape[1]).reshape(array.shape[:2])
    expected = sequences_to_frame(array, targets)[1]
    own = [row[:n] for row, n in zip(targets, lengths, strict=True)]
    for name, y in {
        "column": targets[:, :, None],
        "padded lists": targets.tolist(),
        "list of arrays": own,
        "list of lists": [row.tolist() for row in own],
        "tuple of arrays": tuple(own),
        "list of Series": [pd.Series(row, index=row[::-1]) for row in own],
        "nullable": [pd.Series(row, dtype="Int64") for row in own],
        "frame": pd.DataFrame(targets, index=list("gfedcba")),
        "wider": np.pad(targets, [(0, 0), (0, 2)]),
    }.items():
        flat = sequences_to_frame(array, y)[1]
        np.testing.assert_array_equal(flat, expected, err_msg=name)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([[1, 2]], "X holds 2 sequences but y has 1 rows; expected one row of targets"),
        ([[1, 2]] * 3, "X holds 2 sequences but y has 3 rows"),
        (
            [[1, 2], [3]],
            "y[1] has shape (1,); expected a target for each of the 2 steps of "
            "sequence 1, NaN where there is none.",
        ),
        (np.ones((2, 1)), "y[0] has shape (1,); expected a target for each of the 2"),
        ([1, 2], "y[0] has shape (); expected a target for each"),
        (np.ones(2), "y[0] has shape (); expected a target for each"),
        (np.ones((2, 2, 2)), "y[0] has shape (2, 2); expected a target for each"),
        ([["a", "b"]] * 2, "expected numbers"),
    ],
)
def test_targets_that_do_not_fit_are_refused(y, message):
    X = np.arange(8.0).reshape(2, 2, 2)
    with pytest.raises(ValueError, match=re.escape(message)):
        sequences_to_frame(X, y)


def test_ids_and_names_of_columns_are_kept(weeks):
    X = Sequences.from_frame(weeks, "user_id", features=["clicks", "hours"])
    frame = sequences_to_frame(X, student="who", order="week")
    assert frame.columns.tolist() == ["who", "week", "clicks", "hours"]
    assert frame["who"].tolist() == sorted(weeks["user_id"])
    assert frame["clicks"].dtype == np.int64
    X = Sequences.from_frame(weeks, ["course", "user_id"])
    whose = sequences_to_frame(X)["user_id"]
    assert whose.unique().tolist() == X.ids.tolist()


def test_times_that_the_index_tells_are_kept(weeks):
    """Rows that tie are one moment, in the long form, too."""
    log = weeks.rename(columns={"week": "order_id"})
    X = Sequences.from_frame(log, "user_id", order="order_id")
    order = sequences_to_frame(X)["order_id"]
    np.testing.assert_array_equal(order, X.to_frame()["order_id"])


def test_the_long_form_makes_a_new_frame(weeks):
    X = Sequences.from_frame(weeks, "user_id", order="week")
    before = copy.deepcopy(X)
    frame = sequences_to_frame(X)
    frame.iloc[:, 2:] = 0
    assert_same(X, before)
    array, _ = make_padded()
    copied = array.copy()
    frame = sequences_to_frame(array)
    frame.iloc[:, 2:] = 0
    np.testing.assert_array_equal(array, copied)


def test_no_sequences_have_an_empty_long_form():
    frame, y = sequences_to_frame(Sequences(np.zeros((0, 1)), [0]), [])
    assert len(frame) == len(y) == 0


def test_the_long_form_is_what_many_to_many_reads(weeks):
    reg = SequenceRegressor(hidden_size=4, max_epochs=1, random_state=0)
    array, _ = make_padded()
    targets = array[:, :, 0] * 2
    targets[:, 2] = NAN  # a step without a target
    for X, y in (
        (array, targets),
        (Sequences.from_frame(weeks, "user_id", order="week"), None),
        (Sequences.from_frame(weeks, ["course", "user_id"], order="week"), None),
    ):
        frame = sequences_to_frame(X, y)
        if y is not None:
            frame, flat = frame
        else:
            flat = np.arange(len(frame), dtype=float)
        p = reg.fit(frame, flat).predict(frame)
        assert p.shape == (len(frame),)
        assert np.isfinite(p).all()
