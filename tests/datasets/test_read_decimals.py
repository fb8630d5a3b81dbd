"""Decimal commas are told by all numbers of a column, or asked for."""

import pytest

from sktrace.datasets._read_problems import Argument, ReadingError


def write_log(times, sep=";", points=None):
    points = [0] * len(times) if points is None else points
    rows = [
        sep.join(["ann", str(time), "add", "1,0" if sep == ";" else "1", str(point)])
        for time, point in zip(times, points, strict=True)
    ]
    header = sep.join(["user_id", "order_id", "skill_name", "correct", "points"])
    return "\n".join([header, *rows])


TOLD = {
    "one digit": ["0,5", "1,5"],
    "whole numbers among them": ["1", "1,25", "2"],
    "a zero before": ["0,125", "0,250"],
    "nothing before": [",125", ",250"],
    "thousands that are none": ["1,234", "2,5"],
    "four digits": ["1,2345", "2,3456"],
    "below zero": ["-1,5", "2,25"],
    "long ones": ["1234,567", "12345,678"],
}


@pytest.mark.parametrize("times", TOLD.values(), ids=TOLD)
def test_commas_are_told_by_the_column(read_noted, times):
    X, notes = read_noted(write_log(times))
    assert X["order_id"].tolist() == [float(time.replace(",", ".")) for time in times]
    assert X["correct"].tolist() == [1] * len(times)
    assert notes == [
        "Numbers of the columns ['order_id', 'correct'] are read with decimal commas."
    ]
    assert X.equals(read_noted(write_log(times), decimal=",")[0])


def test_columns_that_are_kept_are_numbers_where_all_are(read_noted):
    text = write_log([1, 2], points=["7,5", "8"])
    X, notes = read_noted(text, keep=["points"])
    assert X["points"].tolist() == [7.5, 8]
    assert "['correct', 'points']" in notes[0]
    for points in (["7,5", "x"], ["7,5", "8.5"], ["1,234", "2,345"]):
        X, _ = read_noted(write_log([1, 2], points=points), keep=["points"])
        assert X["points"].tolist() == points


@pytest.mark.parametrize("times", [["1,234", "2,345"], ["999", "1,000"], ["-1,234"]])
def test_thousands_or_decimals_are_asked_for(read_noted, times):
    with pytest.raises(ReadingError, match="or between thousands") as error:
        read_noted(write_log(times))
    repair = [part for part in error.value.parts if isinstance(part, Argument)]
    assert repair == [("decimal", ",")]
    X, _ = read_noted(write_log(times), decimal=",")
    assert X["order_id"].tolist() == [float(time.replace(",", ".")) for time in times]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["1,5", "2.5"], "'1,5' and '2.5'; expected a comma before decimals through"),
        (["1,234", "2.5"], "'1,234' and '2.5'; expected a comma before decimals"),
        (["1.234,5", "2.345,6"], "Write thousands without a mark"),
        (["1.234.567", "2.345.678"], "Write thousands without a mark"),
        (["1 234,5", "2 345,6"], "Write thousands without a mark"),
        (["1'234.5", "2'345.6"], "Write thousands without a mark"),
    ],
)
def test_two_marks_are_refused(read_noted, times, said):
    with pytest.raises(ReadingError) as error:
        read_noted(write_log(times))
    assert said in str(error.value)


def test_a_comma_that_parts_cells_is_no_decimal_comma_unless_it_is_named(read_noted):
    text = write_log(['"0,5"', '"1,5"'], sep=",")
    with pytest.raises(
        ReadingError, match="may stand before decimals; expected"
    ) as told:
        read_noted(text)
    assert Argument("decimal", ",") in told.value.parts
    assert read_noted(text, decimal=",")[0]["order_id"].tolist() == [0.5, 1.5]


def test_a_point_that_was_named_stays_one(read_noted):
    with pytest.raises(ReadingError, match="Say that numbers have a comma"):
        read_noted(write_log(["0,5", "1,5"]), decimal=".")


def test_percent_signs_may_follow_commas(read_noted):
    text = write_log([1, 2]).replace("1,0", "62,5 %")
    assert read_noted(text, threshold=0.6)[0]["correct"].tolist() == [1, 1]


def test_points_between_thousands_are_asked_about(read_noted):
    text = write_log(["998", "999", "1.000", "1.001"])
    with pytest.raises(ReadingError, match="between thousands") as error:
        read_noted(text)
    assert error.value.repairs == [Argument("decimal", ".")]
    X, _ = read_noted(text.replace("1,0", "1"), decimal=".")
    assert X["order_id"].tolist() == [998, 999, 1, 1.001]


@pytest.mark.parametrize("times", [["1.250", "2.5", "3"], ["0.125", "1.250", "3"]])
def test_points_before_decimals_tell_of_themselves(read_noted, times):
    assert read_noted(write_log(times))[0]["order_id"].tolist() == [*map(float, times)]
