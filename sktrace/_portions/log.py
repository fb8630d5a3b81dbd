"""A log in portions of whole students, in the place of a frame."""

from numbers import Integral

import numpy as np
import pandas as pd
from numpy.lib.mixins import NDArrayOperatorsMixin

from .arrow import ArrowParts, is_dataset
from .workers import DaskParts, is_dask

__all__ = [
    "PortionColumn",
    "Portions",
    "as_column_of",
    "as_portions",
    "gather",
    "need_portions",
]

FRAME = (
    "To change it, write it anew: shard_interactions((change(frame) for frame in X), "
    "folder), with a function of yours; or read it whole, where memory allows: "
    "X.to_frame()."
)


class Portions:
    """A log that is read a portion at a time, each of them of whole students.

    It stands where a frame does: ``fit(X, X["correct"])`` and ``predict_proba(X)`` go
    through the portions one after the other, and ``cross_validate`` and `StudentKFold`
    take rows of it. `scan_interactions` makes it.

    Parameters
    ----------
    parts : ArrowParts or DaskParts
        What reads the portions.
    chosen : list of ndarray or None, optional
        Positions of the rows that are meant in each portion, ascending, or None: all.

    Attributes
    ----------
    columns : list
        Names of the columns.
    shape : tuple
        Numbers of rows and of columns.
    sizes : ndarray of shape (n_portions,)
        How many rows each portion has.
    """

    ndim = 2

    def __init__(self, parts, chosen=None):
        self.parts = parts
        self._chosen = [None] * len(parts) if chosen is None else chosen

    def __repr__(self):
        return (
            f"<Portions: {len(self):,} rows × {len(self.columns)} columns "
            f"in {self.n_portions} portions>"
        )

    @property
    def columns(self):
        """Names of the columns."""
        return self.parts.columns

    @property
    def n_portions(self):
        """How many portions there are; some may have no rows."""
        return len(self.parts)

    @property
    def sizes(self):
        """How many rows each portion has."""
        return np.array(
            [
                size if rows is None else len(rows)
                for size, rows in zip(self.parts.sizes, self._chosen, strict=True)
            ],
            dtype=np.int64,
        )

    @property
    def present(self):
        """Numbers of the portions that have rows."""
        return np.flatnonzero(self.sizes).tolist()

    @property
    def shape(self):
        """Numbers of rows and of columns."""
        return int(self.sizes.sum()), len(self.columns)

    def __len__(self):
        return self.shape[0]

    def __getattr__(self, name):
        _refuse_attribute(self, name, pd.DataFrame, FRAME)

    def __setitem__(self, key, value):
        raise TypeError(f"A log in portions is only read. {FRAME}")

    def __getitem__(self, key):
        """Return a column by its name, or the portions of some rows."""
        if isinstance(key, pd.Series | pd.Index):
            key = key.to_numpy()
        if isinstance(key, list) and any(isinstance(name, str) for name in key):
            raise TypeError(
                f"{key!r} chooses columns of a log in portions, which has them all; "
                "expected the name of one, or rows. Tracers read those that they are "
                f"told of. A frame of these: X.to_frame({key!r})."
            )
        if not isinstance(key, slice | np.ndarray | list):
            if key not in self.columns:
                raise KeyError(f"{key!r} is none of the columns {self.columns}")
            return PortionColumn(self, key)
        return self.take(key)

    @property
    def iloc(self):
        """Rows by position, as in a frame."""
        return self

    def take(self, rows, axis=0):
        """Return the portions of some rows, which read these and no others.

        Parameters
        ----------
        rows : array of int or bool, or slice
            Positions, in ascending order.
        axis : {0}
            Rows.
        """
        if axis != 0:
            raise ValueError("A log in portions is taken by rows; expected axis=0.")
        chosen = [
            own.astype(np.int32)  # half the memory will do
            for own in _deal_out(rows, self.sizes)
        ]
        chosen = [
            rows if own is None else own[rows]
            for own, rows in zip(self._chosen, chosen, strict=True)
        ]
        return Portions(self.parts, chosen)

    def without(self, numbers):
        """Return a log of which some portions are empty."""
        nothing = np.empty(0, dtype=np.int64)
        chosen = [
            nothing if k in numbers else own for k, own in enumerate(self._chosen)
        ]
        return Portions(self.parts, chosen)

    def outline(self):
        """Return a frame of the columns, with a row of no meaning if there are any."""
        rows = range(min(len(self), 1))
        return pd.DataFrame(index=rows, columns=pd.Index(self.columns, dtype=object))

    def head(self, n=5):
        """Return the first rows, as a frame."""
        for number in self.present:
            return self.portion(number).head(n)
        return self.parts.empty()

    def portion(self, number, columns=None):
        """Return a portion as a frame.

        Parameters
        ----------
        number : int
            From 0.
        columns : list, optional
            All by default.
        """
        return take_rows(self.parts.read(number, columns), self._chosen[number])

    def __iter__(self):
        return (self.portion(k) for k in range(self.n_portions))

    def to_frame(self, columns=None):
        """Read all portions into one frame, where memory allows."""
        # What has no rows is not read, unless there is nothing else.
        numbers = self.present or range(self.n_portions)
        parts = [self.portion(number, columns) for number in numbers]
        return pd.concat(parts, ignore_index=True)

    def lazily(self, columns):
        """Return what reads each portion where it is; see `DaskParts`."""
        return self.parts.lazily(columns, self._chosen)


class PortionColumn(NDArrayOperatorsMixin):
    """A column of a log in portions, in the place of a Series, such as y.

    Comparisons and sums, as in ``X["score"] >= 0.5``, are arrays of all rows.
    """

    ndim = 1

    def __init__(self, portions, name):
        self.portions, self.name = portions, name

    def __repr__(self):
        return f"<column {self.name!r} of {self.portions!r}>"

    def __getattr__(self, name):
        _refuse_attribute(
            self, name, pd.Series, "As an array, where memory allows: np.asarray(y)."
        )

    def __array_ufunc__(self, ufunc, method, *inputs, **settings):
        arrays = [np.asarray(x) if isinstance(x, type(self)) else x for x in inputs]
        return getattr(ufunc, method)(*arrays, **settings)

    def __len__(self):
        return len(self.portions)

    @property
    def shape(self):
        """Number of rows, as a tuple."""
        return (len(self),)

    @property
    def sizes(self):
        """How many rows each portion has."""
        return self.portions.sizes

    @property
    def iloc(self):
        """Entries by position, as in a Series."""
        return self

    def take(self, rows, axis=0):
        """Return the column of some rows."""
        return PortionColumn(self.portions.take(rows, axis), self.name)

    __getitem__ = take

    def portion(self, number):
        """Return the entries of a portion, as a Series."""
        return self.portions.portion(number, [self.name])[self.name]

    def lazily(self):
        """Return what reads the entries of each portion where it is."""
        return [part[self.name] for part in self.portions.lazily([self.name])]

    def to_series(self):
        """Read the entries of all portions."""
        return self.portions.to_frame([self.name])[self.name]

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.to_series(), dtype=dtype)


class PortionArray:
    """An array with an entry for each row of a log in portions."""

    def __init__(self, values, sizes):
        self.values, self.sizes = values, sizes
        self.starts = np.cumsum(sizes) - sizes

    def portion(self, number):
        """Return the entries of a portion."""
        start = self.starts[number]
        return self.values[start : start + self.sizes[number]]

    def lazily(self):
        """Return the entries of each portion, which go to where it is."""
        return [self.portion(k) for k in range(len(self.sizes))]


def as_portions(X):
    """Return a log as portions if it is one that is read so, and None otherwise."""
    if isinstance(X, Portions):
        return X
    if is_dataset(X):
        return Portions(ArrowParts.of(X))
    if is_dask(X) and X.ndim == 2 and hasattr(X, "columns"):
        return Portions(DaskParts(X))
    return None


def as_column_of(portions, y, name):
    """Return y, or weights, so that a portion of it can be read.

    Parameters
    ----------
    portions : Portions
    y : str, PortionColumn, Dask Series, or array of shape (n_rows,)
        A column by its name, too.
    name : {"y", "sample_weight"}
        What it is, for messages.
    """
    if isinstance(y, str):
        return portions[y]
    if is_dask(y) and hasattr(y, "to_frame"):  # a Series, and no array
        label = name if y.name is None else y.name
        y = Portions(DaskParts(y.to_frame(name=label)))[label]
    if not isinstance(y, PortionColumn):
        y = np.asarray(y)
        if y.shape != (len(portions),):
            raise ValueError(
                f"{name} has shape {y.shape}, and X has {len(portions)} rows in "
                f"{portions.n_portions} portions; expected one entry per row, or a "
                f"column of X: {name}=X[...]."
            )
        return PortionArray(y, portions.sizes)
    if not np.array_equal(y.sizes, portions.sizes):
        raise ValueError(
            f"{name} has {len(y)} entries in {len(y.sizes)} portions, and X has "
            f"{len(portions)} rows in {portions.n_portions}; expected the same "
            f"portions. Take the column from X: {name}=X[{y.name!r}]."
        )
    return y


def gather(X, columns, *beside):
    """Return pieces of what stands together: a frame, and what goes beside it.

    Parameters
    ----------
    X : Portions
    columns : list
        Of the frame.
    *beside : PortionColumn, PortionArray or None

    Returns
    -------
    Pieces
        Of tuples ``(frame, *beside)``, of portions that have rows.
    """
    return X.parts.pieces(X, columns, beside, X.present)


def _refuse_attribute(log, name, like, instead):
    """Say what to do where something has no method as a frame or a Series has it."""
    kind = type(log).__name__
    if name.startswith("_") or not hasattr(like, name):
        raise AttributeError(f"{kind!r} object has no attribute {name!r}")
    raise AttributeError(
        f"{kind!r} has no {name!r}, which a {like.__name__} has: it is read a portion "
        f"at a time. {instead}"
    )


def take_rows(frame, rows):
    """Return some rows of a frame, or all if none are named."""
    if rows is None or len(rows) == len(frame):
        return frame
    return frame.iloc[rows].reset_index(drop=True)


def need_portions(X, instead):
    """Return a log as portions; `instead` says what is done with anything else."""
    portions = as_portions(X)
    if portions is None:
        raise TypeError(
            f"X is {type(X).__name__!r}; expected a log in portions, as "
            f"scan_interactions returns it. {instead}"
        )
    return portions


def _deal_out(rows, sizes):
    """Return the positions of some rows in each portion, whatever says which rows."""
    n_rows, bounds = int(sizes.sum()), np.cumsum(sizes)[:-1]
    if isinstance(rows, Integral):
        rows = slice(rows, rows + 1)
    rows = np.arange(n_rows)[rows] if isinstance(rows, slice) else np.asarray(rows)
    if rows.dtype == bool:
        if rows.shape != (n_rows,):
            raise IndexError(f"{len(rows)} booleans for {n_rows} rows")
        return [np.flatnonzero(own) for own in np.split(rows, bounds)]
    rows = rows.astype(np.int64, copy=False)
    if len(rows) and (rows[0] < 0 or rows[-1] >= n_rows or (np.diff(rows) <= 0).any()):
        raise ValueError(
            "Rows of a log in portions are taken in ascending order, none of them "
            f"twice, from 0 to {n_rows - 1}. Sort them: np.unique(rows); or take a "
            "split that does not shuffle rows, such as StudentKFold."
        )
    parts = np.split(rows, np.searchsorted(rows, bounds))
    starts = np.append(0, bounds)
    return [own - start for own, start in zip(parts, starts, strict=True)]
