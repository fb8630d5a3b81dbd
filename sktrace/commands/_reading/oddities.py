"""What in a log makes scores hard to believe, with the rows in question."""

from collections import Counter

import numpy as np
import pandas as pd

from ..._interactions.practice import entries_by_skill
from ..._words import first_few, quote
from ...datasets._read_values import SKILL_SEPARATOR
from .items import ITEM
from .remarks import FEW_STUDENTS as TOO_FEW_STUDENTS
from .remarks import NEARLY, remark_on

__all__ = ["Remark", "find_oddities", "share_of"]

MOST_ROWS = 10  # that are shown with a remark
FEW_ANSWERS = 30  # on a skill: too few to estimate its parameters
JOINTS = (";", "|", ",", "+", "&")  # that may stand between skills of one cell
NO_SKILL = {  # names that may stand for no skill
    *("-1", "-1.0", "?", "-", "none", "no skill", "noskill", "no tag", "untagged"),
    *("unknown", "unbekannt", "ohne", "other", "sonstiges", "aucun", "ninguno", "无"),
}
FEW_STUDENTS = 100  # too few to train a network on


class Remark(str):
    """A whole sentence, or several, and the rows that it is about.

    Parameters
    ----------
    text : str
    rows : DataFrame, default=None
        Rows of the log, of which the first ten are kept; its index numbers them as
        `read_interactions` does, from 0.

    Attributes
    ----------
    rows : DataFrame or None
    """

    __slots__ = ("rows",)

    def __new__(cls, text, rows=None):
        self = super().__new__(cls, text)
        self.rows = None if rows is None else rows.head(MOST_ROWS)
        return self


def find_oddities(X, skills, ordered=True, notes=()):
    """Return remarks on a log.

    Parameters
    ----------
    X : DataFrame
        With the columns user_id, order_id, skill_name and correct; perhaps item_id.
    skills : DataFrame
        With n_answers and right, by skill, the most practised first.
    ordered : bool, default=True
        Whether a column told the order, or the rows of the file.
    notes : list of str
        What was done to the log when it was read.

    Returns
    -------
    list of Remark
    """
    found = [
        *map(Remark, notes),
        _missing_order(ordered),
        *_doubts(X, ordered),
        _ties(X),
        _duplicates(X),
        _no_skill(X),
        _stands_for_none(X),
        _joined_skills(X, skills),
        _rounded_students(X),
        _no_item(X),
        _few_answers(X, skills),
        _alike(X, skills),
        _unskilled(X, skills),
        _few_students(X),
        _written_twice(X),
    ]
    return [remark for remark in found if remark is not None]


def share_of(rows):
    """Write how many rows a mask marks, and which share of all."""
    share = "under 0.1%" if 0 < rows.mean() < 0.0005 else f"{rows.mean():.1%}"
    return f"{rows.sum():,} ({share})"


def _doubts(X, ordered):
    """Return what makes one doubt the columns; the order with a student's rows."""
    for text in remark_on(X, ordered):
        of_order = text.startswith("The order")
        yield Remark(
            text, X[X["user_id"] == X["user_id"].iloc[0]] if of_order else None
        )


def _missing_order(ordered):
    if ordered:
        return None
    return Remark(
        "No column tells the time, so rows are taken to stand in time order. If "
        "they do not, no tracer can be right: name the column with --order."
    )


def _ties(X):
    tied = X.duplicated(["user_id", "order_id"], keep=False)
    if X.groupby("user_id")["order_id"].nunique().max() == 1 and tied.any():
        return Remark(
            "All rows of each student have the same order, so no answer is earlier "
            "than another: every prediction is of a student without a past.",
            X[tied],
        )
    if tied.mean() > 0.01:
        what = "that name the same item" if ITEM in X else "whose answers agree"
        name = "" if ITEM in X else " A column of items, --item, tells them for sure."
        return Remark(
            f"{share_of(tied)} rows tie in order with another row of their student. "
            f"They are one moment: none sees another's answer. Those {what} are taken "
            "for the skills of one question: the AUC by question counts each once."
            f"{name}",
            _together(X[tied], ["user_id", "order_id"]),
        )
    return None


def _duplicates(X):
    columns = ["user_id", "order_id", "skill_name", "correct", *[ITEM] * (ITEM in X)]
    again = X.duplicated(columns)
    if not again.any():
        return None
    item = ", item" * (ITEM in X)
    return Remark(
        f"{share_of(again)} rows repeat another row in student, order, skill{item} "
        "and answer. They count as often as they stand there; was the log joined "
        "or exported twice?",
        _together(X[X.duplicated(columns, keep=False)], columns),
    )


def _no_skill(X):
    missing = X["skill_name"].isna()
    if not missing.any():
        return None
    return Remark(
        f"{share_of(missing)} rows name no skill; they are read as the average skill.",
        X[missing],
    )


def _stands_for_none(X):
    names = X["skill_name"].astype(str).str.strip().str.casefold()
    found = names.isin(NO_SKILL)
    if not found.any() or found.all():
        return None
    return Remark(
        f"{share_of(found)} rows name the skill {quote(names[found].iloc[0])}, which "
        "may stand for none; it is read as one. If it is none, leave its cells empty.",
        X[found],
    )


def _joined_skills(X, skills):
    names = [str(name) for name in skills.index]
    apart = {joint: [*filter(None, map(_take_apart(joint), names))] for joint in JOINTS}
    joint = max(apart, key=lambda each: len(apart[each]))
    if not _parts_recur(apart[joint], set(names)):
        return None
    n_joined, one = len(apart[joint]), next(name for name in names if joint in name)
    return Remark(
        f"{n_joined:,} of {len(names):,} skills may be several in a cell, such as "
        f"{quote(one)}; each is read as one. If they are several, say what stands "
        f"between them: --skill-sep {quote(joint)}.",
        _answers_on(X, skills.index[names.index(one)]),
    )


def _take_apart(joint):
    def take_apart(name):
        parts = name.strip("[](){} ").split(joint)
        return [part.strip(" '\"") for part in parts] if len(parts) > 1 else None

    return take_apart


def _parts_recur(joined, names):
    """Tell names that are put together of the same parts, or of other names."""
    counts = Counter(part for parts in joined for part in set(parts))
    again = [part for part, n in counts.items() if n > 1 or part in names]
    return len(joined) > 1 and 2 * len(again) >= len(counts)


def _rounded_students(X):
    names = pd.Series(X["user_id"].unique()).astype(str)
    rounded = names[names.str.fullmatch(r"\d(?:[.,]\d+)?[eE]\+\d+")]
    if rounded.empty:
        return None
    return Remark(
        f"Students such as {quote(rounded.iloc[0])} look like long numbers that a "
        "spreadsheet rounded: several may have become one. Export them as text.",
        X[X["user_id"].astype(str) == rounded.iloc[0]],
    )


def _no_item(X):
    if ITEM not in X or not X[ITEM].isna().any():
        return None
    missing = X[ITEM].isna()
    return Remark(
        f"{share_of(missing)} rows name no item; they are read as the average "
        "item of their skill.",
        X[missing],
    )


def _few_answers(X, skills):
    few = skills["n_answers"] < FEW_ANSWERS
    if not few.any():
        return None
    rarest = few[::-1].idxmax()
    return Remark(
        f"{_skills(few)} fewer than {FEW_ANSWERS} answers, such as "
        f"{first_few([str(rarest)])}: what is said of so few is hardly "
        "more than a guess.",
        _answers_on(X, rarest),
    )


def _alike(X, skills):
    alike = skills["right"].isin([0, 1])
    if not alike.any():
        return None
    return Remark(
        f"{_skills(alike)} answers that are all alike, such as "
        f"{first_few([str(alike.idxmax())])}: "
        "there is nothing to predict.",
        _answers_on(X, alike.idxmax()),
    )


def _skills(chosen):
    verb = "has" if chosen.sum() == 1 else "have"
    return f"{chosen.sum():,} of {len(chosen):,} skills {verb}"


def _unskilled(X, skills):
    # Of far too many, it has been said already.
    if len(skills) <= 10 or not 0.2 < len(skills) / len(X) < NEARLY:
        return None
    return Remark(
        f"There are {len(skills):,} skills in {len(X):,} rows, so hardly any is "
        "practised twice. Is the column of skills one of problems? Name another "
        "with --skill.",
        X,
    )


def _written_twice(X):
    names = pd.Series(X["user_id"].unique())
    plain = names.map(lambda name: str(name).strip().casefold())
    number = pd.to_numeric(plain, errors="coerce").astype(object)
    plain = number.where(number.notna(), plain)  # 1 is 1.0
    again = plain.duplicated(keep=False)
    if not again.any():
        return None
    first = names[plain == plain[again].iloc[0]].tolist()
    return Remark(
        f"Some students may be written in several ways: {first_few(first)} count "
        "as different ones.",
        X[X["user_id"].isin(first)].drop_duplicates("user_id"),
    )


def _few_students(X):
    n_students = X["user_id"][X["correct"].notna()].nunique()
    if not TOO_FEW_STUDENTS <= n_students < FEW_STUDENTS:
        return None  # of still fewer, it has been said already
    return Remark(
        f"Students are few, {n_students:,}: expect scores to change from "
        "fold to fold, and networks to need more of them."
    )


def _together(X, columns):
    """Put rows next to each other that agree in some columns, the first ones first."""
    group = X.groupby(columns, dropna=False, sort=False, observed=True).ngroup()
    return X.iloc[np.argsort(group.to_numpy(), kind="stable")]


def _answers_on(X, skill):
    """Return the rows that have an answer on a skill."""
    answers = X[X["correct"].notna()]
    row, code, names = entries_by_skill(answers["skill_name"], SKILL_SEPARATOR)
    known = pd.Index(names.tolist(), tupleize_cols=False)
    return answers.iloc[row[code == known.get_loc(skill)]]
