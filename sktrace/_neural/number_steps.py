"""Sequences of numbers as a recurrent network reads them, as `answer_steps` do."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sklearn.preprocessing import StandardScaler

__all__ = ["NumberSteps", "describe"]

# Values closer to each other, relative to their size, differ by rounding alone.
ROUNDING = 1e-13


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
        """Learn the mean and standard deviation of each feature of some sequences.

        A feature that was never known there, or had but one value, taught the network
        nothing. Its scale is infinite, so that it is 0 in every input, whatever values
        it has later.
        """
        rows = slice(None) if chosen.all() else np.repeat(chosen, np.diff(self.offsets))
        # Column by column, so that no large array is copied.
        learnt = [describe(column[rows]) for column in self.values.T]
        scaler = StandardScaler(copy=False)
        scaler.n_samples_seen_, scaler.mean_, scaler.scale_ = map(
            np.array, zip(*learnt, strict=True)
        )
        scaler.var_ = scaler.scale_**2
        scaler.n_features_in_ = len(learnt)
        return scaler

    def scaled(self, steps):
        """Return the values of some steps as the network reads them, float32."""
        values = self.values[steps]
        if self.scaler is not None:
            values -= self.scaler.mean_.astype(values.dtype)
            values /= self.scaler.scale_.astype(values.dtype)
        if self.may_be_unknown:
            np.nan_to_num(values, copy=False, nan=0.0)
        return values.astype(np.float32, copy=False)


def describe(column):
    """Return the number, the mean and the scale of the known values of a column."""
    known = column[~np.isnan(column)]
    if not len(known):
        return 0, 0.0, np.inf
    mean = known.mean(dtype=np.float64)
    varies = np.ptp(known) > ROUNDING * np.abs(known).max()
    return len(known), mean, known.std(dtype=np.float64) if varies else np.inf
