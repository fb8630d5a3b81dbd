"""What is passed to an audit, judged, split, fitted and asked."""

import inspect
from time import process_time

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, check_cv
from sklearn.utils import check_consistent_length

from .._audit.subject import (
    Procedure,
    Subject,
    check_columns,
    expect_right,
    read_columns,
)
from .._interactions.columns import check_students
from .._interactions.target import as_column, check_classes, encode_target
from .._words import count_rows
from ._predictions import check_given

__all__ = ["make_subject"]


def make_subject(estimator, X, y, X_train, y_train, cv, given, seed):
    """Return who predicts, of which rows, having learnt from which."""
    _check_what_goes_together(estimator, X_train, y_train, cv)
    columns = read_columns(estimator, X, given)
    check_columns(X, columns)
    y, classes = _read_target(X, y)
    told = {"columns": columns, "classes": classes}
    if X_train is not None:
        check_columns(X_train, columns)
        y_train = _read_training(X_train, y_train, columns, classes)
        told |= {"X_train": X_train, "y_train": y_train}
        splits = [(X_train, X)]
    else:
        splits = _split(X, y, cv, columns, seed, asked=_predicts(estimator))
    if not _predicts(estimator):
        p = check_given(estimator, len(X), ~np.isnan(y), "audit", may_miss=True)
        _refuse_nothing(p, y)
        frames = (
            [_take_two(X, split) for split in splits] if X_train is None else splits
        )
        return Subject(X, y, p=p, splits=frames, **told)
    if not hasattr(estimator, "predict_proba"):
        estimator = Procedure(estimator)
    if X_train is None:
        train, test = splits[0]
        told |= {"X_train": X.iloc[train], "y_train": y[train]}
        splits = [_take_two(X, split) for split in splits]
        X, y = X.iloc[test], y[test]
    p = np.full(len(X), np.nan)
    subject = Subject(X, y, p=p, estimator=estimator, splits=splits, **told)
    start = process_time()
    subject.fitted = subject.fit(subject.X_train, subject.y_train)
    subject.seconds = process_time() - start
    subject.p = expect_right(subject.fitted, X)
    _refuse_nothing(subject.p, y)
    return subject


def _refuse_nothing(p, y):
    if (np.isnan(p) | np.isnan(y)).all():
        raise ValueError(
            "No row has both an answer and a prediction; expected some to score. Look "
            "at y, and at what was predicted: p[~np.isnan(p)]."
        )


def _check_what_goes_together(estimator, X_train, y_train, cv):
    """Refuse a class, and what would be silently left aside."""
    if inspect.isclass(estimator):
        name = estimator.__name__
        raise TypeError(
            f"estimator is the class {name}; expected an instance. Pass {name}()."
        )
    if y_train is not None and X_train is None:
        raise ValueError(
            "y_train came without X_train; expected both, or neither. Pass "
            "X_train=..., the rows that were learnt from."
        )
    if cv is not None and X_train is not None:
        raise ValueError(
            "Both cv and X_train were passed; expected one of them. Leave out X_train "
            "to split X by cv, or cv to learn from X_train."
        )


def _predicts(estimator):
    return hasattr(estimator, "predict_proba") or callable(estimator)


def _take_two(X, split):
    train, test = split
    return X.iloc[train], X.iloc[test]


def _split(X, y, cv, columns, seed, asked):
    """Return the splits, as positions; without any, folds of students."""
    if cv is None:
        if not asked:
            return []
        students, names = check_students(X, columns.student)
        if len(names) < 2:
            raise ValueError(
                "X holds 1 student; audit needs some to learn from and others to be "
                "scored on. Pass X_train=..., y_train=... of other students."
            )
        n_splits = min(5, len(names))
        folds = GroupKFold(n_splits, shuffle=True, random_state=seed)
        return list(folds.split(X, groups=students))
    folds = check_cv(cv, np.nan_to_num(y).astype(int), classifier=True)
    return list(folds.split(X, np.nan_to_num(y).astype(int)))


def _read_target(X, y):
    """Return y as 0 and 1, NaN where it is missing, and its classes."""
    y = as_column(y)
    check_consistent_length(X, y)
    told = ~pd.isna(y)
    _refuse_padding(y[told])
    if len(pd.unique(y[told])) < 2:
        raise ValueError(
            f"y holds {len(pd.unique(y[told]))} class(es); audit needs right and wrong "
            "answers to score. Pass rows of both."
        )
    classes = check_classes(y[told], "audit")
    return np.where(told, encode_target(y, told, classes), np.nan), classes


def _refuse_padding(y):
    """Say of -1 what it is most often."""
    odd = np.array([value == -1 for value in y.tolist()], dtype=bool)
    if odd.any() and len(pd.unique(y)) > 2:
        raise ValueError(
            f"y holds -1 in {count_rows(odd)}, beside {len(pd.unique(y)) - 1} other "
            "values; expected two classes. If it marks padding or what was not "
            "answered, leave these rows out: X[y != -1], y[y != -1]."
        )


def _read_training(X_train, y_train, columns, classes):
    if y_train is None:
        if columns.correct is None:
            raise ValueError(
                "X_train came without y_train; expected both. Pass y_train=..., one "
                "target per row of X_train."
            )
        y_train = X_train[columns.correct]
    y_train = as_column(y_train)
    check_consistent_length(X_train, y_train)
    told = ~pd.isna(y_train)
    return np.where(told, encode_target(y_train, told, classes), np.nan)
