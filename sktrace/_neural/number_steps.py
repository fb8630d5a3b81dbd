"""Sequences of numbers as a recurrent network reads them, as `answer_steps` do."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sklearn.preprocessing import StandardScaler

from .._arrays import concatenate_ranges
from .column_summary import ColumnSummary
from .runs import choose_rows, join_rows, shorten

__all__ = ["NumberSteps", "scaler_of"]


@dataclass(frozen=True)
class NumberSteps:
    """Flat steps of many sequences, and the rows asked of them.

    Attributes
    ----------
    values : ndarray of shape (n_steps, n_features)
        NaN where a value is not known.
    offsets : ndarray of shape (n_sequences + 1,)
        Sequence s owns the steps ``offsets[s]:offsets[s + 1]``.
    row_step : ndarray of shape (n_rows,)
        The step whose state each row is asked of; never decreases.
    scaler : StandardScaler or None
        Scales values before the network sees them; what is unknown becomes 0.
    """

    values: np.ndarray
    offsets: np.ndarray
    row_step: np.ndarray
    scaler: StandardScaler | None = None

    @cached_property
    def may_be_unknown(self):
        """Whether some value is not known."""
        return np.isnan(self.values.sum(dtype=np.float64))

    def mark_sequences(self, weight):
        """Mark the sequences of which some row has a weight."""
        sequence = np.searchsorted(self.offsets, self.row_step, side="right") - 1
        return np.bincount(sequence, weight, minlength=len(self.offsets) - 1) > 0

    def ask_only(self, rows):
        """Return the same steps, asked by some of the rows."""
        return replace(self, row_step=self.row_step[rows])

    def with_scaler(self, scaler):
        """Return the same steps, scaled before the network sees them."""
        return replace(self, scaler=scaler)

    def fit_scaler(self, chosen):
        """Learn the mean and standard deviation of each feature of some sequences."""
        rows = None if chosen.all() else np.repeat(chosen, np.diff(self.offsets))
        return scaler_of(ColumnSummary.of(self.values, rows))

    def choose(self, starts, stops):
        """Return the steps of some runs as sequences, and the rows asked of them."""
        lengths = stops - starts
        rows, row_step, offsets = choose_rows(self.row_step, starts, stops)
        values = self.values[concatenate_ranges(starts, lengths)]
        return NumberSteps(values, offsets, row_step, self.scaler), rows

    def shorten(self):
        """Return the same steps with places of half the bytes."""
        return replace(self, row_step=shorten(self.row_step))

    @classmethod
    def join(cls, parts):
        """Return the sequences of several, one after the other."""
        offsets, row_step = join_rows(parts)
        values = np.concatenate([part.values for part in parts])
        return cls(values, offsets, row_step, parts[0].scaler)

    def scaled(self, steps):
        """Return the values of some steps as the network reads them, float32."""
        values = self.values[steps]
        if self.scaler is not None:
            values -= self.scaler.mean_.astype(values.dtype)
            values /= self.scaler.scale_.astype(values.dtype)
        if self.may_be_unknown:
            np.nan_to_num(values, copy=False, nan=0.0)
        return values.astype(np.float32, copy=False)


def scaler_of(summary):
    """Return what scales columns that a `ColumnSummary` describes.

    A feature that was never known there, or had but one value, taught the network
    nothing. Its scale is infinite, so that it is 0 in every input, whatever values it
    has later.
    """
    scaler = StandardScaler(copy=False)
    scaler.n_samples_seen_ = summary.n.astype(np.int64)
    scaler.mean_, scaler.scale_ = summary.mean, summary.scale
    scaler.var_ = scaler.scale_**2
    scaler.n_features_in_ = len(summary.n)
    return scaler
