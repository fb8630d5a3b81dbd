"""Small fitted estimators of every kind, each fitted once."""

import numpy as np
import torch
from sklearn.base import clone

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
    SequenceRegressor,
    TransferClassifier,
)
from sktrace.model_selection import HistoryClassifier
from sktrace.preprocessing import PriorCounts

from .._sequence_data import make_padded
from ..conftest import BELOW_HALF, SMALL, make_log

LOG = make_log()
_rng = np.random.default_rng(3)
LOG["item_id"] = _rng.integers(0, 4, len(LOG)).astype(str)
LOG["seconds"] = LOG["order_id"] * 60.0
LOG["hard"] = _rng.normal(size=len(LOG))
LOG["took"] = _rng.normal(size=len(LOG))
LOG["group"] = np.where(LOG["user_id"] % 2 == 0, "a", "b")
WIDE = {"item": "item_id", "time": "seconds", "features": "hard"}
WIDE |= {"past_features": ["took"]}
BKT = {"bounds": BELOW_HALF, "n_restarts": 1, "random_state": 0}
OWN = {"optimizer__momentum": 0.9, "criterion": torch.nn.BCEWithLogitsLoss}
OWN = {"net_params": OWN, "optimizer": torch.optim.SGD, "lr_schedule": None}
GROUPED = {"item": "item_id", "learn_group": "group", "prior_group": "group"}

TRACERS = {
    "mean by item": MeanClassifier(by="item", item="item_id"),
    "AFM": AFMClassifier(student_effect="fixed"),
    "PFA with columns": PFAClassifier(**WIDE),
    "Rasch": RaschClassifier(item="item_id", model="2pl"),
    "BKT": BKTClassifier(**BKT),
    "BKT grouped": BKTClassifier(forget=True, time="seconds", **GROUPED, **BKT),
    "DKT": DKTClassifier(
        cell="lstm", num_layers=2, early_stopping=True, device="cpu", **SMALL
    ),
    "DKT with columns": DKTClassifier(readout="mlp", **OWN, **WIDE, **SMALL),
    "blend": BlendClassifier(
        [("pfa", PFAClassifier()), ("dkt", DKTClassifier(**SMALL)), ("bkt", "drop")],
        weights=[2, 1, 0],
        random_state=np.random.RandomState(4),
    ),
    "transfer": TransferClassifier(item="item_id"),
    "history": HistoryClassifier(PFAClassifier()),
}
SEQUENCES, _ = make_padded(n=12)
OUTCOME = np.tile([0.0, 1.0, 2.0], 4)
LONG = LOG[["user_id", "hard", "took"]].assign(order_id=np.arange(len(LOG)))


def fit_all():
    """Return every estimator by name, fitted, with the X that it is asked about."""
    fitted = {
        name: (clone(tracer).fit(LOG, LOG["correct"]), LOG)
        for name, tracer in TRACERS.items()
    }
    small = {"hidden_size": 4, "max_epochs": 1, "random_state": 0}
    many = {"task": "many-to-one", **small}
    two = np.column_stack([OUTCOME, -OUTCOME])
    for name, estimator, X, y in [
        ("DKT of numbers", DKTClassifier(**many), SEQUENCES, OUTCOME),
        ("DKT of answers", DKTClassifier(**many), *_answered()),
        ("regressor", SequenceRegressor(**small), LONG, LONG["took"].cumsum()),
        ("regressor of sequences", SequenceRegressor(**many), SEQUENCES, two),
        ("counts", PriorCounts(), LOG, None),
    ]:
        fitted[name] = estimator.fit(X, y), X
    return fitted


def _answered():
    """Return whole sequences of interactions, and an outcome of each."""
    columns = ["order_id", "skill_name", "correct"]
    of_students = [own[columns] for _, own in LOG.groupby("user_id")]
    return of_students, np.arange(len(of_students)) % 2


def ask(estimator, X):
    """Return what an estimator says of X."""
    for method in ("predict_proba", "predict", "transform"):
        if hasattr(estimator, method):
            return np.asarray(getattr(estimator, method)(X))
    raise AssertionError(f"{estimator} says nothing")
