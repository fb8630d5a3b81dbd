"""What stands on both sides of a split, or inside of an estimator."""

import inspect

import numpy as np
import pandas as pd

from .._interactions.columns import number_moments
from .._tracer.learnt import write_splitters
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
    of_students, _ = write_splitters(subject.columns)
    repair = f"cv={of_students}, in searches and stacks, too."
    return Finding(STUDENTS, FAULT, f"{said}.", share, rows, repair)


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

    Students who do the same tasks may answer them alike by chance. Of c of them, who
    answer each task rightly as often as all do, some one does so with a probability of
    at most c times the product of those of the answers.
    """
    if subject.columns.correct is None:
        return Finding(ROWS, UNCHECKED, "X has no column of answers.")
    name = subject.columns.student
    others = train[~train[name].isin(test[name])]
    learnt, tested = (_stretches(subject, X, train) for X in (others, test))
    if learnt is None or tested is None:
        said = f"No student has {STRETCH} rows on both sides."
        return Finding(ROWS, UNCHECKED, said)
    same_tasks = tested["tasks"].map(learnt["tasks"].value_counts()).fillna(0)
    by_chance = (same_tasks * tested["chance"]).clip(upper=1).sum()
    turned = tested["turned"].isin(learnt["answered"]).sum()
    known = tested["answered"].isin(learnt["answered"])
    share, by_chance = known.mean(), max(by_chance, turned)
    said = (
        f"{share:.1%} of the stretches of {STRETCH} rows that are tested stand in "
        f"training, too; by chance {by_chance / len(known):.1%} would."
    )
    if share < 0.05 or known.sum() < 2 * by_chance + 10:
        return Finding(ROWS, PASSED, said, share)
    rows = test.index[np.sort(tested["row"][known])].tolist()
    repair = (
        "Give copies, windows and parts of a history the name of the student whose it "
        "is, and split by students."
    )
    said += " They were learnt from under another name."
    return Finding(ROWS, FAULT, said, share, rows, repair)


def _stretches(subject, X, train):
    """Return what was done in stretches of rows, as hashes; None if there are none.

    Returns
    -------
    DataFrame of shape (n_stretches, 5)
        ``tasks``; ``answered``, these with their answers; ``turned``, the same with
        the answers turned by two places, of those that this changes; ``chance``, the
        probability of the answers; ``row``, the position of the first row.
    """
    if len(X) < STRETCH:
        return None
    order = subject.in_time_order(X)
    student = subject.place(X)[0][order]
    task = _tasks(subject, X)[order]
    wrong = (X[subject.columns.correct] == subject.answers[0]).to_numpy()[order]
    missed = pd.Series(
        (train[subject.columns.correct] == subject.answers[0]).to_numpy(dtype=float)
    ).groupby(_tasks(subject, train))
    missed = (missed.sum() + 0.5) / (missed.size() + 1)
    missed = missed.reindex(task).fillna(0.5).to_numpy()
    chance = np.where(wrong, missed, 1 - missed)
    windows = np.lib.stride_tricks.sliding_window_view
    weights = pd.util.hash_array(np.arange(STRETCH, dtype=np.uint64))
    answers = windows(wrong.astype(np.uint64), STRETCH)
    places = np.uint64(2) ** np.arange(STRETCH, dtype=np.uint64)
    tasks = (windows(task, STRETCH) * weights).sum(axis=1, dtype=np.uint64)
    tasks *= np.uint64(2**STRETCH)
    answered, turned = answers @ places, np.roll(answers, 2, axis=1) @ places
    found = pd.DataFrame(
        {
            "tasks": tasks,
            "answered": tasks + answered,
            "turned": tasks + turned,
            "chance": windows(chance, STRETCH).prod(axis=1),
            "row": order[: len(tasks)],
        }
    )
    whole = student[: len(tasks)] == student[STRETCH - 1 :]
    found = found[whole & (answered != turned)]
    return None if found.empty else found


def _tasks(subject, X):
    """Return a hash of the skill and item of each row."""
    columns = [subject.columns.skill, subject.columns.item]
    columns = [column for column in columns if column is not None]
    if not columns:
        return np.ones(len(X), dtype=np.uint64)
    cells = X[columns].astype(str)
    return pd.util.hash_pandas_object(cells, index=False).to_numpy()


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
        yield from _walk(vars(value), depth, seen)


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
