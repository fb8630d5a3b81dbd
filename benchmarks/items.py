"""What items add to each tracer: scores by question on ASSISTments 2009 with problems.

    python benchmarks/items.py               # trains on folds 3-5, tests on fold 1
    python benchmarks/items.py --validate    # tests on fold 2, to choose settings by
    python benchmarks/items.py --folds       # each of five folds, trained on the others
    python benchmarks/items.py --model dkt --seeds 3

A question on several skills is several rows of one moment; it is scored once, by the
mean of their predictions. Students of the published folds are whole. Default settings;
the difference that items make comes with a 95 % interval by a bootstrap over test
students (paired: both tracers are scored on the same students drawn).
"""

import argparse
import time
import warnings

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import log_loss, roc_auc_score

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
    TransferClassifier,
)
from sktrace.datasets import fetch_assistments2009
from sktrace.metrics import question_level

MODELS = {  # a tracer without items and with them, for a seed
    "mean": lambda _: (MeanClassifier(), MeanClassifier(by="item", item="item_id")),
    "bkt": lambda seed: pair(BKTClassifier, random_state=seed),
    "rasch": lambda _: (None, RaschClassifier(item="item_id")),
    "afm": lambda _: pair(AFMClassifier),
    "pfa": lambda _: pair(PFAClassifier),
    "transfer": lambda _: pair(TransferClassifier),
    "dkt": lambda seed: pair(DKTClassifier, random_state=seed),
    "blend": lambda seed: (None, BlendClassifier(random_state=seed, item="item_id")),
}
SEEDED = {"dkt", "blend"}
N_BOOTSTRAPS = 200


def pair(kind, **settings):
    return kind(**settings), kind(**settings, item="item_id")


def split(fold, options):
    """Yield training and test rows."""
    if options.folds:
        for test in np.unique(fold):
            yield fold != test, fold == test
    else:
        yield fold >= 3, fold == (2 if options.validate else 1)


def predict(tracer, train, test):
    """Return answers and predictions of all test questions, whose they are, cost."""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        tracer.fit(train, train["correct"])
    seconds = time.process_time() - start
    p = tracer.predict_proba(test)[:, 1]
    columns = {"item": "item_id"}
    y, p = question_level(test, test["correct"], p, **columns)
    # Questions stand student by student, in the order of the students.
    n_questions = test.groupby("user_id")["order_id"].nunique()
    student = np.repeat(np.arange(len(n_questions)), n_questions)
    return y, p, student, seconds


def interval(y, before, after, student, seed=0):
    """Return the middle 95 % of the gain in AUC, over samples of students."""
    rng = np.random.default_rng(seed)
    n, gains = student.max() + 1, []
    for _ in range(N_BOOTSTRAPS):
        weight = rng.multinomial(n, np.full(n, 1 / n))[student]
        gains.append(
            roc_auc_score(y, after, sample_weight=weight)
            - roc_auc_score(y, before, sample_weight=weight)
        )
    return np.quantile(gains, [0.025, 0.975])


def evaluate(name, seed, train, test):
    """Score a tracer without items and with them."""
    row, plain = {"model": name}, None
    for tracer, kind in zip(MODELS[name](seed), ("without", "items"), strict=True):
        if tracer is None:
            continue
        y, p, student, seconds = predict(tracer, train, test)
        row[f"AUC {kind}"] = roc_auc_score(y, p)
        row[f"log loss {kind}"] = log_loss(y, p)
        row[f"fit CPU s {kind}"] = seconds
        if plain is None and kind == "without":
            plain = p
        elif plain is not None:
            row["low"], row["high"] = interval(y, plain, p, student)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--folds", action="store_true")
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    options = parser.parse_args()
    torch.set_num_threads(1)

    bunch = fetch_assistments2009(items=True, data_home=options.data_home)
    X, fold = bunch.frame, bunch.fold
    rows = []
    for is_train, is_test in split(fold, options):
        train, test = X[is_train], X[is_test]
        print(f"{len(train):,} training rows, {len(test):,} test rows", flush=True)
        for name in options.model:
            for seed in range(options.seeds if name in SEEDED else 1):
                rows.append(evaluate(name, seed, train, test))
                numbers = {k: v for k, v in rows[-1].items() if k != "model"}
                told = ", ".join(f"{k} {v:.4f}" for k, v in numbers.items())
                print(f"{name}: {told}", flush=True)
    table = pd.DataFrame(rows).groupby("model", sort=False).agg(["mean", "std"])
    print(table.T.to_string(float_format="{:.4f}".format))


if __name__ == "__main__":
    main()
