"""Sequences as a ragged container."""

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

from sktrace import Sequences, sequences_to_frame

from .._sequence_data import NAN, assert_same, check_numbers_of, make_padded, make_weeks


@pytest.fixture
def weeks():
    return make_weeks()


@pytest.fixture(params=["frame", "array"])
def X(request):
    if request.param == "frame":
        return Sequences.from_frame(make_weeks(), "user_id", order="week")
    return Sequences.from_padded(make_padded(holes=0.2)[0], ids=list("gfedcba"))


def needs_arrow(dtype):
    if "pyarrow" in str(dtype):
        pytest.importorskip("pyarrow")


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
    needs_arrow(dtype)
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
    needs_arrow(dtype)
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
