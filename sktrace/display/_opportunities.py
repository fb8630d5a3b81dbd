"""The numbers of a learning curve: who was right at which opportunity."""

from contextlib import suppress

import numpy as np
import pandas as pd
from sklearn.utils import check_consistent_length

from .._interactions.codes import factorize
from .._interactions.columns import check_frame, check_students
from .._interactions.log import Log
from .._interactions.practice import number_opportunities
from .._interactions.target import as_column, encode_target
from .._interactions.timeline import Timeline
from .._interactions.times import read_order
from .._interactions.vocabulary import Vocabulary
from .._scores.intervals import wilson
from ._fold_scores import check_names
from ._panels import check_drawn

__all__ = [
    "ALL",
    "NUMBERS",
    "check_predictions",
    "check_targets",
    "choose_skills",
    "count_opportunities",
    "curve_by_skill",
    "lay_out_answers",
    "read_targets",
]

ALL = "all skills"
NUMBERS = ("skill", "opportunity", "n_students", "n_answers", "observed", "low", "high")
WORKINGS = ("student", "n_voices", "square")


def lay_out_answers(X, y, roles, separator):
    """Make an entry for each answer on each skill, and put them in time order.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    y : ndarray of shape (n_rows,), float64
        0, 1 or NaN.
    roles : Roles
        Without a column of answers: y says which rows count.
    separator : str or None
        What joins the skills of a question on several, an opportunity of each.

    Returns
    -------
    log : Log
        In which what names no skill has a code that is none of `skills`.
    timeline : Timeline
    skills : ndarray of shape (n_skills,)
        Names of the skills in order of code.
    """
    check_frame(X, roles)
    student, students = check_students(X, roles.student)
    skill, skills = np.zeros(len(X), dtype=np.int64), np.array([ALL], dtype=object)
    if roles.skill is not None:
        skill, skills = factorize(X[roles.skill], roles.skill, "skill")
    order = read_order(X, roles.order)
    names = Vocabulary.names_in(skills, separator)
    log = Log(student, students, order, skill, skills, y)
    log = Vocabulary(names.tolist(), "prior", separator).encode_log(log)
    return log, Timeline.of(log), names


def count_opportunities(X, y, roles, separator):
    """Number the answers of each student on each skill, from 1.

    Answers that tie in order are one opportunity; rows without target are none.

    Parameters
    ----------
    X, y, roles, separator
        As of `lay_out_answers`.

    Returns
    -------
    entries : DataFrame of shape (n_entries, 4)
        ``row`` of X, code of ``student`` and of ``skill``, and ``opportunity`` of each
        answer on each skill.
    skills : ndarray of shape (n_skills,)
        Names of the skills in order of code.
    """
    log, timeline, names = lay_out_answers(X, y, roles, separator)
    if len(names) > 1 and ALL in names.tolist():
        raise ValueError(
            f"Column {roles.skill!r} (skill) names a skill {ALL!r}, as the mean of all "
            f"of them is called; expected another name. Rename it: "
            f"X.replace({{{roles.skill!r}: {{{ALL!r}: ...}}}})."
        )
    entries = pd.DataFrame(
        {
            "row": log.row,
            "student": log.student,
            "skill": log.skill,
            "opportunity": number_opportunities(log, timeline),
        }
    )
    used = ~np.isnan(log.correct) & (log.skill < len(names))
    # In time order, whose ties have an order of content, for the last bit of sums.
    entries = entries.iloc[timeline.rows[used[timeline.rows]]]
    return entries.reset_index(drop=True), names


def curve_by_skill(entries, skills, min_students):
    """Average answers and predictions by skill and opportunity, and over all skills.

    Parameters
    ----------
    entries : DataFrame of shape (n_entries, 4 + n_models)
        ``student``, ``skill`` and ``opportunity`` as `count_opportunities` returns
        them, ``observed`` and what models predicted.
    skills : ndarray of shape (n_skills,)
    min_students : int
        A curve ends where fewer are left.

    Returns
    -------
    DataFrame
        See `LearningCurveDisplay`.
    """
    keys = ["skill", "opportunity", "student"]
    # A student's answers that tie on a skill are one voice.
    voices = entries.groupby(keys).mean().assign(n_voices=1)
    voices["n_answers"] = entries.groupby(keys).size()
    voices = voices.reset_index()
    pooled = voices.groupby(keys[1:], as_index=False).sum().assign(skill=-1)
    one_skill = list(skills) == [ALL]
    voices = pooled if one_skill else pd.concat([pooled, voices], ignore_index=True)
    voices = voices.drop(columns="student").assign(n_students=1)
    voices["square"] = voices["n_voices"] ** 2
    sums = voices.groupby(keys[:2], as_index=False).sum()
    sums = sums[sums["n_students"] >= min_students].reset_index(drop=True)

    means = sums[entries.columns.drop(keys)].div(sums["n_voices"], axis=0)
    # At worst a student's voices on several skills all say the same; the share of all
    # skills then rests on Kish's number of equally loud students. That of one skill
    # rests on n_students.
    effective = sums["n_voices"] ** 2 / sums["square"]
    low, high = wilson(means["observed"], effective)
    names = np.append(np.asarray(skills, dtype=object), ALL)  # code -1 is the last
    curve = sums[["opportunity", "n_students", "n_answers"]]
    curve.insert(0, "skill", names[sums["skill"]])
    band = pd.DataFrame({"observed": means.pop("observed"), "low": low, "high": high})
    return pd.concat([curve, band, means], axis=1)


def read_targets(tracer, X, y=None):
    """Return which rows are of the class that a tracer traces, and what to call them.

    Rows are 1, 0 or, without target, NaN.
    """
    classes = tracer.classes_.tolist()
    if y is None and classes != [0, 1]:  # False and True are equal to these
        raise ValueError(
            f"{type(tracer).__name__} was fitted on the labels {classes}, and column "
            f"{tracer.correct!r} holds 0 and 1; expected to be told which label each "
            "row has. Pass y, labelled as in fit."
        )
    label = "share right" if classes[1] == 1 else f"share of {classes[1]!r}"
    if y is None:
        return check_targets(X[tracer.correct]), label
    y = as_column(y)
    check_consistent_length(X, y)
    told = ~pd.isna(y)
    target = np.full(len(y), np.nan)
    target[told] = encode_target(y, told, tracer.classes_)[told]
    return target, label


def check_targets(y):
    """Return y as 0, 1 and NaN."""
    y = as_column(y)
    told = ~pd.isna(y)
    target = np.full(len(y), np.nan)
    with suppress(TypeError, ValueError):  # of labels, which are refused below
        target[told] = y[told].astype(float)
    odd = told & (target != 0) & (target != 1)
    if odd.any():
        raise ValueError(
            f"y holds {y[odd].tolist()[0]!r}; expected targets 0 and 1, or NaN. Say "
            "which label is right: (y == label).astype(float)."
        )
    return target


def check_predictions(p):
    """Return predictions by name."""
    if p is None:
        return {}
    p = p if isinstance(p, dict) else {"predicted": p}
    check_names(p)
    checked = {}
    for name, given in p.items():
        values = np.asarray(given, dtype=float)
        if name in NUMBERS + WORKINGS:
            raise ValueError(
                f"p holds a model named {name!r}, which is a column of the curve; "
                f"expected another name than {', '.join(NUMBERS + WORKINGS)}."
            )
        if values.ndim != 1:
            raise ValueError(
                f"p has shape {values.shape}; expected (n_rows,), the probability of "
                "1: predict_proba(X)[:, 1]. Several models go in a dict by name."
            )
        odd = values[~((values >= 0) & (values <= 1))]
        if len(odd):
            raise ValueError(
                f"p holds {odd[0].item()!r}; expected probabilities of 1, from 0 to 1: "
                "predict_proba(X)[:, 1]."
            )
        checked[name] = values
    return checked


def choose_skills(curve, skills, room):
    """Return the skills to draw: all of them in the curve, and at most `room`."""
    present = curve["skill"].unique().tolist()
    if skills is None:
        by_practice = curve.groupby("skill", sort=False)["n_answers"].sum()
        most = by_practice.sort_values(ascending=False, kind="stable").index
        return [ALL, *[skill for skill in most if skill != ALL][:5]][:room]
    return check_drawn(
        skills,
        present,
        room,
        lacking="No curve of",
        otherwise="A skill with fewer students than min_students has none: lower it.",
        where_all_are="Pass fewer; the numbers of all are in display.curve.",
    )
