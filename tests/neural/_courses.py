"""Weeks, sequences and outcomes of made-up courses, and networks that read them."""

import numpy as np
import pandas as pd

from sktrace import SequenceRegressor, Sequences

from .._sequence_data import SMALL_BATCHES
from ..conftest import make_log

WHOLE = SequenceRegressor(task="many-to-one", **SMALL_BATCHES)
TRACING = SequenceRegressor(
    past_features=["grade"], features=["hours"], **SMALL_BATCHES
)
OF_OUTCOMES = {"task": "many-to-one", "embedding_size": 4, **SMALL_BATCHES}
OUTCOMES = ["distinction", "fail", "pass", "withdrawn"]


def make_weeks(n_students=10, n_weeks=6, seed=0):
    """Students of unequal length in shuffled rows; some grades are missing."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, n_weeks + 1, n_students)
    n_rows = lengths.sum()
    weeks = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(n_students) * 3 + 1, lengths),
            "order_id": np.concatenate([np.arange(n) for n in lengths]) * 2,
            "hours": rng.gamma(2.0, 2.0, n_rows),
            "grade": rng.normal(6, 2, n_rows),
            "comment": "text is no number",
        }
    )
    weeks.loc[rng.uniform(size=n_rows) < 0.2, "grade"] = np.nan
    return weeks.sample(frac=1, random_state=seed).reset_index(drop=True)


def make_sequences(n=30, n_steps=5, n_features=3, seed=0):
    """An array with padding, and a target in the first feature of each last step."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_steps, n_features))
    lengths = rng.integers(1, n_steps + 1, n)
    X[np.arange(n_steps) >= lengths[:, None]] = np.nan
    return X, X[np.arange(n), lengths - 1, 0] * 3 + 10


def make_courses(n=40, n_steps=5, n_features=3, n_classes=4, seed=0):
    """Arrays with padding, and one of several outcomes."""
    X, _ = make_sequences(n, n_steps, n_features, seed)
    y = np.array(OUTCOMES)[np.arange(n) % n_classes]
    return X, y


def make_histories(seed=0):
    """Interactions of students as sequences, and whether each passed."""
    log = make_log(n_students=20, seed=seed)
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    return log, X, (X.ids.to_numpy() // 7) % 2
