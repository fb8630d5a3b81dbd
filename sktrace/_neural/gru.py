"""The GRU of torch, trained on a CPU in some half of its time.

Weights and equations are those of `torch.nn.GRU`::

    n = tanh(W_n x + b_n + r m)            r = σ(W_r x + b_r + U_r h + c_r)
    m = U_n h + c_n                        z = σ(W_z x + b_z + U_z h + c_z)
    h' = (1 - z) n + z h

The order of the work is another. What inputs say of gates is looked up, where inputs
are rows of a table. Steps are taken in blocks that fit a cache, and each adds to its
gates in place. On the way back, so is all of a block that does not depend on the
gradient of later steps, and the gradient of the weights is one product of matrices for
a block, not one for each step. Gates stand in the order n, r, z, m: the first three
read the input, the last three the state.
"""

from typing import NamedTuple

import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from .dropout import drop

__all__ = ["LEAST_STEPS", "Inputs", "is_gru_on_cpu", "run_gru"]

# With fewer, torch takes less time: tables and turned weights pay over many steps.
LEAST_STEPS = 5

# Numbers of a state that are worked on at once.
BLOCK = 2**16


class Inputs(NamedTuple):
    """What a layer reads: ``x = rows[index] + numbers @ into``."""

    rows: torch.Tensor  # (n_rows, n_inputs)
    index: torch.Tensor  # (n_steps, n_windows)
    numbers: torch.Tensor  # (n_steps, n_windows, n_numbers), perhaps none of them
    into: torch.Tensor | None  # (n_numbers, n_inputs) None: numbers are x themselves

    @classmethod
    def of(cls, x):
        """Return inputs that have nothing in common, (n_steps, n_windows, n_inputs)."""
        index = torch.zeros(x.shape[:2], dtype=torch.int64)
        return cls(x.new_zeros(1, x.shape[2]), index, x, None)

    def map_numbers(self, w):
        """Return what maps numbers to ``w @ x``, (n_numbers, n_outputs)."""
        return w.T if self.into is None else self.into @ w.T

    def gather(self):
        """Return the same inputs from a table that has no more rows than are read."""
        if len(self.rows) <= self.index.numel():
            return self
        index = torch.arange(self.index.numel()).view_as(self.index)
        return self._replace(rows=self.rows[self.index.flatten()], index=index)


def is_gru_on_cpu(rnn):
    """Say whether layers are of the kind that takes less time here than in torch.

    That has a kernel for an LSTM on a CPU, and for all layers on an accelerator.
    """
    return rnn.mode == "GRU" and rnn.weight_hh_l0.device.type == "cpu"


@torch.autocast("cpu", enabled=False)  # which would write to gates of another type
def run_gru(gru, inputs):
    """Return the states of the last layer, (n_steps, n_windows, hidden_size).

    Parameters
    ----------
    gru : nn.GRU
        With biases, one way.
    inputs : Inputs
        Of the first layer.
    """
    h = _run_layer(gru, 0, inputs)
    for layer in range(1, gru.num_layers):
        h = drop(h, gru.dropout) if gru.training else h
        h = _run_layer(gru, layer, Inputs.of(h))
    return h


def _run_layer(gru, layer, inputs):
    w, u, b, c = gru.all_weights[layer]
    c_rz, c_n = c.split([2 * gru.hidden_size, gru.hidden_size])
    w, b = w.roll(gru.hidden_size, 0), b.roll(gru.hidden_size, 0)  # of n, r, z
    table = inputs.rows @ w.T + b + torch.cat([torch.zeros_like(c_n), c_rz])
    into = inputs.map_numbers(w)
    return _Layer.apply(table, inputs.index, inputs.numbers, into, u, c_n)


class _Layer(Function):
    """The states of one layer, from a state of zeros."""

    @staticmethod
    def forward(ctx, table, index, numbers, into, u, c):
        (n_steps, n_windows), size = index.shape, u.shape[1]
        gates = u.new_empty(n_steps, n_windows, 4 * size)
        states = u.new_empty(n_steps + 1, n_windows, size)
        states[0] = 0
        turned = u.T.contiguous()  # so a product with it takes less by a quarter
        for block in _blocks(states):
            own = gates[block].flatten(0, 1)
            said, m = own.split([3 * size, size], dim=1)
            said[:] = table[index[block].flatten()]
            said.addmm_(numbers[block].flatten(0, 1), into)
            m[:] = c
            _step(gates[block], states[block], states[1:][block], turned)
        ctx.save_for_backward(table, index, numbers, into, u, gates, states)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx, by_states):
        table, index, numbers, into, u, gates, states = ctx.saved_tensors
        size = u.shape[1]
        by_table, by_into, by_u = map(torch.zeros_like, (table, into, u))
        by_numbers = torch.empty_like(numbers) if ctx.needs_input_grad[2] else None
        by_c, by_h = u.new_zeros(size), torch.zeros_like(states[0])
        for block in reversed(_blocks(states)):
            by_gates = _slopes(gates[block], states[block])
            kept = gates[block].chunk(4, dim=-1)[2]
            _step_back(by_gates, kept, by_states[block], by_h, u)
            by_gates = by_gates.flatten(0, 1)
            said, m = by_gates.split([3 * size, size], dim=1)
            by_table.index_add_(0, index[block].flatten(), said)
            by_into.addmm_(numbers[block].flatten(0, 1).T, said)
            by_u.addmm_(by_gates[:, size:].T, states[block].flatten(0, 1))
            by_c += m.sum(0)
            if by_numbers is not None:
                by_numbers[block] = (said @ into.T).view_as(numbers[block])
        return by_table, None, by_numbers, by_into, by_u, by_c


def _blocks(states):
    """Return the steps in blocks."""
    n_steps, size = len(states) - 1, max(1, BLOCK // states[0].numel())
    return [slice(i, min(i + size, n_steps)) for i in range(0, n_steps, size)]


def _step(gates, before, after, u):
    """Turn what inputs say of gates into gates, and fill in the states after them."""
    size = len(u)
    n, r, z, m = (gate.unbind() for gate in gates.chunk(4, dim=-1))
    rzm, rz = gates[..., size:].unbind(), gates[..., size : 3 * size].unbind()
    for t, h in enumerate(before.unbind()):
        rzm[t].addmm_(h, u)
        rz[t].sigmoid_()
        n[t].addcmul_(r[t], m[t]).tanh_()
        torch.lerp(n[t], h, z[t], out=after[t])


def _slopes(gates, before):
    """Return how the states rise with what is summed up in each gate."""
    slopes = torch.empty_like(gates)
    n, r, z, m = gates.chunk(4, dim=-1)
    by_n, by_r, by_z, by_m = slopes.chunk(4, dim=-1)
    new = 1 - z
    torch.addcmul(new, n * n, new, value=-1, out=by_n)
    torch.mul(by_n, r, out=by_m)
    torch.sub(before, n, out=by_z).mul_(z).mul_(new)
    torch.mul(by_m, m, out=by_r).mul_(1 - r)
    return slopes


def _step_back(slopes, kept, by_states, by_h, u):
    """Turn slopes into gradients; `by_h` is that of the state after, and before."""
    size = u.shape[1]
    gates, rzm = slopes.unflatten(-1, (4, size)).unbind(), slopes[..., size:].unbind()
    kept, by_states = kept.unbind(), by_states.unbind()
    for t in reversed(range(len(gates))):
        by_h += by_states[t]
        gates[t].mul_(by_h[:, None])
        by_h.mul_(kept[t]).addmm_(rzm[t], u)
