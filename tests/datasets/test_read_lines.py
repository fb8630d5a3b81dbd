"""Files that tell of each student in three, four or six lines."""

import gzip

import pytest

from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import ReadingError

THREE = "3\n4,5,5\n1,0,1\n2\n5,4\n0,1\n"
FOUR = "3\n71,72,73\n4,5,5\n1,0,1\n2\n72,71\n5,4\n0,1\n"
SIX = """\
ann,3
71,72,73
4,5_6,5
1,0,1
1700000000000,1700000001000,1700000001000
30,20,10
ben,2
72,71
5,4
0,1
1700000005000,1700000009000
5,9
"""
SAME = {
    "three lines": THREE,
    "commas at the ends": THREE.replace("\n", ",\n").replace("3,\n4", "3\n4"),
    "empty lines between": THREE.replace("2\n5", "\n2\n5"),
    "line ends of Windows": THREE.replace("\n", "\r\n"),
    "no last line end": THREE.rstrip("\n"),
    "tabs": THREE.replace(",", "\t"),
    "semicolons": THREE.replace(",", ";"),
    "blanks after commas": THREE.replace(",", ", "),
    "a student without answers": "0\n\n\n" + THREE + "0\n\n\n",
    "a mark of UTF-8": "\ufeff" + THREE,
    "decimals": THREE.replace("1,0,1", "1.0,0.0,1.0"),
}


@pytest.fixture
def rows(tmp_path):
    """Write a text, or bytes, and return its rows as tuples, and the notes."""

    def rows(content, name="log.txt"):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        with open_table(tmp_path / name, None, None) as table:
            cells = table.read(range(len(table.header)))
        named = cells.set_axis(table.header, axis=1).astype(object)
        named = named.where(named.notna(), None)
        return named, table.notes

    return rows


def column(frame, name):
    return frame[name].map(str, na_action="ignore").tolist()


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_three_lines_a_student_are_read_as_rows(rows, read, text):
    frame, (note, *_) = rows(text)
    assert list(frame) == ["user_id", "order_id", "skill_name", "correct"]
    assert frame["user_id"].tolist() == [1, 1, 1, 2, 2]
    assert column(frame, "skill_name") == ["4", "5", "5", "5", "4"]
    assert note == (
        "log.txt tells of each student in three lines; it is read as 5 answers of 2 "
        "students, who are numbered from 1; their order is that in the line."
    )
    X = read(text)
    assert X["correct"].tolist() == [1, 0, 1, 0, 1]
    assert X["order_id"].is_monotonic_increasing


def test_what_is_gzipped_or_utf_16_is_read_alike(rows):
    expected, _ = rows(THREE)
    for data in (gzip.compress(THREE.encode()), THREE.encode("utf-16")):
        assert rows(data)[0].equals(expected)


NAMED = {
    "a name and a number": ("ann,3\n4,5,5\n1,0,1\nben,2\n5,4\n0,1\n", ["ann", "ben"]),
    "a number and a name": ("3,ann\n4,5,5\n1,0,1\n2,ben\n5,4\n0,1\n", ["ann", "ben"]),
    "a line's number and a name": (
        "0,808\n4,5,5\n1,0,1\n1,909\n5,4\n0,1\n",
        ["808", "909"],
    ),
    "a name alone": ("ann\n4,5,5\n1,0,1\nben\n5,4\n0,1\n", ["ann", "ben"]),
    "four lines with names": (
        "ann,3\n71,72,73\n4,5,5\n1,0,1\nben,2\n72,71\n5,4\n0,1\n",
        ["ann", "ben"],
    ),
}


@pytest.mark.parametrize(("text", "names"), NAMED.values(), ids=NAMED)
def test_the_first_line_may_name_the_student(rows, text, names):
    frame, (note, *_) = rows(text)
    assert column(frame, "user_id") == [names[0]] * 3 + [names[1]] * 2
    assert "numbered" not in note


def test_four_lines_name_problems_before_skills(rows):
    frame, (note,) = rows(FOUR)
    assert column(frame, "item_id") == ["71", "72", "73", "72", "71"]
    assert column(frame, "skill_name") == ["4", "5", "5", "5", "4"]
    assert "in four lines" in note


def test_what_lines_hold_tells_them_apart(rows):
    skills_first = "3\n4,5,5\n71,72,73\n1,0,1\n2\n5,4\n72,71\n0,1\n"
    answers_first = "3\n1,0,1\n71,72,73\n4,5,5\n2\n0,1\n72,71\n5,4\n"
    expected, _ = rows(FOUR)
    for text in (skills_first, answers_first):
        frame, notes = rows(text)
        assert frame[list(expected)].equals(expected)
        assert "told apart by what they hold" in notes[1]


def test_six_lines_have_times_by_which_they_are_ordered(rows, read):
    frame, (note,) = rows(SIX)
    assert column(frame, "user_id") == ["ann"] * 3 + ["ben"] * 2
    assert column(frame, "skill_name") == ["4", "5~~6", "5", "5", "4"]
    assert column(frame, "order_id") == column(frame, "time")
    assert note.endswith("of 2 students; the time is their order.")
    assert column(frame, "usetimes") == ["30", "20", "10", "5", "9"]
    X = read(SIX)
    assert X["order_id"].tolist()[:3] == [1700000000000, 1700000001000, 1700000001000]
    assert X["time"].tolist()[:2] == [1.7e9, 1.7e9 + 1]


def test_six_lines_may_lack_some_and_end_in_padding(rows):
    text = SIX.replace("71,72,73", "NA").replace("72,71", "NA")
    frame, _ = rows(text)
    assert "item_id" not in frame
    times = "1700000000000,1700000001000,1700000001000"
    frame, notes = rows(SIX.replace(times, "NA"))
    assert frame["order_id"].tolist() == [0, 1, 2, 3, 4]
    assert notes[0].endswith("their order is that in the line.")
    padded = SIX.replace("ann,3", "ann,5")
    for line in ("71,72,73", "4,5_6,5", "1,0,1", times, "30,20,10"):
        padded = padded.replace(line, f"{line},-1,-1")
    frame, notes = rows(padded)
    assert len(frame) == 5
    assert notes[1].endswith("are padding, and left out: 2 of 7.")


def test_times_that_fall_are_no_order(rows):
    frame, (note,) = rows(SIX.replace("1700000009000", "1500000000000"))
    assert frame["order_id"].tolist() == [0, 1, 2, 3, 4]
    assert "their order is that in the line" in note


BROKEN = {
    "a skill too few": (THREE.replace("5,4", "5"), "Line 5 of log.txt has 1 value;"),
    "an answer too many": (
        THREE.replace("\n0,1\n", "\n0,1,1\n"),
        "Line 6 .* has 3 values",
    ),
    "the answers are missing": (THREE.replace("1,0,1\n", ""), "Line 3 .* expected 3"),
    "the end is missing": (THREE.replace("\n0,1\n", "\n"), "Line 5 .* has 0 values"),
    "another number": (THREE.replace("2\n5", "4\n5"), "Line 5 .* 2 values; expected 4"),
    "four lines, one short": (FOUR.replace("72,71", "72"), "Line 6 of log.txt has 1"),
    "six lines, one short": (SIX.replace("5,9", "5"), "Line 12 of log.txt has 1 value"),
    "no number": (THREE.replace("2\n5", "x\n5"), "Line 4 .* says 'x'; expected how"),
    "the first student": (THREE.replace("4,5,5", "4,5"), "Line 2 .* has 2 values"),
    "a line of the first": (THREE.replace("4,5,5\n", ""), "Line 3 .* has 1 value"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_refused_with_its_line(rows, text, message):
    with pytest.raises(ReadingError, match=message) as error:
        rows(text)
    assert "expected" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,0\n0,1\n",
        "user_id,order_id,skill_name,correct\nann,1,add,1\n",
        "2\n3\n4\n",
        "x\n" * 9,
        "a;b;c\n1;0;1\n1;1;0\n",
        "",
        "1,2,3\n1,0,1\n",
    ],
)
def test_other_files_are_no_lines_of_students(tmp_path, text):
    path = tmp_path / "log.txt"
    path.write_text(text)
    said = ""
    try:
        with open_table(path, None, None) as table:
            said = " ".join(table.notes)
    except ReadingError as error:
        said = str(error)
    assert "student" not in said or "of this student" not in said
