"""One step of any other module, by torch, on arrays: see `ArrayNetwork`."""

import copy

import torch

from .batches import as_tensors
from .threads import given_threads

__all__ = ["ModuleNetwork"]


class ModuleNetwork:
    """What a module with ``step``, ``state`` and ``ask`` does, for one student.

    Parameters
    ----------
    module : torch module
        See `NetworkTracer`; it is copied.
    """

    def __init__(self, module):
        module = copy.deepcopy(module).to("cpu").eval()
        self.module = module.requires_grad_(False)

    def begin(self):
        """Return the memory of one who has read nothing."""
        return None

    @given_threads(1)
    def step(self, inputs, memory):
        """Return the memory after the inputs of one moment were read."""
        return _map(_array, self.module.step(as_tensors(inputs), _map(_tensor, memory)))

    @given_threads(1)
    def ask(self, memory, asked):
        """Return the logit of each of some questions, float64."""
        state = self.module.state(_map(_tensor, memory))
        return self.module.ask(state, as_tensors(asked))[0].double().numpy()


def _map(function, memory):
    """Change what a memory holds: tensors, in tuples perhaps, or nothing."""
    if isinstance(memory, tuple):
        return tuple(_map(function, part) for part in memory)
    return None if memory is None else function(memory)


def _array(tensor):
    return tensor.numpy()


def _tensor(array):
    return torch.from_numpy(array)
