"""The networks against their equations, written out step by step in numpy."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import expit

from sktrace._interactions.columns import check_interactions
from sktrace._interactions.timeline import Timeline
from sktrace._neural import modules
from sktrace._neural.answer_steps import encode_steps
from sktrace._neural.batches import StepDataset
from sktrace._neural.modules import CELLS, READOUTS, DKTModule

from ..conftest import ROLES, make_log

N_SKILLS = 4
START = 2 * N_SKILLS + 2
HIDDEN = 5
CLOSE = {"rtol": 0, "atol": 1e-10}


@pytest.fixture(params=CELLS)
def cell(request):
    return request.param


@pytest.fixture(params=READOUTS)
def readout(request):
    return request.param


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def build(cell="gru", num_layers=1, readout="linear", dropout=0.4):
    """Build a module in float64, ready to predict, with no zeros in its weights."""
    module = DKTModule(N_SKILLS, cell, HIDDEN, 3, num_layers, dropout, readout)
    for weight in module.parameters():
        torch.nn.init.normal_(weight, std=0.7)
    return module.double().eval().requires_grad_(False)


def weights(module):
    return {name: w.numpy() for name, w in module.state_dict().items()}


def make_steps():
    """Steps of a log of which some moments hold several answers, others none."""
    frame = make_log(n_students=6, n_skills=N_SKILLS)
    hidden = np.random.default_rng(0).uniform(size=len(frame)) < 0.2
    frame["correct"] = frame["correct"].where(~hidden)
    log = check_interactions(frame, ROLES)
    return encode_steps(log, Timeline.of(log), N_SKILLS)


def rnn_cell(w, x, h, c):
    z = w["ih"] @ x + w["b_ih"] + w["hh"] @ h + w["b_hh"]
    return np.tanh(z), c


def gru_cell(w, x, h, c):
    r_x, z_x, n_x = np.split(w["ih"] @ x + w["b_ih"], 3)
    r_h, z_h, n_h = np.split(w["hh"] @ h + w["b_hh"], 3)
    reset, update = expit(r_x + r_h), expit(z_x + z_h)
    new = np.tanh(n_x + reset * n_h)
    return (1 - update) * new + update * h, c


def lstm_cell(w, x, h, c):
    z = w["ih"] @ x + w["b_ih"] + w["hh"] @ h + w["b_hh"]
    into, forget, new, out = np.split(z, 4)
    c = expit(forget) * c + expit(into) * np.tanh(new)
    return expit(out) * np.tanh(c), c


EQUATIONS = {"rnn": rnn_cell, "gru": gru_cell, "lstm": lstm_cell}


def states_by_hand(module, cell, num_layers, steps):
    """Run the recurrence student by student; one state per step."""
    w = weights(module)
    layers = [
        {
            "ih": w[f"rnn.weight_ih_l{layer}"],
            "hh": w[f"rnn.weight_hh_l{layer}"],
            "b_ih": w[f"rnn.bias_ih_l{layer}"],
            "b_hh": w[f"rnn.bias_hh_l{layer}"],
        }
        for layer in range(num_layers)
    ]
    states = []
    for student in range(len(steps.offsets) - 1):
        h, c = np.zeros((2, num_layers, HIDDEN))
        for t in range(steps.offsets[student], steps.offsets[student + 1]):
            codes = steps.inputs["answer"][steps.bags[t] : steps.bags[t + 1]]
            x = w["answers.weight"][codes].mean(axis=0)
            for layer, own in enumerate(layers):
                h[layer], c[layer] = EQUATIONS[cell](own, x, h[layer], c[layer])
                x = h[layer]
            states.append(x.copy())
    return np.array(states)


def linear_by_hand(w, h, skill, prefix="readout."):
    return w[prefix + "weight.weight"][skill] @ h + w[prefix + "bias.weight"][skill, 0]


def mlp_by_hand(w, h, skill):
    z = w["readout.project.weight"] @ h + w["readout.project.bias"]
    s = w["readout.skill.weight"][skill]
    x = np.concatenate([z, s, z * s])
    (w1, b1), (w2, b2) = (
        (w[f"readout.mlp.{layer}.weight"], w[f"readout.mlp.{layer}.bias"])
        for layer in (0, 2)
    )
    logit = w2[0] @ np.maximum(w1 @ x + b1, 0) + b2[0]
    return logit + linear_by_hand(w, h, skill, "readout.linear.")


BY_HAND = {"linear": linear_by_hand, "mlp": mlp_by_hand}


def number_steps(steps, n_before, n_after):
    """Add numbers to steps; the start token has none."""
    rng = np.random.default_rng(0)
    start = steps.inputs["answer"] == START
    numbers = {
        name: np.where(start[:, None], np.nan, rng.normal(size=(len(start), n)))
        for name, n in (("before", n_before), ("after", n_after))
    }
    before = rng.normal(size=(len(steps.row_step), n_before))
    return replace(
        steps,
        inputs={**steps.inputs, **numbers},
        asked={**steps.asked, "before": before},
    )


def in_double(batch):
    """Return a batch whose numbers are as exact as the weights of `build`."""
    named = {
        name: {k: v.double() if v.is_floating_point() else v for k, v in own.items()}
        for name, own in (("inputs", batch.inputs), ("asked", batch.asked))
    }
    return replace(batch, **named)


# --- cells -------------------------------------------------------------------------


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_states_are_those_of_the_equations(cell, num_layers, training):
    module, steps = build(cell, num_layers, dropout=0).train(training), make_steps()
    expected = states_by_hand(module, cell, num_layers, steps)
    data = StepDataset(steps)
    batch, _ = data[np.arange(len(data))]
    found = module.states(batch).view(batch.n_windows, -1, HIDDEN)
    lengths = np.diff(steps.offsets)
    found = np.concatenate([h[:n] for h, n in zip(found, lengths, strict=True)])
    np.testing.assert_allclose(found, expected, **CLOSE)


@pytest.mark.parametrize("num_layers", [1, 2])
def test_logits_are_those_of_the_equations(cell, num_layers, readout):
    module, steps = build(cell, num_layers, readout), make_steps()
    h = states_by_hand(module, cell, num_layers, steps)[steps.row_step]
    w = weights(module)
    expected = [
        BY_HAND[readout](w, *asked)
        for asked in zip(h, steps.asked["skill"], strict=True)
    ]
    data = StepDataset(steps)
    batch, _ = data[np.random.default_rng(1).permutation(len(data))]
    np.testing.assert_allclose(module(batch), np.array(expected)[batch.rows], **CLOSE)


def test_a_batch_of_one_is_a_batch_of_many(cell):
    module, data = build(cell, readout="mlp"), StepDataset(make_steps())
    together, _ = data[np.arange(len(data))]
    alone = torch.cat([module(data[np.array([i])][0]) for i in range(len(data))])
    np.testing.assert_allclose(alone, module(together), **CLOSE)


@pytest.mark.parametrize("num_layers", [1, 2])
def test_steps_one_by_one_lead_to_the_same_states(cell, num_layers):
    module, steps = build(cell, num_layers), make_steps()
    expected = states_by_hand(module, cell, num_layers, steps)
    for student in range(len(steps.offsets) - 1):
        state = None
        for t in range(steps.offsets[student], steps.offsets[student + 1]):
            codes = steps.inputs["answer"][steps.bags[t] : steps.bags[t + 1]]
            state = module.step({"answer": torch.from_numpy(codes)}, state)
            h = state[0] if cell == "lstm" else state
            assert h.shape == (num_layers, 1, HIDDEN)
            np.testing.assert_allclose(h[-1, 0], expected[t], **CLOSE)


def test_a_moment_of_several_answers_is_read_as_their_mean():
    module = build("rnn")
    codes = torch.tensor([0, 3, 3, START])
    x = module.answers.weight[codes].mean(dim=0)
    one_code = build("rnn")
    one_code.load_state_dict(module.state_dict())
    one_code.answers.weight[1] = x
    found = module.step({"answer": codes})
    expected = one_code.step({"answer": torch.tensor([1])})
    np.testing.assert_allclose(found, expected, **CLOSE)


# --- read-outs ---------------------------------------------------------------------


def test_what_a_row_is_told_does_not_depend_on_where_it_stands(readout):
    """To the last bit: rows of one moment stand in the order of their answers."""
    module = build(readout=readout).float()
    steps = make_steps()
    batch = StepDataset(steps)[np.arange(len(steps.offsets) - 1)][0]
    for n_rows in range(1, len(batch) + 1):
        rows = torch.randperm(n_rows)
        few, turned = (
            replace(
                batch,
                row_cell=batch.row_cell[own],
                asked={name: v[own] for name, v in batch.asked.items()},
            )
            for own in (slice(n_rows), rows)
        )
        assert torch.equal(module(few)[rows], module(turned))


def test_every_skill_is_asked_of_every_state(readout):
    module = build(readout=readout)
    h = torch.randn(3, HIDDEN, dtype=torch.float64)
    skills = torch.tensor([2, 0, N_SKILLS, 2])
    expected = torch.stack([module.readout(h, k.expand(3)) for k in skills], dim=1)
    np.testing.assert_allclose(module.ask(h, {"skill": skills}), expected, **CLOSE)


@pytest.mark.parametrize("nameless", [0, 99, 100])
def test_what_no_row_taught_is_the_average_of_what_rows_taught(readout, nameless):
    module = build(readout=readout)
    before = {name: w.clone().numpy() for name, w in module.state_dict().items()}
    n_read = np.array([[1, 0], [0, 2], [3, 4], [0, 0], [nameless, nameless]])
    n_asked = np.array([6, 0, 1, 3, nameless])
    module.fill_untaught(torch.tensor(n_read.ravel()), torch.tensor(n_asked))

    def filled(table, count):
        average = count[:-1] / count[:-1].sum() @ table[:-1]
        untaught = (count == 0) | (np.arange(5) == 4) & (count < 100)
        return np.where(untaught[:, None], average, table)

    for name, after in weights(module).items():
        expected = before[name].copy()
        if name == "answers.weight":
            for answer in (0, 1):  # wrong answers average apart from right ones
                rows = slice(answer, START, 2)
                expected[rows] = filled(expected[rows], n_read[:, answer])
        elif name.startswith("readout") and len(after) == N_SKILLS + 1:
            expected = filled(expected, n_asked)
        np.testing.assert_allclose(after, expected, err_msg=name, **CLOSE)


def test_with_one_skill_in_training_every_skill_is_that_skill(readout):
    module = build(readout=readout)
    n_asked = torch.tensor([0, 0, 9, 0, 0])
    module.fill_untaught(n_asked.repeat_interleave(2), n_asked)
    h = torch.randn(3, HIDDEN, dtype=torch.float64)
    logits = module.ask(h, {"skill": torch.tensor([2, 0, N_SKILLS])})
    np.testing.assert_allclose(logits[:, :1].expand(3, 3), logits, **CLOSE)
    for answer in (0, 1):
        known, unknown = ({"answer": torch.tensor([k + answer])} for k in (4, 8))
        np.testing.assert_allclose(module.step(known), module.step(unknown), **CLOSE)


# --- dropout -----------------------------------------------------------------------


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_dropout_acts_in_training_alone(cell, dropout):
    module = build(cell, num_layers=2, dropout=dropout)
    batch, _ = StepDataset(make_steps())[np.arange(6)]
    calm = module(batch)
    np.testing.assert_array_equal(module(batch), calm)
    torch.manual_seed(1)
    trained = module.train()(batch)
    assert torch.allclose(trained, calm) == (dropout == 0)


# --- training ----------------------------------------------------------------------


@pytest.mark.parametrize("n_numbers", [0, 2])
def test_training_has_the_logits_and_the_gradients_of_torch_layers(
    monkeypatch, n_numbers
):
    sizes = {"n_before": n_numbers, "n_after": n_numbers}
    module = DKTModule(N_SKILLS, "gru", HIDDEN, 3, 2, 0, "linear", **sizes)
    module.double().train()
    data = StepDataset(number_steps(make_steps(), **sizes))
    batch, _ = data[np.arange(len(data))]
    batch = in_double(batch)
    assert (torch.diff(batch.bags) > 1).any()  # moments of several answers

    monkeypatch.setattr(modules, "LEAST_STEPS", 0)

    def learn():
        module.zero_grad()
        logits = module(batch)
        logits.square().sum().backward()
        return logits.detach(), [weights.grad for weights in module.parameters()]

    own = learn()
    monkeypatch.setattr(modules, "is_gru_on_cpu", lambda rnn: False)
    torch.testing.assert_close(own, learn(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("n_numbers", [0, 2])
def test_prediction_has_the_logits_of_torch_layers(monkeypatch, n_numbers):
    sizes = {"n_before": n_numbers, "n_after": n_numbers}
    module = DKTModule(N_SKILLS, "gru", HIDDEN, 3, 2, 0, "linear", **sizes)
    module.double().eval()
    data = StepDataset(number_steps(make_steps(), **sizes))
    batch = in_double(data[np.argsort(-data.lengths)][0])
    logits = []
    for least in (0, np.inf):
        monkeypatch.setattr(modules, "LEAST_NUMBERS", least)
        with torch.no_grad():
            logits.append(module(batch))
    assert not torch.equal(*logits)  # it is another route
    torch.testing.assert_close(*logits, rtol=0, atol=1e-12)
