"""What factor models have learnt, and what it says of rows."""

from typing import NamedTuple

import numpy as np

from .._plain import stored
from .ability import predict_from_ability

__all__ = ["Effects", "Known", "Readout", "Trace", "add_columns"]


class Known(NamedTuple):
    """What is known of rows before their answers, the student's ability apart."""

    skill: np.ndarray  # (n_entries,) codes
    counts: np.ndarray  # (n_counts, n_entries) practice of the skill, scaled
    sum: object  # gives each row the sum of the values of its entries
    item: np.ndarray | None = None  # (n_rows,) codes; n_items of an unseen one
    item_counts: np.ndarray | None = None  # (n_counts, n_rows) practice of the item
    features: np.ndarray | None = None  # (n_features, n_rows), scaled, with marks


class Trace(NamedTuple):
    """What is known and traced of rows before their answers, by row."""

    known: Known
    logit: np.ndarray  # (n_rows,) for ability 0
    mean: np.ndarray  # of what is known of ability, 0 where it is not traced
    variance: np.ndarray
    averages: np.ndarray  # (n_averages, n_rows)
    p: np.ndarray  # what is predicted


@stored
class Effects(NamedTuple):
    """Effects of a regression; those of an unseen skill or item stand last."""

    intercept: float
    skills: np.ndarray  # (n_skills + 1, 1 + n_counts) effect and slopes
    items: np.ndarray | None = None  # (n_items + 1,)
    item_counts: np.ndarray | None = None  # (n_counts,)
    features: np.ndarray | None = None  # (n_features,)

    def logit(self, known):
        """Return what skills, items and practice say of each row, for ability 0."""
        logit, *slopes = self.skills[known.skill].T
        for slope, count in zip(slopes, known.counts, strict=True):
            logit = logit + slope * count
        logit = self.intercept + known.sum(logit)
        if self.items is not None:
            logit = logit + self.items[known.item]
            logit = add_columns(logit, self.item_counts, known.item_counts)
        if self.features is not None:
            logit = add_columns(logit, self.features, known.features)
        return logit


@stored
class Readout(NamedTuple):
    """A second regression, which reads what was traced beside what is known.

    The logit is that of its own effects, plus ``weight · discrimination · ability``,
    plus a sum over averages.
    """

    effects: Effects
    weight: float
    discriminations: np.ndarray | None  # (n_items + 1,), 1 of an unseen item
    averages: np.ndarray  # (n_averages,)
    slopes: np.ndarray | None = None  # (n_items + 1,) of ability where it is traced

    def predict(self, known, mean, variance, averages):
        """Return P of each row."""
        logit = add_columns(self.effects.logit(known), self.averages, averages)
        ability = self.weight * mean
        if self.discriminations is not None:
            ability = self.discriminations[known.item] * ability
        return predict_from_ability(logit, ability, variance)


def add_columns(logit, effects, columns):
    """Add a weighted sum of columns, never by BLAS: see `ability`."""
    for effect, column in zip(effects, columns, strict=True):
        logit = logit + effect * column
    return logit
