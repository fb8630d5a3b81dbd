"""Bayesian knowledge tracing as a live tracer uses it."""

from typing import NamedTuple

import numpy as np

from .._interactions.target import mix_targets
from .._plain import stored
from .._tracer.live_model import LiveModel
from .em import change_state, predict_answer, update_state
from .evidence import log_answers_if, over_the_larger
from .opportunities import first_pairs

__all__ = ["LiveKnowledge"]


@stored
class Knowledge(NamedTuple):
    """What one student has shown: arrays by skill, the unknown skill last."""

    unknown: np.ndarray  # P(unknown) after the answers of the last opportunity
    known: np.ndarray
    learn: np.ndarray  # rate at which it was learnt since; NaN where there was none
    time: np.ndarray  # of the last opportunity, in seconds, or NaN; empty if not read
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
        cells.pairs  # noqa: B018, worked out before threads share it

    def start(self, student):
        """Return the prior of those who are in no group."""
        return self._begin(np.full(1, -1))._replace(has_begun=False)

    def read(self, state, moment):
        """Return the state after the answers of one moment."""
        state = self._at_first(state, moment)
        skills, place = moment.skill, np.zeros(1, dtype=np.int64)
        if len(skills) != 1:
            skills, place = np.unique(moment.skill, return_inverse=True)
        time = self._latest(moment, place, len(skills))
        now = self._now(state, skills, skills, time)
        guess, slip = self._answer_rates(moment)
        counted = _count_once(moment)
        right = counted * moment.correct
        logs = [
            np.bincount(place, of_answer, len(skills))
            for of_answer in log_answers_if(counted - right, right, guess, slip)
        ]
        _, *then = update_state(*now, *over_the_larger(*logs)[:2])
        learn = self.cells.of_entries("learn", moment.skill, moment.further)
        own = self.cells.of_skill("learn", skills)
        learn = self.rates[first_pairs(learn, place, own, self.cells)]
        after = Knowledge(*(values.copy() for values in state[:4]), True)
        _overwrite(after, skills, *then, learn, time)
        return after

    def read_rounds(self, states, rounds):
        """Return the states of many after single answers, side by side."""
        state = Knowledge(*(np.array([own[k] for own in states]) for k in range(4)), 1)
        learn = self.rates[self.cells.of_skill("learn", self.skills)]
        rates = [
            self.rates[self.cells.of_skill(name, self.skills)]
            for name in ("guess", "slip")
        ]
        for n, skill, correct in rounds:
            own = np.arange(n), skill
            now = self._now(state, own, skill, np.nan)
            guess, slip = (rate[skill] for rate in rates)
            logs = log_answers_if(1 - correct, correct, guess, slip)
            _, *then = update_state(*now, *over_the_larger(*logs)[:2])
            _overwrite(state, own, *then, learn[skill], np.nan)
        return [
            Knowledge(*(values.copy() for values in own), True)
            for own in zip(*state[:4], strict=True)
        ]

    def ask(self, state, moment):
        """Return the mean over the skills of each row."""
        state = self._at_first(state, moment)
        time = moment.further.get("time", np.nan)
        _, known = self._now(state, moment.skill, moment.skill, time)
        p = predict_answer(known, *self._answer_rates(moment))
        return moment.average(mix_targets(p, self.answer_means))

    def knowledge(self, state):
        """Return P(known) of every known skill."""
        return self._now(state, self.skills, self.skills, np.nan)[1][:-1]

    def _begin(self, group):
        """Return what is known of one of a group who has not answered yet."""
        prior = self.rates[self.cells.find("prior", self.skills, group)]
        never = np.full(len(prior), np.nan)
        time = never[:0] if self.gap is None else never
        return Knowledge(1 - prior, prior, never, time, True)

    def _at_first(self, state, moment):
        """Let a student's first row decide on the group."""
        if state.has_begun or "prior" not in self.cells.roles or not len(moment.skill):
            return state
        return self._begin(moment.further[self.cells.roles["prior"]][:1])

    def _now(self, state, own, skill, time):
        """Return P(unknown) and P(known) of skills after what happened since.

        `own` is where they stand in the state: by skill, or by student and skill.
        """
        learn = state.learn[own]
        changes = ~np.isnan(learn)
        forgets = changes if self.gap is None else time - state.time[own] >= self.gap
        return change_state(
            state.unknown[own],
            state.known[own],
            np.where(changes, learn, 0),
            self.forget[skill] * forgets,
        )

    def _answer_rates(self, moment):
        return [
            self.rates[self.cells.of_entries(name, moment.skill, moment.further)]
            for name in ("guess", "slip")
        ]

    def _latest(self, moment, place, n):
        """Return the latest time of the answers on each skill, NaN if none has one."""
        time = np.full(n, np.nan)
        if "time" in moment.further:
            np.fmax.at(time, place, moment.further["time"])
        return time


def _overwrite(state, own, unknown, known, learn, time):
    """Write what is known of skills after answers into the arrays of a state."""
    state.unknown[own], state.known[own], state.learn[own] = unknown, known, learn
    if state.time.size:
        state.time[own] = time


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
