"""What factor models share: parameters, tables of effects, predictions."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.special import expit

from .._interactions.practice import SCALES, count_features
from .._interactions.target import answer_means
from .._interactions.timeline import Timeline
from .._sklearn import Interval, StrOptions, judged
from .._tracer.base import BaseTracer
from .ability import predict_from_ability, trace_ability
from .live import LiveFactors
from .regression import Regression

__all__ = ["FactorModel"]

_POSITIVE = Interval(Real, 0, None, closed="neither")


class FactorModel(BaseTracer):
    """A logistic model of counts of practice, with a student's ability or without.

    A subclass names the counts: `_counts`, the first of which is what `positive`
    keeps from having negative slopes.
    """

    _counts = ()

    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        "counts": [StrOptions(set(SCALES))],
        "slopes": [StrOptions({"per_skill", "shared"})],
        "positive": ["boolean"],
        "student_effect": [StrOptions({"online", "fixed"}), None],
        "persistence": [Interval(Real, 0, 1, closed="both")],
        "C_skill": [_POSITIVE],
        "C_slope": [_POSITIVE],
        "C_student": [_POSITIVE, None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [_POSITIVE],
    }

    def __init__(
        self,
        *,
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        skill_separator="~~",
        counts="log",
        slopes="per_skill",
        positive=False,
        student_effect="online",
        persistence=0.98,
        C_skill=1.0,
        C_slope=0.04,
        C_student=None,
        handle_unknown="prior",
        max_iter=100,
        tol=1e-6,
    ):
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct
        self.skill_separator = skill_separator
        self.counts = counts
        self.slopes = slopes
        self.positive = positive
        self.student_effect = student_effect
        self.persistence = persistence
        self.C_skill = C_skill
        self.C_slope = C_slope
        self.C_student = C_student
        self.handle_unknown = handle_unknown
        self.max_iter = max_iter
        self.tol = tol

    @judged
    def fit(self, X, y, sample_weight=None):
        """Fit the effects of skills, counts and students.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
        y : array of shape (n_rows,)
            Two classes, usually ``X["correct"]``.
        sample_weight : array of shape (n_rows,), optional

        Returns
        -------
        AFMClassifier or PFAClassifier
            Itself, fitted.

        Raises
        ------
        ValueError
            If X, y or a parameter is not what the data contract says, or if all rows
            with weight are of one class.
        """
        log, target, weight = self._check_fit(X, y, sample_weight)
        self.answer_means_ = answer_means(log.correct, target, weight * log.opens_row)
        n_seen = np.bincount(log.skill, weight, len(self.skills_) + 1)[:-1]
        timeline = Timeline.of(log)
        features = count_features(log, timeline, self._counts, self.counts)
        rows = _rows_in_time(log, timeline)
        weight = log.first(weight)[rows]
        rows, weight = rows[weight > 0], weight[weight > 0]
        target = log.first(target)[rows]
        if target.min() == target.max():
            only = self.classes_.tolist()[int(target[0])]
            raise ValueError(
                f"All rows with weight are of class {only!r}; {type(self).__name__} "
                "needs right and wrong answers. Fit on more students, or give weight "
                "to rows of the other class."
            )
        student = log.first(log.student)[rows]
        present, student = np.unique(student, return_inverse=True)
        regression = Regression(self, log, features, rows, student)
        self._keep(regression.fit(target, weight), n_seen, log.students[present])
        return self

    def _keep(self, regression, n_seen, students):
        """Store what was fitted, in the tables that predict."""
        self.intercept_ = regression.intercept
        self.n_iter_ = regression.n_iter
        effects = np.column_stack([regression.skill_effects, *regression.slopes])
        columns = ["intercept", *(f"slope_{name}" for name in self._counts)]
        self.skill_effects_ = pd.DataFrame(
            effects[:-1], index=self._skill_index(self.skills_), columns=columns
        )
        # That of the prior, where no row with weight names a skill.
        average = n_seen @ effects[:-1] / n_seen.sum() if n_seen.any() else effects[-1]
        self.average_skill_ = pd.Series(average, columns)
        if self.student_effect is None:
            return
        self.student_scale_ = regression.student_scale
        self.student_effects_ = pd.DataFrame(
            {
                "effect": regression.student_effects,
                "sd": regression.student_sds,
                "n_answers": regression.n_answers,
            },
            index=pd.Index(students, name=self.student, tupleize_cols=False),
        )

    def _predict_log(self, log, timeline):
        logit = self._skill_logit(log, timeline)
        if self.student_effect is None:
            p = expit(logit)
        elif self.student_effect == "fixed":
            effects = self.student_effects_["effect"].to_dict()
            students = pd.Index(log.students, tupleize_cols=False)  # not as integers
            known = np.array([effects.get(student, 0.0) for student in students])
            p = expit(logit + known[log.first(log.student)])
        else:
            p = self._trace(logit, log, timeline)
        return log.spread(p)[timeline.rows]

    def _skill_logit(self, log, timeline):
        """Return what skills and practice say of each row of X, for ability 0."""
        features = count_features(log, timeline, self._counts, self.counts)
        logit, *slopes = self._effects()[log.skill].T
        for slope, feature in zip(slopes, features, strict=True):
            logit = logit + slope * feature
        return self.intercept_ + log.sum(logit)

    def _effects(self):
        """Return intercept and slopes of each skill, the unknown skill's last."""
        return np.vstack([self.skill_effects_, self.average_skill_])

    def _live_model(self):
        return LiveFactors(self)

    def _trace(self, logit, log, timeline):
        """Predict each row of X from its student's earlier answers."""
        if log.row_starts is not None:  # a row is one answer, however many its skills
            log = log.take(log.row_starts)
            timeline = Timeline.of(log)
        answer = np.full(len(logit), np.nan)
        answered = ~np.isnan(log.correct)
        answer[answered] = self.answer_means_[log.correct[answered].astype(np.int64)]
        rows = timeline.rows
        ability = trace_ability(
            logit[rows], answer[rows], timeline, self.student_scale_, self.persistence
        )
        return timeline.restore(predict_from_ability(logit[rows], *ability))


def _rows_in_time(log, timeline):
    """Sort rows by time: a fit shall not depend on how the rows of X stand."""
    position = timeline.restore(np.arange(len(timeline.rows)))
    return np.argsort(log.first(position), kind="stable")
