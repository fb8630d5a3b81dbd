"""Ctrl-C while a network is trained: it ends what was called, and nothing is lost."""

import copy

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_validate
from skorch.callbacks import Callback, EarlyStopping

from sktrace import BlendClassifier, DKTClassifier, MeanClassifier, SequenceRegressor
from sktrace.model_selection import HistoryClassifier, StudentKFold

from .._sequence_data import SMALL_BATCHES
from ..conftest import make_log, proba, small_dkt
from ._courses import OF_OUTCOMES, make_courses, make_sequences

LONG = {"max_epochs": 9, "lr_schedule": None, "batch_size": 3}


class CtrlC(Callback):
    """Presses Ctrl-C at one moment of training, in an epoch."""

    def __init__(self, epoch, moment="on_batch_end"):
        self.epoch, self.moment = epoch, moment

    def press(self, moment, net):
        if moment == self.moment and len(net.history) in (0, self.epoch):
            raise KeyboardInterrupt

    def on_train_begin(self, net, **kwargs):
        self.press("on_train_begin", net)

    def on_batch_end(self, net, **kwargs):
        self.press("on_batch_end", net)

    def on_grad_computed(self, net, **kwargs):
        self.press("on_grad_computed", net)

    def on_epoch_end(self, net, **kwargs):
        self.press("on_epoch_end", net)


def interrupt(estimator, X, y, method="fit"):
    with pytest.raises(KeyboardInterrupt) as raised:
        getattr(estimator, method)(X, y)
    return str(raised.value)


@pytest.mark.parametrize("moment", ["on_grad_computed", "on_batch_end", "on_epoch_end"])
def test_what_whole_epochs_taught_is_kept(log, moment):
    tracer = small_dkt(callbacks=[CtrlC(3, moment)], **LONG)
    message = interrupt(tracer, log, log["correct"])
    assert "interrupted after 2 of 9 epoch(s)" in message
    with pytest.raises(NotFittedError):
        tracer.predict_proba(log)
    kept = tracer.interrupted_
    assert kept.n_iter_ == len(kept.history_) == 2
    assert kept.get_params() == tracer.get_params()
    short = small_dkt(**LONG | {"max_epochs": 2}).fit(log, log["correct"])
    np.testing.assert_array_equal(proba(kept, log), proba(short, log))


def test_what_is_kept_can_be_trained_on(log):
    tracer = small_dkt(callbacks=[CtrlC(3)], **LONG)
    interrupt(tracer, log, log["correct"])
    kept = tracer.interrupted_.set_params(callbacks=None)
    kept.net_.callbacks_.clear()
    assert kept.partial_fit(log, log["correct"]).n_iter_ == 3


@pytest.mark.parametrize("moment", ["on_train_begin", "on_batch_end", "on_epoch_end"])
def test_without_a_whole_epoch_there_is_nothing_to_keep(log, moment):
    tracer = small_dkt(callbacks=[CtrlC(1, moment)], verbose=1, **LONG)
    interrupt(tracer, log, log["correct"])
    assert vars(tracer).keys() == tracer.get_params().keys()


def test_the_earlier_network_stays(log):
    tracer = small_dkt().fit(log, log["correct"])
    before, learnt = proba(tracer, log), dict(vars(tracer))
    tracer.set_params(callbacks=[CtrlC(3)], **LONG)
    interrupt(tracer, log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), before)
    assert vars(tracer).keys() - learnt.keys() == {"interrupted_"}
    assert not hasattr(tracer.interrupted_, "interrupted_")


def test_what_was_interrupted_is_there_until_the_next_fit_ends(log):
    tracer = small_dkt(callbacks=[CtrlC(3)], **LONG)
    interrupt(tracer, log, log["correct"])
    kept = tracer.interrupted_
    with pytest.raises(ValueError, match="X has no column"):
        tracer.fit(log.drop(columns="correct"), log["correct"])
    assert tracer.interrupted_ is kept
    tracer.set_params(callbacks=[CtrlC(1)])
    interrupt(tracer, log, log["correct"])
    assert not hasattr(tracer, "interrupted_")
    tracer.set_params(callbacks=[CtrlC(3)])
    interrupt(tracer, log, log["correct"])
    tracer.set_params(callbacks=None, max_epochs=2).fit(log, log["correct"])
    assert not hasattr(tracer, "interrupted_")


def test_under_early_stopping_the_best_whole_epoch_is_kept(log):
    params = LONG | {"early_stopping": True, "lr": 0.5}
    tracer = small_dkt(callbacks=[CtrlC(4)], **params | {"patience": 9})
    interrupt(tracer, log, log["correct"])
    kept = tracer.interrupted_
    assert kept.best_epoch_ == kept.history_["valid_loss"].argmin() + 1
    short = small_dkt(**params | {"max_epochs": kept.best_epoch_, "patience": 9})
    short.fit(log, log["correct"])
    np.testing.assert_array_equal(proba(kept, log), proba(short, log))


@pytest.mark.parametrize("own", [False, True])
def test_early_stopping_is_no_interrupt(log, own):
    """Skorch's raises KeyboardInterrupt, too."""
    stopping = EarlyStopping("train_loss", patience=1, lower_is_better=False)
    params = {"callbacks": [stopping]} if own else {"early_stopping": True}
    tracer = small_dkt(max_epochs=50, lr=0.5, patience=1, **params)
    tracer.fit(log, log["correct"])
    assert tracer.n_iter_ < 50


def test_a_partial_fit_is_whole_or_none(log):
    press = CtrlC(0)
    tracer = small_dkt(callbacks=[press]).fit(log, log["correct"])
    untouched, live = copy.deepcopy(tracer), tracer.tracer(log)
    asked = live.predict_proba(3)["skill 1"]
    press.epoch = 3
    interrupt(tracer, log, log["correct"], "partial_fit")
    np.testing.assert_array_equal(proba(tracer, log), proba(untouched, log))
    press.epoch = 0
    for one in (tracer, untouched):
        one.partial_fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), proba(untouched, log))
    assert tracer.n_iter_ == 3
    assert (
        live.predict_proba(3)["skill 1"] == asked
    )  # it goes on by the net it was made of


def test_a_search_ends():
    log = make_log()
    tracer = small_dkt(callbacks=[CtrlC(3)], **LONG)
    folds = StudentKFold(2)
    blend = BlendClassifier([("dkt", tracer), ("mean", MeanClassifier())], n_folds=2)
    search = GridSearchCV(tracer, {"hidden_size": [3, 4]}, cv=folds, error_score=0)
    for estimator in (search, blend, HistoryClassifier(tracer)):
        interrupt(estimator, log, log["correct"])
        assert not hasattr(estimator, "classes_")
        assert not hasattr(estimator, "interrupted_")
    with pytest.raises(KeyboardInterrupt):
        cross_validate(tracer, log, log["correct"], groups=log["user_id"], cv=folds)


@pytest.mark.parametrize(
    ("estimator", "data"),
    [
        (DKTClassifier(**OF_OUTCOMES), make_courses()),
        (SequenceRegressor(task="many-to-one", **SMALL_BATCHES), make_sequences()),
    ],
)
def test_readers_of_whole_sequences_keep_epochs_too(estimator, data):
    X, y = data
    predict = "predict_proba" if hasattr(estimator, "predict_proba") else "predict"
    estimator = clone(estimator).set_params(max_epochs=9, lr_schedule=None)
    short = clone(estimator).set_params(max_epochs=2).fit(X, y)
    estimator.set_params(callbacks=[CtrlC(3)])
    interrupt(estimator, X, y)
    expected = getattr(short, predict)(X)
    np.testing.assert_array_equal(getattr(estimator.interrupted_, predict)(X), expected)
