"""A step in numpy is the step of torch, for every network that DKT can be."""

import numpy as np
import pandas as pd
import pytest
import torch

from sktrace import DKTClassifier
from sktrace._neural.batches import as_tensors
from sktrace._neural.live_module import ModuleNetwork
from sktrace._neural.live_steps import ArrayNetwork
from sktrace._neural.modules import DKTModule

from ..conftest import CLOSE, make_log, small_dkt
from ..tracer._classes import make_class

CELLS = ["gru", "lstm", "rnn"]


def make_module(cell, readout="linear", num_layers=1, **numbers):
    torch.manual_seed(0)
    module = DKTModule(5, cell, 7, 4, num_layers, 0.5, readout, **numbers)
    return module.eval().requires_grad_(False)


def draw_inputs(rng, n, n_before, n_after, n_items):
    inputs = {"answer": rng.integers(0, 12, n)}
    if n_before + n_after or n_items:
        inputs["before"] = rng.normal(size=(n, n_before))
        inputs["after"] = rng.normal(size=(n, n_after))
        inputs["after"][:1] = np.nan  # missing
    if n_items:
        inputs["item"] = rng.integers(-1, n_items, n)
    return inputs


@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("readout", "numbers"),
    [
        ("linear", {}),
        ("mlp", {}),
        ("linear", {"n_before": 4, "share": np.linspace(0, 1, 6)}),
        ("mlp", {"n_before": 3, "n_after": 2, "n_answers": np.array([9, 900, 3000])}),
    ],
    ids=["linear", "mlp", "skill numbers", "items and numbers"],
)
def test_steps_and_questions_are_those_of_the_module(
    cell, num_layers, readout, numbers
):
    module = make_module(cell, readout, num_layers, **numbers)
    network, rng = ArrayNetwork(module), np.random.default_rng(0)
    sizes = (
        numbers.get("n_before", 0),
        numbers.get("n_after", 0),
        len(numbers.get("n_answers", ())),
    )
    ours, theirs = network.begin(), None
    for n in (1, 1, 3, 2, 1) * 8:
        inputs = draw_inputs(rng, n, *sizes)
        ours = network.step(inputs, ours)
        theirs = module.step(as_tensors(inputs), theirs)
        state = module.state(theirs)
        np.testing.assert_allclose(ours[-1, 0], state[0], **CLOSE)
        asked = draw_inputs(rng, 6, *sizes)
        asked["skill"] = np.arange(6)
        expected = module.ask(state, as_tensors(asked))[0]
        np.testing.assert_allclose(network.ask(ours, asked), expected, **CLOSE)


@pytest.mark.parametrize("cell", CELLS)
def test_many_side_by_side_are_each_alone(cell):
    network = ArrayNetwork(make_module(cell, num_layers=2, n_before=4))
    rng, n = np.random.default_rng(0), 5
    many = network.begin((n,))
    alone = [network.begin() for _ in range(n)]
    for _ in range(6):
        inputs = draw_inputs(rng, n, 4, 0, 0)
        many = network.follow(network.read(inputs), many)
        for student in range(n):
            own = {name: v[student : student + 1] for name, v in inputs.items()}
            alone[student] = network.step(own, alone[student])
            np.testing.assert_allclose(many[:, :, student], alone[student], **CLOSE)


def test_a_large_network_follows_a_long_history():
    log = make_class(n_students=3, n_steps=150)
    clf = DKTClassifier(hidden_size=200, max_epochs=1, lr=0.05, random_state=0)
    clf.fit(log, log["correct"])
    live = clf.tracer()
    log = log[log["user_id"] == 0]
    for _, row in log.sort_values("order_id").iterrows():
        live.update(0, row["skill_name"], int(row["correct"]))
    np.testing.assert_allclose(
        live.predict_proba(0), clf.predict_next(log).iloc[0], **CLOSE
    )


def test_no_step_calls_torch(monkeypatch):
    log = make_log()
    live = small_dkt().fit(log, log["correct"]).tracer()

    def refuse(*args, **kwargs):
        raise AssertionError("torch was called")

    for owner, name in [
        (torch.nn.Module, "__call__"),
        (torch, "from_numpy"),
        (torch, "set_num_threads"),
    ]:
        monkeypatch.setattr(owner, name, refuse)
    live.update("ann", "skill 1", 1)
    live.update("ann", ["skill 1", "skill 2"], [0, 1])
    live.update_many(["ann", "bob"], ["skill 1", "skill 2"], [0, 1])
    assert live.predict_proba("ann").between(0, 1).all()


class Other(DKTModule):
    """Of somebody else, who changes what a state is asked."""

    def ask(self, h, asked):
        return super().ask(h, asked) + 1


class OtherDKT(DKTClassifier):
    def _module(self):
        torch.manual_seed(0)
        return Other(len(self.skills_), "lstm", 7, 4, 1, 0.0, "linear")


def test_another_module_is_stepped_by_torch():
    log = make_log()
    clf = OtherDKT(skill_numbers=False, max_epochs=1).fit(log, log["correct"])
    live = clf.tracer(log)
    assert isinstance(live._model.network, ModuleNetwork)
    ours = ArrayNetwork(clf.net_.module_)
    for student, expected in clf.predict_next(log).iterrows():
        p = live.predict_proba(student)
        np.testing.assert_allclose(p, expected, **CLOSE)
        memory = np.stack(live.states_[student][0])[None, :, 0, 0]
        logit = ours.ask(memory, {"skill": np.arange(len(p))})
        np.testing.assert_allclose(p, 1 / (1 + np.exp(-1 - logit)), **CLOSE)
    assert isinstance(p, pd.Series)
