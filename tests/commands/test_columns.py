"""Which column plays which role is told by its name, and said when it is not."""

import re

import pytest

from sktrace.commands._columns import guess_columns

NOTHING = dict.fromkeys(["student", "order", "skill", "correct"])


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
    assert columns == dict(
        zip(NOTHING, [None if e == "-" else e for e in expected], strict=True)
    )
    assert guessed == set(NOTHING)


def test_what_is_given_is_not_guessed_and_not_given_to_another_role():
    header = ["student", "user_id", "time", "skill", "correct", "first_correct"]
    given = {**NOTHING, "student": "student", "correct": "first_correct"}
    columns, guessed = guess_columns(header, given)
    assert columns["student"] == "student"
    assert columns["correct"] == "first_correct"
    assert guessed == {"order", "skill"}


def test_none_says_that_no_column_plays_a_role():
    given = {**NOTHING, "order": "none", "skill": "None"}
    columns, guessed = guess_columns(["user", "right", "time", "skill"], given)
    assert columns == {
        "order": None, "skill": None, "student": "user", "correct": "right"
    }  # fmt: skip
    assert guessed == {"student", "correct"}


@pytest.mark.parametrize(
    ("header", "given", "message"),
    [
        (["a", "skill", "right"], {}, "No column's name says student (who answered); "
         "got the columns ['a', 'skill', 'right']. Name it: --student COLUMN."),
        (["user", "right"], {}, "Name it: --skill COLUMN, or --skill none if all is "
         "one skill."),
        (["user", "right", "Skill", "skill"], {}, "Several columns' names say skill: "
         "['Skill', 'skill']. Name the one: --skill \"Skill\"."),
        (["user", "user", "skill", "right"], {}, "2 columns are named 'user'; expected "
         "names that differ. Rename all but the one that counts."),
        (["user", "t"], {"skill": "t", "correct": "t"}, "One column was named for two "
         "roles: ['t', 't']; expected a column each."),
        (["user"], {"correct": "grade"}, "--correct grade: the log has 0 columns of "
         "this name; expected one of ['user']."),
        (["user"], {"student": "none"}, "--student none; expected a column, since a "
         "log says who answered. Its columns are ['user']."),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_asked_for(header, given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        guess_columns(header, {**NOTHING, **given})
