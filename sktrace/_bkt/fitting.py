"""The fit of BKT: the rates of skills, then from there those of items and groups."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from .._words import first_few
from .em import TINY, Filter, maximize, predict_answer
from .forest import Forest
from .limits import NAMES, Limits, name_states
from .population import Population
from .shrinkage import USUAL_SPREAD, MaximizationRule

__all__ = ["Fit", "fit_rates", "warn_of_fit"]

ROUGH = 1.0  # gain of a skill's log-likelihood at which a rough run stops
MOST_ROUNDS = 4  # of such runs, each of which tells the spread better
NEARLY = 0.3  # such a gain, where rates are to tell of their population
MOST_LOOKS = 2  # at the population, each under what the one before has found
SAME = 0.1  # a tenth more or less spread is no matter


class Fit(NamedTuple):
    """What EM has found."""

    theta: np.ndarray  # (5, n_skills) the skills' own rates
    pairs: np.ndarray  # (n_pairs,) those of items and groups, in order of cells
    forest: Forest
    n_iter: int
    converged: np.ndarray  # (n_skills,) bool
    spread: dict  # of pairs about their skills, in logits, by parameter
    limits: Limits  # of skills, under the population that was learnt

    def log_likelihood(self, theta):
        """Return the log-likelihood of each skill under own rates `theta`."""
        rates = np.append(theta, self.pairs)[:, np.newaxis]
        return self.forest.log_likelihood(rates)[:, 0]


def fit_rates(grow, cells, limits, learnt, starts, spread, tol, max_iter):
    """Fit the rates of skills from several starts, and those of pairs from there.

    The second run begins where the first ended, with each pair at its skill's rate, so
    the penalized likelihood is no lower than that of the skills alone. If the spread is
    to be found, rough runs tell it, from which the last goes on.

    Parameters
    ----------
    grow : callable
        Returns the `Forest` of some `Cells`.
    cells : Cells
    limits : Limits
    starts : ndarray of shape (5, n_skills, n_starts)
    spread : float or "auto"
    tol, max_iter
        Of each run; see `maximize`.

    Returns
    -------
    Fit
    """
    of_skills = cells.without_pairs()
    forest, n_skills, n_iter = grow(of_skills), cells.n_skills, 0
    rule = MaximizationRule(of_skills, limits, USUAL_SPREAD)
    starts = starts.reshape(len(NAMES) * n_skills, -1)
    population = Population(limits, learnt)
    if population.learnt.size:
        starts, n_iter = _find_population(
            population, forest, starts, of_skills, max(tol, NEARLY), max_iter
        )
        limits = population.limits
        rule = MaximizationRule(of_skills, limits, USUAL_SPREAD)
    rates, n_more, converged = maximize(forest, starts, rule, tol, max_iter - n_iter)
    n_iter += n_more
    theta = rates.reshape(len(NAMES), n_skills)
    if limits.are_free:  # with forgetting, that is
        theta = name_states(theta)
    if not cells.is_split:
        return Fit(theta, np.empty(0), forest, n_iter, converged, {}, limits)
    forest = grow(cells)
    start = theta.reshape(-1, 1)[cells.own]
    rule = MaximizationRule(cells, limits, USUAL_SPREAD if spread == "auto" else spread)
    if spread == "auto":
        start, n_more = _find_spread(forest, start, rule, max(tol, ROUGH), max_iter)
        n_iter += n_more
    rates, n_more, converged = maximize(forest, start, rule, tol, max_iter)
    theta, pairs = np.split(rates, [theta.size])
    theta = theta.reshape(len(NAMES), n_skills)
    n_iter += n_more
    return Fit(theta, pairs, forest, n_iter, converged, rule.spread, limits)


def _find_population(population, forest, rates, cells, tol, max_iter):
    """Let a population be found; return rates to go on from, and the EM steps taken.

    It follows from rates, and rates from EM under it.
    """
    expected, n_iter = forest.expect(), 0
    practised = forest.practised > 0
    for _ in range(MOST_LOOKS):
        rule = MaximizationRule(cells, population.limits, USUAL_SPREAD)
        rates, n_more, _ = maximize(forest, rates, rule, tol, max_iter - n_iter)
        change = population.fit(expected, rates, practised)
        rates, n_iter = rates[:, np.newaxis], n_iter + n_more
        if change < SAME:
            break
    return rates, n_iter


def _find_spread(forest, rates, rule, tol, max_iter):
    """Let a rule find its spreads; return rates to go on from, and the EM steps taken.

    Spreads follow from counts, and counts from rates that were fitted under spreads.
    """
    expected, n_iter = forest.expect(), 0
    for _ in range(MOST_ROUNDS):
        before = rule.spread
        rates, n_more, _ = maximize(forest, rates, rule, tol, max_iter)
        _, hits, trials = expected(rates[:, np.newaxis])
        # Summed by skill first, so that it does not matter which trees grow together.
        told, seen = map(np.sum, forest.trees.total(_told_and_seen, rates))
        share = told / max(seen, TINY)
        rates = rule.fit_spread(hits, trials, rates[:, np.newaxis], share)
        n_iter += n_more
        found = rule.spread
        if all(abs(np.log(found[name] / before[name])) < SAME for name in found):
            break
    return rates, n_iter


def _told_and_seen(histories, rates):
    """Return how much answers tell of guess and slip, and would if knowledge were seen.

    Both by skill. If an item gets harder by one logit, P(correct) = p changes by p', of
    which an answer tells p'^2 / (p (1 - p)); where it is seen who knows the skill, it
    tells p', which is more: p (1 - p) is at least p', but for rounding where p is 1.
    """
    filtered = Filter(histories, rates[:, np.newaxis])
    below, evidence = slice(histories.n_roots, None), histories.evidence
    part = evidence.starts[histories.kind[below]]
    guess, slip = rates[evidence.guess[part]], rates[evidence.slip[part]]
    known, weight = filtered.known[below, 0], histories.weight[below]
    seen = known * slip * (1 - slip) + (1 - known) * guess * (1 - guess)
    p = predict_answer(known, guess, slip)
    told = seen**2 / np.maximum(np.maximum(p * (1 - p), seen), TINY)
    skill, n_skills = histories.skill[below], histories.n_skills
    return tuple(np.bincount(skill, weight * by, n_skills) for by in (told, seen))


def warn_of_fit(params, fitted, limits):
    """Warn of skills whose fit is not what its parameters are called."""
    skills = params.index.to_numpy()
    if not fitted.converged.all():
        names = first_few(skills[~fitted.converged].tolist())
        warnings.warn(
            f"EM has not converged after {fitted.n_iter} steps for "
            f"{(~fitted.converged).sum()} skill(s): {names}. Raise max_iter or tol.",
            ConvergenceWarning,
            stacklevel=3,
        )
    high = (params.to_numpy().T > 0.5) & ~limits.held[:, :, 0]
    degenerate = high[NAMES.index("guess")] | high[NAMES.index("slip")]
    if degenerate.any():
        names = first_few(skills[degenerate].tolist())
        warnings.warn(
            f"guess or slip is above 0.5 for {degenerate.sum()} skill(s): {names}. "
            "There, to know is not to answer right; see params_. Keep below by "
            'bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, or by a beta_prior.',
            UserWarning,
            stacklevel=3,
        )
