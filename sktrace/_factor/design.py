"""What a regression reads of a piece of a log: rows, columns, and what they tell."""

from typing import NamedTuple

import numpy as np

from .._arrays import concatenate_ranges
from .._interactions.timeline import Timeline
from .columns import Columns, Group, sort_codes
from .curvature import Curvature
from .effects import Known, add_columns
from .rows import Rows
from .scales import held_on_skills

__all__ = [
    "Design",
    "FitRows",
    "Part",
    "Traced",
    "build",
    "choose_rows",
    "know",
    "sum_squares",
    "tell",
]


class FitRows(NamedTuple):
    """The rows of a piece that a regression is fitted to, by skill and then by time."""

    every: Rows
    known: Known | None  # of every row
    rows: np.ndarray  # those with weight
    target: np.ndarray
    weight: np.ndarray  # of a question, if rows are parts of one
    share: np.ndarray | None  # what share of a question each row is, if not all of it
    answer_weight: np.ndarray  # of a row by itself
    students: np.ndarray  # names of those who have such rows
    student: np.ndarray  # (n_rows,) codes among them


class Traced(NamedTuple):
    """What is traced of the rows of fit, for a regression that reads it."""

    mean: np.ndarray  # (n_rows,) of ability
    variance: np.ndarray
    averages: np.ndarray  # (n_averages, n_rows)


class Design(NamedTuple):
    """What columns a regression has."""

    n_skills: int
    n_items: int
    active: np.ndarray  # (n_counts, n_skills + 1) False of slopes that are to be 0
    n_own: int  # counts by which slopes of each skill multiply
    has_students: bool
    tells_skills: bool  # whether it is asked what answers hold on them
    weight: float = 0.0  # what traced ability counts, a priori
    expected: np.ndarray | None = None  # (n_averages,) what averages count, a priori
    discriminates: bool = False  # whether items weigh ability differently


class Part(NamedTuple):
    """A piece of a regression: its rows, and what they tell of effects."""

    columns: Columns  # of all effects but those of students, the intercept last
    curvature: Curvature
    widths: dict  # how many of them each block has, by name, in their order
    target: np.ndarray
    weight: np.ndarray
    student: np.ndarray  # (n_rows,) codes; of no meaning where there is no effect
    n_students: int
    offset: np.ndarray | float
    damping: np.ndarray | float
    item: np.ndarray | None
    share: np.ndarray | None


def choose_rows(piece, reading, with_students):
    """Choose the rows with weight, those of a skill together, and in time order.

    Parameters
    ----------
    piece : FitLog
    reading : Reading
    with_students : bool
        Each student has an effect.
    """
    log, first = piece.log, piece.log.first
    every = Rows(reading, log, Timeline.of(log))
    rows, weight = every.in_time(), first(piece.weight)
    rows = rows[weight[rows] > 0]
    rows = rows[sort_codes(first(log.skill)[rows])]
    own = weight = weight[rows]
    share = None
    if every.question is not None:  # rows of a question are one answer
        share = 1 / np.bincount(every.question[rows])[every.question[rows]]
        weight = weight * share
    present, student = np.unique(first(log.student)[rows], return_inverse=True)
    students = log.students[present]
    if not with_students:
        students = students[:0]
    target = first(piece.target)[rows]
    return FitRows(every, None, rows, target, weight, share, own, students, student)


def know(rows, scaling):
    """Return rows with what is known of them, of scaled features, too."""
    return rows._replace(known=rows.every.known(scaling))


def build(rows, design):
    """Build the columns of a piece.

    Parameters
    ----------
    rows : FitRows, or tuple of FitRows and Traced
    design : Design

    Returns
    -------
    Part
    """
    traced, offset, damping = None, 0.0, 1.0
    if not isinstance(rows, FitRows):
        rows, traced = rows
        # The mean of expit(x + ability) over N(m, v) is close to that of a damped
        # logit, so that effects are those at a known ability.
        damping = (1 + np.pi * traced.variance / 8) ** -0.5
        offset = design.weight * traced.mean
        offset = add_columns(offset, design.expected, traced.averages)
    columns, widths = _arrange(rows, design, _blocks(rows, traced, design))
    n_students = len(rows.students) if design.has_students else 0
    return Part(
        columns,
        Curvature(columns, rows.student, n_students),
        widths,
        rows.target,
        rows.weight,
        rows.student,
        n_students,
        offset,
        damping,
        None if rows.known.item is None else rows.known.item[rows.rows],
        rows.share,
    )


def _blocks(rows, traced, design):
    """Yield the columns of skills and own slopes, shared slopes, items, and so on.

    Each block has a name, says by which codes its columns differ, and has the values
    of shape (n_kinds, n_entries) by which effects are multiplied.
    """
    known, chosen = rows.known, rows.rows
    skill_counts = known.counts * design.active[:, rows.every.log.skill]
    own = skill_counts[: design.n_own, _entries_of(rows, design.n_skills)[0]]
    yield "skills", "skill", np.vstack([np.ones(own.shape[1]), own])
    if len(skill_counts):
        yield "slopes", None, np.array([known.sum(f)[chosen] for f in skill_counts])
    if known.item is not None:
        seen = known.item[chosen] < design.n_items
        yield "items", "item", np.ones((1, seen.sum()))
        yield "item_counts", None, known.item_counts[:, chosen]
    if known.features is not None:
        yield "features", None, known.features[:, chosen]
    if traced is not None:
        yield "ability", None, traced.mean[None]
        yield "averages", None, traced.averages
        if design.discriminates:
            yield "discriminations", "item", traced.mean[None, seen]
    # Stands last, and is not one of the blocks whose effects are shrunk.
    yield "intercept", None, np.ones((1, len(chosen)))


def _arrange(rows, design, blocks):
    """Give each code of each kind a column, and put blocks of the same codes together.

    Returns
    -------
    columns : Columns
    widths : dict of str to int
        How many columns each block has, but the intercept.
    """
    n_codes = {"skill": design.n_skills, "item": design.n_items, None: 1}
    found, widths, stop = {}, {}, 0
    for name, by, values in blocks:
        widths[name] = len(values) * n_codes[by]
        start, stop = stop, stop + widths[name]
        places = np.arange(start, stop).reshape(len(values), n_codes[by])
        found.setdefault(by, []).append((values, places))
    groups = [
        Group(*_codes_of(by, rows, design), *map(np.vstack, zip(*own, strict=True)))
        for by, own in found.items()
    ]
    widths.pop("intercept")
    return Columns(groups, len(rows.rows), stop), widths


def _codes_of(by, rows, design):
    """Return the row and the code of each entry, as a `Group` has them."""
    n_rows = len(rows.rows)
    if by == "skill":
        entries, row = _entries_of(rows, design.n_skills)
        code = rows.every.log.skill[entries]
    elif by == "item":
        item = rows.known.item[rows.rows]
        row = np.flatnonzero(item < design.n_items)
        code = item[row]
    else:
        return None, np.zeros(n_rows, dtype=np.int64)
    one_each = len(row) == n_rows and (row == np.arange(n_rows)).all()
    return None if one_each else row, code


def _entries_of(rows, n_skills):
    """Return the entries of rows that name known skills, and the row of each."""
    log = rows.every.log
    n_entries = log.entries_per_row
    starts = (np.cumsum(n_entries) - n_entries)[rows.rows]
    entries = concatenate_ranges(starts, n_entries[rows.rows])
    row = np.repeat(np.arange(len(rows.rows)), n_entries[rows.rows])
    named = log.skill[entries] < n_skills
    return entries[named], row[named]


def sum_squares(rows, n_own, n_skills):
    """Sum up the squares of counts of entries, by count, and the entries' weight."""
    entries, row = _entries_of(rows, n_skills)
    weight = rows.weight[row]
    return rows.known.counts[:n_own, entries] ** 2 @ weight, weight.sum()


def tell(pair, precision, design, place):
    """Return what the answers of a piece hold on skills, items and students.

    Parameters
    ----------
    pair : tuple of Part and Bent
        Without damping.
    precision : float
        Of abilities, a priori.
    design : Design
    place : dict of str to slice
        Where blocks of columns are.

    Returns
    -------
    skills : tuple of ndarrays, or 0.0
        How many answers each skill has, and what `held_on_skills` returns.
    items : ndarray of shape (2, n_items)
        Information, and the number of answers.
    students : ndarray of shape (2, n_students)
    """
    part, bent = pair
    skills = items = 0.0
    if design.tells_skills:
        by_skill = part.columns.groups[0]
        n_answers = np.bincount(by_skill.code, minlength=design.n_skills)
        held = held_on_skills(bent.hessian, precision, *by_skill.places.shape)
        skills = n_answers, held
    if part.item is not None:
        n_items = design.n_items
        n_answers = np.bincount(part.item, part.share, n_items + 1)[:n_items]
        items = np.array([bent.hessian.shared.diagonal()[place["items"]], n_answers])
    students = np.empty((2, 0))
    if part.n_students:
        students = np.array([bent.hessian.own, np.bincount(part.student, part.share)])
    return skills, items, students
