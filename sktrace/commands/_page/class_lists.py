"""The class as a page shows it: lists by need, the whole table, data for its script."""

import json
from typing import NamedTuple

import numpy as np

from .templates import show_name

__all__ = ["cut_down", "list_skills", "list_students", "make_parts", "write_data"]

MOST_CELLS = 150_000  # of the whole table: a browser opens them in a moment
MOST_PRINTED = 20_000  # cells of a table too wide for a sheet; more are many sheets
WIDEST_PRINTED = 24  # skills side by side on a sheet
# The cells of the whole table, by per cent: not practised, practised, below. The end
# of a cell may be left out; of very many, it is a megabyte.
CELLS = np.array(
    [f"<td>{p}?" for p in range(101)]
    + [f"<td class=k>{p}" for p in range(101)]
    + [f"<td class=b>{p}" for p in range(101)],
    dtype=object,
)


class Need(NamedTuple):
    """A student and the skills to help with, or a skill and the students to help."""

    name: object
    n: int  # answers of the student; students who practised the skill
    who: list  # name, per cent and answers of each one below, the weakest first


class Part(NamedTuple):
    """Some columns of the whole table."""

    first: int  # place of the first skill
    skills: list
    rows: list  # markup of the cells of each student
    use: str  # "screen", "print", or "" for both


def cut_down(p):
    """Return whole per cents, cut and not rounded: what is below 60 % is 59 at most."""
    return np.floor(100 * p + 1e-9).astype(int)


def list_students(table, percent):
    """Return the `Need` of each student who has one, in the order of the table."""
    return gather(table, percent, table.needs_help, table.answers, by=0)


def list_skills(table, percent):
    """Return the `Need` of each practised skill, that of most students first."""
    practised = table.practised.sum(axis=0)
    needs = gather(table, percent, table.needs_help, practised, by=1)
    return sorted(needs, key=lambda need: -len(need.who))


def gather(table, percent, marked, n, by):
    """Gather the marked cells of each line, the lowest probability first."""
    cells = np.nonzero(marked)
    line, other = cells[by], cells[1 - by]
    order = np.lexsort((percent[cells], line))
    names, others = table.p.axes[by], table.p.axes[1 - by]
    who = [
        (others[o], p, n_answers)
        for o, p, n_answers in zip(
            other[order].tolist(),
            percent[cells][order].tolist(),
            table.n[cells][order].tolist(),
            strict=True,
        )
    ]
    lines, starts = np.unique(line[order], return_index=True)
    ends = [*starts.tolist(), len(who)][1:]
    return [
        Need(names[k], int(n[k]), who[start:end])
        for k, start, end in zip(lines.tolist(), starts.tolist(), ends, strict=True)
    ]


def make_parts(table, percent):
    """Return the whole table, and, if it is wide, parts of it that fit on a sheet.

    Returns
    -------
    list of Part
        Of the skills practised most, if all would be too many cells for a browser.
    """
    from markupsafe import Markup

    code = percent + 101 * (table.practised + 1 * table.needs_help)
    names = table.p.columns.tolist()

    def cut(first, last, use=""):
        rows = [Markup("".join(cells)) for cells in CELLS[code[:, first:last]].tolist()]
        return Part(first, names[first:last], rows, use)

    n_students, n_skills = code.shape
    n_shown = min(n_skills, max(1, MOST_CELLS // n_students))
    if n_shown <= WIDEST_PRINTED:
        return [cut(0, n_shown)]
    parts = [cut(0, n_shown, "screen")]
    if n_students * n_shown <= MOST_PRINTED:
        for first in range(0, n_shown, WIDEST_PRINTED):
            parts.append(cut(first, min(first + WIDEST_PRINTED, n_shown), "print"))
    return parts


def write_data(table, percent, few):
    """Return what the page's script reads, in JSON that may stand in a page.

    Returns
    -------
    markupsafe.Markup
        The names of skills and of students; of each student the number of answers, and
        of each practised skill, the weakest first, four numbers in a row: its place,
        per cent, answers, right ones.
    """
    from markupsafe import Markup

    student, skill = np.nonzero(table.practised)
    order = np.lexsort((percent[student, skill], student))
    student, skill = student[order], skill[order]
    cell = student, skill
    fours = np.stack([skill, percent[cell], table.n[cell], table.right[cell]], axis=1)
    ends = np.searchsorted(student, np.arange(1, len(table.p)))
    data = {
        "few": few,
        "skills": list(map(show_name, table.p.columns)),
        "students": list(map(show_name, table.p.index)),
        "answers": table.answers.tolist(),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",\n", ":"))
    cells = [
        json.dumps(own.ravel().tolist(), separators=(",", ":"))
        for own in np.split(fours, ends)
    ]
    end = ",\n"
    text = f'{text[:-1]},\n"cells":[{end.join(cells)}]}}'
    return Markup(text.replace("<", r"\u003c"))
