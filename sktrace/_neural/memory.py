"""Networks that a device cannot hold: refused before, or told when memory ends."""

import os
from contextlib import contextmanager
from reprlib import repr  # of a number of a thousand digits, a few

import torch

__all__ = ["count_weights", "memory_told", "refuse_giant"]

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
# A weight, its gradient and two moments, float32, as Adam keeps them.
BYTES_PER_WEIGHT = 16
OUT_OF_MEMORY = (
    "allocate memory",
    "out of memory",
    "not enough memory",
    "alloc_failed",
    "storage size calculation overflowed",
    "larger than int64",
)


def count_weights(cell, hidden_size, num_layers, n_codes=0, embedding_size=0):
    """Return how many weights a network has at least, by its sizes.

    Whole numbers of Python, which no size overflows.
    """
    h, n_layers, x = int(hidden_size), int(num_layers), int(embedding_size)
    return (2 * h * n_layers - h + x) * GATES[cell] * h + n_codes * x


def refuse_giant(n_weights, device, sizes):
    """Refuse a network that the memory of its device cannot hold.

    Parameters
    ----------
    n_weights : int
    device : str or torch.device
    sizes : dict
        The parameters that make it large, by name.
    """
    memory = _memory_of(torch.device(device))
    needed = n_weights * BYTES_PER_WEIGHT
    if memory is None or needed <= memory:
        return
    stated = ", ".join(f"{name}={repr(value)}" for name, value in sizes.items())
    raise ValueError(
        f"{stated} makes a network of {_say(n_weights)} weights, whose training takes "
        f"{_say(needed)} bytes; expected less than the {_say(memory)} that device "
        f"{str(device)!r} has. Pass a smaller {' or '.join(sizes)}, such as those by "
        "default."
    )


def _say(number):
    return f"{number:,}" if number < 1e6 else f"{float(min(number, 10**300)):.1e}"


def _memory_of(device):
    """Return the bytes of memory of a device; None where it does not say."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not on Windows
        return None


@contextmanager
def memory_told(device, doing, repair):
    """Say in our words that memory ran out, whichever library says so.

    Parameters
    ----------
    device : str or torch.device
    doing : str
        What is done in the block.
    repair : str
        What needs less memory.

    Raises
    ------
    MemoryError
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error).lower()
        if isinstance(error, RuntimeError) and not any(
            t in text for t in OUT_OF_MEMORY
        ):
            raise
        raise MemoryError(
            f"The memory of device {str(device)!r} ran out while {doing}; expected "
            f"that it holds the network and a batch. {repair}"
        ) from error
