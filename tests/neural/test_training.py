"""How a DKTClassifier learns: losses, stopping, going on, what it leaves behind."""

import copy

import numpy as np
import pytest
import torch
from scipy.special import expit
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from skorch.callbacks import Callback

from ..conftest import make_log, proba, small_dkt


class GradientSum(torch.optim.Optimizer):
    """Adds up the gradients of an epoch and moves nothing."""

    def __init__(self, params, lr, weight_decay):
        super().__init__(params, {"lr": lr})

    def step(self, closure):
        with torch.enable_grad():
            closure()
        for weight in self.param_groups[0]["params"]:
            total = self.state[weight].get("sum", torch.zeros_like(weight))
            self.state[weight]["sum"] = total + weight.grad

    def sums(self):
        weights = self.param_groups[0]["params"]
        return torch.cat([self.state[weight]["sum"].flatten() for weight in weights])


class Diary(Callback):
    """Notes the epochs, and fails or spies on the way."""

    def __init__(self, fails=False):
        self.fails = fails
        self.epochs, self.lrs = [], []

    def on_epoch_begin(self, net, dataset_train, dataset_valid, **kwargs):
        self.train, self.valid = dataset_train, dataset_valid

    def on_batch_begin(self, net, training, **kwargs):
        if training:
            self.lrs.append(net.optimizer_.param_groups[0]["lr"])

    def on_epoch_end(self, net, **kwargs):
        self.epochs.append(net.history[-1, "epoch"])
        if self.fails:
            raise RuntimeError("a bug")


# --- the loss ----------------------------------------------------------------------


@pytest.mark.parametrize("max_length", [None, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_row_weighs_the_same_whatever_its_batch(log, max_length, weighted):
    weight = np.random.default_rng(0).uniform(size=len(log)) if weighted else None

    def mean_gradient(batch_size):
        tracer = small_dkt(
            optimizer=GradientSum,
            batch_size=batch_size,
            max_length=max_length,
            dropout=0,
            max_epochs=1,
        ).fit(log, log["correct"], sample_weight=weight)
        n_batches = tracer.net_.history[0]["train_batch_count"]
        return tracer.net_.optimizer_.sums() / n_batches, n_batches

    full, n_batches = mean_gradient(1000)
    assert n_batches == 1
    for batch_size in (1, 5):
        found, n_batches = mean_gradient(batch_size)
        assert n_batches > 1
        np.testing.assert_allclose(found, full, rtol=0, atol=1e-7)


@pytest.mark.parametrize("batch_size", [1, 5, 1000])
def test_the_loss_is_the_log_loss_of_the_training_log(log, batch_size):
    y = log["correct"].where(log.index % 5 > 0)  # every fifth row is not asked yet
    X, weight = log.assign(correct=y), np.arange(len(log)) % 3
    params = {"batch_size": batch_size, "dropout": 0}
    # Numbers of skills are others in training: those without one's own answers.
    tracer = small_dkt(optimizer=GradientSum, skill_numbers=False, **params)
    tracer.fit(X, y, sample_weight=weight)
    asked = y.notna()
    loss = log_loss(y[asked], proba(tracer, X)[asked], sample_weight=weight[asked])
    np.testing.assert_allclose(tracer.history_["train_loss"], loss, rtol=1e-5)


def test_training_lowers_the_loss(log):
    tracer = small_dkt(max_epochs=20, dropout=0).fit(log, log["correct"])
    assert tracer.history_["train_loss"].iloc[-1] < tracer.history_["train_loss"][0]
    assert tracer.history_.columns.isin(["train_loss", "dur"]).sum() == 2
    assert "valid_loss" not in tracer.history_
    assert tracer.n_iter_ == len(tracer.history_) == 20


@pytest.mark.parametrize("schedule", ["cosine", None])
def test_the_learning_rate_follows_its_schedule(log, schedule):
    diary = Diary()
    params = {"lr": 0.1, "batch_size": 5, "max_epochs": 3, "callbacks": [diary]}
    tracer = small_dkt(lr_schedule=schedule, **params).fit(log, log["correct"])
    n = 3 * tracer.net_.history[0]["train_batch_count"]
    done = np.arange(n) / n
    expected = 0.1 * (1 if schedule is None else (1 + np.cos(np.pi * done)) / 2)
    np.testing.assert_allclose(diary.lrs, np.broadcast_to(expected, n), rtol=1e-9)


@pytest.mark.parametrize(
    "options", [{"max_length": 1}, {"max_length": None}, {"batch_size": 10**6}]
)
def test_extremes_of_windows_and_batches(log, options):
    tracer = small_dkt(**options).fit(log, log["correct"])
    assert np.isfinite(proba(tracer, log)).all()


def test_long_windows_are_whole_sequences(log):
    whole, long = (small_dkt(max_length=n).fit(log, log["correct"]) for n in (None, 99))
    np.testing.assert_array_equal(proba(whole, log), proba(long, log))


# --- early stopping ----------------------------------------------------------------


@pytest.fixture
def stopped():
    """A network that fits noise, so that its best epoch is an early one."""
    log = make_log(n_students=30, seed=1)
    diary = Diary()
    tracer = small_dkt(
        lr=0.1,
        lr_schedule=None,
        dropout=0,
        max_epochs=40,
        early_stopping=True,
        validation_fraction=0.2,
        callbacks=[diary],
    )
    return tracer.fit(log, log["correct"]), diary


def test_the_weights_of_the_best_epoch_are_restored(stopped):
    tracer, diary = stopped
    p = expit(tracer.net_.predict_rows(diary.valid))
    loss = log_loss(diary.valid.target, p)
    losses = tracer.history_["valid_loss"]
    assert losses.iloc[-1] > losses.min() + 1e-3
    np.testing.assert_allclose(loss, losses.min(), rtol=1e-5)


def test_training_stops_when_patience_ends(stopped):
    tracer, _ = stopped
    losses = tracer.history_["valid_loss"]
    assert tracer.n_iter_ == len(losses) == losses.argmin() + 1 + tracer.patience
    assert tracer.n_iter_ < tracer.max_epochs


def test_callbacks_meet_every_epoch(stopped):
    tracer, diary = stopped
    assert diary.epochs == tracer.history_["epoch"].tolist()


@pytest.mark.parametrize(
    ("fraction", "n_held_out"), [(0.01, 1), (0.25, 3), (0.5, 6), (0.99, 11)]
)
def test_whole_students_are_held_out(fraction, n_held_out):
    log = make_log(n_students=12)
    log["skill_name"] = log["user_id"]  # so that a skill tells whose row it is
    diary = Diary()
    small_dkt(early_stopping=True, validation_fraction=fraction, callbacks=[diary]).fit(
        log, log["correct"]
    )
    train, valid = (
        set(data.steps.asked["skill"]) for data in (diary.train, diary.valid)
    )
    assert len(valid) == n_held_out
    assert train.isdisjoint(valid)
    assert len(train | valid) == 12
    assert len(diary.train.target) + len(diary.valid.target) == len(log)


def test_one_student_cannot_be_held_out(log):
    one = log.assign(user_id="ann")
    with pytest.raises(ValueError, match=r"early_stopping=True .* got 1 student"):
        small_dkt(early_stopping=True).fit(one, one["correct"])


# --- ending early ----------------------------------------------------------------


def test_a_refused_fit_leaves_no_fitted_estimator(log):
    tracer = small_dkt(optimizer="adamm")
    with pytest.raises(ValueError, match="optimizer='adamm' is not known"):
        tracer.fit(log, log["correct"])
    with pytest.raises(NotFittedError):
        tracer.predict_proba(log)


def test_an_error_in_a_callback_leaves_the_earlier_network(log):
    tracer = small_dkt().fit(log, log["correct"])
    before = proba(tracer, log)
    tracer.set_params(callbacks=[Diary(fails=True)])
    with pytest.raises(RuntimeError, match="a bug"):
        tracer.fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), before)
    assert tracer.n_iter_ == len(tracer.history_) == 2


def test_an_error_in_a_callback_leaves_a_network_that_goes_on(log):
    diary = Diary()
    tracer = small_dkt(early_stopping=True, callbacks=[diary]).fit(log, log["correct"])
    untouched = copy.deepcopy(tracer)
    diary.fails = True
    with pytest.raises(RuntimeError, match="a bug"):
        tracer.partial_fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), proba(untouched, log))
    assert tracer.net_.train_split is None
    diary.fails = False
    for one in (tracer, untouched):
        one.partial_fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), proba(untouched, log))


def test_callbacks_keep_what_they_noted(log):
    class Opened(Diary):
        def initialize(self):  # as skorch's own do: begin a blank page
            self.epochs = []
            return self

    diary = Opened()
    tracer = small_dkt(max_epochs=3, callbacks=[diary]).fit(log, log["correct"])
    assert tracer.callbacks == [diary]
    assert diary.epochs == [1, 2, 3]


def test_training_that_diverged_says_so(log):
    dkt = small_dkt(lr=1e30)
    with pytest.raises(ValueError, match=r"Training diverged: .* lr=1e\+30. Lower lr"):
        dkt.fit(log, log["correct"])
    with pytest.raises(NotFittedError):
        dkt.predict_proba(log)
