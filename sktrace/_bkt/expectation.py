"""The E-step: what is expected to have happened in the hidden states.

The log-likelihood telescopes. P(answers) is P(answers | unknown) times the ratio of
1 + odds after and before them, and what 1 + odds are before is what they were after the
answers before, but for a factor 1 / (1 - l). So logarithms are taken where chains end.
"""

import numpy as np

from .evidence import number_rows, sum_by
from .limits import NAMES
from .passes import SURE, Passes, Steps, read_levels, sort_levels

__all__ = ["ExpectedCounts"]

FORGET = NAMES.index("forget")
KEPT = 2**20  # nodes times starts: of more, arrays are not kept for the next time
ENDS = 1e-14  # share of the weight of a node: what ends there is more than rounding


class ExpectedCounts:
    """How often it is expected to have happened what rates are the rates of.

    What does not depend on rates is set up once per `Histories`.

    Parameters
    ----------
    histories : Histories
    n_cells : int
    """

    def __init__(self, histories, n_cells):
        self.n_cells, self.n_skills = n_cells, histories.n_skills
        self.n_roots, self.evidence = histories.n_roots, histories.evidence
        self.prior, self.by_prior = histories.prior, sum_by(histories.prior, n_cells)
        order = sort_levels(histories)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        parent = place[histories.parent[order[self.n_roots :]]]
        self.levels = read_levels(histories.levels, parent)
        self.passes = None
        weight = histories.weight[order]
        ending = weight - np.bincount(parent, weight[self.n_roots :], len(order))
        self.ends = np.flatnonzero(ending > ENDS * weight)
        self.ending = ending[self.ends, np.newaxis]
        self.weight = weight[:, np.newaxis]
        self._number_steps(histories, order, parent)

    def _number_steps(self, histories, order, parent):
        """Number what nodes add: what is counted and looked up alike is so once."""
        n_roots, n_cells = self.n_roots, self.n_cells
        # Before a first opportunity nothing is learnt, and no cell tells of it.
        learn = np.full(len(order), n_cells)
        learn[n_roots:] = histories.learn[order[parent]]
        learn[n_roots:][parent < n_roots] = n_cells
        kind, skill = histories.kind[order], histories.skill[order]
        forgets = histories.forgets[order].astype(np.int64)
        steps, self.step = number_rows(learn, kind, skill, forgets)
        self.learn, self.kind, self.skill, self.forgets = steps.T
        self.by_step = sum_by(self.step, len(steps))
        self.step_weight = self.by_step @ self.weight
        self.by_kind = sum_by(self.kind, len(self.evidence.starts))
        self.by_answer = self.evidence.count_in(n_cells)
        self.by_learn = sum_by(self.learn, n_cells + 1)[:n_cells]
        forget = FORGET * self.n_skills + self.skill
        self.by_forget = sum_by(forget, n_cells, self.forgets.astype(np.float64))
        self.by_skill = sum_by(self.skill, self.n_skills)
        self.ends_by_skill = sum_by(skill[self.ends], self.n_skills)
        self.roots_by_skill = sum_by(skill[:n_roots], self.n_skills)

    def __call__(self, rates):
        """Return the log-likelihood, and how often what happened out of how often.

        Parameters
        ----------
        rates : ndarray of shape (n_cells, n_starts)

        Returns
        -------
        log_likelihood : ndarray of shape (n_skills, n_starts)
        hits, trials : ndarray of shape (n_cells, n_starts)
            For each rate, the expected weight of the cases in which it happened (a
            skill was known at first, was learnt, was guessed ...), and could have.
        """
        steps, prior = self._look_up(rates), rates[self.prior]
        passes = self._passes(rates.shape[1])
        passes.go(steps, prior / np.maximum(1 - prior, SURE))
        value = self._log_likelihood(steps, prior, passes)
        known, unknown, *changes = passes.divide(self.ends, self.ending)
        first = self.by_prior @ known[: self.n_roots]
        never = self.by_prior @ unknown[: self.n_roots]
        known, unknown, learnt, forgotten = (
            0.0 if nodes is None else self.by_step @ nodes
            for nodes in (known, unknown, *changes)
        )
        guessed, guesses, slipped, slips = self.by_answer
        if_unknown, if_known = self.by_kind @ unknown, self.by_kind @ known
        hits = first + guessed @ if_unknown + slipped @ if_known
        hits += self.by_learn @ learnt
        trials = first + never + guesses @ if_unknown + slips @ if_known
        trials += self.by_learn @ (learnt + unknown - forgotten)
        trials += self.by_forget @ (known - learnt + forgotten)
        if passes.forgets:
            hits += self.by_forget @ forgotten
        return value, hits, trials

    def _passes(self, n_starts):
        """Return `Passes` of so many starts: those of last time, if not too large."""
        if self.passes is not None and self.passes.odds.shape[1] == n_starts:
            return self.passes
        passes = Passes(self.levels, self.step, n_starts)
        self.passes = passes if passes.odds.size <= KEPT else None
        return passes

    def __getstate__(self):
        return vars(self) | {"passes": None}  # whose parts are views of each other

    def _look_up(self, rates):
        """Return what rates say of steps."""
        none = np.zeros((1, rates.shape[1]))
        learn = np.append(rates, none, axis=0)[self.learn]
        *answers, log_larger = self.evidence.answers_if(rates)
        if_unknown, if_known = (np.maximum(p, SURE) for p in answers)
        forget = rates[FORGET * self.n_skills :][self.skill]
        forget = forget * self.forgets[:, np.newaxis]
        return Steps(
            np.maximum(learn, SURE),
            np.maximum(1 - learn, SURE),
            forget if forget.any() else None,
            np.minimum(if_known / if_unknown, 1 / SURE)[self.kind],
            (np.log(if_unknown) + log_larger)[self.kind],
        )

    def _log_likelihood(self, steps, prior, passes):
        """Return the log-likelihood of each skill, (n_skills, n_starts)."""
        told = self.step_weight * steps.log_unknown
        if steps.forget is None:
            told += self.step_weight * np.log(steps.missed)
        beyond = passes.beyond(self.n_roots)
        if np.ndim(beyond):
            told += self.by_step @ (self.weight * beyond)
        never = np.log(np.maximum(1 - prior, SURE))
        ends = self.ending * np.log1p(passes.odds[self.ends])
        return (
            self.by_skill @ told
            + self.ends_by_skill @ ends
            + self.roots_by_skill @ (self.weight[: self.n_roots] * never)
        )
