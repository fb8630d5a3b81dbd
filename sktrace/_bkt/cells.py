"""Which rate is whose: of a skill, of an item of the skill, of a group.

All rates of a model are one array. The skills' own come first, parameter by parameter
in the order of `NAMES`; then, of each parameter that is split, those of the pairs of a
skill and a category that fit has seen: an item, or a group of rows or of students.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .._plain import stored
from .limits import NAMES

__all__ = ["Cells"]


@stored
@dataclass(frozen=True)
class Cells:
    """Places of rates: a cell is one parameter of a skill, or of a pair.

    Attributes
    ----------
    n_skills : int
    roles : dict of str to str
        Role of the column by which a parameter is split, of those that are.
    skills, codes : dict of str to ndarray of shape (n_pairs,)
        The pairs of each parameter that is split, sorted by skill and code.
    """

    n_skills: int
    roles: Mapping[str, str] = field(default_factory=dict)
    skills: Mapping[str, np.ndarray] = field(default_factory=dict)
    codes: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def seen_in(cls, pieces, n_skills, roles):
        """Give each pair that occurs in the pieces of a coded log a cell of its own."""
        found = pieces.map(_find_pairs, n_skills, roles) if roles else []
        skills, codes = {}, {}
        for name in roles:
            pairs = np.unique(np.concatenate([own[name] for own in found]), axis=0)
            skills[name], codes[name] = pairs.T
        return cls(n_skills, roles, skills, codes)

    def with_unknown_skill(self):
        """Return the cells with one more skill, of which no pair was seen."""
        return Cells(self.n_skills + 1, self.roles, self.skills, self.codes)

    def without_pairs(self):
        """Return the cells of the skills alone."""
        return Cells(self.n_skills)

    @property
    def n_own(self):
        """Number of cells that are skills' own."""
        return len(NAMES) * self.n_skills

    @property
    def is_split(self):
        """Whether there is any pair."""
        return any(map(len, self.skills.values()))

    @cached_property
    def pairs(self):
        """The cells of the pairs of each parameter that is split, as a slice."""
        slices, start = {}, self.n_own
        for name, skills in self.skills.items():
            slices[name] = slice(start, start + len(skills))
            start += len(skills)
        return slices

    @cached_property
    def skill(self):
        """The skill of each cell."""
        own = np.tile(np.arange(self.n_skills), len(NAMES))
        return np.concatenate([own, *self.skills.values()])

    @cached_property
    def own(self):
        """Of each cell, that of the skill's own rate of the same parameter."""
        own = [np.arange(self.n_own)]
        own += [self.of_skill(name, skill) for name, skill in self.skills.items()]
        return np.concatenate(own)

    def of_skill(self, name, skill):
        """Return the cells of a parameter of skills."""
        return NAMES.index(name) * self.n_skills + skill

    def find(self, name, skill, code):
        """Return the cells of a parameter of skills, by categories where it is split.

        Parameters
        ----------
        name : str
        skill, code : ndarray of shape (n,)
            A pair that fit has not seen, which one without a category is, has the rate
            of its skill.
        """
        cell = self.of_skill(name, skill)
        cell = np.broadcast_to(cell, np.broadcast_shapes(cell.shape, np.shape(code)))
        if name not in self.roles or not len(self.codes[name]):
            return cell
        base = self.codes[name].max() + 1
        known = self.skills[name] * base + self.codes[name]
        key = np.where((code >= 0) & (code < base), skill * base + code, -1)
        place = np.minimum(np.searchsorted(known, key), len(known) - 1)
        return np.where(known[place] == key, self.pairs[name].start + place, cell)

    def of_entries(self, name, skill, known_before):
        """Return the cell that each entry of a log, or of a `Moment`, reads."""
        if name not in self.roles:
            return self.of_skill(name, skill)
        return self.find(name, skill, known_before[self.roles[name]])


def _find_pairs(piece, n_skills, roles):
    """Return the pairs of a skill and a category that a piece of a log holds."""
    log, found = piece[0], {}
    for name, role in roles.items():
        code = log.known_before[role]
        named = (code >= 0) & (log.skill < n_skills)
        base = code.max(initial=0) + 1
        pairs = np.unique(log.skill[named] * base + code[named])
        found[name] = np.column_stack(np.divmod(pairs, base))
    return found
