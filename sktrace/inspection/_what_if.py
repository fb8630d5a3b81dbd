"""What a tracer would think of students, had they given one more answer."""

import numpy as np
import pandas as pd

from .._interactions.columns import check_interactions
from .._interactions.vocabulary import as_list
from .._tracer.questions import check_method, roles_of, write_log
from .._words import first_few

__all__ = ["what_if"]


def what_if(estimator, X, skill, correct, *, skills=None):
    r"""Predict how one more answer would change what each student gets right.

    Every student of X is thought to answer `skill` once more, after all of X. With
    :math:`h` a student's answers in X and :math:`(i, a)` the answer a to skill i,

    .. math:: change_j = P(j \mid h, (i, a)) - P(j \mid h)

    which is what appending the row to X and calling ``predict_next`` again says, or
    what a `LiveTracer` says before and after ``update``.

    The change holds what the answer tells of the student as well as what practising
    teaches: it is what the tracer would think, not what a lesson would do.

    Parameters
    ----------
    estimator : fitted tracer with ``predict_next``
    X : DataFrame of shape (n_rows, n_columns)
        A log with the columns that the estimator reads; others are ignored. All
        of its students are asked.
    skill : skill or list of skills
        The skill answered; of a list, each in turn, by itself. A name may join several
        by the estimator's ``skill_separator``: one question that needs them all.
    correct : {0, 1} or list of them
        The answer: wrong, right, or each of the two in turn.
    skills : skill or list of skills, optional
        Skills to predict; all of ``estimator.skills_`` by default. Those that fit did
        not see, here and in `skill`, are read as the estimator's ``handle_unknown``
        says.

    Returns
    -------
    DataFrame of shape (n_answers * n_students * n_skills, 7)
        One row per `skill`, `correct`, student and predicted skill, in this order.

        * ``student``: as named in X
        * ``skill``, ``correct``: the answer given, 0 or 1
        * ``on``: the skill predicted
        * ``before``, ``after``: P(correct) without and with that answer;
          P(``classes_[1]``) for an estimator fitted on other labels than 0 and 1
        * ``change``: after - before

    Raises
    ------
    TypeError
        If the estimator has no ``predict_next``, or X is not a DataFrame.
    ValueError
        If `correct` is something else, if X is not what the estimator expects, or if a
        skill is unknown under ``handle_unknown="error"``.

    Examples
    --------
    >>> from sktrace import BKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.inspection import what_if
    >>> X, y = make_interactions(n_students=100, n_skills=2, random_state=0)
    >>> bkt = BKTClassifier(random_state=0).fit(X, y)
    >>> change = what_if(bkt, X, bkt.skills_[0], [0, 1])
    >>> change.groupby(["on", "correct"])["change"].mean().round(2).unstack().shape
    (2, 2)
    """
    check_method(estimator)
    answers = _check_answers(correct)
    roles = roles_of(estimator)
    if roles.skill is None and as_list(skill) != list(estimator.skills_):
        raise ValueError(
            f"skill={skill!r}, but {type(estimator).__name__} was fitted with "
            f"skill=None; expected its only skill, {estimator.skills_[0]!r}."
        )
    asked = as_list(skill)
    if not asked:
        raise ValueError(
            f"skill={skill!r} names none; expected at least one, such as "
            f"{first_few(estimator.skills_[:1])}. What students would get without an "
            "answer is in estimator.predict_next(X)."
        )
    before = estimator.predict_next(X, skills)
    more = _OneMore(X, roles)
    parts = [
        _tidy(before, estimator.predict_next(more(one, answer), skills), one, answer)
        for one in asked
        for answer in answers
    ]
    return pd.concat(parts, ignore_index=True)


def _check_answers(correct):
    answers = list(correct) if isinstance(correct, tuple) else as_list(correct)
    if len(answers) == 0 or not all(answer in (0, 1) for answer in answers):
        raise ValueError(
            f"correct={correct!r}; expected 0 (wrong), 1 (right) or a list of them. "
            "What students would get without an answer is in estimator.predict_next(X)."
        )
    return [int(answer) for answer in answers]


class _OneMore:
    """A log to which one more answer of every student is appended."""

    def __init__(self, X, roles):
        log = check_interactions(X, roles)
        own = np.unique(log.student, return_index=True)[1]  # a row of each student
        self.roles, self.n = roles, len(own)
        self.student = X[roles.student].iloc[np.append(np.arange(len(X)), own)]
        self.skill = [] if roles.skill is None else X[roles.skill].tolist()
        self.correct = log.correct
        self.order = None
        if roles.order is not None:
            later = _later(log.order, log.student, roles.order)
            self.order = np.append(log.order, later)
        # What is not known of that answer is missing.
        self.further = {
            role: _lengthen(X[column.name], len(self.student))
            for role, column in roles.further.items()
        }

    def __call__(self, skill, correct):
        return write_log(
            self.roles,
            student=self.student,
            order=self.order,
            skill=[*self.skill, *[skill] * self.n],
            correct=np.append(self.correct, np.full(self.n, float(correct))),
            **self.further,
        )


def _lengthen(values, n_rows):
    """Add missing values behind some, to a number of rows."""
    if isinstance(values, pd.DataFrame):
        return values.apply(_lengthen, n_rows=n_rows)
    if values.dtype.kind in "biu":
        values = values.convert_dtypes()  # which can miss some
    return values.set_axis(range(len(values))).reindex(range(n_rows))


def _later(order, student, column):
    """Return, for each student, a number behind all of the student's."""
    last = pd.Series(order).groupby(student).max().to_numpy()
    later = last + 1 if last.dtype.itemsize == 8 else last.astype("float64") + 1
    if last.dtype.kind == "f":  # where numbers are too far apart to count by one
        later = np.maximum(later, np.nextafter(last, np.inf))
    stuck = ~(later > last)
    if stuck.any():
        raise ValueError(
            f"Column {column!r} (order) goes up to {last[stuck][0].item()!r}, so no "
            "number is left for one more answer; expected smaller ones. Count instead: "
            f"X[{column!r}] = X[{column!r}].rank()."
        )
    return later


def _tidy(before, after, skill, correct):
    n_students, n_skills = before.shape
    frame = pd.DataFrame(
        {
            "student": before.index.repeat(n_skills),
            "skill": pd.Index([skill], tupleize_cols=False).repeat(before.size),
            "correct": correct,
            "on": before.columns.take(np.tile(np.arange(n_skills), n_students)),
            "before": before.to_numpy().ravel(),
            "after": after.to_numpy().ravel(),
        }
    )
    return frame.assign(change=frame["after"] - frame["before"])
