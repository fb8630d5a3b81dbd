"""All that decides how a training goes on, as plain data, and back.

That are weights, the optimizer's memory, the state of every callback (the schedule, and
how long early stopping has waited, among them), the history, and the generators: that
of batches and, of torch, those of dropout.
"""

import copy
from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch

from .._plain import stored

__all__ = [
    "TRAINED",
    "KeptHistory",
    "epoch_of",
    "load_trained",
    "read_state",
    "renew_generators",
    "write_state",
]

# What training changes of a net, beside its history.
TRAINED = ("module_", "criterion_", "optimizer_")

ITSELF = (type(None), bool, int, float, str)


@stored
class KeptTensor(NamedTuple):
    """A tensor, wherever it was."""

    values: np.ndarray


@stored
class KeptState(NamedTuple):
    """What the ``state_dict`` of some object returns."""

    state: dict


class KeptHistory:
    """The epochs of a history as plain data; each is turned into it once."""

    def __init__(self):
        self.epochs = []

    def of(self, history):
        """Return all epochs of a history, which has grown since the last call."""
        del self.epochs[len(history) :]
        self.epochs += map(_keep_epoch, history[len(self.epochs) :])
        return self.epochs


def _keep_epoch(epoch):
    """Return an epoch, with its batches column by column."""
    batches = [
        {name: _keep_column([batch[name] for batch in run]) for name in names}
        for names, run in _runs_of(epoch.get("batches", []))
    ]
    return {name: _keep(v) for name, v in epoch.items() if name != "batches"} | {
        "batches": batches
    }


def _runs_of(batches):
    """Return runs of batches that record the same things."""
    for names, run in groupby(batches, key=tuple):
        yield names, list(run)


def _keep_column(values):
    values = [*map(_keep, values)]
    if {*map(type, values)} in ({float}, {int}):
        return np.array(values)
    return values


def epoch_of(kept):
    """Return the epoch that was kept."""
    batches = []
    for run in kept["batches"]:
        columns = {
            name: v.tolist() if isinstance(v, np.ndarray) else _take(v)
            for name, v in run.items()
        }
        rows = zip(*columns.values(), strict=True)
        batches += [dict(zip(columns, row, strict=True)) for row in rows]
    return {name: _take(value) for name, value in kept.items()} | {"batches": batches}


def read_state(net, epochs):
    """Return the state of a net in training, or after it, as plain data.

    Parameters
    ----------
    net : StepNet
    epochs : KeptHistory

    Raises
    ------
    TypeError
        If the net, or what was recorded in its history, holds what no file can.
    """
    return {
        "trained": {name: _keep(getattr(net, name).state_dict()) for name in TRAINED},
        "frozen": [  # by a callback, such as skorch's Freezer
            name
            for name, weights in net.module_.named_parameters()
            if not weights.requires_grad
        ],
        "history": epochs.of(net.history),
        "callbacks": [_keep_attributes(callback) for callback in _callbacks_of(net)],
        "batches": copy.deepcopy(net.generator),
        "dropout": _gather(net, _read_generators(net.device)),
    }


def write_state(net, state):
    """Let a net be as it was when its state was read.

    A callback that makes something when training begins, such as a schedule, has it by
    now, if training is to go on.
    """
    for name in TRAINED:
        load_trained(net, name, _take(state["trained"][name]))
    for name, weights in net.module_.named_parameters():
        weights.requires_grad_(name not in state["frozen"])
    net.history = type(net.history)(map(epoch_of, state["history"]))
    for callback, kept in zip(_callbacks_of(net), state["callbacks"], strict=False):
        for name, value in kept.items():
            if isinstance(value, KeptState):
                own = getattr(callback, name, None)
                if own is not None:  # else its training has not begun
                    own.load_state_dict(_take(value.state))
            else:
                setattr(callback, name, _take(value))
    net.generator.set_state(state["batches"].get_state(legacy=False))
    own = net.accelerator.process_index if hasattr(net, "accelerator") else 0
    _write_generators(net.device, state["dropout"][own])


def load_trained(net, name, state):
    """Let a part of a net, of `TRAINED`, be in a state that stood in a file.

    Raises
    ------
    ValueError
        If memory of a fused optimizer has not the size of its weights: its C code does
        not compare them, and would write beyond it.
    """
    part = getattr(net, name)
    part.load_state_dict(state)
    for group in getattr(part, "param_groups", ()):
        for weights in group["params"] if group.get("fused") else ():
            for what, memory in part.state.get(weights, {}).items():
                shape = () if what == "step" else weights.shape
                if memory is not None and memory.shape != shape:
                    raise ValueError(
                        f"an optimizer remembers {tuple(memory.shape)} of weights of "
                        f"{tuple(weights.shape)}"
                    )


def _callbacks_of(net):
    """Return the callbacks whose state is kept."""
    every = (callback for _, callback in net.callbacks_)
    return [each for each in every if not getattr(each, "begins_anew", False)]


def _keep_attributes(callback):
    """Return the state of a callback, as far as it is plain data or has a state."""
    kept = {}
    for name, value in vars(callback).items():
        if not name.endswith("_"):  # a parameter
            continue
        try:
            if hasattr(value, "state_dict"):
                value = KeptState(value.state_dict())
            kept[name] = _keep(value)
        except TypeError:  # such as a bar, which its next beginning makes
            continue
    return kept


def _keep(value):
    """Return plain data for numbers, texts, arrays, tensors and what is made of them.

    Raises
    ------
    TypeError
        If there is anything else.
    """
    if type(value) in ITSELF:
        return value
    if isinstance(value, torch.Tensor):
        return KeptTensor(value.detach().cpu().numpy())
    if isinstance(value, np.ndarray) and value.dtype != object:
        return np.asarray(value)
    if isinstance(value, np.generic):
        return _keep(value.item())
    if isinstance(value, KeptState):
        return KeptState(_keep(value.state))
    if isinstance(value, Mapping):
        return {_keep(name): _keep(each) for name, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_keep, value))
    raise TypeError(
        f"{value!r:.80} is of {type(value).__name__}, which no checkpoint can hold; "
        "expected numbers, texts, arrays or tensors. Pass checkpoint=None."
    )


def _take(value):
    """Return what `_keep` was given."""
    if isinstance(value, KeptTensor):
        return torch.from_numpy(np.array(value.values))
    if isinstance(value, dict):
        return {name: _take(each) for name, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_take, value))
    return value


def _read_generators(device):
    """Return the states of torch's generators that a device draws from."""
    states, kind = [torch.get_rng_state()], torch.device(device).type
    if kind != "cpu":
        of = () if kind == "mps" else (device,)
        states.append(getattr(torch, kind).get_rng_state(*of))
    return states


def _write_generators(device, states):
    cpu, *others = map(_take, states)
    torch.set_rng_state(cpu)
    kind = torch.device(device).type
    for state in others:
        of = () if kind == "mps" else (device,)
        getattr(torch, kind).set_rng_state(state, *of)


def renew_generators(device):
    """Let cuDNN begin its own draws anew, from what a device's generator is now.

    For dropout between layers it has a state of its own, which nobody can read, and
    which it draws again after the generator's was written. So a training draws the same
    from here on, whether it was killed or not. On other devices nothing changes.
    """
    _write_generators(device, _read_generators(device))


def _gather(net, states):
    """Return the states of all processes that train together, in a list."""
    if not hasattr(net, "accelerator"):
        return [_keep(states)]
    gathered = []
    for state in states:
        own = state.to(net.device)
        of_all = [torch.empty_like(own) for _ in range(net.accelerator.num_processes)]
        torch.distributed.all_gather(of_all, own)
        gathered.append([_keep(each) for each in of_all])
    return [list(own) for own in zip(*gathered, strict=True)]
