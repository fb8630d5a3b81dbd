"""Difficulty and discrimination of items: the numbers of a picture."""

import numpy as np
import pandas as pd

from .._interactions.vocabulary import as_list
from .._words import first_few
from ..inspection import item_fit
from ._opportunities import read_targets

__all__ = ["choose_items", "gather_items", "read_items"]

# Of an item: what is drawn, and its standard error, by the columns that may hold them.
_DIFFICULTY = (("difficulty", ("difficulty_se", "se")), ("harder", ("harder_se",)))
_MORE = ("skill", "n_answers", "verdict")


def gather_items(estimator, X, y, **options):
    """Return a table of items: what a model learnt of them, and how answers fit.

    What the model says goes before what held-out answers say.
    """
    reader = getattr(estimator, "best_estimator_", estimator)
    learnt = getattr(reader, "items_", None)
    if X is None:
        if learnt is None or "discrimination" not in learnt:
            lacks = "items_" if learnt is None else "discrimination in its items_"
            raise ValueError(
                f"{type(reader).__name__} has no {lacks}; expected answers of students "
                "whom it was not trained on, which tell how items discriminate: "
                "from_estimator(estimator, X, y, item=...)."
            )
        return learnt
    if y is None:
        y = _read_answers(reader, X)
    fit = item_fit(estimator, X, y, **options)
    if learnt is None:
        return fit
    known = learnt.reindex(fit.index).rename(columns={"se": "difficulty_se"})
    if "discrimination" in known:
        fit = fit.drop(columns=["discrimination", "discrimination_se"])
    fit = fit.drop(columns=["harder", "harder_se"])
    return fit.join(known[known.columns.difference(fit.columns, sort=False)])


def _read_answers(reader, X):
    if not hasattr(reader, "_roles"):
        raise TypeError(
            f"{type(reader).__name__} does not say which column holds the answers; "
            "expected a tracer. Pass y, too."
        )
    return read_targets(reader, X)[0]


def read_items(table):
    """Return the numbers to draw, by the names that they have in a display.

    Raises
    ------
    TypeError
        If the table is no frame.
    ValueError
        If it has no column of difficulties or of discriminations, or no item has both.
    """
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"table is {type(table).__name__!r}; expected a DataFrame with a line for "
            "each item, such as items_ of a tracer, or what item_fit returns."
        )
    found = [pair for pair in _DIFFICULTY if pair[0] in table]
    if not found or "discrimination" not in table:
        raise ValueError(
            f"table has the columns {table.columns.tolist()}; expected 'difficulty' or "
            "'harder', and 'discrimination'. Answers of held-out students tell them: "
            "item_fit(estimator, X, y, item=...)."
        )
    difficulty, errors = found[0]
    items = pd.DataFrame(
        {
            difficulty: table[difficulty],
            f"{difficulty}_se": _first_of(table, errors),
            "discrimination": table["discrimination"],
            "discrimination_se": _first_of(table, ["discrimination_se"]),
            **{name: table[name] for name in _MORE if name in table},
        },
        index=table.index,
    )
    items = items[items[[difficulty, "discrimination"]].notna().all(axis=1)]
    if len(items) == 0:
        raise ValueError(
            "No item has both a difficulty and a discrimination; expected one at "
            "least. Answers on items that fit did not see tell both: "
            "ItemDisplay.from_items(item_fit(estimator, X, y))."
        )
    return items


def _first_of(table, columns):
    present = [column for column in columns if column in table]
    return table[present[0]] if present else np.nan


def choose_items(items, skills):
    """Return the items of some skills; None chooses all."""
    if skills is None:
        return items
    if "skill" not in items:
        raise ValueError(
            f"skills={skills!r}, but the table has no column 'skill'; expected one. "
            "Add it, or choose lines: ItemDisplay.from_items(table.loc[[...]])."
        )
    present = list(dict.fromkeys(items["skill"].tolist()))
    asked = as_list(skills)
    absent = [skill for skill in asked if skill not in present]
    if absent or not asked:
        got = f"No item of {len(absent)} skill(s): {first_few(absent)}"
        raise ValueError(
            f"{got if asked else 'skills=[] names none at all'}; expected some of "
            f"{first_few(present)}."
        )
    return items[[skill in asked for skill in items["skill"].tolist()]]
