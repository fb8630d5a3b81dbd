"""The header is found below titles and remarks, and no row is taken for one."""

import pytest

from sktrace.datasets import read_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import ReadingError

from ._logs import T0

LOG = "user_id,order_id,skill_name,correct\nann,1,add,1\nben,2,add,0\ncem,3,add,1\n"


ABOVE = {
    "a title": "Answers of class 5b\n",
    "a title with commas": '"Answers, class 5b, autumn"\n',
    "a title and an empty line": "Answers of class 5b\n\n",
    "an empty line": "\n",
    "blanks": "   \n\t\n",
    "nothing but separators": ",,,\n,,,\n",
    "names and values": "Course,5b\nTeacher,Ms Doe\n",
    "three names": "Course,5b,2024\n",
    "as Excel writes a title": "Answers of class 5b,,,\n,,,\n",
    "as Excel writes names and values": "Course,5b,,\nExported,2024-01-01,,\n",
    "remarks": "# written by a tool\n# version 3\n",
    "a remark with commas": "# a, b, c\n",
    "a line for Excel and a title": "sep=,\nAnswers\n",
    "a title of two lines": '"Answers\nof class 5b"\n',
    "many lines": "Remark\n" * 30,
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_lines_above_the_header_are_skipped_and_said(read_noted, above):
    X, notes = read_noted(above + LOG)
    assert X["user_id"].tolist() == ["ann", "ben", "cem"]
    assert X["correct"].tolist() == [1, 0, 1]
    assert len(notes) == any(c.isalpha() for c in above.removeprefix("sep=,"))


def test_line_ends_and_a_separator_that_is_named_change_nothing(read_noted):
    text = ABOVE["as Excel writes names and values"] + LOG
    X, notes = read_noted(text)
    for other, sep in [(text.replace("\n", "\r\n"), None), (text, ",")]:
        again, noted = read_noted(other, sep=sep)
        assert again.equals(X)
        assert noted == notes


def test_what_is_skipped_is_shown(read_noted):
    _, notes = read_noted("Answers of class 5b\n" + LOG)
    assert notes == ["The line above the header is skipped: 'Answers of class 5b'."]
    _, notes = read_noted("\ufeffAnswers,,,\n\nCourse,5b,,\n" + LOG)
    assert notes == [
        "The 3 lines above the header are skipped: 'Answers', 'Course,5b'."
    ]


KEPT = {
    "rows with names that the header lacks": "a,b,c\nx,ann,add,1\ny,ben,add,0\n",
    "rows that lack their last cells": "user_id,order_id,skill_name,correct\nann,1\n",
    "a header with a name that is empty": LOG.replace("skill_name", ""),
    "a row that is too long": "user_id,order_id\nann,7,add,1\nben,2,add,1\n",
    "rows without names": "ann,,,\nben,1,add,1\ncem,2,add,0\n",
    "one column": "user_id\nann\nben\n",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_a_line_that_may_be_a_header_or_a_row_is_kept(tmp_path, text):
    path = tmp_path / "log.csv"
    path.write_text(text)
    with open_table(path, None, None, layout=None) as table:
        assert table.header == text.splitlines()[0].split(",")
        assert table.notes == []


SEPARATED = {
    "decimal commas": "a;b;c\n0,5;1,5;2,5\n1,5;2,5;3,5\n",
    "names with commas": 'a, b;c, d;e\n"x, y";1;2\n"z, y";2;3\n',
    "skills joined by semicolons": "a,b,c\n1,x;y;z;v,2\n2,x,3\n3,x;z,1\n",
    "a title with commas": "One, two, three, four, five\na;b;c\n1;2;3\n2;3;4\n",
    "tabs, and commas in the header": "a\tb, c, d\te\n1\t2\t3\n",
    "bars": "a|b|c\nx, y|1|2\n",
    "a title with semicolons": "Read; then act; then read\na,b,c\n1,2,3\n2,3,4\n",
    "one row": "a;b;c\n1,5;2,5;3,5\n",
}


@pytest.mark.parametrize("text", SEPARATED.values(), ids=SEPARATED)
def test_the_separator_is_that_of_the_rows(tmp_path, text):
    path = tmp_path / "log.csv"
    path.write_text(text)
    with open_table(path, None, None, layout=None) as table:
        assert len(table.header) == 3
        assert [name[:1] for name in table.header] in (
            list("abc"),
            list("ace"),
            list("abe"),
        )


def test_a_sum_below_the_table_is_left_out_where_that_is_asked_for(read_noted):
    text = LOG + "\nTotal: 3 answers\n"
    with pytest.raises(ReadingError) as error:
        read_noted(text)
    assert str(error.value) == (
        "Column 'order_id' (order) is missing in 1 row (the first at position 3), "
        "which holds nothing but 'Total: 3 answers'; expected one in every row. "
        "Leave such rows out: drop_missing=True."
    )
    X, notes = read_noted(text, drop_missing=True)
    assert X.equals(read_noted(LOG)[0])
    assert notes == [
        "1 of 4 rows are left out: those without a value in column 'order_id'."
    ]
    in_order = {"columns": {"order_id": None}}
    with pytest.raises(ReadingError, match="'Total: 3 answers' in 1 row"):
        read_noted(text, **in_order)
    X, notes = read_noted(text, **in_order, drop_missing=True)
    assert X.equals(read_noted(LOG, **in_order)[0])
    assert notes == ["1 of 4 rows are left out: those that hold one cell alone."]


def test_a_header_that_is_repeated_is_no_row(read_noted):
    expected, _ = read_noted(LOG)
    header, *rows = LOG.splitlines(keepends=True)
    X, notes = read_noted("".join([header, *rows[:2], header, rows[2], header]))
    assert X.equals(expected)
    assert notes == ["2 of 5 rows are left out: those that repeat the header."]


def test_further_attempts_that_are_left_out_are_counted(read_noted):
    text = "Anon Student Id\tTime\tAttempt At Step\tOutcome\tKC (A)\n"
    text += "s1\t2008-09-22 12:20:00\t1\tINCORRECT\tadd\n"
    text += "s1\t2008-09-22 12:20:01\t2\tCORRECT\tadd\n"
    X, notes = read_noted(text)
    assert X["order_id"].tolist() == [T0]
    assert notes == [
        "1 of 2 rows are left out: those that are further attempts at a step, or none."
    ]
    assert read_noted(text, first_attempts=False)[1] == []


def test_rows_without_an_answer_are_not_left_out(read_noted):
    X, notes = read_noted(LOG.replace("add,0", "add,"), drop_missing=True)
    assert (len(X), notes) == (3, [])


def test_a_whole_german_sheet_is_read_once_its_columns_are_named(tmp_path):
    path = tmp_path / "Auswertung.csv"
    path.write_bytes(
        "sep=;\n"
        "Auswertung Bruchrechnen;;;;;\n"
        "Kind;Datum;Uhrzeit;Übung;richtig;Punkte\n"
        "Jörg;22.09.2008;12:20:00;kürzen;ja;1,5\n"
        "Änne;22.09.2008;12:20:01;kürzen;nein;0,5\n"
        "Jörg;22.09.2008;12:20:01;erweitern;k.A.;0,0\n".encode("cp1252")
    )
    columns = {"user_id": "Kind", "order_id": ["Datum", "Uhrzeit"]}
    columns |= {"skill_name": "Übung", "correct": "richtig"}
    X = read_interactions(path, columns=columns, keep=["Punkte"])
    assert X["user_id"].tolist() == ["Jörg", "Änne", "Jörg"]
    assert (X["order_id"] - T0).tolist() == [0, 1_000_000, 1_000_000]
    assert X["correct"].tolist()[:2] == [1, 0]
    assert X["correct"].isna()[2]
    assert X["Punkte"].tolist() == [1.5, 0.5, 0]


def test_names_of_rows_as_r_writes_them_need_no_name(read_noted):
    header, *rows = LOG.splitlines()
    rows = [f"{number},{row}" for number, row in enumerate(rows, start=1)]
    X, notes = read_noted("\n".join([header, *rows]))
    assert X.equals(read_noted(LOG)[0])
    assert notes == [
        "Each row begins with a cell that the header has no name for, as R writes the "
        "names of rows."
    ]


@pytest.mark.parametrize(
    "rule", ["---|---|---|---", "-----+---+-----+--", "|:--|--:|--|"]
)
def test_a_line_of_dashes_below_the_header_is_no_row(read_noted, rule):
    header, *rows = LOG.replace(",", "|").splitlines()
    X, notes = read_noted("\n".join([header, rule, *rows]))
    assert X.equals(read_noted(LOG)[0])
    assert notes == ["The line of dashes below the header is skipped."]


def test_a_second_line_of_names_is_no_row(read_noted):
    header, *rows = LOG.splitlines()
    X, notes = read_noted("\n".join([header, "who,when,what,was it right", *rows]))
    assert X["order_id"].tolist() == [1, 2, 3]
    assert notes == [
        "1 of 4 rows are left out: those that describe the columns, below the header."
    ]
    # A row whose answer alone is a word is one.
    with pytest.raises(ReadingError, match="holds 'OK' in 1 row"):
        read_noted("\n".join([header, "ann,0,add,OK", *rows]))
