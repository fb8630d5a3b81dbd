"""``audit``: is the score of these predictions true, and what is it made of?"""

from pathlib import Path

import numpy as np

from .._versions import require_extra
from ..inspection import audit as audit_tracer
from ._arguments import TRACERS
from ._audit_page import ALARMS, AuditPage, render_audit
from ._output import check_output, printed, write_output
from ._reading.items import ITEM
from ._reading.log_file import read_log
from ._reading.predictions_file import read_predictions
from ._running.tracers import make_tracers

__all__ = ["audit"]

MARKS = {"fault": "!!", "look": "? ", "passed": "ok"}


def audit(options):
    """Read, look from all sides, and write the page."""
    require_extra("report", "The page")
    path = choose_path(options)
    log = read_log(options, others=True)
    X = log.X.dropna(subset=["correct"])
    columns = {"student": "user_id", "order": "order_id", "skill": "skill_name"}
    columns |= {"correct": "correct", "item": ITEM if ITEM in X else None}
    if options.predictions is None:
        name = options.tracer or TRACERS[0]
        subject = make_tracers(options.seed, options.epochs, list(X))[name]
        how = f"{name}, fitted on four fifths of the students"
        given = {"X": X, "y": X["correct"]}
    else:
        found = read_predictions(options, log)
        subject, given, how = _of_file(found, log.X, X)
    table = audit_tracer(subject, **given, **columns, random_state=options.seed)
    page = AuditPage(options, log, table, how, summarise(table))
    with printed(write(page)):
        write_output("--out", path, render_audit(page))
    print(f"\nReport: {path}")


def choose_path(options):
    """Return where the page goes; refuse what would be found out too late."""
    name = Path(options.log).name.removesuffix(".gz")
    path = options.out or f"{Path(name).stem}-audit.html"
    return check_output("--out", path, options.log, [".html", ".htm"])


def _of_file(found, rows, X):
    """Return predictions of answered rows, and what is known of their training."""
    kept = rows.index.isin(X.index)
    p, how = found.p[kept], found.how
    if found.fold is not None:
        fold = found.fold[kept]
        names = [name for name in dict.fromkeys(fold) if name is not None]
        cv = [(np.flatnonzero(fold != n), np.flatnonzero(fold == n)) for n in names]
        return p, {"X": X, "y": X["correct"], "cv": cv}, how + f", {len(cv)} folds"
    predicted = ~np.isnan(p)
    if predicted.all():
        return p, {"X": X, "y": X["correct"]}, how
    test, train = X[predicted], X[~predicted]
    how += (
        f"; the {len(train):,} rows that it does not predict are taken as those "
        "learnt from"
    )
    given = {"X": test, "y": test["correct"], "X_train": train}
    return p[predicted], given, how


def write(page):
    """Write what was found as text."""
    lines = [f"audited: {page.how}", ""]
    for found in page.table.itertuples():
        mark = MARKS.get(found.verdict, "  ")
        auc = f" {found.size:.3f}" if found.check.startswith("AUC ") else ""
        lines.append(f"{mark} {found.check}{auc}: {found.finding}")
        if found.verdict in ALARMS:
            lines += [f"  -> {found.repair}"] * bool(found.repair)
    return "\n".join([*lines, "", page.summary])


def summarise(table):
    """Say in a sentence what was found."""
    counts = table["verdict"].value_counts()
    n_faults, n_looks = (int(counts.get(verdict, 0)) for verdict in ALARMS)
    if n_faults:
        return (
            f"{n_faults} fault{'s' * (n_faults > 1)}: until mended, do not compare the "
            "score with others."
        )
    if n_looks:
        one = n_looks == 1
        return f"No fault, but {n_looks} thing{'' if one else 's'} to look at."
    return "Nothing was found that speaks against the score."
