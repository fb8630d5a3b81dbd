"""Sequences of numbers as a recurrent network reads them: the sibling of `_steps`."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

__all__ = ["NumberSteps"]

# Steps looked at together when a scale is learnt, so that no large array is copied.
STEPS_AT_ONCE = 2**14


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

    @classmethod
    def asked_at_every_step(cls, values, offsets):
        """Ask a row of each step."""
        return cls(values, offsets, np.arange(offsets[-1]))

    @classmethod
    def asked_at_the_end(cls, values, offsets):
        """Ask one row of each sequence, of its last step."""
        return cls(values, offsets, offsets[1:] - 1)

    def mark_sequences(self, weight):
        """Mark the sequences of which some row has a weight."""
        sequence = np.searchsorted(self.offsets, self.row_step, side="right") - 1
        return np.bincount(sequence, weight, minlength=len(self.offsets) - 1) > 0

    def with_scaler(self, scaler):
        """Return the same steps, scaled before the network sees them."""
        return replace(self, scaler=scaler)

    def fit_scaler(self, chosen):
        """Learn the mean and standard deviation of each feature of some sequences."""
        values = self.values
        if not chosen.all():
            values = values[np.repeat(chosen, np.diff(self.offsets))]
        scaler = StandardScaler(copy=False)
        for rows in gen_batches(len(values), STEPS_AT_ONCE):
            scaler.partial_fit(values[rows])
        # A column that is never known has no mean: it stays unknown.
        scaler.mean_ = np.nan_to_num(scaler.mean_)
        scaler.scale_ = np.nan_to_num(scaler.scale_, nan=1.0)
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
