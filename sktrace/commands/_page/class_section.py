"""What the page says of the class: who needs help, and with what."""

import numpy as np
import pandas as pd

from ...display import ClassMasteryDisplay
from .class_lists import (
    cut_down,
    list_skills,
    list_students,
    make_parts,
    write_data,
)
from .pictures import draw_or_say
from .templates import show_name

__all__ = ["describe_class", "write_lead"]

MOST_STUDENTS = 20_000  # of those who need most help; a line each
MOST_SKILLS_DRAWN = 110
MANY = 60  # students, from whom on a picture in bands shows what a table does not
FEW = 6  # skills or students that are named at once; others unfold


def write_lead(findings):
    """Say in one sentence who needs help; without a class, which tracer leads."""
    try:
        return summarise_need(findings.class_table)
    except Exception:  # the section of the class says which
        return findings.comparison.headline()


def describe_class(findings):
    """Return what class.html shows, by the names that it calls it."""
    table = findings.class_table
    listed = table.take(slice(MOST_STUDENTS))
    percent = cut_down(listed.p.to_numpy())
    return {
        "table": table,
        "listed": listed,
        "threshold": per_cent(table.below),
        "sure": beats_means(findings.comparison.found, table.tracer),
        "students": list_students(listed, percent),
        "skills": list_skills(listed, percent),
        "parts": make_parts(listed, percent),
        "data": write_data(listed, percent, FEW),
        "rows": list_rows(listed),
        "head": head_height(listed.p.columns),
        "few": FEW,
        "most_drawn": MOST_SKILLS_DRAWN,
        "figure": draw_or_say(lambda: draw_overview(table))
        if len(table.p) > MANY
        else None,
    }


def beats_means(found, name):
    """Tell whether a tracer is surely better than each mean: else it knows nobody."""
    if not found.n_folds:
        return False
    verdicts = found.pairs.set_index(["tracer", "other"])["verdict"]
    return all(verdicts.get((name, bar)) == "better" for bar in found.baselines)


def list_rows(table):
    """Return what names and counts stand before the cells of a part's rows."""
    names, n_below = table.p.index.tolist(), table.needs_help.sum(axis=1).tolist()
    return lambda part: zip(names, n_below, part.rows, strict=True)


def head_height(skills):
    """Return how high the whole table's head is, whose names stand upright, in rem."""
    longest = max(len(show_name(skill)) for skill in skills)
    return min(12, max(7, 2 + longest / 2))


def summarise_need(table):
    """Say how many students need help, and on what most often."""
    below, practised = table.needs_help, table.practised
    n_students, n_needing = len(below), int(below.any(axis=1).sum())
    threshold = per_cent(table.below)
    if not practised.any():
        return "No answer names a skill, so with what students need help is unknown."
    if n_needing == 0:
        return (
            "Nobody needs help: on no skill that a student has practised is the chance "
            f"of a right answer below {threshold} now, as {table.tracer} predicts it."
        )
    most = below.sum(axis=0).argmax()
    skill = show_name(table.p.columns[most])
    n_below, n_practised = below[:, most].sum(), practised[:, most].sum()
    verb = "needs" if n_needing == 1 else "need"
    return (
        f"{n_needing:,} of {n_students:,} students {verb} help: on a skill that they "
        f"have practised, their chance of a right answer is below {threshold} now, as "
        f"{table.tracer} predicts it. Most often it is {skill}: {n_below:,} of the "
        f"{n_practised:,} who practised it."
    )


def per_cent(share):
    """Write a share as the page does: 0.6 is 60 %."""
    return f"{round(100 * share, 6):g} %"


def draw_overview(table):
    """Draw bands of students by the skills practised most; numbers have a table."""
    p = table.p.iloc[:, :MOST_SKILLS_DRAWN]
    practised = pd.DataFrame(table.practised[:, : p.shape[1]], p.index, p.columns)
    line = np.argsort(p.mean(axis=1).to_numpy(), kind="stable")
    column = np.argsort(p.mean(axis=0).to_numpy(), kind="stable")
    sort = (line, column)
    display = ClassMasteryDisplay(p.iloc[sort], practised.iloc[sort])
    return display.plot(max_lines=MANY, values=False)
