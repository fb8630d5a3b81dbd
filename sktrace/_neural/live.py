"""A network as a live tracer uses it."""

import numpy as np
from scipy.special import expit

from .._tracer.fingerprint import fingerprint
from .._tracer.live_model import LiveModel
from .._tracer.moments import Moment
from .answer_steps import answer_codes, start_code
from .earlier_live import Earlier
from .live_module import ModuleNetwork
from .live_numbers import SkillNumbers
from .live_steps import ArrayNetwork
from .modules import DKTModule

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

    def __init__(self, module, n_skills, further, known_before, numbers=None):
        is_ours = type(module) is DKTModule
        self.network = (ArrayNetwork if is_ours else ModuleNetwork)(module)
        self.known_before, self.numbers = [*known_before], numbers
        self.n_skills, self.of_skills = n_skills, SkillNumbers.of(numbers)
        self._asked_with = self.known_before
        if numbers is not None:
            self._asked_with = numbers.roles(known_before)
        if not is_ours or further or (numbers is not None and self.of_skills is None):
            self.read_rounds = None
        start = {"answer": np.array([start_code(n_skills)]), **further}
        if numbers is not None:
            start |= numbers.none(1)
        memory = self.network.step(start, self.network.begin())
        counts = numbers is not None and numbers.skills is not None
        self._start = memory, Earlier.of_nothing(n_skills if counts else None)
        self._every = Moment.of_each_skill(n_skills, further)
        weights = {n: w.detach().cpu().numpy() for n, w in module.state_dict().items()}
        self._learnt = fingerprint(type(module).__name__, weights, numbers)

    def learnt(self):
        """Return what tells networks apart."""
        return self._learnt

    def start(self, student):
        """Return the state behind the start token."""
        return self._start

    def read(self, state, moment):
        """Return the state after the answers of one moment, in whatever order."""
        memory, earlier = state
        inputs = {"answer": answer_codes(moment.skill, moment.correct)}
        inputs |= self._tell(moment, earlier)
        if len(moment.skill) > 1:
            keys = [key for v in inputs.values() for key in np.atleast_2d(v.T)]
            order = np.lexsort(keys[::-1])
            inputs = {name: values[order] for name, values in inputs.items()}
        return self.network.step(inputs, memory), earlier.follow(moment)

    def read_rounds(self, states, rounds):
        """Return the states of many after single answers, side by side."""
        memory = np.array([memory for memory, _ in states])
        memory = np.ascontiguousarray(np.moveaxis(memory, 0, 2))
        practice = None
        if self.of_skills is not None:
            practice = Practice(earlier for _, earlier in states)
        none = np.empty((len(states), 0), dtype=np.float32)
        for n, skill, correct in rounds:
            inputs = {"answer": 2 * skill + correct, "after": none[:n]}
            if practice is not None:
                inputs["before"] = self.of_skills.tell(skill, *practice.of(skill))
                practice.follow(skill, correct)
            gates = self.network.read(inputs)
            memory[:, :, :n] = self.network.follow(gates, memory[:, :, :n])
        memory = [own.copy() for own in np.moveaxis(memory, 2, 0)]
        if practice is None:
            earlier = [earlier for _, earlier in states]
        else:
            earlier = practice.earlier()
        return list(zip(memory, earlier, strict=True))

    def ask(self, state, moment):
        """Return the mean over the skills of each row."""
        memory, earlier = state
        told = self._tell(moment, earlier)
        asked = {role: told[role] for role in self._asked_with}
        logits = self.network.ask(memory, {"skill": moment.skill, **asked})
        return moment.average(expit(logits))

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, self._every)

    def _tell(self, moment, earlier):
        """Return further columns of a moment, or the numbers that are made of them."""
        if self.of_skills is not None and not moment.further:
            if len(moment.skill) == 1:
                before = self.of_skills.tell_one(int(moment.skill[0]), earlier)
            else:
                practice = earlier.practice_of_skill(moment.skill)
                before = self.of_skills.tell(
                    moment.skill, practice[:, :2], practice[:, 2]
                )
            return {"before": before, "after": before[:, :0]}
        if self.numbers is None:
            return moment.further
        return self.numbers.tell_moment(moment, earlier, self.known_before).further


class Practice:
    """What many students did earlier on every skill, side by side.

    Parameters
    ----------
    earlier : iterable of Earlier
    """

    def __init__(self, earlier):
        earlier = list(earlier)
        self.counts = np.array([own.on_skill for own in earlier])
        # The skills of the last moment; there are several after a question on several.
        sizes = [len(own.last_skills) for own in earlier]
        self.last = np.full((len(earlier), max(1, *sizes)), -1, dtype=np.int32)
        for place, own in enumerate(earlier):
            self.last[place, : sizes[place]] = own.last_skills

    def of(self, skill):
        """Return counts of the first students on a skill each, and whether again."""
        n = len(skill)
        again = (self.last[:n] == skill[:, None]).any(axis=1)
        return self.counts[np.arange(n), skill], again

    def follow(self, skill, correct):
        """Count answers of the first students, on a skill each."""
        n = len(skill)
        self.counts[np.arange(n), skill, 1 - correct] += 1
        self.last[:n] = skill[:, None]

    def earlier(self):
        """Return what is known of each, who has answered one skill at last."""
        return [
            Earlier(on_skill=counts.copy(), last_skills=last.copy())
            for counts, last in zip(self.counts, self.last[:, :1], strict=True)
        ]
