"""Fitted to coin tosses, a tracer must know nothing."""

import numpy as np

from .._interactions.numbers import find_missing
from .._scores.auc import auc_of_pairs
from .findings import FAULT, PASSED, UNCHECKED, Finding
from .probe import like

__all__ = ["check_randomised_answers"]

CHECK = "randomised answers"
MOST_DEVIATIONS = 4.0  # by chance once in some 16,000 audits
ROWS = 200_000  # predicted in all, and in at most MOST_TOSSES repetitions
SECONDS = 60  # of fits in all, as the first fit took
MOST_TOSSES = 10


def check_randomised_answers(subject, n_repeats, rng):
    """Refit where every answer is a coin toss; yield what is scored.

    Each row is tossed by itself, in what is learnt, in the history and in what is
    scored. Whoever predicts the tosses has seen them.
    """
    if subject.estimator is None:
        reason = "Predictions alone cannot be fitted again: pass the estimator."
        yield Finding(CHECK, UNCHECKED, reason)
        return
    if n_repeats == "auto":
        affordable = min(ROWS / len(subject.X), SECONDS / max(subject.seconds, 1))
        n_repeats = int(np.clip(affordable, 1, MOST_TOSSES))
    aucs, told = [], []
    for _ in range(n_repeats):
        train, train_target = _toss(subject, subject.X_train, subject.y_train, rng)
        test, target = _toss(subject, subject.X, subject.y, rng)
        p = subject.ask(test, subject.fit(train, train_target))
        known = ~np.isnan(target) & ~np.isnan(p)
        aucs.append(auc_of_pairs(target[known], p[known]))
        told.append((target[known], p[known]))
    deviations = count_deviations(*map(np.concatenate, zip(*told, strict=True)))
    auc, n_rows = np.mean(aucs), sum(len(target) for target, _ in told)
    said = (
        f"Refitted on coin tosses, it scores an AUC of {auc:.3f} (mean of {n_repeats}, "
        f"{n_rows:,} rows), {deviations:.1f} standard deviations from knowing nothing."
    )
    if not abs(deviations) > MOST_DEVIATIONS:
        yield Finding(CHECK, PASSED, said, auc)
        return
    yield Finding(
        CHECK,
        FAULT,
        said + " It has seen what it predicts.",
        auc,
        repair="Look for answers among its features, for a choice (of an epoch, of a "
        "setting) by the very rows that are scored, and at what else this audit found.",
    )


def count_deviations(target, p):
    r"""Return how far p and tosses go together, in standard deviations.

    Of tosses :math:`y_t` and predictions :math:`p_t` that have seen earlier tosses
    only, :math:`\sum (p_t - 1/2) (y_t - 1/2)` is a martingale: its mean is 0, and its
    variance :math:`\sum (p_t - 1/2)^2 / 4`, whatever the histories. An AUC is not:
    within a student it is a little below one half, since of two tosses the later is
    predicted from the earlier.
    """
    away = p - 0.5
    deviation = np.sqrt(np.square(away).sum()) / 2
    return float(away @ (target - 0.5) / deviation) if deviation > 0 else 0.0


def _toss(subject, X, y, rng):
    """Return rows with random answers, and these as targets."""
    target = np.where(np.isnan(y), np.nan, rng.integers(0, 2, len(y)))
    column = subject.columns.correct
    if column is None:
        return X, target
    known = ~find_missing(X[column]) & ~np.isnan(target)
    values = X[column].astype(object).to_numpy(copy=True)
    wrong, right = subject.answers
    values[known] = np.where(target[known] == 1, right, wrong)
    return X.assign(**{column: like(X[column], values)}), target
