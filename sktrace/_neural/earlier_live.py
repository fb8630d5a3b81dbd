"""What one student did earlier, answer by answer: `_interactions.earlier`, live."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .._interactions.earlier import since
from .._interactions.log import NONE
from .._plain import stored

__all__ = ["Earlier"]

_NEVER = np.zeros((0, 2), dtype=np.int32)


@stored
class Earlier(NamedTuple):
    """The answers of a student so far, in short. It is never changed, only followed.

    Items are codes; those below 0 are not known and leave no trace.
    """

    time: float = np.nan  # of the last answer that has one
    time_on_skill: Mapping[int, float] = NONE
    time_on_item: Mapping[int, float] = NONE
    answers: Mapping[int, tuple[int, int]] = NONE  # of each item, right and wrong
    last_items: frozenset[int] = frozenset()  # of the last moment
    on_skill: np.ndarray = _NEVER  # (n_skills + 1, 2) right and wrong; or not counted
    last_skills: np.ndarray = _NEVER[:, 0]  # different codes

    @classmethod
    def of_nothing(cls, n_skills=None):
        """Return what is known of one without answers; skills count if there are any.

        Parameters
        ----------
        n_skills : int, optional
        """
        if n_skills is None:
            return cls()
        return cls(on_skill=np.zeros((n_skills + 1, 2), dtype=np.int32))

    def follow(self, moment):
        """Return what is known after the answers of a `Moment`."""
        item, time = moment.further.get("item"), moment.further.get("time")
        after = self._follow_skills(moment)
        if time is not None:
            after = after._replace(
                time=_last(time, self.time),
                time_on_skill=_last_of_each(moment.skill, time, self.time_on_skill),
            )
        if item is None:
            return after
        if time is not None:
            on_item = _last_of_each(item, time, self.time_on_item)
            after = after._replace(time_on_item=on_item)
        answers, items = dict(self.answers), item[item >= 0]
        for code in np.unique(items).tolist():
            right, wrong = answers.get(code, (0, 0))
            # One question, however many rows tell of it; right if all of them are.
            is_right = int(moment.correct[item == code].min())
            answers[code] = right + is_right, wrong + 1 - is_right
        last_items = frozenset(items.tolist())
        return after._replace(answers=answers, last_items=last_items)

    def _follow_skills(self, moment):
        if not len(self.on_skill):
            return self
        on_skill, skill = self.on_skill.copy(), moment.skill
        if len(skill) == 1:
            on_skill[skill[0], 1 - moment.correct[0]] += 1
        else:
            np.add.at(on_skill, (skill, 1 - moment.correct), 1)
            skill = np.unique(skill)
        return self._replace(on_skill=on_skill, last_skills=skill.astype(np.int32))

    def practice_of_skill(self, skill):
        """Return what `practice_of_skill` does, (n_entries, 3)."""
        practice = np.zeros((len(skill), 3), dtype=np.int64)
        if len(self.on_skill):
            is_last = np.zeros(len(self.on_skill), dtype=np.int64)
            is_last[self.last_skills] = 1
            practice[:, :2], practice[:, 2] = self.on_skill[skill], is_last[skill]
        return practice

    def practice(self, item):
        """Return what `practice_of_item` does, (n_entries, 3)."""
        rows = [
            (*self.answers.get(code, (0, 0)), code in self.last_items)
            for code in item.tolist()
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 3)

    def gaps(self, time, skill, item=None):
        """Return what `measure_gaps` does, (n_entries, 2) or (n_entries, 3)."""
        last = [
            np.full(len(time), self.time),
            _look_up(self.time_on_skill, skill),
        ]
        if item is not None:
            last.append(_look_up(self.time_on_item, item))
        return np.column_stack([since(time, own) for own in last])


def _last(times, before):
    known = times[~np.isnan(times)]
    return float(known.max()) if len(known) else before


def _last_of_each(codes, times, before):
    last = dict(before)
    for code in np.unique(codes[codes >= 0]).tolist():
        last[code] = _last(times[codes == code], last.get(code, np.nan))
    return last


def _look_up(times, codes):
    return np.array([times.get(code, np.nan) for code in codes.tolist()], dtype=float)
