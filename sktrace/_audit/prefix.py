"""What is known only later must not move what is predicted before."""

from typing import NamedTuple

import numpy as np

from .._words import first_few
from .findings import FAULT, LOOK, PASSED, UNCHECKED, Finding

__all__ = ["check_prefix_invariance", "read_at_own_row"]

CHECK = "prefix invariance"
SHARES = (0.0, 0.4, 0.8)  # of a student's moments, after which everything changes
HIDE = (
    "Let a row read the answers of strictly earlier moments only: shift by a moment, "
    "not by a row, where rows tie in order."
)
MASK = (
    "Let no row read later ones: no bidirectional layer, no attention without a causal "
    "mask, no mean, scaling or choice over all rows that are asked."
)


class Change(NamedTuple):
    """Something that is not known yet at a moment, and is changed from there on."""

    what: str
    repair: str
    make: object  # function of the cut of each row to rows of the probe, and which


def check_prefix_invariance(probe, rng):
    """Change what is not known yet; yield whether earlier predictions move."""
    if probe.noise > 1e-6:
        yield Finding(
            "same rows, same predictions",
            LOOK,
            f"Asked twice about the same rows, it answers differently, by up to "
            f"{probe.noise:.2g}.",
            probe.noise,
            repair="Predict without dropout, model.eval(), or seed what is drawn.",
        )
    for change in list_changes(probe, rng):
        yield _try(probe, change)


def list_changes(probe, rng):
    """List what can be changed of these rows."""
    columns, changes = probe.subject.columns, []
    everything = np.arange(len(probe.p))
    if columns.correct is not None:
        changes.append(
            Change(
                "own, tied and later answers",
                HIDE,
                lambda cut: (probe.swap_answers(probe.moment >= cut), everything),
            )
        )
    for name in columns.past_features:
        changes.append(
            Change(
                f"{name!r} of its own, tied and later rows",
                HIDE,
                lambda cut, name=name: (
                    probe.shuffle([name], probe.moment >= cut, rng),
                    everything,
                ),
            )
        )
    later = [*columns.others(probe.X), columns.skill, columns.item]
    for name in dict.fromkeys(name for name in later if name is not None):
        changes.append(
            Change(
                f"{name!r} of later rows",
                MASK,
                lambda cut, name=name: (
                    probe.shuffle([name], probe.moment > cut, rng),
                    everything,
                ),
            )
        )
    changes.append(
        Change(
            "whether there are later rows",
            MASK,
            lambda cut: (
                probe.X[probe.moment <= cut],
                np.flatnonzero(probe.moment <= cut),
            ),
        )
    )
    return changes


def _try(probe, change):
    """Make a change at several cuts, and say whether an earlier prediction moves."""
    moves = np.zeros(len(probe.p))
    for share in SHARES:
        cut = probe.cut(share)
        try:
            moved = probe.moves(*change.make(cut))
        except Exception as error:  # whatever a stranger's estimator raises
            said = f"{type(error).__name__}: {str(error)[:200]}"
            what = f"It could not be asked with other values of {change.what}: {said}"
            return Finding(CHECK, UNCHECKED, what)
        moves = np.maximum(moves, moved * (probe.moment <= cut))
    size, rows = float(moves.max()), np.flatnonzero(moves > probe.allowed)
    if not len(rows):
        said = f"Predictions do not see {change.what}."
        return Finding(CHECK, PASSED, said, size)
    rows = rows[np.lexsort((probe.student[rows], probe.moment[rows]))]
    first = probe.X.iloc[rows[0]][probe.subject.columns.student]
    return Finding(
        CHECK,
        FAULT,
        f"Predictions see {change.what}: {len(rows):,} of {len(moves):,} rows move, by "
        f"up to {size:.2g}; the first is moment {probe.moment[rows[0]]} of "
        f"{first_few([first])} (moments count from 0).",
        size,
        probe.subject.label(probe.X, rows),
        change.repair,
    )


def read_at_own_row(probe, columns, rng):
    """Return the columns whose value in a row moves the prediction of that row."""
    read = []
    for name in columns:
        try:
            moves = probe.moves(probe.shuffle([name], np.ones(len(probe.p), bool), rng))
        except Exception:  # it reads the column, and refuses a value of another row
            read.append(name)
            continue
        if moves.max() > probe.allowed:
            read.append(name)
    return read
