"""Small made-up logs, and tracers that read them."""

import numpy as np
import pandas as pd
from sklearn.base import clone

from .._tracer.questions import roles_of

__all__ = [
    "COLUMNS",
    "fit",
    "flip",
    "fresh",
    "join_ties",
    "make_log",
    "proba",
    "write_for",
]

COLUMNS = {
    "student": "user_id",
    "order": "order_id",
    "skill": "skill_name",
    "correct": "correct",
}


def make_log(n_students=12, n_skills=4, n_steps=9, seed=0, ties=True):
    """Write students of unequal length, in shuffled rows, some of them tied in order.

    Parameters
    ----------
    n_students, n_skills : int
    n_steps : int
        The most rows that a student has; the fewest are 1.
    seed : int
    ties : bool
        Whether moments have two rows, or one.

    Returns
    -------
    DataFrame of shape (n_rows, 4)
        Answers are 0 or 1, by chance.
    """
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, n_steps + 1, n_students)
    step = np.concatenate([np.arange(n) for n in lengths])
    n_rows = len(step)
    log = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(n_students), lengths) * 7 + 3,
            "order_id": step // 2 if ties else step,
            "skill_name": rng.choice([f"skill {k}" for k in range(n_skills)], n_rows),
            "correct": rng.integers(0, 2, n_rows),
        }
    )
    return log.sample(frac=1, random_state=seed).reset_index(drop=True)


def fresh(tracer, **params):
    """Return an unfitted clone that reads the columns of `make_log`, seeded.

    What it does with skills that are unknown or joined is set as by default, where it
    has a say in it: whoever passes a tracer with other settings asks of its class.
    """
    tracer = clone(tracer)
    known = tracer.get_params(deep=False)
    chosen = dict(COLUMNS)
    for name, value in {"handle_unknown": "prior", "skill_separator": "~~"}.items():
        if name in known:
            chosen[name] = value
    if "random_state" in known and known["random_state"] is None:
        chosen["random_state"] = 0
    return tracer.set_params(**(chosen | params))


def write_for(tracer, seed=0, **sizes):
    """Return a log as `make_log` writes it, and the further columns that are read.

    Those hold 0 to 3, which may be numbers as well as names, by chance.
    """
    log = make_log(seed=seed, **sizes)
    rng = np.random.default_rng(seed + 1)
    roles = roles_of(fresh(tracer))
    for role in roles.further:
        for column in roles.columns_of(role):
            log[column] = rng.integers(0, 4, len(log))
    return log


def join_ties(log):
    """Write a question as one row whose cell names all its skills."""
    cells = log.drop_duplicates(["user_id", "order_id", "skill_name"]).groupby(
        ["user_id", "order_id"], as_index=False
    )
    others = dict.fromkeys(log.columns.drop(["user_id", "order_id"]), "first")
    return cells.agg(others | {"skill_name": "~~".join})


def flip(log, rows=None):
    """Return the log with the other answer everywhere, or in some rows."""
    other = 1 - log["correct"]
    return log.assign(
        correct=other if rows is None else log["correct"].where(~rows, other)
    )


def fit(tracer, log, y=None, **params):
    """Return a fitted clone; the answers are the target, unless y is passed."""
    return fresh(tracer, **params).fit(log, log["correct"] if y is None else y)


def proba(tracer, X):
    """Return what a tracer predicts for each row: how probable the second class is."""
    return tracer.predict_proba(X)[:, 1]
