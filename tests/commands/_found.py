"""What a comparison of quick tracers found, for tests of parts of the page."""

from argparse import Namespace

import numpy as np
import pandas as pd

from sktrace import BKTClassifier, MeanClassifier, PFAClassifier
from sktrace.commands._page.findings import Findings
from sktrace.commands._reading.log_file import LogFile
from sktrace.commands._reading.log_summary import summarise
from sktrace.commands._running.comparison import cross_validate_tracers

from ..conftest import BELOW_HALF


def find(X, tracers=("PFA", "mean"), folds=2):
    """Compare tracers on a log, the first of which are the best ones."""
    item = "item_id" if "item_id" in X else None
    bkt = BKTClassifier(bounds=BELOW_HALF, n_restarts=1, random_state=0)
    all_of_them = {"PFA": PFAClassifier(item=item), "BKT": bkt}
    all_of_them["mean"] = MeanClassifier()
    tracers = {name: all_of_them[name] for name in tracers}
    log = LogFile(X, "table", {}, {}, {}, {}, [])
    answers = X.dropna(subset=["correct"]).reset_index(drop=True)
    comparison = cross_validate_tracers(tracers, answers, folds, 0)
    best = comparison.ranking()[0]
    options = Namespace(log="log.csv", folds=folds, seed=0, epochs=1, below=0.6)
    return Findings(
        options,
        log,
        answers,
        summarise(X),
        comparison,
        ["roc_auc", "neg_log_loss", "accuracy"],
        tracers,
        (best, tracers[best].fit(answers, answers["correct"])),
    )


def draw_knowledge(rates, n_students, n_steps, seed=0):
    """Draw answers of BKT on some skills, whose rates are rows of four."""
    rng, logs = np.random.default_rng(seed), []
    for k, (prior, learn, guess, slip) in enumerate(rates):
        known = rng.random(n_students) < prior
        for step in range(n_steps):
            p = np.where(known, 1 - slip, guess)
            correct = (rng.random(n_students) < p).astype(int)
            log = {"user_id": range(n_students), "order_id": step + k * n_steps}
            logs.append(pd.DataFrame(log | {"skill_name": f"s{k}", "correct": correct}))
            known |= rng.random(n_students) < learn
    return pd.concat(logs, ignore_index=True)


def regular(n_students=12, n_steps=8):
    """A log with nothing odd about it."""
    student, step = np.divmod(np.arange(n_students * n_steps), n_steps)
    skill = np.where(step % 2, "add", "cut")
    return pd.DataFrame(
        {"user_id": student, "order_id": step, "skill_name": skill,
         "correct": (step + student) % 3 // 2}
    )  # fmt: skip
