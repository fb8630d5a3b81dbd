"""Values of Python as plain data: what is made of others, and odd numbers."""

import struct
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import chain
from uuid import UUID

from .tree import LEAVES, READERS, WRITERS, register

__all__ = []

_INFINITE = {"inf": float("inf"), "-inf": -float("inf"), "nan": float("nan")}
_BITS = {text: struct.pack(">d", value) for text, value in _INFINITE.items()}


def _write_float(writer, value):
    if value - value == 0:
        return value
    text, bits = repr(value), struct.pack(">d", value)
    # A NaN of another sign or payload is written by its bits.
    return {"float": text if bits == _BITS[text] else bits.hex()}


def _read_float(reader, text):
    if text in _INFINITE:
        return _INFINITE[text]
    if type(text) is not str or len(text) != 16:
        raise ValueError(f"{text!r:.60} is no float")
    return struct.unpack(">d", bytes.fromhex(text))[0]


def _write_each(writer, values):
    values = list(values)
    if set(map(type, values)) <= LEAVES:
        return values
    return [writer.write(each) for each in values]


def _write_set(writer, values):
    """Write a set in one order, whatever the order in which it is gone through."""
    return sorted(_write_each(writer, values), key=repr)


def _write_dict(writer, values):
    """Write keys and values; small tuples of whole numbers, such as counts, in turn."""
    keys, values = _write_each(writer, values), list(values.values())
    if set(map(type, values)) == {tuple} and len(set(map(len, values))) == 1:
        in_turn = [*chain.from_iterable(values)]
        if in_turn and set(map(type, in_turn)) == {int}:
            return [keys, in_turn, len(values[0])]
    return [keys, _write_each(writer, values)]


def _read_dict(reader, tree):
    if type(tree) is list and len(tree) == 3 and type(tree[2]) is int and tree[2] > 0:
        keys, in_turn = reader.read_list(tree[0]), reader.read_list(tree[1])
        return dict(
            zip(keys, zip(*[iter(in_turn)] * tree[2], strict=True), strict=True)
        )
    reader.check_list(tree, 2)
    keys, values = reader.read_list(tree[0]), reader.read_list(tree[1])
    return dict(zip(keys, values, strict=True))


def _read_decimal(reader, text):
    try:
        return Decimal(_text(text))
    except InvalidOperation as error:
        raise ValueError(f"{text!r:.60} is no decimal number") from error


def _text(value):
    if type(value) is not str:
        raise ValueError(f"{value!r:.60}; expected a text")
    return value


WRITERS[float] = _write_float
READERS["float"] = _read_float
WRITERS[list] = _write_each
register(
    "tuple", tuple, _write_each, lambda reader, tree: tuple(reader.read_list(tree))
)
register("set", set, _write_set, lambda reader, tree: set(reader.read_list(tree)))
register(
    "frozenset",
    frozenset,
    _write_set,
    lambda reader, tree: frozenset(reader.read_list(tree)),
)
register("dict", dict, _write_dict, _read_dict)
register(
    "bytes",
    bytes,
    lambda writer, value: value.hex(),
    lambda reader, text: bytes.fromhex(_text(text)),
)
register(
    "slice",
    slice,
    lambda writer, value: _write_each(writer, (value.start, value.stop, value.step)),
    lambda reader, tree: slice(*reader.read_list(tree, 3)),
)
register(
    "complex",
    complex,
    lambda writer, value: _write_each(writer, (value.real, value.imag)),
    lambda reader, tree: complex(*reader.read_list(tree, 2)),
)
register("Decimal", Decimal, lambda writer, value: str(value), _read_decimal)
register(
    "UUID",
    UUID,
    lambda writer, value: value.hex,
    lambda reader, text: UUID(hex=_text(text)),
)
register(
    "Fraction",
    Fraction,
    lambda writer, value: [value.numerator, value.denominator],
    lambda reader, tree: Fraction(*reader.read_list(tree, 2)),
)
