"""Score many samples of students, drawn with replacement."""

import numpy as np
from sklearn.metrics import get_scorer

from .._scores.given import score_given

__all__ = ["bootstrap_scores"]


def bootstrap_scores(scoring, target, p, classes, student, n_bootstraps, rng):
    """Score rows, and samples of the students whose rows they are.

    A sample draws as many students as there are, with replacement, and takes all rows
    of each as often as it was drawn.

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


def _score(scorer, target, p, classes):
    if isinstance(scorer, str):  # several of that kind know no labels but 0 and 1
        scorer, classes = get_scorer(scorer), np.array([0, 1])
    p = np.column_stack([1 - p, p])
    return score_given(scorer, classes[target], p, classes)


def _prepare(scorer, target, p, classes, student):
    """Return a function that scores a sample, from how often each student is drawn."""
    if isinstance(scorer, str) and scorer in _FAST:
        return _FAST[scorer](target, p, student)

    def score(drawn):
        rows = np.repeat(np.arange(len(p)), drawn[student])
        return _score(scorer, target[rows], p[rows], classes)

    return score


# Scikit-learn judges its input for a fifth of a second per score of 300,000 rows, many
# times what a sample of rows that were judged before needs. Hence the scores most asked
# for in our words; the tests hold them to scikit-learn's.


def _prepare_roc_auc(target, p, student):
    """Sort once; P(p of a right row > p of a wrong one), equal ones counting half."""
    ranks, rank = np.unique(p, return_inverse=True)
    wrong, right = (
        (rank[target == answer], student[target == answer]) for answer in (0, 1)
    )

    def score(drawn):
        n_wrong, n_right = (
            np.bincount(rank_of, drawn[whose], len(ranks))
            for rank_of, whose in (wrong, right)
        )
        wrong_below = np.cumsum(n_wrong) - n_wrong / 2
        return (n_right @ wrong_below) / (n_right.sum() * n_wrong.sum())

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
