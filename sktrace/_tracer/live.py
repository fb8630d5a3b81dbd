"""Trace students one answer at a time, as a tutoring system meets them."""

import numpy as np
import pandas as pd

from .._interactions.vocabulary import as_list, average_cells

__all__ = ["LiveTracer"]


class LiveTracer:
    """Knowledge of many students, updated answer by answer.

    Made by ``tracer()`` of `DKTClassifier` and `BKTClassifier`. Per student it keeps
    one state (of the network, or P(known) of each skill) and nothing else, so an
    update and a prediction cost the same after ten answers as after ten thousand, and
    agree with ``predict_proba`` and ``predict_next`` on the whole log (to 1e-6). It is
    a copy: fitting the classifier again does not change it. Pickle it to keep it over
    a restart.

    Parameters
    ----------
    classifier : DKTClassifier or BKTClassifier
        Fitted.

    Attributes
    ----------
    skills_ : ndarray
        The skills it knows.
    states_ : dict
        State of each student who has answered, by the student's name.

    Examples
    --------
    >>> from sktrace import DKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=20, n_skills=3, random_state=0)
    >>> clf = DKTClassifier(hidden_size=8, max_epochs=1, random_state=0).fit(X, y)
    >>> tracer = clf.tracer()
    >>> tracer.update("ann", X["skill_name"].iloc[0], 1)
    >>> len(tracer.predict_proba("ann"))
    3
    """

    def __init__(self, classifier):
        self.skills_ = classifier.skills_
        self.states_ = {}
        self._skill_name = classifier.skill
        self._vocabulary = classifier._vocabulary()
        self._model = classifier._live_model()

    def update(self, student, skill, correct):
        """Take in an answer.

        Parameters
        ----------
        student : hashable
            Whose answer; a new student is met as one who has not answered yet.
        skill : hashable, or list of hashables
            The skill practised. A list, or a name that joins several, is one question
            on several skills: its answers are one moment, as rows that tie in
            ``order``.
        correct : {0, 1}, or list of them
            The answer given; for a list of skills, one for all or one for each.
        """
        skills = skill if isinstance(skill, list) else [skill]
        if not skills:
            raise ValueError(
                f"skill={skill!r} for student {student!r}; expected a skill, or a list "
                "of at least one."
            )
        codes, sizes = self._vocabulary.encode(skills)
        answers = np.asarray(correct)
        if answers.shape not in ((), sizes.shape) or not np.isin(answers, (0, 1)).all():
            raise ValueError(
                f"correct={correct!r} for student {student!r}; expected 0 or 1, one "
                "for all skills or one for each. To ask without an answer, call "
                "predict_proba."
            )
        answers = np.repeat(np.broadcast_to(answers, sizes.shape), sizes)
        state = self.states_.get(student, self._model.start)
        self.states_[student] = self._model.read(state, codes, answers)

    def predict_proba(self, student, skills=None):
        """Predict what a student would get right now.

        Parameters
        ----------
        student : hashable
            One who has not answered yet is predicted from the initial state.
        skills : skill or list of skills, optional
            Skills to predict; all by default. One that fit did not see is read as the
            average skill, unless the classifier has ``handle_unknown="error"``.

        Returns
        -------
        Series of shape (n_skills,), float64
            Probability of the classifier's ``classes_[1]``, by skill: of a right
            answer, if it was fitted on answers 0 and 1.
        """
        skills = self.skills_ if skills is None else as_list(skills)
        codes, sizes = self._vocabulary.encode(skills)
        state = self.states_.get(student, self._model.start)
        p = average_cells(self._model.ask(state, codes)[np.newaxis], sizes)[0]
        return self._by_skill(p, skills)

    def knowledge_state(self, student):
        """Return what is known of every skill of a student right now.

        Parameters
        ----------
        student : hashable

        Returns
        -------
        Series of shape (n_skills,), float64
            The last row of the classifier's ``knowledge_state``: P(``classes_[1]``) of
            `DKTClassifier`, P(known) of `BKTClassifier`.
        """
        state = self.states_.get(student, self._model.start)
        return self._by_skill(self._model.knowledge(state), self.skills_)

    def forget(self, student):
        """Drop what is known of a student.

        Parameters
        ----------
        student : hashable
            One who has not answered yet is no error.
        """
        self.states_.pop(student, None)

    def _by_skill(self, values, skills):
        index = pd.Index(skills, name=self._skill_name, tupleize_cols=False)
        return pd.Series(values, index)
