"""Logs of a made-up lesson, and what is done to them before anything is fitted."""

import numpy as np
import pandas as pd
from sklearn.preprocessing import TargetEncoder

from sktrace.datasets import make_interactions

__all__ = [
    "BARE",
    "ENCODINGS",
    "lesson",
    "on_several_skills",
    "padded",
]

BARE = ["user_id", "order_id", "skill_name", "item_id", "correct"]


def lesson(n_students=150, n_attempts=25, n_items=60, seed=0):
    """Make a log with items, times, ratings, and what is known after the answer."""
    X, _ = make_interactions(
        n_students,
        n_skills=5,
        n_attempts=n_attempts,
        skill_order="random",
        n_items=n_items,
        random_state=seed,
    )
    rng = np.random.default_rng(seed)
    right = X["correct"].to_numpy() == 1
    rest = rng.lognormal(np.log(20), 0.5, len(X))
    took = rng.lognormal(np.where(right, 2.5, 3.6), 0.5)
    clock = pd.Series(rest + took).groupby(X["user_id"].to_numpy()).cumsum()
    hardness = dict(enumerate(rng.normal(size=10_000)))
    item_code = X["item_id"].astype("category").cat.codes
    return X.assign(
        timestamp=clock.to_numpy().round(1),
        response_time=took,
        hints=np.where(right, 0, rng.integers(0, 4, len(X))),
        rating=item_code.map(hardness).astype(float),
        n_before=X.groupby("user_id").cumcount().astype(float),
        skill_name=X["skill_name"].astype(str),
    )


def on_several_skills(log, seed=0):
    """Unroll half of the items into two rows, one for each of their skills."""
    code = log["item_id"].astype("category").cat.codes
    twice = log[code % 2 == 0]
    second = twice.assign(skill_name="also " + twice["skill_name"])
    both = pd.concat([log, second]).sort_values(
        ["user_id", "order_id"], kind="stable", ignore_index=True
    )
    return both.assign(question=both["order_id"], order_id=np.arange(len(both)))


def padded(log, skill="PAD", item="PAD", first=False):
    """Fill up every student to the longest with wrong answers."""
    log = log[BARE].assign(item_id=log["item_id"].astype(str))
    counts = log["user_id"].value_counts()
    missing = (counts.max() - counts).loc[lambda n: n > 0]
    filler = pd.DataFrame({"user_id": np.repeat(missing.index, missing)})
    filler["order_id"] = 1000 + filler.groupby("user_id").cumcount()
    if first:
        filler["order_id"] -= 5000
    filler = filler.assign(skill_name=skill, item_id=item, correct=0)
    both = pd.concat([log, filler])
    return both.sort_values(["user_id", "order_id"], ignore_index=True)


def plain(log, by):
    return log.groupby(by)["correct"].transform("mean")


def smoothed(log, by, strength=5):
    rows = log.groupby(by)["correct"]
    prior = log["correct"].mean() * strength
    return (rows.transform("sum") + prior) / (rows.transform("size") + strength)


def left_out(log, by):
    rows = log.groupby(by)["correct"]
    others = rows.transform("size") - 1
    return (rows.transform("sum") - log["correct"]) / others.clip(1)


def running(log, by):
    rows = log.groupby(by)["correct"]
    return rows.cumsum() / (rows.cumcount() + 1)


def log_odds(log, by):
    share = smoothed(log, by, strength=2)
    return np.log(share / (1 - share))


def by_target_encoder(log, by):
    encoder = TargetEncoder(random_state=0)
    return encoder.fit_transform(log[[by]].astype(str), log["correct"])[:, 0]


def fitted_target_encoder(log, by):
    encoder = TargetEncoder(random_state=0).fit(log[[by]].astype(str), log["correct"])
    return encoder.transform(log[[by]].astype(str))[:, 0]


ENCODINGS = {
    "mean by item": (plain, "item_id"),
    "mean by student": (plain, "user_id"),
    "mean by student and skill": (plain, ["user_id", "skill_name"]),
    "smoothed mean by item": (smoothed, "item_id"),
    "smoothed mean by student": (smoothed, "user_id"),
    "leave-one-out by item": (left_out, "item_id"),
    "leave-one-out by student": (left_out, "user_id"),
    "leave-one-out by skill": (left_out, "skill_name"),
    "log odds by item": (log_odds, "item_id"),
    "running mean with the own row": (running, "user_id"),
    "running mean by item with the own row": (running, "item_id"),
    "TargetEncoder.fit_transform by item": (by_target_encoder, "item_id"),
    "TargetEncoder.fit, then transform": (fitted_target_encoder, "item_id"),
    "mean by skill": (plain, "skill_name"),
}
