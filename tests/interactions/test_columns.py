"""What is refused of X, with which words, and what is survived."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sktrace import MeanClassifier
from sktrace._interactions.columns import check_interactions
from sktrace._interactions.log import Roles

from ..conftest import ROLES


def read(frame, roles=ROLES):
    return check_interactions(frame, roles)


def refuses(error, message):
    """Expect an error whose whole message is the one given."""
    return pytest.raises(error, match=f"^{re.escape(message)}$")


# --- what a log is ---------------------------------------------------------------


def test_students_and_skills_are_coded_by_sorted_rank(frame):
    log = read(frame)
    assert log.students.tolist() == ["ann", "bob"]
    assert log.skills.tolist() == ["cut", "sum"]
    assert log.student.tolist() == [1, 0, 0, 1]
    assert log.skill.tolist() == [1, 1, 0, 0]
    assert log.order.tolist() == [2, 1, 2, 1]
    np.testing.assert_array_equal(log.correct, [1, 0, np.nan, 0])


def test_a_log_takes_rows_and_keeps_the_skills_that_are_there(frame):
    log = read(frame.assign(skill_name=["sum", None, "cut", "sum"])).take([0, 1, 3])
    assert log.skill.tolist() == [1, -1, 1]
    kept = log.with_present_names()
    assert kept.skills.tolist() == ["sum"]
    assert kept.skill.tolist() == [0, -1, 0]


def test_one_skill_and_no_order_need_no_columns(frame):
    log = read(
        frame[["user_id", "correct"]], Roles(student="user_id", correct="correct")
    )
    assert log.order is None
    assert log.skill.tolist() == [0] * 4


# --- what is refused of X ----------------------------------------------------------


@pytest.mark.parametrize(
    "convert",
    [pd.DataFrame.to_numpy, lambda X: X.to_numpy().tolist(), lambda X: X["correct"]],
)
def test_only_a_frame_has_columns(frame, convert):
    with pytest.raises(TypeError, match=r"X is '[\w.]+'; expected a pandas DataFrame"):
        read(convert(frame))
    with pytest.raises(TypeError, match=r'transformer\.set_output\(transform="pandas"'):
        read(convert(frame))


@pytest.mark.parametrize(
    ("name", "method", "repair"),
    [
        ("DataFrame", "to_pandas", "Convert it: X.to_pandas()."),
        ("LazyFrame", "collect", "Convert it: X.collect().to_pandas()."),
        ("DataFrame", "compute", "Convert it: X.compute()."),
    ],
)
def test_frames_of_other_libraries_are_told_how_to_become_one(name, method, repair):
    home = {"__module__": "polars.dataframe.frame", method: lambda self: self}
    X = type(name, (), home)()
    with pytest.raises(
        TypeError, match=f"^X is 'polars.{name}'; .*{re.escape(repair)}$"
    ):
        read(X)


def test_a_mapping_is_told_how_to_become_a_frame(frame):
    with pytest.raises(
        TypeError, match=r"^X is 'dict'; .*Make it one: pd.DataFrame\(X\)"
    ):
        read(frame.to_dict("list"))
    read(pd.DataFrame(frame.to_dict("list")))


def test_an_empty_frame_is_refused(frame):
    with pytest.raises(ValueError, match="X has 0 rows; expected at least one"):
        read(frame[:0])


@pytest.mark.parametrize("role", ["student", "order", "skill", "correct"])
def test_a_missing_column_is_named_with_its_role_and_its_repair(frame, role):
    column = getattr(ROLES, role)
    found = [other for other in frame.columns if other != column]
    message = (
        f"X has no column {column!r} ({role}); got the columns {found}. Name yours "
        f"with {role}=... of the estimator or splitter, or rename it: "
        f"X.rename(columns={{...: {column!r}}})."
    )
    with refuses(ValueError, message):
        read(frame.drop(columns=column))


@pytest.mark.parametrize("role", ["student", "order", "skill", "correct"])
def test_a_column_that_comes_twice_is_refused(frame, role):
    column = getattr(ROLES, role)
    message = (
        f"X has 2 columns named {column!r} ({role}); expected one. Keep the first of "
        "each: X.loc[:, ~X.columns.duplicated()]."
    )
    double = pd.concat([frame, frame[[column]]], axis=1)
    with refuses(ValueError, message):
        read(double)
    read(double.loc[:, ~double.columns.duplicated()])


def test_other_columns_may_come_twice(frame):
    read(frame.assign(a=1, b=1).set_axis([*frame.columns, "hint", "hint"], axis=1))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_a_row_without_student_is_refused(frame, missing):
    frame["user_id"] = frame["user_id"].astype(object)
    frame.loc[[1, 3], "user_id"] = missing
    message = (
        "Column 'user_id' names no student in 2 rows (the first at position 1); "
        "expected a student in every row. Drop the rows that have none: "
        "X.dropna(subset=['user_id'])."
    )
    with refuses(ValueError, message):
        read(frame)
    read(frame.dropna(subset=["user_id"]))


@pytest.mark.parametrize("role", ["student", "skill"])
@pytest.mark.parametrize("position", [0, 2])
def test_names_have_to_be_hashable(frame, role, position):
    column = getattr(ROLES, role)
    names = frame[column].tolist()
    names[position] = ["a", "b"]
    message = rf"'{column}' \({role}\) holds values that cannot be hashed, such as \["
    with pytest.raises(TypeError, match=message):
        read(frame.assign(**{column: pd.Series(names, dtype=object)}))


@pytest.mark.parametrize(
    "change",
    [
        lambda order: order.astype(str),
        lambda order: order.astype(object),
        lambda order: order.astype("category"),
        lambda order: pd.to_datetime(order, unit="D").dt.strftime("%Y-%m-%dT%H:%M:%S"),
        lambda order: order.map({1: "2025-01-01T00:00+02:00", 2: "2025-01-01 12:00"}),
        lambda order: pd.to_datetime(order, unit="D").dt.to_period("D"),
        lambda order: order == 2,
        lambda order: order.map({1: "first", 2: "then"}),
    ],
    ids=["str", "object", "category", "ISO", "mixed", "period", "bool", "words"],
)
def test_an_order_that_is_no_number_is_refused_and_the_repair_works(frame, change):
    X = frame.assign(order_id=change(frame["order_id"]))
    kind = re.escape(str(X["order_id"].dtype))
    message = (
        rf"'order_id' \(order\) has dtype '{kind}'; expected numbers .* order=None"
    )
    with pytest.raises(ValueError, match=message) as refusal:
        read(X)
    repair = re.search(r": (X.*); or", str(refusal.value)).group(1)
    exec(repair.replace("...: 0, ...", '"first": 0, "then"'), {"X": X, "pd": pd})
    ranks = np.unique(read(X).order, return_inverse=True)[1]
    assert ranks.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("dtype", ["float64", "Int64", "Float64", "datetime64[ns]"])
def test_a_missing_order_is_refused(frame, dtype):
    frame["order_id"] = pd.array([1, 2, None, None], dtype=dtype)
    message = (
        "Column 'order_id' (order) is missing in 2 rows (the first at position 2); "
        "expected a number or a date in every row. Drop these rows: "
        "X.dropna(subset=['order_id'])."
    )
    with refuses(ValueError, message):
        read(frame)


@pytest.mark.parametrize("odd", [0.5, 2.0, -1.0, np.inf])
def test_an_answer_is_right_or_wrong_or_missing(frame, odd):
    frame.loc[2, "correct"] = odd
    message = (
        f"Column 'correct' (correct) holds {odd!r} in 1 row (the first at position 2); "
        "expected 0, 1 or NaN (not asked yet). Partial credit needs a threshold: "
        "X['correct'] = (X['correct'] >= 0.5).astype(float)."
    )
    with refuses(ValueError, message):
        read(frame)


@pytest.mark.parametrize(
    "answers",
    [
        ["right", "wrong", None, "wrong"],
        ["1", "0", None, "0"],
        pd.Series(["1", "0", None, "0"], dtype=object),
        pd.Categorical(["1", "0", None, "0"]),
        pd.to_datetime([1, 0, None, 0], unit="ns"),
        pd.to_timedelta([1, 0, None, 0], unit="ns"),
    ],
    ids=["words", "digits", "object digits", "category", "datetime", "timedelta"],
)
def test_an_answer_is_a_number(frame, answers):
    message = r"\(correct\) has dtype .*; expected 0, 1 or NaN .*\.map\("
    with pytest.raises(ValueError, match=message):
        read(frame.assign(correct=answers))


# --- what is survived of X ---------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        pd.array([1, 0, None, 0], dtype="Int8"),
        pd.array([1, 0, None, 0], dtype="Float32"),
        pd.array([True, False, None, False], dtype="boolean"),
        pd.Series([1, 0, None, 0], dtype=object),
        pd.Series([True, False, pd.NA, False], dtype=object),
        pd.Categorical([1, 0, None, 0]),
    ],
    ids=["Int8", "Float32", "boolean", "object", "object NA", "category"],
)
def test_answers_come_in_any_numeric_type(frame, answers):
    log = read(frame.assign(correct=answers))
    assert log.correct.dtype == np.float64
    np.testing.assert_array_equal(log.correct, [1, 0, np.nan, 0])


@pytest.mark.parametrize(
    "dtype", ["int8", "uint64", "float32", "Int64", "UInt8", "Float64"]
)
def test_order_comes_in_any_numeric_type(frame, dtype):
    order = read(frame.astype({"order_id": dtype})).order
    assert order.dtype.kind in "iuf"
    assert order.tolist() == [2, 1, 2, 1]


def test_a_large_order_is_not_rounded(frame):
    large = 2**62 + np.arange(4)
    for dtype in ("int64", "Int64"):
        order = read(frame.assign(order_id=pd.array(large, dtype=dtype))).order
        np.testing.assert_array_equal(order, large)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_may_name_no_skill(frame, missing):
    names = pd.Series(["sum", missing, "cut", missing], dtype=object)
    log = read(frame.assign(skill_name=names))
    assert log.skills.tolist() == ["cut", "sum"]
    assert log.skill.tolist() == [1, -1, 0, -1]


def test_names_of_several_types_are_sorted_whatever_order_they_stand_in(frame):
    names = pd.Series(["sum", 3, ("a", 1), 3], dtype=object)
    log = read(frame.assign(skill_name=names))
    assert log.skills.tolist() == [3, "sum", ("a", 1)]
    assert log.skill.tolist() == [1, 0, 2, 0]
    again = read(frame.assign(skill_name=names).iloc[::-1])
    assert again.skills.tolist() == log.skills.tolist()


def test_unused_categories_are_no_skills(frame):
    names = pd.Categorical(frame["skill_name"], categories=["z", "sum", "a", "cut"])
    assert read(frame.assign(skill_name=names)).skills.tolist() == ["cut", "sum"]


def test_a_student_column_is_needed(frame):
    with pytest.raises((TypeError, ValueError), match=r"student.*None"):
        MeanClassifier(student=None).fit(frame, [1, 0, 1, 0])


@pytest.mark.parametrize("role", ["student", "correct"])
def test_a_role_that_has_to_be_played(frame, role):
    with pytest.raises(ValueError, match=f"{role}=None; expected the name of the col"):
        read(frame, replace(ROLES, **{role: None}))


@pytest.mark.parametrize("role", ["student", "skill", "correct"])
def test_several_columns_for_one_role_are_told_how_to_become_one(frame, role):
    X = frame.assign(a="x", b=frame["skill_name"])
    message = (
        f"{role}=['a', 'b']; expected the name of one column. Join several: "
        f"X['{role}'] = X['a'].astype(str) + \" \" + X['b'].astype(str), and pass "
        f"{role}='{role}'."
    )
    with refuses(ValueError, message):
        MeanClassifier(**{role: ["a", "b"]}).fit(X, X["correct"])
