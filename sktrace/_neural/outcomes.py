"""The outcome of whole sequences: what `DKTClassifier` does under many-to-one."""

from abc import ABC, abstractmethod

import numpy as np
import pandas as pd
import torch
from scipy.special import softmax

from .._interactions.columns import check_interactions
from .._interactions.log import Roles
from .._interactions.target import check_sample_weight
from .._interactions.timeline import Timeline
from .._plain import stored
from .._sequences.forms import check_numbers, check_sequences, learn_features
from .._sequences.target import check_labels
from .._sklearn import forget
from .answer_steps import encode_steps
from .batches import StepDataset
from .modules import NumberModule, OutcomeModule
from .number_steps import NumberSteps
from .numbers_in_portions import refuse_whole_sequences
from .tracer import NetworkTracer, count_taught
from .training import recurrent_sizes
from .warm_start import earlier_solution

__all__ = ["OutcomeTracer", "Outcomes"]


class Outcomes(ABC):
    """Reads whole sequences for a `DKTClassifier`, and predicts the class of each.

    A subclass says what their steps are. The classifier holds one, and keeps what was
    learnt.
    """

    @staticmethod
    def fit(estimator, X, y, sample_weight):
        """Learn the classes of sequences."""
        _refuse_columns(estimator)
        refuse_whole_sequences(X)
        X = check_sequences(X)
        classes, target = check_labels(y, len(X))
        weight = check_sample_weight(sample_weight, len(X))
        if not weight.all():
            taught = weight > 0
            X, target, weight = X[taught], target[taught], weight[taught]
        of_answers = _holds_answers(X, estimator.correct)
        held = OutcomesOfAnswers() if of_answers else OutcomesOfNumbers()
        judged = held.judge(estimator, X)
        earlier = earlier_solution(estimator)
        forget(estimator)
        estimator.classes_, estimator._outcomes_ = classes, held
        estimator._fit_net(
            earlier,
            held.learn(estimator, X, judged),
            target,
            weight,
            np.ones(len(X), dtype=bool),
            torch.nn.CrossEntropyLoss,
            batch_size=estimator._sequences_per_batch(len(X)),
        )
        return estimator

    def predict_proba(self, estimator, X):
        """Return the probability of each class for each sequence."""
        refuse_whole_sequences(X)
        steps = self.read(estimator, check_sequences(X))
        outputs = estimator.net_.predict_rows(StepDataset(steps), estimator.n_threads)
        return softmax(outputs, axis=1)

    @abstractmethod
    def judge(self, estimator, X):
        """Return what training sequences hold, before anything is learnt."""

    @abstractmethod
    def learn(self, estimator, X, judged):
        """Let the estimator learn what steps hold; return those of training."""

    @abstractmethod
    def module(self, estimator):
        """Return an untrained module with an output for each class."""

    @abstractmethod
    def read(self, estimator, X):
        """Return the steps of sequences to predict."""

    @abstractmethod
    def fill_unread(self, estimator, training):
        """Let what training did not hold be the average of what it held."""


@stored
class OutcomesOfAnswers(Outcomes):
    """Steps are interactions: rows of a log."""

    def judge(self, estimator, X):
        return check_interactions(_as_log(estimator, X), estimator._roles)

    def learn(self, estimator, X, judged):
        log = estimator._learn_skills(judged)
        return self._lay_out(estimator, log, Timeline.of(log))

    def module(self, estimator):
        return OutcomeModule(
            n_skills=len(estimator.skills_),
            embedding_size=int(estimator.embedding_size),
            n_outputs=len(estimator.classes_),
            **recurrent_sizes(estimator),
        )

    def read(self, estimator, X):
        return self._lay_out(estimator, *estimator._read(_as_log(estimator, X)))

    def fill_unread(self, estimator, training):
        n_read, _ = count_taught(training, len(estimator.skills_))
        n_read = torch.as_tensor(n_read, dtype=torch.float64)
        estimator.net_.module_.fill_unread(n_read)

    def _lay_out(self, estimator, log, timeline):
        """Return steps of which the last of each student is asked."""
        steps = encode_steps(log, timeline, len(estimator.skills_), after=True)
        return steps.ask_only(timeline.offsets[1:] - 1)


@stored
class OutcomesOfNumbers(Outcomes):
    """Steps are numbers, in the order of time."""

    def judge(self, estimator, X):
        return NumberSteps(check_numbers(X), X.offsets, X.offsets[1:] - 1)

    def learn(self, estimator, X, judged):
        learn_features(estimator, X.steps)
        everyone = np.ones(len(X), dtype=bool)
        scaler = judged.fit_scaler(everyone) if estimator.standardize else None
        estimator.scaler_ = scaler
        return judged.with_scaler(scaler)

    def module(self, estimator):
        return NumberModule(
            n_features=estimator.n_features_in_,
            n_outputs=len(estimator.classes_),
            **recurrent_sizes(estimator),
        )

    def read(self, estimator, X):
        values = check_numbers(X, fitted=estimator)
        return NumberSteps(values, X.offsets, X.offsets[1:] - 1, estimator.scaler_)

    def fill_unread(self, estimator, training):
        """Have nothing to fill: an unknown number is the average one."""


class OutcomeTracer(NetworkTracer):
    """A tracer that has a `task`, and holds `Outcomes` under ``"many-to-one"``."""

    def _fill_untaught(self, training):
        if self.task == "many-to-one":
            self._outcomes_.fill_unread(self, training)
        else:
            super()._fill_untaught(training)

    @property
    def _loss_name(self):
        sample = "sequence" if self.task == "many-to-one" else "answer"
        return f"log loss (nats per {sample})"

    def __sklearn_is_fitted__(self):
        # A net fitted for one task has nothing to say under another.
        of_outcomes = hasattr(self, "_outcomes_")
        return hasattr(self, "net_") and of_outcomes == (self.task == "many-to-one")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.task == "many-to-one":
            tags.classifier_tags.multi_class = True
            tags.input_tags.two_d_array = tags.input_tags.three_d_array = True
            tags.input_tags.allow_nan = False  # but behind the end of a sequence
            tags.input_tags.string = tags.input_tags.categorical = False
        return tags


def _refuse_columns(estimator):
    """Refuse columns that only many-to-many reads."""
    for role, column in estimator._roles.further.items():
        raise ValueError(
            f"{role}={column.name!r} under task='many-to-one'; expected {role}=None: "
            "an outcome is read from skills and answers, or from all the numbers of a "
            f'step. Pass {role}=None, or task="many-to-many".'
        )


def _holds_answers(X, correct):
    return isinstance(X.steps, pd.DataFrame) and correct in X.steps.columns


def _as_log(reader, X):
    """Write sequences of interactions as one long frame, a student for each."""
    steps = X.steps
    if not _holds_answers(X, reader.correct):
        raise ValueError(
            f"Steps have no column {reader.correct!r} (correct), which fit read; "
            "expected sequences of interactions, such as "
            "Sequences.from_frame(log, by=...)."
        )
    columns = Roles(order=reader.order).columns
    if steps.index.name in columns:
        # from_frame(order=...) keeps the times there, and perhaps in a column, too.
        steps = steps.reset_index(drop=steps.index.name in steps.columns)
    if missing := [column for column in columns if column not in steps.columns]:
        raise ValueError(
            f"Steps have no column {missing[0]!r} (order); got the columns "
            f"{list(steps.columns)}, expected numbers that grow with time. If the "
            "steps of each sequence already stand in time order, pass order=None."
        )
    steps = steps.drop(columns=reader.student, errors="ignore")
    steps.insert(0, reader.student, np.repeat(np.arange(len(X)), X.lengths))
    return steps
