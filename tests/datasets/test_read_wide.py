"""Gradebooks and response matrices: a row for each answer."""

import gzip

import numpy as np
import pandas as pd
import pytest

from sktrace.datasets import read_interactions
from sktrace.datasets._read_problems import ReadingError

PLAIN = "user_id,Q1,Q2,Q3\nann,1,0,1\nben,0,,1\ncem,1,1,0\n"
ANSWERS = [1, 0, 1, 0, 1, 1, 1, 0]
ITEMS = ["Q1", "Q2", "Q3", "Q1", "Q3", "Q1", "Q2", "Q3"]


def test_a_matrix_has_a_row_for_each_answer(read, look):
    X = read(PLAIN)
    assert X["user_id"].tolist() == ["ann"] * 3 + ["ben"] * 2 + ["cem"] * 3
    assert X["order_id"].tolist() == [0, 1, 2, 0, 2, 0, 1, 2]
    assert X["item_id"].tolist() == ITEMS
    assert X["correct"].tolist() == ANSWERS
    assert set(X["skill_name"]) == {"all"}
    _, notes = look(PLAIN)
    assert notes == [
        "The table has a column for each question; it is read as 3 × 3 answers, "
        "'user_id' says who answered. The questions are taken to have been asked from "
        "left to right: if they were not, how skills grow cannot be seen. All are one "
        "skill.",
        "Empty cells are no answers: 1 of 9.",
    ]


def renamed(*names):
    return PLAIN.replace("user_id,Q1,Q2,Q3", ",".join(names))


SAME = {
    "semicolons": PLAIN.replace(",", ";"),
    "tabs": PLAIN.replace(",", "\t"),
    "true and false": PLAIN.replace(",1", ",TRUE").replace(",0", ",FALSE"),
    "points": PLAIN.replace(",1", ",1.0").replace(",0", ",0.0"),
    "commas": PLAIN.replace(",", ";").replace(";1", ";1,0").replace(";0", ";0,00"),
    "a dash for nothing": PLAIN.replace(",,", ",-,"),
    "NA for nothing": PLAIN.replace(",,", ",NA,"),
    "Windows": PLAIN.replace("\n", "\r\n"),
    "a class": PLAIN.replace("\n", ",7b\n").replace("Q3,7b", "Q3,class"),
    "a sum": PLAIN.replace("\n", ",2\n").replace("Q3,2", "Q3,total"),
    "names of students": renamed("Name", "Q1", "Q2", "Q3"),
    "German": renamed("Schüler", "Aufgabe 1", "Aufgabe 2", "Aufgabe 3"),
    "Spanish": renamed("alumno", "Pregunta 1", "Pregunta 2", "Pregunta 3"),
    "numbers": renamed("student", "1", "2", "3"),
    "no name of students": renamed("", "Q1", "Q2", "Q3"),
    "an unknown name of students": renamed("wer", "Q1", "Q2", "Q3"),
    "parts of questions": renamed("student", "1a", "1b", "2"),
    "names of skills": renamed("student", "add", "cut", "carry"),
    "a mean below": PLAIN + "Average,0.67,0.5,0.67\n",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_matrices_are_told_however_they_are_written(look, text):
    frame, notes = look(text)
    assert list(frame)[1:] == ["order_id", "item_id", "skill_name", "correct"]
    assert frame["correct"].tolist() == list(map(str, ANSWERS))
    assert frame.iloc[:, 0].tolist() == ["ann"] * 3 + ["ben"] * 2 + ["cem"] * 3
    assert "a column for each question" in " ".join(notes)


def test_the_column_of_students_keeps_a_name_that_is_known(look):
    assert look(SAME["numbers"])[0].columns[0] == "student"
    assert look(SAME["German"])[0].columns[0] == "Schüler"
    assert look(SAME["no name of students"])[0].columns[0] == "user_id"
    assert look(SAME["an unknown name of students"])[0].columns[0] == "user_id"


def test_who_is_not_named_goes_by_a_number(look):
    frame, (note, *_) = look("Q1,Q2,Q3,Q4\n1,0,1,1\n0,0,1,0\n1,1,1,0\n")
    assert frame["user_id"].tolist() == [1] * 4 + [2] * 4 + [3] * 4
    assert "the students are numbered by their rows" in note


def test_a_matrix_alone_needs_no_header(look):
    frame, notes = look("1,0,1\n0,0,1\n1,1,1\n0,1,1\n")
    assert frame["user_id"].tolist() == list(np.repeat([1, 2, 3, 4], 3))
    assert frame["item_id"].tolist() == ["1", "2", "3"] * 4
    assert notes[0].startswith("log.csv has no header: its columns are called 1 to 3")


def test_questions_in_rows_are_turned(look):
    frame, (note, *_) = look("question,ann,ben,cem\nadd,1,0,1\ncut,0,,1\n")
    assert frame["user_id"].tolist() == ["ann", "ann", "ben", "cem", "cem"]
    assert frame["item_id"].tolist() == ["add", "cut", "add", "add", "cut"]
    assert frame["correct"].tolist() == ["1", "0", "0", "1", "1"]
    assert note.startswith("The table has a column for each student; it is read as")
    assert "from top to bottom" in note


def test_what_is_no_question_is_left_out_and_said(look):
    text = (
        "Name,E-Mail,Klasse,Q1,Q2,Q3,Summe\n"
        "ann,a@x.org,7b,1,0,1,2\nann,b@x.org,7b,0,0,1,1\n"
    )
    frame, notes = look(text)
    assert frame["user_id"].unique().tolist() == ["a@x.org", "b@x.org"]
    assert notes[1] == (
        "No questions, and left out: the columns ['Name', 'Klasse', 'Summe']."
    )


def test_a_format_or_columns_of_a_format_read_it_as_it_stands(read):
    columns = {"order_id": None, "skill_name": None, "correct": "Q1"}
    X = read(PLAIN, "table", columns=columns)
    assert X["correct"].tolist() == [1, 0, 1]


# Points

MOODLE = """\
Surname,First name,ID number,Email address,State,Grade/3.00,Q. 1 /1.00,Q. 2 /2.00
Li,Ann,,ann@x.org,Finished,3.00,1.00,2.00
Li,Ben,,ben@x.org,Finished,1.33,0.33,1.00
Overall average,,,,,2.17,0.67,1.50
"""


def test_points_are_shares_of_full_marks_that_names_tell(look, read):
    text = MOODLE.replace("Q. 2 /2.00", "Q. 2 /2.00,Q. 3 /1.00").replace(
        "00\n", "00,-\n"
    )
    text = text.replace("/2.00,-", "/2.00").replace("1.00,-\nOv", "1.00,1.00\nOv")
    text = text.replace("Q. 3 /1.00,-", "Q. 3 /1.00")
    frame, notes = look(text)
    assert frame["user_id"].tolist() == ["ann@x.org"] * 2 + ["ben@x.org"] * 3
    assert frame["correct"].tolist() == ["1", "1", "0.33", "0.5", "1"]
    assert notes[-2:] == [
        "Rows of sums, means or full marks are left out: 1.",
        "Points are read as the share of the full marks of each question.",
    ]
    with pytest.raises(ReadingError, match="threshold"):
        read(text)
    assert read(text, threshold=0.5)["correct"].tolist() == [1, 1, 0, 1, 1]


@pytest.mark.parametrize(
    "told",
    [" /{}", "/{},00", " ({} pts)", " [{} Punkte]", " (max. {})", " (max {} P.)"],
)
def test_full_marks_are_told_in_several_ways(look, told):
    names = [f"Q{at + 1}" + told.format(most) for at, most in enumerate([4, 2, 10])]
    text = ";".join(["student", *names]) + "\nann;4;1;5\nben;1;2;0\n"
    assert look(text)[0]["correct"].tolist() == ["1", "0.5", "0.5", "0.25", "1", "0"]


def test_full_marks_may_stand_in_a_row_of_their_own(look):
    text = (
        "Student,ID,Section,Quiz 1 (77),Quiz 2 (78),Quiz 3 (79),Final Score\n"
        "    Points Possible,,,10,5,2,(read only)\n"
        '"Li, Ann",501,7b,5,5,1,65\n"Li, Ben",502,7b,10,,2,100\n'
    )
    frame, _ = look(text)
    assert frame["Student"].tolist() == ["Li, Ann"] * 3 + ["Li, Ben"] * 2
    assert frame["correct"].tolist() == ["0.5", "1", "0.5", "1", "1"]


def test_points_of_equal_full_marks_ask_for_a_threshold(read):
    text = "user_id,Q1,Q2,Q3\nann,10,5,7\nben,8,10,10\ncem,10,1,9\n"
    with pytest.raises(ReadingError, match="if 10 is full credit, threshold=10"):
        read(text)
    assert read(text, threshold=8)["correct"].tolist() == [1, 0, 0, 1, 1, 1, 1, 0, 1]


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_points_of_several_full_marks_ask_for_them(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    text = "user_id;Q1;Q2;Q3;Größe\nann;10;5;2;x\nben;8;4;1;y\n"
    data = text.encode("cp1252")
    (tmp_path / name).write_bytes(gzip.compress(data) if "gz" in name else data)
    with pytest.raises(ReadingError, match="hold points, up to 10, 5, 2; exp") as error:
        read_interactions(name)
    exec(str(error.value).partition("read that file: ")[2].rstrip("."), {"pandas": pd})
    X = read_interactions("log.csv", threshold=0.75)
    assert X["correct"].tolist() == [1, 1, 1, 1, 1, 0]


def test_points_above_full_marks_are_refused(read):
    with pytest.raises(ReadingError, match="holds 12; expected up to 10, the full mar"):
        read("user_id,Q1 /10,Q2 /10,Q3 /10\nann,12,5,3\nben,1,2,3\n")


def test_a_word_among_answers_is_asked_about(read):
    rows = "".join(f"s{at},1,0,1\n" for at in range(20))
    with pytest.raises(ReadingError, match=r"'correct'.* holds 'ill' in 1 row"):
        read("user_id,Q1,Q2,Q3\n" + rows + "x,ill,0,1\n")


def test_minus_one_among_answers_is_no_answer(read):
    X = read("user_id,Q1,Q2,Q3\nann,1,-1,0\nben,0,1,1\n")
    np.testing.assert_array_equal(X["correct"], [1, np.nan, 0, 0, 1, 1])


NONE = {
    "a log with hints": (
        "user,time,topic,solved,hint1,hint2,hint3\n"
        "a,1,x,1,0,0,1\na,2,x,0,1,0,0\nb,1,y,1,0,1,0\n"
    ),
    "a log with its own numbers": (
        "id,pupil,topic,solved,hint,retry\n"
        "1,ann,add,1,0,0\n2,ann,add,0,1,0\n3,ben,add,1,0,1\n"
    ),
    "a log with answers": (
        "student,correct,flag1,flag2,flag3\na,1,0,1,0\nb,0,0,1,1\nc,1,1,0,0\n"
    ),
    "persons": "student_id,female,minority,age\n1,1,0,13\n2,0,0,14\n",
    "years": "user,2019,2020,2021\na,1,2,3\nb,4,5,6\n",
    "weeks of work": "student,week1,week2,week3\na,1.5,2,3\nb,4,5,6\n",
    "only right ones": "student,Q1,Q2,Q3\na,1,1,1\nb,1,1,1\n",
    "choices": "student,Q1,Q2,Q3\na,A,B,C\nb,B,B,A\n",
    "two questions": "student,Q1,Q2\na,1,0\nb,0,1\n",
    "one student": "student,Q1,Q2,Q3\na,1,0,1\n",
    "rows that repeat": "student,Q1,Q2,Q3\na,1,0,1\na,0,1,1\nb,1,1,1\nb,0,0,1\n",
    "times": "student,time1,time2,time3\na,12,8,9\nb,3,4,5\n",
    "predictions": "row,p\n0,0.5\n1,0.25\n",
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_may_be_another_table_stays_as_it_is(look, text):
    frame, notes = look(text)
    assert notes == []
    assert list(frame) == text.partition("\n")[0].split(",")


def test_a_large_matrix_is_that_of_loops(look):
    rng = np.random.default_rng(0)
    cells = rng.choice(["0", "1", ""], size=(120, 10))
    lines = [",".join([f"s{row}", *each]) for row, each in enumerate(cells)]
    header = ",".join(["student", *(f"item_{at}" for at in range(10))])
    frame, _ = look("\n".join([header, *lines]))
    expected = [
        (f"s{row}", at, f"item_{at}", cells[row, at])
        for row in range(120)
        for at in range(10)
        if cells[row, at]
    ]
    got = frame.drop(columns="skill_name").itertuples(index=False, name=None)
    assert list(got) == expected


@pytest.mark.parametrize("student", ["id", "student", ""])
def test_what_else_is_right_or_wrong_is_no_question(look, student):
    """Such as a column that tells girls from boys, whatever its name is."""
    lines = PLAIN.replace("user_id", student).splitlines()
    further = ["girl,lives_far", "1,0", "0,1", "1,1"]
    text = "\n".join(f"{a},{b}" for a, b in zip(lines, further, strict=True))
    rows, notes = look(text)
    assert rows["item_id"].tolist() == ITEMS
    assert notes[-1] == "No questions, and left out: the columns ['girl', 'lives_far']."


def test_questions_with_names_of_their_own_are_listed(look):
    _, notes = look(renamed("student", "apples", "pears", "plums"))
    assert notes[2] == "Its questions are ['apples', 'pears', 'plums']."


@pytest.mark.parametrize("corner", ["", "code"])
def test_rows_that_are_called_as_questions_are_no_students(look, corner):
    rows, notes = look(f"{corner},ann,ben,cem\nQ1,1,0,1\nQ2,0,,1\nQ3,1,1,0\n")
    assert set(rows["user_id"]) == {"ann", "ben", "cem"}
    assert sorted(rows["correct"].astype(int)) == sorted(ANSWERS)
    assert "a column for each student" in notes[0]


def test_scores_of_a_form_stand_beside_its_answers(look):
    header = "Timestamp,Email Address," + ",".join(
        f"What is {q}?,What is {q}? [Score],What is {q}? [Feedback]" for q in "abc"
    )
    row = "2024/02/03 10:05:0{} AM GMT+1,{}@x.org,2,{} / 1,,4,{} / 1,,7,1.00 / 1,"
    lines = [header, row.format(1, "ann", 1, 0), row.format(2, "ben", 0, 1)]
    rows, _ = look("\n".join(lines))
    assert rows["correct"].tolist() == list("101011")
    assert rows["item_id"].tolist()[:2] == ["What is a? [Score]", "What is b? [Score]"]
    assert rows["user_id"].tolist()[:3] == ["ann@x.org"] * 3


def test_codes_among_right_and_wrong_are_asked_about(read):
    text = PLAIN.replace("ben,0,,1", "ben,0,9,9")
    with pytest.raises(ReadingError) as error:
        read(text)
    assert error.value.repairs[0] == ("answers", {"9": None})
    assert read(text, answers={"9": None})["correct"].notna().sum() == 7
