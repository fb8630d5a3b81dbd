"""Torch's generators, which a whole process shares, lent to one fit at a time."""

import os
import threading
from contextlib import contextmanager

import torch

from .threads import given_threads

__all__ = ["seeded"]

# Re-entrant: a fit may be called within a fit.
_turn = threading.RLock()


def _renew():
    """Give a forked child a lock of its own: who holds the other does not live here."""
    global _turn
    _turn = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


@contextmanager
def seeded(seed, device, n_threads=1):
    """Seed torch inside the block; outside, its generators are as they were.

    Weights and dropout are drawn from generators of the whole process, so fits in
    threads take turns: of two that draw at a time, neither would draw what its seed
    says. Sums are rounded by the number of threads of an operation, so that is given,
    too.

    Parameters
    ----------
    seed : int
    device : str or torch.device
        One that is there.
    n_threads : int, default=1
        What `train_threads` says.
    """
    kind = torch.device(device).type
    with _turn, given_threads(n_threads):
        if kind == "cpu":  # torch.manual_seed would seed the accelerators, too
            with torch.random.fork_rng(devices=[]):
                torch.default_generator.manual_seed(seed)
                yield
        else:
            devices = range(getattr(torch, kind).device_count())
            with torch.random.fork_rng(devices, device_type=kind):
                torch.manual_seed(seed)
                yield
