"""Turn a log in time order into what a recurrent network reads and is asked.

Each student is a run of steps. Step 0 is a learned start token, so that a first
interaction has a state to be predicted from; step k is the k-th moment that holds an
answer. A moment with several answers (a multi-skill question) is one step that reads
the mean of their embeddings. A row is asked of the state left by the last step
*before* its own moment, so no row can see its own answer, a tied one or a later one;
a row without an answer makes no step and therefore changes nothing.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["Steps", "answer_codes", "encode_steps", "n_answer_codes", "start_code"]


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
class Steps:
    """Flat steps of many students, and the rows asked of them (in time order).

    Attributes
    ----------
    offsets : ndarray of shape (n_students + 1,)
        Student s owns the steps ``offsets[s]:offsets[s + 1]``.
    answers : ndarray of shape (n_answers,)
        Input codes, in order of their steps.
    bags : ndarray of shape (n_steps + 1,)
        Step t reads the codes ``answers[bags[t]:bags[t + 1]]``.
    row_step : ndarray of shape (n_rows,)
        The step whose state each sorted row is asked of; never decreases.
    row_skill : ndarray of shape (n_rows,)
        The skill each sorted row asks for.
    """

    offsets: np.ndarray
    answers: np.ndarray
    bags: np.ndarray
    row_step: np.ndarray
    row_skill: np.ndarray


def encode_steps(timeline, skill, correct, n_skills, *, after=False):
    """Lay out the steps of a log.

    Parameters
    ----------
    timeline : Timeline
    skill : ndarray of shape (n_rows,)
        Skill codes in X's row order; ``n_skills`` means an unknown skill.
    correct : ndarray of shape (n_rows,)
        Answers 0, 1 or NaN in X's row order.
    n_skills : int
    after : bool, default=False
        Ask each row of the state *after* its own moment rather than before it.

    Returns
    -------
    Steps
    """
    skill, correct = skill[timeline.rows], correct[timeline.rows]
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
    answers = np.empty(bags[-1], dtype=np.int64)
    is_start = np.zeros(bags[-1], dtype=bool)
    is_start[bags[offsets[:-1]]] = True
    answers[is_start] = start_code(n_skills)
    answers[~is_start] = answer_codes(skill[read], correct[read])
    return Steps(offsets, answers, bags, first_step + asked, skill)
