"""What is asked of splitters, transformers, scores and reports.

Each reads a log that is written plainly and in dresses, in other orders of rows. What
it says of rows has to be the same for each row, and what it says of groups the same
for each group; or both are refused. No frame is changed.
"""

import numpy as np
from hypothesis import strategies as st

from sktrace import Sequences
from sktrace.inspection import calibration_by_skill, item_fit, slice_report
from sktrace.metrics import question_level
from sktrace.model_selection import StudentKFold, StudentShuffleSplit, TimeSplit
from sktrace.preprocessing import PriorCounts

from ._dress import with_nan
from ._logs import written
from ._outcomes import attempt, same_frame

__all__ = ["check_tool", "tool_cases"]

P = np.array([0.1, 0.3, 0.3, 0.55, 0.8, 0.95])  # some are equal


def fold_of_rows(splitter, X):
    """Return in which test rows each row is, 0 where in none."""
    fold = np.zeros(len(X))
    for number, (train, test) in enumerate(splitter.split(X), start=1):
        assert len(np.intersect1d(train, test)) == 0
        fold[test] += number * 10.0
        fold[train] += number * 0.1
    return fold


def numbers(table):
    """Return the numbers of a table, by its rows."""
    return table.select_dtypes("number").to_numpy(dtype=float)


def by_students(X, names, y, p):
    return fold_of_rows(StudentKFold(2, student=names["student"]), X)


def by_chance(X, names, y, p):
    splitter = StudentShuffleSplit(2, student=names["student"], random_state=0)
    return fold_of_rows(splitter, X)


def by_time(X, names, y, p):
    splitter = TimeSplit(2, student=names["student"], order=names["order"])
    return fold_of_rows(splitter, X)


def counts(X, names, y, p):
    read = {role: names[role] for role in ("student", "order", "skill", "correct")}
    return PriorCounts(**read).fit(X).transform(X)


def questions(X, names, y, p):
    merged = question_level(
        X,
        y,
        p,
        student=names["student"],
        order=names["order"],
        item=names["item"],
    )
    return np.sort(np.rec.fromarrays(merged)).tolist()


def slices(X, names, y, p):
    report = slice_report(
        p, X, y, groups=names["item"], student=names["student"], n_bootstraps=0
    )
    return numbers(report)


def calibration(X, names, y, p):
    return numbers(calibration_by_skill(p, X, y, skill=names["skill"], n_bins=2))


def items(X, names, y, p):
    read = {role: names[role] for role in ("student", "order", "skill", "item")}
    return numbers(item_fit(p, X, y, min_answers=1, **read))


def gathered(X, names, y, p):
    """Gather numbers by student, in time; ties keep the order of rows."""
    sequences = Sequences.from_frame(
        X, by=names["student"], order=names["order"], features=[names["number"]]
    )
    steps = np.real(np.asarray(sequences.steps)).astype(float)
    return np.append(steps, sequences.offsets)


# Of each: what it does, the columns it reads, and whether it speaks of each row.
TOOLS = {
    by_students: ("student", True),
    by_chance: ("student", True),
    by_time: ("student order", True),
    counts: ("student order skill correct", True),
    questions: ("student order item", False),
    slices: ("student item", False),
    calibration: ("skill", False),
    items: ("student order skill item", False),
    gathered: ("student order number", False),
}


@st.composite
def tool_cases(draw):
    tool = draw(st.sampled_from(list(TOOLS)))
    log = draw(written(tuple(TOOLS[tool][0].split())))
    if tool is gathered:
        log = log.in_order()
    n_rows = len(log)
    p = draw(st.lists(st.sampled_from(P.tolist()), min_size=n_rows, max_size=n_rows))
    y = draw(
        st.lists(st.sampled_from([0, 1, 0, 1, None]), min_size=n_rows, max_size=n_rows)
    )
    return tool, log, y, p


def check_tool(case):
    tool, log, y, p = case
    y, p, order = with_nan(y), np.array(p, dtype=float), list(log.rows)
    plain = attempt(tool, log.plain(), {role: role for role in log.names}, y, p)
    X = log.dressed(0)
    before = X.copy(deep=True)
    again = attempt(tool, X, log.names, y[order], p[order])
    same_frame(X, before)
    if plain.refused:
        assert again.refused, f"accepted, though plainly refused: {plain.refusal}"
        return "refused"
    if again.refused:
        assert not log.must, f"refused, but not plainly: {again.refusal}"
        return "refused in dresses"
    value = again.value
    if TOOLS[tool][1]:
        value = log.restore(value)
    if log.sorted:
        np.testing.assert_allclose(value, plain.value, rtol=0, atol=1e-9)
    return "accepted"
