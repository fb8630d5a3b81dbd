"""Rows that nobody answered: padding, counted in a score."""

import numpy as np
import pandas as pd

from .._scores.auc import auc_of_pairs
from .findings import FAULT, PASSED, Finding

__all__ = ["check_padding"]

CHECK = "padding"
FEWEST = 20
SAME_PLACE = 0.5  # share of students who begin a last skill of a course there
ALIKE = 0.9  # share of students whose histories are equally long, in a rectangle
FAR_MORE = 4.0  # times as long at the end as runs of alike answers are elsewhere


def check_padding(subject):
    """Look for rows at an end of histories that are all of a kind."""
    X, y = subject.X, subject.y
    student, moment = subject.place(X)
    rows = np.lexsort((np.arange(len(X)), moment, student))
    code, padding = subject.skills_of(X), np.zeros(len(X), dtype=bool)
    for direction in (1, -1):  # padded behind, or before
        along = rows[::direction]
        padding[along] |= _find(student[along], code[along], y[along])
    if not padding.any():
        said = "Histories do not begin or end with rows that are all of a kind."
        yield Finding(CHECK, PASSED, said, 0)
        return
    told, real = subject.told, subject.told & ~padding
    share = padding[told].mean() if told.any() else padding.mean()
    auc, without = (auc_of_pairs(y[own], subject.p[own]) for own in (told, real))
    yield Finding(
        CHECK,
        FAULT,
        f"{share:.0%} of the rows stand at one end of histories and are all of one "
        f"skill with one answer. The AUC is {auc:.3f}, without them {without:.3f}.",
        share,
        subject.label(X, np.flatnonzero(padding)),
        "Leave padding out of what is scored: keep the rows that were answered.",
    )


def _find(student, code, y):
    """Mark, in time order, rows at the end of histories that are padding."""
    tail = _tails(student, code, y)
    run = _tails(student, code, np.zeros(len(y)))  # of the last skill
    if not _begins_anywhere(student, run):
        return np.zeros(len(y), dtype=bool)
    return tail & (
        _is_kept_for_padding(code, y, tail) | _is_rectangle(student, code, y, tail, run)
    )


def _begins_anywhere(student, run):
    """Tell whether the last skill begins at different places, unlike in a course."""
    begins = pd.Series(~run).groupby(student).sum()
    return begins.value_counts(normalize=True).iloc[0] < SAME_PLACE


def _tails(student, code, y):
    """Mark, in time order, the last rows that are like the very last of a student."""
    n_rows = len(student)
    last = np.append(np.flatnonzero(np.diff(student)), n_rows - 1)
    ends = last[np.searchsorted(last, np.arange(n_rows))]
    other = (code != code[ends]) | (y != y[ends])
    # The last row of each student that differs from its end: all after it are tail.
    at = np.where(other, np.arange(n_rows), -1)
    latest = pd.Series(at).groupby(student).transform("max").to_numpy()
    return np.arange(n_rows) > latest


def _is_kept_for_padding(code, y, tail):
    """Mark rows of a skill that stands in tails only, always with one answer."""
    rows = pd.DataFrame({"code": code, "y": y, "tail": tail})
    skills = rows.groupby("code").agg(
        answers=("y", "nunique"), tail=("tail", "all"), size=("y", "size")
    )
    odd = skills["tail"] & (skills["answers"] == 1) & (skills["size"] >= FEWEST)
    # Once or twice is the last exercise of a course; padding goes on and on.
    goes_on = tail.mean() > 0.02
    return odd.reindex(code).to_numpy() & (len(skills) > 1) & goes_on


def _is_rectangle(student, code, y, tail, run):
    """Mark tails where all students have as many rows, and tails are far too long."""
    nothing = np.zeros(len(student), dtype=bool)
    n_rows = np.bincount(student)
    if len(n_rows) < 5 or (n_rows == n_rows.max()).mean() < ALIKE:
        return nothing
    last = np.append(np.flatnonzero(np.diff(student)), len(student) - 1)
    skill = pd.Series(code[last]).mode()[0]
    answers = pd.Series(y[last][code[last] == skill]).value_counts(normalize=True)
    if answers.empty or answers.iloc[0] < ALIKE:
        return nothing
    of_kind = (code == skill) & (y == answers.index[0])
    if tail[run & (code == skill)].mean() < ALIKE:
        return nothing  # the last skill is answered otherwise, too
    elsewhere = of_kind[~tail].mean() if (~tail).any() else 1.0
    by_chance = elsewhere / max(1 - elsewhere, 1e-3)  # mean length of a run at the end
    long = (of_kind & tail).sum() / len(n_rows) > FAR_MORE * (by_chance + 1)
    return of_kind & tail & long
