"""Logs drawn from BKT with items, groups and nights, and what they ought to give."""

from itertools import product

import numpy as np
import pandas as pd
from scipy.special import expit, logit

HOUR = 3600.0
SKILL = {"prior": 0.4, "learn": 0.15, "guess": 0.2, "slip": 0.1, "forget": 0.0}


def make_harder(rates, by):
    """Return guess and slip of items that are harder by some logits."""
    return expit(logit(rates["guess"]) - by), expit(logit(rates["slip"]) + by)


def simulate_items(
    seed, n_students=400, n_steps=10, n_items=30, spread=1.0, truth=SKILL, by_group=()
):
    """Draw answers on one skill, items at random; return them, and the items' truth.

    In group "b", of rows or of students, parameters have the values of `by_group`.
    """
    rng = np.random.default_rng(seed)
    items = pd.DataFrame(index=[f"i{i:03d}" for i in range(n_items)])
    items["difficulty"] = rng.normal(0, spread, n_items)
    items["guess"], items["slip"] = make_harder(truth, items["difficulty"])
    guess, slip = items["guess"].to_numpy(), items["slip"].to_numpy()
    by_group, rows = dict(by_group), []
    for student in range(n_students):
        own = "ab"[student % 2]
        group = truth | by_group if own == "b" else truth
        known = rng.random() < group["prior"]
        for step in range(n_steps):
            item, kind = rng.integers(n_items), "ab"[rng.integers(2)]
            right = rng.random() < (1 - slip[item] if known else guess[item])
            rows.append(
                (student, step, "skill", int(right), items.index[item], kind, own)
            )
            rates = truth | by_group if kind == "b" else truth
            change = rates["forget"] if known else rates["learn"]
            known = known != (rng.random() < change)
    columns = ["user_id", "order_id", "skill_name", "correct", "item_id", "kind", "own"]
    return pd.DataFrame(rows, columns=columns), items


def make_columns(n_students=6, n_skills=2, n_steps=7, n_items=3, seed=0, ties=True):
    """Write a small log of all columns that BKT reads, ties, and cells left out."""
    rng = np.random.default_rng(seed)
    rows = []
    for student in range(n_students):
        order, time = 0, 0.0
        for _ in range(n_steps):
            order += int(not ties or rng.random() < 0.7)
            time += rng.choice([0.1, 1, 20, 40]) * HOUR
            rows.append(
                {
                    "user_id": student,
                    "order_id": order,
                    "skill_name": f"skill {rng.integers(n_skills)}",
                    "correct": float(rng.integers(2)),
                    "item_id": f"item {rng.integers(n_items)}",
                    "kind": rng.choice(["drill", "text"]),
                    "group": f"group {student % 3}",
                    "time": time,
                }
            )
    log = pd.DataFrame(rows)
    log["time"] = log.groupby(["user_id", "order_id"])["time"].transform("max")
    for column in ("item_id", "kind", "time"):
        log[column] = log[column].where(rng.random(len(log)) < 0.85)
    return log.sample(frac=1, random_state=seed).reset_index(drop=True)


def enumerate_states(chain, prior):
    """Return P(answers) and P(known after them and answers), over all state paths.

    Parameters
    ----------
    chain : list of tuple
        Of each opportunity: the answers, as triples of answer, guess and slip; the rate
        of learning after it; and the rate of forgetting before it.
    prior : float

    Returns
    -------
    p, known, learn : float
        P(known) is that right after the last answers; `learn` is what follows.
    """
    total, p_known = 0.0, 0.0
    for path in product([0, 1], repeat=len(chain)):
        p, learn = prior if path[:1] == (1,) else 1 - prior, 0.0
        for n, (state, (answers, learn_after, forget)) in enumerate(
            zip(path, chain, strict=True)
        ):
            if n > 0:
                change = [[1 - learn, learn], [forget, 1 - forget]]
                p *= change[path[n - 1]][state]
            learn = learn_after
            for answer, guess, slip in answers:
                right = 1 - slip if state else guess
                p *= right if answer else 1 - right
        total += p
        p_known += p * path[-1]
    return total, p_known
