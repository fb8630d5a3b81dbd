"""In which order the students of a made-up class practise its skills."""

import numpy as np

__all__ = ["Curriculum"]

# In blocks of any length, until mastered, mixed, at random, along a common path.
_KINDS = ("blocked", "mastery", "interleaved", "random", "common")
_SHARES = (0.2, 0.35, 0.1, 0.1, 0.25)
_REVIEWS = 0.1  # how often an earlier skill comes again instead of the next one


class Curriculum:
    """Asks each student for a skill, step by step.

    Parameters
    ----------
    n_students, n_skills : int
    rng : Generator
    """

    def __init__(self, n_students, n_skills, rng):
        self.rng, self.n_skills = rng, n_skills
        self.kind = rng.choice(_KINDS, p=_SHARES)
        self.block = rng.uniform(2, 12)  # mean length
        self.mastered = rng.integers(2, 6)  # after so many right answers in a row
        self.quits = rng.uniform(0, 0.08)
        self.share = rng.dirichlet(np.full(n_skills, rng.uniform(0.3, 2)))
        self.path = self.draw_paths(n_students)
        self.place = np.zeros(n_students, dtype=int)
        if self.kind == "common":  # not all begin at the beginning
            self.place = rng.integers(max(1, n_skills // 2), size=n_students)
        self.skill = self.at(np.arange(n_students), self.place)
        self.began = np.zeros(n_students, dtype=bool)

    def draw_paths(self, n_students):
        """Draw the order in which each student meets skills."""
        rng, n_skills = self.rng, self.n_skills
        if self.kind != "common":  # frequent ones early
            luck = rng.gumbel(size=(n_students, n_skills)) + np.log(self.share + 1e-9)
            return np.argsort(-luck, axis=1)
        own = rng.uniform(0, 0.3 * n_skills) * rng.normal(size=(n_students, n_skills))
        return rng.permutation(n_skills)[np.argsort(np.arange(n_skills) + own, axis=1)]

    def at(self, who, place):
        return self.path[who, place % self.n_skills]

    def ask(self, who, students):
        """Return the skill that each of some students is asked now."""
        on = self.began[who] & self.is_done(who, students) & ~students.asks_again[who]
        self.began[who] = True
        moving = who[on]
        self.place[moving] += 1
        students.streak[moving] = 0
        self.skill[moving] = self.next_skill(moving)
        return self.skill[who]

    def is_done(self, who, students):
        """Mark those who leave their skill."""
        chance = self.rng.random(len(who))
        if self.kind == "mastery":
            return (students.streak[who] >= self.mastered) | (chance < self.quits)
        if self.kind in ("blocked", "common"):
            return chance < 1 / self.block
        return np.ones(len(who), dtype=bool)

    def next_skill(self, who):
        rng, place = self.rng, self.place[who]
        if self.kind == "random":
            return rng.choice(self.n_skills, len(who), p=self.share)
        if self.kind == "interleaved":  # some skills, in turn, then some others
            n_mixed = max(2, int(self.block))
            chapter = place // (4 * n_mixed) * n_mixed
            return self.at(who, chapter + rng.integers(n_mixed, size=len(who)))
        back = rng.integers(1, 6, len(who)) * (rng.random(len(who)) < _REVIEWS)
        return self.at(who, np.maximum(place - back, 0))
