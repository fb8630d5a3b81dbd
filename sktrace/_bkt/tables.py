"""Tables of what was learnt of the population of skills, of items and of groups."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logit

from .limits import NAMES
from .shrinkage import ALIKE, EDGE, USUAL_SPREAD

__all__ = ["write_tables"]


def write_tables(indexes, params, fitted, cells, log, timeline, weight):
    """Return what was learnt of skills' population, of items and of groups.

    Parameters
    ----------
    indexes : dict of str to Index
        Names of items, and of groups, by role.
    params : DataFrame of shape (n_skills, 5)
        The skills' own rates.
    fitted : Fit
    cells : Cells
    log, timeline, weight
        What it was fitted to.

    Returns
    -------
    dict of str to DataFrame
        By the attribute that it becomes; none of what nobody named a column of.
    """
    tables = {"population_": population_table(fitted.limits)}
    rates = np.append(params.to_numpy().T, fitted.pairs)
    if "item" in indexes:
        known = timeline.restore(fitted.known(rates))
        answers = Answers.looked_at(log, timeline, weight, known)
        index = indexes["item"]
        tables["items_"] = item_table(index, answers, cells, rates, fitted.spread)
    for name in ("learn", "prior"):
        role = f"{name}_group"
        if role in indexes:
            tables[f"{role}s_"] = group_table(name, params, indexes[role], cells, rates)
    return tables


def population_table(limits):
    """Return the prior of each parameter: ``mean``, ``cases``, ``a`` and ``b``."""
    hits, misses = limits.hits.max(axis=(1, 2)), limits.misses.max(axis=(1, 2))
    cases = hits + misses
    mean = np.divide(hits, cases, out=np.full(len(NAMES), np.nan), where=cases > 0)
    columns = {"mean": mean, "cases": cases, "a": 1 + hits, "b": 1 + misses}
    return pd.DataFrame(columns, index=pd.Index(NAMES, name="parameter"))


class Answers(NamedTuple):
    """The answers on items that fit has looked at."""

    skill: np.ndarray
    item: np.ndarray
    moment: np.ndarray  # rows of one moment on one item are one answer
    weight: np.ndarray
    known: np.ndarray  # P(known) before it

    @classmethod
    def looked_at(cls, log, timeline, weight, known):
        """Choose the answers of a log that have a weight and name an item of fit."""
        item, moment = log.known_before["item"], timeline.restore(timeline.moment)
        chosen = (weight > 0) & (item >= 0)
        columns = (log.skill, item, moment, weight, known)
        return cls(*(values[chosen] for values in columns))


def item_table(index, answers, cells, rates, spread):
    """Return what was learnt of items.

    Parameters
    ----------
    index : Index of length n_items
    answers : Answers
    cells : Cells
    rates : ndarray of shape (n_cells,)
    spread : dict of str to float

    Returns
    -------
    DataFrame of shape (n_items, 5) or (n_items, 6)
        ``difficulty``, ``se``, ``n_answers``, ``guess``, ``slip``, and ``learn`` where
        it differs. An item of several skills has the mean over its answers on them.
    """
    variance, base = _variance_of_difficulty(cells, spread), len(index)
    pairs, pair = np.unique(answers.skill * base + answers.item, return_inverse=True)
    skill, item = np.divmod(pairs, base)
    of_pair, of_skill = (
        {
            name: np.clip(rates[cells.find(name, skill, code)], EDGE, 1 - EDGE)
            for name in ("guess", "slip", "learn")
        }
        for code in (item, np.full(len(item), -1))
    )
    columns = {
        "difficulty": logit(_even(of_skill)) - logit(_even(of_pair)),
        "se": _standard_error(of_pair, answers, pair, cells, variance),
        **of_pair,
    }
    weight = np.bincount(pair, answers.weight, len(pairs))
    total = np.bincount(item, weight, base)
    table = pd.DataFrame(index=index)
    for name, values in columns.items():
        mean = np.bincount(item, weight * values, base) / np.where(total > 0, total, 1)
        table[name] = np.where(total > 0, mean, np.nan)
    # Nothing is known of an item without an answer but that it is one of many.
    table["difficulty"] = table["difficulty"].fillna(0.0)
    table["se"] = table["se"].fillna(variance**0.5)
    questions = np.unique(answers.moment * base + answers.item)
    n_answers = np.bincount(questions % max(base, 1), minlength=base)
    table.insert(2, "n_answers", n_answers.astype(np.int64))
    return table if cells.roles.get("learn") == "item" else table.drop(columns="learn")


def group_table(name, params, groups, cells, rates):
    """Return a parameter by skill and group; where it was not seen, that of the skill.

    Parameters
    ----------
    name : str
    params : DataFrame of shape (n_skills, 5)
    groups : Index of length n_groups
    cells : Cells
    rates : ndarray of shape (n_cells,)

    Returns
    -------
    DataFrame of shape (n_skills, n_groups)
    """
    skill = np.arange(len(params))[:, np.newaxis]
    values = rates[cells.find(name, skill, np.arange(len(groups)))]
    return pd.DataFrame(values, params.index, groups)


def _variance_of_difficulty(cells, spread):
    """Return how much items differ, by those of guess and slip that they differ in."""
    split = [name for name in ("guess", "slip") if cells.roles.get(name) == "item"]
    variances = [spread.get(name, USUAL_SPREAD) ** 2 for name in split]
    return [0.0, *variances][-1] * ((1 + ALIKE) / 2 if len(split) == 2 else 1)


def _even(rates):
    """Return P(correct) of one who knows as likely as not."""
    return (1 - rates["slip"] + rates["guess"]) / 2


def _standard_error(rates, answers, pair, cells, variance):
    """Return the standard error of the difficulty of each pair.

    If an item gets harder by d logits, P(correct) changes by p' d, of which an answer
    tells as much as p'² / (p (1 - p)); that items have a `variance` adds to it.
    """
    bend = {
        name: rates[name] * (1 - rates[name]) * (cells.roles.get(name) == "item")
        for name in ("guess", "slip")
    }
    known = answers.known
    p = known * (1 - rates["slip"][pair]) + (1 - known) * rates["guess"][pair]
    slope = known * bend["slip"][pair] + (1 - known) * bend["guess"][pair]
    told = answers.weight * slope**2 / (p * (1 - p))
    told = np.bincount(pair, told, len(rates["guess"]))
    even = _even(rates)
    slope = (bend["slip"] + bend["guess"]) / 2 / (even * (1 - even))
    # Where nothing differs, it is known that the difficulty is 0.
    return slope * np.sqrt(variance / (variance * told + 1))
