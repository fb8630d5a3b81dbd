"""What commands print and write: text is text, to terminals and to spreadsheets."""

import csv
import io

import pandas as pd
import pytest

from sktrace.commands._output import Screen, as_csv

FORMULAS = ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1"]
USUAL = [
    "ann",
    "-1",
    "+4.5",
    "1e-3",
    "o'neill",
    "'quoted'",
    "a=b",
    "a;b",
    'a"b',
    "é",
    "",
]


def cells(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


@pytest.mark.parametrize("name", FORMULAS)
def test_no_name_begins_as_a_formula_wherever_it_stands(name):
    table = pd.DataFrame(
        {name: [0.5], "text": [name]}, index=pd.Index([name], name=name)
    )
    for line in cells(as_csv(table)):
        assert not [cell for cell in line if cell[:1] in "=+-@\t\r＝" and cell]
    assert cells(as_csv(table))[1][0].startswith("'")


def test_no_name_ends_its_cell_to_begin_another(tmp_path):
    table = pd.DataFrame({"p": [0.5]}, index=["a;=1", 'a",=1', "a\n=1,\n"])
    lines = as_csv(table).decode().replace('""', "").split('"')
    outside = "".join(lines[::2])
    assert "=" not in outside
    assert [line[0] for line in cells(as_csv(table))[1:]] == list(table.index)


def test_usual_names_and_numbers_come_back_as_they_were(tmp_path):
    table = pd.DataFrame({"p": 0.25, "-1": -3}, index=pd.Index(USUAL, name="user_id"))
    table["text"] = USUAL
    (tmp_path / "t.csv").write_bytes(as_csv(table))
    again = pd.read_csv(tmp_path / "t.csv", index_col=0, keep_default_na=False, dtype={
        "user_id": str, "text": str
    })  # fmt: skip
    pd.testing.assert_frame_equal(again, table, check_dtype=False)
    numbers = pd.DataFrame({1: [-0.5, 2]}, index=[-1, 7])
    again = pd.read_csv(io.BytesIO(as_csv(numbers)), index_col=0)
    assert again.index.tolist() == [-1, 7]
    assert again["1"].tolist() == [-0.5, 2]


def test_names_that_differ_stay_apart():
    names = ["=a", "'=a", "''=a", "a", "'a"]
    written = [line[0] for line in cells(as_csv(pd.DataFrame({"p": 1}, index=names)))]
    assert len(set(written[1:])) == len(names)


def test_a_csv_holds_names_that_are_no_text():
    names = ["a\x00b", "\x1b[2J", "\udcff", ("a", 1), "x" * 100_000]
    index = pd.Index(names, tupleize_cols=False)
    written = [line[0] for line in cells(as_csv(pd.DataFrame({"p": 1}, index=index)))]
    assert written[1:] == [
        r"a\x00b", r"\x1b[2J", r"\udcff", "('a', 1)", "x" * 100_000
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["\x1b[2J", "\x9b2J", "\a", "\b", "\r", "\u202e", "\x7f"]
)
def test_no_name_moves_the_cursor_of_a_terminal(name):
    stream = io.StringIO()
    print(f"student {name}", file=Screen(stream))
    assert stream.getvalue() == f"student {ascii(name)[1:-1]}\n"


def test_progress_bars_still_move_the_cursor():
    stream = io.StringIO()
    screen = Screen(stream, keep="\n\t\r")
    screen.write("\r50 %")
    screen.write("\n\x1b[A")
    assert stream.getvalue() == "\r50 %\n\x1b[A"
    assert screen.isatty() is False
