"""A student is predicted alike, alone and in any company."""

import numpy as np
import pandas as pd

from .findings import FAULT, LOOK, PASSED, UNCHECKED, Finding
from .probe import like

__all__ = ["check_company"]

CHECK = "company"
ALONE = 5  # students who are asked by themselves
REPAIR = (
    "Let the prediction of a row depend on rows of its own student only: fit scalers, "
    "encoders and settings on training rows, and mask padding."
)
READ = "Let it read columns: a row's label says nothing, or too much."
SORT = (
    "Let it sort by the order column, or ask only about frames that are sorted by "
    "student and time."
)


def check_company(probe, rng):
    """Ask about students among others, alone, shuffled, and beside a longer one."""
    for what, ask, verdict, repair in (
        ("among all students or among some", _among_all, FAULT, REPAIR),
        ("alone or in company", _alone, FAULT, REPAIR),
        ("under another index", _renamed, FAULT, READ),
        ("in another order of rows", _shuffled, LOOK, SORT),
        ("beside a student with a longer history", _beside_a_longer_one, FAULT, REPAIR),
    ):
        try:
            asked = ask(probe, rng)
        except Exception as error:  # whatever a stranger's estimator raises
            said = f"{type(error).__name__}: {str(error)[:200]}"
            yield Finding(CHECK, UNCHECKED, f"It could not be asked {what}: {said}")
            continue
        if asked is not None:
            yield _judge(probe, what, verdict, repair, *asked)


def _judge(probe, what, verdict, repair, p, rows):
    before = probe.p[rows]
    both = ~(np.isnan(p) & np.isnan(before))
    moves = np.where(both, np.nan_to_num(np.abs(p - before), nan=1.0), 0)
    size, moved = float(moves.max()), rows[moves > probe.allowed]
    if not len(moved):
        said = f"A row is predicted alike, {what}."
        return Finding(CHECK, PASSED, said, size)
    return Finding(
        CHECK,
        verdict,
        f"{len(moved):,} of {len(rows):,} rows are not predicted alike, {what}: they "
        f"move by up to {size:.2g}.",
        size,
        probe.subject.label(probe.X, moved),
        repair,
    )


def _among_all(probe, rng):
    """Take what was predicted of these rows among all that are scored."""
    subject = probe.subject
    if len(subject.X) == len(probe.X):
        return None
    column = subject.columns.student
    rows = subject.X[column].isin(probe.X[column]).to_numpy()
    return subject.p[rows], np.arange(len(probe.p))


def _alone(probe, rng):
    present = np.unique(probe.student)
    chosen = rng.choice(present, min(ALONE, len(present)), replace=False)
    rows = [np.flatnonzero(probe.student == student) for student in np.sort(chosen)]
    p = [probe.subject.ask(probe.X.iloc[own]) for own in rows]
    return np.concatenate(p), np.concatenate(rows)


def _renamed(probe, rng):
    rows = np.arange(len(probe.p))
    labels = len(probe.subject.X) + rng.permutation(rows)
    return probe.subject.ask(probe.X.set_axis(labels)), rows


def _shuffled(probe, rng):
    if probe.subject.columns.order is None:  # then the order of rows is the time
        return None
    rows = rng.permutation(len(probe.p))
    return probe.subject.ask(probe.X.iloc[rows]), rows


def _beside_a_longer_one(probe, rng):
    """Write a student of twice as many rows as any, under the name of another."""
    subject, X = probe.subject, probe.X
    column, order = subject.columns.student, subject.columns.order
    others = subject.X.loc[~subject.X[column].isin(X[column]), column]
    if len(others) == 0 or isinstance(order, list):
        return None
    longest = np.bincount(probe.student).argmax()
    own = X.iloc[np.flatnonzero(probe.student == longest)]
    own = own.iloc[np.argsort(probe.moment[probe.student == longest], kind="stable")]
    twice = pd.concat([own, own])
    name = np.full(len(twice), others.iloc[0], dtype=object)
    twice[column] = like(twice[column].reset_index(drop=True), name).to_numpy()
    if order is not None:
        twice[order] = _go_on(own[order])
    padded = pd.concat([X, twice])
    return subject.ask(padded)[: len(X)], np.arange(len(X))


def _go_on(times):
    """Return times, and as many later ones."""
    first, last = times.min(), times.max()
    later = times + (last - first)
    return pd.concat([times, later]).to_numpy()
