"""A network as a live tracer uses it."""

import copy

import numpy as np
from scipy.special import expit

from .._tracer.live import LiveModel
from .._tracer.moments import Moment
from .answer_steps import answer_codes, start_code
from .batches import as_tensors
from .earlier_live import Earlier
from .threads import given_threads

__all__ = ["LiveNetwork"]


class LiveNetwork(LiveModel):
    """A state is what the network's `step` carries on from, and what was done earlier.

    Parameters
    ----------
    module : torch module
        With ``step``, ``state`` and ``ask``, see `NetworkTracer`.
    n_skills : int
    further : dict of str to ndarray of shape (1, ...)
        Further columns that are read, by role, with a missing value.
    known_before : collection of str
        Those of them with which it is asked.
    numbers : RowNumbers or None
        What makes numbers of further columns.
    """

    @given_threads(1)
    def __init__(self, module, n_skills, further, known_before, numbers=None):
        module = copy.deepcopy(module).to("cpu").eval()
        self.module = module.requires_grad_(False)
        self.known_before, self.numbers = [*known_before], numbers
        self._asked_with = self.known_before
        if numbers is not None:
            self._asked_with = numbers.roles(known_before)
        start = {"answer": np.array([start_code(n_skills)]), **further}
        if numbers is not None:
            start |= numbers.none(1)
        self._start = self.module.step(as_tensors(start)), Earlier()
        self._every = Moment.of_each_skill(n_skills, further)

    def start(self, student):
        """Return the state behind the start token."""
        return self._start

    @given_threads(1)
    def read(self, state, moment):
        """Return the state after the answers of one moment, in whatever order."""
        memory, earlier = state
        inputs = {"answer": answer_codes(moment.skill, moment.correct)}
        inputs |= self._tell(moment, earlier).further
        keys = [key for v in inputs.values() for key in np.atleast_2d(v.T)]
        order = np.lexsort(keys[::-1])
        inputs = {name: values[order] for name, values in inputs.items()}
        return self.module.step(as_tensors(inputs), memory), earlier.follow(moment)

    @given_threads(1)
    def ask(self, state, moment):
        """Return the mean over the skills of each row."""
        memory, earlier = state
        asked = self._tell(moment, earlier).further
        asked = {role: asked[role] for role in self._asked_with}
        asked = as_tensors({"skill": moment.skill, **asked})
        logits = self.module.ask(self.module.state(memory), asked)[0]
        return moment.average(expit(logits.double().numpy()))

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, self._every)

    def _tell(self, moment, earlier):
        if self.numbers is None:
            return moment
        return self.numbers.tell_moment(moment, earlier, self.known_before)
