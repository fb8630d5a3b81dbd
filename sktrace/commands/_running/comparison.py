"""Cross-validation of all tracers on one log."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from ... import MeanClassifier
from ...metrics import question_level
from ...model_selection import StudentKFold, TracerComparison
from .._reading.items import ITEM
from .folds import check_folds, predict_folds

__all__ = ["METRICS", "Comparison", "cross_validate_tracers", "score"]

METRICS = {
    "roc_auc": "AUC",
    "roc_auc_by_question": "AUC by question",
    "neg_log_loss": "log loss",
    "accuracy": "accuracy",
}


class Comparison(NamedTuple):
    """What cross-validation said of each tracer."""

    results: dict  # tracer to test_<metric> by fold, as cross_validate returns
    predictions: dict  # tracer to P(correct) of each row, by a fold that never saw it
    fold: np.ndarray  # of each row, from 1 on
    seconds: dict  # tracer to the time of all folds
    warned: dict  # tracer to the texts of its warnings
    metric: str  # by which they are ranked
    found: TracerComparison  # by that metric
    failed: dict  # tracers that could not be fitted, to what they said

    def ranking(self):
        """Name the tracers by their mean score, the best first."""
        return self.found.ranking

    def table(self, metrics):
        """Write mean and standard deviation over folds, a row per tracer."""
        names = self.ranking()
        columns = {
            METRICS[metric]: [_spread(self._folds(name, metric)) for name in names]
            for metric in metrics
        }
        columns["vs best"] = [_stand(*own) for own in self._differences()]
        columns["seconds"] = [f"{self.seconds[name]:,.1f}" for name in names]
        return pd.DataFrame(columns, index=pd.Index(names, name="tracer"))

    def headline(self):
        """Say who predicts best, who as well, and whether anything beats the means."""
        return self.found.verdict()

    def marks(self):
        """Say how each is marked: best, level with the one that leads, or not."""
        if not self.found.n_folds:
            return dict.fromkeys(self.ranking(), "")
        level = {"best": "best", "worse": ""}
        return {name: level.get(s, "level") for name, s in self.found.standing.items()}

    def folds_with(self, metric):
        """Mark the folds that have a score: where answers are all alike, none is."""
        return np.isfinite([r[f"test_{metric}"] for r in self.results.values()]).all(0)

    def unknown_folds(self, metrics):
        """Return, by what each score is called, how many folds lack it."""
        lacking = {METRICS[m]: int((~self.folds_with(m)).sum()) for m in metrics}
        return {name: n_folds for name, n_folds in lacking.items() if n_folds}

    def _differences(self):
        """Return the difference to the best, and the standing, of each tracer."""
        return self.found.summary()[["difference", "standing"]].to_numpy().tolist()

    def _folds(self, name, metric):
        """Return the scores by fold; losses are positive."""
        sign = -1 if metric.startswith("neg_") else 1
        return sign * self.results[name][f"test_{metric}"]


def _stand(difference, standing):
    """Write a difference to the best, and what it means."""
    if standing in ("best", "leads") or np.isnan(difference):
        return standing
    if abs(difference) < 0.0005:
        return standing
    return f"{difference:+.3f}, {standing}".replace("-", "−")


def _spread(scores):
    known = scores[~np.isnan(scores)]
    if len(known) < 2:
        return f"{known[0]:.3f}" if len(known) else "unknown"
    return f"{known.mean():.3f} ± {known.std(ddof=1):.3f}"


def cross_validate_tracers(tracers, X, n_folds, seed, metric="roc_auc", **running):
    """Fit every tracer on the same folds of students, and keep what it predicts.

    A tracer that fails is left out, and what it said is told: the work on the others
    is not to be lost for it. `running` says how `predict_folds` goes about it.
    """
    folds = list(StudentKFold(n_folds, shuffle=True, random_state=seed).split(X))
    check_folds(folds, X["correct"])
    done, failed = predict_folds(tracers, X, folds, **running)
    if not done:
        name, said = next(iter(failed.items()))
        raise ValueError(f"No tracer could be fitted to the log. {name} said: {said}")
    results, predictions, seconds, warned = {}, {}, {}, {}
    for name, own in done.items():
        p = predictions[name] = np.full(len(X), np.nan)
        for (_, test), fold in zip(folds, own, strict=True):
            p[test] = fold.p
        scores = pd.DataFrame([score(X.iloc[test], p[test]) for _, test in folds])
        results[name] = {f"test_{key}": scores[key].to_numpy() for key in scores}
        seconds[name] = sum(fold.seconds for fold in own)
        warned[name] = list(dict.fromkeys(t for fold in own for t in fold.warned))
    means = [name for name in results if isinstance(tracers[name], MeanClassifier)]
    merge = merge_questions if metric == "roc_auc_by_question" else keep_rows
    rows, y, merged, cv = merge(X, predictions, folds)
    found = TracerComparison.from_predictions(
        merged, rows, y, cv=cv, baselines=means, random_state=seed
    )
    found = replace(found, metric=METRICS[metric])
    number = number_folds(folds, len(X))
    return Comparison(
        results, predictions, number, seconds, warned, metric, found, failed
    )


def number_folds(folds, n_rows):
    """Return the fold in which each row is predicted, from 1 on."""
    number = np.empty(n_rows, dtype=int)
    for fold, (_, test) in enumerate(folds, start=1):
        number[test] = fold
    return number


def keep_rows(X, predictions, folds):
    """Return what is compared by row: X, its answers, predictions and folds."""
    return X, X["correct"], predictions, folds


def merge_questions(X, predictions, folds):
    """Return the same by question: rows that are one question are one row.

    They have one student and one fold, whose number is therefore their mean.
    """
    number = number_folds(folds, len(X)).astype(float)
    item = ITEM if ITEM in X else None
    values = {"fold": number, "user_id": X["user_id"].factorize()[0], **predictions}
    merged = {
        name: question_level(X, X["correct"], own, item=item)
        for name, own in values.items()
    }
    y, number = merged["fold"]
    cv = [
        (np.flatnonzero(number != fold), np.flatnonzero(number == fold))
        for fold in range(1, len(folds) + 1)
    ]
    rows = pd.DataFrame({"user_id": merged["user_id"][1]})
    return rows, y, {name: merged[name][1] for name in predictions}, cv


def score(X, p):
    """Score predictions on the rows that have an answer; of none, all is unknown."""
    asked = X["correct"].notna().to_numpy()
    if not asked.any():
        return dict.fromkeys(METRICS, np.nan)
    X, p = X[asked], p[asked]
    y = X["correct"].astype(int).to_numpy()
    item = ITEM if ITEM in X else None
    question_y, question_p = question_level(X, y, p, item=item)
    return {
        "roc_auc": _auc(y, p),
        "roc_auc_by_question": _auc(question_y, question_p),
        "neg_log_loss": -log_loss(y, p, labels=[0, 1]),
        "accuracy": accuracy_score(y, p > 0.5),
    }


def _auc(y, p):
    """Return the AUC, NaN where all answers are alike."""
    return roc_auc_score(y, p) if len(np.unique(y)) == 2 else np.nan
