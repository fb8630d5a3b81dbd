"""Which planted faults `audit` finds, and whom it accuses that is honest.

    python benchmarks/audit.py                    # planted faults, on made-up lessons
    python benchmarks/audit.py --fault padding    # those of a kind
    python benchmarks/audit.py --data-home DIR    # every tracer, on two real logs
    python benchmarks/audit.py --data-home DIR --students 300 --model afm pfa

Of a planted fault, what is printed is the worst that is said by the checks made for it
("missed" if it had to be found), which of them say so, and which others say something.
On real logs each tracer is audited on a sample of students, AFM on all rows, too; there
must be no alarm.
"""

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import torch

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
from sktrace.datasets import fetch_assistments2009, fetch_assistments2015
from sktrace.inspection import audit

sys.path.insert(0, str(Path(__file__).parents[1]))  # the faults stand in the tests
from tests.audit._planted import MADE_FOR, PLANTED

WORSE = ["nothing", "look", "fault"]
TRACERS = {
    "afm": AFMClassifier,
    "pfa": PFAClassifier,
    "bkt": lambda **items: BKTClassifier(random_state=0, **items),
    "mean": lambda item=None: MeanClassifier(by="item" if item else "skill", item=item),
    "mean of the student": lambda item=None: MeanClassifier(by="student", item=item),
    "rasch": lambda item=None: RaschClassifier(item=item) if item else None,
    "transfer": TransferClassifier,
    "dkt": lambda **items: DKTClassifier(random_state=0, **items),
    "blend": lambda **items: BlendClassifier(random_state=0, **items),
}


def look_for_faults(options):
    """Print what is found of each planted fault; return how many are missed."""
    missed = []
    for planted in PLANTED:
        if options.fault and planted.fault not in options.fault:
            continue
        arguments, more = planted.arguments(options.size)
        start = time.process_time()
        report = audit(*arguments, **more)
        seconds = time.process_time() - start
        found, raised = planted.found(report), alarms(report)
        by = raised["check"].isin(MADE_FOR[planted.fault])
        names = [", ".join(raised["check"][own].unique()) for own in (by, ~by)]
        if WORSE.index(found) < WORSE.index(planted.seen):
            missed.append(planted.name)
            found += ", missed"
        print(
            f"{planted.fault:20} {planted.how:38} {found:8} {seconds:5.1f} s  "
            f"{', '.join(raised['check'][by].unique())}"
            + f"  (also {', '.join(raised['check'][~by].unique())})"
            * bool(names[1]),
            flush=True,
        )
    print(f"{len(missed)} missed: {'; '.join(missed) or 'none'}")


def alarms(report):
    return report[report["verdict"].isin(["fault", "look"])]


def look_for_alarms(options):
    """Print what is said of honest tracers on real logs."""
    logs = {
        "2009": (fetch_assistments2009, {"items": True}, "item_id"),
        "2015": (fetch_assistments2015, {}, None),
    }
    for log, (fetch, how, item) in logs.items():
        X = fetch(data_home=options.data_home, **how).frame
        some = sample(X, options.students)
        print(f"{log}: {len(X):,} rows, {len(some):,} of {options.students} students")
        for name in options.model or TRACERS:
            for column in dict.fromkeys([None, item]):
                tracer = TRACERS[name](**({"item": column} if column else {}))
                if tracer is not None:
                    print_alarms(name, tracer, some, item, options.quiet)
        if not options.model or "afm" in options.model:
            tracer = AFMClassifier(item=item)
            print_alarms("afm, all rows", tracer, X, item, options.quiet)


def sample(X, n_students):
    """Return the rows of some students, drawn at random."""
    names = X["user_id"].unique()
    n_students = min(n_students, len(names))
    chosen = np.random.default_rng(0).choice(names, n_students, replace=False)
    return X[X["user_id"].isin(chosen)].reset_index(drop=True)


def print_alarms(name, tracer, X, item, quiet):
    start = time.process_time()
    report = audit(tracer, X, X["correct"], item=item)
    seconds = time.process_time() - start
    reads = getattr(tracer, "item", None) or "no items"
    auc = report.loc[report["check"] == "AUC by row", "size"].item()
    raised = alarms(report)
    print(
        f"  {name:20} {reads:9} AUC {auc:.3f} {seconds:7.1f} s  {len(raised)} alarms",
        flush=True,
    )
    for line in raised.itertuples():
        print(f"      {line.verdict}: {line.check}. {line.finding}")
    if not quiet and name == "afm, all rows":
        with pd.option_context("display.width", 200, "display.max_colwidth", 150):
            print(report[["check", "verdict", "size", "finding"]].to_string())


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fault", nargs="+", choices=MADE_FOR)
    parser.add_argument("--size", type=int, default=150, help="students of a lesson")
    parser.add_argument("--data-home", help="folder of the public logs")
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--model", nargs="+", choices=TRACERS)
    parser.add_argument("--quiet", action="store_true", help="no table of AFM")
    return parser.parse_args()


if __name__ == "__main__":
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    options = read_options()
    if options.data_home:
        look_for_alarms(options)
    else:
        look_for_faults(options)
