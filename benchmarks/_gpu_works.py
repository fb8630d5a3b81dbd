"""Section 2 of `gpu.py`: does all that estimators can do work on the device?"""

import copy
import tempfile
import warnings

import numpy as np
import torch
from _gpu_common import CELLS, CLOSE, close, distance, make_class, on_cpu, small, tf32
from skorch.callbacks import Callback

from sktrace import DKTClassifier, SequenceRegressor
from sktrace.datasets import make_course

__all__ = ["estimators", "resume"]


def estimators(report, device):
    """Ask all that estimators can do, of every cell, and compare with the CPU."""
    with warnings.catch_warnings(), tf32(False):
        warnings.simplefilter("error")
        for cell in CELLS:
            asked = {
                "a tracer's answers": _answers,
                "with items, two layers, mlp read-out": _answers_with_items,
                "no row sees its own answer or a later one": _blindness,
                "partial_fit on a copy": _partial_fit,
                "warm_start": _warm_start,
                "early stopping": _early_stopping,
                "checkpoint, killed and resumed": resume,
                "live tracer": _live,
                "regressor, many-to-many": _regressor,
                "regressor, many-to-one": _regressor_of_sequences,
                "classifier, many-to-one": _classifier_of_sequences,
            }
            for what, question in asked.items():
                report.ask(f"{cell}: {what}", question, device, cell)


def _answers(device, cell, **params):
    X, y = make_class()
    tracer = small(device, cell=cell, **params).fit(X, y)
    where = {p.device.type for p in tracer.net_.module_.parameters()}
    assert where == {torch.device(device).type}, f"weights lie on {where}"
    there = on_cpu(tracer)
    ways = ["predict_proba", "predict_next", "knowledge_state"]
    return close(
        max(distance(getattr(tracer, w)(X), getattr(there, w)(X)) for w in ways)
    )


def _answers_with_items(device, cell):
    params = {"num_layers": 2, "readout": "mlp", "item": "item_id"}
    return _answers(device, cell, **params)


def _blindness(device, cell):
    X, y = make_class()
    tracer = small(device, cell=cell).fit(X, y)
    last = ~X.duplicated("user_id", keep="last")
    other = X.assign(correct=X["correct"].where(~last, 1 - X["correct"]))
    found = distance(tracer.predict_proba(X), tracer.predict_proba(other))
    return found <= 1e-6, f"predictions move by {found:.1e}"


def _partial_fit(device, cell):
    X, y = make_class()
    tracer = small(device, cell=cell).fit(X, y)
    before = tracer.predict_proba(X)
    more = copy.copy(tracer).partial_fit(X, y)
    assert distance(tracer.predict_proba(X), before) == 0, "the other has changed"
    moved = distance(more.predict_proba(X), before)
    return moved > 0, f"moves predictions by {moved:.3f}, and those of no other tracer"


def _warm_start(device, cell):
    X, y = make_class()
    tracer = small(device, cell=cell, warm_start=True).fit(X, y).fit(X, y)
    losses = tracer.history_["train_loss"]
    return len(losses) == 6, f"losses {losses.iloc[0]:.3f} to {losses.iloc[-1]:.3f}"


def _early_stopping(device, cell):
    X, y = make_class()
    params = {"early_stopping": True, "max_epochs": 12, "lr": 0.03, "patience": 2}
    tracer = small(device, cell=cell, **params).fit(X, y)
    lowest = tracer.history_["valid_loss"].idxmin() + 1
    text = f"epoch {tracer.best_epoch_} of {tracer.n_iter_} restored"
    return tracer.best_epoch_ == lowest, text


class Killed(Exception):
    """What ends a training."""


class End(Callback):
    """Ends one training in the midst of its second epoch, for all that it is told."""

    has_ended = False

    def on_batch_begin(self, net, **kwargs):
        if len(net.history) == 2 and not End.has_ended:
            End.has_ended = True
            raise Killed


def resume(device, cell, **params):
    X, y = make_class()
    whole = small(device, cell=cell, **params).fit(X, y).predict_proba(X)
    End.has_ended = False
    with tempfile.TemporaryDirectory() as folder:
        more = {"checkpoint": folder, "callbacks": [End()]} | params
        tracer = small(device, cell=cell, **more)
        try:
            tracer.fit(X, y)
        except Killed:
            found = distance(tracer.fit(X, y).predict_proba(X), whole)
            return found == 0, f"{found:.1e} from a training that went through"
    raise RuntimeError("nothing has ended the training")


def _live(device, cell):
    X, y = make_class()
    tracer = small(device, cell=cell).fit(X, y)
    live, found = tracer.tracer(), 0.0
    own = X[X["user_id"] == X["user_id"].iloc[0]].sort_values("order_id")
    expected = tracer.predict_proba(own)[:, 1]
    for row, p in zip(own.itertuples(), expected, strict=True):
        found = max(found, abs(live.predict_proba("ann", [row.skill_name]).iloc[0] - p))
        live.update("ann", row.skill_name, row.correct)
    return found <= CLOSE, f"at most {found:.1e} from predict_proba"


def _params(device, cell):
    more = {"random_state": 0, "device": device, "n_threads": 1}
    return {"cell": cell, "hidden_size": 16, "max_epochs": 3, **more}


def _regressor(device, cell):
    weeks, _ = make_course(n_students=40, n_weeks=8, random_state=0)
    columns = {"features": ["study_hours"], "past_features": ["quiz_grade"]}
    reg = SequenceRegressor(order="week", **columns, **_params(device, cell))
    reg.fit(weeks, weeks["quiz_grade"])
    return close(distance(reg.predict(weeks), on_cpu(reg).predict(weeks)), 1e-4)


def _arrays():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 12, 4), dtype=np.float32)
    return X, X[:, :, 0].mean(axis=1)


def _regressor_of_sequences(device, cell):
    X, y = _arrays()
    reg = SequenceRegressor(task="many-to-one", **_params(device, cell)).fit(X, y)
    return close(distance(reg.predict(X), on_cpu(reg).predict(X)))


def _classifier_of_sequences(device, cell):
    X, y = _arrays()
    clf = DKTClassifier(task="many-to-one", **_params(device, cell))
    clf.fit(X, np.digitize(y, [-0.1, 0.1]))
    return close(distance(clf.predict_proba(X), on_cpu(clf).predict_proba(X)))
