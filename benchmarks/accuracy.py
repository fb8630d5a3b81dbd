"""Scores of all tracers on the public splits of the ASSISTments logs.

    python benchmarks/accuracy.py 2009 --model mean afm pfa bkt dkt --cell gru lstm rnn
    python benchmarks/accuracy.py 2015
    python benchmarks/accuracy.py 2009 --validate   # to choose settings by

Default settings but for --set, several seeds, mean and standard deviation over them.
Without --validate, trains on the training rows of the published split and scores its
test rows, all of them and all but each student's first; nothing is chosen on those.
With --validate, test rows are left alone: trains on all training folds but the first
and scores the first.
"""

import argparse
import ast
import time
import warnings

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import log_loss, roc_auc_score, root_mean_squared_error

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    TransferClassifier,
)
from sktrace.datasets import fetch_assistments2009, fetch_assistments2015

MODELS = ["mean", "afm", "pfa", "bkt", "transfer", "dkt", "blend"]
FETCH = {"2009": fetch_assistments2009, "2015": fetch_assistments2015}


def split(name, data_home, validate):
    """Return training and test rows of the published split, or of validation."""
    bunch = FETCH[name](data_home=data_home)
    X, fold = bunch.frame, bunch.fold
    is_test = bunch.split == "test"
    if not validate:
        return X[~is_test], X[is_test]
    first = np.min(fold[~is_test])
    return X[~is_test & (fold != first)], X[~is_test & (fold == first)]


def score(y, p, first):
    """Score predictions of 1; `first` marks each student's first row."""
    return {
        "AUC": roc_auc_score(y, p),
        "AUC without first rows": roc_auc_score(y[~first], p[~first]),
        "log loss": log_loss(y, p),
        "RMSE": root_mean_squared_error(y, p),
    }


def evaluate(clf, train, test):
    """Fit, predict, score, and take the CPU time of both."""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # BKT names its degenerate skills
        clf.fit(train, train["correct"])
    fitted = time.process_time()
    p = clf.predict_proba(test)[:, 1]
    predicted = time.process_time()
    first = (~test.duplicated("user_id")).to_numpy()
    scores = score(test["correct"].to_numpy(), p, first)
    return scores | {
        "fit (CPU s)": fitted - start,
        "predict (CPU s)": predicted - fitted,
    }


def make_runs(models, cells, seeds, settings):
    """Return the classifiers to score by name: one for each seed that matters."""
    runs = {}
    if "mean" in models:
        runs |= {
            f"mean by {by}": [MeanClassifier(by=by)] for by in ("skill", "student")
        }
    if "afm" in models:
        runs["AFM"] = [AFMClassifier(**settings)]
    if "pfa" in models:
        runs["PFA"] = [PFAClassifier(**settings)]
    if "bkt" in models:
        for forget in (False, True):
            runs["BKT with forgetting" if forget else "BKT"] = [
                BKTClassifier(random_state=seed, **{"forget": forget} | settings)
                for seed in range(seeds)
            ]
    if "transfer" in models:
        runs["transfer"] = [TransferClassifier(**settings)]
    if "blend" in models:
        runs["blend"] = [
            BlendClassifier(random_state=seed, **settings) for seed in range(seeds)
        ]
    for cell in cells if "dkt" in models else []:
        runs[f"DKT {cell}"] = [
            DKTClassifier(random_state=seed, **{"cell": cell} | settings)
            for seed in range(seeds)
        ]
    return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", choices=list(FETCH))
    parser.add_argument("--model", nargs="+", choices=MODELS, default=["mean", "dkt"])
    parser.add_argument("--cell", nargs="+", default=[DKTClassifier().cell])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    train, test = split(options.data, options.data_home, options.validate)
    settings = {}
    for setting in options.set:
        name, value = setting.split("=")
        settings[name] = ast.literal_eval(value)
    print(f"{len(train):,} training rows, {len(test):,} test rows, {settings}")

    runs = make_runs(options.model, options.cell, options.seeds, settings)
    for name, classifiers in runs.items():
        scores = pd.DataFrame([evaluate(clf, train, test) for clf in classifiers])
        print(f"\n{name}, {len(scores)} seed(s)")
        spread = scores.std(ddof=min(1, len(scores) - 1))  # 0 for a single seed
        for column in scores:
            print(f"  {column:24}{scores[column].mean():8.4f} ± {spread[column]:.4f}")


if __name__ == "__main__":
    main()
