"""What n_threads costs or gains in networks, by their size and by what else runs.

    python benchmarks/threads.py
    python benchmarks/threads.py --models dkt --hidden-sizes 200 --batch-sizes 32

Fits one epoch, in batches of one sequence, as by default in a class of 30, or of 32, as
in one of 600, and predicts; with n_threads of 1, "auto" and 2 in turn, while nothing of
ours runs beside it, while one or two processes count in a loop, and in two jobs of
joblib at a time. Each cell is a median over repeats: seconds on one thread, and the
others relative to that. "others" is how many cores were taken by what this script did
not start, "same bits" whether predictions were those on one thread.
"""

import argparse
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone

from sktrace import DKTClassifier, SequenceRegressor
from sktrace.datasets import make_interactions

THREADS = [1, "auto", 2]
LOADS = {"alone": 0, "1 busy": 1, "2 busy": 2, "n_jobs=2": None}


def make_case(model, hidden_size, batch_size):
    """Return an estimator and the data to fit it to."""
    n_sequences = max(12, 2 * batch_size)
    params = {
        "batch_size": batch_size,
        "hidden_size": hidden_size,
        "max_epochs": 1,
        "device": "cpu",
        "random_state": 0,
    }
    if model == "dkt":
        X, y = make_interactions(n_students=n_sequences, n_skills=20, random_state=0)
        return DKTClassifier(**params), X, y
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_sequences, 40, 20), dtype=np.float32)
    return SequenceRegressor(task="many-to-one", **params), X, X[:, :, 0].mean(axis=1)


def run(estimator, X, y, n_threads, n_rows):
    """Return seconds to fit and to predict a larger log, and what is predicted."""
    estimator = clone(estimator).set_params(n_threads=n_threads)
    start = time.perf_counter()
    estimator.fit(X, y)
    fitted = time.perf_counter()
    more = tile(X, n_rows)
    predict = getattr(estimator, "predict_proba", estimator.predict)
    tiled = time.perf_counter()
    p = predict(more)
    return fitted - start, time.perf_counter() - tiled, p


def tile(X, n_rows):
    """Repeat a class, as other students, until it has so many rows or steps."""
    if isinstance(X, np.ndarray):
        return np.tile(X, (n_rows // (len(X) * X.shape[1]) + 1, 1, 1))
    n_tiles = n_rows // len(X) + 1
    n_students = X["user_id"].nunique()
    shift = np.repeat(np.arange(n_tiles) * n_students, len(X))
    more = pd.concat([X] * n_tiles, ignore_index=True)
    return more.assign(user_id=pd.factorize(more["user_id"])[0] + shift)


@contextmanager
def busy(n_processes):
    """Keep some cores busy with what has nothing to do with us."""
    loop = f"import os\nwhile os.getppid() == {os.getpid()}: pass"
    command = [sys.executable, "-c", loop]
    processes = [subprocess.Popen(command) for _ in range(n_processes)]
    try:
        time.sleep(0.1)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def taken():
    """Return seconds of all cores that were busy so far, and of this process."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return np.nan, np.nan
    user, nice, system = map(int, stat.read_text().split()[1:4])
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + nice + system) / ticks, time.process_time()


def measure(case, load, n_threads, n_rows):
    """Run once under a load; return its times by column, and predictions."""
    (total, own), start = taken(), time.perf_counter()
    if load is None:
        job = delayed(run)(*case, n_threads, n_rows)
        runs = Parallel(n_jobs=2)([job, job])
        fit, predict = (max(one[k] for one in runs) for k in (0, 1))
        return fit, predict, np.nan, runs[0][2]
    with busy(load):
        fit, predict, p = run(*case, n_threads, n_rows)
    seconds = time.perf_counter() - start
    others = (taken()[0] - total - (taken()[1] - own)) / seconds - load
    return fit, predict, others, p


def compare(case, options):
    """Print how one network fares under every load."""
    times = {}
    for _ in range(options.repeats):
        for name, load in LOADS.items():
            expected = None
            for n_threads in THREADS:
                *seconds, p = measure(case, load, n_threads, options.rows)
                expected = p if expected is None else expected
                same = np.array_equal(p, expected)
                times.setdefault((name, n_threads), []).append([*seconds, same])
    for name in LOADS:
        one, auto, two = (np.median(times[name, n], axis=0) for n in THREADS)
        same = ["yes" if row[3] == 1 else "no" for row in (auto, two)]
        print(
            f"  {name:9} others {one[2]:4.1f}"
            f"   fit {one[0]:6.2f} s  auto × {auto[0] / one[0]:5.2f}"
            f"  2 × {two[0] / one[0]:5.2f}"
            f"   predict {one[1]:6.2f} s  auto × {auto[1] / one[1]:5.2f}"
            f"  2 × {two[1] / one[1]:5.2f}"
            f"   same bits: auto {same[0]}, 2 {same[1]}",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="+", default=["dkt", "regressor"])
    sizes = [16, 64, 100, 200, 400]
    parser.add_argument("--hidden-sizes", type=int, nargs="+", default=sizes)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--rows", type=int, default=40_000, help="to be predicted")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    load = Path("/proc/loadavg")
    if load.exists():
        print("load average before:", load.read_text().split()[0])
    for model in options.models:
        for batch_size in options.batch_sizes:
            for hidden_size in options.hidden_sizes:
                case = make_case(model, hidden_size, batch_size)
                print(f"{model}, batch_size={batch_size}, hidden_size={hidden_size}")
                run(*case, 1, 1)  # what is imported and laid out once
                compare(case, options)


if __name__ == "__main__":
    main()
