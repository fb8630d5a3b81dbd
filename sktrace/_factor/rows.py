"""What the rows of a log know, and what their students' earlier moments tell."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .._interactions.practice import (
    count_features,
    number_questions,
    scale_counts,
    split_by_skill,
)
from .._interactions.timeline import Timeline
from .._plain import stored
from .._portions.pieces import total
from .effects import Known
from .memory import average_before, clock_of, count_before, last_before

__all__ = ["Reading", "Rows", "Scaling"]


class Reading(NamedTuple):
    """How a factor model reads rows."""

    counts: tuple  # names of what is counted
    scale: str  # on which, see `SCALES`
    half_life: float  # seconds after which an answer counts half
    n_items: int


@stored
class Scaling(NamedTuple):
    """Mean and spread of features, then of past features, in the rows of fit."""

    mean: np.ndarray  # (n_features,)
    spread: np.ndarray

    @classmethod
    def of(cls, rows):
        """Learn from pieces of `FitRows`; None where there are no features."""
        sums = rows.map(_sum_features, None)
        if sums[0] is None:
            return None
        weight, mean = total(sums)
        weight = np.maximum(weight, np.finfo(float).tiny)
        mean = mean / weight
        _, variance = rows.total(_sum_features, mean)
        spread = np.sqrt(variance / weight)
        return cls(mean, np.where(spread > 1e-9 * np.abs(mean), spread, 1.0))

    def apply(self, features):
        """Return scaled features, 0 where missing, and a mark of each that is."""
        scaled = (features - self.mean[:, None]) / self.spread[:, None]
        missing = np.isnan(scaled)
        return np.vstack([np.where(missing, 0.0, scaled), missing])


def _sum_features(rows, mean):
    """Sum up the weights of known features, and features, or squared deviations.

    Returns
    -------
    weight, total : ndarray of shape (n_features,)
        Or None, where there are no features.
    """
    features = rows.every.features
    if features is None:
        return None
    features = features[:, rows.rows]
    known = ~np.isnan(features)
    weight = known * rows.answer_weight
    values = np.where(known, features, 0.0)
    if mean is not None:
        values = (values - mean[:, None]) ** 2
    return weight.sum(axis=1), (weight * values).sum(axis=1)


class Rows:
    """A coded log, as a factor model reads it.

    Arrays have an entry for each row of X, in X's order, unless they say otherwise.

    Parameters
    ----------
    reading : Reading
    log : Log
    timeline : Timeline
        That of the log.
    """

    def __init__(self, reading, log, timeline):
        self.reading, self.log, self.timeline = reading, log, timeline
        self.correct = log.first(log.correct)
        self.answered = ~np.isnan(self.correct)
        self.has_items = "item" in log.known_before
        if self.has_items:
            item = log.first(log.known_before["item"])
            self.item = np.where(item < 0, reading.n_items, item)

    @cached_property
    def by_row(self):
        """A log and a timeline with one entry for each row."""
        if self.log.row_starts is None:
            return self.log, self.timeline
        log = self.log.take(self.log.row_starts)
        return log, Timeline.of(log)

    def in_time(self):
        """Return rows sorted by time: a fit shall not depend on how X stands."""
        position = self.timeline.restore(np.arange(len(self.timeline.rows)))
        return np.argsort(self.log.first(position), kind="stable")

    @cached_property
    def question(self):
        """Which question each row is of, or None if each is one of its own."""
        if not self.has_items:
            return None
        return self.log.first(number_questions(self.log, self.timeline))

    def per_question(self, values):
        """Give each answered row the mean of the answered rows of its question.

        Returns
        -------
        ndarray of shape (n_rows,)
            NaN in rows without an answer.
        """
        if self.question is None:
            return np.where(self.answered, values, np.nan)
        rows = self.by_row[1].rows  # so that sums run in an order of content
        rows = rows[self.answered[rows]]
        n = self.question.max() + 1
        total = np.bincount(self.question[rows], values[rows], n)
        n_rows = np.bincount(self.question[rows], minlength=n)
        with np.errstate(invalid="ignore"):
            mean = total / n_rows
        return np.where(self.answered, mean[self.question], np.nan)

    @cached_property
    def speaks(self):
        """Mark one answered row of each question: it is read as the evidence of all."""
        if self.question is None:
            return self.answered
        rows = self.by_row[1].rows
        rows = rows[self.answered[rows]]
        _, first = np.unique(self.question[rows], return_index=True)
        marks = np.zeros(len(self.answered), dtype=bool)
        marks[rows[first]] = True
        return marks

    # --- what is known before an answer --------------------------------------------

    def known(self, scaling=None):
        """Return skills, items, counts of practice, and scaled features."""
        item = item_counts = features = None
        if self.has_items:
            item, item_counts = self.item, self._item_counts()
        if scaling is not None:
            features = scaling.apply(self.features)
        counts = self._counts()
        return Known(self.log.skill, counts, self.log.sum, item, item_counts, features)

    @cached_property
    def features(self):
        """Features and past features, shape (n_features, n_rows), or None."""
        before = self.log.known_before.get("features")
        after = self.log.known_after.get("past_features")
        blocks = []
        if before is not None:
            blocks.append(self.log.first(before).T)
        if after is not None:
            timeline = self.by_row[1]
            values = self.log.first(after)[timeline.rows].T
            told = last_before(timeline, values, self.answered[timeline.rows])
            blocks.append(np.array([timeline.restore(value) for value in told]))
        return np.vstack(blocks) if blocks else None

    @cached_property
    def _clock(self):
        """When each row is, in the rows' time order; None if time plays no part."""
        if "time" not in self.log.known_before:
            return None
        log, timeline = self.by_row
        rows = timeline.rows
        time = log.known_before["time"][rows]
        return timeline.restore(clock_of(time, timeline, self.answered[rows]))

    def _counts(self):
        names, scale = self.reading.counts, self.reading.scale
        if not names:
            return np.empty((0, len(self.log.skill)))
        if self._clock is None:
            return count_features(self.log, self.timeline, names, scale)
        on_skill = split_by_skill(self.log, self.timeline)
        entries = on_skill.rows
        clock = self.log.spread(self._clock)[entries]
        counts = self._count(on_skill, self.log.correct[entries], 1.0, clock)
        return np.array([on_skill.restore(count) for count in counts])

    def _item_counts(self):
        """Count answers on the very item, a question once; 0 of unseen items."""
        if not self.reading.counts:
            return np.empty((0, len(self.item)))
        timeline = self.by_row[1]
        n_items = self.reading.n_items
        code = self.item[timeline.rows]
        on_item = timeline.split(np.where(code < n_items, code, -1))
        rows = timeline.rows[on_item.rows]
        share = 1 / self._n_answered()[rows]
        clock = None if self._clock is None else self._clock[rows]
        counts = np.zeros((len(self.reading.counts), len(self.item)))
        counts[:, rows] = self._count(on_item, self.correct[rows], share, clock)
        return counts

    def _n_answered(self):
        """Count the answered rows of each row's question, at least 1."""
        n = np.bincount(self.question, self.answered)
        return np.maximum(n, 1)[self.question]

    def _count(self, timeline, answer, share, clock):
        """Count wrong and right answers before each row of a timeline, on the scale."""
        counted = share * np.array([1 - answer, answer])
        wrong, right = count_before(timeline, counted, clock, self.reading.half_life)
        counted = {"attempts": wrong + right, "successes": right, "failures": wrong}
        return scale_counts(counted, self.reading.counts, self.reading.scale)

    # --- what answers tell ---------------------------------------------------------

    def answers(self, answer_means):
        """Return answers as mean targets, NaN where there is none."""
        answer = np.full(len(self.correct), np.nan)
        answer[self.answered] = answer_means[
            self.correct[self.answered].astype(np.int64)
        ]
        return answer

    def evidence(self, logit, answer):
        """Return logit and answer of each question, in the row that speaks for it."""
        if self.question is None:
            return logit, answer
        return self.per_question(logit), np.where(
            self.speaks, self.per_question(answer), np.nan
        )

    def averages(self, logit, answer, decays):
        """Average how much better than expected earlier answers were.

        A residual is the answer less P of a student of ability 0.

        Returns
        -------
        ndarray of shape (2 * n_decays, n_rows)
            For each decay the average over all answers; then that over answers on the
            asked skill, of a row of several skills the mean.
        """
        if not len(decays):
            return np.empty((0, len(answer)))
        residual = self.per_question(answer) - expit(self.per_question(logit))
        timeline = self.by_row[1]
        spoken = np.where(self.speaks, residual, np.nan)[timeline.rows]
        overall = average_before(timeline, spoken, decays)
        on_skill = split_by_skill(self.log, self.timeline)
        by_entry = self.log.spread(residual)[on_skill.rows]
        on_skill_averages = average_before(on_skill, by_entry, decays)
        n_skills = self.log.entries_per_row
        return np.array(
            [timeline.restore(average) for average in overall]
            + [
                self.log.sum(on_skill.restore(average)) / n_skills
                for average in on_skill_averages
            ]
        )
