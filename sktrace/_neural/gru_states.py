"""The GRU of torch, asked on a CPU in some half of its time; `gru` has its equations.

Nothing is kept for a way back: what a block of steps is told by its inputs lies in one
piece of memory, from block to block. A window is not read beyond what is asked of it.
"""

import torch
from torch.nn.functional import pad

from .gru import Inputs

__all__ = ["LEAST_NUMBERS", "count_read", "read_gru"]

# Of a state, in all windows: torch, whose steps are not taken in Python, is faster with
# fewer. Measured with states of 12 to 200 and 10 to 300 steps.
LEAST_NUMBERS = 2**12

# Numbers of a state that are worked on at once: their gates are 0.8 MB.
BLOCK = 2**16


def count_read(batch):
    """Return how many windows of a batch are read at each step, the first so many.

    Parameters
    ----------
    batch : Batch
        Best with its longest windows first.

    Returns
    -------
    list of int
    """
    starts = batch.n_steps * torch.arange(batch.n_windows)
    n_rows = torch.searchsorted(batch.row_cell, starts + batch.n_steps)  # until its end
    last = pad(batch.row_cell, (1, 0), value=-1)[n_rows]
    n_read = last - starts + 1  # less than 1 if nothing is asked of it
    longest = n_read.flip(0).cummax(0).values  # of a window and those behind it
    steps = torch.arange(batch.n_steps)
    n_done = torch.searchsorted(longest, steps, right=True)
    return (batch.n_windows - n_done).tolist()


@torch.no_grad()
@torch.autocast("cpu", enabled=False)  # which would write to gates of another type
def read_gru(gru, inputs, n_read):
    """Return the states of the last layer, (n_windows, n_steps, hidden_size).

    Parameters
    ----------
    gru : nn.GRU
        With biases, one way.
    inputs : Inputs
        Of the first layer.
    n_read : list of int
        At each step the first so many windows go on: never more than the step before.
        States of others are 0.
    """
    first, *others = gru.all_weights
    states = _read_layer(inputs, n_read, *first)
    for weights in others:
        states = _read_layer(Inputs.of(states.transpose(0, 1)), n_read, *weights)
    return states


def _read_layer(inputs, n_read, w, u, b, c):
    (n_steps, n_windows), size = inputs.index.shape, u.shape[1]
    two = [2 * size, size]  # r and z, and n
    c_rz, c_n = c.split(two)
    u_rz, u_n = (part.T.contiguous() for part in u.split(two))
    table = torch.addmm(b, inputs.rows, w.T)
    table[:, : 2 * size] += c_rz
    into = inputs.map_numbers(w)
    n_at_once = max(1, BLOCK // (n_windows * size))
    gates = u.new_empty(n_at_once * n_windows, 3 * size)
    states = u.new_zeros(n_windows, n_steps, size)
    before, after, m = u.new_zeros(3, n_windows, size)
    for first in range(0, n_steps, n_at_once):
        block = slice(first, first + n_at_once)
        index = inputs.index[block].flatten()
        own = gates[: len(index)]
        torch.index_select(table, 0, index, out=own)
        own.addmm_(inputs.numbers[block].flatten(0, 1), into)
        for step, told in enumerate(own.unflatten(0, (-1, n_windows)), first):
            n = n_read[step]
            rz, new = told[:n].split(two, dim=1)
            rz.addmm_(before[:n], u_rz).sigmoid_()
            torch.addmm(c_n, before[:n], u_n, out=m[:n])
            new.addcmul_(rz[:, :size], m[:n]).tanh_()
            torch.lerp(new, before[:n], rz[:, size:], out=after[:n])
            states[:n, step] = after[:n]
            before, after = after, before
    return states
