"""Score many samples of students, drawn with replacement.

The answers of one student go together, so a sample draws as many students as there are,
and takes all rows of each as often as it was drawn.
"""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import get_scorer

from .._sklearn import take_samples
from .given import _GivenClasses

__all__ = ["FoldRows", "bootstrap_folds", "bootstrap_scores"]


class FoldRows(NamedTuple):
    """The rows of one fold that have a target, and what each tracer predicted."""

    target: np.ndarray  # 0 or 1, the index of the row's class
    p: list  # for each tracer, P(classes[1]) of each row
    student: np.ndarray  # whose row it is: a code of all folds
    X: object = None  # what a scorer may read beside predictions


def bootstrap_scores(scoring, target, p, classes, student, n_bootstraps, rng):
    """Score rows, and samples of the students whose rows they are.

    Parameters
    ----------
    scoring : list of str and callables
        Scorers of scikit-learn.
    target : ndarray of shape (n_rows,)
        0 or 1, the index of the row's class; both occur.
    p : ndarray of shape (n_rows,)
        P(classes[1]).
    classes : ndarray of shape (2,)
    student : ndarray of shape (n_rows,)
        Whose row it is: 0 to n_students - 1, each with at least one row.
    n_bootstraps : int
    rng : RandomState

    Returns
    -------
    scores : list of float
    samples : ndarray of shape (n_bootstraps, n_scorers)
        NaN where the targets of a sample are all alike.
    """
    scores = [_score(scorer, target, p, classes) for scorer in scoring]
    of_samples = [_prepare(scorer, target, p, classes, student) for scorer in scoring]
    n_rows, n_right = np.bincount(student), np.bincount(student, target)
    everyone = np.full(len(n_rows), 1 / len(n_rows))
    samples = np.full((n_bootstraps, len(scoring)), np.nan)
    for sample in samples:
        drawn = rng.multinomial(len(n_rows), everyone)
        if 0 < drawn @ n_right < drawn @ n_rows:
            sample[:] = [score(drawn) for score in of_samples]
    return scores, samples


def bootstrap_folds(scorer, folds, classes, column, n_bootstraps, rng):
    """Score what several tracers predicted, and samples of all students of all folds.

    Every sample is one draw for all tracers and all folds: what is drawn of a student
    who is tested in several folds is the same in each, and a fold may have more or
    fewer students than it had, as it would in another class. (Draws within each fold
    would keep their number, and of folds of few students their variance is too small.)

    Parameters
    ----------
    scorer : str or callable
        A scorer of scikit-learn.
    folds : list of FoldRows
    classes : ndarray of shape (2,)
    column : str or None
        The column of X that names the student; copies of a student are renamed in it,
        so that a scorer that joins the rows of a question keeps them apart.
    n_bootstraps : int
    rng : RandomState

    Returns
    -------
    scores : ndarray of shape (n_tracers, n_folds)
    samples : ndarray of shape (n_bootstraps, n_tracers)
        Means over those folds of a sample that have a score.
    """
    everyone, codes = np.unique(
        np.concatenate([fold.student for fold in folds]), return_inverse=True
    )
    ends = np.cumsum([len(fold.student) for fold in folds])
    of_samples, tested = [], []  # per fold: the scores of tracers, and its students
    for fold, code in zip(folds, np.split(codes, ends[:-1]), strict=True):
        whose, student = np.unique(code, return_inverse=True)
        tested.append(whose)
        more = {"X": fold.X, "column": column}
        of_samples.append(
            [_prepare(scorer, fold.target, p, classes, student, **more) for p in fold.p]
        )

    def score_all(drawn):
        return np.transpose(
            [
                [score(drawn[whose]) for score in of_fold]
                for of_fold, whose in zip(of_samples, tested, strict=True)
            ]
        )

    n = len(everyone)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = score_all(np.ones(n, dtype=np.int64))
        samples = np.full((n_bootstraps, len(scores)), np.nan)
        for sample in samples:
            of_folds = score_all(rng.multinomial(n, np.full(n, 1 / n)))
            known = ~np.isnan(of_folds)
            sample[:] = np.where(known, of_folds, 0).sum(axis=1) / known.sum(axis=1)
    return scores, samples


def _score(scorer, target, p, classes, X=None):
    if isinstance(scorer, str):  # several of that kind know no labels but 0 and 1
        scorer, classes = get_scorer(scorer), np.array([0, 1])
    given = _GivenClasses(classes, np.column_stack([1 - p, p]))
    X = np.empty((len(p), 0)) if X is None else X
    return scorer(given, X, classes[target])


def _prepare(scorer, target, p, classes, student, X=None, column=None):
    """Return a function that scores a sample, from how often each student is drawn."""
    if isinstance(scorer, str) and scorer in _FAST:
        return _FAST[scorer](target, p, student)
    n_students = student.max() + 1

    def score(drawn):
        times = drawn[student]
        if len(np.unique(target[times > 0])) < 2:
            return np.nan
        copies = [np.flatnonzero(times > copy) for copy in range(times.max())]
        rows = np.concatenate(copies)
        sample = X
        if X is not None:
            copy = np.repeat(np.arange(len(copies)), [len(own) for own in copies])
            sample = _take(X, rows, column, student[rows] + n_students * copy)
        return _score(scorer, target[rows], p[rows], classes, sample)

    return score


def _take(X, rows, column, student):
    """Return rows of X, each copy of a student under a name of its own."""
    sample = take_samples(X, rows)
    if column is not None:
        sample = sample.copy()
        sample[column] = student
    return sample


# Scikit-learn judges its input for a fifth of a second per score of 300,000 rows, many
# times what a sample of rows that were judged before needs. Hence the scores most asked
# for in our words; the tests hold them to scikit-learn's.


def _prepare_roc_auc(target, p, student):
    """Sort once; P(p of a right row > p of a wrong one), equal ones counting half."""
    by_p = np.argsort(p, kind="stable")
    wrong, right = (by_p[target[by_p] == answer] for answer in (0, 1))
    below = np.searchsorted(p[wrong], p[right])
    not_above = np.searchsorted(p[wrong], p[right], side="right")
    wrong, right = student[wrong], student[right]

    def score(drawn):
        drawn = drawn.astype(float)
        n_right, n_wrong = drawn[right], np.append(0, np.cumsum(drawn[wrong]))
        pairs = n_right @ (n_wrong[below] + n_wrong[not_above])
        return pairs / (2 * n_right.sum() * n_wrong[-1])

    return score


def _prepare_mean(score_rows):
    """Score by a mean over rows, of which only the sums by student are needed."""

    def prepare(target, p, student):
        n_rows = np.bincount(student)
        total = np.bincount(student, score_rows(target, p))
        return lambda drawn: (drawn @ total) / (drawn @ n_rows)

    return prepare


def _log_likelihood(target, p):
    tiny = np.finfo(p.dtype).eps  # as in log_loss
    return np.log(np.clip(np.where(target == 1, p, 1 - p), tiny, 1 - tiny))


_FAST = {
    "roc_auc": _prepare_roc_auc,
    "neg_log_loss": _prepare_mean(_log_likelihood),
    "neg_brier_score": _prepare_mean(lambda target, p: -((target - p) ** 2)),
    "accuracy": _prepare_mean(lambda target, p: (p > 0.5) == target),
}
