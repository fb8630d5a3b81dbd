"""Logs in portions, and the same rows in one frame."""

import numpy as np
import pandas as pd

from sktrace.datasets import make_interactions, scan_interactions


def made_up(n_students=60, n_skills=4, **more):
    """Return a log with items, times, and a number known before, and one after."""
    X, _ = make_interactions(
        n_students=n_students, n_skills=n_skills, n_items=15, random_state=0, **more
    )
    rng = np.random.default_rng(0)
    X["time"] = X["order_id"] * 3600.0 + rng.uniform(0, 1000, len(X))
    X["hint"] = rng.normal(size=len(X))
    X.loc[::7, "hint"] = np.nan
    X["taken"] = rng.normal(size=len(X))
    return X.astype({"skill_name": str, "item_id": str})


def deal(X, n_portions, student="user_id"):
    """Deal the students of a frame out; return a frame for each portion."""
    portion = pd.factorize(X[student])[0] * 7 % 11 % n_portions
    return [X[portion == k].reset_index(drop=True) for k in range(n_portions)]


def write(frames, folder):
    """Write frames as the portions of a log, and open it."""
    folder.mkdir()
    for number, frame in enumerate(frames):
        frame.to_parquet(folder / f"part-{number}.parquet")
    return scan_interactions(folder)
