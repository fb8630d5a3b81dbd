"""The logs, and the students whom all peers are given."""

import numpy as np
import pandas as pd

from sktrace.datasets import fetch_assistments2009, fetch_assistments2015

LOGS = ["2009-skills", "2009-problems", "2015"]
SEED = 0


def read(log, data_home):
    """Return a log's rows, and which of them are for training and for testing."""
    if log == "2009-problems":
        bunch = fetch_assistments2009(items=True, data_home=data_home)
        return bunch.frame, bunch.fold >= 3, bunch.fold == 1
    fetch = {"2009-skills": fetch_assistments2009, "2015": fetch_assistments2015}[log]
    bunch = fetch(data_home=data_home)
    return bunch.frame, bunch.split != "test", bunch.split == "test"


def draw(log, students, data_home):
    """Return training and test rows of some students, named by numbers.

    Parameters
    ----------
    log : str
        One of `LOGS`. Of the log with problems, folds 3-5 train and fold 1 tests, as in
        `items.py`; the others have a published split.
    students : tuple of int or None
        How many are drawn for training and for testing; all of them if None.
    data_home : str or None
        Folder of downloaded data sets.

    Returns
    -------
    train, test : DataFrame
        Sorted by student, order and item; the index numbers the rows.
    """
    frame, *parts = read(log, data_home)
    columns = [c for c in ("skill_name", "item_id") if c in frame]
    frame = frame[["user_id", "order_id", *columns, "correct"]]
    by = ["user_id", "order_id", *columns[1:]]
    rng = np.random.default_rng(SEED)
    drawn = []
    for part, n_students in zip(parts, students or (None, None), strict=True):
        rows = frame[part]
        if n_students is not None:
            everyone = rows["user_id"].unique()
            some = rng.permutation(everyone)[:n_students]
            rows = rows[rows["user_id"].isin(some)]
        drawn.append(rows.sort_values(by, kind="stable"))
    both = pd.concat(drawn, keys=["train", "test"])
    for column in columns:
        both[column] = pd.factorize(both[column], use_na_sentinel=False)[0]
    return [both.loc[part].reset_index(drop=True) for part in ("train", "test")]
