"""Answers skill by skill, in the order in which each student gave them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..._interactions.log import Roles
from ..._interactions.practice import count_practice, number_opportunities
from ..._scores.intervals import wilson
from ...datasets._read_values import SKILL_SEPARATOR
from ...display._opportunities import ALL, curve_by_skill, lay_out_answers

__all__ = ["Practice", "read_practice", "share_with_interval"]

LONGEST_CURVE = 30
FEWEST = 5  # students; a curve ends where fewer are left


@dataclass(frozen=True)
class Practice:
    """An entry for each skill of each answer, by student, skill and time."""

    entries: pd.DataFrame  # row, student, skill, opportunity, attempts, correct, p
    skills: np.ndarray  # names in order of code

    @cached_property
    def pairs(self):
        """The student and skill of each entry as one code, in ascending order."""
        student, skill = self.entries["student"], self.entries["skill"]
        return (student * len(self.skills) + skill).to_numpy()

    def count(self):
        """Return answers and students by skill."""
        groups = self.entries.groupby("skill")["student"]
        return pd.DataFrame({"answers": groups.size(), "students": groups.nunique()})

    @cached_property
    def curves(self):
        """Learning curves by code of skill, that of all under ``None``.

        Opportunities that too few students had are left out: of a class of fewer, there
        is what all of it had.
        """
        columns = ["student", "skill", "opportunity", "correct", "p"]
        entries = self.entries[columns].rename(
            columns={"correct": "observed", "p": "predicted"}
        )
        fewest = min(FEWEST, self.count()["students"].max())
        curve = curve_by_skill(entries, np.arange(len(self.skills)), fewest)
        curve = curve[curve["opportunity"] <= LONGEST_CURVE]
        return {
            None if skill == ALL else skill: own.drop(columns="skill")
            for skill, own in curve.groupby("skill", sort=False)
        }


def read_practice(X, p):
    """Sort answers by student, skill and time.

    Parameters
    ----------
    X : DataFrame
        With user_id, order_id, skill_name and correct, an answer in every row. What
        names no skill is left out.
    p : ndarray of shape (n_rows,)
        What was predicted of the row.
    """
    roles = Roles(student="user_id", order="order_id", skill="skill_name")
    y = X["correct"].to_numpy(dtype=float)
    log, timeline, skills = lay_out_answers(X, y, roles, SKILL_SEPARATOR)
    entries = pd.DataFrame(
        {
            "row": log.row,
            "student": log.student,
            "skill": log.skill,
            "opportunity": number_opportunities(log, timeline),
            "attempts": count_practice(log, timeline)["attempts"],
            "correct": log.correct,
            "p": np.asarray(p, dtype=float)[log.row],
        }
    )
    entries = entries[log.skill < len(skills)]
    order = ["student", "skill", "opportunity", "row"]
    return Practice(entries.sort_values(order, ignore_index=True), skills)


def share_with_interval(values, student, group, n_groups, confidence=0.95):
    """Return the mean of each group's values of 0 and 1, and its interval.

    The answers of one student go together: the interval is Wilson's, of as many
    answers as independent ones would have to be to be as sure. Where all are alike,
    each student is one.

    Parameters
    ----------
    values : ndarray of shape (n,)
    student, group : ndarray of shape (n,)
        Codes.
    n_groups : int
    confidence : float, default=0.95

    Returns
    -------
    share, low, high : ndarray of shape (n_groups,)
        NaN of a group without values.
    """
    n = np.bincount(group, minlength=n_groups)
    pairs, pair = np.unique(student * n_groups + group, return_inverse=True)
    n_students = np.bincount(pairs % n_groups, minlength=n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.bincount(group, values, n_groups) / n
        # The variance of a ratio of sums over students.
        beyond = np.bincount(pair, values - share[group], len(pairs))
        square = np.bincount(pairs % n_groups, beyond**2, n_groups)
        variance = square * n_students / np.maximum(n_students - 1, 1) / n**2
        n_alone = share * (1 - share) / variance
        n_alone = np.where((n_alone > 0) & (n_students > 1), n_alone, n_students)
        low, high = wilson(share, np.clip(n_alone, 1, n), confidence)
    return share, low, high
