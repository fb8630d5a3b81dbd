"""``compare``: cross-validate all tracers on a log and write a report of it."""

import functools
import json
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import joblib
import numpy as np

from .. import BlendClassifier
from .._versions import require_extra
from .._words import quote
from ..metrics import question_level
from ._output import check_output, printed, write_output
from ._page.class_table import class_csv
from ._page.report import Findings, render
from ._reading.items import ITEM
from ._reading.log_file import GUESSED, NAMED, LogFile, make_log, read_log
from ._reading.log_summary import summarise
from ._running.comparison import METRICS, cross_validate_tracers
from ._running.cost import Cost, choose_jobs, measure_slowness, say_duration
from ._running.folds import silence
from ._running.kept_folds import KeptFolds
from ._running.predictions_csv import predictions_csv
from ._running.tracers import make_tracers
from ._settings import list_versions

__all__ = ["compare"]


def compare(options):
    """Read, summarise, cross-validate, and write the page."""
    require_extra("report", "The report")  # now, rather than after training
    path, tables = choose_path(options), choose_tables(options)
    say = _say_nothing if options.quiet else functools.partial(print, flush=True)
    log = read(options)
    ordered = log.columns.get("order", "known") is not None
    summary = summarise(log.X, ordered, log.notes)
    say(f"{describe(log, summary)}\n")
    # Rows to forecast have no score, and nobody learns from them.
    X = log.X.dropna(subset=["correct"]).reset_index(drop=True)
    check_enough(X, options.folds)

    models = options.models
    tracers = make_tracers(
        options.seed, options.epochs, list(X), models=models, blend=True
    )
    if options.quiet:
        tracers = {name: silence(tracer) for name, tracer in tracers.items()}
    kept = KeptFolds(path, list_what_matters(options, log, tracers), options.resume)
    if said := kept.begin():
        say(f"{said}\n")
    n_jobs, said = plan(options, tracers, len(X))
    say(f"{said}\n")
    metrics, metric = choose_metrics(X, summary)
    comparison = cross_validate_tracers(
        tracers,
        X,
        options.folds,
        options.seed,
        metric=metric,
        kept=kept,
        n_jobs=n_jobs,
        quiet=options.quiet,
    )
    with printed(None if options.quiet else write(comparison, metrics, X, options)):
        best = fit_best(comparison.ranking(), tracers, X, n_jobs)
        found = Findings(options, log, X, summary, comparison, metrics, tracers, best)
        write_output("--out", path, render(found))
        for option, (place, make) in tables.items():
            write_output(option, place, make(found))
        kept.remove()
    say(f"Report: {path}")
    for option, (place, _) in tables.items():
        say(f"{option[2:].replace('-', ' ').capitalize()}: {place}")


def _say_nothing(text):
    """Print nothing: the page says it all."""


def plan(options, tracers, n_rows):
    """Return in how many processes to work, and a sentence on how long it takes."""
    cost = Cost(tracers, n_rows, measure_slowness())
    n_jobs = choose_jobs(options.jobs, cost, options.folds)
    n_jobs = min(n_jobs, len(tracers) * options.folds)
    duration = say_duration(cost.total(options.folds, n_jobs))
    beside = f" in {n_jobs} processes (--jobs)" if n_jobs > 1 else ""
    sooner = "" if options.models else "; --models or --folds 2 make it shorter"
    return n_jobs, f"This takes {duration}{beside}{sooner}."


def fit_best(ranking, tracers, X, n_jobs=1):
    """Return the best tracer that learns from everybody, and its name."""
    for place, name in enumerate(ranking, start=1):
        try:
            return name, _fit_to_all(tracers[name], X, n_jobs)
        except OSError:  # such as of its progress bar
            raise
        except Exception:  # the comparison is not to be lost for it
            if place == len(ranking):
                raise


def _fit_to_all(tracer, X, n_jobs):
    """Fit a tracer, the members of a blend side by side if memory has room for them."""
    if n_jobs > 1 and isinstance(tracer, BlendClassifier):
        with joblib.parallel_config("loky", n_jobs=n_jobs):
            try:
                return tracer.fit(X, X["correct"])
            except BrokenProcessPool:
                pass
    return tracer.fit(X, X["correct"])


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


def write(comparison, metrics, X, options):
    """Write what was found as text."""
    table = comparison.table(metrics)
    failed = [
        f"! {name} is left out, since it failed: {text}\n"
        for name, text in comparison.failed.items()
    ]
    return (
        f"\n{''.join(failed)}{len(X):,} answers of students not trained on, each "
        f"predicted from strictly earlier ones; mean ± sd over {options.folds} folds:"
        "\n\n"
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
    X, _ = make_log(options)
    return LogFile(X, "made-up class", {}, {}, {}, {}, [])


def choose_tables(options):
    """Return the tables to write, by option: where each goes, and what makes it."""
    tables = {}
    for option, name, make in (
        ("--predictions", options.predictions, predictions_csv),
        ("--class-table", options.class_table, _write_class),
    ):
        if name is not None:
            place = check_output(option, name, options.log, [".csv"])
            if any(place.resolve() == other.resolve() for other, _ in tables.values()):
                raise ValueError(f"{option} {place}: another table goes there.")
            tables[option] = place, make
    return tables


def _write_class(findings):
    return class_csv(findings.class_table)


def describe(log, summary):
    """Say how the log was read and what it holds."""
    lines = [f"read as: {log.format}"]
    for role, column, how in log.describe_columns():
        column = column if log.columns[role] is None else quote(column)
        lines.append(f"  {role:8} {column}{f' ({how})' * (how != NAMED)}")
    if GUESSED in log.how.values():
        lines.append("  to name another: --student COLUMN, --order COLUMN, …")
    lines.append("")
    lines += [f"  {label:26} {text}" for label, text in summary.counts.items()]
    lines += [f"\n! {warning}" for warning in summary.warnings]
    return "\n".join(lines)


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
