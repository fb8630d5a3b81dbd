"""How hard each item is, learnt before the network, so that rare items are shrunk."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.names import spell_name
from .._interactions.practice import number_questions
from .._interactions.timeline import Timeline
from .._plain import stored
from .._portions.pieces import InMemory
from .effects import N_FOLDS, Cells, fit_effects

__all__ = ["N_FOLDS", "ItemDifficulty", "fold_of"]


@stored
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
    def learn(cls, pieces, n_skills, n_items):
        """Learn difficulties of items from the answers of a coded log.

        Parameters
        ----------
        pieces : Pieces of FitLog
            With coded skills and items; entries without weight are not looked at.
        n_skills, n_items : int
        """
        cells = pieces.keep(_cells_of_items, n_items)
        return cls._learn(cells, [n_skills + 1, n_items])

    @classmethod
    def learn_skills(cls, pieces, n_skills):
        """Learn difficulties of skills in the same way, as if they were items."""
        return cls._learn(pieces.keep(_cells_of_skills, n_skills), [n_skills])

    @classmethod
    def fit(cls, log, timeline, weight, n_skills):
        """Learn difficulties of items from one log, given its timeline."""
        n_items = len(log.names["item"])
        cells = _add_up_items(log, timeline, weight, n_items)
        return cls._learn(InMemory([cells]), [n_skills + 1, n_items])

    @classmethod
    def fit_skills(cls, log, timeline, weight, n_skills):
        """Learn difficulties of skills from one log, given its timeline."""
        cells = _add_up_skills(log, timeline, weight, n_skills)
        return cls._learn(InMemory([cells]), [n_skills])

    @classmethod
    def _learn(cls, cells, sizes):
        effects, n_answers = fit_effects(cells, sizes)
        ease = effects.named[-1]
        n_answers = np.rint(n_answers).astype(np.int64)
        return cls(-ease[N_FOLDS], effects.sds[N_FOLDS], n_answers, -ease[:N_FOLDS])

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


def _cells_of_items(piece, n_items):
    log, _, weight, *_ = piece
    return _add_up_items(log, Timeline.of(log), weight, n_items)


def _cells_of_skills(piece, n_skills):
    log, _, weight, *_ = piece
    return _add_up_skills(log, Timeline.of(log), weight, n_skills)


def _add_up_items(log, timeline, weight, n_items):
    item = log.known_before["item"]
    return _add_up(log, timeline, weight, item, n_items, log.skill)


def _add_up_skills(log, timeline, weight, n_skills):
    skill = np.where(log.skill < n_skills, log.skill, -1)
    return _add_up(log, timeline, weight, skill, n_skills)


def _add_up(log, timeline, weight, item, n_items, *beside):
    """Add up the answers of a log by student, item, and what stands beside it."""
    rows = timeline.rows
    item, answer, weight = item[rows], log.correct[rows], weight[rows]
    used = (item >= 0) & ~np.isnan(answer) & (weight > 0)
    # Entries of one question are parts of one answer.
    question = number_questions(log, timeline)[rows][used]
    part = 1 / np.bincount(question)[question]
    # Folds are of those who answer: others shall have no influence.
    students, student = np.unique(log.student[rows[used]], return_inverse=True)
    codes = (student, *(code[rows[used]] for code in beside), item[used])
    weight = weight[used] * part
    folds = fold_of(log.students[students])
    return Cells.of(folds, codes, answer[used], weight, part, n_items)
