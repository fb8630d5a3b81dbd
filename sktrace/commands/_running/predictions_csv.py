"""What every tracer predicted of every row, as a file beside the page."""

import numpy as np
import pandas as pd

from .._output import as_csv
from .._roles import ROLES

__all__ = ["predictions_csv"]


def predictions_csv(findings):
    """Write out-of-fold predictions, a line for each row of the log, in its order.

    Columns that name a row are called as in the log, so that ``audit --predictions``
    finds the rows again: `fold` says by which fold a row was predicted, and each tracer
    has a column. Rows without an answer were not predicted. A column of the log that is
    called so, too, keeps its name, and ours is called ``fold (predicted)``.

    Returns
    -------
    bytes
    """
    X, comparison = findings.log.X, findings.comparison
    table = {}
    for role, (name, _) in ROLES.items():
        if name in X:
            column = findings.log.columns.get(role)
            column = column if isinstance(column, str) else name
            table[free_name(column, table, role)] = X[name]
    table = pd.DataFrame(table)
    asked = np.flatnonzero(X["correct"].notna())
    fold = pd.array([None] * len(X), dtype="Int64")
    fold[asked] = comparison.fold
    table[free_name("fold", table)] = fold
    for name, p in comparison.predictions.items():
        own = np.full(len(X), np.nan)
        own[asked] = p
        table[free_name(name, table)] = own
    return as_csv(table.set_index(table.columns[0]))


def free_name(name, taken, what="predicted"):
    """Return a name that no other column has: a log may call one ``fold`` or ``AFM``.

    >>> free_name("fold", ["AFM"]), free_name("AFM", ["AFM"])
    ('fold', 'AFM (predicted)')
    """
    while name in taken:
        name = f"{name} ({what})"
    return name
