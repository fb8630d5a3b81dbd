"""A row of numbers for each skill, which skills of few answers hardly have."""

import numpy as np
import torch
from torch import nn

__all__ = ["SkillTable", "share_of_own"]


def share_of_own(n_answers, half=600, power=3):
    """Return how far names of so many answers speak for themselves: n³ / (n³ + half³).

    One of 300 answers by a ninth, one of 600 by half, one of 2,000 by 97 percent.
    """
    return 1 / (1 + (half / np.maximum(n_answers, 1)) ** power)


class SkillTable(nn.Embedding):
    """A table of rows by code, each of them shrunk to an average row by its share::

        row_k = share_k · weight_k + (1 - share_k) · average

    Parameters
    ----------
    n_rows, size : int
    share : ndarray of shape (n_rows,), optional
        Without it a row is a row of the weights, as in an embedding.
    n_kinds : int, default=1
        Rows whose codes leave the same remainder have an average of their own.
    """

    def __init__(self, n_rows, size, share=None, n_kinds=1):
        super().__init__(n_rows, size)
        average = None
        if share is not None:
            share = torch.from_numpy(np.asarray(share, dtype=np.float32)[:, None])
            average = nn.Parameter(torch.randn(n_kinds, size))
        self.register_buffer("share", share)
        self.register_parameter("average", average)

    def scale(self, std):
        """Multiply the weights, which were drawn with a standard deviation of 1."""
        with torch.no_grad():
            for table in self.parameters():
                table *= std

    @property
    def rows(self):
        """The shrunk rows, (n_rows, size)."""
        if self.share is None:
            return self.weight
        n_kinds = len(self.average)
        kind = torch.arange(len(self.weight), device=self.weight.device) % n_kinds
        return torch.lerp(self.average[kind], self.weight, self.share)

    def forward(self, code):
        """Return the rows of codes, (n_entries, size)."""
        return nn.functional.embedding(code, self.rows)
