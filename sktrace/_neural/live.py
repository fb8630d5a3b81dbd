"""A network as a live tracer uses it."""

import copy

import numpy as np
from scipy.special import expit

from .._tracer.live import LiveModel
from .._tracer.moments import Moment
from .answer_steps import answer_codes, start_code
from .batches import as_tensors

__all__ = ["LiveNetwork"]


class LiveNetwork(LiveModel):
    """A state is what the network's `step` carries on from.

    Parameters
    ----------
    module : torch module
        With ``step``, ``state`` and ``ask``, see `NetworkTracer`.
    n_skills : int
    further : dict of str to ndarray of shape (1, ...)
        Further columns that the network reads, by role, with a missing value.
    known_before : collection of str
        Those of them with which it is asked.
    """

    def __init__(self, module, n_skills, further, known_before):
        module = copy.deepcopy(module).to("cpu").eval()
        self.module = module.requires_grad_(False)
        self.known_before = known_before
        start = {"answer": np.array([start_code(n_skills)]), **further}
        self._start = self.module.step(as_tensors(start))
        self._every = Moment.of_each_skill(n_skills, further)

    def start(self, student):
        """Return the state behind the start token."""
        return self._start

    def read(self, state, moment):
        """Return the state after the answers of one moment, in whatever order."""
        inputs = {"answer": answer_codes(moment.skill, moment.correct)}
        inputs |= moment.further
        keys = [key for v in inputs.values() for key in np.atleast_2d(v.T)]
        order = np.lexsort(keys[::-1])
        inputs = {name: values[order] for name, values in inputs.items()}
        return self.module.step(as_tensors(inputs), state)

    def ask(self, state, moment):
        """Return the mean over the skills of each row."""
        asked = {role: moment.further[role] for role in self.known_before}
        asked = as_tensors({"skill": moment.skill, **asked})
        logits = self.module.ask(self.module.state(state), asked)[0]
        return moment.average(expit(logits.double().numpy()))

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, self._every)
