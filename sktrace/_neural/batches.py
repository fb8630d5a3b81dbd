"""Cut sequences into windows, bucket them by length and pad: the only place that does.

Padding is what training on real logs costs: students differ in length by a factor of
a thousand, so a random batch is mostly padding. Windows of similar length go into one
batch, and what leaves the network is flat again: one logit per row, none per pad.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from .._arrays import concatenate_ranges
from .answer_steps import AnswerSteps

__all__ = ["Batches", "Epoch", "StepDataset", "as_tensors", "cut_windows"]

# Padded steps in one batch of whole sequences: 2**15 states of 200 float32 are 26 MB.
STEPS_PER_BATCH = 2**15


@dataclass(frozen=True)
class Batch:
    """Windows of similar length on one padded grid, and the rows asked of them.

    ``len(batch)`` is its number of rows, by which skorch weighs epoch losses.
    """

    row_cell: torch.Tensor  # (n_rows,) the grid cell whose state a row reads
    weight: torch.Tensor  # float32, of the target's shape; 0 where there is no target
    rows: np.ndarray  # (n_rows,) sorted row each entry came from
    n_windows: int
    n_steps: int  # to which windows are padded
    share: float  # rows here / mean rows per batch: this batch's part of an epoch

    def __len__(self):
        return len(self.row_cell)

    def to(self, device):
        """Return the batch with its tensors on a device."""
        return replace(self, **_move(vars(self), device))


@dataclass(frozen=True, kw_only=True)
class AnswerBatch(Batch):
    """A batch whose steps are answers."""

    inputs: dict[str, torch.Tensor]  # (n_inputs, ...) each, in grid order
    bags: torch.Tensor  # (n_windows * n_steps,) where each cell's inputs begin
    asked: dict[str, torch.Tensor]  # (n_rows, ...) each


@dataclass(frozen=True, kw_only=True)
class NumberBatch(Batch):
    """A batch whose steps are numbers."""

    numbers: torch.Tensor  # (n_windows * n_steps, n_features), 0 in padding


class Epoch(NamedTuple):
    """What is trained on in an epoch, which may be more than one dataset holds."""

    n_rows: int
    n_batches: int
    weight_scale: float  # makes the mean weight one


class StepDataset(Dataset):
    """Windows of steps; indexing with many windows collates one batch.

    Parameters
    ----------
    steps : AnswerSteps or NumberSteps
        With `offsets` of sequences and the step `row_step` that each row asks.
    target : ndarray of shape (n_rows,) or (n_rows, n_targets), optional
        Of the type that the loss expects.
    weight : ndarray of target's shape, optional
        Weight of each target's loss; scaled to a mean of one.
    chosen : ndarray of shape (n_sequences,), bool, optional
        Sequences to leave out are False.
    batch_size : int, optional
        Windows per batch; None fills batches up to a number of padded steps.
    max_length : int, optional
        Longest window; None keeps sequences whole. Only a student's first window
        begins with the start token, so cutting does not blur what it means.
    epoch : Epoch, optional
        Of which this is a part; by default it is the whole.
    """

    def __init__(
        self,
        steps,
        target=None,
        weight=None,
        *,
        chosen=None,
        batch_size=None,
        max_length=None,
        epoch=None,
    ):
        starts, stops = steps.offsets[:-1], steps.offsets[1:]
        if chosen is not None and not chosen.all():
            starts, stops = starts[chosen], stops[chosen]
            first, last = np.searchsorted(steps.row_step, [starts, stops])
            rows = concatenate_ranges(first, last - first)
            steps = steps.ask_only(rows)
            target = None if target is None else target[rows]
            weight = None if weight is None else weight[rows]
        self.steps = steps
        self.starts, self.stops = cut_windows(starts, stops, max_length)
        self.row_starts = np.searchsorted(steps.row_step, self.starts)
        self.row_stops = np.searchsorted(steps.row_step, self.stops)
        n_rows = len(steps.row_step)
        self.target = np.zeros(n_rows, np.float32) if target is None else target
        self.batch_size = batch_size
        if epoch is None:
            n_batches = len(Batches(self).split())
            scale = 1.0 if weight is None else weight.size / weight.sum()
            epoch = Epoch(n_rows, n_batches, scale)
        self.epoch = epoch
        if weight is None:
            self.weight = np.ones(self.target.shape, np.float32)
        else:
            self.weight = (weight * epoch.weight_scale).astype(np.float32)

    def __len__(self):
        return len(self.starts)

    @property
    def n_batches(self):
        """Batches of an epoch."""
        return self.epoch.n_batches

    def batches(self, generator=None):
        """Return what goes through an epoch, again and again; see `Batches`."""
        return Batches(self, generator)

    def total(self, function, *shared):
        """Return what a function says of the dataset; see `StepStream`."""
        return function(self, *shared)

    @property
    def lengths(self):
        """Steps of each window."""
        return self.stops - self.starts

    @property
    def read(self):
        """Positions of all inputs that the windows of answers hold."""
        first, last = self.steps.bags[self.starts], self.steps.bags[self.stops]
        return concatenate_ranges(first, last - first)

    def __getitem__(self, windows):
        """Collate windows into a `Batch` and its targets."""
        start, length = self.starts[windows], self.lengths[windows]
        n_steps = int(length.max())
        grid_start = np.arange(len(windows)) * n_steps

        row_start = self.row_starts[windows]
        n_rows = self.row_stops[windows] - row_start
        rows = concatenate_ranges(row_start, n_rows)
        row_cell = self.steps.row_step[rows] + np.repeat(grid_start - start, n_rows)
        collate = _answers if isinstance(self.steps, AnswerSteps) else _numbers
        batch = collate(
            self.steps,
            start,
            length,
            cells=concatenate_ranges(grid_start, length),
            n_cells=len(windows) * n_steps,
            row_cell=torch.from_numpy(row_cell),
            weight=torch.from_numpy(self.weight[rows]),
            rows=rows,
            n_windows=len(windows),
            n_steps=n_steps,
            share=len(rows) * self.epoch.n_batches / self.epoch.n_rows,
        )
        return batch, torch.from_numpy(self.target[rows])


def _answers(steps, start, length, cells, n_cells, rows, **common):
    """Collate windows of steps that are answers, laid out by `encode_steps`."""
    first, last = steps.bags[start], steps.bags[start + length]
    bag_sizes = np.zeros(n_cells, dtype=np.int64)
    own = concatenate_ranges(start, length)
    bag_sizes[cells] = steps.bags[own + 1] - steps.bags[own]
    read = concatenate_ranges(first, last - first)
    return AnswerBatch(
        inputs=as_tensors({name: v[read] for name, v in steps.inputs.items()}),
        bags=torch.from_numpy(np.cumsum(bag_sizes) - bag_sizes),
        asked=as_tensors({name: v[rows] for name, v in steps.asked.items()}),
        rows=rows,
        **common,
    )


def _numbers(steps, start, length, cells, n_cells, **common):
    """Collate windows of steps that are numbers, scaled batch by batch.

    So no scaled copy of the data is ever made. What is not known, NaN, becomes 0: the
    mean where there is a scale.
    """
    values = steps.scaled(concatenate_ranges(start, length))
    if len(values) == n_cells:  # no padding: the steps are the grid
        numbers = values
    else:
        numbers = np.zeros((n_cells, values.shape[1]), dtype=np.float32)
        numbers[cells] = values
    return NumberBatch(numbers=torch.from_numpy(numbers), **common)


def as_tensors(named):
    """Return arrays by name as tensors: codes as int64, numbers as float32."""
    return {
        name: torch.from_numpy(
            v.astype(np.float32 if v.dtype.kind == "f" else np.int64, copy=False)
        )
        for name, v in named.items()
    }


def _move(named, device):
    """Return the tensors among named values on a device, those in mappings, too."""
    moved = {}
    for name, value in named.items():
        if isinstance(value, dict):
            moved[name] = _move(value, device)
        elif isinstance(value, torch.Tensor):
            moved[name] = value.to(device)
    return moved


class Batches:
    """Iterate over a dataset in batches of windows of similar length.

    With a random generator, lengths are jittered before they are sorted and batches
    come in random order, so that every epoch meets other batches.
    """

    def __init__(self, dataset, generator=None, jitter=0.1):
        self.dataset = dataset
        self.generator = generator
        self.jitter = jitter

    def __iter__(self):
        for windows in self.split():
            yield self.dataset[windows]

    def split(self):
        """Split the windows of a dataset into batches, for one epoch."""
        batches = self.sort()
        if self.generator is not None:
            self.generator.shuffle(batches)
        return batches

    def sort(self):
        """Return the batches of an epoch, those of long windows first."""
        lengths = self.dataset.lengths
        if self.generator is None:
            return self._cut_into_batches(np.argsort(-lengths, kind="stable"))
        noise = self.generator.uniform(-self.jitter, self.jitter, len(lengths))
        noisy = lengths * (1 + noise) + self.generator.uniform(size=len(lengths))
        return self._cut_into_batches(np.argsort(-noisy, kind="stable"))

    def _cut_into_batches(self, windows):
        size = self.dataset.batch_size
        if size is not None:
            return [windows[i : i + size] for i in range(0, len(windows), size)]
        batches, first = [], 0
        while first < len(windows):
            longest = int(self.dataset.lengths[windows[first]])
            size = max(1, STEPS_PER_BATCH // longest)
            batches.append(windows[first : first + size])
            first += size
        return batches


def cut_windows(starts, stops, max_length):
    """Cut runs of steps into windows; return their first and last step (exclusive)."""
    if max_length is None:
        return starts, stops
    lengths = stops - starts
    max_length = min(max_length, int(lengths.max(initial=1)))
    n_windows = -(-lengths // max_length)
    shift = max_length * concatenate_ranges(np.zeros_like(lengths), n_windows)
    starts = np.repeat(starts, n_windows) + shift
    return starts, np.minimum(starts + max_length, np.repeat(stops, n_windows))
