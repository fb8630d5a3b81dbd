"""A class whose students answer one question a moment, and who fits on it."""

import numpy as np
import pandas as pd
from sklearn.base import clone

__all__ = ["fit", "make_class"]


def make_class(n_students=24, n_steps=20, seed=0):
    """Write students who each answer one question a moment, one after the other."""
    rng = np.random.default_rng(seed)
    n_rows = n_students * n_steps
    return pd.DataFrame(
        {
            "user_id": np.arange(n_students).repeat(n_steps),
            "order_id": np.tile(np.arange(n_steps), n_students),
            "skill_name": rng.choice([*"abcd"], n_rows),
            "correct": rng.integers(0, 2, n_rows),
        }
    )


def fit(tracer, X):
    return clone(tracer).fit(X, X["correct"])
