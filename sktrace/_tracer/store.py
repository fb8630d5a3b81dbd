"""Where the states of live students are kept, and what a place has to promise."""

import contextlib
import os
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Kept", "MemoryStore", "StateStore", "States"]

_N_LOCKS = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a student.

    Parameters
    ----------
    n_answers : int
        Answers taken in so far.
    state : bytes
        What they left, of the length and content that the tracer likes.
    """

    n_answers: int
    state: bytes


class StateStore(ABC):
    """Keeps a state of each student for a `LiveTracer`: the seam for a database.

    A store has five methods; `SQLiteStore` is one. What they promise together is that
    an answer for which `change` returned is there from then on, whatever happens to
    the process, and that no other answer comes between what `change` reads and what it
    writes.

    Students have names of any hashable type; `student_key` writes one as a text, equal
    names alike, and `student_name` reads it.

    Examples
    --------
    A store that keeps nothing over an end of the process, but shows what there is to
    write. In a database the lock is a transaction, ``BEGIN; SELECT ... FOR UPDATE``
    and ``COMMIT``, or, in Redis, ``WATCH``, ``MULTI`` and ``EXEC``, which call `step`
    once more if somebody else was faster.

    >>> import threading
    >>> from sktrace.live import Kept, StateStore, student_key, student_name
    >>> class DictStore(StateStore):
    ...     def __init__(self):
    ...         self.rows, self.model, self.lock = {}, None, threading.RLock()
    ...     def claim(self, model):
    ...         with self.lock:
    ...             self.model = self.model or model
    ...             if self.model != model:
    ...                 raise ValueError("these are states of another model")
    ...     def read(self, student):
    ...         return self.rows.get(student_key(student))
    ...     def change(self, students, step):
    ...         with self.lock:
    ...             after = step([self.read(student) for student in students])
    ...             for student, kept in zip(students, after, strict=True):
    ...                 if kept is not None:
    ...                     self.rows[student_key(student)] = kept
    ...     def forget(self, student):
    ...         with self.lock:
    ...             self.rows.pop(student_key(student), None)
    ...     def __iter__(self):
    ...         return map(student_name, list(self.rows))
    >>> from sktrace import MeanClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=20, n_skills=3, random_state=0)
    >>> tracer = MeanClassifier(by="student").fit(X, y).tracer(store=DictStore())
    >>> tracer.update("ann", "skill 1", 1)
    >>> tracer.n_answers("ann")
    1
    """

    # Whether states are kept as they are, and not as bytes: for a process' own memory.
    keeps_objects = False

    @abstractmethod
    def claim(self, model):
        """Belong to a model, or raise if the states are another's.

        Parameters
        ----------
        model : str
            A fingerprint of what it has learnt: keep the first one, and compare.

        Raises
        ------
        ValueError
            If another was claimed for.
        """

    @abstractmethod
    def read(self, student):
        """Return what is kept of a student.

        Parameters
        ----------
        student : hashable

        Returns
        -------
        Kept or None
            None of one of whom nothing is kept.
        """

    @abstractmethod
    def change(self, students, step):
        """Replace what is kept of some students, all of them or none.

        Parameters
        ----------
        students : list of hashables
            Different ones.
        step : callable
            Of a list of `Kept`, or None of one who is new, in order of the students;
            returns such a list, with None where nothing is to change. It may be called
            again, and may raise; then nothing changes.
        """

    @abstractmethod
    def forget(self, student):
        """Delete what is kept of a student, if there is anything.

        Parameters
        ----------
        student : hashable
        """

    @abstractmethod
    def __iter__(self):
        """Iterate over the students of whom something is kept, as of now."""

    def __len__(self):
        """Count the students of whom something is kept."""
        return sum(1 for _ in self)

    @contextlib.contextmanager
    def whole(self):
        """Make all that is changed in the block one transaction, where there are such.

        A log from which a tracer starts is taken in within one. By default, each
        change is one of its own.
        """
        yield

    def close(self):  # noqa: B027, there is nothing that every store has to close
        """Let go of files and connections; by default there are none."""


class MemoryStore(StateStore):
    """States in the memory of the process: quick, and gone with it unless pickled.

    Students share locks by their hash, so that two answers of one student wait for
    each other, and those of two students hardly ever do.
    """

    keeps_objects = True

    def __init__(self):
        self._kept = {}
        self._renew()

    def _renew(self):
        """Make locks, also in a forked child, where nobody else holds any."""
        self._locks = [threading.Lock() for _ in range(_N_LOCKS)]
        _of_process.add(self)

    def __getstate__(self):
        kept = self._hold(range(_N_LOCKS), self._kept.copy)
        return {"_kept": kept}

    def __setstate__(self, state):
        self.__init__()
        vars(self).update(state)

    def claim(self, model):
        """Nothing: it is made for one tracer."""

    def read(self, student):
        """Return what is kept of a student."""
        return self._kept.get(student)

    def change(self, students, step):
        """Replace what is kept of some students."""
        if len(students) == 1:
            (student,) = students
            with self._locks[hash(student) % _N_LOCKS]:
                (kept,) = step([self._kept.get(student)])
                if kept is not None:
                    self._kept[student] = kept
            return

        def change():
            after = step([self._kept.get(student) for student in students])
            changed = zip(students, after, strict=True)
            # At once: an interruption comes before it, or after it.
            self._kept.update({s: kept for s, kept in changed if kept is not None})

        self._hold(sorted({hash(student) % _N_LOCKS for student in students}), change)

    def forget(self, student):
        """Drop what is kept of a student."""
        with self._locks[hash(student) % _N_LOCKS]:
            self._kept.pop(student, None)

    def __iter__(self):
        return iter(list(self._kept))

    def __len__(self):
        return len(self._kept)

    def _hold(self, places, do):
        """Do something with some locks, in their order: nobody waits in a circle.

        Statements, one in another, let go of all, wherever an interruption comes.
        """
        if not places:
            return do()
        with self._locks[places[0]]:
            return self._hold(places[1:], do)


_of_process = weakref.WeakSet()


def _renew_all():
    for store in list(_of_process):
        store._renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)


class States(Mapping):
    """The states of a live tracer by student: a view, to be looked at only."""

    def __init__(self, store, load):
        self._store, self._load = store, load

    def __getitem__(self, student):
        kept = self._store.read(student)
        if kept is None:
            raise KeyError(student)
        return self._load(student, kept.state)

    def __iter__(self):
        return iter(self._store)

    def __len__(self):
        return len(self._store)

    def __repr__(self):
        return f"<states of {len(self)} students>"

    def __reduce__(self):
        return dict, (dict(self),)
