"""A search over hidden_size and cell on ASSISTments 2009, with folds of students.

    python benchmarks/grid_search.py
    python benchmarks/grid_search.py --overhead --epochs 8

Two jobs, one thread each, on the training rows of the published split. ``--overhead``
searches four sizes instead, and says what share of its CPU time is not training. Time
is that of all processes, from a loaded log to the last score, the imports of workers
among it. Training is what lies between skorch's ``on_train_begin`` and
``on_train_end``: batches, steps of the optimizer, nothing else. So what is left is
splitting and sending the log, imports, judging, coding and laying out, what is learnt
of skills beforehand, building the network, and the scores of the held-out students.
"""

import argparse
import resource
import time

import pandas as pd
import torch
from joblib.externals.loky import get_reusable_executor
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

from sktrace import DKTClassifier
from sktrace.datasets import fetch_assistments2009
from sktrace.model_selection import StudentKFold

GRID = {"hidden_size": [50, 100], "cell": ["gru", "rnn"]}
SIZES = {"hidden_size": [50, 100, 150, 200]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--overhead", action="store_true", help="say what it is")
    options = parser.parse_args()
    torch.set_num_threads(1)

    bunch = fetch_assistments2009(data_home=options.data_home, subset="train")
    search = GridSearchCV(
        DKTClassifier(max_epochs=options.epochs, random_state=0, callbacks=[Clock()]),
        SIZES if options.overhead else GRID,
        cv=StudentKFold(5),
        scoring=score,
        n_jobs=options.jobs,
        refit=False,
    )
    start, cpu = time.perf_counter(), cpu_seconds()
    search.fit(bunch.data, bunch.target)
    seconds = time.perf_counter() - start
    found = pd.DataFrame(search.cv_results_)
    columns = [f"param_{name}" for name in search.param_grid]
    columns += ["mean_test_roc_auc", "std_test_roc_auc"]
    print(found[columns].round(4).to_string(index=False))
    print(f"{seconds:.0f} s, {options.epochs} epochs")
    if options.overhead:
        get_reusable_executor().shutdown(wait=True)  # so that workers are counted
        say_overhead(cpu_seconds() - cpu, found.filter(regex=r"split\d_test_training"))


class Clock(Callback):
    """Measures the CPU seconds of training."""

    def on_train_begin(self, net, **kwargs):
        """Begin to count."""
        self.start = time.process_time()

    def on_train_end(self, net, **kwargs):
        """Keep the count."""
        self.seconds = time.process_time() - self.start


def score(clf, X, y):
    """Return the AUC of held-out students, and how long training took."""
    auc = roc_auc_score(y, clf.predict_proba(X)[:, 1])
    return {"roc_auc": auc, "training": clf.callbacks[0].seconds}


def cpu_seconds():
    """Return the CPU seconds of this process, and of the children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def say_overhead(total, training):
    """Say how much of the CPU time of a search is not training."""
    n_fits, trained = training.size, training.to_numpy().sum()
    print(
        f"CPU: {total:.1f} s, of which training {trained:.1f} s; the rest, "
        f"{(total - trained) / n_fits:.2f} s of each of {n_fits} fits, is "
        f"{1 - trained / total:.1%}"
    )


if __name__ == "__main__":
    main()
