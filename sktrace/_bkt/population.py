"""The population of skills: what the skills of a log say of one with few answers.

A rate r of a skill is drawn from a population, Beta(m n, (1 - m) n), of mean m and as
narrow as n cases make it. On the scale of logits its log density is ::

    m n log r + (1 - m) n log(1 - r)

as if r had happened in m n of n cases before any answer was seen, which is how EM reads
any prior. m and n are likeliest when rates are averaged over (empirical Bayes): the
answers of a skill tell of its rates, who knows it not being seen, by their slope and
bend at the best ones (Laplace); so each rate is a Beta about its best value, and the
population is the Beta under which log r and log(1 - r) have the mean that they have in
those. It is an EM about the EM of skills (Carlin and Louis, 2000, Bayes and Empirical
Bayes Methods for Data Analysis, section 3.4).
"""

import numpy as np
from scipy.special import digamma, expit, logit, polygamma

from .limits import NAMES

__all__ = ["Population", "which_are_learnt"]

# Whose mean is learnt, and whose cases. What is likeliest of the others predicts worse:
# students differ in more than a skill, which a model that learns fast, or guesses so
# here and so there, can imitate in sample. Chosen on validation students, as is TRUST.
MEANS = ("prior", "guess", "slip")
CASES = ("prior", "slip")
# A student's answers hang together by more than one skill, of which BKT knows nothing:
# of the population, they tell so much of what they seem to.
TRUST = 0.5
SKILLS_BEFORE = 5  # the population as it is stated counts as so many skills
MOST_STEPS = 30
SAME = 0.02  # logarithm of the change of cases at which steps end
SMALL = 1e-3  # by which logits are moved, to see how slopes change
EDGE = 1e-6
LONGEST = 1.0  # step of a logit
FEWEST, MOST = 0.5, 1000.0  # cases of one kind
NEWTON_STEPS = 4
SOFT = 1e-9
# Bend of a likelihood beyond which a rate is known for certain, and beside which the
# population is lost in rounding.
CERTAIN = 1e8


def which_are_learnt(beta_prior):
    """Return the parameters of which a population is learnt, a mask of shape (5,)."""
    if beta_prior is None or (isinstance(beta_prior, str) and beta_prior == "weak"):
        return np.zeros(len(NAMES), dtype=bool)
    stated = () if isinstance(beta_prior, str) else beta_prior
    return np.array([name in MEANS and name not in stated for name in NAMES])


class Population:
    """What rates of skills are drawn from, parameter by parameter.

    Parameters
    ----------
    limits : Limits
        Of the skills, with the population that is stated as priors.
    learnt : ndarray of shape (5,), bool

    Attributes
    ----------
    limits : Limits
        With the population that was found.
    cases : ndarray of shape (2, 5)
        In how many a rate is as good as seen to happen, and not to happen.
    """

    def __init__(self, limits, learnt):
        self.limits, self.free = limits, ~limits.held[:, :, 0]
        self.learnt = np.flatnonzero(learnt & self.free.any(axis=1))
        self.cases = np.stack([limits.hits, limits.misses]).max(axis=(2, 3))
        self.before = _means_of_logs(self.cases[:, self.learnt])

    def fit(self, expected, rates, practised):
        """Set the population to what answers tell; return by how much it changed.

        Parameters
        ----------
        expected : ExpectedCounts
            Of skills without items and groups.
        rates : ndarray of shape (n_cells,)
            Fitted under the population as it was.
        practised : ndarray of shape (n_skills,), bool
            Others tell nothing.

        Returns
        -------
        float
            The largest change of the logarithm of `cases`.
        """
        told = Told.by_answers(expected, rates, self.free).take(practised)
        cases, logits, free = self.cases, told.logits, self.free[:, practised]
        edges = [
            logit(np.clip(edge[:, practised, 0], EDGE, 1 - EDGE))
            for edge in (self.limits.low, self.limits.high)
        ]
        for _ in range(MOST_STEPS):
            logits, weight = told.improve(logits, cases)
            logits = np.clip(logits, *edges)
            new = self._most_likely(expit(logits), weight, free, cases)
            change, cases = self._distance(new, cases), new
            if change < SAME:
                break
        change, self.cases = self._distance(cases, self.cases), cases
        priors = cases[:, :, np.newaxis, np.newaxis] * self.free[:, :, np.newaxis]
        self.limits = self.limits._replace(hits=priors[0], misses=priors[1])
        return change

    def _distance(self, *cases):
        return abs(np.subtract(*(np.log(c[:, self.learnt]) for c in cases))).max()

    def _most_likely(self, rates, weight, free, cases):
        """Return the population under which rates are likeliest.

        Each rate is Beta(weight rate, weight (1 - rate)), of which the means of logs
        are known; the mean of them is sufficient.
        """
        chosen, n_told = self.learnt, free[self.learnt].sum(axis=1)
        rates, weight = rates[chosen], weight[chosen]
        means = _means_of_logs(np.stack([weight * rates, weight * (1 - rates)]))
        total = (means * free[chosen]).sum(axis=2) + SKILLS_BEFORE * self.before
        found = _solve(total / (n_told + SKILLS_BEFORE), cases[:, chosen])
        stated = ~np.isin(np.array(NAMES)[chosen], CASES)
        scale = cases[:, chosen].sum(axis=0) / found.sum(axis=0)
        found *= np.where(stated, scale, 1)
        cases = cases.copy()
        cases[:, chosen] = np.clip(found, FEWEST, MOST)
        return cases


class Told:
    """What the answers of skills tell of the logits of their rates: a parabola.

    Parameters
    ----------
    logits, slope : ndarray of shape (5, n_skills)
        Where the log-likelihood was looked at, and its first derivative there.
    bend : ndarray of shape (n_skills, 5, 5)
        Minus the second one.
    """

    def __init__(self, logits, slope, bend):
        self.logits, self.slope, self.bend = logits, slope, bend

    @classmethod
    def by_answers(cls, expected, rates, free):
        """Look at the slope, which counts give, and at how it changes nearby."""
        rates = rates.reshape(len(NAMES), -1, 1)
        logits = logit(np.clip(rates, EDGE, 1 - EDGE))
        moved = np.flatnonzero(free.any(axis=1))
        near = np.repeat(rates, 1 + len(moved), axis=2)
        for place, name in enumerate(moved, start=1):
            by = SMALL * free[name]
            near[name, :, place] = np.where(
                free[name], expit(logits[name, :, 0] + by), rates[name, :, 0]
            )
        _, hits, trials = expected(near.reshape(-1, near.shape[2]))
        slopes = (hits - trials * near.reshape(hits.shape)).reshape(near.shape)
        slopes *= TRUST * free[:, :, np.newaxis]
        bend = np.zeros((free.shape[1], len(NAMES), len(NAMES)))
        bend[:, :, moved] = (slopes[:, :, :1] - slopes[:, :, 1:]).swapaxes(0, 1) / SMALL
        # Before EM has ended, it can bend upwards; then nothing is told.
        values, vectors = np.linalg.eigh((bend + bend.swapaxes(1, 2)) / 2)
        values = np.maximum(values, 0)
        share = CERTAIN / np.maximum(values[:, -1], CERTAIN)
        values = (values * share[:, np.newaxis])[:, np.newaxis]
        bend = (vectors * values) @ vectors.swapaxes(1, 2)
        return cls(logits[:, :, 0], slopes[:, :, 0] * share, bend)

    def take(self, skills):
        """Return what is told of some skills."""
        return Told(self.logits[:, skills], self.slope[:, skills], self.bend[skills])

    def improve(self, logits, cases):
        """Take a step of Newton's method to the best logits under a population.

        Returns
        -------
        logits : ndarray of shape (5, n_skills)
        weight : ndarray of shape (5, n_skills)
            How many cases each rate is as sure as, the others not being known: without
            an answer, those of the population.
        """
        cases, rates = cases[:, :, np.newaxis], expit(logits)
        one_case = rates * (1 - rates)
        away = (self.bend @ (logits - self.logits).T[:, :, np.newaxis])[:, :, 0].T
        pull = self.slope - away + cases[0] - cases.sum(axis=0) * rates
        bend, each = self.bend.copy(), range(len(NAMES))
        bend[:, each, each] += (cases.sum(axis=0) * one_case + SOFT).T
        inverse = np.linalg.inv(bend)
        step = (inverse @ pull.T[:, :, np.newaxis])[:, :, 0].T
        weight = 1 / (inverse[:, each, each].T * one_case)
        return logits + np.clip(step, -LONGEST, LONGEST), weight


def _means_of_logs(cases):
    """Return the means of log r and of log(1 - r) under Beta(*cases)."""
    return digamma(cases) - digamma(cases.sum(axis=0))


def _solve(means, cases):
    """Return the Beta of which logs have these means, by Newton's method."""
    for _ in range(NEWTON_STEPS):
        excess = means - _means_of_logs(cases)
        firm, shared = polygamma(1, cases), polygamma(1, cases.sum(axis=0))
        # The bend is diag(firm) - shared: its inverse is Sherman's and Morrison's.
        common = (excess / firm).sum(axis=0) / (1 - shared * (1 / firm).sum(axis=0))
        cases = np.maximum(cases + (excess + shared * common) / firm, cases / 4)
    return cases
