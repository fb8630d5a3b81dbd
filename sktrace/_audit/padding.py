"""Rows that nobody answered: padding, counted in a score."""

import numpy as np
import pandas as pd

from .._scores.auc import auc_of_pairs
from .findings import FAULT, PASSED, Finding

__all__ = ["check_padding"]

CHECK = "padding"
FEWEST = 20
ALIKE = 0.9  # share of students whose histories are equally long, in a rectangle
FAR_MORE = 4.0  # times as long at the end as runs of alike answers are elsewhere


def check_padding(subject):
    """Look for rows at an end of histories that are all of a kind."""
    X, y = subject.X, subject.y
    student, moment = subject.place(X)
    rows = np.lexsort((np.arange(len(X)), moment, student))
    code, padding = subject.skills_of(X), np.zeros(len(X), dtype=bool)
    for direction in (1, -1):  # padded behind, or before
        along, tail = rows[::direction], np.zeros(len(X), dtype=bool)
        tail[along] = _tails(student[along], code[along], y[along])
        padding |= tail & (
            _is_kept_for_padding(code, y, tail) | _is_rectangle(student, code, y, tail)
        )
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
    return odd.reindex(code).to_numpy() & (len(skills) > 1) & _goes_on(code, tail)


def _goes_on(code, tail):
    n_tail = tail.sum()
    return n_tail > 0.02 * len(tail)


def _is_rectangle(student, code, y, tail):
    """Mark tails where all students have as many rows, and tails are far too long."""
    n_rows = np.bincount(student)
    longest = n_rows.max()
    if len(n_rows) < 5 or (n_rows == longest).mean() < ALIKE:
        return np.zeros(len(student), dtype=bool)
    ends = pd.DataFrame({"code": code, "y": y})[tail].value_counts()
    if ends.empty:
        return np.zeros(len(student), dtype=bool)
    kind, n_kind = ends.index[0], ends.iloc[0]
    of_kind = (code == kind[0]) & (y == kind[1])
    elsewhere = of_kind[~tail].mean() if (~tail).any() else 1.0
    by_chance = elsewhere / max(1 - elsewhere, 1e-3)  # mean length of a run at the end
    n_students = len(n_rows)
    long = n_kind / n_students > FAR_MORE * (by_chance + 1)
    return of_kind & tail & long
