"""Turn a log in time order into what a recurrent network reads and is asked.

Each student is a run of steps. Step 0 is a learned start token, so that a first
interaction has a state to be predicted from; step k is the k-th moment that holds an
answer. A moment with several answers (a multi-skill question) is one step that reads
the mean of their embeddings. A row is asked of the state left by the last step
*before* its own moment, so no row can see its own answer, a tied one or a later one;
a row without an answer makes no step and therefore changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .._arrays import concatenate_ranges
from .._interactions.log import missing_of
from .runs import choose_rows, join_offsets, join_rows, shorten

__all__ = [
    "AnswerSteps",
    "answer_codes",
    "encode_steps",
    "n_answer_codes",
    "start_code",
]


def start_code(n_skills):
    """Return the start token: it follows wrong and right of each skill and unknown."""
    return 2 * (n_skills + 1)


def n_answer_codes(n_skills):
    """Return how many inputs exist; the start token is the last."""
    return start_code(n_skills) + 1


def answer_codes(skill, correct):
    """Return the network's input for answers: ``2 * skill + correct``."""
    return 2 * np.asarray(skill, dtype=np.int64) + np.asarray(correct).astype(np.int64)


@dataclass(frozen=True)
class AnswerSteps:
    """Flat steps of many students, and the rows asked of them (in time order).

    Attributes
    ----------
    offsets : ndarray of shape (n_students + 1,)
        Student s owns the steps ``offsets[s]:offsets[s + 1]``.
    bags : ndarray of shape (n_steps + 1,)
        Step t reads the inputs ``bags[t]:bags[t + 1]``.
    inputs : dict of str to ndarray of shape (n_inputs, ...)
        What is read, in order of the steps: the code of each ``"answer"``, and further
        columns by role, missing at the start token.
    row_step : ndarray of shape (n_rows,)
        The step whose state each sorted row is asked of; never decreases.
    asked : dict of str to ndarray of shape (n_rows, ...)
        What each sorted row asks for: its ``"skill"``, and further columns by role that
        are known before the answer.
    """

    offsets: np.ndarray
    bags: np.ndarray
    inputs: Mapping[str, np.ndarray]
    row_step: np.ndarray
    asked: Mapping[str, np.ndarray]

    def ask_only(self, rows):
        """Return the same steps, asked by some of the rows."""
        asked = {name: values[rows] for name, values in self.asked.items()}
        return replace(self, row_step=self.row_step[rows], asked=asked)

    def choose(self, starts, stops):
        """Return the steps of some runs as sequences, and the rows asked of them."""
        rows, row_step, offsets = choose_rows(self.row_step, starts, stops)
        steps = concatenate_ranges(starts, stops - starts)
        bags = np.append(0, np.cumsum(self.bags[steps + 1] - self.bags[steps]))
        first, last = self.bags[starts], self.bags[stops]
        read = concatenate_ranges(first, last - first)
        inputs = {name: values[read] for name, values in self.inputs.items()}
        asked = {name: values[rows] for name, values in self.asked.items()}
        return AnswerSteps(offsets, bags, inputs, row_step, asked), rows

    def shorten(self):
        """Return the same steps in half the bytes, and still as a network reads them.

        Codes in 32 bits, and numbers, too, as tensors hold them.
        """
        inputs, asked = (
            {
                name: v.astype(np.float32) if v.dtype.kind == "f" else shorten(v)
                for name, v in named.items()
            }
            for named in (self.inputs, self.asked)
        )
        row_step, bags = shorten(self.row_step), shorten(self.bags)
        return AnswerSteps(self.offsets, bags, inputs, row_step, asked)

    @classmethod
    def join(cls, parts):
        """Return the students of several, one after the other."""
        offsets, row_step = join_rows(parts)
        bags = join_offsets([part.bags for part in parts])
        inputs, asked = (
            {name: np.concatenate([own[name] for own in named]) for name in named[0]}
            for named in ([p.inputs for p in parts], [p.asked for p in parts])
        )
        return cls(offsets, bags, inputs, row_step, asked)


def encode_steps(log, timeline, n_skills, *, after=False):
    """Lay out the steps of a log.

    Parameters
    ----------
    log : Log
        Its skills are codes, where ``n_skills`` means an unknown skill.
    timeline : Timeline
        That of the log.
    n_skills : int
    after : bool, default=False
        Ask each row of the state *after* its own moment rather than before it.

    Returns
    -------
    AnswerSteps
    """
    rows = timeline.rows
    skill, correct = log.skill[rows], log.correct[rows]
    answered = ~np.isnan(correct)
    starts = timeline.moment_starts
    has_answer = np.logical_or.reduceat(answered, starts)  # by moment
    makes_step = np.zeros(len(skill), dtype=bool)
    makes_step[starts] = has_answer
    before = timeline.count_before(makes_step)  # steps taken so far, the start aside
    own = before + has_answer[timeline.moment]
    asked = own if after else before

    last_row = timeline.offsets[1:] - 1
    offsets = np.concatenate([[0], np.cumsum(asked[last_row] + 1)])
    first_step = offsets[timeline.student]
    # The last answer of a student is read only if some row asks for what follows it.
    read = answered & (own <= asked[last_row][timeline.student])

    bag_sizes = np.bincount(first_step[read] + own[read], minlength=offsets[-1])
    bag_sizes[offsets[:-1]] = 1
    bags = np.concatenate([[0], np.cumsum(bag_sizes)])
    is_start = np.zeros(bags[-1], dtype=bool)
    is_start[bags[offsets[:-1]]] = True

    def follow(start, values):
        """Put what is read behind the start token of its student."""
        inputs = np.empty((len(is_start), *values.shape[1:]), dtype=values.dtype)
        inputs[is_start], inputs[~is_start] = start, values
        return inputs

    codes = answer_codes(skill[read], correct[read])
    inputs = {"answer": follow(start_code(n_skills), codes)}
    for role, values in log.further.items():
        inputs[role] = follow(missing_of(values, 1), values[rows[read]])
    known = {role: values[rows] for role, values in log.known_before.items()}
    return AnswerSteps(
        offsets, bags, inputs, first_step + asked, {"skill": skill, **known}
    )
