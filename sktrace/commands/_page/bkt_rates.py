"""BKT's parameters, skill by skill, and how sure they are."""

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from .bkt_slopes import RATES, read_chains

__all__ = ["tabulate_rates"]

STEP = 1e-4  # by which a logit is moved, to see how slopes change
EDGE = 1e-6  # a rate so near the end of its range is held by it


def tabulate_rates(bkt, practice, confidence=0.95):
    """Return the parameters of each skill, with the limits of their intervals.

    On the scale of logits the best parameters have about the variance ::

        V = A^-1 (B + P) A^-1

    where A is the bend of the penalized log-likelihood, P that of the prior, and B sums
    over students the square of the slope of their answers: the sandwich of [1]_, which
    does not take the model for true. Where there are hardly any answers, V is what the
    prior leaves open.

    Parameters
    ----------
    bkt : BKTClassifier
        Fitted without items, groups, times and forgetting.
    practice : Practice
        Of the log that it was fitted to.
    confidence : float, default=0.95

    Returns
    -------
    DataFrame of shape (n_skills, 12), indexed by code of skill
        ``prior``, ``prior_low``, ``prior_high``, and so on. Limits are NaN where
        answers do not tell them, and of a rate that stands at the end of its range.

    References
    ----------
    .. [1] White (1982). Maximum likelihood estimation of misspecified models.
       Econometrica 50, 1-25.
    """
    skills = pd.Index(practice.skills, tupleize_cols=False)
    params = bkt.params_.iloc[bkt.params_.index.get_indexer(skills)]
    rates = params[list(RATES)].to_numpy(dtype=float).T
    cases = bkt.population_["cases"].reindex(RATES).fillna(0.0).to_numpy()
    ranges = np.array([(bkt.bounds or {}).get(name, (0, 1)) for name in RATES])
    low, high = ranges.T[:, :, np.newaxis]
    free = (rates > low + EDGE) & (rates < high - EDGE)
    error = ndtri(0.5 + confidence / 2) * _errors(rates, cases, free, practice)
    middle, table = logit(np.clip(rates, EDGE, 1 - EDGE)), {}
    for k, name in enumerate(RATES):
        table[name] = rates[k]
        table[f"{name}_low"] = np.maximum(expit(middle[k] - error[k]), low[k])
        table[f"{name}_high"] = np.minimum(expit(middle[k] + error[k]), high[k])
    return pd.DataFrame(table)


def _errors(rates, cases, free, practice):
    """Return the standard errors of logits, (4, n_skills); NaN of what is not free."""
    chains, n_skills = read_chains(practice), rates.shape[1]
    slopes, each = chains.slopes(rates), np.arange(len(RATES))
    logits = logit(np.clip(rates, EDGE, 1 - EDGE))
    bend = np.empty((n_skills, len(RATES), len(RATES)))
    for k in each:
        moved = logits.copy()
        moved[k] += STEP
        change = (slopes - chains.slopes(expit(moved))) / STEP
        bend[:, k] = _sum_by(chains.skill, change, n_skills)
    products = (slopes[:, np.newaxis] * slopes).reshape(len(RATES) ** 2, -1)
    told = _sum_by(chains.skill, products, n_skills).reshape(bend.shape)
    n_chains = np.bincount(chains.skill, minlength=n_skills)
    told *= (n_chains / np.maximum(n_chains - 1, 1))[:, np.newaxis, np.newaxis]
    prior = (cases[:, np.newaxis] * rates * (1 - rates)).T
    told[:, each, each] += prior
    bend[:, each, each] += prior
    # What stands at the end of its range is taken as known.
    both = free.T[:, :, np.newaxis] & free.T[:, np.newaxis]
    bend = np.where(both, (bend + bend.swapaxes(1, 2)) / 2, np.eye(len(RATES)))
    peaked = np.linalg.eigvalsh(bend)[:, 0] > 0
    bend[~peaked] = np.eye(len(RATES))
    inverse = np.linalg.inv(bend)
    variance = (inverse @ (told * both) @ inverse)[:, each, each].T
    return np.where(free & peaked, np.sqrt(variance), np.nan)


def _sum_by(code, values, n):
    """Sum rows of values by code, (n, n_rows)."""
    return np.stack([np.bincount(code, own, n) for own in values], axis=1)
