"""Values of numpy as plain data: arrays, scalars, generators of random numbers."""

import numpy as np

from .arrays import check_array, read_dtype
from .tree import READERS, WRITERS, register

__all__ = []

_ITEM = np.dtype(np.uint8)  # stands for an object, one for one
_BITS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


def _write_array(writer, values):
    if values.dtype == object:
        items = [writer.write(each) for each in values.ravel().tolist()]
        return {"objects": [list(values.shape), items]}
    _check_plain(values.dtype)
    return {"array": writer.write_array(np.asarray(values))}


def _check_plain(dtype):
    """Refuse values that are more than their bytes."""
    try:
        read_dtype("V" if dtype.names else dtype.str)
    except ValueError:
        raise TypeError(f"values of {dtype} are not kept as plain data") from None


def _read_objects(reader, tree):
    reader.check_list(tree, 2)
    shape, items = tree
    reader.check_list(shape)
    items = reader.read_list(items)
    if check_array(_ITEM, shape, len(items)) != len(items):
        raise ValueError(f"{len(items)} objects in an array of shape {shape!r:.60}")
    values = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):  # one by one: tuples are not to be unpacked
        values[place] = item
    return values.reshape(shape)


def _write_scalar(writer, value):
    dtype = value.dtype
    _check_plain(dtype)
    if dtype.kind in "Mm":
        return [dtype.str, int(value.astype(np.int64))]
    if dtype.char in "gG":  # of a length that machines do not share
        raise TypeError(f"numbers of {dtype} are not kept as plain data")
    return [dtype.str, writer.write(value.item())]


def _read_scalar(reader, tree):
    reader.check_list(tree, 2)
    dtype, value = read_dtype(tree[0]), reader.read(tree[1])
    if dtype.kind == "U" and type(value) is str:
        return np.str_(value)
    if dtype.kind == "S" and type(value) is bytes:
        return np.bytes_(value)
    if dtype.kind in "US" or type(value) not in (int, float, complex, bool):
        raise ValueError(f"a {type(value).__name__} is no number of {dtype}")
    if dtype.kind in "Mm":
        return np.int64(value).view(dtype)[()]
    return dtype.type(value)


def _write_generator(writer, state):
    """Write the state of a bit generator, its words as an array."""
    return {name: writer.write(value) for name, value in state.items()}


def _read_bits(reader, tree):
    """Return a bit generator in a state; C would not look whether it can be one."""
    if type(tree) is not dict or tree.get("bit_generator") not in _BITS:
        raise ValueError(f"{tree!r:.60} is no state of a generator of random numbers")
    state = {name: reader.read(value) for name, value in tree.items()}
    bits = getattr(np.random, state["bit_generator"])(0)
    known, inner = bits.state, state.get("state")
    if type(inner) is not dict or inner.keys() != known["state"].keys():
        raise ValueError("a generator of random numbers lacks its state")
    for name, value in known["state"].items():
        _check_same(inner[name], value)
    for name, value in known.items():
        if name in state and name != "state":
            _check_same(state[name], value)
    for place, length in ((inner.get("pos"), 624), (state.get("buffer_pos"), 4)):
        if place is not None and not 0 <= place <= length:
            raise ValueError(f"a generator of random numbers is at {place}")
    bits.state = known | {name: state[name] for name in known if name in state}
    return bits, state


def _check_same(value, known):
    """Refuse what is not of the kind of a known part of a state."""
    same = type(value) is type(known)
    if same and isinstance(known, np.ndarray):
        same = (value.dtype, value.shape) == (known.dtype, known.shape)
    if same and isinstance(known, int):
        same = 0 <= value < 2**128
    if not same:
        raise ValueError(f"a {type(value).__name__} is no part of a generator's state")


def _write_random(writer, random):
    return _write_generator(writer, random.get_state(legacy=False))


def _read_random(reader, tree):
    bits, state = _read_bits(reader, tree)
    if state["bit_generator"] != "MT19937":
        raise ValueError("a RandomState is a Mersenne twister")
    gauss = state.get("gauss")
    if state.get("has_gauss") not in (0, 1) or type(gauss) is not float:
        raise ValueError(f"a {type(gauss).__name__} is no part of a generator's state")
    random = np.random.RandomState(bits)
    random.set_state(state)
    return random


register("RandomState", np.random.RandomState, _write_random, _read_random)
register(
    "Generator",
    np.random.Generator,
    lambda writer, random: _write_generator(writer, random.bit_generator.state),
    lambda reader, tree: np.random.Generator(_read_bits(reader, tree)[0]),
)
register("numpy", np.generic, _write_scalar, _read_scalar)
WRITERS[np.ndarray] = _write_array
READERS["array"] = lambda reader, place: reader.read_array(place)
READERS["objects"] = _read_objects
