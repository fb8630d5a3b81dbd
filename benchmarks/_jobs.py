"""What `against.py` times: jobs by name, made of public names of old and new versions.

A job is a function of the training log of ASSISTments 2009. It makes ready what is not
timed, and returns a function that is timed, whose value is an array to be compared.
"""

import sys
import time

import pandas as pd

import sktrace
from sktrace.datasets import fetch_assistments2009
from sktrace.inspection import consistency_report, slice_report

TRACERS = {
    "mean": lambda: sktrace.MeanClassifier(),
    "Rasch": lambda: sktrace.RaschClassifier(item="skill_name"),
    "BKT": lambda: sktrace.BKTClassifier(),
    "AFM": lambda: sktrace.AFMClassifier(),
    "PFA": lambda: sktrace.PFAClassifier(),
    "transfer": lambda: sktrace.TransferClassifier(),
    "DKT": lambda: sktrace.DKTClassifier(
        max_epochs=2, random_state=0, device="cpu", n_threads=1
    ),
}


def fit(name, n_students=None):
    """Return a job that fits a tracer to some students; DKT for two epochs."""

    def job(X, y):
        if n_students is not None:
            own = X["user_id"].isin(X["user_id"].unique()[:n_students])
            X, y = X[own], y[own]
        few = X.iloc[:5000]
        return lambda: TRACERS[name]().fit(X, y).predict_proba(few)[:, 1]

    return job


def ask(name, question):
    """Return a job that asks a fitted tracer, as `question` does of it and a log."""

    def job(X, y):
        clf = TRACERS[name]().fit(X, y)
        return question(clf, X)

    return job


def predict(clf, X):
    """Predict a million rows: the log again and again, of other students."""
    copies = [X.assign(user_id=X["user_id"] + f"-{k}") for k in range(5)]
    million = pd.concat(copies, ignore_index=True).iloc[: 10**6]
    return lambda: clf.predict_proba(million)[:, 1]


def trace(clf, X):
    """Trace all 110 skills of the first 400 students."""
    some = X[X["user_id"].isin(X["user_id"].unique()[:400])]
    return lambda: clf.knowledge_state(some).to_numpy()


def ask_next(clf, X):
    """Ask all 110 skills of all students."""
    return lambda: clf.predict_next(X).to_numpy()


def report_consistency(clf, X):
    """Measure how the states of the first 400 students move."""
    some = X[X["user_id"].isin(X["user_id"].unique()[:400])]
    return lambda: consistency_report(clf, some)[["m2", "w1"]].to_numpy()


def report_slices(clf, X):
    """Score the rows of each skill, and samples of its students."""
    groups = X["skill_name"]
    given = {"groups": groups, "n_bootstraps": 50, "random_state": 0}
    return lambda: slice_report(clf, X, X["correct"], **given)["low"].dropna()


JOBS = {f"fit {name}": fit(name) for name in TRACERS}
JOBS |= {f"fit {name}, 30 students": fit(name, 30) for name in TRACERS}
JOBS |= {f"predict {name}": ask(name, predict) for name in TRACERS}
JOBS |= {f"trace {name}": ask(name, trace) for name in ("BKT", "DKT")}
JOBS |= {
    f"consistency {name}": ask(name, report_consistency) for name in ("BKT", "DKT")
}
JOBS |= {"slices PFA": ask("PFA", report_slices)}
JOBS |= {f"next {name}": ask(name, ask_next) for name in ("BKT", "PFA", "DKT")}


def main():
    name, data_home = sys.argv[1:]
    bunch = fetch_assistments2009(data_home=data_home or None, subset="train")
    X = bunch.data.assign(user_id=bunch.data["user_id"].astype(str))
    run = JOBS[name](X, pd.Series(bunch.target, index=X.index))
    for _ in sys.stdin:
        start = time.process_time()
        result = run()
        print(time.process_time() - start, result.mean(), flush=True)


if __name__ == "__main__":
    main()
