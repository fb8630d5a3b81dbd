"""``python -m sktrace trace [log.csv]``: trace a class from the command line."""

import argparse
import sys
from pathlib import Path

import pandas as pd
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.utils._optional_dependencies import check_matplotlib_support

from . import (
    AFMClassifier,
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
)
from ._validation import Roles, check_interactions
from .datasets import make_interactions
from .display import MasteryDisplay
from .model_selection import train_test_split_students

BELOW_HALF = {"guess": (0, 0.5), "slip": (0, 0.5)}  # else known may mean wrong
ROLES = {
    "student": ("user_id", "who answered"),
    "order": ("order_id", "time within a student; 'none' if rows are in time order"),
    "skill": ("skill_name", "skill practised; 'none' for one skill"),
    "correct": ("correct", "answer given, 0 or 1; empty if not asked yet"),
}


def main(argv=None):
    """Run the command line; return its exit status."""
    options = build_parser().parse_args(argv)
    try:
        trace(options)
    except (ImportError, OSError, TypeError, ValueError) as error:
        print(f"sktrace: {error}", file=sys.stderr)
        return 2
    return 0


def build_parser():
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m sktrace", description="Knowledge tracing from a log of answers."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser(
        "trace",
        help="fit tracers on a class and score them on students they have not seen",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    command.add_argument("log", nargs="?", help="CSV file; without it, a made-up class")
    for role, (column, meaning) in ROLES.items():
        command.add_argument(
            f"--{role}", default=column, metavar="COLUMN", help=f"column: {meaning}"
        )
    command.add_argument(
        "--epochs",
        type=int,
        default=DKTClassifier().max_epochs,
        help="passes over the training students",
    )
    command.add_argument("--seed", type=int, default=0, help="of split and weights")
    command.add_argument("--picture", default="mastery.png", help="file to draw into")
    command.add_argument(
        "--next", help="CSV file for what each student would get now, by skill"
    )
    return parser


def trace(options):
    """Fit on four fifths of the students, score on the others, draw one of them."""
    check_matplotlib_support("The picture")  # now, rather than after training
    if not Path(options.picture).absolute().parent.is_dir():
        raise ValueError(f"--picture {options.picture}: there is no such folder.")
    columns = {role: getattr(options, role) for role in ROLES}
    roles = {role: None if c.lower() == "none" else c for role, c in columns.items()}
    X, truth = read_log(options.log, options.seed)
    log = check_interactions(X, Roles(**roles))
    if len(log.students) < 2:
        raise ValueError(
            "The log holds 1 student; expected at least 2, to train on some and to "
            "test on others."
        )
    X_train, X_test, _, truth = train_test_split_students(
        X, truth, test_size=0.2, random_state=options.seed, student=roles["student"]
    )
    for name, part in {"class": X, "training": X_train, "test": X_test}.items():
        print(f"{name:10}{describe(part, roles)}")
    print(flush=True)

    dkt = DKTClassifier(
        max_epochs=options.epochs, random_state=options.seed, verbose=1, **roles
    )
    tracers = {
        "DKT": dkt,
        "PFA": PFAClassifier(**roles),
        "AFM": AFMClassifier(**roles),
        "BKT": BKTClassifier(bounds=BELOW_HALF, random_state=options.seed, **roles),
        "student's mean so far": MeanClassifier(by="student", **roles),
        "skill's mean": MeanClassifier(by="skill", **roles),
    }
    predictions = {} if truth.isna().all() else {"true model": truth.to_numpy()}
    for name, tracer in tracers.items():
        tracer.fit(X_train, X_train[roles["correct"]])
        predictions[name] = tracer.predict_proba(X_test)[:, 1]

    table = score(X_test[roles["correct"]], predictions)
    print("\nTest students, each answer predicted from strictly earlier ones:\n")
    print(table.to_string(float_format="{:.3f}".format))
    student = draw(dkt, X_test, options.picture)
    print(f"\nMastery of student {student} over time: {options.picture}")
    if options.next is not None:
        dkt.predict_next(X).round(4).to_csv(options.next)
        print(f"What each student would get now: {options.next}")


def read_log(path, seed):
    """Return a log and, where it is made up, the true probability of each answer."""
    if path is None:
        X, _, truth = make_interactions(
            n_students=500, n_skills=10, return_proba=True, random_state=seed
        )
        return X, pd.Series(truth)
    X = pd.read_csv(path)
    if X.shape[1] == 1:  # perhaps separated by something else than commas
        X = pd.read_csv(path, sep=None, engine="python")
    return X, pd.Series(float("nan"), index=X.index)


def describe(X, roles):
    """Say in a line what a log holds."""
    n_skills = 1 if roles["skill"] is None else X[roles["skill"]].nunique()
    answers = X[roles["correct"]].dropna()
    return (
        f"{X[roles['student']].nunique():7,} students {n_skills:7,} skills "
        f"{len(answers):10,} answers, {answers.mean():.1%} right"
    )


def score(correct, predictions):
    """Score predictions on the rows that have an answer."""
    asked = correct.notna().to_numpy()
    y = correct[asked].astype(int)
    scores = {
        name: {
            "AUC": roc_auc_score(y, p[asked]),
            "log loss": log_loss(y, p[asked]),
            "accuracy": accuracy_score(y, p[asked] > 0.5),
        }
        for name, p in predictions.items()
    }
    return pd.DataFrame(scores).T


def draw(tracer, X, path):
    """Draw, and return, the student whose number of answers is closest to sixty."""
    n_answers = X.groupby(tracer.student)[tracer.correct].count()
    student = (n_answers - 60).abs().idxmin()
    display = MasteryDisplay.from_estimator(tracer, X, student)
    display.figure_.savefig(path, dpi=120)
    return student


if __name__ == "__main__":
    sys.exit(main())
