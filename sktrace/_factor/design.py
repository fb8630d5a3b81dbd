"""What a regression reads of a piece of a log: rows, columns, and what they tell."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import expit

from .._arrays import concatenate_ranges
from .._interactions.practice import skill_columns
from .._interactions.timeline import Timeline
from .effects import Known, add_columns
from .newton import logit_of
from .rows import Rows
from .scales import SkillInformation

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
    """The rows of a piece of a log that a regression is fitted to, in time order."""

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

    columns: sparse.csr_matrix  # of all effects but those of students
    widths: dict  # how many of them each block has, by name, in their order
    target: np.ndarray
    weight: np.ndarray
    student: np.ndarray  # (n_rows,) codes; of no meaning where there is no effect
    n_students: int
    offset: np.ndarray | float
    damping: np.ndarray | float
    item: np.ndarray | None
    share: np.ndarray | None
    told: SkillInformation | None


def choose_rows(piece, reading, with_students):
    """Choose the rows with weight, in time order.

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
    blocks = dict(_blocks(rows, traced, design))
    return Part(
        sparse.hstack(list(blocks.values()), format="csr"),
        {name: block.shape[1] for name, block in blocks.items()},
        rows.target,
        rows.weight,
        rows.student,
        len(rows.students) if design.has_students else 0,
        offset,
        damping,
        None if rows.known.item is None else rows.known.item[rows.rows],
        rows.share,
        _tell_of_skills(rows, design) if design.tells_skills else None,
    )


def _blocks(rows, traced, design):
    """Yield columns of skills and own slopes, shared slopes, items, and so on."""
    known, chosen, log = rows.known, rows.rows, rows.every.log
    counts = known.counts * design.active[:, log.skill]
    own = counts[: design.n_own]
    yield "skills", skill_columns(log, own, design.n_skills)[chosen]
    if len(counts):
        slopes = np.column_stack([known.sum(feature) for feature in counts])
        yield "slopes", sparse.csr_matrix(slopes[chosen])
    if known.item is not None:
        item = known.item[chosen]
        yield "items", _by_item(np.ones(len(item)), item, design.n_items)
        yield "item_counts", _dense(known.item_counts[:, chosen])
    if known.features is not None:
        yield "features", _dense(known.features[:, chosen])
    if traced is not None:
        yield "ability", _dense(traced.mean[None])
        yield "averages", _dense(traced.averages)
        if design.discriminates:
            by_item = _by_item(traced.mean, item, design.n_items)
            yield "discriminations", by_item


def _by_item(values, item, n_items):
    """Give each item a column; that of an unseen one is left out."""
    n_rows = len(item)
    matrix = sparse.csr_matrix(
        (values, item, np.arange(n_rows + 1)), shape=(n_rows, n_items + 1)
    )
    return matrix[:, :n_items]


def _dense(values):
    """Return a block whose columns are arrays."""
    return sparse.csr_matrix(values.T)


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


def _tell_of_skills(rows, design):
    """Return what tells how much answers hold on skills and their own slopes."""
    entries, row = _entries_of(rows, design.n_skills)
    skill = rows.every.log.skill[entries]
    counts = rows.known.counts[: design.n_own, entries]
    own = counts * design.active[: design.n_own, skill]
    columns = np.vstack([np.ones(len(row)), own])
    student = rows.student if design.has_students else None
    return SkillInformation(skill, columns, row, student, design.n_skills)


def tell(part, own, shared, intercept, student_scale, n_items):
    """Return what the answers of a piece hold on skills, items and students.

    Parameters
    ----------
    part : Part
    own, shared, intercept
        As in `newton.logit_of`.
    student_scale : float
    n_items : int

    Returns
    -------
    skills : tuple of ndarrays, or 0.0
        What `SkillInformation.of` returns.
    items : ndarray of shape (2, n_items)
        Information, and the number of answers.
    students : ndarray of shape (2, n_students)
    """
    p = expit(logit_of(part, own, shared, intercept))
    curvature = part.weight * p * (1 - p)
    skills = items = 0.0
    if part.told is not None:
        skills = part.told.of(curvature, student_scale)
    counted = (curvature, part.share)  # no share: each row is an answer
    if part.item is not None:
        by_item = [np.bincount(part.item, v, n_items + 1)[:-1] for v in counted]
        items = np.array(by_item)
    students = np.empty((2, 0))
    if part.n_students:
        students = np.array([np.bincount(part.student, v) for v in counted])
    return skills, items, students
