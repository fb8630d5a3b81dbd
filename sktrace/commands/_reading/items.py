"""Items of a log: whether they tell anything, and how many answers each has."""

import pandas as pd

__all__ = ["ITEM", "count_items", "leave_out_idle_items"]

ITEM = "item_id"
FEW_SHARED = 0.05  # of the rows, whose item another student has met as well


def leave_out_idle_items(X):
    """Drop the column of items where it cannot help to predict.

    What is learnt of an item helps with another student who meets it, and only where
    it says more than the skill.

    Returns
    -------
    X : DataFrame
    notes : list of str
        Why the items were left out; empty if they were not, or if there are none.
    """
    if ITEM not in X:
        return X, []
    named = X.dropna(subset=[ITEM])
    n_students = named.groupby(ITEM)["user_id"].transform("nunique")
    pairs = named[["skill_name", ITEM]].astype(str).drop_duplicates()
    reason = None
    if named[ITEM].nunique() < 2:
        reason = "there are no two of them"
    elif (n_students > 1).mean() < FEW_SHARED:
        reason = "hardly any was met by two students, so that nothing is learnt of it"
    elif not (pairs.duplicated(ITEM) | pairs.duplicated("skill_name")).any():
        reason = "each skill has one item of its own, so that they say no more than it"
    if reason is None:
        return X, []
    return X.drop(columns=ITEM), [
        f"The items are left out: {reason}. Does another column name what was "
        "answered? Name it with --item."
    ]


def count_items(answers):
    """Count the answers on each item; one on several skills is one answer.

    Parameters
    ----------
    answers : DataFrame
        Rows that have an answer.

    Returns
    -------
    Series
        Answers by item.
    """
    if ITEM not in answers:
        return pd.Series(dtype=int)
    moments = answers.drop_duplicates(["user_id", "order_id", ITEM])
    return moments[ITEM].value_counts()
