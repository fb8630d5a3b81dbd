"""Which column plays which role is told by its name, and said when it is not."""

import re

import pytest

from sktrace.commands._columns import ROLES, guess_columns

NOTHING = dict.fromkeys(ROLES)
NEEDED = ["student", "order", "skill", "correct"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("user_id order_id skill_name correct", "user_id order_id skill_name correct"),
        ("correct skill student order fold", "student order skill correct"),
        ("StudentID,Timestamp,Topic,isCorrect", "StudentID Timestamp Topic isCorrect"),
        # A usual name goes before a longer one that contains a telling word.
        ("user_id,user_name,kc,kc_count,right,time", "user_id time kc right"),
        ("Pupil No,Answer right?,Skill practised,Quiz date", "Pupil No,Quiz date,"
         "Skill practised,Answer right?"),
        ("learner skill score", "learner - skill score"),
        # How long an answer took does not say when it was given.
        ("student response_time skill right", "student - skill right"),
        ("student,Date of birth,Time,skill,right", "student,Time,skill,right"),
    ],
)  # fmt: skip
def test_names_that_people_write(header, expected):
    split = (lambda text: text.split(",")) if "," in header else str.split
    columns, guessed = guess_columns(split(header), NOTHING)
    expected = expected.split("," if "," in expected else None)
    found = [None if e == "-" else e for e in expected]
    assert {role: columns[role] for role in NEEDED} == dict(
        zip(NEEDED, found, strict=True)
    )
    assert columns["item"] is columns["time"] is None
    assert guessed == {*NEEDED, "item"}


def test_what_is_given_is_not_guessed_and_not_given_to_another_role():
    header = ["student", "user_id", "time", "skill", "correct", "first_correct"]
    given = {**NOTHING, "student": "student", "correct": "first_correct"}
    columns, guessed = guess_columns(header, given)
    assert columns["student"] == "student"
    assert columns["correct"] == "first_correct"
    assert guessed == {"order", "skill", "item"}


def test_none_says_that_no_column_plays_a_role():
    given = {**NOTHING, "order": "none", "skill": "None", "item": ["none"]}
    columns, guessed = guess_columns(["user", "right", "time", "skill", "item"], given)
    assert columns == {
        "order": None, "skill": None, "student": "user", "correct": "right",
        "item": None, "time": None,
    }  # fmt: skip
    assert guessed == {"student", "correct"}


@pytest.mark.parametrize(
    ("header", "skill", "item"),
    [
        ("user order_id skill right item_id", "skill", ["item_id"]),
        ("user_id problem_id skill_id correct original", "skill_id", ["problem_id"]),
        ("studentId skill problemId correct assistmentId", "skill", ["problemId"]),
        # EdNet, its files joined; Junyi; the competition of Riiid.
        ("user_id timestamp solving_id question_id tags correct", "tags",
         ["question_id"]),
        ("uuid timestamp_TW ucid upid problem_number is_correct", "ucid", ["upid"]),
        ("user_id time_done exercise problem_type correct", "exercise", None),
        ("user_id timestamp content_id skill answered_correctly", "skill",
         ["content_id"]),
        # What practises a skill is its item; alone it is the skill.
        ("student topic exercise right", "topic", ["exercise"]),
        ("student exercise right", "exercise", None),
        # A longer name says something of the item, and not which it is.
        ("user skill right problem_type item_difficulty question_count", "skill", None),
    ],
)  # fmt: skip
def test_items_are_told_by_the_names_of_exports(header, skill, item):
    columns, _ = guess_columns(header.split(), NOTHING)
    assert (columns["skill"], columns["item"]) == (skill, item)


def test_a_step_of_datashop_is_told_by_its_problem_and_its_name():
    header = "Anon Student Id,Problem Name,Step Name,Outcome,KC (Default),Time"
    columns, _ = guess_columns(header.split(","), NOTHING)
    assert columns["item"] == ["Problem Name", "Step Name"]
    given = {**NOTHING, "item": ["Problem Name"]}
    columns, guessed = guess_columns(header.split(","), given)
    assert columns["item"] == ["Problem Name"]
    assert "item" not in guessed


def test_a_time_is_read_where_it_is_named_and_may_be_the_order():
    header = ["user", "time", "skill", "right"]
    columns, guessed = guess_columns(header, NOTHING)
    assert (columns["order"], columns["time"]) == ("time", None)
    columns, guessed = guess_columns(header, {**NOTHING, "time": "time"})
    assert (columns["order"], columns["time"]) == ("time", "time")
    assert "time" not in guessed
    columns, _ = guess_columns(header, {**NOTHING, "time": "none"})
    assert columns["time"] is None


@pytest.mark.parametrize(
    ("header", "given", "message"),
    [
        (["a", "skill", "right"], {}, "No column's name says student (who answered); "
         "got the columns ['a', 'skill', 'right']. Name it: --student COLUMN."),
        (["user", "right"], {}, "Name it: --skill COLUMN, or --skill none if all is "
         "one skill."),
        (["user", "right", "Skill", "skill"], {}, "Several columns' names say skill: "
         "['Skill', 'skill']. Name the one: --skill Skill."),
        (["user", "user", "skill", "right"], {}, "2 columns are named 'user'; expected "
         "names that differ. Rename all but the one that counts."),
        (["user", "t"], {"skill": "t", "correct": "t"}, "One column was named for two "
         "roles: ['t', 't']; expected a column each."),
        (["user"], {"correct": "grade"}, "--correct grade: the log has 0 columns of "
         "this name; expected one of ['user']."),
        (["user", "skill", "right"], {"item": ["task"]}, "--item task: the log has 0 "
         "columns of this name; expected one of ['user', 'skill', 'right']."),
        (["user", "kc", "right"], {"item": ["kc"], "skill": "kc"}, "One column was "
         "named for two roles: ['kc', 'kc']; expected a column each."),
        (["user", "skill", "right", "Item", "item"], {}, "Several columns' names say "
         "item: ['Item', 'item']. Name the one: --item Item."),
        (["user"], {"student": "none"}, "--student none; expected a column, since a "
         "log says who answered. Its columns are ['user']."),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_asked_for(header, given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        guess_columns(header, {**NOTHING, **given})
