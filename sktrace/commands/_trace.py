"""``trace``: fit tracers on some students of a log, score them on the others."""

import io
from pathlib import Path

import numpy as np
import pandas as pd

from .._interactions.practice import entries_by_skill
from .._versions import require_extra
from .._words import cut_middle
from ..datasets._read_values import SKILL_SEPARATOR
from ..display import MasteryDisplay
from ..model_selection import train_test_split_students
from ._output import as_csv, check_output, printed, write_output
from ._reading.log_file import make_log, read_log
from ._running.comparison import METRICS, score
from ._running.tracers import make_tracers

__all__ = ["trace"]

LONGEST_NAME = 60


def trace(options):
    """Fit on four fifths of the students, score on the others, draw one of them."""
    check_files(options)
    if options.log is None:
        X, truth = make_log(options)
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
        tracer.fit(X_train, X_train["correct"])
        predictions[name] = tracer.predict_proba(X_test)[:, 1]

    table = pd.DataFrame({name: score(X_test, p) for name, p in predictions.items()})
    said = "\nTest students, each answer predicted from strictly earlier ones:\n\n"
    with printed(said + write(table)):
        student, picture = draw(tracers["DKT"], X_test, options.picture)
        write_output("--picture", options.picture, picture)
        if options.next is not None:
            known = tracers["DKT"].predict_next(X).round(4)
            write_output("--next", options.next, as_csv(known))
    student = cut_middle(str(student), LONGEST_NAME)
    print(f"\nMastery of student {student} over time: {options.picture}")
    if options.next is not None:
        print(f"What each student would get now: {options.next}")


def check_files(options):
    """Refuse now what could not be drawn or written after training."""
    require_extra("plot", "The picture")
    from matplotlib.backend_bases import FigureCanvasBase
    from matplotlib.figure import Figure

    endings = [f".{kind}" for kind in FigureCanvasBase.get_supported_filetypes()]
    path = check_output("--picture", options.picture, options.log, endings)
    if options.next is not None:
        other = check_output("--next", options.next, options.log, [".csv"])
        if path.resolve() == other.resolve():
            raise ValueError(f"--next {other}: the picture goes there; name another.")
    try:
        save(Figure(), path)
    except Exception as error:  # whatever an absent LaTeX or the like makes of it
        raise ValueError(
            f"--picture {path}: no such picture can be drawn here ({error}); expected "
            "another ending, such as .png or .svg."
        ) from error


def describe(X):
    """Say in a line what a log holds."""
    answers = X["correct"].dropna()
    right = f", {answers.mean():.1%} right" if len(answers) else ""
    n_skills = len(entries_by_skill(X["skill_name"], SKILL_SEPARATOR)[2])
    return (
        f"{X['user_id'].nunique():7,} students {n_skills:7,} skills "
        f"{len(answers):10,} answers{right}"
    )


def write(table):
    """Write scores out, a line for each tracer, losses without their sign."""
    table = table.T.drop(columns="roc_auc_by_question")
    table["neg_log_loss"] *= -1
    return table.rename(columns=METRICS).to_string(
        float_format="{:.3f}".format, na_rep="unknown"
    )


def draw(tracer, X, path):
    """Draw the student whose number of answers is closest to sixty; say who it is."""
    n_answers = X.groupby("user_id")["correct"].count()
    student = (n_answers - 60).abs().idxmin()
    display = MasteryDisplay.from_estimator(tracer, X, student)
    return student, save(display.figure_, path)


def save(figure, path):
    """Return a picture as the content of a file, in the format of its ending."""
    with io.BytesIO() as file:
        figure.savefig(file, dpi=120, format=Path(path).suffix[1:].lower())
        return file.getvalue()
