"""Items and times are read where the file has them, and as their user says."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sktrace.datasets import make_interactions, read_interactions

from ._logs import NAN, SECOND, T0, assert_log

SHEET = """\
user_id,order_id,skill_name,correct,problem,step,when
ann,1,add;carry,1,p1,s1,2008-09-22 12:20:00
ann,2,add,0,p1,s2,
bob,1,carry ; add,1,p2,,2008-09-22 12:20:01.5
bob,2,add,1,,s1,2008-09-23 12:20:00
"""


def times(X):
    return (X["time"] - T0 / SECOND).tolist()


# Any table


def test_a_table_has_items_and_times_where_they_are_named(read):
    assert list(read(SHEET)) == ["user_id", "order_id", "skill_name", "correct"]
    X = read(SHEET, item="problem", time="when", keep=["step"])
    assert list(X)[4:] == ["item_id", "time", "step"]
    assert X["item_id"].tolist()[:3] == ["p1", "p1", "p2"]
    assert X["item_id"].isna().tolist() == [False] * 3 + [True]
    assert_array_equal(times(X), [0, NAN, 1.5, 86_400])


def test_several_columns_name_an_item_together(read):
    X = read(SHEET, item=["problem", "step"])
    assert X["item_id"].tolist() == ["p1 / s1", "p1 / s2", "p2", "s1"]


def test_a_made_up_log_with_items_and_times_comes_back_as_it_was(tmp_path):
    X, _ = make_interactions(20, n_items=30, times=True, random_state=0)
    X = X.astype({"skill_name": object, "item_id": object})
    X.to_csv(tmp_path / "log.csv", index=False)
    assert_log(read_interactions(tmp_path / "log.csv"), X)
    plain = read_interactions(tmp_path / "log.csv", item=None, time=None)
    assert list(plain) == ["user_id", "order_id", "skill_name", "correct"]


def test_a_column_that_is_kept_stays_as_it_is(read):
    text = "user_id,order_id,skill_name,correct,item_id,time\nann,1,add,1,p,noon\n"
    with pytest.raises(ValueError, match=r"Or leave the times out: time=None\.$"):
        read(text)
    assert read(text, time=None)["item_id"].tolist() == ["p"]
    X = read(text, keep=["time", "item_id"])
    assert list(X)[4:] == ["time", "item_id"]
    assert X["time"].tolist() == ["noon"]
    with pytest.raises(ValueError, match="keep= names 'item_id', which the result has"):
        read(text, keep=["item_id"], item="item_id", time=None)


@pytest.mark.parametrize(
    ("number", "unit", "seconds"),
    [
        ("12.5", None, 12.5),
        ("1222086000", None, 1_222_086_000),
        ("1222086000250", None, 1_222_086_000.25),
        ("1222086000250000", None, 1_222_086_000.25),
        ("1222086000250000000", None, 1_222_086_000.25),
        ("90000", "ms", 90),  # milliseconds since the student's first answer
        ("-1500", "ms", -1.5),
    ],
)
def test_numbers_are_seconds_or_what_their_size_or_the_user_says(
    read, number, unit, seconds
):
    text = f"user_id,order_id,skill_name,correct,time\nann,1,add,1,{number}\n"
    text += "ann,2,add,1,\n"
    time = read(text, time_unit=unit)["time"]
    assert_allclose(time, [seconds, NAN], rtol=1e-15)


def test_a_column_may_tell_both_order_and_time(read):
    columns = {"order_id": "when"}
    X = read(SHEET.replace("s2,\n", "s2,2008-09-22 12:20:07 UTC\n"), columns=columns,
             time="when")  # fmt: skip
    assert times(X) == [0, 7, 1.5, 86_400]
    assert_array_equal(X["order_id"] - T0, np.array(times(X)) * SECOND)


def test_dates_in_another_form(read):
    text = SHEET.replace("2008-09-22 12:20:00", "22.9.2008").replace(
        "2008-09-22 12:20:01.5", "23.9.2008"
    )
    text = text.replace("2008-09-23 12:20:00", "24.9.2008")
    X = read(text, time="when")
    assert_array_equal(X["time"][[0, 2, 3]].diff()[1:], [86_400, 86_400])
    assert X["time"].isna()[1]
    assert read(text, time="when", time_format="%d.%m.%Y").equals(X)


def test_no_time_at_all(read):
    text = SHEET.replace("2008-09-22 12:20:00", "").replace("2008-09-23 12:20:00", "")
    text = text.replace("2008-09-22 12:20:01.5", "")
    assert read(text, time="when")["time"].isna().all()


def test_parquet_keeps_dates_numbers_and_texts(tmp_path):
    pytest.importorskip("pyarrow", reason="pyarrow, which reads Parquet, is missing")
    frame = pd.DataFrame(
        {
            "user_id": ["ann"] * 3,
            "order_id": [1, 2, 3],
            "skill_name": "add",
            "correct": [1, 0, 1],
            "problem": [7, 8, 7],
            "step": ["a", None, "b"],
            "when": pd.to_datetime(["2008-09-22 12:20", None, "2008-09-22 12:21"]),
            "since": pd.to_timedelta([0, 1, 90], unit="s"),
        }
    )
    frame.to_parquet(tmp_path / "log.parquet")
    X = read_interactions(tmp_path / "log.parquet", item="problem", time="when")
    assert X["item_id"].tolist() == [7, 8, 7]
    assert_array_equal(times(X), [0, NAN, 60])
    X = read_interactions(
        tmp_path / "log.parquet", item=["problem", "step"], time="since"
    )
    assert X["item_id"].tolist() == ["7 / a", "8", "7 / b"]
    assert X["time"].tolist() == [0, 1, 90]


def test_skills_of_one_cell_are_taken_apart(read):
    X = read(SHEET, skill_sep=";")
    assert X["skill_name"].tolist() == ["add~~carry", "add", "carry~~add", "add"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"item": "Problem"},
            "item= names 'Problem', of which the file has 0; expected",
        ),
        ({"item": ["problem", "x"]}, "item= names 'x', of which the file has 0"),
        ({"time": "date"}, "time= names 'date', of which the file has 0; expected a"),
        (
            {"columns": {"item_id": "problem"}},
            "Items and times are named by item= and ",
        ),
    ],
)
def test_columns_that_are_not_there_are_refused(read, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read(SHEET, **options)


# Exports


def test_an_export_without_its_items_or_with_other_ones(read):
    text = (
        "order_id,user_id,problem_id,correct,skill_id,skill_name,template_id\n"
        "1,7,51424,1,1,add,30\n"
    )
    assert read(text)["item_id"].tolist() == [51424]
    assert read(text, item="template_id")["item_id"].tolist() == [30]
    assert "item_id" not in read(text, item=None)
    assert "item_id" not in read(text.replace("problem_id", "x"))


def test_junyi_2015_has_templates_of_exercises_and_microseconds(read):
    text = """\
user_id,exercise,problem_type,problem_number,topic_mode,suggested,review_mode,\
time_done,time_taken,time_taken_attempts,correct,count_attempts,hint_used
247,counting,,1,false,true,false,1222086000250000,5,5,true,1,false
247,adding,two_digits,2,false,true,false,1222086009000000,5,5,false,2,true
"""
    assert_log(
        read(text),
        pd.DataFrame(
            {
                "user_id": [247, 247],
                "order_id": T0 + np.array([SECOND // 4, 9 * SECOND]),
                "skill_name": ["counting", "adding"],
                "correct": [1, 0],
                "item_id": ["counting", "adding / two_digits"],
                "time": T0 / SECOND + np.array([0.25, 9]),
            }
        ),
    )


def test_junyi_2018_has_problems_and_quarters_of_an_hour(read):
    text = """\
timestamp_TW,uuid,ucid,upid,problem_number,exercise_problem_repeat_session,is_correct
2008-09-22 12:15:00 UTC,u=,c1,p1,1,1,True
2008-09-22 12:15:00 UTC,u=,c1,p2,2,1,False
"""
    expected = pd.DataFrame(
        {
            "user_id": ["u=", "u="],
            "order_id": T0 - 300 * SECOND,
            "skill_name": ["c1", "c1"],
            "correct": [1, 0],
            "item_id": ["p1", "p2"],
            "time": T0 / SECOND - 300.0,
        }
    )
    assert_log(read(text), expected)
    assert_log(read(text, "junyi"), expected)
    with pytest.raises(ValueError, match=r'format="junyi" knows the columns .*2018-19'):
        read(SHEET, "junyi")


def test_ednet_is_read_once_its_columns_are_named(read):
    # Its files, one a student, joined with those of the questions.
    text = """\
user_id,timestamp,solving_id,question_id,user_answer,elapsed_time,correct_answer,tags,ok
u1,1565096190868,1,q5012,b,38000,b,1;2,1
u1,1565096221062,2,q4706,c,24000,b,74,0
"""
    columns = {
        "order_id": "timestamp",
        "skill_name": "tags",
        "correct": "ok",
    }
    X = read(text, columns=columns, item="question_id", time="timestamp", skill_sep=";")
    assert X["skill_name"].tolist() == ["1~~2", "74"]
    assert X["item_id"].tolist() == ["q5012", "q4706"]
    assert X["time"].tolist() == [1565096190.868, 1565096221.062]
