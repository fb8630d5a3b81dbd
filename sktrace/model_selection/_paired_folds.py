"""From what tracers predicted of the same folds to tables of how they differ."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd
from sklearn.metrics import get_scorer
from sklearn.utils import check_consistent_length

from .._interactions.target import as_column, check_classes, encode_target
from .._scores.bootstrap import FoldRows, bootstrap_folds
from .._scores.paired import (
    INTERVAL,
    SURE,
    chances,
    corrected_t_test,
    judge,
    shares_of_samples,
)
from .._sequences.container import Sequences
from .._sklearn import take_samples
from ._students import _read_students
from ._verdict import name_score

__all__ = ["Rows", "code_rows", "compare_folds"]


@dataclass(frozen=True, eq=False)
class Rows:
    """What is scored: samples, and whose they are."""

    X: object
    index: pd.Index
    told: np.ndarray  # whether a sample has a target
    target: np.ndarray  # the index of its class
    classes: np.ndarray
    student: np.ndarray  # a code
    column: object  # of X, which names the student; None if none does

    def of_fold(self, test, p):
        """Return those of a fold that have a target, as all tracers predicted them."""
        told = self.told[test]
        test = test[told]
        p = [own[told] for own in p]
        X = take_samples(self.X, test)
        return FoldRows(self.target[test], p, self.student[test], X)

    def share_right(self, train):
        """Return the share of right ones among samples trained on, or else of all."""
        told = self.told[train]
        return self.target[train[told] if told.any() else self.told].mean()


def code_rows(X, y, student):
    """Judge y and the students of X; where no column names them, each sample is one."""
    check_consistent_length(X, y)
    y = as_column(y)
    told = ~pd.isna(y)
    classes = check_classes(y[told], "a comparison of tracers")
    is_frame = isinstance(X, pd.DataFrame)
    named = student is not None and (is_frame or isinstance(X, Sequences))
    return Rows(
        X=X,
        index=X.index if is_frame else pd.RangeIndex(len(y)),
        told=told,
        target=encode_target(y, told, classes),
        classes=classes,
        student=_read_students(X, student) if named else np.arange(len(y)),
        column=student if named and is_frame else None,
    )


def compare_folds(predicted, folds, rows, scoring, rope, n_bootstraps, rng):
    """Compare what was predicted of the test rows of each fold.

    Parameters
    ----------
    predicted : dict of {str: list of ndarray}
        By name of the tracer and by fold, P(``classes[1]``) of the test rows.
    folds : list of (train, test)
    rows : Rows
    scoring, rope, n_bootstraps
        As in `compare_tracers`.
    rng : RandomState

    Returns
    -------
    dict
        The tables of `TracerComparison`, by name.
    """
    names = list(predicted)
    get_scorer(scoring)  # refuses a name that is none
    scores, samples = _score(predicted, folds, rows, scoring, n_bootstraps, rng)
    scored = np.isfinite(scores).all(axis=0)
    told = [[rows.told[part].sum() for part in fold] for fold in folds]
    train, test = np.array(told)[scored].T
    with np.errstate(divide="ignore"):
        test_to_train = np.mean(test / train) if scored.any() else np.nan
    folds_scored = np.where(scored, scores, np.nan)
    # Who is drawn twice is paired with himself, which lowers the AUC of samples, the
    # more the fewer students a fold has. So it is their spread that counts.
    samples = samples + _mean(folds_scored) - _mean(samples.T)

    def compare_two(first, second, rope=rope):
        differences = folds_scored[first] - folds_scored[second]
        return _compare_two(
            differences, samples[:, first] - samples[:, second], test_to_train, rope
        )

    guess = len(names)  # the last of those scored
    above = [compare_two(place, guess, rope=0.0) for place in range(len(names))]
    pairs = [
        {"tracer": names[first], "other": names[second], **compare_two(first, second)}
        for first, second in permutations(range(len(names)), 2)
    ]
    low, high = _interval(samples[:, :-1])
    return {
        "scores": pd.DataFrame(
            {
                "tracer": np.repeat(np.array(names, dtype=object), len(folds)),
                "fold": np.tile(np.arange(len(folds)), len(names)),
                "score": scores[:-1].ravel(),
            }
        ),
        "tracers": pd.DataFrame(
            {
                "score": _mean(folds_scored[:-1]),
                "std": [_std(own) for own in folds_scored[:-1]],
                "low": low,
                "high": high,
                "guesses": [not _is_above(own) for own in above],
                "sigmas": _sigmas(above, samples),
                "seconds": np.nan,
            },
            index=pd.Index(names, name="tracer"),
        ),
        "pairs": pd.DataFrame(pairs, columns=["tracer", "other", *above[0]]),
        "predictions": _average(predicted, folds, rows.index),
        "metric": name_score(scoring),
        "loss": isinstance(scoring, str) and scoring.startswith("neg_"),
        "n_folds": int(scored.sum()),
    }


def _score(predicted, folds, rows, scoring, n_bootstraps, rng):
    """Score all tracers, and last of them who knows the share of right answers only."""
    guesses = [np.full(len(test), rows.share_right(train)) for train, test in folds]
    by_fold = zip(*predicted.values(), guesses, strict=True)
    of_folds = [
        rows.of_fold(test, p) for (_, test), p in zip(folds, by_fold, strict=True)
    ]
    return bootstrap_folds(
        scoring, of_folds, rows.classes, rows.column, n_bootstraps, rng
    )


def _compare_two(differences, of_samples, test_to_train, rope):
    """Return what is known of the difference of two tracers."""
    t, p = corrected_t_test(differences, test_to_train)
    found = chances(differences, test_to_train, rope)
    if np.isfinite(differences).sum() == 1:  # one split: of folds there is no spread
        found = shares_of_samples(of_samples, rope)
    low, high = _interval(of_samples)
    return {
        "difference": _mean(differences),
        "std": _std(differences),
        "low": low,
        "high": high,
        "t": t,
        "p": p,
        **found._asdict(),
        "verdict": judge(found),
    }


def _is_above(pair):
    """Say whether the first is above the second: the interval decides, if there is."""
    known = pair["low"] == pair["low"]
    return bool(pair["low"] > 0 if known else pair["better"] >= SURE)


def _sigmas(above, samples):
    """Return how far each tracer is above guessing, in deviations of the samples."""
    of_guess = samples[:, -1:]
    spread = [_std(own) for own in (samples[:, :-1] - of_guess).T]
    gain = np.array([own["difference"] for own in above])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gain == 0, 0.0, gain / spread)


def _mean(scores):
    """Return means over the last axis, of what is known."""
    known = ~np.isnan(scores)
    with np.errstate(invalid="ignore"):
        return np.where(known, scores, 0).sum(axis=-1) / known.sum(axis=-1)


def _std(scores):
    known = scores[~np.isnan(scores)]
    return known.std(ddof=1) if len(known) > 1 else np.nan


def _interval(samples):
    """Return percentiles of samples, along the first axis."""
    known = ~np.isnan(samples).reshape(len(samples), samples[:1].size).all(axis=1)
    if not known.any():
        return np.full((2, *samples.shape[1:]), np.nan)
    return np.quantile(samples[known], INTERVAL, axis=0)


def _average(predicted, folds, index):
    """Return what was predicted of each row, the mean over folds that tested it."""
    times = np.zeros(len(index))
    total = np.zeros((len(index), len(predicted)))
    for (_, test), p in zip(folds, zip(*predicted.values(), strict=True), strict=True):
        times[test] += 1
        total[test] += np.column_stack(p)
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(total / times[:, None], index, list(predicted))
