"""What Ctrl-C does, at any moment of a fit: 300 signals, and what each of them ended.

    python benchmarks/interrupts.py
    python benchmarks/interrupts.py --signals 3000 --seed 1 --only dkt search

Estimators are fitted to one class, and fitted again, to another. At a random moment of
that, SIGINT is sent to the process. The fit must end by KeyboardInterrupt, unless it
has ended before; what is not a search must predict, to the last bit, as it did before;
`interrupted_`, if there is one, must predict; torch's generator must stand where it
stood; and (of every fifth) a fit once more must be what a fit is that was never
interrupted.
"""

import argparse
import copy
import gc
import os
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import GridSearchCV

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    SequenceRegressor,
    TransferClassifier,
)
from sktrace.datasets import make_course, make_interactions
from sktrace.model_selection import StudentKFold

BELOW_HALF = {"guess": (0, 0.5), "slip": (0, 0.5)}
SMALL = {"hidden_size": 8, "max_epochs": 4, "batch_size": 8, "random_state": 0}


def search():
    tracer = DKTClassifier(**SMALL)
    cv = StudentKFold(2)
    return GridSearchCV(tracer, {"hidden_size": [4, 8]}, cv=cv, error_score=0.5)


def blend():
    members = [
        ("afm", AFMClassifier()),
        ("dkt", DKTClassifier(**SMALL | {"max_epochs": 2})),
    ]
    return BlendClassifier(members, n_folds=2, random_state=0)


def of_weeks():
    return SequenceRegressor(
        order="week", past_features=["quiz_grade"], features=["study_hours"], **SMALL
    )


CASES = {
    "dkt": lambda: DKTClassifier(**SMALL),
    "dkt, stopped early": lambda: DKTClassifier(early_stopping=True, **SMALL),
    "dkt, partial fit": lambda: DKTClassifier(**SMALL),
    "sequences": of_weeks,
    "search": search,
    "bkt": lambda: BKTClassifier(bounds=BELOW_HALF, random_state=0),
    "afm": AFMClassifier,
    "blend": blend,
    "transfer": TransferClassifier,
}
OUTCOMES = [
    "interrupted",
    "finished before",
    "went on silently",
    "another error",
    "changed",  # an earlier model, or what a later fit is
    "kept epochs",
]


def draw(name, seed):
    """Return a class to learn from."""
    if name == "sequences":
        weeks, _ = make_course(n_students=30, n_weeks=8, random_state=seed)
        return weeks, weeks["quiz_grade"]
    return make_interactions(n_students=30, n_skills=4, random_state=seed)


def predict(estimator, X):
    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(X)
    return estimator.predict(X)


def interrupt(call, delay):
    """Send SIGINT while something is called; return how it ended."""
    sent = threading.Event()

    def press():
        sent.set()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(delay, press)
    returned = False
    try:
        timer.start()
        call()
        returned = True
        timer.cancel()
        timer.join()
        time.sleep(0.001)  # what was sent arrives
    except KeyboardInterrupt:
        return "finished before" if returned else "interrupted"
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        timer.cancel()
        return "another error"
    return "went on silently" if sent.is_set() else "finished before"


def alike(p, q):
    return np.array_equal(p, q)


class Case:
    """An estimator that was fitted, and is fitted again."""

    def __init__(self, name):
        self.method = "partial_fit" if "partial" in name else "fit"
        self.is_search = name == "search"
        self.X, y = draw(name, seed=0)
        self.other = draw(name, seed=1)
        self.fitted = CASES[name]().fit(self.X, y)
        self.before = predict(self.fitted, self.X)
        seconds = []
        for _ in range(2):
            again = copy.deepcopy(self.fitted)
            start = time.perf_counter()
            getattr(again, self.method)(*self.other)
            seconds.append(time.perf_counter() - start)
        self.seconds, self.after = min(seconds), predict(again, self.X)

    def ask(self, delay, *, once_more):
        """Interrupt the second fit; return how it ended, and what is wrong then."""
        estimator = copy.deepcopy(self.fitted)
        fit = getattr(estimator, self.method)
        gc.collect()  # Python swallows Ctrl-C where it finalizes what we copied
        generator = torch.get_rng_state()
        ended = interrupt(lambda: fit(*self.other), delay)
        same = torch.equal(torch.get_rng_state(), generator)
        if ended == "interrupted" and not self.is_search:
            # A signal may come when all is done but the return.
            now = predict(estimator, self.X)
            same &= alike(now, self.before) or alike(now, self.after)
        kept = getattr(estimator, "interrupted_", None)
        if kept is not None:
            same &= bool(np.isfinite(predict(kept, self.X)).all())
        if once_more:
            again = copy.deepcopy(self.fitted) if ended != "interrupted" else estimator
            getattr(again, self.method)(*self.other)
            same &= alike(predict(again, self.X), self.after)
        return ended, same, kept is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--signals", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    rng = np.random.default_rng(options.seed)
    rows = {}
    for number, name in enumerate(options.only):
        case = Case(name)
        rows[name] = dict.fromkeys(OUTCOMES, 0) | {"seconds": case.seconds}
        n_signals = len(range(number, options.signals, len(options.only)))
        for signal_number in range(n_signals):
            delay = rng.uniform(0, 1.1 * case.seconds)
            ended, same, kept = case.ask(delay, once_more=signal_number % 5 == 0)
            rows[name][ended] += 1
            rows[name]["changed"] += not same
            rows[name]["kept epochs"] += kept
    table = pd.DataFrame(rows).T
    table.loc["all"] = table.sum()
    counts = table[OUTCOMES].astype(int)
    print(counts.assign(seconds=table["seconds"].round(2)).to_string())
    faults = ["went on silently", "another error", "changed"]
    return int(table.loc["all", faults].sum() > 0)


if __name__ == "__main__":
    sys.exit(main())
