"""What a network reads beside skill and answer: numbers, and items. Torch only.

Both enter in two places. The input of a moment is the mean over its answers of the
answer's embedding, plus a linear map of its numbers z, of its own if the answer was
right, and of its own if it was wrong; and a state h is asked with an addition to its
logit that is linear in z and in h::

    x = embedding + W_answer z          logit = w_skill · h + b_skill + z · (A h + a)

where z ends with the vector of the item.
"""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import embedding_bag

from .skill_tables import share_of_own

__all__ = ["ItemVectors", "NumberInput", "number_slopes"]

ITEM_SIZE = 32
LEAST_SHARE = 0.01


class ItemVectors(nn.Module):
    """A vector for each item, shrunk by how many answers n the item has::

        vector_i = n_i³ / (n_i³ + 600³) · row i of a table

    An item with 300 answers keeps a ninth of what the table says, one with 600 half of
    it, one with 2,000 keeps 97 percent. Below one percent, at 129 answers, an item has
    no row: its vector is 0, as that of unknown items, and costs nothing.

    Parameters
    ----------
    n_answers : ndarray of shape (n_items,)
    """

    size = ITEM_SIZE

    def __init__(self, n_answers):
        super().__init__()
        share, kept = _share(n_answers)
        place = np.where(kept, np.cumsum(kept), 0)  # row 0 is that of all others
        share = np.append(0.0, share[kept])[:, None]
        self.register_buffer("share", torch.from_numpy(share.astype(np.float32)))
        # Code -1, an unknown item, reads the last entry.
        self.register_buffer("place", torch.from_numpy(np.append(place, 0)))
        self.table = nn.Embedding(len(share), self.size)

    @classmethod
    def of(cls, n_answers):
        """Return vectors for items of so many answers; None if none would have one."""
        if n_answers is None or not _share(n_answers)[1].any():
            return None
        return cls(n_answers)

    def forward(self, item):
        """Return the vectors of items by code, (n_entries, size)."""
        place = self.place[item]
        return self.table(place) * self.share[place]

    def rows_after(self, earlier):
        """Return the rows of the same items' earlier vectors, and of new ones its own.

        Which items have a row depends on their answers, and so does its place.
        """
        rows = self.table.weight.detach().clone()
        both = (self.place > 0) & (earlier.place > 0)
        both[-1] = True  # row 0, of all others
        rows[self.place[both]] = earlier.table.weight.detach()[earlier.place[both]]
        return rows


def _share(n_answers):
    """Return what share of its row each item keeps, and whether it has one."""
    share = share_of_own(n_answers)
    return share, share >= LEAST_SHARE


class NumberInput(nn.Module):
    """Maps the numbers of answers, those of right and of wrong ones each in its way."""

    def __init__(self, n_numbers, input_size):
        super().__init__()
        self.linear = nn.Linear(2 * n_numbers, input_size, bias=False)
        nn.init.normal_(self.linear.weight, std=n_numbers**-0.5)  # as embeddings are

    def average(self, numbers, correct, bags):
        """Return the mean of what is mapped in each bag, (n_bags, 2 * n_numbers)."""
        right = correct.to(numbers.dtype)[:, None]
        numbers = torch.cat([numbers * (1 - right), numbers * right], dim=1)
        each = torch.arange(len(numbers), device=numbers.device)
        return embedding_bag(each, numbers, bags, mode="mean")


def number_slopes(hidden_size, n_numbers):
    """Return the map ``A h + a``: how a state's logit rises with each number asked."""
    slopes = nn.Linear(hidden_size, n_numbers)
    # Together as small as the weights of a skill.
    nn.init.normal_(slopes.weight, std=(hidden_size * n_numbers) ** -0.5)
    nn.init.zeros_(slopes.bias)
    return slopes
