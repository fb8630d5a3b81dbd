"""Means of skills and of students: the bar that every tracer has to clear."""

from numbers import Real

import numpy as np

from ._interactions.target import answer_means
from ._sklearn import Interval, StrOptions, judged
from ._tracer.base import BaseTracer
from ._tracer.live import LiveModel
from ._tracer.moments import Moment

__all__ = ["MeanClassifier"]


class MeanClassifier(BaseTracer):
    """Predict an answer by a mean: of the skill, or of the student so far.

    ``by="skill"`` predicts every answer by the share of right answers that training
    students gave on the skill, so it knows nothing of the student::

        p = (successes_skill + strength * m) / (attempts_skill + strength)

    ``by="student"`` predicts by the student's own share of right answers in strictly
    earlier moments, so it knows nothing of the skill::

        p = (successes_before + strength * m) / (attempts_before + strength)

    Both shrink towards m, the mean of all training answers, as if it had been seen
    ``strength`` times: a Beta prior. A model that does not beat both means has not
    found anything worth a model.

    Parameters
    ----------
    by : {"skill", "student"}, default="skill"
        Whose mean predicts.
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several, whose means are averaged.
    strength : float, default=5.0
        Answers that the overall mean counts for.
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

    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        "by": [StrOptions({"skill", "student"})],
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
        skill_separator="~~",
        strength=5.0,
        handle_unknown="prior",
    ):
        self.by = by
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct
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
        """
        log, target, weight = self._check_fit(X, y, sample_weight)
        by_row = weight * log.opens_row
        self.mean_ = np.average(target, weights=by_row)
        successes = np.bincount(log.skill, weight * target, len(self.skills_) + 1)
        attempts = np.bincount(log.skill, weight, len(self.skills_) + 1)
        self.skill_means_ = self._shrink(successes, attempts)[:-1]
        self.answer_means_ = answer_means(log.correct, target, by_row)
        return self

    def _shrink(self, successes, attempts):
        return shrink(successes, attempts, self.mean_, self.strength)

    def _live_model(self):
        return LiveMeans(self)

    def _predict_log(self, log, timeline):
        if self.by == "skill":
            return np.append(self.skill_means_, self.mean_)[log.skill[timeline.rows]]
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

    def start(self, student):
        """Return the state of one without answers."""
        return np.zeros(2)

    def read(self, state, moment):
        """Count rows, however many skills they name."""
        return state + np.bincount(moment.correct[moment.starts], minlength=2)

    def ask(self, state, moment):
        """Return the mean of the skills of each row, or that of the student."""
        if self.by == "skill":
            return moment.average(self.skill_means[moment.skill])
        p = shrink(self.answer_means @ state, state.sum(), self.mean, self.strength)
        return np.full(len(moment.sizes), p)

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, Moment.of_each_skill(len(self.skill_means) - 1))


def shrink(successes, attempts, mean, strength):
    """Return a share of successes, shrunk towards a mean."""
    return (successes + strength * mean) / (attempts + strength)
