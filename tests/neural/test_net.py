"""The doors to skorch and torch, and what training leaves behind."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone

from sktrace._neural.net import StepNet, resolve_device
from sktrace._neural.seeds import seeded

from ..conftest import small_dkt

# --- doors -------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["SGD", "sgd", torch.optim.SGD])
def test_an_optimizer_is_named_or_given(log, optimizer):
    tracer = small_dkt(optimizer=optimizer).fit(log, log["correct"])
    assert type(tracer.net_.optimizer_) is torch.optim.SGD


@pytest.mark.parametrize("optimizer", ["adamm", "", int, torch.nn.Module, "Optimizer"])
def test_an_unknown_optimizer_is_refused(log, optimizer):
    with pytest.raises(ValueError, match=r"is not known; .*AdamW") as error:
        small_dkt(optimizer=optimizer).fit(log, log["correct"])
    assert str(error.value).startswith(f"optimizer={optimizer!r} ")


@pytest.mark.parametrize("optimizer", ["rprop", "adadelta", "radam", "rmsprop"])
def test_optimizers_need_not_know_weight_decay(log, optimizer):
    small_dkt(optimizer=optimizer, weight_decay=0).fit(log, log["correct"])


def test_net_params_override_what_fit_sets_up(log):
    params = {"optimizer__betas": (0.5, 0.6), "optimizer__weight_decay": 0.3, "lr": 0.2}
    tracer = small_dkt(net_params=params, lr_schedule=None).fit(log, log["correct"])
    group = tracer.net_.optimizer_.param_groups[0]
    assert group["betas"] == (0.5, 0.6)
    assert group["weight_decay"] == 0.3
    assert group["lr"] == 0.2


def test_a_criterion_of_ones_own_may_be_passed(log):
    """A squared error, say, of logits; rows are still weighed by us."""
    params = {"criterion": torch.nn.MSELoss}
    params = {"net_params": params, "skill_numbers": False, "dropout": 0}
    tracer = small_dkt(lr_schedule=None, lr=1e-9, **params)
    tracer.fit(log, log["correct"])
    p = tracer.predict_proba(log)
    loss = np.mean((np.log(p[:, 1] / p[:, 0]) - log["correct"]) ** 2)
    np.testing.assert_allclose(tracer.history_["train_loss"], loss, rtol=1e-4)


def test_a_net_may_be_pickled_before_it_has_weights():
    net = StepNet(torch.nn.Linear, criterion=torch.nn.MSELoss)
    assert not pickle.loads(pickle.dumps(net)).initialized_


@pytest.mark.parametrize("verbose", [0, 1])
def test_a_bar_is_shown_on_request(log, capsys, verbose):
    small_dkt(verbose=verbose).fit(log, log["correct"])
    shown = capsys.readouterr()
    assert shown.out == ""
    if verbose:
        assert "training: 100%" in shown.err
        assert "train_loss=" in shown.err
    else:
        assert shown.err == ""


# --- what is left behind -----------------------------------------------------------


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_fitted_network_holds_no_data(log, early_stopping):
    many = pd.concat([log.assign(user_id=log["user_id"] + 1000 * i) for i in range(40)])
    tracer = small_dkt(batch_size=10**6, early_stopping=early_stopping, verbose=0)
    few = clone(tracer).fit(log, log["correct"])
    lots = clone(tracer).fit(many, many["correct"])
    # But for hashes of eight rows a student, by which splits are noticed.
    hashes = len(pickle.dumps(lots._learnt_))
    assert hashes < 100 * many["user_id"].nunique() + 1000
    del few._learnt_, lots._learnt_
    assert abs(len(pickle.dumps(lots)) - len(pickle.dumps(few))) < 500


def test_a_seed_holds_inside_its_block_alone():
    before = torch.get_rng_state()
    draws = []
    for seed in (0, 0, 1):
        with seeded(seed, "cpu"):
            draws.append(torch.rand(3).tolist())
        assert torch.equal(torch.get_rng_state(), before)
    assert draws[0] == draws[1] != draws[2]


def test_auto_is_the_accelerator_at_hand(monkeypatch):
    for found, device in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda found=found: found)
        assert resolve_device("auto") == device
        assert resolve_device("cpu") == "cpu"


@pytest.mark.parametrize("device", ["abacus", "", "meta", "cuda:99", "xpu:99"])
def test_a_device_that_is_not_there_is_refused(log, device):
    message = rf"^device='{device}' cannot be used; expected 'auto' or one of .*'cpu'"
    for own in (device, *([torch.device(device)] if device == "meta" else [])):
        with pytest.raises(ValueError, match=message):
            small_dkt(device=own).fit(log, log["correct"])


class SquaredError(torch.nn.Module):
    """A loss that has no reduction to choose."""

    def forward(self, input, target):
        return (input - target) ** 2


class MeanSquaredError(SquaredError):
    def forward(self, input, target):
        return super().forward(input, target).mean()


def test_a_criterion_need_not_know_a_reduction(log):
    histories = [
        small_dkt(net_params={"criterion": criterion}).fit(log, log["correct"]).history_
        for criterion in (torch.nn.MSELoss, SquaredError, SquaredError())
    ]
    for history in histories[1:]:
        assert history["train_loss"].equals(histories[0]["train_loss"])


def test_a_criterion_that_averages_is_refused(log):
    for criterion in (MeanSquaredError, torch.nn.BCEWithLogitsLoss()):
        message = r"returned losses of shape \(\); expected \(\d+,\), one per target"
        with pytest.raises(ValueError, match=message):
            small_dkt(net_params={"criterion": criterion}).fit(log, log["correct"])


def test_a_reduction_is_no_net_param(log):
    with pytest.raises(ValueError, match="'criterion__reduction', which fit decides"):
        small_dkt(net_params={"criterion__reduction": "sum"}).fit(log, log["correct"])


@pytest.mark.parametrize("name", ["optimizer", "device", "max_epochs", "batch_size"])
def test_what_fit_decides_is_no_net_param(log, name):
    message = f"net_params holds '{name}', which fit decides; .* Set {name} of the est"
    with pytest.raises(ValueError, match=message):
        small_dkt(net_params={name: None}).fit(log, log["correct"])
