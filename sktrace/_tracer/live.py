"""Trace students one answer at a time, as a tutoring system meets them."""

import operator
from functools import partial

import numpy as np
import pandas as pd

from .._interactions.names import spell_name
from .._interactions.vocabulary import as_list
from .._plain import pack, unpack
from .answers import Moments
from .batch import leave_out_known, refuse_gap, write_answers
from .fingerprint import fingerprint
from .moments import MomentWriter, as_answers
from .store import Kept, MemoryStore, States, StateStore
from .student_keys import check_student

__all__ = ["LiveTracer"]

_AT_HAND = 1024  # students whose states need not be read from bytes again
_STUDENTS_AT_A_TIME = 4096  # of a log from which a tracer starts


class LiveTracer:
    """Knowledge of many students, updated answer by answer.

    Made by ``tracer()`` of any tracer. Per student it keeps one state (of the network,
    or P(known) of each skill, or counts and what is known of ability), how many answers
    were taken in, and nothing else, so an update and a prediction cost the same after
    ten answers as after ten thousand, and agree with ``predict_proba`` and
    ``predict_next`` on the whole log (to 1e-6). It is a copy: fitting the classifier
    again does not change it. Threads may share it.

    Parameters
    ----------
    classifier : fitted tracer
        Such as `DKTClassifier`, `BKTClassifier` or `PFAClassifier`.
    store : StateStore, optional
        Where states are kept; by default in the memory of the process. `SQLiteStore`
        keeps them in a file, answer by answer.

    Attributes
    ----------
    skills_ : ndarray
        The skills it knows.
    store : StateStore
        Where states are kept. ``states_`` is a view of them: a mapping from the name of
        each student who has answered.

    Raises
    ------
    TypeError
        If the store is none.
    ValueError
        If the store holds states of another model.

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

    def __init__(self, classifier, store=None):
        if store is not None and not isinstance(store, StateStore):
            raise TypeError(
                f"store={store!r}; expected a StateStore, such as "
                "SQLiteStore('class.db') of sktrace.live."
            )
        self.skills_ = classifier.skills_
        self._writer = MomentWriter(classifier)
        self._model = classifier._live_model()
        self.store = MemoryStore() if store is None else store
        self._recent = {}  # bytes and state of those who answered last
        if not self.store.keeps_objects:
            self.store.claim(self._fingerprint())

    @property
    def states_(self):
        """State of each student who has answered, by name."""
        return States(self.store, self._load)

    def update(self, student, skill, correct, *, number=None, **further):
        """Take in an answer. When it returns, the store has it.

        Parameters
        ----------
        student : hashable
            Whose answer; a new student is met as one who has not answered yet.
        skill : hashable, or list or array of hashables
            The skill practised. A list, or a name that joins several, is one question
            on several skills: its answers are one moment, as rows that tie in
            ``order``, and one answer as `n_answers` counts them.
        correct : {0, 1}, or list of them
            The answer given; for a list of skills, one for all or one for each.
        number : int, optional
            Which answer of the student this is, from 1. With it, an answer that was
            taken in before is not taken in twice, so that who does not know whether a
            call came through may call again.
        **further : value, or list of values
            Values of the further columns that the classifier reads, by the name of its
            parameter; for a list of skills, one for all or one for each. What is not
            given is missing.

        Raises
        ------
        ValueError
            If something is not what it should be, or answers before `number` are
            missing. Nothing has changed then.
        OSError
            If the store could not write. Nothing has changed then, either.
        """
        moment = None if further else self._writer.answered(skill, correct)
        if moment is None:
            moment = self._judge(student, skill, correct, further)
        student = check_student(student)
        if number is not None:
            number = _check_number(number)

        def step(before):
            kept, state = before[0], None
            n_answers = 0 if kept is None else kept.n_answers
            if number is not None and number != n_answers + 1:
                if number <= n_answers:
                    return [None]
                refuse_gap(student, number, n_answers, n_answers + 1)
            state = self._model.read(self._state(student, kept), moment)
            data = self._dump(state)
            self._remember(student, data, state)
            return [Kept(n_answers + 1, data)]

        self.store.change([student], step)

    def update_many(self, students, skills, correct, *, numbers=None, **further):
        """Take in answers of many students at once: all of them, or none.

        The states are those of updating one by one (to 1e-6), in a fraction of the
        time, and in one transaction.

        Parameters
        ----------
        students : list or array of length n_answers
            Whose answer each is.
        skills : list or array of length n_answers
            The skill practised, or a name that joins several.
        correct : list or array of length n_answers
            0 or 1. Answers of a student stand in the order in which they were given.
        numbers : list or array of length n_answers, optional
            Which answer of its student each is, from 1: as in `update`, those that were
            taken in before are left out.
        **further : value, or list of values
            As in `update`, one for all answers or one for each.

        Raises
        ------
        TypeError, ValueError, OSError
            As `update`. None of the answers was taken in then.
        """
        names, moments = write_answers(self._writer, students, skills, correct, further)
        if numbers is not None:
            numbers = _check_numbers(numbers, len(moments.student))

        def step(before):
            known, left = [0 if k is None else k.n_answers for k in before], moments
            if numbers is not None:
                left = leave_out_known(left, numbers, np.array(known), names)
            return self._read_many(names, before, left)

        if names:
            self.store.change(names, step)

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
        asked = None
        if not further:
            writer = self._writer
            asked = writer.every() if skills is None else writer.one(skills)
        if asked is None:
            items = further.pop("item", None)
            asked = self._writer.ask(skills, items, **further)
        moment, names = asked
        student = check_student(student)
        state = self._state(student, self.store.read(student))
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
        skills = self._writer.every()[1]
        student = check_student(student)
        state = self._state(student, self.store.read(student))
        return pd.Series(self._model.knowledge(state), skills)

    def n_answers(self, student):
        """Return how many answers of a student were taken in.

        Parameters
        ----------
        student : hashable

        Returns
        -------
        int
            The number of calls of `update`, and of rows of `update_many`; of a log from
            which the tracer started, of moments with answers. 0 of a stranger.
        """
        kept = self.store.read(check_student(student))
        return 0 if kept is None else kept.n_answers

    def forget(self, student):
        """Drop what is known of a student, in the store, too.

        Parameters
        ----------
        student : hashable
            One who has not answered yet is no error.
        """
        self.store.forget(check_student(student))

    def close(self):
        """Close the store. A tracer is a context manager, too, which closes it."""
        self.store.close()

    def __getstate__(self):
        return vars(self) | {"_recent": {}}

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.close()

    def _judge(self, student, skill, correct, further):
        """Return the `Moment` of an answer, or say what is wrong with it."""
        skills = as_list(skill)
        if not skills:
            raise ValueError(
                f"skill={skill!r} for student {student!r}; expected a skill, or a list "
                "of at least one."
            )
        answers = as_answers(correct)
        several = () if answers.ndim == 0 else (len(skills),)
        told = answers.shape == several and not pd.isna(answers).any()
        if not told or not ((answers == 0) | (answers == 1)).all():
            raise ValueError(
                f"correct={correct!r} for student {student!r}; expected 0 or 1, one "
                "for all skills or one for each. To ask without an answer, call "
                "predict_proba."
            )
        moment = self._writer.write(skills, self._writer.columns, further)
        answers = np.broadcast_to(answers.astype(np.int64), len(skills))
        return moment._replace(correct=answers.repeat(moment.sizes))

    def _replay(self, log, timeline):
        """Take in all answers of a coded log, moment by moment, or none of them."""
        moments, students = Moments.of_log(log, timeline)
        names = list(pd.Index(log.students[students], tupleize_cols=False))
        names = list(map(check_student, names))
        with self.store.whole():
            known = next(iter(self.store), None)
            if known is not None:
                raise ValueError(
                    f"the store holds {len(self.store)} student(s), such as {known!r}; "
                    "expected an empty one to start from a log, whose answers would "
                    "count twice. To go on from what it holds, call tracer(store=...) "
                    "without X; to start anew, name another file."
                )
            for first, part in moments.split(_STUDENTS_AT_A_TIME):
                own = names[first : first + part.n_students]
                self.store.change(own, partial(self._read_many, own, moments=part))

    def _read_many(self, names, before, moments):
        """Return what is kept of students after moments, None of those without any."""
        n_more = moments.n_of_each.tolist()
        states = [
            self._state(name, kept) for name, kept in zip(names, before, strict=True)
        ]
        states = self._model.read_many(states, moments)
        return [
            Kept((0 if kept is None else kept.n_answers) + more, self._dump(state))
            if more
            else None
            for kept, more, state in zip(before, n_more, states, strict=True)
        ]

    def _state(self, student, kept):
        """Return the state that is kept, or in which a student is met."""
        if kept is None:
            return self._model.start(student)
        return self._load(student, kept.state)

    def _load(self, student, state):
        """Return a state as it was before the store made bytes of it."""
        if self.store.keeps_objects:
            return state
        known = self._recent.get(student)
        if known is not None and known[0] == state:  # nobody has changed it since
            return known[1]
        try:
            return unpack(state)
        except ValueError as error:
            raise ValueError(
                f"the state of student {student!r} cannot be read: {error}. Start this "
                "student anew by forget(student), or all of them from the log."
            ) from error

    def _remember(self, student, data, state):
        """Keep a state at hand: who has answered is asked next."""
        if not self.store.keeps_objects:
            if len(self._recent) >= _AT_HAND:
                self._recent.clear()
            self._recent[student] = data, state

    def _dump(self, state):
        return state if self.store.keeps_objects else pack(state)

    def _fingerprint(self):
        """Return what tells this model from others whose states mean something else."""
        writer, model = self._writer, self._model
        names = {role: list(map(spell_name, of)) for role, of in writer.names.items()}
        skills = list(map(spell_name, writer.skills.tolist()))
        own = type(model).__name__, model.learnt()
        return fingerprint(skills, names, sorted(writer.columns), own)


def _check_number(number):
    """Return the number of an answer, which is whole and at least 1."""
    try:
        whole = operator.index(number)
    except TypeError:
        whole = 0
    if whole < 1:
        raise ValueError(
            f"number={number!r}; expected which answer of the student this is: 1, 2, "
            "and so on."
        )
    return whole


def _check_numbers(numbers, n_answers):
    """Return the numbers of answers, each whole and at least 1."""
    given = np.asarray(numbers)
    if given.dtype.kind == "O":  # as of columns of pandas that may miss some
        given = pd.Series(given.ravel()).infer_objects().to_numpy().reshape(given.shape)
    is_whole = given.dtype.kind in "iu" or not given.size
    if given.shape != (n_answers,) or not is_whole or (given < 1).any():
        raise ValueError(
            f"numbers={numbers!r}; expected a whole number from 1 for each of the "
            f"{n_answers} answers: which of its student it is."
        )
    # One that is too large for any student stays too large.
    return np.minimum(given.astype(np.uint64), np.uint64(2**63 - 1)).astype(np.int64)
