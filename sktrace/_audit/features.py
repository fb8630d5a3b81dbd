"""Columns that know the answer: given away, learnt on all rows, or known too late."""

import re

import numpy as np
import pandas as pd

from .._scores.auc import auc_of_pairs
from .encodings import find_encoding, is_scaled, is_stretched
from .findings import FAULT, LOOK, PASSED, UNCHECKED, Finding

__all__ = ["check_features"]

CHECK = "targets in the features"
SCALED = "scaled on all rows"
TELLS_ALL = 0.95  # AUC of a column alone, from which it is the answer
SUSPECT = {"fault": 0.85, "look": 0.7}  # within an item or a skill
TOLD_LATE = 0.53  # the same of a column whose name says that it is known only after
FOLLOWED_LATE = 0.6  # where predictions follow it, which may be for another reason
# Words in the names of what is known once a question is answered.
AFTER = {
    *("response", "reaction", "elapsed", "taken", "took", "spent", "duration"),
    *("latency", "ms", "seconds", "secs", "minutes", "time", "timestamp"),
    *("hint", "hints", "attempts", "attempt", "tries", "score", "grade", "feedback"),
    *("answer", "correct", "result", "outcome", "bottom", "end"),
}


def check_features(subject, read):
    """Judge every further column of X.

    Parameters
    ----------
    subject : Subject
    read : list or None
        Columns whose value in a row moves its own prediction; None: nobody knows.
    """
    X, y = subject.everything
    found = []
    for column in subject.columns.others(X):
        late = column in subject.columns.past_features
        if not late:
            found += list(_judge(subject, X, y, column, read))
    if found:
        yield from found
        return
    if not subject.columns.others(X):
        yield Finding(CHECK, UNCHECKED, "X has no further columns.")
        return
    yield Finding(CHECK, PASSED, "No further column knows the answer of its row.", 0)


def _judge(subject, X, y, column, read):
    verdict = FAULT
    values = as_numbers(X[column])
    if read is None:  # predictions cannot be asked whether they read it
        if not _follows(subject, values[len(X) - len(subject.X) :]):
            return
        verdict = LOOK
    elif column not in read:
        return
    told = ~np.isnan(y) & ~np.isnan(values)
    if scaled := is_scaled(subject, X, values):
        yield Finding(
            SCALED,
            verdict,
            f"{column!r} has mean 0 and deviation 1 over {scaled}: it was scaled by "
            "rows that are tested.",
            repair="Scale within each split, by a scaler in the pipeline, or take the "
            "column as it is.",
        )
    if _tells_rows_apart(X[column]):
        yield Finding(
            CHECK,
            LOOK,
            f"{column!r}, which it reads, is another in every row: answers can be "
            "looked up by it.",
            repair="Leave names of rows out of what is learnt from.",
        )
    if told.sum() < 20 or len(np.unique(values[told])) < 2:
        return
    if how := find_encoding(subject, X, y, values):
        yield Finding(
            CHECK,
            verdict,
            f"{column!r} is {how}.",
            auc_of_pairs(y[told], values[told]),
            repair="Learn encodings of answers within each split, from training rows: "
            "TargetEncoder in a pipeline; or name the column to a tracer, item=...",
        )
        return
    if is_stretched(subject, values):
        yield Finding(
            SCALED,
            LOOK,
            f"{column!r} reaches from 0 to 1, but not over the training rows alone.",
            repair="If it was scaled: by a scaler in the pipeline, in each split anew.",
        )
    name = repr(column)
    found = list(_judge_by_rank(subject, X, y, column, name, values, verdict))
    steps = _steps(subject, X, values)
    if steps is not None and read is None:  # who follows a clock may just practise
        steps = steps if _follows(subject, steps[len(X) - len(subject.X) :]) else None
    if not found and steps is not None:
        name = f"the step of {column!r} since the row before"
        found = list(_judge_by_rank(subject, X, y, column, name, steps, verdict))
    yield from found


def _steps(subject, X, values):
    """Return how far a clock went since a student's row before; None of no clock."""
    student, rows = subject.everyone_in_time
    steps = np.full(len(X), np.nan)
    same = np.diff(student[rows]) == 0
    steps[rows[1:]] = np.where(same, np.diff(values[rows]), np.nan)
    known = steps[~np.isnan(steps)]
    return steps if len(known) > 20 and known.min() >= 0 < np.ptp(known) else None


def _judge_by_rank(subject, X, y, column, name, values, verdict):
    """Judge a column by its AUC, alone and within an item or a skill."""
    told = ~np.isnan(y) & ~np.isnan(values)
    alone = _either_way(auc_of_pairs(y[told], values[told]))
    within, what = _within(subject, X, y, values, told)
    late = _says_after(column) and column not in subject.columns.before
    enough = TOLD_LATE if subject.estimator is not None else FOLLOWED_LATE
    late = late and within > enough and _sure(within, told)
    if not (late or alone > TELLS_ALL or within > SUSPECT["fault"]):
        if within < SUSPECT["look"]:
            return
        verdict = LOOK
    how = "which it reads in the row that it predicts"
    if subject.estimator is None:
        how = "which predictions rise or fall with"
    said = (
        f"{name}, {how}, alone has an AUC of {alone:.3f}, and of {within:.3f} within "
        f"{what}"
    )
    said += "; its name says that it is known only after the answer." if late else "."
    yield Finding(
        CHECK,
        verdict,
        said,
        alone,
        repair="If it is known only after the answer, let later rows alone read it: "
        f"past_features=[{column!r}].",
    )


def _tells_rows_apart(column):
    """Tell whether a column of names or whole numbers differs in nearly every row."""
    if pd.api.types.is_float_dtype(column.dtype) or len(column) < 50:
        return False
    return column.nunique() > 0.99 * len(column)


def _follows(subject, values):
    """Tell whether predictions rise or fall with a column, beyond skill and answer."""
    told = subject.told & ~np.isnan(values)
    rows = pd.DataFrame({"p": subject.p[told], "v": values[told]})
    groups = [subject.skills_of(subject.X)[told], subject.y[told]]
    ranks = rows.groupby(groups).rank(pct=True)
    if ranks["p"].nunique() < 2 or ranks["v"].nunique() < 2:
        return False
    return bool(abs(ranks["p"].corr(ranks["v"])) > 0.3)


def _within(subject, X, y, values, told):
    """Return the AUC within an item, where one is named, else within a skill."""
    if subject.columns.item is not None:
        group, what = subject.items_of(X), "items"
    else:
        group, what = subject.skills_of(X), "skills"
    auc = auc_of_pairs(y[told], values[told], group[told])
    return (_either_way(auc) if auc == auc else 0.5), what


def _either_way(auc):
    return max(auc, 1 - auc)


def _sure(auc, told):
    """Tell whether an AUC is above one half beyond chance."""
    return auc - 0.5 > 4 / np.sqrt(3 * told.sum())


def _says_after(column):
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", str(column))
    return bool(AFTER & set(re.findall(r"[^\W_]+", spaced.lower())))


def as_numbers(column):
    """Return a column as numbers: dates and durations in seconds, names as codes."""
    if column.dtype.kind in "mM" or isinstance(column.dtype, pd.DatetimeTZDtype):
        numbers = column.astype("int64").to_numpy(np.float64) / 1e9
        return np.where(column.isna(), np.nan, numbers)
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column.astype(float).to_numpy(na_value=np.nan)
    codes = pd.factorize(column, sort=False)[0]
    if len(np.unique(codes)) > 2:  # names of many kinds have no order
        return np.full(len(column), np.nan)
    return np.where(codes < 0, np.nan, codes).astype(float)
