"""``compare``: cross-validate all tracers on a log and write a report of it."""

import json
from pathlib import Path

import numpy as np

from .._versions import require_extra
from .._words import quote
from ..metrics import question_level
from ._comparison import METRICS, cross_validate_tracers, make_tracers
from ._items import ITEM
from ._kept_folds import KeptFolds
from ._log_file import GUESSED, NAMED, LogFile, make_log, read_log
from ._log_summary import summarise
from ._output import check_output, printed, write_output
from ._report import Findings, render
from ._settings import list_versions

__all__ = ["compare"]


def compare(options):
    """Read, summarise, cross-validate, and write the page."""
    require_extra("report", "The report")  # now, rather than after training
    path = choose_path(options)
    log = read(options)
    ordered = log.columns.get("order", "known") is not None
    summary = summarise(log.X, ordered, log.notes)
    print_summary(log, summary)
    # Rows to forecast have no score, and nobody learns from them.
    X = log.X.dropna(subset=["correct"]).reset_index(drop=True)
    check_enough(X, options.folds)

    tracers = make_tracers(options.seed, options.epochs, list(X), blend=True)
    kept = KeptFolds(path, list_what_matters(options, log, tracers), options.resume)
    if said := kept.begin():
        print(f"{said}\n", flush=True)
    metrics, metric = choose_metrics(X, summary)
    comparison = cross_validate_tracers(
        tracers, X, options.folds, options.seed, metric=metric, kept=kept
    )
    with printed(write(comparison, metrics, X, options.folds)):
        best = comparison.ranking()[0]
        best = best, tracers[best].fit(X, X["correct"])
        found = Findings(options, log, X, summary, comparison, metrics, tracers, best)
        write_output("--out", path, render(found))
        kept.remove()
    print(f"Report: {path}")


def choose_metrics(X, summary):
    """Return the metrics that say something of a log, and which of them ranks."""
    by_question = "roc_auc_by_question"
    several = summary.n_questions < len(X)  # rows in some question
    metrics = [m for m in METRICS if several or m != by_question]
    if not summary.by_question:
        return metrics, "roc_auc"
    item = ITEM if ITEM in X else None
    y, _ = question_level(X, X["correct"], np.zeros(len(X)), item=item)
    known = len(np.unique(y)) == 2  # one with a wrong row is wrong: all may be
    return metrics, by_question if known else "roc_auc"


def list_what_matters(options, log, tracers):
    """Return all that predictions depend on, label to text."""
    return {
        "the log": log.file.get("SHA-256", "made up"),
        "how it is read": json.dumps(log.settings, sort_keys=True, default=repr),
        **{
            f"--{name}": f"{vars(options)[name]}"
            for name in ("folds", "seed", "epochs")
        },
        "the tracers": ", ".join(tracers),
        "versions": list_versions(),
    }


def write(comparison, metrics, X, n_folds):
    """Write what was found as text."""
    table = comparison.table(metrics)
    failed = [
        f"! {name} is left out, since it failed: {text}\n"
        for name, text in comparison.failed.items()
    ]
    return (
        f"\n{''.join(failed)}{len(X):,} answers of students not trained on, each "
        f"predicted from strictly earlier ones; mean ± sd over {n_folds} folds:\n\n"
        f"{table.to_string()}\n\n{comparison.headline()}"
    )


def choose_path(options):
    """Return where the page goes; refuse what would be found out too late."""
    name = "class" if options.log is None else Path(options.log).name
    path = options.out or f"{Path(name.removesuffix('.gz')).stem}-report.html"
    return check_output("--out", path, options.log, [".html", ".htm"])


def read(options):
    """Read the log, or make one up."""
    if options.log is not None:
        return read_log(options)
    X, _ = make_log(options.seed)
    return LogFile(X, "made-up class", {}, {}, {}, {}, [])


def print_summary(log, summary):
    """Say how the log was read and what it holds."""
    print(f"read as: {log.format}")
    for role, column, how in log.describe_columns():
        said = "guessed; --help says how to name another" if how == GUESSED else how
        column = column if log.columns[role] is None else quote(column)
        print(f"  {role:8} {column}{f' ({said})' * (how != NAMED)}")
    print()
    for label, text in summary.counts.items():
        print(f"  {label:26} {text}")
    for warning in summary.warnings:
        print(f"\n! {warning}")
    print(flush=True)


def check_enough(X, n_folds):
    """Refuse a log that cannot be cross-validated."""
    n_students = X["user_id"].nunique()
    if n_folds > n_students:
        raise ValueError(
            f"--folds {n_folds}: the log holds answers of {n_students} student(s); "
            "expected at least as many students as folds."
        )
    if X["correct"].nunique() < 2:
        raise ValueError(
            f"All {len(X):,} answers are {'right' if X['correct'].all() else 'wrong'}; "
            "expected both, or there is nothing to predict. Is another column the "
            "answer? Name it: --correct COLUMN."
        )
