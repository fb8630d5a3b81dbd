"""Fits that are killed again and again: what they end with, and what it costs.

    python benchmarks/kills.py
    python benchmarks/kills.py --fits 50 --seed 1 --only gru weeks

Each fit runs in a process of its own, forked from one that is warm, which gets SIGKILL
at a random moment; the next process goes on from the checkpoint, until one comes to
the end. All bits must then be those of a fit that was never killed: weights, the
optimizer's memory, generators, the history but for its seconds, and predictions. Under
``random_state=None``, of one with the seed that stands in the file.

    python benchmarks/kills.py --cost

measures what a checkpoint costs beside an epoch: of a small network on a small class,
and of the default one on a log of 100,000 answers.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.base import clone

from sktrace import DKTClassifier, SequenceRegressor
from sktrace._neural.checkpoints import Checkpoint
from sktrace._neural.fingerprints import fingerprint
from sktrace._plain import unpack
from sktrace.datasets import make_course, make_interactions, scan_interactions

SMALL = {"hidden_size": 8, "max_epochs": 6, "batch_size": 4, "random_state": 0}
STOPPED = {"early_stopping": True, "patience": 2, "lr": 0.05}
MOST_KILLS = 200  # of one fit
FOLDER = tempfile.TemporaryDirectory(prefix="sktrace-kills-")


def answers():
    return make_interactions(n_students=60, n_skills=4, random_state=0)


def weeks():
    rows, _ = make_course(n_students=60, n_weeks=8, random_state=0)
    return rows, rows["quiz_grade"]


def outcomes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 12, 3))
    return X, (X[:, -1, 0] > 0).astype(int)


def portions():
    X, _ = answers()
    for k in range(3):
        part = X[X["user_id"] % 3 == k]
        part.to_parquet(Path(FOLDER.name, f"{k}.parquet"), index=False)
    X = scan_interactions(FOLDER.name)
    return X, X["correct"]


OF_WEEKS = {
    "order": "week",
    "past_features": ["quiz_grade"],
    "features": ["study_hours"],
}
CASES = {
    "gru": (DKTClassifier(**SMALL), answers),
    "lstm, no schedule": (
        DKTClassifier(cell="lstm", num_layers=2, lr_schedule=None, **SMALL),
        answers,
    ),
    "rnn, stopped early": (DKTClassifier(cell="rnn", **STOPPED, **SMALL), answers),
    "no seed": (DKTClassifier(**SMALL | {"random_state": None}), answers),
    "weeks": (SequenceRegressor(**OF_WEEKS, **SMALL), weeks),
    "outcomes": (DKTClassifier(task="many-to-one", **SMALL), outcomes),
    "portions": (DKTClassifier(**STOPPED, **SMALL), portions),
    "two devices": (DKTClassifier(n_devices=2, **SMALL), answers),
}
OF_ONE = [name for name in CASES if name != "two devices"]  # which takes long to begin


def learnt(estimator, X):
    """Return a fingerprint of all that training has left, but for seconds."""
    is_classifier = hasattr(estimator, "predict_proba")
    predict = estimator.predict_proba if is_classifier else estimator.predict
    net = estimator.net_
    return fingerprint(
        predict(X),
        net.module_.state_dict(),
        net.optimizer_.state_dict(),
        [{k: v for k, v in epoch.items() if k != "dur"} for epoch in net.history],
        estimator.best_epoch_,
        estimator._random_,
    )


def fit_apart(estimator, X, y, told, delay):
    """Fit in another process, and kill it after a while; say whether it had ended."""
    child = os.fork()
    if child == 0:
        try:
            told.write_text(learnt(estimator.fit(X, y), X))
        finally:
            os._exit(0 if told.exists() else 1)
    deadline = time.perf_counter() + delay
    while time.perf_counter() < deadline:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return True
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def count_epochs(folder):
    files = list(folder.glob("*.checkpoint"))
    return len(unpack(files[0].read_bytes())["net"]["history"]) if files else 0


def go_on_until_it_ends(estimator, X, y, seconds, rng):
    """Return the fingerprint that a fit ends with, its kills, and how far each got."""
    with tempfile.TemporaryDirectory(prefix="sktrace-kills-") as folder:
        kept, told = Path(folder, "kept"), Path(folder, "told")
        estimator = clone(estimator).set_params(checkpoint=kept)
        reached = []
        for _ in range(MOST_KILLS):
            if fit_apart(estimator, X, y, told, rng.uniform(0, seconds / 2)):
                break
            reached.append(count_epochs(kept))
        else:
            fit_apart(estimator, X, y, told, float("inf"))
        (file,) = kept.glob("*.checkpoint")
        return told.read_text(), reached, unpack(file.read_bytes())["seed"]


class Seed(np.random.RandomState):
    """Draws one number."""

    def randint(self, *args):
        return self.seed_


def kill(options):
    """Print a row for each case; return 1 if a fit ended with other bits."""
    rng, rows = np.random.default_rng(options.seed), {}
    for number, name in enumerate(options.only):
        estimator, make = CASES[name]
        X, y = make()
        seconds = []
        for _ in range(2):  # the first one wakes what is slow to begin
            start = time.perf_counter()
            whole = learnt(clone(estimator).fit(X, y), X)
            seconds.append(time.perf_counter() - start)
        seconds = min(seconds)
        row = dict.fromkeys(["fits", "kills", "after an epoch", "other bits"], 0)
        for _ in range(number, options.fits, len(options.only)):
            ended, reached, seed = go_on_until_it_ends(estimator, X, y, seconds, rng)
            expected = whole
            if estimator.random_state is None:
                given = Seed()
                given.seed_ = seed
                own = clone(estimator).set_params(random_state=given)
                expected = learnt(own.fit(X, y), X)
            row["fits"] += 1
            row["kills"] += len(reached)
            row["after an epoch"] += sum(n > 0 for n in reached)
            row["other bits"] += ended != expected
        rows[name] = row | {"seconds of a fit": round(seconds, 2)}
        print(f"{name}: {rows[name]}", file=sys.stderr)
    table = pd.DataFrame(rows).T
    counts = table.drop(columns="seconds of a fit").astype(int)
    counts.loc["all"] = counts.sum()
    print(counts.join(table["seconds of a fit"]).fillna("").to_string())
    return int(counts.loc["all", "other bits"] > 0)


def cost(repeats=3):
    """Print the milliseconds of an epoch, and of a checkpoint beside it."""
    spent, write = [], Checkpoint._write

    def timed(*args, **how):
        start = time.perf_counter()
        write(*args, **how)
        spent.append(time.perf_counter() - start)

    Checkpoint._write = timed
    rows = {}
    for name, params, shape in [
        ("30 students, 16 states", {"hidden_size": 16, "embedding_size": 8}, (30, 4)),
        ("30 students, 200 states", {}, (30, 4)),
        ("2,000 students, 200 states", {"max_epochs": 2}, (2000, 100)),
    ]:
        n_students, n_skills = shape
        X, y = make_interactions(n_students, n_skills, random_state=0)
        epochs, ms = [], []
        for seed in range(repeats):
            with tempfile.TemporaryDirectory() as folder:
                clf = DKTClassifier(**params, random_state=seed, checkpoint=folder)
                spent.clear()
                epochs.append(clf.fit(X, y).history_["dur"].median() * 1e3)
                ms.append(np.median(spent) * 1e3)
                (file,) = Path(folder).iterdir()
                size = file.stat().st_size / 1e6
        rows[name] = {
            "answers": len(X),
            "ms an epoch": round(np.median(epochs), 1),
            "ms a checkpoint": round(np.median(ms), 1),
            "percent": round(100 * np.median(ms) / np.median(epochs), 1),
            "MB": round(size, 2),
        }
    print(pd.DataFrame(rows).T.to_string())
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fits", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=CASES, default=OF_ONE)
    parser.add_argument("--cost", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    return cost() if options.cost else kill(options)


if __name__ == "__main__":
    sys.exit(main())
