"""Training on a log larger than memory: its portions as windows, some at a time.

What the network reads of each portion is laid out once, and kept where the portion is.
In every epoch portions come in a random order, and as many at a time as hold
`ROWS_AT_ONCE` rows are put together: their windows are batched by length and their
batches shuffled, as those of a log in memory are. Windows that fill no batch go on to
the portions that follow. So an epoch has as many batches as that of the log in memory,
each window once, and every row weighs the same.
"""

from typing import NamedTuple

import numpy as np
from torch.utils.data import Dataset

from .batches import Batches, Epoch, StepDataset, cut_windows

__all__ = ["ROWS_AT_ONCE", "StepStream", "Windows", "stream"]

# Rows among which windows are shuffled: what an epoch holds in memory, 0.1 to 0.2 GB.
ROWS_AT_ONCE = 2**20


class Windows(NamedTuple):
    """Steps, of which every sequence is a window, and what is to be learnt of them."""

    steps: object  # AnswerSteps or NumberSteps
    target: np.ndarray  # (n_rows,) or (n_rows, n_targets)
    weight: np.ndarray  # of the shape of target

    @classmethod
    def of(cls, steps, target, weight, *, chosen=None, max_length=None):
        """Cut some sequences into windows, and keep only what these need.

        Parameters
        ----------
        steps, target, weight, chosen, max_length
            As of a `StepDataset`.
        """
        starts, stops = steps.offsets[:-1], steps.offsets[1:]
        if chosen is not None:
            starts, stops = starts[chosen], stops[chosen]
        starts, stops = cut_windows(starts, stops, max_length)
        steps, rows = steps.choose(starts, stops)
        return cls(steps.shorten(), target[rows], weight[rows])

    @classmethod
    def join(cls, parts):
        """Put the windows of several together."""
        steps, target, weight = zip(*parts, strict=True)
        steps = type(steps[0]).join(steps)
        return cls(steps, np.concatenate(target), np.concatenate(weight))

    def choose(self, windows):
        """Return some windows, by their numbers."""
        offsets = self.steps.offsets
        steps, rows = self.steps.choose(offsets[windows], offsets[windows + 1])
        return Windows(steps, self.target[rows], self.weight[rows])

    def count(self):
        """Return the number of windows and of rows, that of weights, and their sum."""
        n_windows, n_rows = len(self.steps.offsets) - 1, len(self.steps.row_step)
        return n_windows, n_rows, self.weight.size, self.weight.sum()


class StepStream(Dataset):
    """Windows of many portions, in the place of a `StepDataset` of all of them.

    Parameters
    ----------
    pieces : Pieces of Windows
    batch_size : int, optional
        Windows per batch; None fills batches up to a number of padded steps, portion
        by portion.
    """

    def __init__(self, pieces, batch_size=None):
        self.pieces, self.batch_size = pieces, batch_size
        counts = np.array(pieces.map(Windows.count))
        self.sizes = counts[:, 1].astype(np.int64)
        n_windows, n_rows, n_weights = counts[:, :3].sum(axis=0).astype(np.int64)
        self.n_windows = int(n_windows)
        n_batches = -(-self.n_windows // (batch_size or 1))
        scale = n_weights / counts[:, 3].sum()
        self.epoch = Epoch(int(n_rows), n_batches, scale)

    def __len__(self):
        return self.n_windows

    @property
    def n_batches(self):
        """Batches of an epoch."""
        return self.epoch.n_batches

    def batches(self, generator=None):
        """Return what goes through an epoch, again and again."""
        if generator is None:
            return _InOrder(self)
        return _Shuffled(self, generator)

    def total(self, function, *shared):
        """Return the sum of what a function says of the `StepDataset` of each piece."""
        return self.pieces.total(_call_on_dataset, function, self.epoch, *shared)

    def dataset(self, windows):
        """Return some of the windows as a dataset that knows of which it is a part."""
        return _as_dataset(windows, self.epoch, self.batch_size)


def stream(pieces, lay_out, *shared, taught, hold_out, batch_size, max_length):
    """Return what a network is to be trained and validated on, portion by portion.

    Parameters
    ----------
    pieces : Pieces
    lay_out : callable
        ``lay_out(piece, chosen, max_length, *shared)`` returns the `Windows` of the
        chosen sequences of a piece.
    *shared
    taught : list of ndarray of shape (n_sequences,), bool
        Sequences of each piece to learn from, or to hold out.
    hold_out : callable
        Given those of all pieces, it says which are held out.
    batch_size, max_length
        As of a `StepDataset`.

    Returns
    -------
    training : StepStream
    valid : StepStream or None
        None where no sequence is held out.
    """
    bounds = np.cumsum([len(own) for own in taught])[:-1]
    taught = np.concatenate(taught)
    held_out = hold_out(taught)
    trained = np.split(taught & ~held_out, bounds)
    windows = pieces.keep(lay_out, max_length, *shared, each=trained)
    training = StepStream(windows, batch_size)
    if not held_out.any():
        return training, None
    valid = pieces.keep(lay_out, None, *shared, each=np.split(held_out, bounds))
    return training, StepStream(valid)


class _InOrder:
    """Goes through a stream portion by portion."""

    def __init__(self, stream):
        self.stream = stream

    def __iter__(self):
        for windows in self.stream.pieces:
            yield from Batches(self.stream.dataset(windows))


class _Shuffled:
    """Goes through a stream in a random order, another one every time."""

    def __init__(self, stream, generator):
        self.stream, self.generator = stream, generator

    def __iter__(self):
        order = self.generator.permutation(len(self.stream.pieces))
        groups, rest = _group(order, self.stream.sizes), []
        for number, group in enumerate(groups):
            parts = rest + [self._read(k) for k in group]
            windows = parts[0] if len(parts) == 1 else Windows.join(parts)
            del parts
            dataset = self.stream.dataset(windows)
            batches = Batches(dataset, self.generator).sort()
            rest = []
            fills = batches and len(batches[-1]) == self.stream.batch_size
            if batches and not fills and number + 1 < len(groups):
                rest = [windows.choose(batches.pop())]
            self.generator.shuffle(batches)
            for batch in batches:
                yield dataset[batch]
            del windows, dataset  # before the next ones are read

    def _read(self, number):
        chosen = np.arange(len(self.stream.pieces)) == number
        (windows,) = self.stream.pieces.choose(chosen)
        return windows


def _group(order, sizes):
    """Group portions in their order, so that each group has enough rows."""
    groups, n_rows = [[]], 0
    for number in order.tolist():
        if n_rows >= ROWS_AT_ONCE:
            groups.append([])
            n_rows = 0
        groups[-1].append(number)
        n_rows += sizes[number]
    return groups


def _as_dataset(windows, epoch, batch_size=None):
    return StepDataset(*windows, batch_size=batch_size, epoch=epoch)


def _call_on_dataset(windows, function, epoch, *shared):
    return function(_as_dataset(windows, epoch), *shared)
