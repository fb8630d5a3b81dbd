"""Which skills an item is practised with, so that it can be asked for by its name."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._arrays import as_objects
from .._interactions.codes import check_categories, recode
from .._interactions.vocabulary import as_list
from .._plain import stored
from .._words import first_few

__all__ = ["ItemSkills", "count_item_skills"]

# A skill with which an item is rarely practised may be a slip of the log; one of those
# that a question needs is named as often as the others, give or take.
SHARE_OF_MOST = 0.5


@stored
class ItemSkills(NamedTuple):
    """The skills of every item of fit, one item after the other."""

    names: np.ndarray  # (n_items,) in order of code
    skill: np.ndarray  # (n_entries,) codes
    sizes: np.ndarray  # (n_items,) how many of these entries each item has

    @classmethod
    def of(cls, names, counts):
        """Find the skills of each item of a log.

        An item has the skill that it is most often practised with, and those that are
        named with it half as often at least.

        Parameters
        ----------
        names : ndarray of shape (n_items,)
        counts : list of tuples
            What `count_item_skills` returned of each piece of the log.
        """
        item, skill, count = map(np.concatenate, zip(*counts, strict=True))
        item, skill, count = _count_pairs(item, skill, count)
        most = np.zeros(len(names), dtype=np.int64)
        np.maximum.at(most, item, count)
        kept = count >= SHARE_OF_MOST * most[item]
        return cls(names, skill[kept], np.bincount(item[kept], minlength=len(names)))

    def ask(self, items):
        """Return codes of items, the skills of each, and how many it has.

        Raises
        ------
        ValueError
            If fit did not see an item: nothing says which skill it needs.
        """
        codes = self.encode(items)
        if (codes < 0).any():
            unseen = [item for item, code in zip(items, codes, strict=True) if code < 0]
            raise ValueError(
                f"{len(unseen)} item(s) were not seen in fit: {first_few(unseen)}; "
                f"expected some of the {len(self.names)} in items_. Of new ones, name "
                "the skills, too: skills=[...], one for each item."
            )
        starts = np.cumsum(self.sizes) - self.sizes
        entries = [np.arange(starts[c], starts[c] + self.sizes[c]) for c in codes]
        skill = self.skill[np.concatenate([[], *entries]).astype(np.int64)]
        return codes, skill, self.sizes[codes]

    def encode(self, items):
        """Return codes of items, below 0 of those that fit did not see."""
        column = pd.Series(as_objects(as_list(items)))
        named = check_categories(column, "items", "item")
        return recode(named, self.names)


def count_item_skills(log):
    """Count how often each item of a coded log is practised with each skill.

    Returns
    -------
    item, skill, count : ndarray of shape (n_pairs,)
    """
    item = log.known_before["item"]
    named = item >= 0
    return _count_pairs(item[named], log.skill[named], np.ones(named.sum(), np.int64))


def _count_pairs(item, skill, count):
    base = skill.max(initial=0) + 1
    pairs, place = np.unique(item * base + skill, return_inverse=True)
    count = np.bincount(place, count, len(pairs)).astype(np.int64)
    return *np.divmod(pairs, base), count
