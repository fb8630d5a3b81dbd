"""Means of skills, items and students: the bar that every tracer has to clear."""

from numbers import Real
from types import MappingProxyType

import numpy as np
import pandas as pd

from ._arrays import CERTAIN, log_odds
from ._interactions.codes import check_categories
from ._interactions.practice import number_questions
from ._interactions.target import answer_means, sum_targets
from ._interactions.timeline import Timeline
from ._plain import stored
from ._sklearn import Interval, StrOptions, judged
from ._tracer.base import BaseTracer
from ._tracer.live_model import LiveModel
from ._tracer.moments import Moment

__all__ = ["MeanClassifier"]


@stored
class MeanClassifier(BaseTracer):
    """Predict an answer by a mean: of the skill, the item, or the student so far.

    ``by="skill"`` predicts every answer by the share of right answers that training
    students gave on the skill, so it knows nothing of the student::

        p = (successes_skill + strength * m) / (attempts_skill + strength)

    ``by="student"`` predicts by the student's own share of right answers in strictly
    earlier moments, so it knows nothing of the skill::

        p = (successes_before + strength * m) / (attempts_before + strength)

    Both shrink towards m, the mean of all training answers, as if it had been seen
    ``strength`` times: a Beta prior. ``by="item"`` predicts by the share of right
    answers on the item, shrunk in the same way towards the mean of its skill; an item
    that fit did not see has that mean. A model that does not beat these means has not
    found anything worth a model.

    Parameters
    ----------
    by : {"skill", "student", "item"}, default="skill"
        Whose mean predicts.
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    item : str or None, default=None
        Column of the problem, question or step that was answered, for ``by="item"``.
        Rows of one moment that name the same item are one answer.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several, whose means are averaged.
    strength : float, default=5.0
        Answers that the mean counts for towards which is shrunk.
    handle_unknown : {"prior", "error"}, default="prior"
        An unseen skill has the overall mean, or is refused.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Labels of y.
    skills_ : ndarray of shape (n_skills,)
        Skills seen in fit.
    mean_ : float
        Mean m of all targets.
    skill_means_ : ndarray of shape (n_skills,)
        Mean of each skill.
    items_ : DataFrame of shape (n_items, 4)
        ``difficulty`` of each item, in logits above the mean of its skill, its standard
        error ``se``, ``n_answers`` and the ``mean`` that predicts. Only with
        ``by="item"``.
    answer_means_ : ndarray of shape (2,)
        Mean target of rows answered wrong and right, by which earlier answers count
        in a student's mean: 0 and 1, unless y is something else than the answer.
    n_features_in_, feature_names_in_
        The columns read.

    Examples
    --------
    >>> from sktrace import MeanClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=20, random_state=0)
    >>> MeanClassifier(by="student").fit(X, y).predict_proba(X).shape == (len(X), 2)
    True
    """

    _known_before = MappingProxyType({"item": check_categories})
    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        "by": [StrOptions({"skill", "student", "item"})],
        "item": "no_validation",
        "strength": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        by="skill",
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        item=None,
        skill_separator="~~",
        strength=5.0,
        handle_unknown="prior",
    ):
        self.by = by
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct
        self.item = item
        self.skill_separator = skill_separator
        self.strength = strength
        self.handle_unknown = handle_unknown

    @judged
    def fit(self, X, y, sample_weight=None):
        """Count right answers.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
        y : array of shape (n_rows,)
            Two classes, usually ``X["correct"]``.
        sample_weight : array of shape (n_rows,), optional

        Returns
        -------
        MeanClassifier
            Itself, fitted.

        Raises
        ------
        ValueError
            If X or y is not what the data contract says, or ``by="item"`` lacks `item`.
        """
        if self.by == "item" and self.item is None:
            raise ValueError(
                'by="item" with item=None; expected the column that names the item '
                'answered, such as item="item_id".'
            )
        pieces = self._check_pieces(X, y, sample_weight)
        n_codes = len(self.skills_) + 1
        of_rows, successes, attempts = pieces.total(_count_targets, n_codes)
        self.mean_ = of_rows[0] / of_rows[1]
        self.skill_means_ = self._shrink(successes, attempts)[:-1]
        self.answer_means_ = answer_means(pieces.total(sum_targets))
        if self.by == "item":
            self._fit_items(pieces)
        return self

    def _fit_items(self, pieces):
        """Shrink the mean of each item to the mean of the skills it is answered with.

        Rows of one moment that name it are one answer: they share its weight.
        """
        names, means = self._names_["item"], np.append(self.skill_means_, self.mean_)
        n, successes, expected, n_answers = pieces.total(
            _count_items, len(names), means
        )
        # An item all of whose rows have no weight is as good as unseen: NaN.
        with np.errstate(invalid="ignore"):
            expected = expected / n
        mean = shrink(successes, n, expected, self.strength)
        sure = np.clip(mean, CERTAIN, 1 - CERTAIN)
        if_wrong, if_right = self.answer_means_  # right may be any of the classes
        easier = 1.0 if if_right >= if_wrong else -1.0
        self.items_ = pd.DataFrame(
            {
                "difficulty": easier * (log_odds(expected) - log_odds(mean)),
                "se": ((n + self.strength) * sure * (1 - sure)) ** -0.5,
                "n_answers": np.rint(n_answers).astype(int),
                "mean": mean,
            },
            index=self._item_index(),
        )

    def _item_means(self):
        """Return the mean of each item, and NaN for one that fit did not see."""
        return np.append(self.items_["mean"], np.nan)

    def _shrink(self, successes, attempts):
        return shrink(successes, attempts, self.mean_, self.strength)

    def _live_model(self):
        return LiveMeans(self)

    def _predict_log(self, log, timeline):
        if self.by == "skill":
            return np.append(self.skill_means_, self.mean_)[log.skill[timeline.rows]]
        if self.by == "item":
            item = log.first(log.known_before["item"])
            means = np.append(self.skill_means_, self.mean_)
            p = choose(self._item_means(), item, average_skills(log, means))
            return log.spread(p)[timeline.rows]
        wrong, right = (
            timeline.count_before(
                ((log.correct == answer) & log.opens_row)[timeline.rows]
            )
            for answer in (0, 1)
        )
        if_wrong, if_right = self.answer_means_
        return self._shrink(if_wrong * wrong + if_right * right, wrong + right)


class LiveMeans(LiveModel):
    """The means as a live tracer uses them: a state counts wrong and right rows."""

    def __init__(self, means):
        self.by, self.answer_means = means.by, means.answer_means_
        self.skill_means = np.append(means.skill_means_, means.mean_)
        self.mean, self.strength = means.mean_, means.strength
        if self.by == "item":
            self.item_means = means._item_means()

    def start(self, student):
        """Return the state of one without answers."""
        return np.zeros(2)

    def read(self, state, moment):
        """Count rows, however many skills they name."""
        return state + np.bincount(moment.correct[moment.starts], minlength=2)

    def read_rounds(self, states, rounds):
        """Count the answers of many."""
        counts = np.array(states)
        np.add.at(counts, (rounds.place, rounds.correct), 1)
        return [own.copy() for own in counts]

    def ask(self, state, moment):
        """Return the mean of the skills of each row, of the item, or of the student."""
        if self.by != "student":
            p = moment.average(self.skill_means[moment.skill])
            if self.by == "item" and "item" in moment.further:
                item = moment.further["item"][moment.starts]
                p = choose(self.item_means, item, p)
            return p
        p = shrink(self.answer_means @ state, state.sum(), self.mean, self.strength)
        return np.full(len(moment.sizes), p)

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, Moment.of_each_skill(len(self.skill_means) - 1))


def _count_targets(piece, n_codes):
    """Sum up targets and weights of rows, and by skill."""
    log, target, weight = piece.log, piece.target, piece.weight
    by_row = weight * log.opens_row
    of_rows = np.array([(target * by_row).sum(), by_row.sum()])
    return (
        of_rows,
        np.bincount(log.skill, weight * target, n_codes),
        np.bincount(log.skill, weight, n_codes),
    )


def _count_items(piece, n_items, means):
    """Sum up by item: weights, targets, means of its skills, and answers."""
    log, target, weight = piece.log, piece.target, piece.weight * piece.log.opens_row
    entries = np.flatnonzero((weight > 0) & (log.known_before["item"] >= 0))
    question = number_questions(log, Timeline.of(log))[entries]
    share = 1 / np.bincount(question)[question]
    by_skill = average_skills(log, means)[log.row[entries]]
    item = log.known_before["item"][entries]
    weight = share * weight[entries]
    summed = (weight, weight * target[entries], weight * by_skill, share)
    return tuple(np.bincount(item, values, n_items) for values in summed)


def average_skills(log, means):
    """Return the mean of the skills of each row, given that of each code."""
    return log.sum(means[log.skill]) / log.entries_per_row


def choose(item_means, item, by_skill):
    """Return the mean of each item, of an unseen one that of its skills."""
    means = item_means[np.where(item < 0, len(item_means) - 1, item)]
    return np.where(np.isnan(means), by_skill, means)


def shrink(successes, attempts, mean, strength):
    """Return a share of successes, shrunk towards a mean."""
    return (successes + strength * mean) / (attempts + strength)
