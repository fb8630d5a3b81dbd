"""What all tracers share: roles of columns, checks, the shape of predictions."""

from abc import ABCMeta, abstractmethod
from operator import attrgetter
from types import MappingProxyType

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._interactions.columns import check_interactions, names_of
from .._interactions.numbers import refuse_answers
from .._interactions.target import check_classes, encode_target
from .._interactions.timeline import Timeline
from .._interactions.vocabulary import Vocabulary
from .._plain.versions import VersionedPickle
from .._portions.log import as_portions
from .._sklearn import StrOptions, forget
from .fit_log import encode_piece, judge_pieces, name_pieces
from .items import ItemSkills
from .learnt import Learnt, find_split, warn_of_split
from .live import LiveTracer
from .moments import MomentWriter
from .portions import predict_portions, refuse_portions
from .questions import roles_of

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


class InteractionReader(VersionedPickle, BaseEstimator):
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

    def _reader_parameters(self):
        """Return the names of the parameters that say how a frame is read."""
        own = InteractionReader._parameter_constraints
        return {*own, *self._known_before, *self._known_after}

    def _vocabulary(self, skills=None):
        skills = self.skills_ if skills is None else skills
        return Vocabulary(skills.tolist(), self.handle_unknown, self.skill_separator)

    def _learn_skills(self, log):
        """Set what every fitted reader has; return the log coded by its skills."""
        skills = Vocabulary.names_in(log.skills, self.skill_separator)
        coded = self._vocabulary(skills).encode_log(log)
        self._learn_names(log.skills, log.names)
        return coded

    def _learn_names(self, cells, names):
        """Set what every fitted reader has: the names that a log holds."""
        self.skills_ = Vocabulary.names_in(cells, self.skill_separator)
        self._names_ = dict(names)  # of items, and what else has names
        self._further_ = set(self._roles.further)
        self.feature_names_in_ = names_of(self._roles.columns)
        self.n_features_in_ = len(self.feature_names_in_)

    def _read(self, X):
        """Judge a frame and code it by the skills of fit; return log and timeline."""
        check_is_fitted(self)
        refuse_portions(self, X)
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
        X : DataFrame of shape (n_rows, n_columns), or log in portions
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
        portions = as_portions(X)
        if portions is None:
            p = self._predict_rows(*self._read_asked(X))
        else:
            p = predict_portions(self, portions)
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
    def tracer(self, X=None, store=None):
        """Return a live tracer, for a tutoring system that asks after every answer.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), optional
            A log to start from: its answers are taken in, moment by moment. Without
            it, the tracer starts without students, or with those of the store.
        store : StateStore, optional
            Where states are kept, such as `sktrace.live.SQLiteStore`; by default in
            memory.

        Returns
        -------
        LiveTracer
            See `sktrace.live.LiveTracer`.

        Raises
        ------
        ValueError
            If X is not what `predict_proba` expects, if the store holds states of
            another model, or if it holds any and X is given.
        """
        check_is_fitted(self)
        log = None if X is None else self._read(X)
        tracer = LiveTracer(self, store)
        if log is not None:
            tracer._replay(*log)
        return tracer

    def _read_asked(self, X):
        """Read a frame that somebody asks about; warn if it lacks what fit learnt."""
        log, timeline = self._read(X)
        warn_of_split(self, find_split(self, X, log))
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

    def _trace_skills(self, X):
        """Return the `knowledge_state` of a tracer that has `_knowledge_after`.

        Of some entries of a log, it returns the state of every skill after their
        moments, each where `places` says.
        """
        log, timeline = self._read_asked(X)
        # All entries of a row would be told the same.
        entries = np.flatnonzero(log.opens_row[timeline.rows])
        rows = log.row[timeline.rows[entries]]
        state = self._knowledge_after(entries, rows, log, timeline)
        return pd.DataFrame(state, X.index, self._skill_index(self.skills_), copy=False)

    def _skill_index(self, skills):
        return pd.Index(skills, name=self.skill, tupleize_cols=False)

    def _item_index(self):
        """Return the items of fit, in order of code, to index a table."""
        return pd.Index(self._names_["item"], name=self.item, tupleize_cols=False)

    def _check_fit(self, X, y, sample_weight, classes=None):
        """Judge a frame to learn from, learn its vocabulary, return what fit needs.

        Returns
        -------
        log : Log
            With skills as codes of ``skills_``; students without weight left out.
        target : ndarray of shape (n_entries,)
            0 or 1, the index of each entry's class.
        weight : ndarray of shape (n_entries,)
            The weight of each entry's row; 0 where it has no target.
        """
        refuse_portions(self, X)
        (piece,) = self._check_pieces(X, y, sample_weight, classes)
        return piece.log, piece.target, piece.weight

    def _check_pieces(self, X, y, sample_weight, classes=None):
        """Judge a log to learn from, a frame or one in portions, and learn its names.

        Returns
        -------
        Pieces of FitLog
            One of a frame.
        """
        # A fit that is not decorated would forget it, and scikit-learn's decorator
        # lets later calls of partial_fit pass.
        self._validate_params()
        pieces = judge_pieces(self, X, y, sample_weight)
        named = name_pieces(pieces)
        classes = named.labels if classes is None else np.asarray(classes)
        classes = check_classes(classes, type(self).__name__)
        encode_target(named.labels, np.ones(len(named.labels), dtype=bool), classes)
        if len(named.skills) == 0:
            raise ValueError(
                f"Column {self.skill!r} (skill) names no skill in any row; expected "
                "the skill practised. If there is but one, pass skill=None."
            )
        # Only now: a log that was refused leaves an estimator as it was.
        forget(self)
        self._learn_names(named.skills, named.further)
        self.classes_ = classes
        pieces = pieces.keep(
            encode_piece, self._vocabulary(), self._names_, classes, self._roles.order
        )
        self._learnt_ = Learnt.join(pieces.map(attrgetter("learnt")))
        if "item" in self._names_:
            counts = pieces.map(attrgetter("item_skills"))
            self._item_skills_ = ItemSkills.of(self._names_["item"], counts)
        return pieces

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
