"""What all tracers share: roles of columns, checks, the shape of predictions."""

from abc import ABCMeta, abstractmethod
from types import MappingProxyType

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._interactions.codes import factorize
from .._interactions.columns import check_interactions, names_of
from .._interactions.numbers import refuse_answers
from .._interactions.target import (
    check_classes,
    check_sample_weight,
    check_target,
    encode_target,
)
from .._interactions.timeline import Timeline, sort_rows
from .._interactions.vocabulary import Vocabulary
from .._sklearn import StrOptions, forget
from .items import ItemSkills
from .learnt import Learnt, warn_of_split
from .live import LiveTracer
from .moments import MomentWriter
from .questions import roles_of
from .row_hashes import read_times

__all__ = ["BaseTracer", "InteractionReader", "traces"]


def traces(estimator):
    """Tell scikit-learn whether an estimator predicts every step, as most do."""
    if getattr(estimator, "task", "many-to-many") == "many-to-many":
        return True
    raise AttributeError(
        f"task={estimator.task!r} predicts one outcome of a whole sequence, so there "
        'is no skill to trace; pass task="many-to-many" and fit on a long frame.'
    )


def serves_tutors(estimator):
    """Tell scikit-learn whether an estimator has a `LiveModel`."""
    return traces(estimator) and hasattr(estimator, "_live_model")


class InteractionReader(BaseEstimator):
    """An estimator whose X is a long frame, with a column for each role.

    A subclass stores the roles (``student``, ``order``, ``skill``, ``correct``),
    ``skill_separator`` and ``handle_unknown`` in its constructor. Parameters that name
    further columns stand in `_known_before`, if what they hold is known before the
    answer, or in `_known_after`, each with the function that judges the column.
    """

    _known_before = MappingProxyType({})
    _known_after = MappingProxyType({})

    _parameter_constraints = {
        # Columns may have any hashable name; whether X has them is judged with X.
        **dict.fromkeys(["student", "order", "skill", "correct"], "no_validation"),
        "skill_separator": [str, None],
        "handle_unknown": [StrOptions({"prior", "error"})],
    }

    @property
    def _roles(self):
        return roles_of(self)

    def _vocabulary(self, skills=None):
        skills = self.skills_ if skills is None else skills
        return Vocabulary(skills.tolist(), self.handle_unknown, self.skill_separator)

    def _learn_skills(self, log):
        """Set what every fitted reader has; return the log coded by its skills."""
        skills = Vocabulary.names_in(log.skills, self.skill_separator)
        log = self._vocabulary(skills).encode_log(log)
        self.skills_ = skills
        self._names_ = dict(log.names)  # of items, and what else has names
        self._further_ = set(self._roles.further)
        self.feature_names_in_ = names_of(self._roles.columns)
        self.n_features_in_ = len(self.feature_names_in_)
        return log

    def _read(self, X):
        """Judge a frame and code it by the skills of fit; return log and timeline."""
        check_is_fitted(self)
        roles = self._roles
        if set(roles.further) != self._further_:
            raise ValueError(
                f"Further columns are {sorted(roles.further) or 'none'}, but fit read "
                f"{sorted(self._further_) or 'none'}; expected the same. Fit again, or "
                "set them back by set_params."
            )
        log = self._encode(check_interactions(X, roles))
        return log, Timeline.of(log)

    def _encode(self, log):
        """Code a judged log by the names that fit saw."""
        return self._vocabulary().encode_log(log.with_known_names(self._names_))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False  # a frame with roles, not any 2-D array
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags


class BaseTracer(ClassifierMixin, InteractionReader, metaclass=ABCMeta):
    """A classifier whose sample is one interaction of a long frame.

    A subclass learns in ``fit`` from what `_check_fit` returns, and implements
    `_predict_log`. A row that names several skills is several entries of its log; what
    is predicted of them is averaged. One that has `_live_model`, which returns a
    `LiveModel`, has a live `tracer`.
    """

    @abstractmethod
    def _predict_log(self, log, timeline):
        """Return P(classes_[1]) of each entry in time order, float64."""

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

        Warns
        -----
        SplitStudentWarning
            If fit learnt from other rows of a student, and these are not in X.
        """
        p = self._predict_rows(*self._read_asked(X))
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

    @available_if(traces)
    def predict_next(self, X, skills=None, items=None):
        """Predict what each student would get right now, after all rows of X.

        Further columns, such as the time of a question, are missing in what is asked.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
        skills : skill or list of skills, optional
            Skills to predict; all of ``skills_`` by default. One that fit did not see
            is read as the average skill, unless ``handle_unknown="error"``. A name
            may join several by ``skill_separator``: a question that needs them all.
            Without `items`, the average item of each skill is asked.
        items : item or list of items, optional
            Items to predict, by a tracer that reads them. `skills` has one cell for
            each then; without it, an item asks for the skills with which it was
            practised in fit.

        Returns
        -------
        DataFrame of shape (n_students, n_skills) or (n_students, n_items)
            P(``classes_[1]``), one row per student, one column per skill or item.

        Raises
        ------
        ValueError
            As `predict_proba`; if an item is unknown and `skills` does not say what it
            needs, or if the tracer reads no items.
        """
        log, timeline = self._read_asked(X)
        asked, columns = MomentWriter(self).ask(skills, items)
        return pd.DataFrame(
            self._predict_next(log, timeline, asked),
            index=pd.Index(log.students, name=self.student),
            columns=columns,
        )

    @available_if(serves_tutors)
    def tracer(self, X=None):
        """Return a live tracer, for a tutoring system that asks after every answer.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), optional
            A log to start from: its answers are taken in, moment by moment. Without
            it, the tracer starts without students.

        Returns
        -------
        LiveTracer
            See `sktrace.live.LiveTracer`.
        """
        check_is_fitted(self)
        tracer = LiveTracer(self)
        if X is not None:
            tracer._replay(*self._read(X))
        return tracer

    def _read_asked(self, X):
        """Read a frame that somebody asks about; warn if it lacks what fit learnt."""
        log, timeline = self._read(X)
        warn_of_split(self, X, log)
        return log, timeline

    def _predict_rows(self, log, timeline):
        """Return P(classes_[1]) of each row of X."""
        p = timeline.restore(self._predict_log(log, timeline))
        return log.sum(p) / log.entries_per_row

    def _predict_next(self, log, timeline, asked):
        """Ask each student, after all answers, the rows of a `Moment`.

        They are appended to the log as rows without an answer, one moment later.
        """
        n_students, n_entries = len(log.students), len(asked.skill)
        now = log._replace(order=timeline.restore(timeline.moment))
        log = now.with_questions(
            student=np.repeat(np.arange(n_students), n_entries),
            order=np.full(n_students * n_entries, timeline.moment[-1] + 1),
            skill=np.tile(asked.skill, n_students),
            sizes=np.tile(asked.sizes, n_students),
            further={
                role: np.concatenate([values] * n_students)
                for role, values in asked.further.items()
            },
        )
        p = self._predict_rows(log, Timeline.of(log))
        n_rows = len(asked.sizes)
        return p[len(p) - n_students * n_rows :].reshape(n_students, n_rows)

    def _skill_index(self, skills):
        return pd.Index(skills, name=self.skill, tupleize_cols=False)

    def _item_index(self):
        """Return the items of fit, in order of code, to index a table."""
        return pd.Index(self._names_["item"], name=self.item, tupleize_cols=False)

    def _check_fit(self, X, y, sample_weight, classes=None):
        """Judge a training log, learn its vocabulary, return what fit needs.

        Returns
        -------
        log : Log
            With skills as codes of ``skills_``; students without weight left out.
        target : ndarray of shape (n_entries,)
            0 or 1, the index of each entry's class.
        weight : ndarray of shape (n_entries,)
            The weight of each entry's row; 0 where it has no target.
        """
        log, y, has_target, weight, times = self._check_log(X, y, sample_weight)
        classes = y[has_target] if classes is None else np.asarray(classes)
        classes = check_classes(classes, type(self).__name__)
        target = encode_target(y, has_target, classes)
        if len(log.skills) == 0:
            raise ValueError(
                f"Column {self.skill!r} (skill) names no skill in any row; expected "
                "the skill practised. If there is but one, pass skill=None."
            )
        # Only now: a log that was refused leaves an estimator as it was.
        forget(self)
        log = self._learn_skills(log)
        self._learnt_ = Learnt.of(log, times, self._roles.order)
        if "item" in log.names:
            self._item_skills_ = ItemSkills.of(log, len(self.skills_))
        self.classes_ = classes
        return log, log.spread(target), log.spread(weight)

    def _check_log(self, X, y, sample_weight):
        """Judge X, y and weights; leave out students whose rows have no weight.

        Rows are returned by student and time, in whatever order those of X stand.

        Returns
        -------
        log : Log
        y, has_target, weight : ndarray of shape (n_rows,)
        times : ndarray of shape (n_rows,)
            What names the time of each row in any frame.
        """
        # A fit that is not decorated would forget it, and scikit-learn's decorator
        # lets later calls of partial_fit pass.
        self._validate_params()
        log = check_interactions(X, self._roles)
        y, has_target = check_target(y, log)
        weight = check_sample_weight(sample_weight, len(y)) * has_target
        if not (weight > 0).any():
            raise ValueError(
                f"y holds no target at all; {type(self).__name__} needs right and "
                "wrong answers. Rows to forecast go to predict_proba; fit on rows with "
                "answers."
            )
        times = read_times(X, self._roles.order, log.student)
        kept = np.bincount(log.student, weight)[log.student] > 0
        # What is fitted does not depend on the order in which the rows of X stand.
        told = np.where(weight > 0, factorize(pd.Series(y))[0], -1)
        rows = sort_rows(log, weight, told)
        rows = rows[kept[rows]]
        y, has_target, weight, times = (
            values[rows] for values in (y, has_target, weight, times)
        )
        log = log.take(rows)
        if len(rows) < len(kept):
            log = log.with_present_names()
        self._refuse_answers(log)
        return log, y, has_target, weight, times

    def _refuse_answers(self, log):
        """Refuse a column, known before the answer, that is the answer."""
        if "features" in log.known_before:
            names = self._roles.columns_of("features")
            refuse_answers(log.known_before["features"], names, log.correct)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.target_tags.required = True
        return tags
