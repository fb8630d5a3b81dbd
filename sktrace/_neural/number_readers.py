"""How X of `SequenceRegressor` is read under each task: columns, steps, samples."""

import numpy as np

from .._interactions.columns import names_of
from .._sequences.forms import (
    check_numbers,
    check_sequences,
    learn_features,
    padded_length,
    refuse_sequences,
)
from .._sequences.frame import check_number_frame, choose_columns, refuse_own_target
from .._sequences.target import check_number_target
from .number_steps import NumberSteps

__all__ = ["FrameReader", "SequenceReader"]


class FrameReader:
    """Many-to-many: a sample is a row of a long frame, asked at its own step."""

    task = "many-to-many"

    def __init__(self, regressor, X):
        refuse_sequences(X)
        self.student, self.order = regressor.student, regressor.order
        self.columns = choose_columns(
            X, self.student, self.order, regressor.features, regressor.past_features
        )

    @property
    def n_inputs(self):
        """How many numbers a step holds: those of the past come with a mark."""
        return len(self.columns.features) + 2 * len(self.columns.past_features)

    def read(self, X, fitted=None):
        """Judge X; return its steps, and the sample of each row that they are asked."""
        refuse_sequences(X)
        frame = check_number_frame(X, self.student, self.order, self.columns)
        return NumberSteps.asked_at_every_step(frame.values, frame.offsets), frame.rows

    def judge_target(self, X, y, n_samples):
        """Judge what is to be predicted; a row may lack it."""
        return check_number_target(y, n_samples)

    def refuse_leaks(self, steps, target, weight):
        """Refuse a feature that is what is to be predicted."""
        refuse_own_target(self.columns.features, steps.values, target, weight)

    def learn(self, regressor, X):
        """Let the regressor keep which columns were read."""
        features, past_features = self.columns
        regressor.features_, regressor.past_features_ = features, past_features
        columns = [self.student, self.order, *features, *past_features]
        columns = [column for column in columns if column is not None]
        regressor.feature_names_in_ = names_of(columns)
        regressor.n_features_in_ = len(columns)


class SequenceReader:
    """Many-to-one: a sample is a whole sequence, asked at its end."""

    task = "many-to-one"

    def __init__(self, regressor, X):
        """Have nothing to choose: all that a step holds is read."""

    def read(self, X, fitted=None):
        """Judge X; return its steps, and the sample of each row that they are asked."""
        X = check_sequences(X)
        values = check_numbers(X, fitted=fitted)
        return NumberSteps.asked_at_the_end(values, X.offsets), np.arange(len(X))

    def judge_target(self, X, y, n_samples):
        """Judge what is to be predicted; one for each step is refused."""
        return check_number_target(
            y, n_samples, is_whole=True, n_steps=padded_length(X)
        )

    def refuse_leaks(self, steps, target, weight):
        """Refuse nothing: all of a sequence comes before its outcome."""

    def learn(self, regressor, X):
        """Let the regressor keep the number and the names of features."""
        learn_features(regressor, check_sequences(X))
        self.n_inputs = regressor.n_features_in_
