"""What is stated of BKT's parameters before data are seen: limits, priors, starts.

Parameters of all skills and all starts of EM are an array of shape
(5, n_skills, n_starts), in the order of `NAMES`.
"""

import warnings
from collections.abc import Mapping
from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import xlog1py, xlogy

from .._words import first_few

__all__ = [
    "NAMES",
    "WEAK",
    "Limits",
    "draw_starts",
    "name_states",
    "read_limits",
    "read_split",
]

NAMES = ("prior", "learn", "guess", "slip", "forget")

ITEM_PARAMS = ("guess", "slip", "learn")  # what may differ between items

# Beta priors by default: as if it had been seen to happen in one of two cases, one of
# ten, three of nine, two of twelve, one of twenty. None has its mode at 0 or 1, so no
# skill, however few its answers, is certain. Chosen on validation folds.
WEAK = {
    "prior": (2, 2),
    "learn": (2, 10),
    "guess": (4, 7),
    "slip": (3, 11),
    "forget": (2, 20),
}

# What rates are drawn from where no skill has shown yet; see `population`.
USUAL = WEAK | {"learn": (3, 19), "guess": (11, 21), "slip": (5, 21)}

# Some skills change slowly, some come and go: a start for each; others are drawn.
SLOW = (0.5, 0.1, 0.2, 0.1, 0.02)
FAST = (0.5, 0.6, 0.3, 0.2, 0.5)
LOWEST = np.array([0.05, 0.02, 0.02, 0.02, 0.02])
HIGHEST = np.array([0.95, 0.5, 0.5, 0.5, 0.5])  # guess + slip < 1: known is better


class Limits(NamedTuple):
    """What keeps parameters in place: arrays of shape (5, n_skills, 1)."""

    low: np.ndarray
    high: np.ndarray
    hits: np.ndarray  # a - 1 of a Beta(a, b) prior: seen to happen, before the data
    misses: np.ndarray  # b - 1: seen not to happen

    def clip(self, theta):
        """Move parameters to the nearest ones that are allowed."""
        return np.clip(theta, self.low, self.high)

    def log_prior(self, theta):
        """Return the log density of the prior, up to a constant, by skill and start."""
        return (xlogy(self.hits, theta) + xlog1py(self.misses, -theta)).sum(axis=0)

    @property
    def are_free(self):
        """Whether every parameter may be any probability, none being likelier."""
        return (
            (self.low == 0).all()
            and (self.high == 1).all()
            and not (self.hits.any() or self.misses.any())
        )

    def take(self, skills):
        """Return the limits of some skills."""
        return Limits(*(limit[:, skills] for limit in self))

    @property
    def held(self):
        """Which parameters are stated, so that there is nothing to fit."""
        return self.low == self.high


def draw_starts(n_restarts, n_skills, random):
    """Return where EM starts, the same for every skill.

    The random ones are stratified, so that few of them differ much; rates of change
    are drawn on a logarithmic scale.
    """
    n_drawn = max(n_restarts - 2, 0)
    strata = np.array([random.permutation(n_drawn) for _ in NAMES]).reshape(5, n_drawn)
    share = (strata.T + random.uniform(size=(n_drawn, 5))) / max(n_drawn, 1)
    rate = [NAMES.index("learn"), NAMES.index("forget")]
    drawn = LOWEST + (HIGHEST - LOWEST) * share
    drawn[:, rate] = (LOWEST * (HIGHEST / LOWEST) ** share)[:, rate]
    starts = np.vstack([SLOW, FAST, drawn])[:n_restarts]
    return np.repeat(starts.T[:, np.newaxis], n_skills, axis=1)


def read_limits(skills, forget, bounds, beta_prior, fixed):
    """Judge what a user states of parameters, and return it as `Limits`.

    Parameters
    ----------
    skills : list
    forget : bool
    bounds : dict of pairs or None
    beta_prior : "weak", dict of pairs or None
        A dict takes the place of the pairs of `WEAK` that it names.
    fixed : dict, DataFrame or None

    Raises
    ------
    ValueError
        If a name is not a parameter's, or a value is none that it can have.
    """
    low, high = np.zeros((5, len(skills), 1)), np.ones((5, len(skills), 1))
    hits, misses = np.zeros((2, 5, len(skills), 1))
    for row, pair in _by_name(bounds, "bounds"):
        low[row], high[row] = _read_bounds(NAMES[row], pair)
    if beta_prior is not None:
        weak = isinstance(beta_prior, str) and beta_prior == "weak"
        stated = {} if isinstance(beta_prior, str) else beta_prior
        beta_prior = (WEAK if weak else USUAL) | stated
    for row, pair in _by_name(beta_prior, "beta_prior"):
        a, b = _read_prior(NAMES[row], pair)
        hits[row], misses[row] = a - 1, b - 1
    if not forget:
        low[NAMES.index("forget")] = high[NAMES.index("forget")] = 0
    for row, values in _by_name(fixed, "fixed"):
        value = _read_fixed(NAMES[row], values, skills)[:, np.newaxis]
        stated = ~np.isnan(value)
        low[row][stated] = high[row][stated] = value[stated]
    free = low < high  # the prior of what is stated would be 0 or infinite
    return Limits(low, high, hits * free, misses * free)


def read_split(item, item_params, learn_group, prior_group):
    """Judge by which columns parameters differ.

    Returns
    -------
    dict of str to str
        The role of the column, of each parameter that differs within a skill.

    Raises
    ------
    ValueError
        If a parameter cannot differ between items, or differs by two columns.
    """
    odd = [name for name in item_params if name not in ITEM_PARAMS]
    if odd:
        raise ValueError(
            f"item_params names {odd[0]!r}; expected some of {list(ITEM_PARAMS)}, such "
            'as item_params=("guess", "slip").'
        )
    roles = {} if item is None else dict.fromkeys(item_params, "item")
    if learn_group is not None:
        if "learn" in roles:
            raise ValueError(
                f"learn_group={learn_group!r}, and 'learn' is in item_params; expected "
                "learn rates that differ by group or by item, not by both. Leave one "
                'out: learn_group=None, or item_params=("guess", "slip").'
            )
        roles["learn"] = "learn_group"
    if prior_group is not None:
        roles["prior"] = "prior_group"
    return roles


def name_states(theta):
    """Call the state that answers better the known one.

    With forgetting, the two states are mirror images: the likelihood does not change.
    """
    prior, learn, guess, slip, forget = theta
    mirrored = np.stack([1 - prior, forget, 1 - slip, 1 - guess, learn])
    return np.where(guess + slip > 1, mirrored, theta)


def _by_name(stated, parameter):
    """Yield the row in theta and the value of each parameter that is stated."""
    if stated is None:
        return
    for name, value in stated.items():
        if name not in NAMES:
            raise ValueError(
                f"{parameter} names {name!r}; expected some of {list(NAMES)}, such as "
                f"{parameter}={_EXAMPLES[parameter]}."
            )
        yield NAMES.index(name), value


_EXAMPLES = {
    "bounds": '{"guess": (0, 0.5), "slip": (0, 0.5)}',
    "beta_prior": '{"guess": (2, 5), "slip": (2, 5)}',
    "fixed": '{"slip": 0.1}',
}


def _read_bounds(name, pair):
    if not (_is_pair(pair) and 0 <= pair[0] <= pair[1] <= 1):
        raise ValueError(
            f"bounds of {name!r} are {pair!r}; expected (low, high) with "
            f"0 <= low <= high <= 1, such as bounds={_EXAMPLES['bounds']}."
        )
    return pair


def _read_prior(name, pair):
    if not (_is_pair(pair) and min(pair) >= 1 and max(pair) < np.inf):
        raise ValueError(
            f"beta_prior of {name!r} is {pair!r}; expected (a, b) of a Beta "
            "distribution, both at least 1, such as "
            f"beta_prior={_EXAMPLES['beta_prior']}."
        )
    return pair


def _is_pair(pair):
    return np.shape(pair) == (2,) and all(isinstance(value, Real) for value in pair)


def _read_fixed(name, values, skills):
    """Return the stated value of each skill, NaN where none is."""
    if isinstance(values, pd.Series):
        values = dict(zip(values.index, values, strict=True))
    if isinstance(values, Mapping):
        if not set(skills) & set(values):
            warnings.warn(
                f"fixed {name!r} names no skill of the log: "
                f"{first_few(list(values))}. Those of the log are "
                f"{first_few(skills)}.",
                UserWarning,
                stacklevel=4,
            )
        stated = [values.get(skill, np.nan) for skill in skills]
    else:
        stated = [values] * len(skills)
    odd = [
        v for v in stated if not (pd.isna(v) or (isinstance(v, Real) and 0 <= v <= 1))
    ]
    if odd:
        raise ValueError(
            f"fixed {name!r} is {odd[0]!r}; expected a probability between 0 and 1, "
            f"for all skills, or by skill: fixed={{{name!r}: {{{skills[0]!r}: 0.1}}}}."
        )
    return np.array([np.nan if pd.isna(v) else float(v) for v in stated])
