"""The Hessian of a regression whose rows read few columns each, of many.

For rows x of weight w it is the sum of w x xᵀ, and made of blocks, one for each two
codes that meet in a row, such as those of a student and a skill. They are fewer than
rows by far. Summed up once for a step of Newton's, they stand for all rows in the
products by which the step is found.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, product
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from .._arrays import concatenate_ranges, number_keys
from .alike import split
from .columns import Group, sort_codes

__all__ = ["Curvature", "Hessian"]

_WORTH = 2000  # sums of numbers take as long as the call of a product of matrices
_MANY = 1024  # rows that are multiplied at once, so that they are still at hand
_ALONE = 2**18  # products of numbers, beyond which BLAS takes a second thread


class Curvature:
    """The Hessian for any weights of rows, with students apart from all columns.

    Parameters
    ----------
    columns : Columns
    student : ndarray of shape (n_rows,)
        Codes, of each of which there is an effect.
    n_students : int
        0, if students have no effects.
    """

    def __init__(self, columns, student, n_students):
        groups = [group for group in columns.groups if group.places.size]
        self.n_students = n_students
        n, parts = columns.n_columns, [split(group) for group in groups]
        # Two entries of a group meet as well, but each two of a row only once.
        pairs = [pair for two in combinations(parts, 2) for pair in product(*two)]
        every = list(chain(*parts))
        pairs += [(f, f) for f in every if not f.is_single]
        self.meetings = [Meeting.of(f, f, itself=True) for f in every]
        self.meetings += [Meeting.of(f, g) for f, g in pairs]
        self.shared = _Pattern([m.mirrored() for m in self.meetings], (n, n))
        self.student, self.crossing = student, []
        if n_students:
            everyone = np.arange(n_students)[None]
            own = Group(None, student, np.ones((1, len(student))), everyone)
            self.crossing = [Meeting.of(own, group) for group in groups]
        self.crossed = _Pattern([[m.places] for m in self.crossing], (n_students, n))

    def of(self, weight):
        """Return the `Hessian` where rows have such weights."""
        own = np.empty(0)
        if self.n_students:
            own = np.bincount(self.student, weight, self.n_students)
        return Hessian(
            self.shared.fill([m.sums(weight) for m in self.meetings]),
            self.crossed.fill([m.sums(weight) for m in self.crossing]),
            own,
        )


@dataclass(frozen=True)
class Hessian:
    """Second derivatives by effects of columns and of students."""

    shared: csr_array  # (n_columns, n_columns)
    crossed: csr_array  # (n_students, n_columns)
    own: np.ndarray  # (n_students,) of which there is but a diagonal

    @cached_property
    def across(self):
        """Those by columns and students: `crossed`, transposed."""
        return self.crossed.T

    def freedom(self, precision):
        """Return the variances of students' effects, all others being known."""
        return 1 / (self.own + precision)


class Meeting(NamedTuple):
    """Where entries of two groups are in the same row."""

    groups: tuple  # of two
    row: np.ndarray | None  # (n_meetings,) None: each row is one
    entries: tuple  # of two arrays or slices: which entry of each group is there
    pair: np.ndarray  # (n_meetings,) which two codes meet
    runs: list | None  # of meetings of a pair, if it pays to go through them by pair
    places: tuple  # of two ndarrays of shape (n_kinds, n_pairs): of their columns
    itself: bool  # each entry meets itself, and no other

    @classmethod
    def of(cls, f, g, itself=False):
        """Find out where two groups meet, or different entries of one, or the same."""
        n_left, n_right = f.places.shape[1], g.places.shape[1]
        if itself:
            row, left, right, pair = f.row, *[slice(None)] * 2, f.code
            met = (np.arange(n_left),) * 2
        else:
            row, left, right = _join(f, g)
            pair, met = f.code[left], (np.arange(n_left), np.zeros(n_left, dtype=int))
            if n_right > 1:
                key = pair * n_right + g.code[right]
                pairs, pair = number_keys(key, n_left * n_right)
                met = np.divmod(pairs, n_right)
        runs, n_products = None, len(f.values) * len(g.values)
        if len(pair) * n_products > _WORTH * len(met[0]):
            if (np.diff(pair) < 0).any():
                order = sort_codes(pair)
                row, left, right = (_pick(where, order) for where in (row, left, right))
                pair = pair[order]
            runs = _find_runs(pair, most=min(_MANY, max(1, _ALONE // n_products)))
        places = f.places[:, met[0]], g.places[:, met[1]]
        return cls((f, g), row, (left, right), pair, runs, places, itself)

    def sums(self, weight):
        """Return the blocks of the Hessian, of shape (n_kinds, n_kinds, n_pairs)."""
        weight = weight if self.row is None else weight[self.row]
        left = _take(self.groups[0], self.entries[0])
        right = left if self.itself else _take(self.groups[1], self.entries[1])
        n_pairs = self.places[0].shape[1]
        if self.runs is None:
            held = weight * left
            sums = [
                [np.bincount(self.pair, a * b, n_pairs) for b in right] for a in held
            ]
            return np.array(sums)
        blocks = np.zeros((n_pairs, len(left), len(right)))
        for pair, start, stop in self.runs:
            held = weight[start:stop] * left[:, start:stop]
            blocks[pair] += held @ right[:, start:stop].T
        return blocks.transpose(1, 2, 0)

    def mirrored(self):
        """Return the places of this meeting, and those seen from the other side."""
        if self.itself:
            return [self.places]
        return [self.places, self.places[::-1]]


class _Pattern:
    """Where the blocks of meetings stand in a sparse matrix, once for all weights.

    Parameters
    ----------
    places : list of lists of tuples
        The places of each meeting, and perhaps those of its mirror image.
    shape : tuple of int
    """

    def __init__(self, places, shape):
        self.shape, self.n_sides = shape, [len(sides) for sides in places]
        rows, columns = [], []
        for sides in places:
            for left, right in sides:
                block = (len(left), len(right), left.shape[1])
                rows.append(np.broadcast_to(left[:, None], block).ravel())
                columns.append(np.broadcast_to(right[None], block).ravel())
        none = [np.empty(0, dtype=np.int64)]
        rows, columns = np.concatenate(none + rows), np.concatenate(none + columns)
        key = rows * shape[1] + columns
        self.order = np.argsort(key, kind="stable")
        # Sets of codes that overlap have places in common.
        self.starts = np.flatnonzero(np.diff(key[self.order], prepend=-1))
        first = self.order[self.starts]
        self.indices = columns[first].astype(np.int32)
        n_own = np.bincount(rows[first], minlength=shape[0])
        self.indptr = np.append(0, np.cumsum(n_own)).astype(np.int32)

    def fill(self, sums):
        """Return the matrix with these blocks."""
        blocks = [np.empty(0)]
        for block, n_sides in zip(sums, self.n_sides, strict=True):
            blocks.append(block.ravel())
            if n_sides == 2:
                blocks.append(block.swapaxes(0, 1).ravel())
        data = np.concatenate(blocks)[self.order]
        if len(self.starts) < len(data):
            data = np.add.reduceat(data, self.starts)
        return csr_array((data, self.indices, self.indptr), self.shape)


def _join(f, g):
    """Return the rows in which entries meet, and which entries of both they are."""
    everything = slice(None)
    if f.row is None:
        return g.row, everything if g.row is None else g.row, everything
    if g.row is None:
        return f.row, everything, f.row
    n_rows = max(f.row.max(initial=-1), g.row.max(initial=-1)) + 1
    n_own = np.bincount(g.row, minlength=n_rows)
    starts, n_met = (np.cumsum(n_own) - n_own)[f.row], n_own[f.row]
    left = np.repeat(np.arange(len(f.row)), n_met)
    right = concatenate_ranges(starts, n_met)
    if f is g:  # of two different entries, that of the smaller code is left
        codes = f.code[left], f.code[right]
        once = (codes[0] < codes[1]) | ((codes[0] == codes[1]) & (left < right))
        left, right = left[once], right[once]
    return f.row[left], left, right


def _take(group, entries):
    """Return the values of some entries; numpy's take is faster than its brackets."""
    if isinstance(entries, slice):  # all of them
        return group.values
    return group.values.take(entries, axis=1)


def _pick(entries, order):
    """Return some of the entries that an array names, or of all."""
    if entries is None or isinstance(entries, slice):
        return order
    return entries[order]


def _find_runs(pair, most):
    """Return the meetings of each pair: its number, the first, and the end.

    They lie together, and runs of more than most are cut.
    """
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    ends = np.append(starts[1:], len(pair))
    bounds = zip(pair[starts].tolist(), starts.tolist(), ends.tolist(), strict=True)
    return [
        (number, start, min(start + most, end))
        for number, first, end in bounds
        for start in range(first, end, most)
    ]
