"""How hard each item is, learnt before the network, so that rare items are shrunk."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from .._interactions.names import spell_name
from .._interactions.practice import number_questions

__all__ = ["ItemDifficulty", "fold_of"]

N_FOLDS = 5
EM_STEPS = 40
LARGEST_STEP = 1.0  # in logits; a first step of Newton's may be too long
LEAST_WEIGHT = 1e-12  # so that nothing divided by nothing is nothing


class ItemDifficulty(NamedTuple):
    """Difficulties of items, as learnt from all students and from those outside a fold.

    A regression on students, skills and items, each with a normal prior, whose
    variance v is learnt by EM from the answers::

        P(right) = sigmoid(m + ability_student + ease_skill - difficulty_item)

    So an item with three answers is nearly the average item of its skill, and one with
    three hundred speaks for itself. A network that saw, in training, a difficulty which
    a student's own answer had shaped would learn to read that answer out of it.
    Therefore students are dealt to folds, and a training row is told what students of
    other folds say; some items are unseen there, which is practice for unseen items.
    """

    difficulty: np.ndarray  # (n_items,) logits, higher is harder, 0 where unseen
    se: np.ndarray  # (n_items,)
    n_answers: np.ndarray  # (n_items,)
    by_fold: np.ndarray  # (n_folds, n_items) without the answers of a fold's students

    @classmethod
    def fit(cls, log, timeline, weight, n_skills):
        """Learn difficulties of items from the answers of a coded log.

        Parameters
        ----------
        log : Log
            With coded skills and items.
        timeline : Timeline
            That of the log.
        weight : ndarray of shape (n_entries,)
            Of each entry; what has none is not looked at.
        n_skills : int
        """
        item, n_items = log.known_before["item"], len(log.names["item"])
        return cls._fit(log, timeline, weight, item, n_items, (log.skill, n_skills + 1))

    @classmethod
    def fit_skills(cls, log, timeline, weight, n_skills):
        """Learn difficulties of skills in the same way, as if they were items."""
        skill = np.where(log.skill < n_skills, log.skill, -1)
        return cls._fit(log, timeline, weight, skill, n_skills)

    @classmethod
    def _fit(cls, log, timeline, weight, item, n_items, *beside):
        """Learn difficulties of items beside ability and other effects, if any."""
        rows = timeline.rows
        item, answer, weight = item[rows], log.correct[rows], weight[rows]
        used = (item >= 0) & ~np.isnan(answer) & (weight > 0)
        # Entries of one question are parts of one answer.
        question = number_questions(log, timeline)[rows][used]
        part = 1 / np.bincount(question)[question]
        weight = weight[used] * part
        rows, item, answer = rows[used], item[used], answer[used]
        # Folds are of those who answer: others shall have no influence.
        students, student = np.unique(log.student[rows], return_inverse=True)
        fold = fold_of(log.students)[students]
        regression = Regression(
            (student, *(code[rows] for code, _ in beside), item),
            (len(students), *(n for _, n in beside), n_items),
            answer,
            weight * (part.sum() / (weight.sum() or 1.0)),  # 1 in the mean
        )
        difficulty, se = regression.fit()
        by_fold = [regression.fit(fold[student] != f)[0] for f in range(N_FOLDS)]
        n_answers = np.rint(np.bincount(item, part, n_items)).astype(np.int64)
        return cls(difficulty, se, n_answers, np.array(by_fold))

    def read(self, item, students=None):
        """Return the difficulty of the item of each entry, 0 of unknown ones.

        Parameters
        ----------
        item : ndarray of shape (n_entries,)
            Codes, below 0 of items that are not known.
        students : (ndarray of shape (n_entries,), ndarray), optional
            The student of each entry, as code, and their names. With them, an entry is
            told what students outside the fold of its own student say.
        """
        item = np.maximum(item, -1)
        if students is None:
            return np.append(self.difficulty, 0.0)[item]
        student, names = students
        tables = np.pad(self.by_fold, [(0, 0), (0, 1)])
        return tables[fold_of(names)[student], item]

    def table(self, index):
        """Return what is known of each item, a row for each."""
        columns = ("difficulty", "se", "n_answers")
        return pd.DataFrame({name: getattr(self, name) for name in columns}, index)


def fold_of(names):
    """Return the fold of each student, which follows from the name alone.

    So a fitted network need not remember whom it has learnt from, to go on later.
    """
    names = np.array([spell_name(name) for name in names], dtype=object)
    return pd.util.hash_array(names, categorize=False) % N_FOLDS


class Regression:
    """Logistic regression on several kinds of effects, by turns of Newton's steps.

    Parameters
    ----------
    codes : tuple of ndarrays of shape (n_rows,)
        Such as student, skill and item of each row; the last are those looked for.
    sizes : tuple of int
        How many there are of each.
    answer, weight : ndarray of shape (n_rows,)
    """

    def __init__(self, codes, sizes, answer, weight):
        self.codes, self.sizes = codes, sizes
        self.answer, self.weight = answer, weight

    def fit(self, chosen=slice(None)):
        """Fit some rows; return the difficulty of each item, and its standard error.

        In each step, every kind of effects takes a step of Newton's, given the others,
        and the variance of its prior one of EM: the mean of effect² + sd².
        """
        codes = [code[chosen] for code in self.codes]
        answer, weight = self.answer[chosen], self.weight[chosen]
        effects = [np.zeros(n) for n in self.sizes]
        sds = [np.ones(n) for n in self.sizes]
        n_rows = [np.bincount(c, minlength=len(e)) for c, e in _pairs(codes, effects)]
        mean, variances = 0.0, np.ones(len(codes))
        for _ in range(EM_STEPS if len(answer) else 0):
            p = expit(mean + sum(e[c] for c, e in _pairs(codes, effects)))
            step = weight @ (answer - p) / (weight @ (p * (1 - p)) + LEAST_WEIGHT)
            mean += np.clip(step, -LARGEST_STEP, LARGEST_STEP)
            for kind, code in enumerate(codes):
                p = expit(mean + sum(e[c] for c, e in _pairs(codes, effects)))
                n, own = len(effects[kind]), effects[kind]
                pull = (
                    np.bincount(code, weight * (answer - p), n) - own / variances[kind]
                )
                precision = np.bincount(code, weight * p * (1 - p), n)
                precision += 1 / variances[kind]
                step = np.clip(pull / precision, -LARGEST_STEP, LARGEST_STEP)
                effects[kind], sds[kind] = own + step, precision**-0.5
                squares = effects[kind] ** 2 + sds[kind] ** 2
                variances[kind] = squares[n_rows[kind] > 0].mean()
        return -effects[-1], sds[-1]


def _pairs(codes, effects):
    return zip(codes, effects, strict=True)
