"""Which rows of a log are one question."""

import numpy as np
import pandas as pd

__all__ = ["label_questions", "merge_questions"]


def label_questions(student, moment, item, target):
    """Return the question of each row, as a code.

    Rows of one moment are one question if they name the same item; those that name
    none, if their targets agree, for clocks are coarse.

    Parameters
    ----------
    student, moment : ndarray of shape (n_rows,)
    item : ndarray of shape (n_rows,)
        Codes; -1 where none is named.
    target : ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows,), int64
    """
    rows = pd.DataFrame({"student": student, "moment": moment, "item": item})
    rows["target"] = target
    targets = rows.groupby(["student", "moment", "item"])["target"].transform("nunique")
    differ = ((rows["item"] == -1) & (targets > 1)).to_numpy()
    rows["target"] = np.where(differ, np.arange(len(rows)), -1)
    return rows.groupby(list(rows)).ngroup().to_numpy()


def merge_questions(question, target, p):
    """Return the least target, and the mean prediction, of each question's rows."""
    rows = pd.DataFrame({"target": target, "p": p}).groupby(question)
    return rows["target"].min().to_numpy(), rows["p"].mean().to_numpy()
