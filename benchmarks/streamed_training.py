"""DKT trained on portions of a log, beside DKT trained on the log in memory.

    python benchmarks/streamed_training.py --data-home data         # ASSISTments 2015
    python benchmarks/streamed_training.py --data-home data --rows-at-once 50000
    python benchmarks/streamed_training.py --rows-folder rows7 --portions 10 --epochs 1
    python benchmarks/streamed_training.py --rows-folder rows8 --batches 2000

The first two train on the training rows of the published split, as a frame and as
Parquet files of whole students, with the same settings, and score its test rows. The
training stream shuffles windows among `--rows-at-once` rows; by default, a million,
which is more than this log has. The others tell the time per row and the peak memory
of a folder of Parquet files, such as `benchmarks/large_log.py` writes, for some epochs
or some batches of the first. Every fit runs in a process of its own, whose peak
memory, that of all imports included, is told, and what it kept on disk.
"""

import argparse
import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.dataset
import torch
from accuracy import split
from sklearn.metrics import roc_auc_score
from skorch.callbacks import Callback

from sktrace import DKTClassifier
from sktrace._neural import streams


class Stopwatch(Callback):
    """Notes when training begins, and ends it after some batches."""

    n_done = n_rows = 0

    def __init__(self, n_batches, kept):
        self.n_batches, self.kept = n_batches, kept

    def on_train_begin(self, net, **kwargs):
        self.began, self.cpu_began = time.perf_counter(), time.process_time()
        # Of each portion there are up to three files: cells, windows, and the log.
        files = Path(self.kept).glob("sktrace-*/*")
        self.on_disk = sum(file.stat().st_size for file in files)

    def on_batch_end(self, net, batch, training, **kwargs):
        self.n_done += training
        self.n_rows += len(batch[0]) * training
        if self.n_done == self.n_batches:
            raise StopIteration


def megabytes():
    """Return the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_portions(X, folder, n_portions):
    """Write a log as Parquet files of whole students, dealt at random."""
    students = X["user_id"].unique()
    dealt = np.random.default_rng(0).permutation(len(students)) % n_portions
    portion = dict(zip(students, dealt.tolist(), strict=True))
    for number, rows in X.groupby(X["user_id"].map(portion)):
        rows.to_parquet(Path(folder) / f"part-{number:03}.parquet", index=False)


def run_2015(options, folder):
    """Fit once, on a frame or on portions, and score the test rows."""
    train, test = split("2015", options.data_home, validate=False)
    imported = megabytes()
    clf = DKTClassifier(random_state=options.seed, max_epochs=options.epochs or 8)
    if options.run == "stream":
        write_portions(train, folder, options.portions or 20)
        X, y = pyarrow.dataset.dataset(folder), "correct"
    else:
        X, y = train, train["correct"]
    start, cpu = time.perf_counter(), time.process_time()
    clf.fit(X, y)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    p = clf.predict_proba(test)[:, 1]
    return {
        "test AUC": roc_auc_score(test["correct"], p),
        "last training loss": clf.history_["train_loss"].iloc[-1],
        "batches per epoch": clf.net_.history[0]["train_batch_count"],
        "fit (s)": seconds,
        "fit (CPU s)": cpu,
        "memory of imports and log (MB)": imported,
        "peak memory (MB)": megabytes(),
    }


def run_folder(options, folder):
    """Fit the first portions of a folder; tell the time per row."""
    files = sorted(Path(options.rows_folder).glob("*.parquet"))[: options.portions]
    data = pyarrow.dataset.dataset([str(file) for file in files])
    tempfile.tempdir = folder
    watch = Stopwatch(options.batches, folder)
    clf = DKTClassifier(
        item="item_id" if options.item else None,
        random_state=options.seed,
        max_epochs=options.epochs or 1,
        callbacks=[watch],
    )
    n_rows, imported = data.count_rows(), megabytes()
    start, cpu_start = time.perf_counter(), time.process_time()
    with contextlib.suppress(StopIteration):
        clf.fit(data, "correct")
    end, cpu_end = time.perf_counter(), time.process_time()
    return {
        "rows": n_rows,
        "portions": len(files),
        "rows trained on": watch.n_rows,
        "before training (s per million rows)": (watch.began - start) / n_rows * 1e6,
        "before training (CPU s per million rows)": (watch.cpu_began - cpu_start)
        / n_rows
        * 1e6,
        "training (s per million rows)": (end - watch.began) / watch.n_rows * 1e6,
        "training (CPU s per million rows)": (cpu_end - watch.cpu_began)
        / watch.n_rows
        * 1e6,
        "on disk (MB)": watch.on_disk / 2**20,
        "memory of imports (MB)": imported,
        "peak memory (MB)": megabytes(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    parser.add_argument("--rows-folder", help="folder of Parquet files")
    parser.add_argument("--portions", type=int, help="20, or all files of the folder")
    parser.add_argument("--rows-at-once", type=int, default=streams.ROWS_AT_ONCE)
    parser.add_argument("--epochs", type=int, help="8, or 1 of a folder")
    parser.add_argument("--batches", type=int, help="stop after so many")
    parser.add_argument("--item", action="store_true", help="read items of the folder")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="the first")
    parser.add_argument("--only", choices=["memory", "stream"])
    parser.add_argument("--run", choices=["memory", "stream"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        torch.set_num_threads(1)
        streams.ROWS_AT_ONCE = options.rows_at_once
        run = run_folder if options.rows_folder else run_2015
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(run(options, folder)))
        return
    ways = ["stream"] if options.rows_folder else ["memory", "stream"]
    for seed in range(options.seed, options.seed + options.seeds):
        for way in ways if options.only is None else [options.only]:
            argv = [*sys.argv, "--run", way, "--seed", str(seed)]
            done = subprocess.run(
                [sys.executable, *argv], check=True, stdout=subprocess.PIPE, text=True
            )
            print(f"\n{way}, seed {seed}")
            for name, value in json.loads(done.stdout.splitlines()[-1]).items():
                print(f"  {name:42}{value:14,.7g}", flush=True)


if __name__ == "__main__":
    main()
