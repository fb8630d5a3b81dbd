"""Columns that were computed from answers, or scaled, with rows that are tested."""

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import spearmanr

from .._interactions.numbers import find_missing

__all__ = ["find_encoding", "is_scaled", "is_stretched"]

EXACT = 2e-3  # as far as rounded numbers are from what they were computed by
FEWEST_GROUPS = 5
IN_ORDER = 0.995  # of means that a column was made of, however shrunk
CLOSE = 1e-5


def is_scaled(subject, X, values):
    """Return over which rows a column has mean 0 and deviation 1, or None.

    Not if it has them over the training rows alone, as it should.
    """
    parts = {"all rows": values}
    if subject.X_train is not None:
        n_train = len(subject.X_train)
        if _has_unit_scale(values[:n_train]):
            return None
        parts["the rows that are tested"] = values[n_train:]
    for name, own in parts.items():
        if _has_unit_scale(own):
            return name
    rows = pd.Series(values).groupby(subject.everyone_in_time[0])
    moments = rows.agg(["mean", "std", "size"])[rows.size() > 2]
    centred = moments["mean"].abs() < CLOSE
    if len(moments) > 2 and centred.all() and moments["std"].median() > CLOSE:
        return "all rows of each student, later ones included,"
    return None


def is_stretched(subject, values):
    """Tell whether a column reaches from 0 to 1, but only with the rows tested."""
    if subject.X_train is None or len(np.unique(values)) < 20:
        return False
    train = values[: len(subject.X_train)]
    ends = [(np.nanmin(own), np.nanmax(own)) for own in (values, train)]
    return ends[0] == (0, 1) and ends[1] != (0, 1)


def _has_unit_scale(values):
    values = values[~np.isnan(values)]
    if len(values) < 20:
        return False
    deviations = values.std(), values.std(ddof=1)
    return abs(values.mean()) < CLOSE and min(abs(d - 1) for d in deviations) < CLOSE


def find_encoding(subject, X, y, values):
    """Say by which answers a column was computed, if these are ones it must not know.

    Means and sums of answers by student, skill, item, or two of them, are tried: over
    all rows, with and without the row itself, or up to and with the row itself.
    Shrinkage is allowed for, v = (S + a m) / (n + a), since v n - S is linear in v.
    """
    found = _find(subject, X, y, values)
    if found is None and np.nanmin(values) < 0:  # it may be of log odds
        found = _find(subject, X, y, expit(values))
    return found


def _find(subject, X, y, values):
    told = ~np.isnan(y) & ~np.isnan(values)
    if values[told].std() < 1e-3:
        return None
    v, target = values[told], y[told]
    student, order = subject.everyone_in_time
    place = np.empty(len(X), dtype=np.int64)
    place[order] = np.arange(len(X))
    student, place = student[told], place[told]
    tested = np.ones(len(target), dtype=bool)
    if subject.X_train is not None:
        tested = (np.arange(len(X)) >= len(subject.X_train))[told]
    for name, key in _keys(subject, X, told, student):
        codes = pd.factorize(key)[0]
        sums = np.bincount(codes, target)[codes]
        n = np.bincount(codes)[codes].astype(float)
        own = _of_training(codes, target, tested)
        if not tested.all() and _explains(v, *own):
            continue  # as it should be
        ordered = _in_order(v, codes, sums, n)
        ordered = ordered > IN_ORDER and ordered > _in_order(v, codes, *own)
        if ordered or _explains(v, sums, n):
            return f"the mean answer by {name}, over all rows, the tested ones included"
        if _explains(v, sums - target, n - 1):
            return f"the mean of all other answers by {name}, later ones included"
        if n.max() > 1:
            running, count = _run(codes, place, target)
            if _explains(v, running, count) or np.abs(v - running).max() < EXACT:
                return f"the mean or sum of answers so far by {name}, its own included"
        if _leans_on_answers(v, codes, target):
            return f"nearly the mean answer by {name}, and moved by its own answers"
    return None


def _keys(subject, X, told, student):
    """Yield what answers may have been averaged by, as codes."""
    yield "student", student
    columns = subject.columns
    for name in dict.fromkeys([columns.skill, columns.item, *columns.others(X)]):
        if name is None:
            continue
        code = _groups(X[name])
        if code is not None and not _counts(subject, X, name):
            yield f"{name!r}", code[told]
            yield f"student and {name!r}", student * (code.max() + 2) + code[told]


def _counts(subject, X, name):
    """Tell whether a column of numbers only grows with a student's time."""
    if not pd.api.types.is_numeric_dtype(X[name]):
        return False
    student, rows = subject.everyone_in_time
    same = np.diff(student[rows]) == 0
    values = X[name].to_numpy(dtype=float, na_value=np.nan)[rows]
    return bool((np.diff(values)[same] >= 0).all())


def _groups(column):
    """Return a column of names, or of whole numbers, as codes; None of another."""
    if pd.api.types.is_float_dtype(column.dtype):
        given = column[~find_missing(column)]
        if (given != np.round(given)).any():
            return None
    try:
        code = pd.factorize(column)[0]
    except TypeError:  # what cannot be hashed
        return None
    return code if FEWEST_GROUPS <= code.max() + 1 <= 0.5 * len(code) else None


def _of_training(codes, target, tested):
    """Return sums and counts of training rows only, at every row."""
    weight = (~tested).astype(float)
    sums = np.bincount(codes, target * weight)[codes]
    return sums, np.bincount(codes, weight)[codes]


def _run(codes, place, target):
    """Return sum and count of a group's answers up to and with each row."""
    rows = pd.DataFrame({"code": codes, "y": target}).iloc[np.argsort(place)]
    sums = rows.groupby("code")["y"].cumsum()
    count = rows.groupby("code").cumcount() + 1
    at = np.argsort(np.argsort(place))
    return sums.to_numpy()[at], count.to_numpy(dtype=float)[at]


def _explains(v, sums, n):
    """Tell whether v = (sums + b) / (n - c) for some numbers b and c."""
    if n.max() <= 0:
        return False
    # v n - sums = b + c v
    design = np.column_stack([np.ones(len(v)), v])
    b, c = np.linalg.lstsq(design, v * n - sums, rcond=None)[0]
    below = n - c
    if (below <= 1e-9).any():
        known = below > 1e-9
        if known.mean() < 0.9:
            return False
        v, sums, below = v[known], sums[known], below[known]
    predicted = (sums + b) / below
    close = np.abs(predicted - v) < EXACT
    return bool(close.mean() > 0.99 and predicted.std() > 1e-2)


def _in_order(v, codes, sums, n):
    """Return the rank correlation of v with the means of groups; 0 where it varies.

    However means are shrunk, or turned into log odds, they stay in their order.
    """
    first = np.unique(codes, return_index=True)[1]
    if len(first) < 8 or np.abs(v - v[first][codes]).max() > 1e-6:
        return 0.0
    if np.ptp(v[first]) == 0 or (n[first] <= 0).any():
        return 0.0
    return float(spearmanr(v[first], (sums / n)[first]).statistic)


def _leans_on_answers(v, codes, target):
    """Tell whether v is nearly the same within a group, and leans against its answers.

    So do encodings that each fold of rows has from the others: the more right answers
    a fold has, the fewer the others. What tells of a row by itself, as its difficulty
    does, leans the same way within groups as between them.
    """
    size = np.bincount(codes)
    mean, share = ((np.bincount(codes, x) / size)[codes] for x in (v, target))
    rest, answers = v - mean, target - share
    scale = rest.std() * answers.std()
    if scale < 1e-9 or rest.var() > 0.1 * v.var():
        return False
    within = (rest * answers).mean() / scale
    between = ((mean - v.mean()) * (share - target.mean())).mean()
    return within * np.sign(between) * np.sqrt(len(v)) < -6
