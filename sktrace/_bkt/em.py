"""Exact filtering and EM for Bayesian knowledge tracing.

Every skill is a hidden Markov model of two states, unknown and known. All skills and
all starts are computed at once: rates are an array of shape (n_cells, n_starts), whose
places `Cells` knows, states are arrays of shape (n_nodes, n_starts) over the nodes of
`Histories`. Loops run over the depth of histories and over iterations, never over rows,
students or skills.
"""

import numpy as np
from scipy.special import expit, logit

from .limits import NAMES

__all__ = [
    "Filter",
    "change_state",
    "log_likelihood",
    "maximize",
    "predict_answer",
    "update_state",
]

FORGET = NAMES.index("forget")
TINY = np.finfo(np.float64).tiny
FLOOR = 1e-200  # a state that is ruled out is as good as impossible; ratios stay finite
# Cycles of three EM steps that every start takes before the best of a skill goes on.
SHORT_RUN = 8
# Skills that have converged are left out once they are this share of the nodes.
SHARE_DONE = 0.2


def predict_answer(known, guess, slip):
    """Return P(correct) from P(known)."""
    return np.clip(known * (1 - slip) + (1 - known) * guess, 0, 1)


def update_state(unknown, known, if_unknown, if_known):
    """Return P(answers), P(unknown | answers) and P(known | answers): Bayes' rule.

    Both states are carried on: one minus the other would lose a small one for good.
    """
    unknown, known = unknown * if_unknown, known * if_known
    p = np.maximum(unknown + known, TINY)
    unknown /= p
    known /= p
    return p, unknown, known


def change_state(unknown, known, learn, forget):
    """Return P(unknown) and P(known) after learning and forgetting."""
    return (
        np.maximum(unknown * (1 - learn) + known * forget, FLOOR),
        np.maximum(known * (1 - forget) + unknown * learn, FLOOR),
    )


class Filter:
    """A forward pass: what each node's history tells of the skill.

    Parameters
    ----------
    histories : Histories
    rates : ndarray of shape (n_cells, n_starts)

    Attributes
    ----------
    unknown, known : ndarray of shape (n_nodes, n_starts)
        P(unknown) and P(known) right before each node's answers.
    then_unknown, then_known : ndarray of shape (n_nodes, n_starts)
        The same after them, by Bayes' rule; the prior at a root.
    p : ndarray of shape (n_nodes, n_starts)
        P(answers | history before), of many answers divided as `Evidence` says.
    """

    def __init__(self, histories, rates):
        self.histories = histories
        n_roots = histories.n_roots
        shape = len(histories.parent), rates.shape[1]
        self.p = np.ones(shape)
        self.unknown, self.known = np.zeros(shape), np.zeros(shape)
        self.then_unknown, self.then_known = np.empty(shape), np.empty(shape)
        prior = rates[histories.prior]
        self.then_unknown[:n_roots], self.then_known[:n_roots] = 1 - prior, prior
        *tables, log_larger = histories.evidence.answers_if(rates)
        self.if_unknown, self.if_known = (table[histories.kind] for table in tables)
        self.log_larger = log_larger[histories.kind]
        self.learn = rates[histories.learn]
        self.learn[:n_roots] = 0  # nothing happens before the first opportunity
        forget = rates[FORGET * histories.n_skills :][: histories.n_skills]
        self.forgets = forget.any()
        if self.forgets:
            self.forget = forget[histories.skill]
            self.forget_before = self.forget * histories.forgets[:, np.newaxis]
        for level in histories.slices:
            self._pass(level, histories.parent[level])

    def _pass(self, level, parent):
        """Go from the opportunities of one level to those of the next."""
        unknown, known = change_state(
            self.then_unknown[parent],
            self.then_known[parent],
            self.learn[parent],
            self.forget_before[level] if self.forgets else 0.0,
        )
        self.unknown[level], self.known[level] = unknown, known
        self.p[level], self.then_unknown[level], self.then_known[level] = update_state(
            unknown, known, self.if_unknown[level], self.if_known[level]
        )

    @property
    def log_p(self):
        """The logarithm of P(answers | history before)."""
        return np.log(self.p) + self.log_larger

    def known_next(self, nodes, forgets):
        """Return P(known) after histories and what was learnt and forgotten since.

        Parameters
        ----------
        nodes : ndarray of shape (n, ...)
        forgets : ndarray of shape (n, ...)
            1 where it may have been forgotten, else 0; nothing is before any answer.

        Returns
        -------
        ndarray of shape (n, ..., n_starts)
        """
        _, known = change_state(
            self.then_unknown[nodes],
            self.then_known[nodes],
            self.learn[nodes],
            self.forget[nodes] * forgets[..., np.newaxis] if self.forgets else 0.0,
        )
        return known


def log_likelihood(histories, rates):
    """Return the log-likelihood of each skill's answers, (n_skills, n_starts)."""
    log_p = histories.weight[:, np.newaxis] * Filter(histories, rates).log_p
    total = np.zeros((histories.n_skills, rates.shape[1]))
    np.add.at(total, histories.skill, log_p)
    return total


def maximize(forest, starts, rule, tol, max_iter):
    """Fit rates by accelerated EM from several starts.

    All starts take a short run; the most likely of each skill goes on until a cycle of
    three EM steps gains less than `tol` (em-EM of Biernacki, Celeux and Govaert, 2003).

    Parameters
    ----------
    forest : Forest
    starts : ndarray of shape (n_cells, n_starts)
    rule : MaximizationRule
    tol : float
        Least gain of log-likelihood by a cycle.
    max_iter : int
        Most EM steps.

    Returns
    -------
    rates : ndarray of shape (n_cells,)
    n_iter : int
        EM steps of the skill that took most.
    converged : ndarray of shape (n_skills,), bool
    """
    rates, skill = rule.clip(starts), rule.cells.skill
    going_on = np.ones(forest.n_skills, dtype=bool)  # skills still in `expected`
    if rule.nothing_to_fit:
        return rates[:, 0], 0, going_on
    longest = np.full((forest.n_skills, rates.shape[1]), 4.0)
    n_iter, expected = 0, forest.expect(going_on)
    if rates.shape[1] > 1:
        for _ in range(SHORT_RUN):
            rates, value, longest = _cycle(expected, rule, rates, longest)
            n_iter += 3
        best = value.argmax(axis=1)[:, np.newaxis]
        rates = np.take_along_axis(rates, best[skill], axis=1)
        longest = np.take_along_axis(longest, best, axis=1)

    converged = ~going_on
    value = np.full(longest.shape, -np.inf)
    while n_iter < max_iter and not converged.all():
        new_rates, new_value, new_longest = _cycle(expected, rule, rates, longest)
        rates = np.where(going_on[skill, np.newaxis], new_rates, rates)
        gain = (new_value - value)[:, 0]
        value, longest = new_value, new_longest
        n_iter += 3
        converged[going_on] = gain[going_on] < tol
        if expected.share_of(converged) > SHARE_DONE and not converged.all():
            going_on = ~converged
            expected = forest.expect(going_on)
    return rates[:, 0], n_iter, converged


def _cycle(expected, rule, rates, longest):
    """Take two EM steps, and a third from as far ahead as the two point.

    The third is kept where it starts from higher ground than the second, so that the
    likelihood never falls: SQUAREM, scheme S3, on the logits (Varadhan and Roland,
    2008, Scandinavian Journal of Statistics 35).

    Returns
    -------
    rates : ndarray of shape (n_cells, n_starts)
    value : ndarray of shape (n_skills, n_starts)
        A bound that the penalized log-likelihood of `rates` exceeds.
    longest : ndarray of shape (n_skills, n_starts)
        The longest step ahead to be tried next time.
    """
    skill = rule.cells.skill
    _, one = _em_step(expected, rule, rates)
    value_one, two = _em_step(expected, rule, one)
    before, middle, after = (
        logit(np.clip(r, 1e-9, 1 - 1e-9)) for r in (rates, one, two)
    )
    step, bend = middle - before, after - 2 * middle + before
    square, bend_square = rule.by_skill @ step**2, rule.by_skill @ bend**2
    length = np.sqrt(square / np.maximum(bend_square, TINY))
    length = np.clip(length, 1, longest)
    far = length[skill]
    ahead = rule.clip(expit(before + 2 * far * step + far**2 * bend))
    value_ahead, three = _em_step(expected, rule, ahead)
    better = value_ahead >= value_one
    longer = np.where(length >= longest, 4 * longest, longest)
    return (
        np.where(better[skill], three, two),
        np.where(better, value_ahead, value_one),
        np.where(better, longer, np.maximum(length / 2, 1)),
    )


def _em_step(expected, rule, rates):
    """Return the penalized log-likelihood of rates, and the rates after it."""
    log_likelihood, hits, trials = expected(rates)
    return log_likelihood + rule.penalty(rates), rule.maximize(hits, trials, rates)
