"""How many threads a network takes on a CPU, whatever else the machine is at.

Torch splits every operation among its threads, and all wait for the last of them. A
recurrent network is thousands of small operations: where another process holds a core,
each of them waits for it. Whole batches wait once, so they may be shared.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

__all__ = [
    "each_batch",
    "given_threads",
    "predict_threads",
    "thread_limit",
    "train_threads",
]

# Each holds a batch of its own, which is 150 MB at 200 states.
MOST_AUTO = 4
# Multiplications from which on threads gain more than it costs to begin them: half a
# second on one.
ENOUGH = 2**32


class _Lent:
    """What torch had before blocks gave it something else, and what they took."""

    def __init__(self):
        self.lock = threading.Lock()
        self.taken = {}  # threads by the identity of the thread whose block it is
        self.limit = None


_lent = _Lent()


def _renew():
    """Give a forked child a count of its own: who holds the other is not there."""
    global _lent
    _lent = _Lent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


def thread_limit():
    """Return how many threads torch has outside all blocks.

    ``OMP_NUM_THREADS``, the workers of joblib and Dask, and `torch.set_num_threads`
    decide that.
    """
    return _lent.limit if _lent.taken else torch.get_num_threads()


def train_threads(n_threads):
    """Return on how many threads each operation of training runs.

    One under ``"auto"``, and not as many as are free just now: another number rounds
    sums differently, and the same seed were not the same network. Never more than torch
    has.
    """
    return 1 if n_threads == "auto" else min(int(n_threads), thread_limit())


@contextmanager
def given_threads(n_threads, taken=None):
    """Let each operation of torch run on so many threads inside the block.

    Outside, torch has what it had. `taken` are the threads that the block has in all.
    """
    lent, me = _lent, threading.get_ident()
    with lent.lock:
        within = me in lent.taken
        if not lent.taken:
            lent.limit = torch.get_num_threads()
        # A thread that begins meanwhile was told what the others are given.
        before = torch.get_num_threads() if within else lent.limit
        lent.taken.setdefault(me, taken or n_threads)
        torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        with lent.lock:
            if not within:
                del lent.taken[me]
            torch.set_num_threads(before)


def predict_threads(n_threads, device, n_products):
    """Return how many threads are to predict batches, if there are as many.

    Parameters
    ----------
    n_threads : int or "auto"
    device : str or torch.device
        Other than a CPU, it takes one batch after the other.
    n_products : int
        Multiplications that are to be done.
    """
    if torch.device(device).type != "cpu":
        return 1
    if n_threads == "auto":
        return MOST_AUTO if n_products >= ENOUGH else 1
    return int(n_threads)


def each_batch(work, batches, n_threads):
    """Return what comes of each batch, several worked on at a time.

    An operation runs on one thread, so that numbers are to the bit the same, however
    many batches share the cores. They wait for each other at the end only.

    Parameters
    ----------
    work : callable
        Of a batch, in any thread.
    batches : list
    n_threads : int
        The most to take of those that torch has and no other call holds.
    """
    others = {k: n for k, n in _lent.taken.items() if k != threading.get_ident()}
    free = thread_limit() - sum(others.values())
    n = max(1, min(n_threads, free, len(batches)))
    with given_threads(1, taken=n):
        if n == 1:
            return [work(batch) for batch in batches]
        one_each = {"initializer": torch.set_num_threads, "initargs": (1,)}
        with ThreadPoolExecutor(n, **one_each) as pool:
            return list(pool.map(work, batches))
