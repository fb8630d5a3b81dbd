"""How dates are written is told by the whole column, or asked for."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from sktrace.datasets import read_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import Argument, ReadingError
from sktrace.datasets._read_rows import read_rows

from ._logs import SECOND, T0

DAY = 86_400 * SECOND
TWENTY_PAST_TWELVE = (12 * 60 + 20) * 60 * SECOND


def write_log(times, sep=";"):
    """Write a log of two students whose answers were given at some times."""
    rows = [
        f"{'ab'[row % 2]}{sep}{time}{sep}add{sep}{row % 2}"
        for row, time in enumerate(times)
    ]
    return "\n".join(
        [sep.join(["user_id", "order_id", "skill_name", "correct"]), *rows]
    )


def read_with_notes(tmp_path, text, **options):
    path = tmp_path / "log.csv"
    path.write_text(text)
    with open_table(path, None, None) as table:
        return read_rows(table, **options), table.notes


def asked(error):
    return [part for part in error.value.parts if isinstance(part, Argument)]


# The moment of T0, 22 September 2008, 12:20 in UTC, as people write it
WRITTEN = {
    "9/22/2008 12:20": "month first, as %m/%d/%Y %H:%M",
    "09/22/08 12:20": "month first, as %m/%d/%y %H:%M",
    "9/22/2008 12:20:00 PM": "month first, as %m/%d/%Y %I:%M:%S %p",
    "9/22/2008 12:20 p.m.": "month first, as %m/%d/%Y",
    "22/9/2008 12:20": "day first, as %d/%m/%Y %H:%M",
    "22.09.2008 12:20:00": "day first, as %d.%m.%Y %H:%M:%S",
    "22.9.2008, 12:20:00": "day first, as %d.%m.%Y %H:%M:%S",
    "22. 9. 2008 12.20": "day first, as %d.%m.%Y",
    "22.09.2008 12:20:00.000": "day first, as %d.%m.%Y %H:%M:%S.%f",
    "22.09.2008 12:20:00,000": "day first, as %d.%m.%Y %H:%M:%S.%f",
    "22-09-2008 12:20": "day first, as %d-%m-%Y %H:%M",
    "12:20 22.09.2008": "day first, as %d.%m.%Y",
    "22 Sep 2008 12:20": "as %d %b %Y %H:%M",
    "22-Sep-08 12:20": "as %d-%b-%y %H:%M",
    "September 22, 2008, 12:20 PM": "as %b %d, %Y",
    "22nd September 2008 at 12:20": "as %d %b %Y",
    "22. September 2008, 12:20 Uhr": "as %d.%b %Y",
    "22 septembre 2008 à 12h20": "as %d %b %Y",
    "22 de septiembre de 2008 12:20": "as %d %b %Y",
    "Mon Sep 22 12:20:00 UTC 2008": "as %b %d %Y",
    "Mon, 22 Sep 2008 12:20:00 GMT": "as %d %b %Y",
    "Mon Sep 22 2008 14:20:00 GMT+0200 (CEST)": "as %b %d %Y",
    "Mo., 22.09.2008 12:20": "day first, as %d.%m.%Y",
    "22/09/2008 12:20 UTC": "day first, as %d/%m/%Y",
    "22/09/2008 12:20Z": "day first, as %d/%m/%Y",
    "22/09/2008 13:20+01:00": "day first, as %d/%m/%Y",
    "22/09/2008 08:20 -0400": "day first, as %d/%m/%Y",
    "2008年9月22日 12:20": "",
    "2008. 09. 22. 12:20": "as %Y.%m.%d",
    "2008-09-22 12:20 GMT": "",
    "2008-09-22 12:20:00 UTC": "",
    "2008-09-22 12:20:00,000": "",
    "2008-09-22T12:20:00Z": "",
    "2008-09-22 14:20:00+02": "",
}


@pytest.mark.parametrize(("text", "told"), WRITTEN.items(), ids=WRITTEN)
def test_dates_are_read_as_people_write_them(tmp_path, text, told):
    X, notes = read_with_notes(tmp_path, write_log([text, text]))
    assert X["order_id"].tolist() == [T0, T0]
    assert len(notes) == bool(told)
    assert told in "".join(notes)


def test_a_column_tells_its_form_by_one_late_value(read):
    early = [f"{day}/{month}/2008" for month in (1, 2) for day in range(1, 13)]
    X = read(write_log([*early, "13/2/2008"]))
    assert (X["order_id"].diff()[1:] > 0).all()
    X = read(write_log([*early, "2/13/2008"]))
    assert X["order_id"][1] - X["order_id"][0] == 31 * DAY


def test_a_date_may_lack_its_seconds_or_the_time_of_the_day(read):
    times = [
        "22.9.2008",
        "22.9.2008 12:20",
        "22.9.2008 12:20:01",
        "22.9.2008 12:20:01.5",
    ]
    midnight = T0 - TWENTY_PAST_TWELVE
    expected = [midnight, T0, T0 + SECOND, T0 + 3 * SECOND // 2]
    assert read(write_log(times))["order_id"].tolist() == expected


OPEN = {
    "slashes": (["3/4/2008"] * 2, "%m/%d/%Y"),
    "rows that grow": (
        ["3/4/2008 10:00", "3/4/2008 10:00", "2/5/2008 10:00", "2/5/2008 10:00"],
        "%d/%m/%Y %H:%M",
    ),
    "points": (["3.4.2008"] * 2, "%d.%m.%Y"),
    "two digits": (["03.04.08", "05.04.08"], "%d.%m.%y"),
    "an hour of twelve": (["3/4/2008 1:05 PM"] * 2, "%m/%d/%Y %I:%M %p"),
}  # fmt: skip


@pytest.mark.parametrize(("times", "first"), OPEN.values(), ids=OPEN)
def test_day_or_month_first_is_asked_where_both_fit(read, times, first):
    with pytest.raises(ReadingError, match="all of which may have the") as error:
        read(write_log(times))
    formats = [argument.value for argument in asked(error)]
    assert formats[0] == first
    assert len(formats) >= 2
    found = [tuple(read(write_log(times), time_format=f)["order_id"]) for f in formats]
    assert len(set(found)) == len(formats)


def test_an_open_date_is_asked_for_once_in_plain_words(read):
    columns = {"order_id": "order_id"}
    with pytest.raises(ReadingError) as error:
        read(write_log(["3/4/2008", "5/4/2008"]), columns=columns, time="order_id")
    assert str(error.value) == (
        "Column 'order_id' (order) holds dates such as '3/4/2008', '5/4/2008', all of "
        "which may have the month or the day first; expected a date that tells. Say "
        "which: time_format='%m/%d/%Y' (the month first) or time_format='%d/%m/%Y' "
        "(the day first)."
    )


def test_dates_that_are_the_same_either_way_are_no_question(read):
    X = read(write_log(["3/3/2008", "4/4/2008"]))
    assert X["order_id"].diff()[1] == 32 * DAY


def test_two_digits_that_grow_through_decades_are_days(read):
    days = [f"{day:02}.10.24" for day in range(1, 13)]
    with pytest.raises(ReadingError, match="the day or the month first"):
        read(write_log(days))
    X = read(write_log([*days, "13.10.24", "14.10.24"]))
    assert (X["order_id"].diff()[1:] == DAY).all()
    years_first = [f"24/10/{day:02}" for day in range(1, 20)]
    assert (read(write_log(years_first))["order_id"].diff()[1:] == DAY).all()


MIXED = {
    "another order": ["22/9/2008", "23/9/2008", "9/24/2008"],
    "another mark": ["22/9/2008", "23/9/2008", "24.9.2008"],
    "no date": ["22/9/2008", "23/9/2008", "soon"],
    "no such day": ["22/9/2008", "23/9/2008", "31/9/2008"],
    "no such time": ["22/9/2008 10:00", "23/9/2008 10:00", "24/9/2008 10:61"],
}


@pytest.mark.parametrize("times", MIXED.values(), ids=MIXED)
def test_dates_of_several_forms_are_refused_with_their_rows(read, times):
    with pytest.raises(ReadingError) as error:
        read(write_log(times))
    assert str(error.value).startswith(
        f"Column 'order_id' (order) holds '{times[2]}' in 1 row (the first at position "
        f"2) beside dates such as '{times[0]}'; expected one form throughout"
    )


@pytest.mark.parametrize("text", ["now", "today", "10:05", "x", "22.9.", "Monday"])
def test_what_is_no_date_is_refused(read, text):
    with pytest.raises(ReadingError, match=r"holds '.*expected numbers or dates such"):
        read(write_log([text, text]))


def test_missing_times_of_an_inferred_form(read):
    text = write_log(["22.9.2008 12:20", "", "23.9.2008 12:20"])
    with pytest.raises(ReadingError, match="is missing in 1 row"):
        read(text)
    X = read(text, drop_missing=True)
    assert X["order_id"].tolist() == [T0, T0 + DAY]
    X = read(text.replace("order_id", "when"), columns={"order_id": None}, time="when")
    np.testing.assert_array_equal(X["time"] * SECOND, [T0, np.nan, T0 + DAY])


@pytest.mark.parametrize("form", ["%d.%m.%Y %H:%M", "%d.%m.%Y", "%H:%M %d.%m.%Y"])
def test_a_zone_and_seconds_may_follow_a_format_that_was_named(read, form):
    times = ["22.9.2008 12:20", "22.9.2008 12:20 UTC", "22.9.2008 13:20:01 +0100"]
    X = read(write_log(times), time_format=form)
    assert X["order_id"].tolist() == [T0, T0, T0 + SECOND]


def test_names_of_months_may_be_named_in_any_language(read):
    times = ["22 Sept 2008 12:20", "1. März 2009", "2 août 2009"]
    X = read(write_log(times[:1] * 2), time_format="%d %b %Y %H:%M")
    assert X["order_id"].tolist() == [T0, T0]
    X = read(write_log(times[2:] * 2), time_format="%d %B %Y")
    assert X["order_id"][0] == pd.Timestamp("2009-08-02").value // 1000


@pytest.mark.parametrize(
    ("number", "form"), [("20080922", "%Y%m%d"), ("20080922122000", "%Y%m%d%H%M%S")]
)
def test_numbers_that_write_dates_are_no_seconds(read, number, form):
    text = write_log([number, number])
    assert read(text)["order_id"].tolist() == [int(number)] * 2
    with pytest.raises(ReadingError, match="all of which are dates if") as error:
        read(text, time="order_id")
    assert [argument.value for argument in asked(error)] == [form, "s"]
    X = read(text, time="order_id", time_format=form)
    assert X["time"][0] in (T0 / SECOND, (T0 - TWENTY_PAST_TWELVE) / SECOND)
    assert (
        read(text, time="order_id", time_unit="s")["time"].tolist() == [int(number)] * 2
    )


# Date and time of the day in two columns

SHEET = """\
Kind;Datum;Uhrzeit;Thema;richtig
a;{date};{clock};add;1
a;{date};{clock};add;0
"""
TWO = {
    "user_id": "Kind",
    "order_id": ["Datum", "Uhrzeit"],
    "skill_name": "Thema",
    "correct": "richtig",
}


DATES = ["22.9.2008", "2008-09-22", "2008-09-22 00:00:00", "22 Sep 2008", "20080922"]
CLOCKS = ["12:20", "12:20:00", "12:20 PM", "12h20", "12.20 Uhr", "12:20:00.000"]
CLOCKS += ["13:20+01:00"]


@pytest.mark.parametrize(
    ("date", "clock"),
    [*product(DATES[:1], CLOCKS), *product(DATES[1:], CLOCKS[:1])],
)
def test_date_and_clock_stand_in_two_columns(read, date, clock):
    X = read(SHEET.format(date=date, clock=clock), columns=TWO, time=TWO["order_id"])
    assert X["order_id"].tolist() == [T0, T0]
    assert X["time"].tolist() == [T0 / SECOND] * 2


def test_a_clock_may_be_a_part_of_a_day(read):
    text = SHEET.format(date="22.9.2008", clock="0,5")
    expected = [T0 - 20 * 60 * SECOND] * 2
    assert read(text, columns=TWO)["order_id"].tolist() == expected
    assert read(text.replace("0,5", ".5"), columns=TWO)["order_id"].tolist() == expected


def test_two_columns_are_one_that_joins_them(read):
    text = SHEET.format(date="3/4/2008", clock="12:20")
    with pytest.raises(ReadingError, match=r"'Datum'.* may have the month or") as error:
        read(text, columns=TWO)
    joined = text.replace(";Uhrzeit", "").replace(";12:20", " 12:20")
    one = {**TWO, "order_id": "Datum"}
    for argument in asked(error):
        X = read(text, columns=TWO, time_format=argument.value)
        assert X.equals(read(joined, columns=one, time_format=argument.value))
    form = "%d/%m/%Y %H:%M"
    assert read(text, columns=TWO, time_format=form).equals(
        read(joined, columns=one, time_format=form)
    )


def test_a_row_without_a_clock_has_no_time(read):
    text = SHEET.format(date="22.9.2008", clock="12:20") + "b;22.9.2008;;add;1\n"
    with pytest.raises(ReadingError, match=r"'Uhrzeit' \(order\) is missing in 1 row"):
        read(text, columns=TWO)
    assert len(read(text, columns=TWO, drop_missing=True)) == 2
    X = read(text, columns={**TWO, "order_id": None}, time=["Datum", "Uhrzeit"])
    assert X["time"].isna().tolist() == [False, False, True]


def test_two_columns_that_do_not_fit_are_refused(read):
    text = SHEET.format(date="22.9.2008 12:20", clock="12:20")
    with pytest.raises(ReadingError, match="with a time of the day, and 'Uhr") as error:
        read(text, columns=TWO)
    columns = {**TWO, **asked(error)[0].value}
    assert read(text, columns=columns)["order_id"].tolist() == [T0, T0]
    text = SHEET.format(date="22.9.2008", clock="noon")
    with pytest.raises(ReadingError, match=r"'Uhrzeit' \(order, the time of the day\)"):
        read(text, columns=TWO)
    three = {**TWO, "order_id": ["Datum", "Uhrzeit", "Thema"]}
    with pytest.raises(ReadingError, match="expected one, or two that differ"):
        read(text, columns=three)
    with pytest.raises(
        ReadingError, match="'Datum' and 'Zeit', of which the file has 0"
    ):
        read(text, columns={**TWO, "order_id": ["Datum", "Zeit"]})
    one = {**TWO, "order_id": ["Datum"]}
    assert read(text, columns=one)["order_id"][0] == T0 - TWENTY_PAST_TWELVE


def test_parquet_keeps_dates_beside_clocks(tmp_path):
    pytest.importorskip("pyarrow", reason="pyarrow, which reads Parquet, is missing")
    frame = pd.DataFrame(
        {
            "Kind": ["a", "a"],
            "Datum": pd.to_datetime(["2008-09-22"] * 2),
            "Uhrzeit": pd.to_timedelta(["12:20:00"] * 2),
            "Thema": "add",
            "richtig": [1, 0],
        }
    )
    clock = pd.Timestamp("2008-09-22 12:20").time()
    for number, other in enumerate([frame, frame.assign(Uhrzeit=[clock] * 2)]):
        path = tmp_path / f"{number}.parquet"
        other.to_parquet(path)
        assert read_interactions(path, columns=TWO)["order_id"].tolist() == [T0, T0]
