"""The numbers of skills alone, quicker than `RowNumbers` tells them among others."""

from math import log1p

import numpy as np

__all__ = ["SkillNumbers"]


class SkillNumbers:
    """Tells of skills what `RowNumbers` does that makes numbers of nothing else.

    Parameters
    ----------
    numbers : RowNumbers
    """

    def __init__(self, numbers):
        difficulty = np.append(numbers.skills.difficulty, 0.0)
        # How much numbers of a skill count; those of the unknown one do not at all.
        self.left = 1 - numbers.share
        self.difficulty = self.left * difficulty

    @classmethod
    def of(cls, numbers):
        """Return what is quicker than a `RowNumbers`; None if it has more to tell."""
        if numbers is None or numbers.skills is None or numbers.difficulty is not None:
            return None
        if len(numbers.before.mean) or len(numbers.after.mean):
            return None
        return cls(numbers)

    def tell_one(self, skill, earlier):
        """Return the numbers of one skill, (1, 4)."""
        left, (right, wrong) = self.left[skill], earlier.on_skill[skill].tolist()
        again = skill in earlier.last_skills
        told = left * log1p(right), left * log1p(wrong), left * again
        return np.array([[self.difficulty[skill], *told]], dtype=np.float32)

    def tell(self, skill, counts, again):
        """Return the numbers of skills, (n, 4).

        Parameters
        ----------
        skill : ndarray of shape (n,)
        counts : ndarray of shape (n, 2)
            Right and wrong answers on them so far.
        again : ndarray of shape (n,), bool
            Whether they are skills of the last moment.
        """
        left = self.left[skill]
        told = np.empty((len(skill), 4), dtype=np.float32)
        told[:, 0] = self.difficulty[skill]
        told[:, 1:3] = left[:, None] * np.log1p(counts)
        told[:, 3] = left * again
        return told
