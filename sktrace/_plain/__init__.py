"""Values as plain data, without pickle: no more is read back than is registered."""

from . import frames, numbers, times, values  # register what they keep
from .classes import set_attributes, stored
from .packed import pack, unpack
from .tree import from_plain, to_plain

__all__ = ["from_plain", "pack", "set_attributes", "stored", "to_plain", "unpack"]
_REGISTERING = (frames, numbers, times, values)
