"""Logs with items, of students whose truth is known."""

import numpy as np
import pandas as pd
from scipy.special import expit

from ..conftest import make_log

__all__ = ["TIGHT", "answer_items", "with_columns"]

TIGHT = {"tol": 1e-10, "max_iter": 1000}


def answer_items(n_students, difficulty, discrimination=1.0, n_steps=30, seed=0):
    """Draw answers from a two-parameter model; items are 0, 1, 2 and so on."""
    rng = np.random.default_rng(seed)
    n_rows, n_items = n_students * n_steps, len(difficulty)
    log = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(n_students), n_steps),
            "order_id": np.tile(np.arange(n_steps), n_students),
            "skill_name": "one",
            "item_id": rng.integers(0, n_items, n_rows),
        }
    )
    ability = rng.normal(size=n_students)[log["user_id"]]
    slope = np.broadcast_to(discrimination, n_items)[log["item_id"]]
    x = slope * (ability - difficulty[log["item_id"]])
    return log.assign(correct=rng.binomial(1, expit(x)))


def with_columns(seed=0, ties=True, n_items=6, **sizes):
    """Write a small log by chance that has every further column."""
    log, rng = make_log(seed=seed, ties=ties, **sizes), np.random.default_rng(seed + 1)
    n_rows = len(log)
    return log.assign(
        item_id=rng.integers(0, n_items, n_rows),
        time=log["order_id"] * 50.0 + rng.integers(0, 40, n_rows),
        week=np.where(rng.uniform(size=n_rows) < 0.2, np.nan, rng.normal(size=n_rows)),
        hints=rng.integers(0, 3, n_rows).astype(float),
    )
