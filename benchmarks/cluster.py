"""A search here, in two processes, and on a Dask cluster: seconds, and bytes of it.

    python benchmarks/cluster.py
    python benchmarks/cluster.py --students 5000 --model dkt

The log is made up. Processes are started, and have fitted once, before time counts.
What is sent is counted where it is: what joblib pickles for its processes, and what
client and scheduler, which are this process, write to workers and to each other.
"""

import argparse
import pickle
import time
from contextlib import ExitStack

import dask
import distributed
import joblib
import numpy as np
import pandas as pd
from distributed.comm.tcp import TCP
from joblib import parallel_config
from joblib.externals.loky.backend import queues
from sklearn.model_selection import GridSearchCV

from sktrace import BKTClassifier, DKTClassifier, PFAClassifier
from sktrace.datasets import make_interactions
from sktrace.model_selection import StudentKFold

SEARCHES = {
    "bkt": (BKTClassifier(random_state=0), {"n_restarts": [1, 2, 3, 4]}),
    "pfa": (PFAClassifier(), {"persistence": [0.9, 0.95, 0.98, 1.0]}),
    "dkt": (
        DKTClassifier(max_epochs=2, random_state=0),
        {"hidden_size": [16, 32], "lr": [3e-3, 1e-2]},
    ),
}
sent = 0  # bytes, since the program began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--model", choices=SEARCHES, default="pfa")
    options = parser.parse_args()

    X, y = make_interactions(options.students, 10, random_state=0)
    cv = StudentKFold(5)
    folds = list(cv.split(X))
    held = [X, y, *(rows for fold in folds for rows in fold)]
    count_bytes()
    ways = {
        "here": ({"n_jobs": 1}, cv),
        "loky": ({"backend": "loky", "n_jobs": 2}, cv),
        "dask": ({"backend": "dask"}, cv),
        "dask, X and y named": ({"backend": "dask", "scatter": [X, y]}, cv),
        "dask, folds, too": ({"backend": "dask", "scatter": held}, folds),
    }
    print(f"dask {dask.__version__}, joblib {joblib.__version__};", end=" ")
    print(f"{len(X)} rows, {len(pickle.dumps(X)) / 1e6:.1f} MB pickled; 20 fits")
    rows, scores = {}, []
    for name, (way, cv) in ways.items():
        with ExitStack() as stack:
            if way.get("backend") == "dask":
                cluster = distributed.LocalCluster(
                    n_workers=2, threads_per_worker=1, dashboard_address=":0"
                )
                stack.enter_context(distributed.Client(stack.enter_context(cluster)))
            rows[name], found = run(options.model, X, y, cv, way)
            scores.append(found)
    print(pd.DataFrame(rows).T.to_string(float_format="{:.1f}".format))
    same = all(np.array_equal(scores[0], other) for other in scores)
    print("scores are the same to the last bit" if same else "SCORES DIFFER")


def run(model, X, y, cv, way):
    """Return seconds and megabytes of a search, and its scores."""
    tracer, grid = SEARCHES[model]
    search = GridSearchCV(tracer, grid, cv=cv, scoring="roc_auc", refit=False)
    few = (X["user_id"] < 20).to_numpy()
    warm = GridSearchCV(tracer, grid, cv=StudentKFold(2), refit=False)
    with parallel_config(**{k: v for k, v in way.items() if k != "scatter"}):
        warm.fit(X[few], y[few])
    before, start = sent, time.perf_counter()
    with parallel_config(**way):
        search.fit(X, y)
    seconds = time.perf_counter() - start
    megabytes = (sent - before) / 1e6
    return {"seconds": seconds, "MB": megabytes}, search.cv_results_["mean_test_score"]


def count_bytes():
    """Let whatever is sent to another process be counted."""
    dumps, write = queues.dumps, TCP.write

    def dumps_counted(*args, **params):
        global sent
        packed = dumps(*args, **params)
        sent += len(packed)
        return packed

    async def write_counted(comm, *args, **params):
        global sent
        n_bytes = await write(comm, *args, **params)
        sent += n_bytes
        return n_bytes

    queues.dumps, TCP.write = dumps_counted, write_counted


if __name__ == "__main__":
    main()
