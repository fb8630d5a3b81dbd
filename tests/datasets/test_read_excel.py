"""Excel workbooks: of one sheet with a table, however it is dressed."""

import datetime
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from sktrace.datasets import _read_source, read_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import ReadingError

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl, which reads Excel, lacks")

NAMES = ["user_id", "order_id", "skill_name", "correct"]
ROWS = [["ann", 1, "add", 1], ["ann", 2, "cut", 0], ["ben", 1, "add", 1]]
LOG = [NAMES, *ROWS]
DAY = datetime.date(2024, 5, 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.xlsx"


@pytest.fixture
def write(path):
    """Write a workbook of some sheets, and return its path."""

    def write(*sheets, **named):
        book = openpyxl.Workbook()
        book.remove(book.active)
        sheets = {f"Sheet{at + 1}": rows for at, rows in enumerate(sheets)} | named
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(path)
        return path

    return write


@pytest.fixture
def notes(path):
    """Return what a file's table says was done to it."""

    def notes():
        with open_table(path, None, None) as table:
            return table.notes

    return notes


SAME = {
    "a log": LOG,
    "a title": [["Class 7b"], *LOG],
    "lines above": [["Class 7b"], [], ["written on", DAY], [], *LOG],
    "empty rows": [NAMES, [], *ROWS, [], []],
    "an empty column": [[None, *row] for row in LOG],
    "true and false": [NAMES, *([*row[:3], row[3] == 1] for row in ROWS)],
    "floats": [NAMES, *([*row[:3], float(row[3])] for row in ROWS)],
    "words": [NAMES, *([*row[:3], "yes" if row[3] else "no"] for row in ROWS)],
    "texts": [NAMES, *(list(map(str, row)) for row in ROWS)],
    "blanks around names": [[f" {name} " for name in NAMES], *ROWS],
    "a further column": [[*row, "x"] for row in LOG],
}


@pytest.mark.parametrize("rows", SAME.values(), ids=SAME)
def test_a_sheet_is_read_as_its_rows(write, rows):
    X = read_interactions(write(rows))
    expected = pd.DataFrame(ROWS, columns=NAMES)
    pd.testing.assert_frame_equal(X, expected, check_dtype=False)


def test_what_is_skipped_is_said(write, notes):
    write([["Class 7b"], [], *LOG])
    assert notes() == ["The row above the header in the sheet 'Sheet1' is skipped."]
    write(log=[["a"], ["b"], *LOG], notes=[["read me"]], empty=[])
    assert notes() == [
        "The 2 rows above the header in the sheet 'log' are skipped.",
        "The sheet 'log' is read; ['notes'] has no table.",
    ]


def test_dates_and_times_of_day_are_what_they_are(write):
    moments = [datetime.datetime(2024, 5, 1, 10, minute) for minute in (5, 7, 5)]
    rows = [
        [*row[:1], moment, *row[2:]] for row, moment in zip(ROWS, moments, strict=True)
    ]
    X = read_interactions(write([NAMES, *rows]))
    assert X["order_id"].diff()[1] == 120_000_000
    rows = [
        [*row[:1], DAY, *row[2:], m.time()]
        for row, m in zip(ROWS, moments, strict=True)
    ]
    path = write([[*NAMES, "clock"], *rows])
    Y = read_interactions(path, columns={"order_id": ["order_id", "clock"]})
    assert Y["order_id"].tolist() == X["order_id"].tolist()


def test_cells_of_several_kinds_become_texts(write):
    rows = [[7, 1, "add", 1], ["ann", 2, 0.5, 0], ["007", 1, True, "#N/A"]]
    X = read_interactions(write([NAMES, *rows]))
    assert X["user_id"].tolist() == ["7", "ann", "007"]
    assert X["skill_name"].tolist() == ["add", "0.5", "true"]
    np.testing.assert_array_equal(X["correct"], [1, 0, np.nan])


def test_a_gradebook_is_a_gradebook(write, notes):
    X = read_interactions(
        write([["Test 3"], ["user_id", 1, 2, 3], ["ann", 1, 0, 1], ["ben", 0, None, 1]])
    )
    assert X["item_id"].tolist() == [1, 2, 3, 1, 3]
    assert X["correct"].tolist() == [1, 0, 1, 0, 1]
    assert "a column for each question" in notes()[1]


def test_of_several_tables_one_is_to_be_chosen(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(first=LOG, second=[NAMES, ["cem", 1, "add", 0]])
    with pytest.raises(
        ReadingError, match=r"2 sheets .* \['first', 'second'\]"
    ) as error:
        read_interactions("log.xlsx")
    code = str(error.value).partition("read that file: ")[2].rstrip(".")
    exec(code, {"pandas": pd})
    assert read_interactions("log.csv")["user_id"].tolist() == ["ann", "ann", "ben"]


def test_what_is_broken_is_refused(write, path):
    content = write(LOG).read_bytes()
    for broken in (content[: len(content) // 2], content[:-30], content[:10]):
        path.write_bytes(broken)
        with pytest.raises(
            ReadingError, match="no whole zip archive or Excel workbook"
        ):
            read_interactions(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<oops")
    with pytest.raises(ReadingError, match="no whole Excel workbook, or of a kind"):
        read_interactions(path)
    write([["only a word"]])
    with pytest.raises(ReadingError, match="has no sheet with a table; expected a he"):
        read_interactions(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    with pytest.raises(ReadingError, match=r"of the old kind \(.xls\), or with a pass"):
        read_interactions(path)


def test_a_sheet_of_far_more_cells_than_bytes_is_refused(write, path, monkeypatch):
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 100_000)
    monkeypatch.setattr(_read_source, "MOST_RATIO", 1)
    write([*LOG, [None] * 16_000 + ["x"]])
    with pytest.raises(ReadingError, match=r"more than .* cells would come out of it"):
        read_interactions(path)
    write([[f"{row} {name}" * 50 for name in NAMES] for row in range(2_000)])
    with pytest.raises(ReadingError, match="come out of it; expected no more than"):
        read_interactions(path)


def test_without_its_extra_it_is_named(write, monkeypatch):
    path = write(LOG)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r"Reading log.xlsx needs openpyxl, not inst"):
        read_interactions(path)
