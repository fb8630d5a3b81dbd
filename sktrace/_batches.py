"""Cut sequences into windows, bucket them by length and pad: the only place that does.

Padding is what training on real logs costs: students differ in length by a factor of
a thousand, so a random batch is mostly padding. Windows of similar length go into one
batch, and what leaves the network is flat again: one logit per row, none per pad.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.utils.data import Dataset

from ._timeline import concatenate_ranges

__all__ = ["Batch", "Batches", "StepDataset"]

# Padded steps in one batch of whole sequences: 2**15 states of 200 float32 are 26 MB.
STEPS_PER_BATCH = 2**15


@dataclass(frozen=True)
class Batch:
    """Windows of similar length on one padded grid, and the rows asked of them.

    ``len(batch)`` is its number of rows, by which skorch weighs epoch losses.
    """

    answers: torch.Tensor  # (n_answers,) input codes, in grid order
    bags: torch.Tensor  # (n_windows * n_steps,) where each cell's codes begin
    row_cell: torch.Tensor  # (n_rows,) the grid cell whose state a row reads
    row_skill: torch.Tensor  # (n_rows,)
    weight: torch.Tensor  # (n_rows,) float32, 0 where a row has no target
    rows: np.ndarray  # (n_rows,) sorted row each entry came from
    n_windows: int
    share: float  # rows here / mean rows per batch: this batch's part of an epoch

    def __len__(self):
        return len(self.row_cell)

    def to(self, device):
        """Return the batch with its tensors on a device."""
        tensors = {n: v for n, v in vars(self).items() if isinstance(v, torch.Tensor)}
        return replace(self, **{name: t.to(device) for name, t in tensors.items()})


class StepDataset(Dataset):
    """Windows of students' steps; indexing with many windows collates one batch.

    Parameters
    ----------
    steps : Steps
    target : ndarray of shape (n_rows,), optional
        0 or 1 per sorted row.
    weight : ndarray of shape (n_rows,), optional
        Weight of each sorted row's loss.
    batch_size : int, optional
        Windows per batch; None fills batches up to a number of padded steps.
    max_length : int, optional
        Longest window; None keeps sequences whole. Only a student's first window
        begins with the start token, so cutting does not blur what it means.
    """

    def __init__(
        self, steps, target=None, weight=None, *, batch_size=None, max_length=None
    ):
        n_rows = len(steps.row_step)
        self.steps = steps
        self.target = np.zeros(n_rows) if target is None else target
        self.weight = np.ones(n_rows) if weight is None else weight
        self.batch_size = batch_size
        self.starts, self.stops = _cut(steps.offsets, max_length)
        self.row_starts = np.searchsorted(steps.row_step, self.starts)
        self.row_stops = np.searchsorted(steps.row_step, self.stops)
        self.bag_sizes = np.diff(steps.bags)
        self.n_batches = len(Batches(self).split())

    def __len__(self):
        return len(self.starts)

    @property
    def lengths(self):
        """Steps of each window."""
        return self.stops - self.starts

    def __getitem__(self, windows):
        """Collate windows into a `Batch` and its targets."""
        steps = self.steps
        start, length = self.starts[windows], self.lengths[windows]
        n_steps = length.max()  # the width to which the others are padded
        grid_start = np.arange(len(windows)) * n_steps

        cells = concatenate_ranges(grid_start, length)
        bag_sizes = np.zeros(len(windows) * n_steps, dtype=np.int64)
        bag_sizes[cells] = self.bag_sizes[concatenate_ranges(start, length)]
        first, last = steps.bags[start], steps.bags[start + length]
        answers = steps.answers[concatenate_ranges(first, last - first)]

        row_start = self.row_starts[windows]
        n_rows = self.row_stops[windows] - row_start
        rows = concatenate_ranges(row_start, n_rows)
        row_cell = steps.row_step[rows] + np.repeat(grid_start - start, n_rows)
        batch = Batch(
            answers=torch.from_numpy(answers),
            bags=torch.from_numpy(np.cumsum(bag_sizes) - bag_sizes),
            row_cell=torch.from_numpy(row_cell),
            row_skill=torch.from_numpy(steps.row_skill[rows]),
            weight=torch.from_numpy(self.weight[rows].astype(np.float32)),
            rows=rows,
            n_windows=len(windows),
            share=len(rows) * self.n_batches / len(self.target),
        )
        return batch, torch.from_numpy(self.target[rows].astype(np.float32))


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
        lengths = self.dataset.lengths
        if self.generator is None:
            return self._cut_into_batches(np.argsort(-lengths, kind="stable"))
        noise = self.generator.uniform(-self.jitter, self.jitter, len(lengths))
        noisy = lengths * (1 + noise) + self.generator.uniform(size=len(lengths))
        batches = self._cut_into_batches(np.argsort(-noisy, kind="stable"))
        self.generator.shuffle(batches)
        return batches

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


def _cut(offsets, max_length):
    """Return the first and last step (exclusive) of every window."""
    lengths = np.diff(offsets)
    if max_length is None:
        return offsets[:-1], offsets[1:]
    n_windows = -(-lengths // max_length)
    starts = np.repeat(offsets[:-1], n_windows)
    starts = starts + max_length * concatenate_ranges(np.zeros_like(lengths), n_windows)
    return starts, np.minimum(starts + max_length, np.repeat(offsets[1:], n_windows))
