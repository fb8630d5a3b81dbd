"""What a network is told of a row in numbers, beside the codes of skill and item."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .._interactions.earlier import measure_gaps, practice_of_item
from .._interactions.timeline import Timeline
from .._plain import stored
from .column_summary import ColumnSummary
from .item_difficulty import ItemDifficulty
from .skill_practice import practice_of_skill
from .skill_tables import share_of_own

__all__ = ["RowNumbers"]

# Columns of a log that become numbers, and are no longer needed then. An item's code
# is read, too.
NUMBERS = ("time", "features", "past_features")


@stored
class Scale(NamedTuple):
    """Mean and standard deviation of columns of numbers."""

    mean: np.ndarray
    sd: np.ndarray  # infinite of a column that never varied: it says nothing

    @classmethod
    def of(cls, summary):
        """Return the scale of the columns that a `ColumnSummary` describes."""
        return cls(summary.mean, summary.scale)

    def apply(self, values):
        """Scale columns to mean 0 and standard deviation 1; what misses is the mean."""
        return np.nan_to_num((values - self.mean) / self.sd, nan=0.0)


@stored
@dataclass(frozen=True)
class RowNumbers:
    """Makes numbers of items, times and features, as it was learnt from a training log.

    Those known ``before`` an answer are, in this order: of the item, its difficulty,
    how often the student answered it right and wrong before, as log(1 + count), and
    whether at the last moment; then, scaled to mean 0 and standard deviation 1, the
    features, the gaps of time, as log(1 + seconds), and marks of what is missing; last,
    of the skill, what was said of the item, times 1 - the `share` by which it speaks
    for itself. Those known ``after`` it are the past
    features, scaled, and their marks.

    Parameters
    ----------
    skills : ItemDifficulty or None
        Of the skills; None where they are names alone.
    difficulty : ItemDifficulty or None
        None where no items are read.
    before, after : Scale
        Of the columns that are scaled, of which there may be none.
    """

    skills: ItemDifficulty | None
    difficulty: ItemDifficulty | None
    before: Scale
    after: Scale

    @classmethod
    def learn(cls, pieces, roles, n_skills, n_items, *, skills=False):
        """Learn difficulties and scales from the entries of a log that have a weight.

        Parameters
        ----------
        pieces : Pieces of FitLog
            With coded skills and items.
        roles : collection of str
            Of the further columns.
        n_skills, n_items : int
        skills : bool, default=False
            Make numbers of skills, too.

        Returns
        -------
        RowNumbers or None
            None where nothing becomes numbers.
        """
        if not skills and set(roles).isdisjoint(["item", *NUMBERS]):
            return None
        of_skills = difficulty = None
        if skills:
            of_skills = ItemDifficulty.learn_skills(pieces, n_skills)
        if "item" in roles:
            difficulty = ItemDifficulty.learn(pieces, n_skills, n_items)
        before = after = ColumnSummary.of(np.empty((0, 0)))
        if not set(roles).isdisjoint(NUMBERS):
            before, after = pieces.total(_summarise)
        return cls(of_skills, difficulty, Scale.of(before), Scale.of(after))

    @property
    def n_before(self):
        """How many numbers are known before an answer."""
        named = [self.skills, self.difficulty]
        return len(self.before.mean) + 4 * sum(one is not None for one in named)

    @property
    def n_after(self):
        """How many numbers are known only after an answer."""
        return len(self.after.mean)

    @property
    def n_answers(self):
        """How many training answers each item has; None where no items are read."""
        return None if self.difficulty is None else self.difficulty.n_answers

    @property
    def share(self):
        """How far each skill speaks for itself; the last, the unknown one, does so."""
        if self.skills is None:
            return None
        return np.append(share_of_own(self.skills.n_answers), 1.0)

    def none(self, n):
        """Return numbers that say nothing, of n entries."""
        return {
            "before": np.zeros((n, self.n_before)),
            "after": np.zeros((n, self.n_after)),
        }

    def roles(self, known_before):
        """Return the roles that are asked with, once they have become numbers."""
        return [*_others(dict.fromkeys(known_before)), "before"]

    def tell(self, log, timeline, training=False):
        """Return a log with numbers in place of the columns that they are made of.

        In `training`, the difficulty that an entry is told is that of `ItemDifficulty`
        without the entry's own student.
        """
        before = _in_time_order(log.known_before, timeline)
        after = _in_time_order(log.known_after, timeline)
        students = (log.student[timeline.rows], log.students) if training else None
        of_skill = of_item = gaps = None
        if self.skills is not None:
            practice = practice_of_skill(log, timeline)
            of_skill = self._of_skill(log.skill[timeline.rows], practice, students)
        if self.difficulty is not None:
            difficulty = self.difficulty.read(before["item"], students)
            of_item = _of_name(difficulty, practice_of_item(log, timeline))
        if "time" in before:
            gaps = measure_gaps(log, timeline)
        told = self._tell(before, after, of_item, gaps, of_skill, len(log.skill))
        before, after = (
            {role: timeline.restore(values) for role, values in known.items()}
            for known in told
        )
        return log._replace(known_before=before, known_after=after)

    def tell_moment(self, moment, earlier, known_before):
        """Return a `Moment` with numbers, given what its student did earlier.

        Parameters
        ----------
        moment : Moment
        earlier : Earlier
        known_before : collection of str
            Which of the moment's further columns are known before the answer.
        """
        before = {role: moment.further[role] for role in known_before}
        after = {
            role: v for role, v in moment.further.items() if role not in known_before
        }
        of_skill = of_item = gaps = None
        if self.skills is not None:
            practice = earlier.practice_of_skill(moment.skill)
            of_skill = self._of_skill(moment.skill, practice)
        if self.difficulty is not None:
            difficulty = self.difficulty.read(before["item"])
            of_item = _of_name(difficulty, earlier.practice(before["item"]))
        if "time" in before:
            gaps = earlier.gaps(before["time"], moment.skill, before.get("item"))
        n = len(moment.skill)
        told = self._tell(before, after, of_item, gaps, of_skill, n)
        return moment._replace(further=told[0] | told[1])

    def tell_states(self, asked, n_states, done):
        """Return the numbers known before questions that each of some states is asked.

        Parameters
        ----------
        asked : Moment
            As `tell_moment` returns it for a student who has not answered yet.
        n_states : int
        done : tuple of (state, question, practice)
            Of each student on skills, where there is any, see `SkillPractice.after`.

        Returns
        -------
        ndarray of shape (n_states, n_questions, n_before), float32
        """
        nothing = asked.further["before"]
        before = np.empty((n_states, *nothing.shape), dtype=np.float32)
        before[:] = nothing
        state, question, practice = done
        left = self._left_to_numbers[asked.skill[question], None]
        before[state, question, -3:] = left * _practice(practice)
        return before

    @property
    def _left_to_numbers(self):
        """How much numbers of each skill count: what its name does not yet say.

        In a large log the name says more than they do: at full strength they cost
        .0015 AUC on the 224,218 rows of ASSISTments 2009.
        """
        return 1 - self.share

    def _of_skill(self, skill, practice, students=None):
        """Return the numbers of skills; one that is not known is always new."""
        known = skill < len(self.skills.n_answers)
        difficulty = self.skills.read(np.where(known, skill, -1), students)
        numbers = _of_name(difficulty, practice * known[:, None])
        return numbers * self._left_to_numbers[np.where(known, skill, -1), None]

    def _tell(self, before, after, of_item, gaps, of_skill, n):
        """Make numbers of what is known before and after answers, of n entries."""
        scaled = self.before.apply(_before(before, gaps, n))
        numbers = [v for v in (of_item, scaled, of_skill) if v is not None]
        numbers = np.column_stack(numbers)
        told = _others(before) | {"before": numbers}
        if "item" in told:  # the unknown ones are one item to a network
            told["item"] = np.maximum(told["item"], -1)
        return told, _others(after) | {"after": self.after.apply(_after(after, n))}


def _summarise(piece):
    """Return summaries of the columns known before and after answers, unscaled."""
    log, _, weight, *_ = piece
    timeline = Timeline.of(log)
    # In time order, so that sums do not depend on the order of the rows of X.
    counted = (log.opens_row & (weight > 0))[timeline.rows]
    gaps = measure_gaps(log, timeline) if "time" in log.known_before else None
    before = _before(_in_time_order(log.known_before, timeline), gaps, len(counted))
    after = _after(_in_time_order(log.known_after, timeline), len(counted))
    return ColumnSummary.of(before, counted), ColumnSummary.of(after, counted)


def _of_name(difficulty, practice):
    """Return the numbers of a skill or of an item, (n_entries, 4)."""
    return np.column_stack([difficulty, _practice(practice)])


def _practice(practice):
    """Return counts of right and wrong answers as logarithms; the mark stays."""
    return np.concatenate([np.log1p(practice[..., :2]), practice[..., 2:]], axis=-1)


def _in_time_order(known, timeline):
    return {role: values[timeline.rows] for role, values in known.items()}


def _others(known):
    return {role: values for role, values in known.items() if role not in NUMBERS}


def _before(known, gaps, n):
    """Return features and gaps of n entries with marks, unscaled, (n, n_columns)."""
    columns = [np.empty((n, 0))]
    if "features" in known:
        columns += [known["features"], np.isnan(known["features"])]
    if gaps is not None:
        never = np.isinf(gaps)
        log_gaps = np.log1p(np.where(never, np.nan, gaps))
        # Whether there was an answer is not known of a row that has no time.
        never = np.where(np.isnan(gaps), np.nan, never)
        columns += [log_gaps, never, np.isnan(known["time"])]
    return np.column_stack(columns)


def _after(known, n):
    """Return past features of n entries with marks, unscaled, (n, n_columns)."""
    if "past_features" not in known:
        return np.empty((n, 0))
    values = known["past_features"]
    return np.column_stack([values, np.isnan(values)])
