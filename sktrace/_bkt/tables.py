"""Tables of what was learnt of the population of skills, of items and of groups."""

import numpy as np
import pandas as pd
from scipy.special import logit

from .._interactions.timeline import Timeline
from .em import Filter
from .histories import grow_histories
from .limits import NAMES
from .shrinkage import ALIKE, EDGE, USUAL_SPREAD

__all__ = ["write_tables"]


def write_tables(indexes, params, fitted, cells, pieces, gap):
    """Return what was learnt of skills' population, of items and of groups.

    Parameters
    ----------
    indexes : dict of str to Index
        Names of items, and of groups, by role.
    params : DataFrame of shape (n_skills, 5)
        The skills' own rates.
    fitted : Fit
    cells : Cells
    pieces : Pieces of tuples
        Logs of answers and weights that it was fitted to.
    gap : float or None
        Seconds from which a skill may be forgotten.

    Returns
    -------
    dict of str to DataFrame
        By the attribute that it becomes; none of what nobody named a column of.
    """
    tables = {"population_": population_table(fitted.limits)}
    rates = np.append(params.to_numpy().T, fitted.pairs)
    if "item" in indexes:
        variance = _variance_of_difficulty(cells, fitted.spread)
        told = pieces.map(_tell_items, cells, rates, gap)
        tables["items_"] = item_table(indexes["item"], told, cells, rates, variance)
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


def item_table(index, told, cells, rates, variance):
    """Return what was learnt of items.

    Parameters
    ----------
    index : Index of length n_items
    told : list of DataFrame
        What `_tell_items` returned of each piece of a log.
    cells : Cells
    rates : ndarray of shape (n_cells,)
    variance : float
        Of the difficulties of items.

    Returns
    -------
    DataFrame of shape (n_items, 5) or (n_items, 6)
        ``difficulty``, ``se``, ``n_answers``, ``guess``, ``slip``, and ``learn`` where
        it differs. An item of several skills has the mean over its answers on them.
    """
    told = pd.concat(told).groupby(level=["skill", "item"]).sum()
    skill, item = (told.index.get_level_values(name) for name in ("skill", "item"))
    skill, item, base = skill.to_numpy(), item.to_numpy(), len(index)
    of_pair = _rates_of(cells, rates, skill, item)
    of_skill = _rates_of(cells, rates, skill, np.full(len(item), -1))
    columns = {
        "difficulty": logit(_even(of_skill)) - logit(_even(of_pair)),
        "se": _standard_error(of_pair, told["told"].to_numpy(), cells, variance),
        **of_pair,
    }
    weight = told["weight"].to_numpy()
    total = np.bincount(item, weight, base)
    table = pd.DataFrame(index=index)
    for name, values in columns.items():
        mean = np.bincount(item, weight * values, base) / np.where(total > 0, total, 1)
        table[name] = np.where(total > 0, mean, np.nan)
    # Nothing is known of an item without an answer but that it is one of many.
    table["difficulty"] = table["difficulty"].fillna(0.0)
    table["se"] = table["se"].fillna(variance**0.5)
    n_answers = np.bincount(item, told["n_answers"], base)
    table.insert(2, "n_answers", n_answers.astype(np.int64))
    return table if cells.roles.get("learn") == "item" else table.drop(columns="learn")


def _rates_of(cells, rates, skill, item):
    """Return guess, slip and learn of pairs, no nearer to 0 and 1 than `EDGE`."""
    return {
        name: np.clip(rates[cells.find(name, skill, item)], EDGE, 1 - EDGE)
        for name in ("guess", "slip", "learn")
    }


def _tell_items(piece, cells, rates, gap):
    """Sum up what the answers of a piece of a log tell of pairs of skill and item.

    If an item gets harder by d logits, P(correct) = p changes by p' d, of which an
    answer tells as much as p'² / (p (1 - p)).

    Returns
    -------
    DataFrame
        By skill and item: ``weight``, ``told``, and ``n_answers``, where rows of one
        moment on one item are one answer, of whichever skill stands first.
    """
    log, weight = piece
    timeline = Timeline.of(log)
    histories, places = grow_histories(log, timeline, cells, weight, gap)
    filtered = Filter(histories, rates[:, np.newaxis])
    known = filtered.known_next(places.before, places.forgets)[:, 0]
    item, moment = log.known_before["item"], timeline.restore(timeline.moment)
    looked_at = (weight > 0) & (item >= 0)
    skill, item, moment, weight, known = (
        values[looked_at]
        for values in (log.skill, item, moment, weight, timeline.restore(known))
    )
    own = _rates_of(cells, rates, skill, item)
    p = known * (1 - own["slip"]) + (1 - known) * own["guess"]
    bend = _bend(own, cells)
    slope = known * bend["slip"] + (1 - known) * bend["guess"]
    base = item.max(initial=0) + 1
    _, first = np.unique(moment * base + item, return_index=True)
    opens = np.bincount(first, minlength=len(item))
    told = {"weight": weight, "told": weight * slope**2 / (p * (1 - p))}
    told = pd.DataFrame({"skill": skill, "item": item, **told, "n_answers": opens})
    return told.groupby(["skill", "item"]).sum()


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


def _bend(rates, cells):
    """Return by how much rates change with a logit, of those that items differ in."""
    return {
        name: rates[name] * (1 - rates[name]) * (cells.roles.get(name) == "item")
        for name in ("guess", "slip")
    }


def _standard_error(rates, told, cells, variance):
    """Return the standard error of the difficulty of each pair.

    That items have a `variance` adds to what their answers have `told`.
    """
    bend, even = _bend(rates, cells), _even(rates)
    slope = (bend["slip"] + bend["guess"]) / 2 / (even * (1 - even))
    # Where nothing differs, it is known that the difficulty is 0.
    return slope * np.sqrt(variance / (variance * told + 1))
