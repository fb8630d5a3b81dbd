"""What a log holds, and what in it makes scores hard to believe."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ..._interactions.practice import entries_by_skill
from ...datasets._read_values import SKILL_SEPARATOR
from ...metrics import question_level
from .items import ITEM, count_items
from .oddities import find_oddities, share_of

__all__ = ["LogSummary", "summarise"]

MOSTLY = 0.95  # of the moments with several answers, in which these agree


class LogSummary(NamedTuple):
    """Counts of a log, and remarks in whole sentences."""

    counts: dict  # label to text
    warnings: list  # of Remark, which are texts
    skills: pd.DataFrame  # n_answers, n_students, right; by skill
    tied: float  # share of rows that tie with another of their student
    n_questions: int  # with an answer; fewer than answers where some have several rows
    by_question: bool  # whether the rows of a question are told for sure


def summarise(X, ordered=True, notes=()):
    """Count what a log holds and find what should be known before reading scores.

    Parameters
    ----------
    X : DataFrame
        With the columns user_id, order_id, skill_name and correct; perhaps item_id.
    ordered : bool, default=True
        Whether a column told the order, or the rows of the file.
    notes : list of str
        What was done to the log when it was read.
    """
    asked = X["correct"].notna()
    answers = X[asked]
    per_student = answers.groupby("user_id").size()
    skills = _count_skills(answers)
    tied = X.duplicated(["user_id", "order_id"], keep=False).to_numpy()
    n_questions = count_questions(answers)
    per_item = count_items(answers)
    counts = {
        "students": f"{X['user_id'].nunique():,}",
        "skills": f"{len(skills):,}",
        "items": f"{len(per_item):,}",
        "answers": f"{len(answers):,}",
        "questions answered": f"{n_questions:,}",
        "right": f"{answers['correct'].mean():.1%}",
        "answers per student": _spread(per_student),
        "answers per skill": _spread(skills["n_answers"]),
        "answers per item": _spread(per_item),
        "rows without an answer": f"{(~asked).sum():,}",
        "rows that tie in order": share_of(tied),
    }
    if per_item.empty:
        del counts["items"], counts["answers per item"]
    if n_questions == len(answers):
        del counts["questions answered"]
    warnings = find_oddities(X, skills, ordered, notes)
    sure = n_questions < len(answers) and _tell_questions(answers)
    return LogSummary(counts, warnings, skills, tied.mean(), n_questions, sure)


def count_questions(answers):
    """Count the answers, those on several skills once."""
    if len(answers) == 0:
        return 0
    y = answers["correct"].astype(int)
    item = ITEM if ITEM in answers else None
    return len(question_level(answers, y, np.zeros(len(answers)), item=item)[0])


def _tell_questions(answers):
    """Say whether rows that tie are told to be one question, or agree by far too often.

    Answers of different questions agree by chance, and are merged where no item is
    named; to rank tracers by what is left would be to choose rows by their answer.
    """
    if ITEM in answers:
        return True
    moments = answers.groupby(["user_id", "order_id"])["correct"]
    alike = moments.nunique()[moments.size() > 1] == 1
    return alike.mean() > MOSTLY


def _count_skills(answers):
    """Count the answers on each skill, over students: no matter which came before."""
    row, skill, skills = entries_by_skill(answers["skill_name"], SKILL_SEPARATOR)
    grouped = answers.iloc[row].groupby(skill)
    counts = pd.DataFrame(
        {
            "n_answers": grouped["correct"].size(),
            "n_students": grouped["user_id"].nunique(),
            "right": grouped["correct"].mean(),
        }
    )
    counts.index = pd.Index(skills.tolist(), name="skill_name", tupleize_cols=False)
    return counts.sort_values("n_answers", ascending=False, kind="stable")


def _spread(counts):
    low, middle, high = np.quantile(counts, [0, 0.5, 1]) if len(counts) else [0] * 3
    return f"{low:,.0f} to {high:,.0f}, half of them up to {middle:,.0f}"
