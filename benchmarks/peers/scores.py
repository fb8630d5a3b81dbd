"""How predictions are scored: all of them by the same few lines, and sktrace's metrics.

Peers that start with a student's second answer predict no first rows, and one that
leaves out short students predicts none of theirs. So scores are of the rows that all
peers of the table predict.
"""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from sktrace.metrics import question_level

from .catalogue import PEERS

N_BOOTSTRAPS = 500
SHARES = [1, 0.1, np.inf]  # of a peer's CPU seconds


@dataclass
class Results:
    """What is saved of a log: its rows, who predicted what, and at what cost."""

    train: pd.DataFrame
    test: pd.DataFrame
    p: pd.DataFrame
    costs: dict

    @property
    def common(self):
        """The rows that all peers predict."""
        return self.p.notna().all(axis=1).to_numpy()

    @property
    def has_questions(self):
        """Whether some rows tie, so that a question may be several of them."""
        return bool(self.test.duplicated(["user_id", "order_id"]).any())

    def seconds(self, name):
        """CPU seconds of fit and prediction."""
        return self.costs[name]["fit"] + self.costs[name]["predict"]


def read(folder):
    """Read what `peers.py` has saved in a folder."""
    train, test = (pd.read_csv(folder / f"{part}.csv") for part in ("train", "test"))
    p, costs = {}, {}
    for name in PEERS:
        path = folder / f"{name}.json"
        if path.exists():
            costs[name] = json.loads(path.read_text())
            if "failed" not in costs[name]:
                p[name] = read_probabilities(path.with_suffix(".csv"))
    return Results(train, test, pd.DataFrame(p, index=test.index), costs)


def read_probabilities(path):
    """Read what a peer predicted; pyBKT's may be over 1 by a rounding error."""
    return pd.read_csv(path)["p"].clip(0, 1)


def by_question(results, p, rows):
    """Return answer, prediction and student of each question among some rows."""
    test = results.test[rows]
    y, student = test["correct"], pd.factorize(test["user_id"])[0]
    item = "item_id" if "item_id" in test else None
    answer, merged = question_level(test, y, p[rows], item=item)
    whose = question_level(test, y, student.astype(float), item=item)[1]
    return answer, merged, whose.astype(int)


def score(results):
    """Score every peer.

    Returns
    -------
    DataFrame
        By peer: AUC by row and by question and log loss on the common rows, AUC on all
        rows if the peer predicts them, and the share of rows that it does predict.
    """
    y, common = results.test["correct"].to_numpy(), results.common
    rows = {}
    for name, column in results.p.items():
        p = column.to_numpy()
        told = ~np.isnan(p)
        answer, merged, _ = by_question(results, p, common)
        rows[name] = {
            "AUC by row": roc_auc_score(y[common], p[common]),
            "AUC by question": roc_auc_score(answer, merged),
            "log loss": log_loss(y[common], p[common]),
            "AUC, all rows": roc_auc_score(y, p) if told.all() else np.nan,
            "predicts": told.mean(),
        }
    return pd.DataFrame(rows).T


def leads(results):
    """Say how far sktrace is ahead of each peer, at `SHARES` of the peer's CPU seconds.

    At each the best of sktrace's models that took no more, of fit and prediction
    together, stands against the peer. AUC is by question, on the common rows; the
    interval is the middle 95 % over samples of test students, paired.

    Returns
    -------
    DataFrame
        One row per peer and budget: model, seconds relative to the peer's, lead, low,
        high; model is None if none is as quick.
    """
    drawn = bootstrap(results)
    whole = {name: aucs[0] for name, aucs in drawn.items()}
    ours = [name for name in drawn if PEERS[name].is_ours]
    rows = []
    for peer in drawn:
        if PEERS[peer].is_ours:
            continue
        for share in SHARES:
            budget = share * results.seconds(peer)
            quick = [name for name in ours if results.seconds(name) <= budget]
            row = {"peer": peer, "budget": share, "model": None}
            if quick:
                best = max(quick, key=whole.get)
                gain = drawn[best] - drawn[peer]
                low, high = np.quantile(gain[1:], [0.025, 0.975])
                row |= {"model": best, "lead": gain[0], "low": low, "high": high}
                row["seconds"] = results.seconds(best) / results.seconds(peer)
            rows.append(row)
    return pd.DataFrame(rows)


def bootstrap(results, seed=0):
    """Return by peer its AUC, then those of samples of students, the same for all."""
    drawn, rng, weights = {}, np.random.default_rng(seed), None
    for name, p in results.p.items():
        y, p, student = by_question(results, p.to_numpy(), results.common)
        if weights is None:
            n = student.max() + 1
            samples = rng.multinomial(n, np.full(n, 1 / n), size=N_BOOTSTRAPS)
            weights = np.vstack([np.ones((1, n), dtype=int), samples])
        drawn[name] = weighted_aucs(y, p, weights[:, student])
    return drawn


def weighted_aucs(y, p, weights):
    """Return an AUC per row of weights: ties count half, and p is sorted only once."""
    rank = np.unique(p, return_inverse=True)[1]
    aucs = []
    for weight in weights:
        right = np.bincount(rank, weight * y)
        wrong = np.bincount(rank, weight * (1 - y))
        below = np.cumsum(wrong) - wrong / 2
        aucs.append(right @ below / (right.sum() * wrong.sum()))
    return np.array(aucs)
