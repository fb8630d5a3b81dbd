"""Rows that are one question: counted apart, or written one after the other."""

import numpy as np
import pandas as pd

from .._scores.auc import auc_of_pairs
from .._scores.intervals import wilson
from .._scores.questions import label_questions, merge_questions
from .findings import FAULT, LOOK, NOTE, PASSED, Finding

__all__ = ["check_rows_and_questions", "check_unrolled_questions"]

UNROLLED = "unrolled questions"
FEWEST = 20  # repetitions that say whether answers repeat, too
FEWEST_WRONG = 10
TOO_GOOD = 0.97
FAR_MORE_ALIKE = 0.1
SURE = 0.9  # lower limit of the share of repetitions with the same answer
WORTH_TELLING = 0.01  # of all rows, or of the AUC


def check_rows_and_questions(subject):
    """Score by row and by question."""
    told = subject.told
    X, y, p = subject.X[told], subject.y[told], subject.p[told]
    student, moment = subject.place(X)
    item = subject.items_of(X)
    question = label_questions(student, moment, item, y)
    target, mean = merge_questions(question, y, p)
    by_row, by_question = auc_of_pairs(y, p), auc_of_pairs(target, mean)
    if by_row > TOO_GOOD:
        yield Finding(
            "AUC by row",
            LOOK,
            f"Of {len(y):,} rows: higher than what is known of a student allows, as a "
            "rule.",
            by_row,
            repair="Look for the leak before the discovery: what else was found here?",
        )
    else:
        yield Finding("AUC by row", NOTE, f"Of {len(y):,} rows.", by_row)
    how = "name the same item" if subject.columns.item is not None else "answer alike"
    said = (
        f"Of {len(target):,} questions: rows of one moment that {how}; right if all "
        "are, predicted by their mean."
    )
    apart = abs(by_question - by_row)
    if apart > WORTH_TELLING and apart > 3 * _error(student, question, y, p):
        yield Finding(
            "AUC by question",
            LOOK,
            f"{said} By row the AUC is {by_row:.3f}: questions of several rows count "
            "several times.",
            by_question,
            repair="Report the AUC by question: question_scorer of sktrace.metrics.",
        )
    else:
        yield Finding("AUC by question", NOTE, said, by_question)


def _error(student, question, y, p):
    """Return the jackknife error, over tenths of students, of how far both differ."""
    apart = []
    for tenth in range(10):
        own = student % 10 != tenth
        by_question = auc_of_pairs(*merge_questions(question[own], y[own], p[own]))
        apart.append(by_question - auc_of_pairs(y[own], p[own]))
    return np.sqrt(0.9 * np.square(apart - np.mean(apart)).sum())


def check_unrolled_questions(subject):
    """Look for rows that repeat the row before, its answer included.

    A question on several skills, written as a row for each, shows its answer to all
    rows but the first where they follow one another in time.
    """
    X, y = subject.everything
    student, moment = subject.place(X)
    rows = np.lexsort((np.arange(len(X)), moment, student))
    rows = rows[~np.isnan(y[rows])]
    before, after = rows[:-1], rows[1:]
    follows = (student[before] == student[after]) & (moment[before] < moment[after])
    before, after = before[follows], after[follows]
    if subject.columns.item is not None:
        code = subject.items_of(X)
        same = (code[before] == code[after]) & (code[before] >= 0)
        skill = subject.skills_of(X)
        # Of another skill it is the same question, of the same often a second attempt.
        pair = np.where(same, (skill[before] != skill[after]).astype(int), -1)
        kind = "name the item of the row before"
    else:
        code = subject.skills_of(X)
        pair = code[before] * (code.max() + 2) + code[after]
        pair = np.where(code[before] != code[after], pair, -1)
        kind = "are of a pair of skills of which the second repeats the first"
    repeats = _repeats(pair, y[before], y[after])
    found = _judge(subject, X, y, before, after, repeats, kind)
    if found.verdict != FAULT and subject.columns.item is None:
        found = _compare_neighbours(code, y, before, after, found)
    yield found


def _compare_neighbours(code, y, before, after, found):
    """Tell whether rows on other skills agree more than rows on the same skill."""
    alike, same = y[before] == y[after], code[before] == code[after]
    if min(same.sum(), (~same).sum()) < 10 * FEWEST:
        return found
    on_same, on_other = alike[same].mean(), alike[~same].mean()
    if on_other - on_same < FAR_MORE_ALIKE:
        return found
    said = (
        f"A row on another skill has the answer of the row before in {on_other:.0%} of "
        f"cases, one on the same skill in {on_same:.0%}: as if questions on several "
        "skills stood in several rows."
    )
    repair = "Name the item, item=..., or look at these rows."
    return Finding(UNROLLED, LOOK, said, on_other - on_same, repair=repair)


def _repeats(pair, first, second):
    """Mark the rows of pairs in which the second answer is that of the first.

    Where the first is right as well as where it is wrong: easy skills follow one
    another with right answers by themselves, and hard ones with wrong answers.
    """
    rows = pd.DataFrame({"pair": pair, "alike": first == second, "wrong": first == 0})
    rows = rows[rows["pair"] >= 0]
    wrong = rows[rows["wrong"]].groupby("pair")["alike"].agg(["mean", "size"])
    right = rows[~rows["wrong"]].groupby("pair")["alike"].agg(["mean"])
    both = rows.groupby("pair")["alike"].agg(["mean", "size"])
    table = both.join(wrong.add_suffix("_wrong")).join(right.add_suffix("_right"))
    table = table.fillna(0)
    if table.empty:
        return np.zeros(len(pair), dtype=bool)
    table = table[(table["size"] >= FEWEST) & (table["size_wrong"] >= FEWEST_WRONG)]
    sure = wilson(table["mean"].to_numpy(), table["size"].to_numpy())[0] > SURE
    for answer in ("wrong", "right"):
        sure &= table[f"mean_{answer}"].to_numpy() > SURE + 0.05
    return np.isin(pair, table.index[sure])


def _judge(subject, X, y, before, after, repeats, kind):
    n_repeats = int(repeats.sum())
    share = n_repeats / len(X)
    if n_repeats == 0:
        return Finding(UNROLLED, PASSED, "No rows repeat the answer before them.", 0)
    alike = (y[before] == y[after])[repeats].mean()
    said = f"{share:.1%} of the rows {kind}, with the same answer in {alike:.1%}."
    tested = subject.told & np.isin(
        np.arange(len(X))[-len(subject.X) :], after[repeats]
    )
    others = subject.told & ~tested
    if tested.any():
        aucs = [
            auc_of_pairs(subject.y[own], subject.p[own]) for own in (tested, others)
        ]
        said += f" On them the AUC is {aucs[0]:.3f}, on all others {aucs[1]:.3f}."
    return Finding(
        UNROLLED,
        FAULT if share > WORTH_TELLING else LOOK,
        said,
        share,
        subject.label(X, after[repeats]),
        _repair(subject.columns),
    )


def _repair(columns):
    if columns.item is None:
        return (
            "Take a version of the log that names the problem or the time of each row, "
            "and give the rows of one question the same order."
        )
    return (
        f"Give the rows of one question the same order, in a log sorted by time: "
        f"new = X[[{columns.student!r}, {columns.item!r}]].ne(X[[{columns.student!r}, "
        f"{columns.item!r}]].shift()).any(axis=1); X['order_id'] = new.cumsum()."
    )
