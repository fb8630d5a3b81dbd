"""What is refused of y and of weights, with which words, and what is survived."""

import re

import numpy as np
import pandas as pd
import pytest

from sktrace import MeanClassifier
from sktrace._interactions.columns import check_interactions
from sktrace._interactions.target import (
    check_classes,
    check_sample_weight,
    check_target,
    encode_target,
)

from ..conftest import ROLES


@pytest.fixture
def log(frame):
    return check_interactions(frame, ROLES)


def refuses(error, message):
    """Expect an error whose whole message is the one given."""
    return pytest.raises(error, match=f"^{re.escape(message)}$")


# --- shape -------------------------------------------------------------------------


def test_a_target_is_needed(log):
    message = (
        "y is None; expected a target per row of X. To learn the answers themselves: "
        'fit(X, X["correct"]).'
    )
    with refuses(ValueError, message):
        check_target(None, log)


@pytest.mark.parametrize("n", [0, 3, 5])
def test_a_target_has_an_entry_per_row(log, n):
    message = (
        f"X has 4 rows but y has {n} entries; expected one target per row of X, in "
        "the same order."
    )
    with refuses(ValueError, message):
        check_target(np.zeros(n), log)


@pytest.mark.parametrize("to_y", [np.asarray, pd.DataFrame])
def test_a_target_has_one_dimension(log, to_y):
    message = (
        "y has shape (4, 1); expected (4,), one target per row of X. Choose a column, "
        "or flatten it: np.ravel(y)."
    )
    with refuses(ValueError, message):
        check_target(to_y([[0], [1], [0], [1]]), log)


@pytest.mark.parametrize("y", [1, "correct", np.array(0.0)])
def test_a_target_is_no_scalar(log, y):
    with pytest.raises((TypeError, ValueError), match=r"y has shape \(\)"):
        check_target(y, log)


# --- missing targets ---------------------------------------------------------------


@pytest.mark.parametrize(
    "y",
    [
        [1.0, 0.0, np.nan, 0.0],
        [1, 0, None, 0],
        pd.array([1, 0, None, 0], dtype="Int64"),
        pd.array([True, False, None, False], dtype="boolean"),
        pd.Series(["yes", "no", None, "no"]),
        pd.Categorical(["yes", "no", None, "no"]),
        np.array(["yes", "no", None, "no"], dtype=object),
    ],
    ids=["float", "None", "Int64", "boolean", "str", "category", "object"],
)
def test_a_target_may_be_missing_where_the_answer_is(log, y):
    y, has_target = check_target(y, log)
    assert has_target.tolist() == [True, True, False, True]
    classes = check_classes(y[has_target], "Tracer")
    assert encode_target(y, has_target, classes).tolist() == [1, 0, 0, 0]


def test_a_target_may_be_known_where_the_answer_is_missing(log):
    assert check_target([1, 0, 1, 0], log)[1].all()


def test_a_target_may_not_be_missing_where_there_is_an_answer(log):
    message = (
        "y is missing in 2 rows (the first at position 1) whose answer X holds; "
        "expected a target wherever X has an answer. Drop these rows from X and y: "
        "keep = pd.notna(y); X[keep], y[keep]."
    )
    with refuses(ValueError, message):
        check_target([1, np.nan, np.nan, np.nan], log)


# --- classes -----------------------------------------------------------------------


def test_classes_are_sorted():
    assert check_classes(np.array(["b", "a", "b"]), "Tracer").tolist() == ["a", "b"]
    assert check_classes(np.array([True, False]), "Tracer").tolist() == [False, True]


def test_one_class_is_refused():
    message = (
        "y holds one class only, 1; Tracer needs both right and wrong answers. Fit on "
        "more rows or more students."
    )
    with refuses(ValueError, message):
        check_classes(np.array([1, 1]), "Tracer")


def test_no_class_is_refused(frame):
    message = (
        "y holds no target at all; MeanClassifier needs right and wrong answers. Rows "
        "to forecast go to predict_proba; fit on rows with answers."
    )
    with refuses(ValueError, message):
        MeanClassifier().fit(frame.assign(correct=np.nan), [np.nan] * 4)


def test_three_classes_are_refused():
    message = (
        "y holds 3 classes, 'a', 'b', 'c'; Tracer expects two, wrong and right. Say "
        "which scores count as right: y = (score >= threshold).astype(int)."
    )
    with refuses(ValueError, message):
        check_classes(np.array(["c", "a", "b"]), "Tracer")


def test_a_continuous_target_is_refused_and_shown_in_part():
    message = "y holds 9 classes, 0.0, 0.125, 0.25, 0.375, 0.5, …; Tracer expects two"
    with pytest.raises(ValueError, match=re.escape(message)):
        check_classes(np.linspace(0, 1, 9), "Tracer")


def test_labels_of_two_types_are_refused():
    message = (
        "y mixes labels of types ['int', 'str']; expected labels of one type. Make "
        "them alike: y.astype(str)."
    )
    with refuses(ValueError, message):
        check_classes(np.array([1, "a", 1], dtype=object), "Tracer")


@pytest.mark.parametrize(
    ("y", "shown"), [([0, 1, 2, 0], "2"), ([0.0, 0.5, 1.0, 0.0], "0.5")]
)
def test_a_class_not_seen_in_fit_is_refused(y, shown):
    message = (
        f"y holds {shown}; expected the classes this estimator was fitted with, "
        "[0, 1]. Call fit to start anew."
    )
    with refuses(ValueError, message):
        encode_target(np.array(y), np.ones(4, dtype=bool), np.array([0, 1]))


@pytest.mark.parametrize(
    "to_y",
    {
        "list": list,
        "bool": lambda y: y.astype(bool),
        "float": lambda y: y.astype(float),
        "Int64": lambda y: y.astype("Int64"),
        "boolean": lambda y: y.astype("boolean"),
        "category": lambda y: y.astype("category"),
        "words": lambda y: y.map({0: "no", 1: "yes"}),
        "category of words": lambda y: y.map({0: "no", 1: "yes"}).astype("category"),
        "object words": lambda y: y.map({0: "no", 1: "yes"}).astype(object),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_target_of_any_type_can_be_scored(frame, to_y):
    X = frame.assign(correct=[1, 0, 1, 0])
    y = to_y[1](X["correct"])
    tracer = MeanClassifier().fit(X, y)
    p = MeanClassifier().fit(X, X["correct"]).predict_proba(X)
    np.testing.assert_array_equal(tracer.predict_proba(X), p)
    assert 0 <= tracer.score(X, y) <= 1


# --- weights -----------------------------------------------------------------------


def test_no_weight_is_a_weight_of_one():
    np.testing.assert_array_equal(check_sample_weight(None, 3), [1, 1, 1])
    np.testing.assert_array_equal(check_sample_weight(2, 3), [2, 2, 2])


@pytest.mark.parametrize("to_weight", [list, pd.Series, pd.array])
def test_weights_come_in_any_array(to_weight):
    weight = check_sample_weight(to_weight([0, 1, 3]), 3)
    assert weight.dtype == np.float64
    assert weight.tolist() == [0, 1, 3]


@pytest.mark.parametrize("shape", [(2,), (4,), (3, 1)])
def test_there_is_one_weight_per_row(shape):
    message = (
        f"sample_weight has shape {shape}; expected (3,), one weight per row of X."
    )
    with refuses(ValueError, message):
        check_sample_weight(np.ones(shape), 3)


@pytest.mark.parametrize(
    ("weight", "low", "high"),
    [
        ([1, -1, 2], "-1.0", "2.0"),
        ([0, 0, 0], "0.0", "0.0"),
        ([1, np.inf, 1], "1.0", "inf"),
        ([1, np.nan, 1], "nan", "nan"),
    ],
)
def test_weights_are_finite_and_not_negative(weight, low, high):
    message = (
        "sample_weight must hold finite numbers of at least 0, not all of them zero; "
        f"got values from {low} to {high}."
    )
    with refuses(ValueError, message):
        check_sample_weight(weight, 3)


def test_weights_only_on_rows_without_target_are_refused(frame):
    with pytest.raises(ValueError, match="no target at all"):
        MeanClassifier().fit(frame, frame["correct"], sample_weight=[0, 0, 1, 0])


def test_a_name_for_y_is_refused_with_the_column(frame):
    with pytest.raises(
        ValueError, match=r"y has shape .* is 'correct'; .* X\['correct'\]"
    ):
        MeanClassifier().fit(frame, "correct")


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([10**400] * 4, "sample_weight cannot be read: int too large to convert"),
        (["a"] * 4, "sample_weight has dtype '<U1'"),
        (["1"] * 4, "sample_weight has dtype '<U1'"),
        ([1j] * 4, "sample_weight cannot be read: sample_weight holds complex"),
        (np.array(["2020"] * 4, "M8[Y]"), "sample_weight has dtype 'datetime64[Y]'"),
        (np.ma.array([1, 1, 1, 1], mask=[0, 0, 0, 1]), "sample_weight must hold"),
        ([1e308] * 4, "sample_weight goes from 1e+308 to 1e+308"),
        ([1, 1e-300, 1, 0], "sample_weight goes from 1e-300 to 1"),
    ],
)
def test_weights_that_overflow_or_are_no_numbers(weight, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        check_sample_weight(weight, 4)


def test_the_advice_on_weights_that_are_too_far_apart_is_taken():
    w = np.array([1e-300, 1e200, 3e200])
    with pytest.raises(
        ValueError, match=re.escape("w = w / w.max(); w[w < 1e-30] = 0")
    ):
        check_sample_weight(w, 3)
    w = w / w.max()
    w[w < 1e-30] = 0
    np.testing.assert_allclose(check_sample_weight(w, 3), [0, 1 / 3, 1])


@pytest.mark.parametrize("dtype", ["float16", "Float32", "float64[pyarrow]", "object"])
def test_targets_of_any_type_of_number_are_the_same(frame, dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    y = pd.Series([1.0, 0.0, np.nan, 0.0]).astype(dtype)
    p = MeanClassifier().fit(frame, y).predict_proba(frame)
    plain = MeanClassifier().fit(frame, frame["correct"]).predict_proba(frame)
    np.testing.assert_array_equal(p, plain)


def test_a_masked_target_is_missing(frame):
    y = np.ma.array([1, 0, 1, 0], mask=[False, False, True, False])
    p = MeanClassifier().fit(frame, y).predict_proba(frame)
    plain = MeanClassifier().fit(frame, frame["correct"]).predict_proba(frame)
    np.testing.assert_array_equal(p, plain)


def test_complex_targets_are_refused(frame):
    message = (
        "y holds complex numbers; expected real ones. Take the part that is meant:"
    )
    with pytest.raises(ValueError, match=f"^{message} " + re.escape("np.real(y).")):
        MeanClassifier().fit(frame, frame["correct"].to_numpy(complex))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_label_that_a_list_lacks_is_missing_and_no_word(frame, missing):
    mean = MeanClassifier().fit(frame, ["yes", "no", missing, "no"])
    assert mean.classes_.tolist() == ["no", "yes"]
    plain = MeanClassifier().fit(frame, frame["correct"]).predict_proba(frame)
    np.testing.assert_array_equal(mean.predict_proba(frame), plain)
