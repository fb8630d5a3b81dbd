"""What an AUC is made of, and whether probabilities mean what they say."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from .._arrays import log_odds
from .._scores.auc import auc_of_pairs, count_pairs
from .findings import LOOK, NOTE, PASSED, UNCHECKED, Finding

__all__ = ["check_calibration", "check_missing_predictions", "check_parts"]

LARGE_GAP = 0.05  # between the mean prediction and the share of right answers
ODD_SLOPES = (0.5, 2.0)
WORTH_TELLING = 0.5  # log odds that predictions are off, by a slope
DEVIATIONS = 4  # over students, whose answers go together
FEWEST = 200  # rows with a say in a slope
FEWEST_STUDENTS = 20


def check_parts(subject):
    """Yield the AUC of pairs of rows, by what the two have in common."""
    y, p = subject.y[subject.told], subject.p[subject.told]
    X = subject.X[subject.told]
    student, moment = subject.place(X)
    ordered, pairs = count_pairs(y, p)
    inside, own = count_pairs(y, p, student)
    share = own / pairs if pairs else np.nan
    yield _note(
        "AUC between students",
        (ordered - inside) / (pairs - own) if pairs > own else np.nan,
        f"{1 - share:.1%} of all pairs of a right and a wrong answer are of two "
        "students.",
    )
    yield _note(
        "AUC within student",
        inside / own if own else np.nan,
        f"{share:.1%} of the pairs are of one student; the AUC is the mean of both, "
        "weighed so.",
    )
    row, skill = subject.skill_entries(X)
    yield _note(
        "AUC within skill",
        auc_of_pairs(y[row], p[row], skill),
        "Of pairs of rows on the same skill: what is known beyond which skills are "
        "hard.",
    )
    for name, said, mask in _kinds_of_rows(subject, X, student, moment, row, skill):
        told = f"{mask.mean():.1%} of the rows: {said}."
        yield _note(name, auc_of_pairs(y[mask], p[mask]), told)


def _kinds_of_rows(subject, X, student, moment, row, skill):
    """Yield names and marks of rows whose scores tell of something else."""
    first = pd.DataFrame(
        {"student": student[row], "skill": skill, "moment": moment[row]}
    )
    earliest = first.groupby(["student", "skill"])["moment"].transform("min")
    attempts = np.zeros(len(X), dtype=bool)
    attempts[row[(earliest == first["moment"]).to_numpy()]] = True
    yield "AUC of first rows", "the first moment of a student", moment == 0
    yield "AUC of first attempts", "the first on their skill", attempts
    code, what = subject.items_of(X), "item"
    if subject.columns.item is None:
        code, what = subject.skills_of(X), "skill"
    again = _repeats(student, moment, code)
    yield "AUC of repeated rows", f"the {what} is one of the moment before", again
    yield "AUC of other rows", f"the {what} is another than before", ~again


def _repeats(student, moment, code):
    """Mark the rows whose code stands in the moment before, too."""
    earlier = pd.MultiIndex.from_arrays([student, moment + 1, code])
    now = pd.MultiIndex.from_arrays([student, moment, code])
    return now.isin(earlier)


def _note(check, auc, said):
    return Finding(check, NOTE if auc == auc else UNCHECKED, said, auc)


def check_calibration(subject):
    """Compare the mean, and the slope in log odds, with what was answered."""
    y, p = subject.y[subject.told], subject.p[subject.told]
    student = subject.place(subject.X[subject.told])[0]
    if len(np.unique(student)) < 2 or len(np.unique(y)) < 2:
        return
    gap = float(p.mean() - y.mean())
    error = np.sqrt(np.square(np.bincount(student, p - y)).sum()) / len(y)
    said = f"Predicted {p.mean():.3f} on average, right were {y.mean():.3f}."
    odd = abs(gap) > LARGE_GAP and abs(gap) > DEVIATIONS * error
    yield _judge("calibration in the large", odd, said, gap)
    logits = log_odds(p)
    if len(y) < FEWEST or np.ptp(logits) == 0:
        return
    slope, error = _slope(logits, y, student)
    low, high = ODD_SLOPES
    said = (
        f"A step of 1 in predicted log odds is a step of {slope:.2f} in what is "
        "answered; below 1 it is too sure."
    )
    odd = slope + DEVIATIONS * error < low or slope - DEVIATIONS * error > high
    odd &= abs(1 - slope) * logits.std() > WORTH_TELLING  # else all are nearly alike
    odd &= len(np.unique(student)) >= FEWEST_STUDENTS  # or the error is none
    yield _judge("calibration slope", odd, said, slope)


def _judge(check, odd, said, size):
    if odd:
        return Finding(check, LOOK, said, size, repair=_CALIBRATE)
    return Finding(check, PASSED, said, size)


def _slope(logits, y, student):
    """Return the slope of a logistic regression, and its error over students."""
    model = LogisticRegression(C=np.inf, max_iter=1000).fit(logits[:, None], y)
    design = np.column_stack([np.ones(len(y)), logits])
    fitted = model.predict_proba(logits[:, None])[:, 1]
    bread = np.linalg.pinv((design * (fitted * (1 - fitted))[:, None]).T @ design)
    scores = np.stack(
        [np.bincount(student, (y - fitted) * column) for column in design.T]
    )
    variance = bread @ (scores @ scores.T) @ bread
    return float(model.coef_[0, 0]), float(np.sqrt(variance[1, 1]))


_CALIBRATE = (
    "Calibrate on students who are not tested: CalibratedClassifierCV(..., "
    "cv=StudentKFold(5)); and look whether training rows are those that are scored."
)


def check_missing_predictions(subject):
    """Say which rows nobody predicted."""
    missing = np.isnan(subject.p) & ~np.isnan(subject.y)
    share = missing.mean()
    check = "rows without a prediction"
    if not missing.any():
        return
    _, moment = subject.place(subject.X)
    first = (moment[missing] == 0).all()
    said = f"{missing.sum():,} rows, {share:.1%}, have an answer and no prediction"
    said += ", all of them first rows of students." if first else "."
    yield Finding(
        check,
        LOOK,
        f"{said} Scores of others may count them.",
        share,
        subject.label(subject.X, np.flatnonzero(missing)),
        "Predict every row (a first row by the mean of its skill), or score all that "
        "are compared on the same rows.",
    )
