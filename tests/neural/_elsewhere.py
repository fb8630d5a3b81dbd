"""An accelerator of make-believe: device "meta", but it computes.

Its tensors hold their numbers on the CPU, where only its own operations find them. As
on a GPU, an operation refuses tensors of two devices, and numpy reads none of them.
"""

from types import SimpleNamespace

import torch
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

__all__ = ["DEVICE", "Elsewhere", "generators"]

DEVICE = torch.device("meta")
aten = torch.ops.aten
MOVES = {aten._to_copy.default, aten.copy_.default}
# Which take places on the CPU on a GPU, too.
INDEXING = {
    *(aten.index.Tensor, aten.index_put_.default, aten.index_put.default),
    aten._index_put_impl_.default,
}

# A module such as `torch.cuda`: there is one device, which draws its numbers from the
# generator of the CPU.
generators = SimpleNamespace(
    device_count=lambda: 1,
    get_rng_state=lambda device: torch.get_rng_state(),
    set_rng_state=lambda state, device: torch.set_rng_state(state),
)


class Far(torch.Tensor):
    """A tensor that is elsewhere; `near` are its numbers."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, near):
        far = torch.Tensor._make_wrapper_subclass(
            cls, near.shape, strides=near.stride(), dtype=near.dtype, device=DEVICE
        )
        far.near = near
        return far

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return _compute(function, args, kwargs or {})


class Elsewhere(TorchDispatchMode):
    """Inside, the device is there."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return _compute(function, args, kwargs or {})


def _compute(function, args, kwargs):
    """Let an operation be done where its tensors are; refuse those of two devices."""
    given = [t for t in tree_flatten((args, kwargs))[0] if isinstance(t, torch.Tensor)]
    far = {id(t.near): t for t in given if isinstance(t, Far)}
    others = [t for t in given if t.ndim and not isinstance(t, Far)]
    takes_places = function in INDEXING and isinstance(args[0], Far)
    if far and others and function not in MOVES and not takes_places:
        raise RuntimeError(f"{function} of tensors on two devices")
    to = kwargs.get("device")
    if to is not None:
        kwargs = kwargs | {"device": "cpu"}
    near_args, near_kwargs = tree_map(_near, (args, kwargs))
    result = function(*near_args, **near_kwargs)
    if far and torch.Tag.inplace_view in function.tags:  # the outside has a shape, too
        _reshape(function, args, kwargs)
    stays = bool(far) if to is None else torch.device(to) == DEVICE

    def place(value):
        if not isinstance(value, torch.Tensor):
            return value
        if id(value) in far:  # changed in place
            return far[id(value)]
        return Far(value) if stays else value

    return tree_map(place, result)


def _near(value):
    return value.near if isinstance(value, Far) else value


def _reshape(function, args, kwargs):
    """Change the shape that a tensor says it has, and no numbers."""
    with no_dispatch():
        torch._C._set_meta_in_tls_dispatch_include(True)
        try:
            function(*args, **kwargs)
        finally:
            torch._C._set_meta_in_tls_dispatch_include(False)
