"""Dropout, drawn on a CPU in a quarter of torch's time."""

import torch

__all__ = ["Dropout", "drop"]


def drop(x, p):
    """Return numbers of which each is 0 with probability p, else divided by 1 - p.

    Torch draws this from a generator of whole numbers, one at a time.
    """
    if p == 0:
        return x
    return x * torch.rand_like(x).ge_(p).div_(1 - p)


class Dropout(torch.nn.Dropout):
    """The module of torch, which draws by `drop`."""

    def forward(self, x):
        return drop(x, self.p) if self.training else x
