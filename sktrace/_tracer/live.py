"""Trace students one answer at a time, as a tutoring system meets them."""

from abc import ABC, abstractmethod

import numpy as np
import pandas as pd

from .._interactions.names import plain_name
from .._interactions.vocabulary import as_list
from .moments import Moment, MomentWriter

__all__ = ["LiveModel", "LiveTracer"]


class LiveModel(ABC):
    """What a family of tracers says of one student: the protocol of `LiveTracer`.

    A state is what the family likes, as long as it pickles. It is never changed, only
    followed by another one.
    """

    @abstractmethod
    def start(self, student):
        """Return the state of a student who has not answered yet."""

    @abstractmethod
    def read(self, state, moment):
        """Return the state after the answers of a `Moment`."""

    @abstractmethod
    def ask(self, state, moment):
        """Return P(``classes_[1]``) of each row of a `Moment`, float64."""

    @abstractmethod
    def knowledge(self, state):
        """Return what is known of every skill of fit, float64."""


class LiveTracer:
    """Knowledge of many students, updated answer by answer.

    Made by ``tracer()`` of any tracer. Per student it keeps one state (of the network,
    or P(known) of each skill, or counts and what is known of ability) and nothing
    else, so an update and a prediction cost the same after ten answers as after ten
    thousand, and agree with ``predict_proba`` and ``predict_next`` on the whole log (to
    1e-6). It is a copy: fitting the classifier again does not change it. Pickle it to
    keep it over a restart.

    Parameters
    ----------
    classifier : fitted tracer
        Such as `DKTClassifier`, `BKTClassifier` or `PFAClassifier`.

    Attributes
    ----------
    skills_ : ndarray
        The skills it knows.
    states_ : dict
        State of each student who has answered, by the student's name.

    Examples
    --------
    >>> from sktrace import PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=20, n_skills=3, random_state=0)
    >>> tracer = PFAClassifier().fit(X, y).tracer()
    >>> tracer.update("ann", X["skill_name"].iloc[0], 1)
    >>> len(tracer.predict_proba("ann"))
    3
    """

    def __init__(self, classifier):
        self.skills_ = classifier.skills_
        self.states_ = {}
        self._writer = MomentWriter(classifier)
        self._model = classifier._live_model()

    def update(self, student, skill, correct, **further):
        """Take in an answer.

        Parameters
        ----------
        student : hashable
            Whose answer; a new student is met as one who has not answered yet.
        skill : hashable, or list or array of hashables
            The skill practised. A list, or a name that joins several, is one question
            on several skills: its answers are one moment, as rows that tie in
            ``order``.
        correct : {0, 1}, or list of them
            The answer given; for a list of skills, one for all or one for each.
        **further : value, or list of values
            Values of the further columns that the classifier reads, by the name of its
            parameter; for a list of skills, one for all or one for each. What is not
            given is missing.
        """
        skills = as_list(skill)
        if not skills:
            raise ValueError(
                f"skill={skill!r} for student {student!r}; expected a skill, or a list "
                "of at least one."
            )
        answers = np.asarray(correct)
        several = () if answers.ndim == 0 else (len(skills),)
        told = answers.shape == several and not pd.isna(answers).any()
        if not told or not np.isin(answers, (0, 1)).all():
            raise ValueError(
                f"correct={correct!r} for student {student!r}; expected 0 or 1, one "
                "for all skills or one for each. To ask without an answer, call "
                "predict_proba."
            )
        moment = self._writer.write(skills, self._writer.columns, further)
        answers = np.broadcast_to(answers.astype(np.int64), len(skills))
        answers = answers.repeat(moment.sizes)
        self._read(_name_student(student), moment._replace(correct=answers))

    def predict_proba(self, student, skills=None, **further):
        """Predict what a student would get right now.

        Parameters
        ----------
        student : hashable
            One who has not answered yet is predicted from the initial state.
        skills : skill or list of skills, optional
            Skills to predict; all by default, or those of each item that is named. One
            that fit did not see is read as the average skill, unless the classifier has
            ``handle_unknown="error"``.
        **further : value, or list of values
            Values of further columns that are known before an answer, as in `update`;
            among them ``item``, an item or a list of items, if the classifier reads it.

        Returns
        -------
        Series of shape (n_skills,) or (n_items,), float64
            Probability of the classifier's ``classes_[1]``, by item where some are
            named, else by skill: of a right answer, if it was fitted on answers 0
            and 1.
        """
        items = further.pop("item", None)
        moment, names = self._writer.ask(skills, items, **further)
        state = self._state(_name_student(student))
        return pd.Series(self._model.ask(state, moment), names)

    def knowledge_state(self, student):
        """Return what is known of every skill of a student right now.

        Parameters
        ----------
        student : hashable

        Returns
        -------
        Series of shape (n_skills,), float64
            P(known) of `BKTClassifier`; P(``classes_[1]``) if the skill were asked now
            of all others. The last row of the classifier's ``knowledge_state``, where
            it has one.
        """
        skills = self._writer.ask()[1]
        state = self._state(_name_student(student))
        return pd.Series(self._model.knowledge(state), skills)

    def forget(self, student):
        """Drop what is known of a student.

        Parameters
        ----------
        student : hashable
            One who has not answered yet is no error.
        """
        self.states_.pop(_name_student(student), None)

    def _replay(self, log, timeline):
        """Take in all answers of a coded log, moment by moment."""
        entries, row = timeline.rows, log.row
        answered = ~np.isnan(log.correct[entries])
        entries, moment = entries[answered], timeline.moment[answered]
        entries = entries[np.lexsort((row[entries], moment))]
        names = list(pd.Index(log.students, tupleize_cols=False))
        starts = np.flatnonzero(np.diff(moment, prepend=-1))
        for own in np.split(entries, starts[1:]) if len(entries) else ():
            sizes = np.diff(np.flatnonzero(np.diff(row[own], prepend=-1, append=-1)))
            further = {role: values[own] for role, values in log.further.items()}
            answers = log.correct[own].astype(np.int64)
            moment = Moment(log.skill[own], sizes, answers, further)
            self._read(names[log.student[own[0]]], moment)

    def _read(self, student, moment):
        self.states_[student] = self._model.read(self._state(student), moment)

    def _state(self, student):
        state = self.states_.get(student)
        return self._model.start(student) if state is None else state


def _name_student(student):
    """Return the name of a student as a frame holds it."""
    student = plain_name(student)
    if student is None or not pd.api.types.is_hashable(student):
        raise ValueError(
            f"student={student!r} names nobody; expected one hashable name, such as "
            "a number or a text."
        )
    return student
