"""Any table whose columns are named is read exactly; what does not fit is refused."""

import sys

import numpy as np
import pandas as pd
import pytest

from sktrace.datasets import make_interactions, read_interactions

from ._logs import NAN, SECOND, T0, assert_log, same_rows

COLUMNS = {
    "user_id": "pupil",
    "order_id": "when",
    "skill_name": "topic",
    "correct": "right",
}
SHEET = """\
pupil;when;topic;right;minutes
ann;2;add;TRUE;1.5
007;1.5;"carry; borrow";no;
ann;1;;;2
"""


# Any table


def test_a_table_with_named_columns(read):
    expected = pd.DataFrame(
        {
            "user_id": ["ann", "007", "ann"],
            "order_id": [2, 1.5, 1],
            "skill_name": ["add", "carry; borrow", NAN],
            "correct": [1, 0, NAN],
            "minutes": [1.5, NAN, 2],
        }
    )
    X = read(SHEET, columns=COLUMNS, keep=["minutes"])
    assert_log(X, expected)
    assert list(X) == [*COLUMNS, "minutes"]
    for text, name in [
        (SHEET.replace("\n", "\r\n"), "log.CSV"),
        (SHEET.replace(";", "\t"), "log.tsv"),
        (SHEET.replace(";", "|"), "log.txt"),
        (SHEET.replace("\n", "\n\n"), "log.csv.gz"),
    ]:
        X = read(text, columns=COLUMNS, keep=["minutes"], name=name)
        X["skill_name"] = X["skill_name"].str.replace("[|\t]", ";", regex=True)
        assert_log(X, expected)


def test_rows_in_time_order_of_one_skill(read):
    columns = {"user_id": "pupil", "order_id": None, "skill_name": None}
    X = read(SHEET, "table", columns={**columns, "correct": "right"}, sep=";")
    assert_log(
        X,
        pd.DataFrame(
            {
                "user_id": ["ann", "007", "ann"],
                "order_id": [0, 0, 1],
                "skill_name": ["all"] * 3,
                "correct": [1, 0, NAN],
            }
        ),
    )


def test_a_log_made_up_comes_back_as_it_was(tmp_path):
    X, _ = make_interactions(20, random_state=0)
    X = X.astype({"skill_name": object, "correct": float})
    X.loc[3, "correct"] = np.nan
    path = tmp_path / "log.csv"
    X.to_csv(path, index=False)
    assert_log(read_interactions(path), X)
    X.sample(frac=1, random_state=0).to_csv(str(path), sep=";")
    same_rows(read_interactions(str(path)), X)


def test_dates_become_microseconds(read):
    text = "user_id,order_id,skill_name,correct\nann,{},add,1\nann,{},add,0\n"
    X = read(text.format("2008-09-22", "2008-09-22T12:20:00.5Z"))
    day = T0 - (12 * 60 + 20) * 60 * SECOND
    assert X["order_id"].tolist() == [day, T0 + SECOND // 2]
    X = read(text.format("2008/9/22 12:20", "2008-09-22 12:20:00-04:00"))
    assert X["order_id"].tolist() == [T0, T0 + 4 * 3600 * SECOND]
    american = text.format("9/22/2008 12:20", "9/22/2008 12:20")
    X = read(american)
    assert X["order_id"].tolist() == [T0, T0]
    assert read(american, time_format="%m/%d/%Y %H:%M").equals(X)
    with pytest.raises(ValueError, match=r"expected times written as '%d/%m/%Y'"):
        read(american, time_format="%d/%m/%Y")


@pytest.mark.parametrize("missing", ["user_id", "order_id"])
def test_rows_without_student_or_time(read, missing):
    frame = pd.DataFrame(
        {"user_id": [1, 2, 3], "order_id": 5, "skill_name": "a", "correct": [1, 1, 0]}
    )
    text = frame.astype({missing: object}).assign(
        **{missing: lambda X: X[missing].where(X["user_id"] != 2)}
    )
    with pytest.raises(ValueError, match=r"missing in 1 row \(the first at position 1"):
        read(text.to_csv(index=False))
    X = read(text.to_csv(index=False), drop_missing=True)
    assert_log(X, frame.drop(1).reset_index(drop=True))


@pytest.mark.parametrize("suffix", [".parquet", ".pq"])
def test_parquet(tmp_path, suffix):
    pytest.importorskip("pyarrow", reason="pyarrow, which reads Parquet, is missing")
    frame = pd.DataFrame(
        {
            "pupil": ["ann", "007", "ann"],
            "when": pd.date_range("2008-09-22 12:20", periods=3),
            "topic": pd.Categorical(["add", None, "add"]),
            "right": pd.array([True, None, False], "boolean"),
            "score": [0.5, 0.25, 1],
        }
    )
    path = tmp_path / f"log{suffix}"
    frame.to_parquet(path)
    X = read_interactions(path, columns=COLUMNS, keep=["score"])
    day = 24 * 3600 * SECOND
    assert_log(
        X,
        pd.DataFrame(
            {
                "user_id": ["ann", "007", "ann"],
                "order_id": [T0, T0 + day, T0 + 2 * day],
                "skill_name": ["add", NAN, "add"],
                "correct": [1, NAN, 0],
                "score": [0.5, 0.25, 1],
            }
        ),
    )
    columns = {**COLUMNS, "correct": "score"}
    with pytest.raises(ValueError, match=r"holds 0\.5, 0\.25 in 2 rows .*threshold=1"):
        read_interactions(path, columns=columns)
    X = read_interactions(path, columns=columns, threshold=0.5)
    assert X["correct"].tolist() == [1, 0, 1]


def test_parquet_needs_pyarrow(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"^Reading log\.parquet needs pyarrow"):
        read("PAR1", name="log.parquet")


# What is refused


def test_an_unknown_header_is_shown(read):
    with pytest.raises(ValueError, match="auto") as error:
        read(SHEET)
    assert str(error.value) == (
        "format=\"auto\" knows no export with the header ['pupil', 'when', 'topic', "
        "'right', 'minutes']; expected one of DataShop, ASSISTments or Junyi. "
        "Name the columns: columns={'user_id': ..., 'order_id': ..., 'skill_name': "
        "..., 'correct': ...}; None for order_id says that the rows stand in time "
        "order, None for skill_name that all are one skill."
    )


REFUSED = {
    "no column": (
        {"columns": {**COLUMNS, "correct": "wright"}},
        r"^correct is read from the column 'wright', of which the file has 0; expected "
        r"one among \['pupil', .*\]\. Name it: columns=\{'correct': \.\.\.\}\.$",
    ),
    "the name of the result, which the file has not": (
        {"columns": {"user_id": "pupil"}},
        r"(?s)order_id is read from .*=\{'order_id': \.\.\.\}, None if there is "
        r"none\..*skill_name is read from .*correct is read from ",
    ),
    "None for a student": (
        {"columns": {**COLUMNS, "user_id": None}},
        "user_id is read from the column None",
    ),
    "an unknown part": (
        {"columns": {**COLUMNS, "minutes": "minutes"}},
        r"columns= names 'minutes'; .*keep=\[\.\.\.\]",
    ),
    "a model of skills of a table": (
        {"columns": COLUMNS, "skill_model": "Geo"},
        "skill_model='Geo' was given with format='table'",
    ),
    "a format that lacks its columns": (
        {"format": "datashop-transaction"},
        "format='datashop-transaction' needs the column 'Anon Student Id'",
    ),
    "a format that does not exist": ({"format": "excel"}, "'format' parameter"),
    "a kept column that is not there": (
        {"columns": COLUMNS, "keep": ["minute"]},
        r"^keep= names 'minute', of which the file has 0; expected columns that occur "
        r"once among \['pupil',",
    ),
    "a kept column with a name of the result": (
        {"columns": COLUMNS, "keep": ["correct"]},
        "keep= names 'correct', which the result has already",
    ),
    "a meaning that is none": (
        {"columns": COLUMNS, "answers": {"TRUE": "yes"}},
        "answers= maps 'TRUE' to 'yes'; expected 1",
    ),
    "another separator": (
        {"columns": COLUMNS, "sep": ","},
        r"expected one among \['pupil;when;topic;right;minutes'\]",
    ),
}


@pytest.mark.parametrize(("options", "message"), REFUSED.values(), ids=REFUSED)
def test_options_that_do_not_fit(read, options, message):
    with pytest.raises(ValueError, match=message):
        read(SHEET, **options)


BROKEN = {
    "too many cells": (
        SHEET.replace('"', "").replace(";no;", ";no;3"),
        r"^log\.csv has more cells than the 5 of its header in 1 row \(the first at "
        r"position 1\); expected cells with the separator ';' in them to be quoted",
    ),
    "a quotation that does not end": (
        SHEET.replace('borrow"', "borrow"),
        r"^log\.csv cannot be taken apart: .*quotation marks in pairs",
    ),
    "no rows": (
        SHEET.splitlines()[0],
        r"^log\.csv has no rows to read below",
    ),
    "nothing": ("", r"^log\.csv is empty; expected a header and at least one answer"),
    "a zip archive": (b"PK\x03\x04...", "zip archive or Excel workbook"),
    "odd answers": (
        SHEET.replace("TRUE", "maybe"),
        r"'right' \(correct\) holds 'maybe' in 1 row \(the first at position 0\)",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_files_that_cannot_be_read(read, text, message):
    with pytest.raises(ValueError, match=message):
        read(text, columns=COLUMNS)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_interactions(tmp_path / "log.csv")
