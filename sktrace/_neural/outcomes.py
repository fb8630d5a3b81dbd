"""The many-to-one half of `DKTClassifier`: a network asked for one outcome."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import torch
from scipy.special import softmax

from .._arrays import concatenate_ranges
from .._interactions.columns import check_interactions
from .._interactions.log import Log
from .._interactions.target import check_sample_weight
from .._interactions.timeline import Timeline
from .._sequences.forms import check_numbers, check_sequences, learn_features
from .._sequences.target import check_labels
from .._tracer.base import InteractionReader
from .answer_steps import encode_steps, start_code
from .batches import AnswerDataset, NumberDataset
from .modules import NumberModule, OutcomeModule
from .number_steps import NumberSteps
from .training import RecurrentMixin

__all__ = ["OutcomeClassifier"]


class OutcomeClassifier(RecurrentMixin, InteractionReader):
    """Predicts the class of a whole sequence, of interactions or of numbers."""

    def _fit_outcome(self, X, y, sample_weight):
        """Learn the classes of sequences."""
        self._validate_params()
        X = check_sequences(X)
        classes, target = check_labels(y, len(X))
        weight = check_sample_weight(sample_weight, len(X))
        if not weight.all():
            taught = weight > 0
            X, target, weight = X[taught], target[taught], weight[taught]
        steps = self._judge_steps(X)
        self._start()
        make_dataset, make_net = self._learn_steps(X, steps)
        self.classes_ = classes
        held_out = self._hold_out(np.arange(len(X)))
        dataset = partial(make_dataset, target=target, weight=weight)
        batch_size = self._sequences_per_batch(len(X))
        training = dataset(chosen=~held_out, batch_size=batch_size)
        valid = dataset(chosen=held_out) if held_out.any() else None
        net = make_net(criterion=torch.nn.CrossEntropyLoss, n_outputs=len(classes))
        self._train_net(net, training, valid, self.max_epochs)
        if self._reads_answers:
            self._fill_unread(training)
        return self

    def _predict_outcome(self, X):
        """Return the probability of each class for each sequence."""
        X = check_sequences(X)
        if self._reads_answers:
            dataset = AnswerDataset(self._encode_answers(*self._read(_as_log(self, X))))
        else:
            values = check_numbers(X, fitted=self)
            steps = NumberSteps.asked_at_the_end(values, X.offsets)
            dataset = NumberDataset(steps.with_scaler(self.scaler_))
        return softmax(self.net_.predict_rows(dataset), axis=1)

    def _judge_steps(self, X):
        """Return what steps hold: a log of interactions, or numbers."""
        if _holds_answers(X, self.correct):
            return check_interactions(_as_log(self, X), self._roles)
        return check_numbers(X)

    def _learn_steps(self, X, steps):
        """Learn what steps hold; return how to make their data set and their net."""
        vars(self).pop("skills_", None)
        self._reads_answers = isinstance(steps, Log)
        if self._reads_answers:
            log = self._learn_skills(steps)
            steps = self._encode_answers(log, Timeline.of(log))
            module = partial(
                OutcomeModule,
                n_skills=len(self.skills_),
                embedding_size=self.embedding_size,
            )
            return partial(AnswerDataset, steps), partial(self._build_net, module)
        learn_features(self, X)
        module = partial(NumberModule, n_features=steps.shape[1])
        steps = NumberSteps.asked_at_the_end(steps, X.offsets)
        everyone = np.ones(len(X), dtype=bool)
        self.scaler_ = steps.fit_scaler(everyone) if self.standardize else None
        dataset = partial(NumberDataset, steps.with_scaler(self.scaler_))
        return dataset, partial(self._build_net, module)

    def _encode_answers(self, log, timeline):
        """Lay answers out as steps, of which the last of each student is asked."""
        steps = encode_steps(
            timeline, log.skill, log.correct, len(self.skills_), after=True
        )
        last = timeline.offsets[1:] - 1
        return replace(
            steps, row_step=steps.row_step[last], row_skill=steps.row_skill[last]
        )

    def _fill_unread(self, training):
        """Let answers that training did not hold be the average of those it did."""
        start = start_code(len(self.skills_))  # every answer's code is below it
        bags = training.steps.bags
        first, last = bags[training.starts], bags[training.stops]
        read = training.steps.answers[concatenate_ranges(first, last - first)]
        n_read = np.bincount(read[read < start], minlength=start)
        self.net_.module_.fill_unread(torch.as_tensor(n_read, dtype=torch.float64))


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
    if reader.order is not None and steps.index.name == reader.order:
        # from_frame(order=...) keeps the times there, and perhaps in a column, too.
        steps = steps.reset_index(drop=reader.order in steps.columns)
    if reader.order is not None and reader.order not in steps.columns:
        raise ValueError(
            f"Steps have no column {reader.order!r} (order); got the columns "
            f"{list(steps.columns)}, expected numbers that grow with time. If the "
            "steps of each sequence already stand in time order, pass order=None."
        )
    steps = steps.drop(columns=reader.student, errors="ignore")
    steps.insert(0, reader.student, np.repeat(np.arange(len(X)), X.lengths))
    return steps
