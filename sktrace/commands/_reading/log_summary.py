"""What a log holds, and what in it makes scores hard to believe."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.practice import entries_by_skill
from .._words import first_few
from ..datasets._read_values import SKILL_SEPARATOR
from ..metrics import question_level
from ._items import ITEM, count_items

__all__ = ["LogSummary", "summarise"]

FEW_ANSWERS = 30  # on a skill: too few to estimate its parameters
FEW_STUDENTS = 100  # too few to train a network on
MOSTLY = 0.95  # of the moments with several answers, in which these agree


class LogSummary(NamedTuple):
    """Counts of a log, and warnings in whole sentences."""

    counts: dict  # label to text
    warnings: list
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
        "rows that tie in order": _share(tied),
    }
    if per_item.empty:
        del counts["items"], counts["answers per item"]
    if n_questions == len(answers):
        del counts["questions answered"]
    found = [
        *notes,
        _missing_order(ordered),
        _ties(X, tied),
        _duplicates(X),
        _no_skill(X),
        _no_item(X),
        _few_answers(skills),
        _alike(skills),
        _unskilled(X, skills),
        _few_students(per_student),
        _written_twice(X),
    ]
    warnings = list(filter(None, found))
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


def _share(rows):
    share = "under 0.1%" if 0 < rows.mean() < 0.0005 else f"{rows.mean():.1%}"
    return f"{rows.sum():,} ({share})"


def _missing_order(ordered):
    if not ordered:
        return (
            "No column tells the time, so rows are taken to stand in time order. If "
            "they do not, no tracer can be right: name the column with --order."
        )
    return None


def _ties(X, tied):
    if X.groupby("user_id")["order_id"].nunique().max() == 1 and tied.any():
        return (
            "All rows of each student have the same order, so no answer is earlier "
            "than another: every prediction is of a student without a past."
        )
    if tied.mean() > 0.01:
        what = "that name the same item" if ITEM in X else "whose answers agree"
        name = "" if ITEM in X else " A column of items, --item, tells them for sure."
        return (
            f"{_share(tied)} rows tie in order with another row of their student. They "
            f"are one moment: none sees another's answer. Those {what} are taken for "
            f"the skills of one question: the AUC by question counts each once.{name}"
        )
    return None


def _duplicates(X):
    columns = ["user_id", "order_id", "skill_name", "correct", *[ITEM] * (ITEM in X)]
    again = X.duplicated(columns)
    if again.any():
        item = ", item" * (ITEM in X)
        return (
            f"{_share(again)} rows repeat another row in student, order, skill{item} "
            "and answer. They count as often as they stand there; was the log joined "
            "or exported twice?"
        )
    return None


def _no_skill(X):
    missing = X["skill_name"].isna()
    if missing.any():
        return (
            f"{_share(missing)} rows name no skill; they are read as the average skill."
        )
    return None


def _no_item(X):
    if ITEM in X and X[ITEM].isna().any():
        return (
            f"{_share(X[ITEM].isna())} rows name no item; they are read as the average "
            "item of their skill."
        )
    return None


def _few_answers(skills):
    few = skills["n_answers"] < FEW_ANSWERS
    if few.any():
        return (
            f"{_skills(few)} fewer than {FEW_ANSWERS} answers, such as "
            f"{first_few([str(few[::-1].idxmax())])}: what is said of so few is hardly "
            "more than a guess."
        )
    return None


def _alike(skills):
    alike = skills["right"].isin([0, 1])
    if alike.any():
        return (
            f"{_skills(alike)} answers that are all alike, such as "
            f"{first_few([str(alike.idxmax())])}: "
            "there is nothing to predict."
        )
    return None


def _skills(chosen):
    verb = "has" if chosen.sum() == 1 else "have"
    return f"{chosen.sum():,} of {len(chosen):,} skills {verb}"


def _unskilled(X, skills):
    if len(skills) > 0.2 * len(X) and len(skills) > 10:
        return (
            f"There are {len(skills):,} skills in {len(X):,} rows, so hardly any is "
            "practised twice. Is the column of skills one of problems? Name another "
            "with --skill."
        )
    return None


def _written_twice(X):
    names = pd.Series(X["user_id"].unique())
    plain = names.map(lambda name: str(name).strip().casefold())
    number = pd.to_numeric(plain, errors="coerce").astype(object)
    plain = number.where(number.notna(), plain)  # 1 is 1.0
    again = plain.duplicated(keep=False)
    if again.any():
        first = names[plain == plain[again].iloc[0]].tolist()
        return (
            f"Some students may be written in several ways: {first_few(first)} count "
            "as different ones."
        )
    return None


def _few_students(per_student):
    if len(per_student) < FEW_STUDENTS:
        return (
            f"Students are few, {len(per_student):,}: expect scores to change from "
            "fold to fold, and networks to need more of them."
        )
    return None
