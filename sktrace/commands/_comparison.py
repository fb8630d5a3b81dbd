"""Cross-validation of all tracers on one log, with its progress."""

import time
import warnings
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
from ..model_selection import StudentKFold
from ._columns import ROLES
from ._items import ITEM

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
    metric: str = "roc_auc"  # by which they are ranked

    def ranking(self):
        """Name the tracers by their mean score, the best first."""
        scored = self.folds_with_auc()
        if not scored.any():
            return list(self.results)
        mean = {
            name: self._folds(name, self.metric)[scored].mean() for name in self.results
        }
        return sorted(mean, key=mean.get, reverse=True)

    def table(self, metrics):
        """Write mean and standard deviation over folds, a row per tracer."""
        names = self.ranking()
        columns = {
            METRICS[metric]: [_spread(self._folds(name, metric)) for name in names]
            for metric in metrics
        }
        columns["seconds"] = [f"{self.seconds[name]:,.1f}" for name in names]
        return pd.DataFrame(columns, index=pd.Index(names, name="tracer"))

    def headline(self):
        """Say which tracer is best, and whether in every fold."""
        best, second, *_ = self.ranking()
        scored = self.folds_with_auc()
        auc = self._folds(best, self.metric)[scored]
        ahead = auc - self._folds(second, self.metric)[scored]
        won, n_folds = (ahead > 0).sum(), len(ahead)
        label = METRICS[self.metric]
        if n_folds == 0 or auc.mean() - auc.std() <= 0.5:
            return (
                f"No tracer predicts better than guessing: the highest {label} is "
                f"{_spread(auc)}, of {best}."
            )
        sure = won == n_folds > 2 and ahead.mean() > ahead.std()
        return (
            f"{best} predicts best, with an {label} of {_spread(auc)}. It is ahead of "
            f"{second}, the next, by {_spread(ahead)}, in {won} of {n_folds} folds"
            f"{'' if sure else ': too close to call'}."
        )

    def folds_with_auc(self):
        """Mark the folds that have an AUC: answers that are all alike have none."""
        first = next(iter(self.results.values()))
        return np.isfinite(first["test_roc_auc"])

    def _folds(self, name, metric):
        """Return the scores by fold; losses are positive."""
        sign = -1 if metric.startswith("neg_") else 1
        return sign * self.results[name][f"test_{metric}"]


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


def cross_validate_tracers(tracers, X, n_folds, seed, metric="roc_auc"):
    """Fit every tracer on the same folds of students, and keep what it predicts."""
    folds = list(StudentKFold(n_folds, shuffle=True, random_state=seed).split(X))
    check_folds(folds, X["correct"])
    comparison = Comparison({}, {}, {}, {}, metric)
    with tqdm(total=len(tracers) * n_folds, unit="fold", dynamic_ncols=True) as bar:
        for name, tracer in tracers.items():
            start = time.perf_counter()
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                p = predict_by_folds(name, tracer, X, folds, bar)
            scores = [score(X.iloc[test], p[test]) for _, test in folds]
            scores = pd.DataFrame(scores).add_prefix("test_")
            comparison.results[name] = {key: scores[key].to_numpy() for key in scores}
            comparison.predictions[name] = p
            comparison.seconds[name] = time.perf_counter() - start
            texts = dict.fromkeys(str(warning.message) for warning in warned)
            comparison.warned[name] = list(texts)
    return comparison


def predict_by_folds(name, tracer, X, folds, bar):
    """Predict every row by a tracer that was fitted without its fold."""
    p = np.full(len(X), np.nan)
    for number, (train, test) in enumerate(folds, start=1):
        bar.set_description(f"{name}, fold {number} of {len(folds)}")
        fitted = fit(clone(tracer), X.iloc[train])
        p[test] = fitted.predict_proba(X.iloc[test])[:, 1]
        bar.update()
    return p


def check_folds(folds, y):
    """Refuse folds whose training answers are all alike."""
    for number, (train, _) in enumerate(folds, start=1):
        if y.iloc[train].nunique() < 2:
            raise ValueError(
                f"Without the students of fold {number} of {len(folds)}, all answers "
                "are alike; expected right and wrong ones to train on. Make more "
                "folds, --folds, or others, --seed."
            )


def fit(tracer, X):
    """Fit, and stop if the user did: skorch goes on with a half-trained net."""
    tracer.fit(X, X["correct"])
    for member in getattr(tracer, "estimators_", [tracer]):
        if isinstance(member, DKTClassifier) and member.n_iter_ < member.max_epochs:
            raise KeyboardInterrupt
    return tracer


def score(X, p):
    """Score predictions on the rows that have an answer."""
    asked = X["correct"].notna().to_numpy()
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
