"""Scores of tracers in small and large classes, cut out of public logs.

    python benchmarks/classes.py                                 # the classes to report
    python benchmarks/classes.py --validate --model pfa transfer # others, to choose by
    python benchmarks/classes.py --log 2015 --students 30 100 --seeds 5
    python benchmarks/classes.py --log 2009 --items              # tracers read items

A class is so many students of a log, drawn by a seed; 500 others are tested. Students
of a log are divided once into two halves: settings are chosen on one, tables come from
the other. In ``2009`` a row is a question, which may name several skills; ``made-up``
is `make_interactions` with its defaults, drawn anew. Scores are means over classes; the
gain in AUC over the first tracer comes with the middle 95 % of a paired bootstrap over
test students.
"""

import argparse
import time
import warnings

import numpy as np
import pandas as pd
import torch
from sklearn.base import clone
from sklearn.metrics import log_loss, roc_auc_score

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    TransferClassifier,
)
from sktrace.datasets import (
    fetch_assistments2009,
    fetch_assistments2015,
    make_interactions,
)

MODELS = {
    "pfa": lambda seed: PFAClassifier(),
    "mean": lambda seed: MeanClassifier(by="student"),
    "afm": lambda seed: AFMClassifier(),
    "bkt": lambda seed: BKTClassifier(random_state=seed),
    "dkt": lambda seed: DKTClassifier(random_state=seed),
    "transfer": lambda seed: TransferClassifier(),
    "blend": lambda seed: BlendClassifier(random_state=seed),
    # As they were before small classes were thought of.
    "pfa, stated": lambda seed: PFAClassifier(C_skill=1, C_slope=0.04, averages=None),
    "dkt, names": lambda seed: DKTClassifier(
        skill_numbers=False, batch_size=32, random_state=seed
    ),
}
N_TEST = 500
N_BOOTSTRAPS = 200


def load(name, data_home=None, *, validate=False, seed=0):
    """Return the students of one half of a log: to report, or to choose by."""
    if name == "made-up":
        X, _ = make_interactions(n_students=4000, random_state=seed + 1000 * validate)
        return X
    if name == "2009":
        X = as_questions(fetch_assistments2009(items=True, data_home=data_home).frame)
    else:
        X = fetch_assistments2015(data_home=data_home).frame
    students = np.sort(X["user_id"].unique())
    chosen = np.random.default_rng(2009).permutation(len(students)) % 2 == validate
    return X[X["user_id"].isin(students[chosen])]


def as_questions(X):
    """Join the rows of a question, which name a skill each, into one."""
    by = ["user_id", "order_id"]
    joined = X.groupby(by)["skill_name"].transform(
        lambda names: "~~".join(map(str, names))
    )
    return X.assign(skill_name=joined)[~X.duplicated(by)]


def cut(X, n_students, seed):
    """Return the rows of a class, and those of the students who are tested."""
    students = np.sort(X["user_id"].unique())
    students = np.random.default_rng(seed).permutation(students)
    test, train = students[:N_TEST], students[N_TEST : N_TEST + n_students]
    return X[X["user_id"].isin(train)], X[X["user_id"].isin(test)]


def fit(tracer, train):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return tracer.fit(train, train["correct"])


def evaluate(tracer, train, test):
    """Fit and predict; return scores, and the predictions."""
    start = time.process_time()
    fit(tracer, train)
    seconds = time.process_time() - start
    p = tracer.predict_proba(test)[:, 1]
    y = test["correct"].to_numpy()
    scores = {"AUC": roc_auc_score(y, p), "log loss": log_loss(y, p)}
    return scores | {"fit CPU s": seconds}, p


def draw_weights(test, seed):
    """Return how often each test student was drawn, by row, for each sample."""
    student, students = pd.factorize(test["user_id"])
    n, rng = len(students), np.random.default_rng(seed)
    for _ in range(N_BOOTSTRAPS):
        yield rng.multinomial(n, np.full(n, 1 / n))[student]


def weighted_auc(y, order, weight):
    """Return the AUC of rows in the order of their predictions."""
    right = (weight * y)[order]
    wrong = (weight * (1 - y))[order]
    return right @ (np.cumsum(wrong) - wrong / 2) / (right.sum() * wrong.sum())


def bootstrap(test, predictions, seed):
    """Return the AUC of each tracer in each sample of test students."""
    y = test["correct"].to_numpy()
    orders = {name: np.argsort(p) for name, p in predictions.items()}
    return pd.DataFrame(
        {name: weighted_auc(y, order, weight) for name, order in orders.items()}
        for weight in draw_weights(test, seed)
    )


def run_cell(name, n_students, halves, options):
    """Score all tracers on the classes of one size; return a row for each."""
    rows, samples = [], []
    for seed, X in enumerate(halves):
        train, test = cut(X, n_students, seed)
        predictions = {}
        for model in options.model:
            tracer = MODELS[model](seed)
            if options.items and "item" in tracer.get_params():
                tracer.set_params(item="item_id")
            scores, predictions[model] = evaluate(tracer, train, test)
            cell = {"log": name, "students": n_students, "model": model}
            rows.append(cell | scores)
        samples.append(bootstrap(test, predictions, seed))
    table = pd.DataFrame(rows).groupby(["log", "students", "model"], sort=False)
    mean, spread = table.mean(), table["AUC"].std()
    mean.insert(1, "sd", spread)
    gains = sum(samples) / len(samples)
    gains = gains.sub(gains[options.model[0]], axis=0)
    mean["low"], mean["high"] = gains.quantile([0.025, 0.975])[options.model].to_numpy()
    print(mean.to_string(float_format="{:.4f}".format), flush=True)
    return mean


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--log", nargs="+", default=["2009", "2015", "made-up"])
    parser.add_argument("--students", nargs="+", type=int, default=[30, 100, 300, 1000])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--items", action="store_true")
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--pretrained", help="a file that transfer reads, too")
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.pretrained:
        tracer = TransferClassifier(pretrained=options.pretrained)
        MODELS["pretrained"] = lambda seed: clone(tracer)
        options.model.append("pretrained")
    tables = []
    for name in options.log:
        made_up = name == "made-up"
        halves = [
            load(name, options.data_home, validate=options.validate, seed=seed)
            for seed in range(options.seeds if made_up else 1)
        ]
        halves = halves if made_up else halves * options.seeds
        for n_students in options.students:
            tables.append(run_cell(name, n_students, halves, options))
    print(pd.concat(tables)["AUC"].unstack("students").to_string())


if __name__ == "__main__":
    main()
