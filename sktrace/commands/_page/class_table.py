"""What each student of a class would get right now, and who is below a threshold."""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone

from ... import MeanClassifier
from ..._interactions.practice import entries_by_skill
from ...datasets._read_values import SKILL_SEPARATOR
from .._output import as_csv

__all__ = ["ClassTable", "class_csv", "tabulate_class"]

MOST_ASKED = 20_000_000  # students times skills: 160 MB of probabilities


class ClassTable(NamedTuple):
    """Students, those who need most help first, by skills, the most practised first."""

    tracer: str  # whose probabilities they are
    reads_items: bool  # then they are of the average item of each skill
    below: float  # who is expected to get less than this right needs help
    p: pd.DataFrame  # P(right now), students by skills
    n: np.ndarray  # answers of a student on a skill
    right: np.ndarray  # those that were right
    answers: np.ndarray  # of a student, on any skill or on none
    n_skills: int  # of the log; columns of p may be fewer

    @property
    def practised(self):
        """Mark the skills that a student has answered on: elsewhere, p is a guess."""
        return self.n > 0

    @property
    def needs_help(self):
        """Mark the practised skills on which a student is below the threshold."""
        return self.practised & (self.p.to_numpy() < self.below)

    def take(self, order):
        """Return some students, or all in another order."""
        p, n, right = self.p.iloc[order], self.n[order], self.right[order]
        return self._replace(p=p, n=n, right=right, answers=self.answers[order])


def tabulate_class(findings):
    """Ask the best tracer that tells students and skills apart, and count answers.

    Parameters
    ----------
    findings : Findings

    Returns
    -------
    ClassTable
    """
    X = findings.X
    name, tracer = choose_tracer(findings)
    skills = findings.summary.skills.index
    asked = skills[: max(1, MOST_ASKED // X["user_id"].nunique())]
    p = tracer.predict_next(X, asked.tolist())
    if not np.isfinite(p.to_numpy()).all():
        raise ValueError(f"{name} predicts no number for some students and skills")
    n, right, answers = count_answers(X, p.index, asked)
    table = ClassTable(
        name,
        bool(tracer.get_params().get("item")),
        findings.options.below,
        p,
        n,
        right,
        answers,
        len(skills),
    )
    return sort_by_need(table)


def choose_tracer(findings):
    """Return the best tracer but the means, fitted: they know no student, or no skill.

    If nothing but the means could be fitted, it is the best of them.
    """
    X, (best, fitted) = findings.X, findings.best
    if not isinstance(fitted, MeanClassifier):
        return findings.best
    ranking = findings.comparison.ranking()
    for name in ranking[ranking.index(best) :]:
        if isinstance(findings.tracers[name], MeanClassifier):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # those of the folds stand on the page
                return name, clone(findings.tracers[name]).fit(X, X["correct"])
        except Exception:  # on all rows, if not on those of a fold
            continue
    return findings.best


def count_answers(X, students, skills):
    """Count each student's answers by skill, those that were right, and all of them."""
    answered = X[X["correct"].notna()]
    student = students.get_indexer(answered["user_id"])
    row, skill, names = entries_by_skill(answered["skill_name"], SKILL_SEPARATOR)
    column = skills.get_indexer(pd.Index(names.tolist(), tupleize_cols=False))[skill]
    row, column = row[column >= 0], column[column >= 0]
    cell = student[row] * len(skills) + column
    shape = len(students), len(skills)
    size = shape[0] * shape[1]
    n = np.bincount(cell, minlength=size).reshape(shape)
    correct = answered["correct"].to_numpy(float)[row]
    right = np.bincount(cell, weights=correct, minlength=size).reshape(shape)
    answers = np.bincount(student, minlength=len(students))
    return n, np.rint(right).astype(int), answers


def sort_by_need(table):
    """Put those first who are below on most skills; of these, those who know least."""
    n_practised = table.practised.sum(axis=1)
    total = np.where(table.practised, table.p.to_numpy(), 0).sum(axis=1)
    mean = np.divide(total, n_practised, where=n_practised > 0, out=total + np.inf)
    order = np.lexsort((mean, -table.needs_help.sum(axis=1)))
    return table.take(order)


def class_csv(table):
    """Return the table as a CSV file, a row for each student and skill.

    Parameters
    ----------
    table : ClassTable

    Returns
    -------
    bytes
        The columns student, skill, p_correct_now, n_answers, n_right, and below, which
        is 1 on practised skills below the threshold. Names that a spreadsheet would
        take for a formula get a ``'`` before them.
    """
    n_students, n_skills = table.p.shape
    rows = {
        "skill": np.tile(table.p.columns.to_numpy(object), n_students),
        "p_correct_now": table.p.to_numpy().ravel(),
        "n_answers": table.n.ravel(),
        "n_right": table.right.ravel(),
        "below": table.needs_help.ravel().astype(int),
    }
    students = table.p.index.repeat(n_skills)
    return as_csv(pd.DataFrame(rows, index=students).rename_axis("student"))
