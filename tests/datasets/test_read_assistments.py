"""Made-up files with the quirks of each ASSISTments release are read exactly."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal

from ._logs import NAN, SECOND, T0, assert_log

SKILL_BUILDER = """\
order_id,assignment_id,user_id,assistment_id,problem_id,original,correct,skill_id,\
skill_name,answer_text
35278766,9,70363,1,51424,1,1,277,"Order of Operations +,-,/,* ()",3
33022537,9,64525,1,33139,1,1,1,Café,"a, b"
33022537,9,64525,1,33139,1,1,2,Median,“x”
33022709,9,64525,1,33150,0,0,,,
33022800,9,64525,1,33150,1,0,42,,
"""
SKILL_BUILDER_FRAME = pd.DataFrame(
    {
        "user_id": [70363, 64525, 64525, 64525, 64525],
        "order_id": [35278766, 33022537, 33022537, 33022709, 33022800],
        "skill_name": ["Order of Operations +,-,/,* ()", "Café", "Median", NAN, "42"],
        "correct": [1, 1, 1, 0, 0],
        "item_id": [51424, 33139, 33139, 33150, 33150],
    }
)


KEPT = ["answer_text", "original"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_skill_builder_in_every_encoding(read, encoding):
    text = SKILL_BUILDER.encode(encoding)
    X = read(text, keep=KEPT)
    assert list(X) == [*SKILL_BUILDER_FRAME, *KEPT]
    assert_log(X[list(SKILL_BUILDER_FRAME)], SKILL_BUILDER_FRAME)
    assert_array_equal(X["original"], [1, 1, 1, 0, 1])
    assert X["answer_text"].iloc[:3].tolist() == ["3", "a, b", "“x”"]
    assert X["answer_text"].iloc[3:].isna().all()
    given = read(text, keep=KEPT, encoding=encoding)
    assert_frame_equal(given, X)


def test_bytes_that_only_latin_1_can_read(read):
    text = SKILL_BUILDER.replace("“", "\x81").replace("”", "")
    X = read(text.encode("latin-1"), keep=["answer_text"])
    assert_log(X[list(SKILL_BUILDER_FRAME)], SKILL_BUILDER_FRAME)
    assert X["answer_text"][2] == "\x81x"


def test_an_encoding_that_does_not_fit_is_refused(read):
    message = (
        r"^log\.csv is not written in 'utf-8', the encoding given; encoding=None finds "
        r"one that fits\.$"
    )
    with pytest.raises(ValueError, match=message):
        read(SKILL_BUILDER.encode("latin-1", "replace"), encoding="utf-8")


def test_collapsed_skills_are_taken_apart_by_their_numbers(read):
    text = """\
order_id,user_id,correct,skill_id,skill_name
1,7,1,277,"Order of Operations +,-,/,* ()"
2,7,0,277_9,"Order of Operations +,-,/,* (),Median"
3,7,1,9,Median
4,7,1,9_15,"Median,Mode, or not"
5,7,1,,
"""
    X = read(text)
    order = "Order of Operations +,-,/,* ()"
    assert X["skill_name"].iloc[:4].tolist() == [
        order, f"{order}~~Median", "Median", "Median~~15",
    ]  # fmt: skip
    assert X["skill_name"].isna().tolist() == [False] * 4 + [True]


def test_2012_has_dates_and_partial_credit(read):
    text = """\
"problem_log_id","skill","problem_id","user_id","start_time","end_time","correct",\
"skill_id"
"1","Median","8","2","2008-09-22 12:20:00.25","2008-09-22 12:21:00","0.7","9"
"2","","8","2","2008-09-22 12:20:00","2008-09-22 12:21:00","1","15"
"3","","8","3","2008-09-22 12:20:00","2008-09-22 12:21:00","0.3",""
"""
    with pytest.raises(ValueError, match="'correct'") as error:
        read(text)
    assert str(error.value) == (
        "Column 'correct' (correct) holds '0.7', '0.3' in 2 rows (the first at "
        "position 0); expected 0, 1, nothing or words such as 'correct', 'wrong', "
        "'yes', 'no'. Partial credit needs a threshold: if 1 is full credit, "
        "threshold=1 counts only that as correct, threshold=0.5 half of it as well. "
        "Codes need a meaning: say what each means, right, wrong or no answer, such as "
        "answers={'0.7': 1, '0.3': 1}, which is but a guess."
    )
    expected = pd.DataFrame(
        {
            "user_id": [2, 2, 3],
            "order_id": T0 + np.array([SECOND // 4, 0, 0]),
            "skill_name": ["Median", "15", NAN],
            "correct": [1, 1, 0],
            "item_id": [8, 8, 8],
            "time": T0 / SECOND + np.array([0.25, 0, 0]),
        }
    )
    assert_log(read(text, threshold=0.5), expected)
    assert_log(read(text, threshold=0.7), expected)
    assert read(text, threshold=1)["correct"].tolist() == [0, 1, 0]
    dropped = read(text, answers={0.7: None, "0.3": None})
    assert_array_equal(dropped["correct"], [NAN, 1, NAN])


def test_2015_has_sequences_for_skills(read):
    text = "user_id,log_id,sequence_id,correct\n50121,167478035,7014,0.0\n9,1,7014,1\n"
    X = read(text)
    assert X.to_dict("list") == {
        "user_id": [50121, 9],
        "order_id": [167478035, 1],
        "skill_name": [7014, 7014],
        "correct": [0, 1],
    }
    assert (X.dtypes == "int64").all()


def test_2017_has_seconds(read):
    text = (
        "studentId,AveKnow,skill,problemId,startTime,correct\n"
        "8,.5,noskill,P7,1096470301,0\n"
    )
    X = read(text, "assistments", keep=["AveKnow"])
    assert X.to_dict("list") == {
        "user_id": [8],
        "order_id": [1096470301],
        "skill_name": ["noskill"],
        "correct": [0],
        "item_id": ["P7"],
        "time": [1096470301.0],
        "AveKnow": [0.5],
    }


def test_other_columns_are_no_assistments(read):
    message = r"\['user_id', 'log_id', 'sequence_id', 'correct'\] \(2014-15\).*\['a'\]"
    with pytest.raises(ValueError, match=message):
        read("a\n1\n", "assistments")
