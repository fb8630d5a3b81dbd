"""Whole sequences as samples: a ragged container that scikit-learn can slice."""

from numbers import Integral

import numpy as np
import pandas as pd

from .._arrays import concatenate_ranges
from .._interactions.numbers import find_missing
from .._interactions.times import check_order

__all__ = ["Sequences", "to_numbers"]


class Sequences:
    """Sequences of unequal length, each of them one sample.

    All steps lie one after the other in one flat table, and offsets say where a
    sequence begins; nothing is padded. Its shape is ``(n_sequences,)``, so
    scikit-learn splits and indexes it as it does an array, and what comes back is
    again `Sequences`.

    Parameters
    ----------
    steps : ndarray of shape (n_steps, n_features) or DataFrame
        The steps of all sequences, in time order. Taken as it is, not copied. The
        index of a frame may say when a step was.
    offsets : array of shape (n_sequences + 1,)
        Sequence i holds the steps ``offsets[i]:offsets[i + 1]``.
    ids : array or Index of shape (n_sequences,), optional
        Whose sequence it is; 0, 1, ... by default.

    Attributes
    ----------
    steps : ndarray or DataFrame
    offsets : ndarray of shape (n_sequences + 1,), int64
    ids : Index of shape (n_sequences,)
        To line up outcomes: ``y = outcome.loc[X.ids]``. `StudentKFold` reads them.

    See Also
    --------
    sktrace.preprocessing.PerStep : Apply a transformer to all steps.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktrace import Sequences
    >>> weeks = pd.DataFrame(
    ...     {
    ...         "user_id": ["ann", "bob", "ann", "bob", "ann"],
    ...         "week": [1, 1, 2, 2, 3],
    ...         "hours": [4.0, 2.0, 3.0, 0.0, 5.0],
    ...     }
    ... )
    >>> X = Sequences.from_frame(weeks, by="user_id", order="week")
    >>> X
    Sequences(2 sequences of 2 to 3 steps, 1 feature)
    >>> X.first(2).to_padded().tolist()
    [[[4.0], [3.0]], [[2.0], [0.0]]]
    """

    def __init__(self, steps, offsets, ids=None):
        if not isinstance(steps, pd.DataFrame):
            steps = np.asarray(steps)
        if steps.ndim != 2:
            raise ValueError(
                f"steps has shape {steps.shape}; expected (n_steps, n_features), the "
                "steps of all sequences one after the other. Call "
                "Sequences.from_padded for a padded array."
            )
        offsets = np.asarray(offsets)
        if offsets.size and offsets.dtype.kind not in "iu":
            raise TypeError(
                f"offsets has dtype {str(offsets.dtype)!r}; expected whole numbers: "
                "np.append(0, np.cumsum(lengths))."
            )
        offsets = offsets.astype(np.int64)
        if offsets.ndim != 1 or len(offsets) == 0 or offsets[0] != 0:
            raise ValueError(
                f"offsets begin with {offsets.ravel()[:1].tolist()}; expected 0 and "
                "then the end of each sequence: np.append(0, np.cumsum(lengths))."
            )
        if offsets[-1] != len(steps) or (np.diff(offsets) < 0).any():
            raise ValueError(
                f"offsets end with {offsets[-1]} and steps has {len(steps)} rows; "
                "expected offsets that never fall and end with the number of steps: "
                "np.append(0, np.cumsum(lengths))."
            )
        n_sequences = len(offsets) - 1
        if ids is None:
            ids = pd.RangeIndex(n_sequences)
        elif not isinstance(ids, pd.Index):
            ids = pd.Index(ids)
        if len(ids) != n_sequences:
            raise ValueError(
                f"ids has {len(ids)} entries; expected one per sequence, {n_sequences}."
            )
        self.steps = steps
        self.offsets = offsets
        self.ids = ids

    def __sizeof__(self):
        """Count what is held: a cluster sends only once what says that it is large."""
        steps = self.steps
        if isinstance(steps, pd.DataFrame):
            n_bytes = steps.memory_usage(deep=True).sum()
        else:
            n_bytes = steps.nbytes
        held = n_bytes + self.offsets.nbytes + self.ids.memory_usage(deep=True)
        return object.__sizeof__(self) + int(held)

    @classmethod
    def from_frame(cls, frame, by, order=None, features=None):
        """Gather the rows of a long frame into a sequence for each student.

        Parameters
        ----------
        frame : DataFrame of shape (n_rows, n_columns)
            One row per step, in any row order.
        by : column or list of columns
            What says whose row it is. Sequences are sorted by it, as are the groups
            of ``frame.groupby(by)``.
        order : column, optional
            Numbers that grow with time, to sort the steps of a sequence; they become
            the index of the steps. Without it, rows stand in time order. Rows that tie
            keep their order.
        features : list of columns, optional
            Columns to keep; by default all but `by` and `order`.

        Returns
        -------
        Sequences
            Its ids are the values of `by`, a MultiIndex if `by` is a list.
        """
        keys = by if isinstance(by, list) else [by]
        _check_columns(frame, [*keys, *([] if order is None else [order])])
        frame = frame.reset_index(drop=True)  # its names may be those of columns
        groups = frame.groupby(by, sort=True, observed=True)
        null = np.any([find_missing(frame[key]) for key in keys], axis=0)
        if null.any():
            raise ValueError(
                f"{null.sum()} row(s) have no {by!r}; expected to know whose "
                f"each row is. Drop them: frame.dropna(subset={keys!r})."
            )
        code = groups.ngroup().to_numpy()
        time = np.zeros(len(frame))
        if order is not None:
            time = check_order(frame[order], order)
        rows = np.lexsort((time, code))
        if isinstance(features, str):
            raise TypeError(
                f"features={features!r}; expected a list of columns: [{features!r}]."
            )
        if features is None:
            features = [c for c in frame.columns if c not in keys and c != order]
        _check_columns(frame, features)
        steps = frame[list(features)].take(rows)
        index = None
        if order is not None:  # dates remain dates
            dates = frame[order].dtype.kind in "mM"
            index = pd.Index(frame[order].take(rows) if dates else time[rows])
            index = index.rename(order)
        steps = steps.reset_index(drop=True) if index is None else steps.set_axis(index)
        lengths = np.bincount(code)
        return cls(steps, np.append(0, np.cumsum(lengths)), groups.size().index)

    @classmethod
    def from_padded(cls, array, ids=None):
        """Drop the padding of an array: trailing steps that are NaN throughout.

        Parameters
        ----------
        array : ndarray of shape (n_sequences, n_steps, n_features)
            Or (n_sequences, n_steps), of one number per step.
        ids : array or Index of shape (n_sequences,), optional

        Returns
        -------
        Sequences
        """
        array = np.asarray(array)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
        if array.ndim == 2:
            array = array[:, :, None]
        if array.ndim != 3:
            raise ValueError(
                f"array has shape {array.shape}; expected (n_sequences, n_steps, "
                "n_features) with NaN behind the end of a sequence."
            )
        n_sequences, n_steps, n_features = array.shape
        lengths = np.full(n_sequences, n_steps)
        flat = array.reshape(-1, n_features)
        if array.dtype.kind == "f" and np.isnan(array[:, -1:]).any():
            real = ~np.isnan(array).all(axis=2)
            lengths = n_steps - real[:, ::-1].argmax(axis=1)
            lengths[~real.any(axis=1)] = 0
            starts = np.arange(n_sequences) * n_steps
            flat = flat[concatenate_ranges(starts, lengths)]
        return cls(flat, np.append(0, np.cumsum(lengths)), ids)

    @property
    def shape(self):
        """The number of sequences, as a tuple."""
        return (len(self),)

    @property
    def ndim(self):
        """1: a sequence is one entry."""
        return 1

    @property
    def lengths(self):
        """Steps of each sequence, an array of shape (n_sequences,)."""
        return np.diff(self.offsets)

    def first(self, n_steps):
        """Cut every sequence after its first steps; shorter ones stay whole.

        Parameters
        ----------
        n_steps : int
            At least 1.

        Returns
        -------
        Sequences
        """
        if not isinstance(n_steps, Integral) or n_steps < 1:
            raise ValueError(f"n_steps={n_steps!r}; expected at least 1.")
        return self._gather(self.offsets[:-1], self.lengths.clip(max=n_steps), self.ids)

    def to_frame(self, step="step"):
        """Return all steps as a long frame, the inverse of `from_frame`.

        Parameters
        ----------
        step : str, default="step"
            Name of the column that numbers the steps of a sequence, 0, 1, ..., where
            the index of the steps has no name to say when they were.

        Returns
        -------
        DataFrame
            Columns of the ids (``"id"`` if they have no name), of the order, and of
            the features.
        """
        steps = pd.DataFrame(self.steps)
        ids = self.ids.to_frame(index=False)
        unnamed = ["id"] if ids.shape[1] == 1 else [f"id {i}" for i in ids]
        ids.columns = [
            number if name is None else name
            for name, number in zip(self.ids.names, unnamed, strict=True)
        ]
        ids = ids.take(np.repeat(np.arange(len(self)), self.lengths))
        if steps.index.name is None:
            number = concatenate_ranges(np.zeros(len(self), dtype=int), self.lengths)
            steps = steps.set_axis(pd.Index(number, name=step))
        # A column may be whose or when a step was and a feature, too.
        steps = steps.reset_index(drop=steps.index.name in steps.columns)
        named = [name for name in self.ids.names if name is not None]
        steps = steps.drop(columns=named, errors="ignore")
        frame = pd.concat([ids.set_axis(steps.index), steps], axis=1)
        if not frame.columns.is_unique:
            twice = frame.columns[frame.columns.duplicated()].tolist()
            raise ValueError(
                f"Steps and ids both have a column {twice[0]!r}; expected different "
                "names. Name the ids, or rename the steps."
            )
        return frame

    def to_padded(self, n_steps=None):
        """Return a rectangular array with NaN behind the end of each sequence.

        Parameters
        ----------
        n_steps : int, optional
            Steps of the array; longer sequences are cut. The longest by default.

        Returns
        -------
        ndarray of shape (n_sequences, n_steps, n_features)
            float32 if the steps are, else float64.
        """
        lengths = self.lengths
        n_steps = lengths.max(initial=0) if n_steps is None else n_steps
        lengths = lengths.clip(max=n_steps)
        is_frame = isinstance(self.steps, pd.DataFrame)
        steps = to_numbers(self.steps) if is_frame else self.steps
        dtype = np.float32 if steps.dtype == np.float32 else np.float64
        padded = np.full((len(self) * n_steps, steps.shape[1]), np.nan, dtype=dtype)
        cells = concatenate_ranges(np.arange(len(self)) * n_steps, lengths)
        padded[cells] = steps[concatenate_ranges(self.offsets[:-1], lengths)]
        return padded.reshape(len(self), n_steps, steps.shape[1])

    def __len__(self):
        return len(self.offsets) - 1

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key):
        """Return the steps of one sequence, or the `Sequences` of several."""
        if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis:
            key = key[0]  # as scikit-learn indexes arrays
        dtype = getattr(getattr(key, "dtype", None), "numpy_dtype", None)
        if dtype is not None and not pd.isna(key).any():
            key = key.to_numpy(dtype)  # under pandas 2, NumPy would find objects
        chosen = np.arange(len(self))[key]
        if chosen.ndim > 1:
            raise IndexError(
                f"Sequences have one dimension, got the key {key!r}; expected a "
                "position, a slice, or an array of positions or booleans."
            )
        if chosen.ndim == 0:
            rows = slice(self.offsets[chosen], self.offsets[chosen + 1])
            is_frame = isinstance(self.steps, pd.DataFrame)
            return self.steps.iloc[rows] if is_frame else self.steps[rows]
        return self._gather(
            self.offsets[chosen], self.lengths[chosen], self.ids[chosen]
        )

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "Sequences have no rectangular form to make an array of. Call to_padded() "
            "for an array of shape (n_sequences, n_steps, n_features), padded with NaN."
        )

    def __repr__(self):
        n, (_, k) = len(self), self.steps.shape
        low, high = (self.lengths.min(), self.lengths.max()) if n else (0, 0)
        return (
            f"Sequences({n} sequence{'s' * (n != 1)} of "
            f"{low if low == high else f'{low} to {high}'} steps, "
            f"{k} feature{'s' * (k != 1)})"
        )

    def _gather(self, starts, lengths, ids):
        rows = concatenate_ranges(starts, lengths)
        is_frame = isinstance(self.steps, pd.DataFrame)
        steps = self.steps.take(rows) if is_frame else self.steps[rows]
        return Sequences(steps, np.append(0, np.cumsum(lengths)), ids)


def to_numbers(frame):
    """Return a frame of numbers as an array: float32 if all columns are, or float64."""
    is_float32 = all(dtype == np.float32 for dtype in frame.dtypes)
    dtype = np.float32 if is_float32 else np.float64
    return frame.to_numpy(dtype=dtype, na_value=np.nan)


def _check_columns(frame, columns):
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            f"frame is {type(frame).__name__!r}; expected a pandas DataFrame, one row "
            "per step. Call Sequences.from_padded for an array."
        )
    for column in columns:
        if column not in frame.columns:
            raise ValueError(
                f"frame has no column {column!r}; got the columns "
                f"{list(frame.columns)}."
            )
        found = int((frame.columns == column).sum())
        if found > 1:
            raise ValueError(
                f"frame has {found} columns named {column!r}; expected one. Keep the "
                "first of each: frame.loc[:, ~frame.columns.duplicated()]."
            )
