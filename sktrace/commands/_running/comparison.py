"""Cross-validation of all tracers on one log, with its progress."""

import time
import warnings
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from tqdm import tqdm

from .. import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    TransferClassifier,
)
from ..metrics import question_level
from ..model_selection import StudentKFold, TracerComparison
from ._items import ITEM
from ._kept_folds import Fold
from ._roles import ROLES

__all__ = ["METRICS", "Comparison", "cross_validate_tracers", "make_tracers"]

BELOW_HALF = {"guess": (0, 0.5), "slip": (0, 0.5)}  # else known may mean wrong
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


def make_tracers(seed, epochs, columns=(), *, blend=False):
    """Return unfitted tracers by their name.

    Parameters
    ----------
    seed, epochs : int
    columns : list of str
        Columns of the log; items and times among them are named to the tracers that
        read them.
    blend : bool, default=False
        Whether to blend some of them, which takes as long as all others together.
    """
    means = {"skill's mean": "skill", "student's mean so far": "student"}
    if ITEM in columns:
        means["item's mean"] = "item"
    models = {
        "AFM": AFMClassifier(),
        "PFA": PFAClassifier(),
        "BKT": BKTClassifier(bounds=BELOW_HALF, random_state=seed),
        "transfer": TransferClassifier(),
        "DKT": DKTClassifier(max_epochs=epochs, random_state=seed, verbose=1),
    }
    if blend:
        models["blend"] = make_blend(seed, epochs)
    further = {role: ROLES[role][0] for role in ("item", "time")}
    for model in models.values():
        known = further.keys() & model.get_params()
        own = {role: further[role] for role in known if further[role] in columns}
        model.set_params(**own)
    return {
        name: MeanClassifier(by=by, item=ITEM if by == "item" else None)
        for name, by in means.items()
    } | models


def make_blend(seed, epochs):
    """Return the default blend, whose members are set as they are beside it."""
    return BlendClassifier(random_state=seed).set_params(
        bkt__random_state=seed, dkt__random_state=seed, dkt__max_epochs=epochs
    )


def cross_validate_tracers(tracers, X, n_folds, seed, metric="roc_auc", kept=None):
    """Fit every tracer on the same folds of students, and keep what it predicts.

    A tracer that fails is left out, and what it said is told: the work on the others
    is not to be lost for it. `kept` are the `KeptFolds` of an earlier run.
    """
    folds = list(StudentKFold(n_folds, shuffle=True, random_state=seed).split(X))
    check_folds(folds, X["correct"])
    results, predictions, seconds, warned, failed = {}, {}, {}, {}, {}
    with tqdm(total=len(tracers) * n_folds, unit="fold", dynamic_ncols=True) as bar:
        for place, (name, tracer) in enumerate(tracers.items(), start=1):
            try:
                done = list(predict_by_folds(name, tracer, X, folds, bar, kept))
            except OSError:  # such as of the progress bar
                raise
            except Exception as error:
                failed[name] = error
                bar.update(place * n_folds - bar.n)
                continue
            p = np.full(len(X), np.nan)
            for (_, test), own in zip(folds, done, strict=True):
                p[test] = own.p
            scores = [score(X.iloc[test], p[test]) for _, test in folds]
            scores = pd.DataFrame(scores).add_prefix("test_")
            results[name] = {key: scores[key].to_numpy() for key in scores}
            predictions[name] = p
            seconds[name] = sum(own.seconds for own in done)
            warned[name] = list(dict.fromkeys(t for own in done for t in own.warned))
    if not results:
        raise next(iter(failed.values()))
    failed = {name: f"{type(own).__name__}: {own}" for name, own in failed.items()}
    means = [name for name in results if isinstance(tracers[name], MeanClassifier)]
    merge = merge_questions if metric == "roc_auc_by_question" else keep_rows
    rows, y, merged, cv = merge(X, predictions, folds)
    found = TracerComparison.from_predictions(
        merged, rows, y, cv=cv, baselines=means, random_state=seed
    )
    found = replace(found, metric=METRICS[metric])
    return Comparison(results, predictions, seconds, warned, metric, found, failed)


def keep_rows(X, predictions, folds):
    """Return what is compared by row: X, its answers, predictions and folds."""
    return X, X["correct"], predictions, folds


def merge_questions(X, predictions, folds):
    """Return the same by question: rows that are one question are one row.

    They have one student and one fold, whose number is therefore their mean.
    """
    number = np.empty(len(X))
    for fold, (_, test) in enumerate(folds):
        number[test] = fold
    item = ITEM if ITEM in X else None
    values = {"fold": number, "user_id": X["user_id"].factorize()[0], **predictions}
    merged = {
        name: question_level(X, X["correct"], own, item=item)
        for name, own in values.items()
    }
    y, number = merged["fold"]
    cv = [
        (np.flatnonzero(number != fold), np.flatnonzero(number == fold))
        for fold in range(len(folds))
    ]
    rows = pd.DataFrame({"user_id": merged["user_id"][1]})
    return rows, y, {name: merged[name][1] for name in predictions}, cv


def predict_by_folds(name, tracer, X, folds, bar, kept=None):
    """Yield what is predicted of each fold by a tracer that was fitted without it."""
    for number, (train, test) in enumerate(folds, start=1):
        bar.set_description(f"{name}, fold {number} of {len(folds)}")
        fold = kept and kept.read(name, number, len(test))
        if fold is None:
            fold = predict_fold(clone(tracer), X.iloc[train], X.iloc[test])
            if kept is not None:
                kept.keep(name, number, fold)
        yield fold
        bar.update()


def predict_fold(tracer, train, test):
    """Fit to some rows, and predict others."""
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        p = tracer.fit(train, train["correct"]).predict_proba(test)[:, 1]
    if not np.isfinite(p).all():
        raise ValueError(f"{(~np.isfinite(p)).sum():,} predictions are not finite")
    texts = dict.fromkeys(str(warning.message) for warning in caught)
    return Fold(p.astype(np.float64), time.perf_counter() - start, list(texts))


def check_folds(folds, y):
    """Refuse folds whose training answers are all alike."""
    for number, (train, _) in enumerate(folds, start=1):
        if y.iloc[train].nunique() < 2:
            raise ValueError(
                f"Without the students of fold {number} of {len(folds)}, all answers "
                "are alike; expected right and wrong ones to train on. Make more "
                "folds, --folds, or others, --seed."
            )


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
