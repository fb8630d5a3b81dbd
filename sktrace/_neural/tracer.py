"""The many-to-many half of `DKTClassifier`: a network asked at every step."""

from dataclasses import replace

import numpy as np
import torch
from scipy.special import expit

from .._interactions.target import encode_target
from .._interactions.timeline import Timeline
from .._interactions.vocabulary import average_cells
from .._tracer.base import BaseTracer
from .._words import first_few
from .answer_steps import encode_steps, start_code
from .batches import AnswerDataset
from .live import LiveNetwork
from .modules import DKTModule
from .training import LARGEST_BATCH, RecurrentMixin

__all__ = ["RecurrentTracer"]


class RecurrentTracer(RecurrentMixin, BaseTracer):
    """Traces interactions by the network of its parameters."""

    _parameter_constraints = {  # noqa: RUF012
        **BaseTracer._parameter_constraints,
        **RecurrentMixin._parameter_constraints,
    }

    def _fit_tracing(self, X, y, sample_weight):
        """Learn to predict every interaction of a log."""
        log, target, weight = self._check_fit(X, y, sample_weight)
        self._start()
        held_out = self._hold_out(log.student)
        valid = None
        if held_out.any():
            valid = self._dataset(log, target, weight, held_out)
        training = self._training_set(log, target, weight, ~held_out)
        return self._train(self._build(), training, valid, epochs=self.max_epochs)

    def _check_refit(self, X, y, sample_weight, classes):
        """Judge a further log of skills and classes that are known."""
        self._validate_params()
        classes = self.classes_ if classes is None else np.unique(classes)
        if not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"classes={classes.tolist()!r} differ from those of the first call, "
                f"{self.classes_.tolist()}. Call fit to start anew."
            )
        log, y, has_target, weight = self._check_log(X, y, sample_weight)
        vocabulary = self._vocabulary()
        new = vocabulary.unseen(log.skills.tolist())
        if new:
            raise ValueError(
                f"{len(new)} skill(s) were not seen in the first call: "
                f"{first_few(new)}; expected some of the {len(vocabulary)} in skills_. "
                "To learn new ones, fit on all logs."
            )
        target = encode_target(y, has_target, self.classes_)
        log = vocabulary.encode_log(log)
        return log, log.spread(target), log.spread(weight)

    def _build(self):
        """Return an untrained net for the skills at hand."""
        n_skills = len(self.skills_)
        self._n_read = np.zeros(start_code(n_skills))
        self._n_asked = np.zeros(n_skills + 1)
        return self._build_net(
            DKTModule,
            torch.nn.BCEWithLogitsLoss,
            n_skills=n_skills,
            embedding_size=self.embedding_size,
            readout=self.readout,
        )

    def _train(self, net, training, valid, epochs):
        """Train a net, and let skills it was not taught be the average skill."""
        self._train_net(net, training, valid, epochs)
        read, asked = training.steps.answers, training.steps.row_skill
        start = len(self._n_read)  # the start token's code; every other is below it
        self._n_read += np.bincount(read[read < start], minlength=start)
        asked = asked[training.weight > 0]
        self._n_asked += np.bincount(asked, minlength=len(self._n_asked))
        net.module_.fill_untaught(
            torch.as_tensor(self._n_read), torch.as_tensor(self._n_asked)
        )
        return self

    def _training_set(self, log, target, weight, rows):
        return self._dataset(
            log,
            target,
            weight,
            rows,
            batch_size=LARGEST_BATCH if self.batch_size == "auto" else self.batch_size,
            max_length=self.max_length,
        )

    def _dataset(self, log, target, weight, rows, **batching):
        """Lay some rows of a coded log out for training."""
        weight = weight / log.spread(log.entries_per_row)  # a row counts as one row
        if not rows.all():
            log, target, weight = log.take(rows), target[rows], weight[rows]
        timeline = Timeline.of(log)
        steps = self._encode_steps(log, timeline)
        rows = timeline.rows
        target = target[rows].astype(np.float32)
        return AnswerDataset(steps, target, weight[rows], **batching)

    def _encode_steps(self, log, timeline, after=False):
        return encode_steps(
            timeline, log.skill, log.correct, len(self.skills_), after=after
        )

    def _predict_log(self, log, timeline):
        dataset = AnswerDataset(self._encode_steps(log, timeline))
        return expit(self.net_.predict_rows(dataset))

    def _live_model(self):
        return LiveNetwork(self.net_.module_, len(self.skills_))

    def _predict_next(self, log, timeline, codes, sizes):
        # All skills are asked of one state, so there is no need for rows that ask.
        steps = self._encode_steps(log, timeline, after=True)
        last = timeline.offsets[1:] - 1
        steps = replace(
            steps, row_step=steps.row_step[last], row_skill=steps.row_skill[last]
        )
        p = self.net_.predict_every_skill(AnswerDataset(steps), codes)
        return average_cells(p, sizes)
