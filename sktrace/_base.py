"""What all tracers share: roles of columns, checks, the shape of predictions."""

from abc import ABCMeta, abstractmethod

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from ._target import (
    check_classes,
    check_sample_weight,
    check_target,
    encode_target,
)
from ._timeline import Timeline
from ._validation import Roles, check_interactions
from ._vocabulary import Vocabulary

__all__ = ["BaseTracer"]


class BaseTracer(ClassifierMixin, BaseEstimator, metaclass=ABCMeta):
    """A classifier whose sample is one interaction of a long frame.

    A subclass stores the roles of the columns (``student``, ``order``, ``skill``,
    ``correct``) and ``handle_unknown`` in its constructor, learns in ``fit`` from what
    `_check_fit` returns, and implements `_predict_log`.
    """

    _parameter_constraints = {  # noqa: RUF012
        # Columns may have any hashable name; whether X has them is judged with X.
        **dict.fromkeys(["student", "order", "skill", "correct"], "no_validation"),
        "handle_unknown": [StrOptions({"prior", "error"})],
    }

    @abstractmethod
    def _predict_log(self, log, timeline):
        """Return P(classes_[1]) of each row in time order, float64."""

    def predict_proba(self, X):
        """Predict each interaction from the student's strictly earlier answers.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
            Interactions, in any row order. Rows whose answer is missing are forecast
            and leave no trace on later rows.

        Returns
        -------
        ndarray of shape (n_rows, 2), float64
            Probability of ``classes_[0]`` and ``classes_[1]``, in X's row order.

        Raises
        ------
        TypeError
            If X is not a DataFrame.
        ValueError
            If a column is missing or holds what its role cannot have, or a skill is
            unknown under ``handle_unknown="error"``. The message says what to call.
        """
        log, timeline = self._check_predict(X)
        p = timeline.restore(self._predict_log(log, timeline))
        return np.column_stack([1 - p, p])

    def predict(self, X):
        """Predict the more probable class of each interaction.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)

        Returns
        -------
        ndarray of shape (n_rows,)
            Labels from ``classes_``, in X's row order.
        """
        p = self.predict_proba(X)
        return self.classes_[p.argmax(axis=1)]

    @property
    def _roles(self):
        return Roles(self.student, self.order, self.skill, self.correct)

    def _check_fit(self, X, y, sample_weight, classes=None):
        """Judge a training log, learn its vocabulary, return what fit needs.

        Returns
        -------
        log : Log
            With skills as codes of ``skills_``; students without weight left out.
        target : ndarray of shape (n_rows,)
            0 or 1, the index of each row's class.
        weight : ndarray of shape (n_rows,)
            0 where a row has no target.
        """
        self._validate_params()
        log, y, has_target, weight = self._check_log(X, y, sample_weight)
        classes = y[has_target] if classes is None else np.asarray(classes)
        classes = check_classes(classes, type(self).__name__)
        target = encode_target(y, has_target, classes)
        if len(log.skills) == 0:
            raise ValueError(
                f"Column {self.skill!r} (skill) names no skill in any row; expected "
                "the skill practised. If there is but one, pass skill=None."
            )
        log = Vocabulary(log.skills.tolist(), self.handle_unknown).encode_log(log)
        # Learnt only now: a log that was refused leaves an estimator as it was.
        self.classes_ = classes
        self.skills_ = log.skills
        self.feature_names_in_ = np.array(self._roles.columns, dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        return log, target, weight

    def _check_log(self, X, y, sample_weight):
        """Judge X, y and weights; leave out students whose rows have no weight."""
        log = check_interactions(X, self._roles)
        y, has_target = check_target(y, log)
        weight = check_sample_weight(sample_weight, len(y)) * has_target
        if not (weight > 0).any():
            raise ValueError(
                f"y holds no target at all; {type(self).__name__} needs right and "
                "wrong answers. Rows to forecast go to predict_proba; fit on rows with "
                "answers."
            )
        kept = np.bincount(log.student, weight)[log.student] > 0
        if not kept.all():
            y, has_target, weight = y[kept], has_target[kept], weight[kept]
            log = log.take(kept).with_present_skills()
        return log, y, has_target, weight

    def _check_predict(self, X):
        """Judge a log to be traced; return it with coded skills, and its timeline."""
        check_is_fitted(self)
        log = self._vocabulary().encode_log(check_interactions(X, self._roles))
        return log, Timeline.of(log)

    def _vocabulary(self):
        return Vocabulary(self.skills_.tolist(), self.handle_unknown)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.target_tags.required = True
        tags.input_tags.two_d_array = False  # a frame with roles, not any 2-D array
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags
