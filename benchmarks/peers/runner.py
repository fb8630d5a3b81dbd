"""The command line that all peers share, and how their cost is measured.

    python run_pykt.py train.csv test.csv out.csv --model dkt

Runs in the environment of the peer, so it imports nothing but numpy and pandas. The
tables have the columns user_id, order_id, skill_name, correct and perhaps item_id, all
of whole numbers, sorted by student and order. What comes out has one number per row of
test.csv, P(correct), empty where the peer predicts none; beside it lies a JSON file of
the same name with CPU seconds of this process and its children, peak memory, and notes.

A peer says three things: how it is fitted, how it predicts, and which models it has.
Lines between "# user code" and "# end of user code" are those that its user writes to
get from one table to the other; "# user code: dkt" opens lines that only dkt needs.
"""

import argparse
import json
import os
import resource
import signal
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

NAMES = ["skill_name", "item_id"]
PACKAGES = [
    *["sktrace", "pykt-toolkit", "torch", "keras", "tensorflow-cpu", "pyBKT"],
    *["scikit-learn", "pandas", "numpy"],
]


class TimeUp(Exception):
    """The peer has had its CPU seconds."""


def run(fit, predict, models):
    """Fit and predict as the command line says.

    Parameters
    ----------
    fit : callable
        ``fit(train, names, options)`` returns a fitted thing. `names` has all skills
        and items there are, in test rows as well, for peers that need to know; no
        answers. ``options.stopped`` may be set, ``options.notes`` added to, and files
        written into ``options.folder``.
    predict : callable
        ``predict(fitted, test, options)`` returns a number per row.
    models : list of str
        What ``--model`` may say.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = parse(models)
        options.folder = folder
        measure(fit, predict, options)


def measure(fit, predict, options):
    """Fit and predict, and write down what came of it and what it took."""
    tables = [options.train, options.test]
    train, test = map(pd.read_csv, tables)
    log = pd.concat([pd.read_csv(path) for path in options.names or tables])
    names = {column: log[column].unique() for column in NAMES if column in log}

    signal.signal(signal.SIGPROF, raise_time_up)
    signal.setitimer(signal.ITIMER_PROF, options.limit)
    start = cpu_seconds()
    fitted = fit(train, names, options)
    after_fit = cpu_seconds()
    signal.setitimer(signal.ITIMER_PROF, 0)
    p = predict(fitted, test, options)
    after_predict = cpu_seconds()

    pd.DataFrame({"p": p}).to_csv(options.out, index=False)
    cost = {
        "fit": after_fit - start,
        "predict": after_predict - after_fit,
        "peak_mb": peak_megabytes(),
        "limit": options.limit,
        "stopped": options.stopped,
        "notes": options.notes,
        "versions": versions(),
    }
    options.out.with_suffix(".json").write_text(json.dumps(cost, indent=1))


def parse(models):
    """Return the options, with room for what a peer has to tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", choices=models, default=models[0])
    parser.add_argument(
        "--names",
        type=Path,
        nargs="+",
        help="tables that hold all skills and items there are, if not these two",
    )
    parser.add_argument("--epochs", type=int, help="instead of the peer's own number")
    parser.add_argument(
        "--limit", type=float, default=1200, help="CPU seconds that fit may take"
    )
    options = parser.parse_args()
    options.stopped, options.notes = False, {}
    return options


def raise_time_up(number, frame):
    raise TimeUp("The CPU seconds of --limit are used up.")


def cpu_seconds():
    """Return user and system time, of children that have ended, too."""
    return sum(os.times()[:4])


def peak_megabytes():
    """Return the largest memory that this process, or a child of it, has held."""
    who = [resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN]
    return max(resource.getrusage(w).ru_maxrss for w in who) / 1024


def versions():
    """Return the releases of what peers are made of, where they are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
