"""The AUC as a share of pairs, of all or of those within groups."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

__all__ = ["auc_of_pairs", "count_pairs"]


def count_pairs(target, p, group=None):
    """Count pairs of a right and a wrong row, and those that p puts in order.

    Parameters
    ----------
    target : ndarray of shape (n_rows,)
        0 or 1.
    p : ndarray of shape (n_rows,)
    group : ndarray of shape (n_rows,), optional
        Count only pairs within a group.

    Returns
    -------
    ordered, n_pairs : float
        Their quotient is the AUC: the Mann-Whitney statistic, in which a pair of equal
        predictions is half in order.
    """
    if group is None:
        rank, right = rankdata(p), target == 1
        n_right = right.sum()
        ordered = rank[right].sum() - n_right * (n_right + 1) / 2
        return float(ordered), float(n_right) * float((~right).sum())
    rows = pd.DataFrame({"group": group, "p": p, "right": target == 1})
    rows["rank"] = rows.groupby("group")["p"].rank()
    n_right = rows.groupby("group")["right"].sum()
    ranks = rows[rows["right"]].groupby("group")["rank"].sum()
    ordered = ranks.sum() - (n_right * (n_right + 1) / 2).sum()
    n_wrong = rows.groupby("group")["right"].size() - n_right
    return float(ordered), float((n_right * n_wrong).sum())


def auc_of_pairs(target, p, group=None):
    """Return the AUC, within groups if there are some; NaN without a pair."""
    ordered, n_pairs = count_pairs(target, p, group)
    return ordered / n_pairs if n_pairs else np.nan
