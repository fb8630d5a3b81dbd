"""Dates, durations, numbers and several columns say the same of what came first."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sktrace._interactions.columns import check_interactions, number_moments
from sktrace._interactions.log import Column, Roles
from sktrace._interactions.times import check_order, check_time, read_order

DAYS = [3, 1, 2, 1]
DATES = pd.Series(pd.to_datetime(DAYS, unit="D", origin="2024-03-30"))

TELL_THE_SAME = {
    "numbers": pd.Series(DAYS),
    "seconds": DATES.astype("datetime64[s]"),
    "milliseconds": DATES.astype("datetime64[ms]"),
    "nanoseconds": DATES.astype("datetime64[ns]"),
    "UTC": DATES.dt.tz_localize("UTC"),
    "summer time": DATES.dt.tz_localize("Europe/Zurich"),
    "durations": pd.Series(pd.to_timedelta(DAYS, unit="D")),
}


@pytest.mark.parametrize("times", TELL_THE_SAME.values(), ids=TELL_THE_SAME)
def test_dates_of_any_unit_and_zone_are_an_order(times):
    order = check_order(times, "when")
    assert np.unique(order, return_inverse=True)[1].tolist() == [2, 0, 1, 0]
    X = pd.DataFrame({"who": "ann", "when": times})
    assert number_moments(X, "who", "when")[1].tolist() == [2, 0, 1, 0]


def test_an_hour_that_clocks_show_twice_is_two_hours():
    twice = pd.to_datetime(["2024-10-27 00:30Z", "2024-10-27 01:30Z"])
    shown = pd.Series(twice).dt.tz_convert("Europe/Zurich")
    assert shown.dt.hour.tolist() == [2, 2]
    assert np.diff(check_order(shown, "when")) > 0


def test_dates_of_arrow_are_an_order():
    pytest.importorskip("pyarrow")
    order = check_order(DATES.astype("timestamp[ms][pyarrow]"), "when")
    assert np.unique(order, return_inverse=True)[1].tolist() == [2, 0, 1, 0]


def test_several_columns_are_compared_one_after_the_other():
    X = pd.DataFrame({"day": DATES, "row": [5, 9, 1, 9], "last": [0, 1, 0, 0]})
    assert read_order(X, ["day", "row"]).tolist() == [2, 0, 1, 0]
    assert read_order(X, ["day", "row", "last"]).tolist() == [3, 1, 2, 0]
    assert read_order(X, ["row"]).tolist() == [1, 2, 0, 2]
    assert read_order(X, None) is None
    with pytest.raises(ValueError, match=r"order=\[\] names no column; .*order=None"):
        read_order(X, [])


def test_a_column_of_several_that_is_not_there_is_refused():
    X = pd.DataFrame({"user_id": [1], "day": [1], "skill_name": "a", "correct": 1})
    roles = Roles(
        student="user_id", order=["day", "row"], skill="skill_name", correct="correct"
    )
    with pytest.raises(ValueError, match=r"no column 'row' \(order\)"):
        check_interactions(X, roles)
    X["row"] = np.nan
    with pytest.raises(ValueError, match=r"'row' \(order\) is missing in 1 row"):
        check_interactions(X, roles)
    X["row"] = 1
    assert check_interactions(X, roles).order.tolist() == [0]


@pytest.mark.parametrize("times", TELL_THE_SAME.values(), ids=TELL_THE_SAME)
def test_times_are_seconds(times):
    unit = 1 if times.dtype.kind == "i" else 86400
    seconds = check_time(times, "when", "time")
    np.testing.assert_allclose(np.diff(seconds), np.diff(DAYS) * unit, atol=3600)
    if times.dtype.kind == "M" and "Zurich" not in str(times.dtype):
        np.testing.assert_allclose(np.diff(seconds), np.diff(DAYS) * unit)
    gone = check_time(times.where([True, False, True, True]), "when", "time")
    assert np.isnan(gone).tolist() == [False, True, False, False]


def test_seconds_since_1970_are_those_of_posix():
    moment = pd.Timestamp("2024-02-29 12:00:00.25+02:00")
    seconds = check_time(pd.Series([moment]), "when", "time")
    np.testing.assert_allclose(seconds, moment.timestamp(), rtol=1e-15)


@pytest.mark.parametrize(
    "times",
    [["2024-01-01", "2024-02-01"], [date(2024, 1, 1), date(2024, 2, 1)], ["7", "9.5"]],
    ids=["dates", "objects", "numbers"],
)
def test_times_that_are_words_are_refused_and_the_repair_works(times):
    X = pd.DataFrame({"when": times})
    message = r"Column 'when' \(time\) has dtype .*expected seconds or dates"
    with pytest.raises(ValueError, match=message) as refusal:
        check_time(X["when"], "when", "time")
    repair = re.search(r": (X.*); or", str(refusal.value)).group(1)
    exec(repair, {"X": X, "pd": pd})
    assert check_time(X["when"], "when", "time").shape == (2,)


def test_a_time_may_be_missing_where_an_order_may_not():
    X = pd.DataFrame({"who": ["a", "b"], "right": [1, 0], "at": [pd.NaT, DATES[0]]})
    roles = Roles(
        student="who", correct="right", known_before={"time": Column("at", check_time)}
    )
    assert np.isnan(check_interactions(X, roles).known_before["time"]).sum() == 1
    with pytest.raises(ValueError, match=r"'at' \(order\) is missing in 1 row"):
        check_interactions(X, Roles(student="who", order="at", correct="right"))


@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_nothing_happens_at_an_infinite_time(infinite):
    X = pd.DataFrame({"when": [1.0, infinite, 2.0]})
    with pytest.raises(ValueError, match=r"\(order\) is infinite in 1 row") as refused:
        read_order(X, "when")
    assert "X[np.isfinite(X['when'])]" in str(refused.value)
    assert read_order(X[np.isfinite(X["when"])], "when").tolist() == [1.0, 2.0]


@pytest.mark.parametrize("dtype", ["float16", "Float32", "double[pyarrow]", "uint8"])
def test_numbers_of_any_type_are_an_order(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    X = pd.DataFrame({"who": "ann", "when": pd.Series(DAYS).astype(dtype)})
    assert number_moments(X, "who", "when")[1].tolist() == [2, 0, 1, 0]
