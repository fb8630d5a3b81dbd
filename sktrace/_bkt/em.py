"""Exact filtering and EM for Bayesian knowledge tracing.

Every skill is a hidden Markov model of two states, unknown and known. All skills and
all starts are computed at once: parameters are an array ``theta`` of shape
(5, n_skills, n_starts) in the order of `NAMES`, states are arrays of shape
(n_nodes, n_starts) over the nodes of `Histories`. Loops run over the depth of histories
and over iterations, never over rows, students or skills.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit, logit

__all__ = [
    "ExpectedCounts",
    "answers_if",
    "change_state",
    "filter_known",
    "log_likelihood",
    "maximize",
    "predict_answer",
    "read_evidence",
]

TINY = np.finfo(np.float64).tiny
FLOOR = 1e-200  # a state that is ruled out is as good as impossible; ratios stay finite
# Cycles of three EM steps that every start takes before the best of a skill goes on.
SHORT_RUN = 8
# Skills that have converged are left out once they are this share of the nodes.
SHARE_DONE = 0.2


def answers_if(wrong, right, guess, slip):
    """Return P(answers of one opportunity | unknown) and P(... | known)."""
    return guess**right * (1 - guess) ** wrong, (1 - slip) ** right * slip**wrong


def predict_answer(known, guess, slip):
    """Return P(correct) from P(known)."""
    return np.clip(known * (1 - slip) + (1 - known) * guess, 0, 1)


def read_evidence(unknown, known, if_unknown, if_known):
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


def filter_known(histories, theta):
    """Return P(known) after each node's history, ready for the next opportunity.

    Parameters
    ----------
    histories : Histories
    theta : ndarray of shape (5, n_skills, n_starts)

    Returns
    -------
    ndarray of shape (n_nodes, n_starts)
        The prior at a root. Else Bayes' rule, and then learning and forgetting::

            P(known | answers) = P(known) P(answers | known) / P(answers)
            P(known next) = P(known | answers) (1 - forget) + P(unknown | answers) learn
    """
    return _Filter(histories, theta).known_next


def log_likelihood(histories, theta):
    """Return the log-likelihood of each skill's answers, (n_skills, n_starts)."""
    log_p = histories.weight[:, np.newaxis] * np.log(_Filter(histories, theta).p)
    total = np.zeros(theta.shape[1:])
    np.add.at(total, histories.skill, log_p)
    return total


class _Filter:
    """A forward pass, with all that the backward pass needs of it."""

    def __init__(self, histories, theta):
        prior, learn, _, _, forget = theta
        shape = len(histories.parent), prior.shape[1]
        self.p = np.ones(shape)
        self.unknown, self.known, self.then_unknown, self.then_known = (
            np.zeros(shape) for _ in range(4)
        )
        self.unknown_next, self.known_next = np.empty(shape), np.empty(shape)
        self.unknown_next[: histories.n_skills] = np.maximum(1 - prior, FLOOR)
        self.known_next[: histories.n_skills] = np.maximum(prior, FLOOR)
        self.if_unknown, self.if_known = _answers_if(histories, theta)
        self.learn, self.forget = learn[histories.skill], forget[histories.skill]
        for level in histories.slices:
            parent = histories.parent[level]
            unknown, known = self.unknown_next[parent], self.known_next[parent]
            self.unknown[level], self.known[level] = unknown, known
            p, unknown, known = read_evidence(
                unknown, known, self.if_unknown[level], self.if_known[level]
            )
            self.p[level] = p
            self.then_unknown[level], self.then_known[level] = unknown, known
            self.unknown_next[level], self.known_next[level] = change_state(
                unknown, known, self.learn[level], self.forget[level]
            )


class ExpectedCounts:
    """The E-step: what is expected to have happened in the hidden states.

    What does not depend on parameters is set up once per `Histories`.
    """

    def __init__(self, histories):
        self.histories = histories
        n_nodes, n_skills = len(histories.parent), histories.n_skills
        nodes, ones = np.arange(n_nodes), np.ones(n_nodes)
        self.by_skill = csr_array(
            (ones, (histories.skill, nodes)), shape=(n_skills, n_nodes)
        )
        self.by_evidence = csr_array(
            (ones, (histories.cell, nodes)),
            shape=(n_skills * len(histories.kinds), n_nodes),
        )
        below = histories.parent[n_skills:]
        going_on = np.bincount(below, histories.weight[n_skills:], n_nodes)
        self.ending = (histories.weight - going_on)[:, np.newaxis]
        self.first_children = [
            np.flatnonzero(np.diff(histories.parent[level], prepend=-1))
            for level in histories.slices
        ]

    def __call__(self, theta):
        """Return the log-likelihood, and how often what happened out of how often.

        Returns
        -------
        log_likelihood : ndarray of shape (n_skills, n_starts)
        hits, trials : ndarray of shape (5, n_skills, n_starts)
            For each parameter, the expected weight of the cases in which it happened
            (a skill was known at first, was learnt, was guessed ...), and could have.
        """
        filtered = _Filter(self.histories, theta)
        log_p = self.histories.weight[:, np.newaxis] * np.log(filtered.p)
        unknown, known = self._smooth(filtered)
        prior = self._count_first(filtered, known)
        guess, slip = self._count_answers(filtered, unknown, known)
        learn, forget = self._count_changes(filtered, unknown, known, theta)
        hits, trials = zip(prior, learn, guess, slip, forget, strict=True)
        return self.by_skill @ log_p, np.stack(hits), np.stack(trials)

    def _smooth(self, filtered):
        """Return P(answers here and later | state) / P(the same), summed over chains.

        From the leaves to the roots, as in forward-backward; the sum over all chains
        below a node is passed on as one number.
        """
        histories = self.histories
        unknown, known = filtered.if_unknown, filtered.if_known
        unknown /= filtered.p
        known /= filtered.p
        after_unknown = np.repeat(self.ending, unknown.shape[1], axis=1)
        after_known = after_unknown.copy()
        levels = zip(histories.slices, self.first_children, strict=True)
        for level, first in reversed(list(levels)):
            unknown[level] *= after_unknown[level]
            known[level] *= after_known[level]
            gain = known[level] - unknown[level]
            parents = histories.parent[level][first]
            after_unknown[parents] += np.add.reduceat(
                unknown[level] + filtered.learn[level] * gain, first
            )
            after_known[parents] += np.add.reduceat(
                known[level] - filtered.forget[level] * gain, first
            )
        return unknown, known

    # Each count is a pair: how often it happened, and how often it could have.

    def _count_first(self, filtered, known):
        """Count the chains that begin in the known state."""
        first = self.histories.slices[0]
        begin, known = self.by_skill[:, first], known[first]
        chains = np.broadcast_to(self.histories.weight[first, np.newaxis], known.shape)
        return begin @ (filtered.known[first] * known), begin @ chains

    def _count_answers(self, filtered, unknown, known):
        """Count guesses among answers without, slips among answers with knowledge."""
        wrong, right = self.histories.kinds.T[:, :, np.newaxis]
        shape = self.histories.n_skills, len(right), known.shape[1]
        known = (self.by_evidence @ (filtered.known * known)).reshape(shape)
        unknown = (self.by_evidence @ (filtered.unknown * unknown)).reshape(shape)
        guess = (unknown * right).sum(1), (unknown * (right + wrong)).sum(1)
        slip = (known * wrong).sum(1), (known * (right + wrong)).sum(1)
        return guess, slip

    def _count_changes(self, filtered, unknown, known, theta):
        """Count what was learnt and what forgotten between two opportunities."""
        _, learn, _, _, forget = theta
        later = slice(self.histories.levels[2], None)
        by_skill, unknown, known = self.by_skill[:, later], unknown[later], known[later]
        parent = self.histories.parent[later]
        before = filtered.then_known[parent]
        forgotten = forget * (by_skill @ (before * unknown))
        kept = (1 - forget) * (by_skill @ (before * known))
        before = filtered.then_unknown[parent]
        learnt = learn * (by_skill @ (before * known))
        missed = (1 - learn) * (by_skill @ (before * unknown))
        return (learnt, learnt + missed), (forgotten, forgotten + kept)


def maximize(histories, starts, limits, tol, max_iter):
    """Fit parameters by accelerated EM from several starts.

    All starts take a short run; the most likely of each skill goes on until a cycle of
    three EM steps gains less than `tol` (em-EM of Biernacki, Celeux and Govaert, 2003).

    Parameters
    ----------
    histories : Histories
    starts : ndarray of shape (5, n_skills, n_starts)
    limits : Limits
    tol : float
        Least gain of log-likelihood by a cycle.
    max_iter : int
        Most EM steps.

    Returns
    -------
    theta : ndarray of shape (5, n_skills)
    n_iter : int
        EM steps of the skill that took most.
    converged : ndarray of shape (n_skills,), bool
    """
    theta = limits.clip(starts)
    if limits.held.all():
        return theta[:, :, 0], 0, np.ones(histories.n_skills, dtype=bool)
    longest = np.full(theta.shape[1:], 4.0)
    n_iter, expected = 0, ExpectedCounts(histories)
    if theta.shape[2] > 1:
        for _ in range(SHORT_RUN):
            theta, value, longest = _cycle(expected, limits, theta, longest)
            n_iter += 3
        best = value.argmax(axis=1)[:, np.newaxis]
        theta = np.take_along_axis(theta, best[np.newaxis], axis=2)
        longest = np.take_along_axis(longest, best, axis=1)

    going_on = np.ones(histories.n_skills, dtype=bool)  # skills still in `expected`
    converged = ~going_on
    value = np.full(theta.shape[1:], -np.inf)
    while n_iter < max_iter and not converged.all():
        before = value[going_on]
        theta[:, going_on], value[going_on], longest[going_on] = _cycle(
            expected, limits.take(going_on), theta[:, going_on], longest[going_on]
        )
        n_iter += 3
        converged[going_on] = (value[going_on] - before)[:, 0] < tol
        in_work = expected.histories.skill
        if converged[going_on][in_work].mean() > SHARE_DONE and not converged.all():
            going_on = ~converged
            expected = ExpectedCounts(histories.take(going_on))
    return theta[:, :, 0], n_iter, converged


def _cycle(expected, limits, theta, longest):
    """Take two EM steps, and a third from as far ahead as the two point.

    The third is kept where it starts from higher ground than the second, so that the
    likelihood never falls: SQUAREM, scheme S3, on the logits (Varadhan and Roland,
    2008, Scandinavian Journal of Statistics 35).

    Returns
    -------
    theta : ndarray of shape (5, n_skills, n_starts)
    value : ndarray of shape (n_skills, n_starts)
        A bound that the penalized log-likelihood of `theta` exceeds.
    longest : ndarray of shape (n_skills, n_starts)
        The longest step ahead to be tried next time.
    """
    _, one = _em_step(expected, limits, theta)
    value_one, two = _em_step(expected, limits, one)
    before, middle, after = (
        logit(np.clip(t, 1e-9, 1 - 1e-9)) for t in (theta, one, two)
    )
    step, bend = middle - before, after - 2 * middle + before
    length = np.sqrt((step**2).sum(0) / np.maximum((bend**2).sum(0), TINY))
    length = np.clip(length, 1, longest)
    ahead = limits.clip(expit(before + 2 * length * step + length**2 * bend))
    value_ahead, three = _em_step(expected, limits, ahead)
    better = value_ahead >= value_one
    longer = np.where(length >= longest, 4 * longest, longest)
    return (
        np.where(better, three, two),
        np.where(better, value_ahead, value_one),
        np.where(better, longer, np.maximum(length / 2, 1)),
    )


def _em_step(expected, limits, theta):
    """Return the penalized log-likelihood of theta, and the parameters after it."""
    log_likelihood, hits, trials = expected(theta)
    happened = hits + limits.hits
    possible = trials + limits.hits + limits.misses
    rate = np.where(possible > TINY, happened / np.maximum(possible, TINY), theta)
    # Each parameter's expected log-likelihood has one peak, so the nearest that is
    # allowed is the best that is allowed.
    return log_likelihood + limits.log_prior(theta), limits.clip(rate)


def _answers_if(histories, theta):
    """Return P(answers of each node | unknown) and (... | known)."""
    wrong, right = histories.kinds.T[:, :, np.newaxis]
    guess, slip = theta[2:4, :, np.newaxis]
    return [
        table.reshape(-1, theta.shape[2])[histories.cell]
        for table in answers_if(wrong, right, guess, slip)
    ]
