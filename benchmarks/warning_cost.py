"""What it costs to notice split students: CPU time of fit and of prediction, memory.

    python benchmarks/warning_cost.py 2009
    python benchmarks/warning_cost.py 2015 --repeats 5

Fits tracers on a whole log. What remembers (in fit: the times of rows, their hashes,
the smallest of each student) and what judges (in predict_proba) is run by itself on
the same log, the best of several times, and divided by the whole of fit or prediction,
the best of as many; DKT is fitted once, for one epoch. Judging is measured on the
training log, on the training log and new answers of its students, and on students who
were not met.
"""

import argparse
import time
import warnings

import pandas as pd
import torch

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
)
from sktrace._interactions.columns import check_interactions
from sktrace._tracer.learnt import Learnt, warn_of_split
from sktrace._tracer.row_hashes import read_times
from sktrace.datasets import fetch_assistments2009, fetch_assistments2015

FETCH = {"2009": fetch_assistments2009, "2015": fetch_assistments2015}
TRACERS = {
    "mean": MeanClassifier(),
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, random_state=0),
    "DKT (1 epoch)": DKTClassifier(max_epochs=1, random_state=0),
}


def seconds(call, repeats):
    """Return the CPU seconds of a call, the least of several."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def measure_parts(X, repeats):
    """Return the CPU seconds of remembering, of judging, and bytes a student."""
    tracer = MeanClassifier().fit(X, X["correct"])
    raw = check_interactions(X, tracer._roles)
    log = tracer._encode(raw)

    def remember():
        times = read_times(X, tracer.order, raw.student)
        return Learnt.of(log, times, tracer.order)

    learnt = remember()
    n_bytes = sum(values.nbytes for values in learnt) / len(learnt.students)
    later = X.assign(order_id=X["order_id"].max() + 1 + X["order_id"])
    asked = {
        "judge, training rows": X,
        "judge, as many new ones": pd.concat([X, later.sample(frac=0.5)]),
        "judge, strangers": X.assign(user_id=-1 - X["user_id"]),
    }
    parts = {"remember": seconds(remember, repeats)}
    for name, frame in asked.items():
        coded = tracer._encode(check_interactions(frame, tracer._roles))
        parts[name] = seconds(
            lambda frame=frame, coded=coded: warn_of_split(tracer, frame, coded),
            repeats,
        )
    return parts, n_bytes


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("log", choices=FETCH)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    options = parser.parse_args()
    torch.set_num_threads(1)
    X = FETCH[options.log](data_home=options.data_home).frame
    parts, n_bytes = measure_parts(X, options.repeats)
    print(f"{len(X):,} rows, {X['user_id'].nunique():,} students")
    for name, taken in parts.items():
        print(f"{name:24}{taken:8.4f} CPU s")
    print(f"{n_bytes:.0f} bytes a student\n")
    print(f"{'':16}{'fit (CPU s)':>12}{'of fit':>9}{'predict':>9}{'of predict':>12}")
    for name, tracer in TRACERS.items():
        repeats = 1 if name.startswith("DKT") else options.repeats
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # BKT names its degenerate skills
            fit = seconds(lambda own=tracer: own.fit(X, X["correct"]), repeats)
        predict = seconds(lambda own=tracer: own.predict_proba(X), repeats)
        remembered = parts["remember"] / fit
        judged = parts["judge, training rows"] / predict
        print(f"{name:16}{fit:12.2f}{remembered:9.1%}{predict:9.2f}{judged:12.1%}")


if __name__ == "__main__":
    main()
