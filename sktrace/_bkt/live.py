"""Bayesian knowledge tracing as a live tracer uses it."""

from typing import NamedTuple

import numpy as np

from .._interactions.target import mix_targets
from .._tracer.live import LiveModel
from .em import change_state, predict_answer, update_state
from .evidence import log_answers_if, over_the_larger
from .opportunities import first_pairs

__all__ = ["LiveKnowledge"]


class Knowledge(NamedTuple):
    """What one student has shown: arrays by skill, the unknown skill last."""

    unknown: np.ndarray  # P(unknown) after the answers of the last opportunity
    known: np.ndarray
    learn: np.ndarray  # rate at which it was learnt since; NaN where there was none
    time: np.ndarray  # of the last opportunity, in seconds, or NaN
    has_begun: bool  # whether the student has answered anything


class LiveKnowledge(LiveModel):
    """A state is the `Knowledge` of one student.

    Parameters
    ----------
    cells : Cells
    rates : ndarray of shape (n_cells,)
        The unknown skill's among them.
    gap : float or None
        Seconds from which a skill may be forgotten; None: it may after any answer.
    answer_means : ndarray of shape (2,)
    """

    def __init__(self, cells, rates, gap, answer_means):
        self.cells, self.rates, self.gap = cells, rates, gap
        self.answer_means = answer_means
        self.skills = np.arange(cells.n_skills)
        self.forget = rates[cells.of_skill("forget", self.skills)]

    def start(self, student):
        """Return the prior of those who are in no group."""
        return self._begin(np.full(1, -1))._replace(has_begun=False)

    def read(self, state, moment):
        """Return the state after the answers of one moment."""
        state = self._at_first(state, moment)
        time = self._latest(moment)
        now = self._now(state, self.skills, time)
        guess, slip = self._answer_rates(moment)
        counted = _count_once(moment)
        right = counted * moment.correct
        logs = [
            np.bincount(moment.skill, of_answer, len(self.skills))
            for of_answer in log_answers_if(counted - right, right, guess, slip)
        ]
        _, *then = update_state(*now, *over_the_larger(*logs)[:2])
        learn = self.cells.of_entries("learn", moment.skill, moment.further)
        own = self.cells.of_skill("learn", self.skills)
        learn = self.rates[first_pairs(learn, moment.skill, own, self.cells)]
        seen = np.isin(self.skills, moment.skill)
        new = Knowledge(*then, learn, time, True)
        return Knowledge(
            *(np.where(seen, *both) for both in zip(new[:4], state[:4], strict=True)),
            has_begun=True,
        )

    def ask(self, state, moment):
        """Return the mean over the skills of each row."""
        state = self._at_first(state, moment)
        time = moment.further.get("time", np.nan)
        _, known = self._now(state, moment.skill, time)
        p = predict_answer(known, *self._answer_rates(moment))
        return moment.average(mix_targets(p, self.answer_means))

    def knowledge(self, state):
        """Return P(known) of every known skill."""
        return self._now(state, self.skills, np.nan)[1][:-1]

    def _begin(self, group):
        """Return what is known of one of a group who has not answered yet."""
        prior = self.rates[self.cells.find("prior", self.skills, group)]
        never = np.full(len(prior), np.nan)
        return Knowledge(1 - prior, prior, never, never, True)

    def _at_first(self, state, moment):
        """Let a student's first row decide on the group."""
        if state.has_begun or "prior" not in self.cells.roles or not len(moment.skill):
            return state
        return self._begin(moment.further[self.cells.roles["prior"]][:1])

    def _now(self, state, skill, time):
        """Return P(unknown) and P(known) of skills after what happened since."""
        learn = state.learn[skill]
        changes = ~np.isnan(learn)
        forgets = changes if self.gap is None else time - state.time[skill] >= self.gap
        return change_state(
            state.unknown[skill],
            state.known[skill],
            np.where(changes, learn, 0),
            self.forget[skill] * forgets,
        )

    def _answer_rates(self, moment):
        return [
            self.rates[self.cells.of_entries(name, moment.skill, moment.further)]
            for name in ("guess", "slip")
        ]

    def _latest(self, moment):
        """Return the latest time of the answers on each skill, NaN if none has one."""
        time = np.full(len(self.skills), np.nan)
        if "time" in moment.further:
            np.fmax.at(time, moment.skill, moment.further["time"])
        return time


def _count_once(moment):
    """Return 1 for each entry; 0 where one before tells the same of its question."""
    item = moment.further.get("item")
    if item is None:
        return np.ones(len(moment.skill), dtype=np.int64)
    own = np.where(item == -1, item.max(initial=0) + 1 + moment.row, item)
    told = np.column_stack([own, moment.skill, moment.correct])
    counted = np.zeros(len(item), dtype=np.int64)
    counted[np.unique(told, axis=0, return_index=True)[1]] = 1
    return counted
