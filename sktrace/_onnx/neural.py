"""A recurrent network, as formulas of a graph."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .step import StepModel
from .values import FLOAT, at, put

__all__ = ["NetworkStep"]

SINGLE = np.dtype(np.float32)  # as networks are trained, and computed here


class NetworkStep(StepModel):
    """What recurrent layers carry on, and what was practised so far.

    ``skill`` and ``item`` are one more than the codes of the last answer's; an item
    that is not known is 0.

    Parameters
    ----------
    dkt : DKTClassifier
        Without times and features.
    """

    def __init__(self, dkt):
        self.module, numbers = dkt.net_.module_, dkt._numbers_
        self.answers = _array(self.module.answers.rows)
        self.layers = _read_layers(self.module.rnn)
        self.kind = self.module.rnn.mode
        self.n_skills = len(dkt.skills_)
        n_memories = 2 if self.kind == "LSTM" else 1
        self.size = self.module.rnn.hidden_size
        self.sizes = {"steps": 1, "memory": n_memories * len(self.layers) * self.size}
        self.of_skills = self.of_items = None
        if numbers is not None and numbers.skills is not None:
            left = np.append(1 - numbers.share[:-1], 0.0)
            self.of_skills = np.append(numbers.skills.difficulty, 0.0) * left, left
            n_codes = self.n_skills + 1
            self.sizes |= {"skill": 1, "right": n_codes, "wrong": n_codes}
        if numbers is not None and numbers.difficulty is not None:
            self.of_items = np.append(numbers.difficulty.difficulty, 0.0)
            n_codes = len(self.of_items)
            self.n_items = n_codes - 1
            on_items = {"right on item": n_codes, "wrong on item": n_codes}
            self.sizes |= {"item": 1, **on_items}
        self.vectors = None
        if self.module.items is not None:
            items = self.module.items
            self.vectors = _array(items.place), _array(items.table.weight * items.share)
        nothing = np.zeros((1, self.sizes["memory"]), dtype=SINGLE)
        self.start = self._recur(self.answers[-1:], nothing)

    def read(self, now, answer):
        """Let the cells read the embedding of an answer, and its numbers."""
        skill, item, right = answer.skill, answer.item, answer.right
        code = 2 * skill + right.astype(np.int64)
        x = at(self.answers, code).squeeze(1)
        if self.of_skills is not None or self.of_items is not None:
            z = self._numbers(now, skill, item).squeeze(1)
            is_right = right.astype(SINGLE)
            z = np.concatenate([z * (1 - is_right), z * is_right], axis=-1)
            x = x + z @ _array(self.module.read_numbers.linear.weight).T
        memory = self._recur(x, self._memory(now)).astype(FLOAT)
        return {"steps": now["steps"] + 1.0, "memory": memory} | self._count(
            now, skill, item, {"right": right, "wrong": 1 - right}
        )

    def ask(self, now, skill, item):
        """Read the last layer's state out for each skill, and add what numbers say."""
        h = self._last_state(now)
        logit = at(self._read_out(h), skill)
        numbers = self._numbers(now, skill, item)
        if numbers is not None:
            weight, bias = map(_array, self.module.slopes.parameters())
            if item is None and self.of_items is not None:
                # The four numbers of an average item, which come first, and its vector,
                # which comes last, are 0.
                weight, bias = weight[4:8], bias[4:8]
            slopes = (h @ weight.T + bias).unsqueeze(1)
            logit = logit + (slopes * numbers).sum(-1)
        return expit(logit.astype(FLOAT))

    def _count(self, now, skill, item, counted):
        """Note on what an answer was, and count it, on an item that is known."""
        then = {}
        if self.of_skills is not None:
            then["skill"] = skill.astype(FLOAT) + 1.0
            for name, more in counted.items():
                then[name] = put(now[name], skill, at(now[name], skill) + more)
        if self.of_items is not None:
            known = np.less(item, self.n_items).astype(FLOAT)
            then["item"] = (item.astype(FLOAT) + 1.0) * known
            for name, more in counted.items():
                field = f"{name} on item"
                counts = at(now[field], item) + more * known
                then[field] = put(now[field], item, counts)
        return then

    def _numbers(self, now, skill, item):
        """Return what `RowNumbers` makes of items and skills, and items' vectors.

        Returns
        -------
        Value of shape (n, m, n_numbers), or None
        """
        parts = []
        if self.of_items is not None and item is not None:
            own = now["item"], now["right on item"], now["wrong on item"]
            parts += _practice(self.of_items, 1.0, *own, item)
        if self.of_skills is not None:
            difficulty, left = self.of_skills
            own = now["skill"], now["right"], now["wrong"]
            parts += _practice(difficulty, left, *own, skill)
        if not parts:
            return None
        parts = [np.concatenate(parts, axis=-1).astype(SINGLE)]
        if item is not None and self.vectors is not None:
            place, rows = self.vectors
            parts.append(at(rows, at(place, item)))
        return np.concatenate(parts, axis=-1)

    def _memory(self, now):
        """Return what is carried on, of a new student from the start token."""
        return np.where(
            np.greater(now["steps"], 0.0), now["memory"].astype(SINGLE), self.start
        )

    def _last_state(self, now):
        """Return the state of the last layer."""
        n_memories = self.sizes["memory"] // self.size
        memories = self._memory(now).split([self.size] * n_memories)
        return memories[len(self.layers) - 1]

    def _recur(self, x, memory):
        """Run all layers once; the memory is the states h, then those c of an LSTM."""
        memories = np.split(memory, self.sizes["memory"] // self.size, -1)
        h, c = memories[: len(self.layers)], memories[len(self.layers) :]
        for layer, weights in enumerate(self.layers):
            if self.kind == "LSTM":
                h[layer], c[layer] = _lstm(x, h[layer], c[layer], weights)
            else:
                cell = _gru if self.kind == "GRU" else _rnn
                h[layer] = cell(x, h[layer], weights)
            x = h[layer]
        return np.concatenate([*h, *c], -1)

    def _read_out(self, h):
        """Return the logit of every skill."""
        readout = self.module.readout
        linear = getattr(readout, "linear", readout)
        weight, bias = _array(linear.weight.rows), _array(linear.bias.rows)
        logit = h @ weight.T + bias.T
        if linear is readout:
            return logit
        state, skill = _linear(h, readout.project), _array(readout.skill.rows)
        inner, _, outer = readout.mlp
        of_state, of_skill, of_both = np.split(_array(inner.weight).T, 3)
        state = state.unsqueeze(1)
        hidden = state @ of_state + (skill @ of_skill + _array(inner.bias))
        hidden = np.maximum(hidden + (state * skill) @ of_both, 0.0)
        return logit + _linear(hidden, outer).squeeze(-1)


class Weights(NamedTuple):
    """Of one recurrent layer, as torch has them: gates one below the other."""

    of_input: np.ndarray  # (n_gates * size, n_inputs)
    of_state: np.ndarray  # (n_gates * size, size)
    input_bias: np.ndarray
    state_bias: np.ndarray


def _read_layers(rnn):
    """Return the weights of each layer."""
    return [Weights(*map(_array, weights)) for weights in rnn.all_weights]


def _array(tensor):
    """Return a tensor of torch as an array."""
    return tensor.detach().cpu().numpy()


def _linear(x, layer):
    return x @ _array(layer.weight).T + _array(layer.bias)


def _rnn(x, h, weights):
    """Return the next state of an Elman cell; equations are those of torch."""
    of_input, of_state = _gates(x, h, weights)
    return np.tanh(of_input + of_state)


def _gru(x, h, weights):
    """Return the next state of a gated recurrent unit."""
    x, own = _gates(x, h, weights)
    (x_reset, x_update, x_new), (reset, update, new) = (
        np.split(gates, 3, axis=-1) for gates in (x, own)
    )
    update = expit(x_update + update)
    new = np.tanh(x_new + expit(x_reset + reset) * new)
    return (1.0 - update) * new + update * h


def _lstm(x, h, c, weights):
    """Return the next state, and memory, of a long short-term memory."""
    of_input, of_state = _gates(x, h, weights)
    gates = np.split(of_input + of_state, 4, axis=-1)
    read, keep, new, show = gates
    c = expit(keep) * c + expit(read) * np.tanh(new)
    return expit(show) * np.tanh(c), c


def _gates(x, h, weights):
    """Return what input and state say of all gates."""
    return (
        x @ weights.of_input.T + weights.input_bias,
        h @ weights.of_state.T + weights.state_bias,
    )


def _practice(difficulty, left, last, right, wrong, code):
    """Return difficulty, practice and whether it was last, each of shape (n, m, 1)."""
    code_or_all = code
    if code is None:
        code_or_all = np.arange(len(difficulty))[np.newaxis]
    is_last = np.equal(last, code_or_all.astype(FLOAT) + 1.0).astype(FLOAT)
    if np.ndim(left):
        left = at(left, code)
    counts = [np.log1p(at(counts, code)) for counts in (right, wrong)]
    numbers = [at(difficulty, code) + 0.0 * is_last, *(left * v for v in counts)]
    return [v.unsqueeze(-1) for v in (*numbers, left * is_last)]
