"""How X and y of a regressor of sequences are read, under each of its tasks."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from .._interactions.columns import names_of
from .._interactions.log import Roles
from .._plain import stored
from .forms import (
    check_numbers,
    check_sequences,
    learn_features,
    padded_length,
    refuse_sequences,
)
from .frame import check_number_frame, choose_columns, refuse_own_target
from .target import check_number_target, check_weight

__all__ = ["FrameReader", "SequenceReader"]


class Samples(NamedTuple):
    """Numbers to read, sequence after sequence, and rows that are asked of them."""

    values: np.ndarray  # (n_steps, n_inputs); NaN: not known
    offsets: np.ndarray  # sequence s owns the steps offsets[s]:offsets[s + 1]
    row_step: np.ndarray  # (n_rows,) the step whose state each row is asked of
    sample: np.ndarray  # (n_rows,) which sample of X each row is
    target: np.ndarray | None = None  # (n_rows, n_targets); 0 where there is none
    weight: np.ndarray | None = None  # of target's shape


class Reader(ABC):
    """Reads X as a task understands it, and remembers the form that it had in fit."""

    def read_training(self, X, y, sample_weight):
        """Judge X, y and weights; return the samples to learn from."""
        samples = self.read(X)
        n_samples = len(samples.sample)
        target, has_target, self.one_column = self._judge_target(X, y, n_samples)
        weight = check_weight(sample_weight, has_target)
        samples = samples._replace(
            target=target[samples.sample], weight=weight[samples.sample]
        )
        self._refuse_leaks(samples)
        self.n_inputs = samples.values.shape[1]
        return samples

    @abstractmethod
    def read(self, X, fitted=None):
        """Judge X, like that of a fitted regressor; return the samples to predict."""

    @abstractmethod
    def describe(self, regressor):
        """Let a regressor say which columns, or how many numbers, it has read."""

    @abstractmethod
    def _judge_target(self, X, y, n_samples):
        """Return target, where there is one, and whether y has one dimension."""

    def _refuse_leaks(self, samples):  # noqa: B027, whole sequences have none
        """Refuse what tells a row its own answer."""


@stored
class FrameReader(Reader):
    """Many-to-many: a sample is a row of a long frame, asked at its own step."""

    task = "many-to-many"

    def __init__(self, student, order, features, past_features):
        self.student, self.order = student, order
        self.features, self.past_features = features, past_features
        self.columns = None  # chosen when fit meets X

    def read(self, X, fitted=None):
        """Judge a long frame; each of its rows is asked."""
        refuse_sequences(X)
        if self.columns is None:
            self.columns = choose_columns(
                X, self.student, self.order, self.features, self.past_features
            )
        frame = check_number_frame(X, self.student, self.order, self.columns)
        steps = np.arange(len(frame.rows))
        return Samples(frame.values, frame.offsets, steps, frame.rows)

    def describe(self, regressor):
        """Name the columns that are read."""
        features, past_features = self.columns
        regressor.features_, regressor.past_features_ = features, past_features
        roles = Roles(student=self.student, order=self.order)
        columns = [*roles.columns, *features, *past_features]
        regressor.feature_names_in_ = names_of(columns)
        regressor.n_features_in_ = len(columns)

    def _judge_target(self, X, y, n_samples):
        return check_number_target(y, n_samples)

    def _refuse_leaks(self, samples):
        refuse_own_target(
            self.columns.features, samples.values, samples.target, samples.weight
        )


@stored
class SequenceReader(Reader):
    """Many-to-one: a sample is a whole sequence, asked at its end."""

    task = "many-to-one"

    def __init__(self, student, order, features, past_features):
        """Have nothing to choose: all that a step holds is read."""

    def read(self, X, fitted=None):
        """Judge whole sequences; each is asked once."""
        X = check_sequences(X)
        values = check_numbers(X, fitted=fitted)
        if fitted is None:
            self.form = X.steps[:0].copy()  # names and number of features, no data
        return Samples(values, X.offsets, X.offsets[1:] - 1, np.arange(len(X)))

    def describe(self, regressor):
        """Say how many numbers a step has, and their names if they have any."""
        learn_features(regressor, self.form)

    def _judge_target(self, X, y, n_samples):
        return check_number_target(
            y, n_samples, is_whole=True, n_steps=padded_length(X)
        )
