"""Cells that hold whole sequences: a row for each value."""

import numpy as np
import pytest

from sktrace.datasets import read_interactions
from sktrace.datasets._read_problems import ReadingError

COLUMNS = {"user_id": "uid", "skill_name": "concepts", "correct": "responses"}
HEADER = "uid,concepts,responses\n"
PLAIN = HEADER + 'ann,"4,5,5","1,0,1"\nben,"5,4","0,1"\n'


def write(joint, around="", sep=","):
    """Write the same sequences otherwise."""
    begin, end = around or ("", "")
    cells = [["4", "5", "5"], ["1", "0", "1"]], [["5", "4"], ["0", "1"]]
    lines = [HEADER.replace(",", sep).rstrip()]
    for student, row in zip(("ann", "ben"), cells, strict=True):
        made = [f"{begin}{joint.join(values)}{end}" for values in row]
        quoted = [f'"{cell}"' if sep in cell else cell for cell in made]
        lines.append(sep.join([student, *quoted]))
    return "\n".join(lines) + "\n"


WRITTEN = {
    "commas": write(","),
    "commas and blanks": write(", "),
    "commas in a file of semicolons": write(",", sep=";"),
    "commas in a file of tabs": write(",", sep="\t"),
    "semicolons": write(";"),
    "bars": write("|"),
    "underscores": write("_"),
    "blanks": write(" "),
    "brackets": write(", ", "[]"),
    "brackets and blanks": write(" ", "[]"),
    "round brackets": write(",", "()"),
    "quoted values": write(",").replace("4,5,5", "'4','5','5'"),
    "a comma at the end": write(",").replace("1,0,1", "1,0,1,"),
    "true and false": PLAIN.replace("1,0,1", "True,False,True").replace(
        '"0,1"', '"False,True"'
    ),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_each_value_becomes_a_row(read, look, text):
    X = read(text, columns=COLUMNS)
    assert X["user_id"].tolist() == ["ann"] * 3 + ["ben"] * 2
    assert X["order_id"].tolist() == [0, 1, 2, 3, 4]
    assert X["skill_name"].tolist() == [4, 5, 5, 5, 4]
    assert X["correct"].tolist() == [1, 0, 1, 0, 1]
    _, notes = look(text)
    assert notes == [
        "Cells of the columns ['concepts', 'responses'] hold sequences; they are read "
        "as a row for each value: 2 rows as 5 answers.",
        "'order_id' counts them in the order in which they stand.",
    ]


def test_a_format_does_not_matter(read):
    expected = read(PLAIN, columns=COLUMNS)
    assert read(PLAIN, "table", columns=COLUMNS).equals(expected)


PYKT = """\
fold,uid,questions,concepts,responses,selectmasks,is_repeat
0,7,"21,22,22,-1","3,4,5,-1","1,0,0,-1","1,1,1,-1","0,0,1,-1"
1,7,"23,21,-1,-1","6,3_4,-1,-1","1,1,-1,-1","1,1,-1,-1","0,0,-1,-1"
1,8,"21,22,22,23","3,4,5,6","0,1,1,0","1,1,1,1","0,0,1,0"
"""


def test_padding_goes_and_the_skills_of_one_question_share_their_place(look, read):
    frame, notes = look(PYKT)
    assert len(frame) == 9
    assert notes[-1].endswith("are left out: 3 of 12.")
    # Of one student, the second row goes on where the first has ended.
    assert frame["order_id"].tolist() == [0, 1, 1, 2, 3, 4, 5, 5, 6]
    assert frame["concepts"].tolist()[4] == "3~~4"
    X = read(PYKT, columns=COLUMNS, item="questions")
    assert X["item_id"].tolist() == [21, 22, 22, 23, 21, 21, 22, 22, 23]


def test_times_in_the_cells_are_the_order(look):
    text = 'uid,concepts,responses,timestamps\n7,"3,4,4","1,0,1","10,20,20"\n'
    frame, notes = look(text)
    assert list(frame) == ["uid", "concepts", "responses", "timestamps"]
    assert len(notes) == 1


def test_a_window_counts_each_answer_once(look):
    text = (
        "uid,questions,responses,selectmasks\n"
        '7,"1,2,3","1,0,1","1,1,1"\n7,"2,3,4","0,1,1","-1,-1,1"\n'
    )
    frame, notes = look(text)
    assert frame["questions"].tolist() == ["1", "2", "3", "4"]
    assert notes[-1].endswith("are left out: 2 of 6.")


def test_an_answer_of_minus_one_within_a_sequence_is_none(read):
    X = read(PLAIN.replace("1,0,1", "1,-1,0"), columns=COLUMNS)
    np.testing.assert_array_equal(X["correct"], [1, np.nan, 0, 0, 1])


def test_an_order_of_rows_is_not_that_of_values(look):
    text = PLAIN.replace("uid,", "uid,order_id,").replace("n,", "n,9,")
    frame, _ = look(text)
    assert frame["order_id"].tolist() == [0, 1, 2, 3, 4]
    assert frame["order_id of the row"].tolist() == ["9"] * 5


def test_other_columns_are_repeated(look, read):
    text = HEADER.replace("uid", "uid,class") + 'ann,7b,"4,5,5","1,0,1"\n'
    assert look(text)[0]["class"].tolist() == ["7b"] * 3
    X = read(text, columns=COLUMNS, keep=["class"])
    assert X["class"].tolist() == ["7b"] * 3


def test_answers_alone_may_be_sequences(look):
    text = "student,skill,responses\nann,add,1 0 1\nann,cut,0 1\nben,add,1\n"
    frame, _ = look(text)
    assert frame["skill"].tolist() == ["add"] * 3 + ["cut"] * 2 + ["add"]
    assert frame["responses"].tolist() == list("101011")


NONE = {
    "skills joined by numbers": 'uid,skills,correct\n1,0_1,1\n2,1_0,0\n3,"1_1",1\n',
    "decimal commas": "uid;zeit;thema;richtig\na;0,5;x;1,0\na;1,5;x;0,0\nb;2,5;y;1,0\n",
    "decimal commas of credit": "uid;skill;credit\na;x;0,1\nb;x;1,0\nc;x;0,0\n",
    "names of two words": "name,skill,correct\nann li,add up,1\nben lo,cut off,0\n",
    "dates": "uid,when,skill,correct\n1,2024-01-01 10:00,add,1\n",
    "lists of skills": 'uid,skills,correct\n1,"[1, 0]",1\n2,"[0]",0\n3,"[1]",1\n',
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_is_joined_otherwise_is_no_sequence(look, text):
    frame, notes = look(text)
    assert notes == []
    assert len(frame) == text.count("\n") - 1


BROKEN = {
    "one answer too few": (
        PLAIN + 'cem,"4,5,5","1,0"\n',
        r"in 1 row \(the first at position 2\) 'concepts' has 3 values and "
        "'responses' has 2; expected as many. Mend or delete such rows",
    ),
    "one skill too few": (PLAIN + 'cem,"4,5","1,0,1"\n' * 2, "in 2 rows .* has 2 val"),
    "no skills": (PLAIN + 'cem,,"1,0,1"\n', "'concepts' has 0 values"),
    "far below": (
        PLAIN + 'cem,"4,5","1,0"\n' * 300 + 'dan,"4","1,0"\n',
        "position 302",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_sequences_that_differ_in_length_are_refused(read, text, message):
    with pytest.raises(ReadingError, match=message):
        read(text, columns=COLUMNS)


def test_a_value_that_is_no_answer_is_refused_as_elsewhere(read):
    text = PLAIN + 'cem,"4,5","1,2"\n' * 200
    with pytest.raises(ReadingError, match=r"'responses' \(correct\) holds '2'"):
        read(PLAIN + 'cem,"4,5,6","1,0,1"\n' * 100 + 'x,"4","2"\n', columns=COLUMNS)
    with pytest.raises(ReadingError):
        read(text, columns=COLUMNS)


def test_many_sequences_are_read_as_a_long_table_is(tmp_path, read):
    rng = np.random.default_rng(0)
    lines, rows = [], ["user_id,order_id,skill_name,correct"]
    for student in range(100):
        n = rng.integers(1, 9)
        skills, answers = rng.integers(5, size=n), rng.integers(2, size=n)
        skills, answers = (list(map(str, each)) for each in (skills, answers))
        lines.append(f'{student},"{",".join(skills)}","{",".join(answers)}"\n')
        rows += map(
            ",".join, zip([str(student)] * n, ["0"] * n, skills, answers, strict=True)
        )
    X = read(HEADER + "".join(lines), columns=COLUMNS)
    (tmp_path / "long.csv").write_text("\n".join(rows))
    columns = ["user_id", "skill_name", "correct"]
    assert X[columns].equals(read_interactions(tmp_path / "long.csv")[columns])
