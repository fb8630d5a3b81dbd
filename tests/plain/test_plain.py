"""What is packed comes back with the same types and bits, and nothing else does."""

import datetime
import json
import os
import random
import struct
import zlib
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from sktrace._bkt.live import Knowledge
from sktrace._plain import from_plain, pack, stored, to_plain, unpack

from ._same import assert_same

NAMES = [
    *("ann", "a\ud800é", "", 1, -(2**70), True, 1.5, -0.0, float("inf"), None),
    *((1, ("x",)), b"\x00z", 1j, Decimal("1.20"), Fraction(1, 3), frozenset("abc")),
    pd.Timestamp("2020-01-01 10:00:00.123456789"),
    pd.Timestamp("2020-01-01 10:00", tz="UTC"),
    pd.Timestamp("2020-01-01T00:00+03:00"),
    *(pd.Timedelta("3h"), UUID(int=3)),
    pd.Period("2020-01", "M"),
    pd.Interval(0, 1.5, "left"),
    *(pd.NaT, pd.NA),
    datetime.datetime(2020, 1, 1, 3),
    datetime.date(2020, 1, 1),
    datetime.timedelta(1, 2, 3),
    *(np.float32(1.1), np.int8(3), np.bool_(True), np.str_("x"), np.float64("nan")),
    *(np.datetime64("2020-01-01", "D"), np.datetime64("NaT"), np.timedelta64(3, "s")),
    struct.unpack("<d", bytes.fromhex("010000000000f8ff"))[0],  # a NaN with a payload
]
DATES = pd.DatetimeIndex(["2020-01-01", "2021-01-01"])
INDEXES = [
    pd.RangeIndex(2, name="x"),
    pd.Index(["a", None], name=("n", 1)),
    pd.Index([(1, 2), "a"], dtype=object, tupleize_cols=False),
    pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]),
    pd.CategoricalIndex(["a", "b"], ordered=True),
    *(DATES, DATES.tz_localize("UTC"), DATES - DATES[0], pd.Index([0.5, np.nan])),
    *(pd.PeriodIndex(["2020-01", "NaT"], freq="M"), pd.interval_range(0, 2, name="x")),
    pd.IntervalIndex.from_tuples([(0, 1.5), np.nan], closed="left"),
    pd.IntervalIndex.from_breaks([*DATES, pd.Timestamp("2022")]),
]
COLUMNS = [
    *([1, 2], [0.5, np.nan], ["x", None], DATES, DATES.tz_localize("UTC")),
    *(pd.array([1, None], "Int64"), pd.array([True, None], "boolean")),
    *(pd.array(["a", None], "string"), pd.Categorical(["u", "v"])),
    np.array([1, 2], dtype="float32"),
    pd.Series([(1,), None], dtype=object),
    *(pd.PeriodIndex(["2020-01", "2021-03"], freq="M"), pd.cut([1, 2], 2)),
]


def some_values():
    """Return values of all kinds."""
    rng = np.random.default_rng(0)
    generators = [np.random.RandomState(3), np.random.default_rng(3)]
    for random_bits in ("MT19937", "Philox", "SFC64", "PCG64DXSM"):
        generators.append(np.random.Generator(getattr(np.random, random_bits)(1)))
    generators[0].standard_normal()  # has one in store
    names = np.empty(len(NAMES), dtype=object)
    names[:] = NAMES
    arrays = [
        *(rng.random((3, 4)), np.asfortranarray(rng.random((3, 4))), np.zeros((0, 5))),
        *(np.array(3.0), np.array(["a", "bcd"]), DATES.to_numpy(), names),
        *(np.array([True, False]), np.arange(3, dtype="uint16"), np.zeros((2, 0), "O")),
    ]
    frame = pd.DataFrame(dict(enumerate(COLUMNS)), index=["r", "s"])
    alike = pd.DataFrame([[1, 2.0]], columns=["a", "a"])
    frames = [frame, alike, pd.DataFrame(), pd.Series([1, 2], INDEXES[1], name=3)]
    known = Knowledge(*rng.random((4, 3)), True)
    made = [
        [1, [2]],
        {1: (3, 4), 2: (5, 6)},
        {"a": {2.5}, 1: ()},
        {"x"},
        slice(1, None),
    ]
    return [*NAMES, *generators, *arrays, *INDEXES, *frames, known, *made]


def test_what_is_packed_comes_back_the_same():
    for value in some_values():
        data = pack(value)
        assert data == pack(value)
        assert_same(value, unpack(data))


def test_a_tree_is_json_and_its_arrays_hold_no_objects():
    for value in some_values():
        tree, arrays = to_plain(value)
        tree = json.loads(json.dumps(tree, allow_nan=False))
        assert not any(each.dtype.hasobject for each in arrays)
        assert_same(value, from_plain(tree, arrays))


def test_a_set_is_written_in_one_order():
    assert pack({"b", "a", "c"}) == pack({"c", "b", "a"})


def test_what_has_no_plain_form_is_refused_by_its_type():
    for value in (object(), print, {"a": [ValueError()]}, os):
        with pytest.raises(TypeError, match="no type that is kept as plain data"):
            pack(value)
    odd = [np.zeros(2, "i4,f8"), np.zeros(2, "M8[25s]"), np.zeros(1, "V3")]
    for value in [*odd, np.longdouble(1), np.void(b"abc"), np.timedelta64(1, "25s")]:
        with pytest.raises(TypeError, match="not kept as plain data"):
            pack(value)


def test_what_would_be_too_deep_to_be_read_is_not_written():
    deep = 0
    for _ in range(64):
        deep = [deep]
    assert unpack(pack(deep)) == deep
    around = []
    around.append(around)
    for value in ([deep], around):
        with pytest.raises(TypeError, match="more than 64 levels deep"):
            pack(value)


def test_fields_that_were_added_since_have_their_defaults():
    @stored
    class Grown(NamedTuple):
        old: int
        new: str = "as before"

    assert from_plain({"Grown": [1]}, []) == Grown(1, "as before")
    with pytest.raises(ValueError, match="Grown of 3 fields; expected 2"):
        from_plain({"Grown": [1, 2, 3]}, [])
    with pytest.raises(ValueError, match="another class named 'Knowledge' is stored"):
        stored(type("Knowledge", (), {}))


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ({"os.system": ["true"]}, "'os.system' is nothing that can be read back"),
        ({"show_versions": []}, "'show_versions' is nothing that can be read back"),
        ({"tuple": [], "list": []}, "an object of 2 keys"),
        ({"array": 0}, "array 0 of 0"),
        ({"objects": [[2, 2**40], []]}, "an array of uint8"),
        ({"objects": [[0, 2**60], []]}, "no shape of an array"),
        ({"float": "abc"}, "no float"),
        ({"set": [[1]]}, "makes no value: TypeError"),
        ({"RangeIndex": [0, 10**12, 1, None]}, "a range of 1,000,000,000,000"),
        ({"MultiIndex": [[{"RangeIndex": [0, 9, 1, None]}], [], []]}, "spelt out"),
        ({"MeanClassifier": {"predict": 1}}, "has no attribute 'predict'"),
        ({"MeanClassifier": {"__class__": 1}}, "has no attribute '__class__'"),
    ],
)
def test_trees_that_say_anything_else_are_refused(tree, says):
    with pytest.raises(ValueError, match=says):
        from_plain(tree, [])


def test_generators_are_not_set_to_where_they_have_no_words():
    tree, arrays = to_plain(np.random.RandomState(0))
    tree["RandomState"]["state"]["dict"][1][1] = 10**6  # C would read beyond its array
    with pytest.raises(ValueError, match="at 1000000"):
        from_plain(tree, arrays)


def test_deep_trees_are_refused_however_deep():
    for depth in (70, 10**5):
        with pytest.raises(ValueError, match="deep"):
            unpack(seal(b"[" * depth + b"1" + b"]" * depth + b",[]"))


def seal(head, arrays=b""):
    """Return packed bytes of a head, its brackets aside, with the right checksum."""
    content = struct.pack("<I", len(head) + 2) + b"[" + head + b"]" + arrays
    return b"skt1" + struct.pack("<I", zlib.crc32(content)) + content


@pytest.mark.parametrize(
    "head",
    [
        b'{"array":0},[["<f8",[1000000000000]]]',
        b'{"array":0},[["|O8",[1]]]',
        b'{"array":0},[["<f8,<f8",[1]]]',
        b'{"array":0},[["<M8[0s]",[1]]]',
        b'{"array":0},[["<U999999999",[0]]]',
        b'{"array":0},[["<f8",[-1]]]',
        b'{"tuple":[{"array":0},{"array":0}]},[["<f8",[1]]]',
        b'1,[["<f8",[1]]]',
        b"NaN,[]",
        b"1",
    ],
)
def test_heads_that_do_not_fit_what_is_there_are_refused(head):
    with pytest.raises(ValueError, match=r"."):
        unpack(seal(head, bytes(8)))


def test_any_bytes_are_a_value_or_a_value_error():
    draw = random.Random(0)
    n_read = 0
    for value in some_values():
        data = pack(value)
        with pytest.raises(ValueError, match=r"packed|checksums"):
            unpack(data[: draw.randrange(len(data))])
        for _ in range(25):
            content = bytearray(data[8:])
            for _ in range(draw.randint(1, 3)):
                content[draw.randrange(len(content))] = draw.choice(b'019"[]{}:,aZ\xff')
            checksum = struct.pack("<I", zlib.crc32(content))
            try:
                unpack(data[:4] + checksum + bytes(content))
                n_read += 1
            except ValueError:
                pass
    assert n_read > 0
