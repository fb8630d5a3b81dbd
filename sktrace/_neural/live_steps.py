"""One step of a network in numpy: torch takes far longer to begin each operation.

What the first layer reads of an answer is linear in its embedding, so it is worked out
once for each of them: a table of gates by answer code. Numbers of further columns add
to it by a matrix of their own.
"""

import numpy as np

__all__ = ["ArrayNetwork"]

# OpenBLAS shares a product of matrix and vector among threads from 9,216 weights on,
# and then waits for them. A stack of smaller ones is as quick, and keeps to one.
_WEIGHTS_AT_A_TIME = 8192


def _sigmoid(x):
    """Return 1 / (1 + exp(-x)) in place, quicker than `expit` in single precision."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5
    return x


def _rnn(read, told, memory, bias):
    return np.tanh(read + told)[None]


def _gru(read, told, memory, bias):
    (h,) = memory
    size = h.shape[-1]
    gates = _sigmoid(read[..., : 2 * size] + told[..., : 2 * size])
    reset, update = gates[..., :size], gates[..., size:]
    new = np.tanh(read[..., 2 * size :] + reset * (told[..., 2 * size :] + bias))
    return (new + update * (h - new))[None]


def _lstm(read, told, memory, bias):
    size = memory.shape[-1]
    gates = read + told
    new = np.tanh(gates[..., 2 * size : 3 * size])
    enter, leave = _sigmoid(gates[..., : 2 * size]), _sigmoid(gates[..., 3 * size :])
    cell = enter[..., size:] * memory[1] + enter[..., :size] * new
    return np.stack([leave * np.tanh(cell), cell])


_CELLS = {"RNN": _rnn, "GRU": _gru, "LSTM": _lstm}


class Product:
    """A matrix by which vectors, or rows, are multiplied: ``x @ weight.T``."""

    def __init__(self, weight):
        n_out, n_in = weight.shape
        self.weight = weight
        # The most rows at a time whose number divides that of all.
        most = max(1, _WEIGHTS_AT_A_TIME // max(1, n_in))
        n = next(n for n in range(min(most, n_out), 0, -1) if n_out % n == 0)
        self.parts = weight.reshape(-1, n, n_in)

    def __call__(self, x):
        if x.ndim == 1:
            return (self.parts @ x).reshape(-1)
        return x @ self.weight.T


def _multiply(weight, x):
    """Return ``weight @ x``, some rows at a time."""
    at_once = max(1, _WEIGHTS_AT_A_TIME // len(x))
    if len(weight) <= at_once:
        return weight @ x
    starts = range(0, len(weight), at_once)
    return np.concatenate([weight[start : start + at_once] @ x for start in starts])


class Layer:
    """A recurrent layer: its gates are what it reads and what its state tells.

    The biases of both are added to what is read, but for that part of a GRU's which its
    reset gate multiplies, too.
    """

    def __init__(self, cell, weights, biases):
        self.cell, self.read, self.told = cell, *map(Product, weights)
        self.read_bias, told_bias = biases
        n_added = len(told_bias) * 2 // 3 if cell == "GRU" else len(told_bias)
        self.read_bias[:n_added] += told_bias[:n_added]
        self.bias = told_bias[n_added:]

    def follow(self, read, memory):
        """Return what is left after gates were read, (n_parts, ..., hidden)."""
        return _CELLS[self.cell](read, self.told(memory[0]), memory, self.bias)


class ArrayNetwork:
    """What a `DKTModule` does at a step, for one student or for many side by side.

    A memory has the shape (n_layers, n_parts, ..., hidden): an LSTM has two parts, its
    state and its cell. All is in single precision, as in training.

    Parameters
    ----------
    module : DKTModule
        Trained; its numbers are copied.
    """

    def __init__(self, module):
        answers = _array(module.answers.rows)
        self.layers = [
            _layer(module.rnn, number) for number in range(module.rnn.num_layers)
        ]
        self.hidden_size = module.rnn.hidden_size
        first = self.layers[0]
        weight = first.read.weight.astype(np.float64)
        self.table = _single(answers @ weight.T + first.read_bias)
        self.numbers = None
        if module.read_numbers is not None:
            wrong, right = np.split(_array(module.read_numbers.linear.weight), 2, 1)
            self.numbers = _single(np.stack([(weight @ w).T for w in (wrong, right)]))
        self.items = self.slopes = None
        if module.items is not None:
            rows = _array(module.items.table.weight) * _array(module.items.share)
            self.items = _single(rows), module.items.place.cpu().numpy().copy()
        if module.slopes is not None:
            self.slopes = _linear(module.slopes)
        readout = module.readout
        linear = getattr(readout, "linear", readout)
        self.weight = _single(_array(linear.weight.rows))
        self.bias = _single(_array(linear.bias.rows))[:, 0]
        self.mlp = None
        if linear is not readout:
            self.mlp = _mlp(readout)

    def begin(self, n=()):
        """Return the memory of those who have read nothing."""
        n_parts = 2 if self.layers[0].cell == "LSTM" else 1
        shape = (len(self.layers), n_parts, *n, self.hidden_size)
        return np.zeros(shape, dtype=np.float32)

    def read(self, inputs):
        """Return the gates that each of some answers gives the first layer.

        Parameters
        ----------
        inputs : dict of str to ndarray of shape (n_answers, ...)
            Codes of ``"answer"``; numbers ``"before"`` and ``"after"`` it, and the code
            of its ``"item"``, where they are read.
        """
        codes = inputs["answer"]
        gates = self.table[codes]
        if self.numbers is None:
            return gates
        numbers = self._before(inputs)
        if inputs["after"].shape[-1]:
            numbers = np.concatenate([inputs["after"], numbers], axis=-1)
        # What is not known, of a start token all, is read as 0.
        numbers = np.where(np.isnan(numbers), 0, numbers).astype(np.float32)
        if len(codes) == 1:
            gates += numbers @ self.numbers[codes[0] % 2]
            return gates
        right = (codes % 2).astype(np.float32)[:, None]
        told = np.concatenate([numbers * (1 - right), numbers * right], axis=1)
        gates += told @ self.numbers.reshape(told.shape[1], -1)
        return gates

    def follow(self, gates, memory):
        """Return the memory after the gates of one step were read."""
        after = np.empty_like(memory)
        for number, layer in enumerate(self.layers):
            after[number] = layer.follow(gates, memory[number])
            if number + 1 < len(self.layers):
                above = self.layers[number + 1]
                gates = above.read(after[number, 0]) + above.read_bias
        return after

    def step(self, inputs, memory):
        """Read the inputs of one moment of one student."""
        gates = self.read(inputs)
        gates = gates[0] if len(gates) == 1 else gates.mean(axis=0)
        return self.follow(gates, memory)

    def ask(self, memory, asked):
        """Return the logit of each of some questions to one student, float64.

        Parameters
        ----------
        memory : ndarray of shape (n_layers, n_parts, hidden)
        asked : dict of str to ndarray of shape (n_questions, ...)
            Codes of each ``"skill"``, and what is known before the answers.
        """
        h, skill = memory[-1, 0], asked["skill"]
        logits = _multiply(self.weight[skill], h) + self.bias[skill]
        if self.mlp is not None:
            logits += self._ask_mlp(h, skill)
        if self.slopes is not None:
            weight, bias = self.slopes
            logits += _single(self._before(asked)) @ (weight @ h + bias)
        return logits.astype(np.float64)

    def _ask_mlp(self, h, skill):
        skills, (weight, bias), (inner, inner_bias), (outer, outer_bias) = self.mlp
        s = skills[skill]
        z = np.broadcast_to(weight @ h + bias, s.shape)
        joined = np.concatenate([z, s, z * s], axis=-1)
        hidden = np.maximum(joined @ inner.T + inner_bias, 0)
        return (hidden @ outer.T + outer_bias)[:, 0]

    def _before(self, known):
        """Return the numbers known before an answer, the item's vector last."""
        if self.items is None:
            return known["before"]
        rows, place = self.items
        return np.concatenate([known["before"], rows[place[known["item"]]]], axis=-1)


def _layer(rnn, number):
    """Return a layer of a recurrent module of torch."""
    weights, bias = (
        [_single(_array(getattr(rnn, f"{kind}_{of}_l{number}"))) for of in ("ih", "hh")]
        for kind in ("weight", "bias")
    )
    return Layer(rnn.mode.partition("_")[0], weights, bias)


def _mlp(readout):
    """Return tables and matrices of an `MLPReadout`."""
    inner, _, outer = readout.mlp
    parts = map(_linear, (readout.project, inner, outer))
    return _single(_array(readout.skill.rows)), *parts


def _linear(module):
    return _single(_array(module.weight)), _single(_array(module.bias))


def _array(tensor):
    return tensor.detach().cpu().numpy().astype(np.float64)


def _single(values):
    return np.asarray(values, dtype=np.float32)
