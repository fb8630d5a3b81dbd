"""Equal names are one student in every store, and others are others."""

import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sktrace.live import student_key, student_name

DAY = pd.Timestamp("2024-03-01")
ALIKE = [
    [7, 7.0, np.int64(7), np.float32(7), np.uint8(7), Decimal(7), Fraction(7)],
    [1, True, np.True_, 1.0],
    [0.5, np.float64(0.5), Fraction(1, 2), Decimal("0.5")],
    ["7", np.str_("7")],
    ["ann"],
    [""],
    ["t:ann"],
    [b"ann"],
    [DAY, np.datetime64("2024-03-01"), datetime.date(2024, 3, 1), DAY.as_unit("s")],
    [DAY.tz_localize("UTC"), DAY.tz_localize("UTC").tz_convert("Asia/Tokyo")],
    [datetime.datetime(9999, 12, 31), np.datetime64("9999-12-31", "s")],
    [pd.Timedelta(1, "h"), np.timedelta64(60, "m"), datetime.timedelta(minutes=60)],
    [UUID(int=7)],
    [(1, "a"), (1.0, "a")],
    [("1", "a")],
    [frozenset({1, "a"}), frozenset({"a", 1.0})],
    [float("inf")],
    [2**70],
    [Decimal("0.1"), Fraction(1, 10)],
    [0.1],
]


def test_equal_names_have_one_key_and_others_another():
    keys = [{student_key(name) for name in names} for names in ALIKE]
    assert [len(own) for own in keys] == [1] * len(ALIKE)
    assert len(set().union(*keys)) == len(ALIKE)


# Ids are types: a set prints in another order in another process, and workers that
# collect tests of other names refuse to run any.
@pytest.mark.parametrize("names", ALIKE, ids=lambda names: type(names[0]).__name__)
def test_names_come_back_as_they_were(names):
    name = student_name(student_key(names[0]))
    assert name == names[0]
    assert hash(name) == hash(names[0])
    assert isinstance(name, str) == isinstance(names[0], str)


names_of_any_kind = st.recursive(
    st.text() | st.integers() | st.floats(allow_nan=False) | st.binary() | st.uuids(),
    lambda names: st.tuples(names, names) | st.frozensets(names, max_size=3),
    max_leaves=5,
)


@given(names_of_any_kind, names_of_any_kind)
def test_any_name_is_read_back_and_told_from_others(one, other):
    assert student_name(student_key(one)) == one
    assert (student_key(one) == student_key(other)) == (one == other)


def test_a_name_that_no_text_can_hold_is_refused_with_the_repair():
    with pytest.raises(TypeError, match=r"is a Period, .*str\(student\)"):
        student_key(pd.Period("2024"))
    assert student_key(str(pd.Period("2024"))) == "t:2024"
    half = "ann\ud83d"
    with pytest.raises(ValueError, match="not decoded as it was encoded"):
        student_key(half)
    assert student_key(half.encode("utf-8", "replace").decode()) == "t:ann?"


@pytest.mark.parametrize(
    "odd",
    ["", "ann", "n", "x:1", "n:one", "n:1/0", "s:[1]", "s:1", "u:7", "b:zz", "p:x"],
)
def test_what_is_no_key_is_refused(odd):
    with pytest.raises(ValueError, match="is the key of no student; expected what"):
        student_name(odd)
