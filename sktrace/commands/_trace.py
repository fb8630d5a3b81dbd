"""``trace``: fit tracers on some students of a log, score them on the others."""

import numpy as np
import pandas as pd

from .._versions import require_extra
from ..display import MasteryDisplay
from ..model_selection import train_test_split_students
from ._comparison import METRICS, fit, make_tracers, score
from ._log_file import make_log, read_log
from ._output import check_output

__all__ = ["trace"]


def trace(options):
    """Fit on four fifths of the students, score on the others, draw one of them."""
    check_files(options)
    if options.log is None:
        X, truth = make_log(options.seed)
        predictions = {"true model": truth}
    else:
        log = read_log(options)
        X, predictions = log.X, {}
        for note in log.notes:
            print(f"! {note}\n")
    if X["user_id"].nunique() < 2:
        raise ValueError(
            "The log holds 1 student; expected at least 2, to train on some and to "
            "test on others."
        )
    row = np.arange(len(X))
    X_train, X_test, _, test = train_test_split_students(
        X, row, test_size=0.2, random_state=options.seed
    )
    predictions = {name: p[test] for name, p in predictions.items()}
    for name, part in {"class": X, "training": X_train, "test": X_test}.items():
        print(f"{name:10}{describe(part)}")
    print(flush=True)

    tracers = make_tracers(options.seed, options.epochs, list(X))
    for name, tracer in tracers.items():
        predictions[name] = fit(tracer, X_train).predict_proba(X_test)[:, 1]

    table = pd.DataFrame({name: score(X_test, p) for name, p in predictions.items()})
    print("\nTest students, each answer predicted from strictly earlier ones:\n")
    print(write(table))
    student = draw(tracers["DKT"], X_test, options.picture)
    print(f"\nMastery of student {student} over time: {options.picture}")
    if options.next is not None:
        tracers["DKT"].predict_next(X).round(4).to_csv(options.next)
        print(f"What each student would get now: {options.next}")


def check_files(options):
    """Refuse now what could not be drawn or written after training."""
    require_extra("plot", "The picture")
    from matplotlib.backend_bases import FigureCanvasBase

    endings = [f".{kind}" for kind in FigureCanvasBase.get_supported_filetypes()]
    check_output("--picture", options.picture, options.log, endings)
    if options.next is not None:
        check_output("--next", options.next, options.log, [".csv"])


def describe(X):
    """Say in a line what a log holds."""
    answers = X["correct"].dropna()
    return (
        f"{X['user_id'].nunique():7,} students {X['skill_name'].nunique():7,} skills "
        f"{len(answers):10,} answers, {answers.mean():.1%} right"
    )


def write(table):
    """Write scores out, a line for each tracer, losses without their sign."""
    table = table.T.drop(columns="roc_auc_by_question")
    table["neg_log_loss"] *= -1
    return table.rename(columns=METRICS).to_string(float_format="{:.3f}".format)


def draw(tracer, X, path):
    """Draw, and return, the student whose number of answers is closest to sixty."""
    n_answers = X.groupby("user_id")["correct"].count()
    student = (n_answers - 60).abs().idxmin()
    display = MasteryDisplay.from_estimator(tracer, X, student)
    display.figure_.savefig(path, dpi=120)
    return student
