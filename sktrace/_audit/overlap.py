"""What stands on both sides of a split, or inside of an estimator."""

import inspect

import numpy as np
import pandas as pd

from .._interactions.columns import number_moments
from .findings import FAULT, LOOK, NOTE, PASSED, UNCHECKED, Finding

__all__ = ["check_both_sides", "check_what_it_holds"]

STUDENTS = "students on both sides"
ROWS = "rows on both sides"
HELD = "rows inside the estimator"
STRETCH = 5
DEEPEST = 3


def check_both_sides(subject):
    """Compare who and what is tested with who and what was learnt from."""
    if not subject.splits:
        said = "Nothing says what was learnt from: pass X_train, or the estimator."
        yield Finding(STUDENTS, UNCHECKED, said)
        return
    yield _compare_students(subject)
    train, test = subject.splits[0]
    yield _compare_histories(subject, train, test)
    yield from _compare_parts(subject, train, test)
    if subject.columns.item is not None:
        yield _compare_items(subject, train, test)


def _compare_students(subject):
    column, n_shared, n_rows, later, rows = subject.columns.student, 0, 0, True, []
    for train, test in subject.splits:
        shared = test[column].isin(train[column]).to_numpy()
        n_shared, n_rows = n_shared + shared.sum(), n_rows + len(test)
        if shared.any():
            rows = rows or test.index[shared].tolist()
            later &= _is_later(subject.columns, train, test[shared])
    share = n_shared / n_rows
    if not n_shared:
        said = "No student of the test was learnt from."
        return Finding(STUDENTS, PASSED, said, 0)
    said = f"{share:.0%} of the rows tested are of students who were learnt from"
    if later:
        said += ", all of them later than what was learnt: an evaluation over time."
        repair = "Say so beside the score: it is of students who are known already."
        return Finding(STUDENTS, NOTE, said, share, rows, repair)
    repair = f"cv=StudentKFold(5{_named(column)}), in searches and stacks, too."
    return Finding(STUDENTS, FAULT, f"{said}.", share, rows, repair)


def _named(column):
    return "" if column == "user_id" else f", student={column!r}"


def _is_later(columns, train, test):
    """Tell whether students are tested on what came after all that was learnt."""
    if columns.order is None:
        return False
    own = train[train[columns.student].isin(test[columns.student])]
    both = pd.concat([own, test])
    student, moment = number_moments(both, columns.student, columns.order)
    learnt = np.arange(len(both)) < len(own)
    last = pd.Series(moment[learnt]).groupby(student[learnt]).max()
    first = pd.Series(moment[~learnt]).groupby(student[~learnt]).min()
    return bool((last.reindex(first.index) < first).all())


def _compare_histories(subject, train, test):
    """Look for stretches of the test that were learnt from under another name.

    Two students may answer the same tasks alike by chance; they then answer them as
    often with the same number of wrong answers in another order.
    """
    if subject.columns.correct is None:
        return Finding(ROWS, UNCHECKED, "X has no column of answers.")
    name = subject.columns.student
    others = train[~train[name].isin(test[name])]
    learnt, _, _ = _stretches(subject, others)
    tested, turned, rows = _stretches(subject, test)
    known = np.isin(tested, learnt)
    by_chance = np.isin(turned, learnt).sum()
    share = known.sum() / max(len(known), 1)
    if share < 0.05 or known.sum() < 3 * by_chance + 10:
        said = f"Stretches of {STRETCH} rows were learnt from by chance only."
        return Finding(ROWS, PASSED, said, share)
    return Finding(
        ROWS,
        FAULT,
        f"{share:.0%} of the stretches of {STRETCH} rows that are tested were learnt "
        f"from under another name; by chance {by_chance / len(known):.1%} would be.",
        share,
        test.index[np.sort(rows[known])].tolist(),
        "Give copies, windows and parts of a history the name of the student whose it "
        "is, and split by students.",
    )


def _stretches(subject, X):
    """Return hashes of what was done in stretches of rows, and where they begin.

    Returns
    -------
    as_answered, turned : ndarray of shape (n_stretches,), uint64
        The tasks with their answers, and with the same answers turned by two places;
        stretches that this does not change are left out.
    rows : ndarray of shape (n_stretches,)
        Positions of their first rows.
    """
    none = np.array([], dtype=np.uint64)
    if len(X) < STRETCH:
        return none, none, none.astype(np.int64)
    order, student = subject.in_time_order(X), subject.place(X)[0]
    X, student = X.iloc[order], student[order]
    columns = [subject.columns.skill, subject.columns.item]
    columns = [column for column in columns if column is not None]
    task = np.ones(len(X), dtype=np.uint64)
    if columns:
        task = pd.util.hash_pandas_object(X[columns].astype(str), index=False)
        task = task.to_numpy()
    wrong = (X[subject.columns.correct] == subject.answers[0]).to_numpy(np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view
    weights = pd.util.hash_array(np.arange(STRETCH, dtype=np.uint64))
    tasks = (windows(task, STRETCH) * weights).sum(axis=1, dtype=np.uint64)
    answers = windows(wrong, STRETCH)
    whole = student[: len(tasks)] == student[STRETCH - 1 :]
    places = np.uint64(2) ** np.arange(STRETCH, dtype=np.uint64)
    as_answered = answers @ places
    turned = np.roll(answers, 2, axis=1) @ places
    kept = whole & (as_answered != turned)
    tasks = tasks[kept] * np.uint64(2**STRETCH)
    return tasks + as_answered[kept], tasks + turned[kept], order[: len(kept)][kept]


def _compare_parts(subject, train, test):
    """Look for a column whose values have students who follow one another in time."""
    order, name = subject.columns.order, subject.columns.student
    if order is None or isinstance(order, list):
        return
    X = pd.concat([train, test])
    for column in subject.columns.others(X):
        if column not in train or pd.api.types.is_float_dtype(X[column]):
            continue
        whole = X.groupby(name, observed=True)[column].nunique().max() == 1
        if not whole or X[column].nunique() > 0.7 * X[name].nunique():
            continue
        spans = X.groupby([column, name], observed=True)[order].agg(["min", "max"])
        spans = spans.sort_values([column, "min"])
        same = spans.index.get_level_values(0)
        follows = same[1:] == same[:-1]
        later = spans["min"].to_numpy()[1:] > spans["max"].to_numpy()[:-1]
        shared = test[column].isin(train[column]).mean()
        if follows.sum() >= 5 and later[follows].mean() > 0.95 and shared:
            said = (
                f"Students of one {column!r} follow one another in time, and "
                f"{shared:.0%} of the rows tested have one that was learnt from."
            )
            repair = f"If they are parts of one history, name it: student={column!r}."
            yield Finding(STUDENTS, LOOK, said, shared, repair=repair)


def _compare_items(subject, train, test):
    column = subject.columns.item
    known = test[column].isin(train[column]).mean()
    said = f"{known:.0%} of the rows tested are on items that were learnt from."
    return Finding("items on both sides", NOTE, said, known)


def check_what_it_holds(subject):
    """Look for rows that are tested inside of the estimator, before it is fitted."""
    if subject.estimator is None:
        return
    found = list(_frames_in(subject.estimator))
    column, tested = subject.columns.student, subject.X[subject.columns.student]
    for where, frame in found:
        if isinstance(frame, pd.DataFrame) and column in frame:
            shared = tested.isin(frame[column]).mean()
            if shared:
                yield _holds(where, shared, "rows of students that are tested")
                return
    answers = subject.y[~np.isnan(subject.y)]
    for where, values in found:
        if _hold_answers(values, subject, answers):
            yield _holds(where, 1.0, "the answers that are tested")
            return
    logs = [
        where
        for where, values in found
        if isinstance(values, pd.DataFrame) and column in values
    ]
    if logs:
        said = f"Before it is fitted, {logs[0]} holds a frame of rows already."
        yield Finding(HELD, LOOK, said, repair=_HANDS_OFF)
        return
    seen = _rows_seen(subject.estimator)
    if subject.X_train is not None and seen > len(subject.X_train):
        yield Finding(
            HELD,
            FAULT,
            f"A part of it was fitted to {seen:,} rows before, more than the "
            f"{len(subject.X_train):,} of training.",
            seen,
            repair="Put the scaler or encoder into a pipeline, unfitted, so that each "
            "split fits it anew.",
        )
        return
    yield Finding(HELD, PASSED, "Before it is fitted, it holds no rows.", 0)


_HANDS_OFF = (
    "Choose epochs and settings on validation students, whom training rows are split "
    "into: early_stopping=True, or a search with cv=StudentKFold(5)."
)


def _holds(where, share, what):
    said = f"Before it is fitted, {where} holds {what}: it can choose by them."
    return Finding(HELD, FAULT, said, share, repair=_HANDS_OFF)


def _hold_answers(values, subject, answers):
    values = np.asarray(values)
    if values.ndim != 1 or len(values) not in (len(answers), len(subject.y)):
        return False
    expected = answers if len(values) == len(answers) else subject.y
    right = np.asarray(subject.classes)[1]
    return len(values) >= 20 and np.array_equal(values == right, expected == 1)


def _frames_in(estimator):
    """Yield frames, columns and arrays that an estimator can reach, and where."""
    if hasattr(estimator, "get_params"):
        things = {f"parameter {k!r}": v for k, v in estimator.get_params().items()}
        functions = [getattr(type(estimator), name, None) for name in dir(estimator)]
    else:
        things, functions = {}, [estimator]
    functions += [value for value in things.values() if inspect.isfunction(value)]
    for function in functions:
        if inspect.isfunction(function) and not _is_installed(function):
            reached = inspect.getclosurevars(function)
            for name, value in (reached.nonlocals | reached.globals).items():
                things.setdefault(f"{name!r}, which {function.__name__} uses,", value)
    seen = set()
    for where, value in things.items():
        for frame in _walk(value, DEEPEST, seen):
            yield where, frame


def _is_installed(function):
    """Tell whether a function is of a package that others use, too."""
    return (function.__module__ or "").split(".")[0] in {"sktrace", "sklearn", "skorch"}


def _walk(value, depth, seen):
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, pd.DataFrame | pd.Series | np.ndarray):
        yield value
    elif depth and isinstance(value, list | tuple | dict):
        inner = value.values() if isinstance(value, dict) else value
        for part in list(inner)[:100]:
            yield from _walk(part, depth - 1, seen)
    elif depth and hasattr(value, "__dict__") and not _is_code(value):
        yield from _walk(dict(vars(value)), depth, seen)


def _is_code(value):
    return any(
        kind(value) for kind in (inspect.isroutine, inspect.ismodule, inspect.isclass)
    )


def _rows_seen(estimator):
    """Return how many rows a part of an unfitted estimator was fitted to."""
    parts = [estimator]
    if hasattr(estimator, "get_params"):
        parts += list(estimator.get_params().values())
    counts = [np.max(getattr(part, "n_samples_seen_", 0)) for part in parts]
    return int(max(counts))
