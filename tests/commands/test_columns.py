"""Which column plays which role is told by its name and cells, and asked for if not."""

import re

import pandas as pd
import pytest

from sktrace.commands import as_options
from sktrace.commands._reading.columns import ROLES, guess_columns
from sktrace.commands._reading.contents import Sample
from sktrace.datasets._read_problems import ReadingError

NOTHING = dict.fromkeys(ROLES)
NEEDED = ["student", "order", "skill", "correct"]


class Table:
    """A frame, read as a file is."""

    def __init__(self, **columns):
        n_rows = max(map(len, columns.values()))
        self.header = list(columns)
        self._cells = pd.DataFrame(
            {at: (list(cells) * n_rows)[:n_rows] for at, cells in
             enumerate(columns.values())}
        )  # fmt: skip

    def read(self, positions):
        return self._cells[positions]


def guess(table, **given):
    return guess_columns(table.header, {**NOTHING, **given}, Sample(table))


def refuse(table, **given):
    """Return the message, spelt as for the command line, that asks for columns."""
    with pytest.raises(ReadingError) as error:
        guess(table, **given)
    return as_options(error.value)


# Names alone


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("user_id order_id skill_name correct", "user_id order_id skill_name correct"),
        ("correct skill student order fold", "student order skill correct"),
        ("StudentID,Timestamp,Topic,isCorrect", "StudentID Timestamp Topic isCorrect"),
        ("user_id,user_name,kc,kc_count,right,time", "user_id time kc right"),
        ("Pupil No,Right?,Skill (name),Date", "Pupil No,Date,Skill (name),Right?"),
        ("learner timestamp skill score", "learner timestamp skill score"),
        # How long an answer took does not say when it was given.
        ("student response_time skill right when", "student when skill right"),
        ("student,Date of birth,Time,skill,right", "student,Time,skill,right"),
        # The number of a student goes before the name, which two may share.
        ("Schüler,Schüler-Nr,Zeitpunkt,Thema,Richtig",
         "Schüler-Nr,Zeitpunkt,Thema,Richtig"),
        ("Schueler,Zeitstempel,Kompetenz,korrekt (ja/nein)",
         "Schueler,Zeitstempel,Kompetenz,korrekt (ja/nein)"),
        ("id_eleve,Horodatage,Compétence,est_juste",
         "id_eleve,Horodatage,Compétence,est_juste"),
        ("NOM DE L'ÉLÈVE,horodateur,notion,juste",
         "NOM DE L'ÉLÈVE,horodateur,notion,juste"),
        ("alumno,fecha y hora,habilidad,correcto",
         "alumno,fecha y hora,habilidad,correcto"),
        ("Studente,data e ora,argomento,corretto",
         "Studente,data e ora,argomento,corretto"),
        ("aluna,datahora,habilidade,acertou", "aluna,datahora,habilidade,acertou"),
        ("leerling,tijdstip,onderwerp,goed", "leerling,tijdstip,onderwerp,goed"),
        ("elev,tidpunkt,färdighet,rätt", "elev,tidpunkt,färdighet,rätt"),
        ("elev,tidsstempel,ferdighet,riktig", "elev,tidsstempel,ferdighet,riktig"),
        ("Uczeń,znacznik czasu,umiejętność,poprawnie",
         "Uczeń,znacznik czasu,umiejętność,poprawnie"),
        ("ID ученика,Дата и время,Навык,Правильно",
         "ID ученика,Дата и время,Навык,Правильно"),
        ("学号,提交时间,知识点,是否正确", "学号,提交时间,知识点,是否正确"),
        ("öğrenci no,timestamp,konu,doğru", "öğrenci no,timestamp,konu,doğru"),
    ],
)  # fmt: skip
def test_names_that_people_write(header, expected):
    split = (lambda text: text.split(",")) if "," in header else str.split
    columns, guessed = guess_columns(split(header), NOTHING)
    expected = expected.split("," if "," in expected else None)
    assert [columns[role] for role in NEEDED] == expected
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
        ("Schüler Thema Richtig Aufgaben-Nr. Aufgabe", "Thema", ["Aufgabe"]),
        # A longer name says something of the item, and not which it is.
        ("user skill right problem_type item_difficulty question_count", "skill", None),
    ],
)  # fmt: skip
def test_items_are_told_by_the_names_of_exports(header, skill, item):
    given = {**NOTHING, "order": None if "time" in header else "none"}
    columns, _ = guess_columns(header.split(), given)
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
    columns, guessed = guess_columns(header, {**NOTHING, "time": ["time"]})
    assert (columns["order"], columns["time"]) == ("time", "time")
    assert "time" not in guessed
    columns, _ = guess_columns(header, {**NOTHING, "time": ["none"]})
    assert columns["time"] is None


def test_an_order_may_be_named_by_two_columns_and_no_more():
    header = ["user", "day", "clock", "skill", "right"]
    columns, _ = guess_columns(header, {**NOTHING, "order": ["day", "clock"]})
    assert columns["order"] == ["day", "clock"]
    columns, _ = guess_columns(header, {**NOTHING, "order": ["day"]})
    assert columns["order"] == "day"
    given = {**NOTHING, "order": ["day", "clock", "user"]}
    with pytest.raises(ReadingError, match="expected one column, or one of dates and"):
        guess_columns(header, given)


@pytest.mark.parametrize(
    ("header", "given", "message"),
    [
        ("a when skill right", {}, "No column's name says student for sure (who "
         "answered); got the columns ['a', 'when', 'skill', 'right']. Name it: "
         "--student COLUMN."),
        ("user right when", {}, "Name it: --skill COLUMN, or, if all is one skill, "
         "--skill none."),
        ("user right skill", {}, "Name it: --order COLUMN, or, only if each student's "
         "rows stand in time order, --order none."),
        ("user right Skill skill when", {}, "Several columns' names say skill: "
         "['Skill', 'skill']. Name the one: --skill Skill or --skill skill."),
        ("user user skill right when", {}, "2 columns are named 'user'; expected "
         "names that differ. Rename all but the one that counts."),
        ("user t", {"skill": "t", "correct": "t"}, "One column was named for two "
         "roles: ['t', 't']; expected a column each."),
        ("user", {"correct": "grade"}, "--correct grade: the log has 0 columns of "
         "this name; expected one of ['user']."),
        ("user skill right when", {"item": ["task"]}, "--item task: the log has 0 "
         "columns of this name; expected one of ['user', 'skill', 'right', 'when']."),
        # Who mistypes a name is asked whether another is meant.
        ("user skill right when", {"student": "usr"}, "Is it meant: --student user?"),
        ("learner skill right when", {"student": "x"}, "is it meant: --student lea"),
        ("user kc right", {"item": ["kc"], "skill": "kc"}, "One column was "
         "named for two roles: ['kc', 'kc']; expected a column each."),
        ("user skill right Item item when", {}, "Several columns' names say "
         "item: ['Item', 'item']. Name the one: --item Item or --item item."),
        ("user", {"student": "none"}, "--student none; expected a column, since a "
         "log says who answered. Its columns are ['user']."),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_asked_for(header, given, message):
    with pytest.raises(ReadingError) as error:
        guess_columns(header.split(), {**NOTHING, **given})
    assert message.casefold() in as_options(error.value).casefold()


# Names and what the columns hold

LOG = {
    "student": list("aaaaabbbbb"),
    "timestamp": list("1234512345"),
    "skill": list("xyxyxxyxyx"),
    "correct": list("0110101101"),
}


def without(*roles, **more):
    return Table(**{n: c for n, c in LOG.items() if n not in roles}, **more)


def test_a_column_without_rows_is_taken_by_its_name():
    table = Table(student=[], when=[], skill=[], right=[])
    assert guess(table)[0]["order"] == "when"


@pytest.mark.parametrize(
    "name",
    [
        *("correct_answer", "user_answer", "correct_rate", "first_correct"),
        *("answer", "response", "answer_type", "right_answer", "Antwort", "réponse"),
    ],
)
def test_one_telling_word_of_an_answer_is_a_question(name):
    said = refuse(without("correct", **{name: LOG["correct"]}))
    assert said.startswith("No column's name says correct for sure")
    assert f"--correct {name}" in said or "--correct 'réponse'" in said


@pytest.mark.parametrize(
    ("role", "name", "cells"),
    [
        ("skill", "topic_mode", "xy"), ("skill", "skill_level", "12"),
        ("skill", "subject", "xy"), ("skill", "skill_group", "xy"),
        ("student", "subject", "ab"), ("student", "student_count", "12"),
        ("student", "user_agent", "ab"), ("student", "name", "ab"),
        ("order", "answer_time", ["9", "4"]), ("order", "time_spent", ["9", "4"]),
        ("order", "time_zone", ["1", "2"]), ("order", "id", [*"123456789", "10"]),
    ],
)  # fmt: skip
def test_one_telling_word_is_a_question(role, name, cells):
    table = without("timestamp" if role == "order" else role, **{name: cells})
    said = refuse(table)
    assert said.startswith(f"No column's name says {role} for sure"), said
    assert f"--{role} " in said


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("correct", ["A", "B", "C", "D"], "it holds 'a', 'b', 'c', 'd'"),
        ("correct", ["b", "a"], "it holds 'b', 'a'"),  # read as pairs: y/n, j/n
        ("correct", ["3", "2", "4", "1"], "it holds '3', '2', '4', '1'"),
        ("right", [f"it was {n}" for n in range(10)], "it holds 'it was 0', "),
        ("richtig", [""], "it is empty"),
        ("score", ["0", "55", "100"], "it holds '0', '55', '100'"),
        ("result", ["12", "33", "41"], "it holds '12', '33', '41'"),
        ("result", ["good", "soso", "bad"], "it holds 'good', 'soso', 'bad'"),
        ("Ergebnis", ["1,5", "0", "3"], "it holds '1,5', '0', '3'"),
        ("outcome", ["2024-05-01", "2024-05-02"], "it holds '2024-05-01'"),
        ("success", ["0.1", "0.7"], "it holds '0.1', '0.7'"),
    ],
)
def test_a_column_that_holds_no_answers_is_not_taken_for_them(name, cells, reason):
    cells = [cell or None for cell in cells]
    said = refuse(without("correct", **{name: cells}))
    assert f"'{name}' may, but {reason}" in said


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("score", ["0", "1"]), ("result", ["right", "wrong"]), ("Outcome", ["1", "0"]),
        ("Mark", ["✓", "✗"]),
        ("bestanden", ["ja", "nein"]), ("passed", ["True", "False"]),
        ("responses", ["1", "0"]), ("Punkte", ["1", "0"]), ("resultado", ["1", "0"]),
        # A whole name will do even where what is held must be asked for.
        ("correct", ["0", "0.5", "1"]), ("correct", ["OK", "BUG"]),
        ("correct", ["1", "0", "-1"]),
    ],
)  # fmt: skip
def test_a_likely_name_and_answers_in_the_column_are_enough(name, cells):
    columns, _ = guess(without("correct", **{name: cells}))
    assert columns["correct"] == name


def test_answers_go_before_the_key():
    table = without("correct", correct=["A", "B", "C"], result=["1", "0"])
    assert guess(table)[0]["correct"] == "result"


DURATIONS = ["3", "9", "1", "8", "2", "7", "1", "9", "4", "5"]
DURATIONS += ["7", "2", "9", "3", "6", "1", "8", "2", "5", "4"]


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("time", DURATIONS, "its numbers go down in 5"),
        ("zeit", DURATIONS, "its numbers go down in"),
        ("date", ["2024-05-01"], "it is the same in all rows of each student"),
        ("day", ["4"], "it is the same in all rows of each student"),
        ("time", ["noon", "dawn"], "it holds 'noon', 'dawn'"),
        ("time", ["10:05", "10:07"], "it holds '10:05', '10:07', times of the day"),
        ("temps", ["00:35", "01:10"], "it holds '00:35', '01:10', times of the day "),
    ],
)
def test_a_column_that_holds_no_moments_is_not_taken_for_the_order(name, cells, reason):
    log = {n: c * 2 for n, c in LOG.items() if n != "timestamp"}
    log["student"] = sorted(log["student"])
    said = refuse(Table(**log, **{name: cells}))
    assert f"'{name}' may, but {reason}" in said
    assert f"--order {name}" not in said  # it would be untrue


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("time", [str(1.7e9 + n * 61 % 7) for n in range(10)]),
        ("date", [f"2024-05-{n % 5 + 1:02d}" for n in range(10)]),
        ("time", ["0,5", "1,5", "2,5", "3,5", "4,5"]),
        ("Datum", [f"{n % 5 + 1}.5.2024 10:00" for n in range(10)]),
        ("position", list("5432154321")),
        ("step", list("1234512345")),
        ("time", ["3", "1", "5", "2", "4", "8", "10", "6", "9", "7"]),  # shuffled
    ],
)
def test_a_likely_name_and_moments_in_the_column_are_enough(name, cells):
    columns, _ = guess(without("timestamp", **{name: cells}))
    assert columns["order"] == name


@pytest.mark.parametrize(
    ("date", "clock"),
    [("Datum", "Uhrzeit"), ("date", "time"), ("fecha", "hora"), ("Dato", "klokkeslett"),
     ("дата", "время"), ("日期", "时间"), ("Date", "Heure")],
)  # fmt: skip
def test_a_date_and_a_time_of_the_day_are_the_order_together(date, clock):
    days = ["3.6.2024"] * 3 + ["4.6.2024"] * 2
    clocks = ["8:05", "8:15", "13:00", "8:00", "9:30"]
    table = without("timestamp", **{clock: clocks, date: days})
    assert guess(table)[0]["order"] == [date, clock]


def test_a_duration_beside_a_date_is_no_time_of_the_day():
    days = [f"{n % 5 + 1}.6.2024" for n in range(10)]
    table = without("timestamp", time=["35", "12", "80"], date=days)
    assert guess(table)[0]["order"] == "date"
    table = without("timestamp", time=["8:00"], date=[f"{day} 10:00" for day in days])
    assert guess(table)[0]["order"] == "date"


@pytest.mark.parametrize(
    ("role", "name", "cells"),
    [
        ("skill", "skill", ["0.25", "0.5"]),
        ("skill", "Thema", ["2024-05-01", "2024-05-02"]),
        ("skill", "topic", [None]),
        ("student", "user", ["0.1", "0.2"]),
        ("skill", "skill", [str(n + 0.5) for n in range(60)]),
        ("student", "Teilnehmer", ["1.5.2024", "2.5.2024"]),
    ],
)
def test_numbers_with_a_fraction_and_dates_are_no_names(role, name, cells):
    said = refuse(without(role, **{name: cells}))
    assert f"'{name}' may, but it " in said


def test_one_column_that_looks_like_it_is_proposed():
    said = refuse(without("correct", gelungen=["ja", "nein"]))
    assert "Name it: --correct gelungen." in said
    said = refuse(without("timestamp", wann=["2024-05-01", "2024-05-02"]))
    assert "Name it: --order wann." in said
    said = refuse(without("correct", a=["1", "0"], b=["0", "1"]))
    assert "Name it: --correct a or --correct b." in said


def test_all_that_is_to_be_named_is_said_at_once_and_the_columns_once():
    said = refuse(Table(a=["x"], b=["y"]), student="c")
    assert len(re.findall(r"^- ", said, re.MULTILINE)) == 4
    assert said.count("['a', 'b']") == 1
