"""What a family of tracers says of one student, answer by answer."""

from abc import ABC, abstractmethod

import numpy as np

from .answers import Rounds

__all__ = ["LiveModel"]

_BYTES_AT_A_TIME = 2**20  # of states worked on side by side: what a cache holds


class LiveModel(ABC):
    """What a family of tracers says of one student: the protocol of `LiveTracer`.

    A state is what the family likes, as long as it pickles and, for stores other than
    memory, is plain data: numbers, arrays, and what holds them. It is never changed,
    only followed by another one.
    """

    # (states, rounds) to states after `Rounds`, in order of ``rounds.students``; None
    # where answers are read one by one.
    read_rounds = None

    def __init_subclass__(cls, **kwargs):
        """Let who reads answers otherwise read many otherwise, too."""
        super().__init_subclass__(**kwargs)
        own = vars(cls)
        if "read" in own and not {"read_rounds", "read_many"} & set(own):
            cls.read_rounds, cls.read_many = None, LiveModel.read_many

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

    def learnt(self):
        """Return what tells apart models whose states mean something else."""
        return vars(self)

    def read_many(self, states, moments):
        """Return the states of many students after `Moments`, in their order.

        Students all of whose moments are one answer on one skill, and nothing further,
        are read side by side by `read_rounds`, where there is such; others one by one.
        """
        after = list(states)
        one_by_one = np.ones(len(after), dtype=bool)
        if self.read_rounds is not None and not moments.further:
            one_by_one[:] = False
            one_by_one[moments.student[moments.sizes != 1]] = True
            self._read_side_by_side(after, moments, ~one_by_one)
        for number in np.flatnonzero(one_by_one[moments.student]).tolist():
            student = moments.student[number]
            after[student] = self.read(after[student], moments.moment(number))
        return after

    def _read_side_by_side(self, after, moments, chosen):
        """Read the single answers of some students, as many at a time as is quick."""
        if not chosen.any():
            return
        moments = moments.take(np.flatnonzero(chosen[moments.student]))
        at_once = max(1, _BYTES_AT_A_TIME // max(1, _size(after[int(chosen.argmax())])))
        for first, own in moments.split(at_once):
            rounds = Rounds(own)
            places = (first + rounds.students).tolist()
            if places:
                read = self.read_rounds([after[place] for place in places], rounds)
                for place, state in zip(places, read, strict=True):
                    after[place] = state


def _size(state):
    """Return about how many bytes the arrays of a state hold."""
    if isinstance(state, np.ndarray):
        return state.nbytes
    return sum(map(_size, state)) if isinstance(state, tuple) else 8
