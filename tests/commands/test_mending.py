"""One message says all that is wrong with a file, and a command that was tried."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from sktrace.__main__ import build_parser, main
from sktrace.commands import as_options
from sktrace.commands._reading.log_file import read_log
from sktrace.datasets import read_interactions
from sktrace.datasets._read_problems import ReadingError

NAMES = ["Jörg", "Änne", "Bärbel", "Cem", "Dörte", "Emil", "Frida", "Gül"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(text, name="log.csv", encoding="utf-8"):
    Path(name).write_bytes(text.encode(encoding))


def read(*words, command="compare"):
    return read_log(build_parser().parse_args([command, *words]))


def refuse(*words, command="compare"):
    """Return the message, and the commands that it says."""
    with pytest.raises(ReadingError) as error:
        read(*words, command=command)
    said = as_options(error.value)
    return said, re.findall(r"^  python -m sktrace (.+)", said, re.MULTILINE)


def follow(command):
    return read_log(build_parser().parse_args(shlex.split(command)))


def make_rows(row, n_students=4, n_times=6, sep=","):
    """Return rows of students and times, in the order of time."""
    pairs = ((s, t) for t in range(n_times) for s in range(n_students))
    return "".join(sep.join(map(str, row(*pair))) + "\n" for pair in pairs)


def right(student, time):
    return (student * 5 + time * 3) % 7 % 2


HEAD = "student,time,skill,correct\n"
PLAIN = HEAD + make_rows(lambda s, t: (f"s{s}", t, "ab"[t % 2], right(s, t)))
CREDIT = PLAIN.replace("a,1\n", "a,4\n").replace("b,1\n", "b,8\n")


# The file that took seven commands


def export(begin):
    """A table of a German spreadsheet; one of its students is missing."""

    def row(s, t):
        name = "" if (s, t) == (2, 3) else NAMES[s]
        day, clock = f"{begin + t // 2:02d}.06.2024", f"{8 + t % 2}:{5 * s:02d}"
        word = "ja" if right(s, t) else "nein"
        return name, day, clock, ["Brüche", "Terme"][t % 2], f"{s + t / 4:.2f}", word

    rows = make_rows(row, len(NAMES), sep=";").replace(".00;", ",00;")
    rows = re.sub(r";(\d+)\.(\d\d);", r";\1,\2;", rows)
    head = "Lernstand der 7b\nAuszug vom 30.06.2024\n\n"
    return head + "Schüler;Datum;Uhrzeit;Thema;Dauer;Richtig\n" + rows


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig"])
def test_a_german_export_takes_two_commands(encoding):
    write(export(12), encoding=encoding)  # the 13th says that the day is first
    said, commands = refuse("log.csv")
    assert said == (
        "Column 'Schüler' (student) is missing in 1 row (the first at position 26); "
        "expected one in every row. Leave such rows out: --drop-missing.\n"
        "This has been tried, and reads 47 answers of 8 students; look whether it is "
        "meant:\n  python -m sktrace compare log.csv --drop-missing"
    )
    log = follow(commands[0])
    assert log.columns == {
        "student": "Schüler", "order": ["Datum", "Uhrzeit"], "skill": "Thema",
        "correct": "Richtig", "item": None,
    }  # fmt: skip
    assert ("order", "Datum / Uhrzeit", "guessed") in list(log.describe_columns())
    again = read_interactions("log.csv", **log.settings)
    pd.testing.assert_frame_equal(again, log.X)
    moments = pd.to_datetime(log.X["order_id"], unit="us")
    assert str(moments.iloc[0]) == "2024-06-12 08:00:00"
    assert str(moments.iloc[-1]) == "2024-06-14 09:35:00"
    expected = [right(s, t) for t in range(6) for s in range(8) if (s, t) != (2, 3)]
    assert log.X["correct"].tolist() == expected
    assert any("3 lines" in note for note in log.notes), log.notes
    assert any("1 of 48 rows are left out" in note for note in log.notes), log.notes


def test_where_the_truth_is_open_both_commands_were_tried():
    write(export(3), encoding="latin-1")
    said, commands = refuse("log.csv")
    assert said.startswith("2 things are to be mended:\n- Column 'Schüler'")
    assert "\nWhich of these is meant? Each has been tried:\n" in said
    assert commands == [
        f"compare log.csv --time-format {each} --drop-missing"
        for each in ("%d.%m.%Y", "%m.%d.%Y")
    ]
    days = [pd.to_datetime(follow(c).X["order_id"][0], unit="us") for c in commands]
    assert [f"{day:%d %B}" for day in days] == ["03 June", "06 March"]


# All that is wrong, at once


SPOILT = {
    "a student": (PLAIN.replace("s1,3", ",3"), "--drop-missing"),
    "a name": (PLAIN.replace("correct", "correct_answer"), "--correct correct_answer"),
    "codes": (CREDIT, "--threshold 8"),
    "no order": (PLAIN.replace("time", "x"), "--order none"),
    "no skill": (PLAIN.replace("skill", "x"), "--skill none"),
    "a credit": (CREDIT.replace("correct", "score"), "--correct score --threshold 8"),
    "minus": (PLAIN.replace(",0\n", ",-1\n"), "--answers=-1=0"),
    "a subject": (PLAIN.replace("student", "subject"), "--student subject"),
    "two": (PLAIN.replace("student", "subject").replace("s1,3", ",3"),
            "--student subject --drop-missing"),
    "three": (CREDIT.replace("student", "subject").replace("skill", "topic area"),
              "--student subject --skill 'topic area' --threshold 8"),
    "a blank": (PLAIN.replace("time", "answer time"), "--order 'answer time'"),
    "a dash": (PLAIN.replace("student", "-subject"), "--student=-subject"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "options"), SPOILT.values(), ids=SPOILT)
def test_the_command_that_is_offered_reads_the_file(text, options):
    write(text, "a log.csv")
    said, commands = refuse("a log.csv")
    assert commands[0] == f"compare 'a log.csv' {options}"
    for command in commands:
        log = follow(command)
        counted = f"reads {log.X['correct'].notna().sum()} answers of"
        assert f"{counted} {log.X['user_id'].nunique()} students" in said


def test_what_was_given_stays_and_what_is_mistyped_is_mended():
    write(PLAIN.replace("s1,3", ",3"))
    given = ["log.csv", "--student", "studnet", "--skill", "skill", "--folds", "3"]
    said, commands = refuse(*given, "--answers", "OK=1", "--answers=-2=")
    assert "Is it meant: --student student?" in said
    assert commands == [
        "compare log.csv --student student --skill skill --answers=OK=1 --answers=-2= "
        "--drop-missing --folds 3"
    ]
    assert len(follow(commands[0]).X) == 23


def test_what_only_the_user_knows_is_left_to_fill_in_and_all_else_is_tried():
    write(CREDIT.replace("student", "x").replace("skill", "y"))
    said, commands = refuse("log.csv")
    assert said.startswith(
        "3 things are to be mended:\n- No column's name says student"
    )
    assert "Fill in COLUMN; all else has been tried:" in said
    assert commands[0] == (
        "compare log.csv --student COLUMN --skill none --threshold 8"
    )
    assert "--skill none: all answers are taken for one skill." in said
    assert len(follow(commands[0].replace("COLUMN", "x")).X) == 24


def test_words_that_nobody_can_guess_are_left_to_fill_in():
    write(PLAIN.replace(",1\n", ",bien fait\n").replace(",0\n", ",à revoir\n"))
    said, commands = refuse("log.csv")
    assert (
        "Fill in ANSWER (1, 0 or nothing); all else has been tried, and reads" in said
    )
    assert "ANSWER" in commands[0]
    command = commands[0].replace("fait=ANSWER", "fait=1").replace("=ANSWER", "=0")
    assert follow(command).X["correct"].tolist() == [
        right(s, t) for t in range(6) for s in range(4)
    ]


def test_an_order_is_never_taken_from_the_rows_unasked():
    write(PLAIN.replace("time", "x"))
    said, commands = refuse("log.csv")
    assert "--order none: only if each student's rows stand in time order." in said
    log = follow(commands[0])
    assert log.columns["order"] is None
    # Who says so needs not be told.
    said, commands = refuse("log.csv", "--order", "none", "--skill", "z")
    assert commands == ["compare log.csv --order none --skill skill"]
    assert "--order none: only" not in said


def test_a_file_that_cannot_be_mended_is_refused_without_a_command():
    write("student,time,skill,correct\n")
    said, commands = refuse("log.csv")
    assert commands == []
    assert "has no rows to read below its header" in said


def test_another_separator_is_tried_on_the_file_opened_anew():
    write(PLAIN.replace(",", "|").replace("s1|3", "|3"))
    _, commands = refuse("log.csv", "--sep", "|")
    assert commands == ["compare log.csv --sep '|' --drop-missing"]
    assert len(follow(commands[0]).X) == 23


# Other commands


@pytest.mark.parametrize("command", ["compare", "trace", "audit"])
def test_every_command_is_offered_by_its_own_name(command, capsys):
    write(PLAIN.replace("s1,3", ",3"))
    assert main([command, "log.csv", "--seed", "3"]) == 2
    said = capsys.readouterr().err
    assert f"  python -m sktrace {command} log.csv --drop-missing --seed 3\n" in said


def test_pretrain_is_offered_with_all_its_files(capsys):
    write(PLAIN, "one.csv")
    write(PLAIN.replace("s1,3", ",3"), "two.csv")
    assert main(["pretrain", "one.csv", "two.csv", "--simulated", "9"]) == 2
    said = capsys.readouterr().err
    line = "  python -m sktrace pretrain one.csv two.csv --drop-missing --simulated 9\n"
    assert line in said


def test_shard_tries_on_the_first_rows(capsys):
    pytest.importorskip("pyarrow", reason="pyarrow, which writes Parquet, is missing")
    write(PLAIN.replace("student", "subject").replace("s1,3", ",3"))
    assert main(["shard", "log.csv", "--out", "parts"]) == 2
    said = capsys.readouterr().err
    assert "This has been tried on its first 100,000 rows, and reads 23 answers" in said
    found = re.search(r"  python -m sktrace (.+)", said)[1]
    assert found == "shard log.csv --out parts --student subject --drop-missing"
    assert main(shlex.split(found)) == 0
    assert main(["shard", "log.csv", "--out", "others", "--by", "sbject"]) == 2
    found = re.search(r"  python -m sktrace (.+)", capsys.readouterr().err)[1]
    assert found == "shard log.csv --out others --by subject --drop-missing"
    assert main(shlex.split(found)) == 0


@pytest.mark.skipif(os.name == "nt", reason="there is no /dev/fd")
def test_what_comes_through_a_pipe_is_tried_as_well():
    reader, writer = os.pipe()
    os.write(writer, PLAIN.replace("s1,3", ",3").encode())
    os.close(writer)
    _, commands = refuse(f"/dev/fd/{reader}")
    os.close(reader)
    assert commands == [f"compare /dev/fd/{reader} --drop-missing"]


def test_make_passes_any_option_on():
    root = Path(__file__).parents[2]
    for goal, command in {"compare": "compare", "demo": "trace"}.items():
        words = [f"--directory={root}", "--dry-run", goal, "DATA=log.csv"]
        words += ['ARGS=--order Datum Uhrzeit --answers "OK=1"', "VENV=.venv"]
        try:
            done = subprocess.run(["make", *words], capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("there is no make")
        line = done.stdout.split(f"-m sktrace {command} ")[-1].split("\n")[0]
        assert shlex.split(line) == [
            "log.csv", "--order", "Datum", "Uhrzeit", "--answers", "OK=1"
        ]  # fmt: skip


# What an export is known by stays known


DATASHOP = (
    "Anon Student Id\tTime\tProblem Name\tStep Name\tAttempt At Step\tOutcome\t"
    "KC (A)\tKC (A)\tTopic\tWho\tWhen\tGrade\n"
    "s1\t2024-01-01 10:00:00\tp\ta\t1\tINCORRECT\tadd\tcut\tx\tu1\t1\t0\n"
    "s1\t2024-01-01 10:00:05\tp\ta\t2\tCORRECT\tadd\t\tx\tu1\t2\t1\n"
    "s2\t2024-01-01 10:00:00\tp\ta\t1\tCORRECT\tadd\t\tx\tu2\t3\t1\n"
)


@pytest.mark.parametrize(
    "options",
    [
        ["--skill", "Topic"], ["--student", "Who"], ["--order", "When"],
        ["--correct", "Grade"], ["--item", "Step Name"], ["--time", "Time"],
        ["--skill", "none"], ["--order", "none"], ["--item", "none"],
        ["--skill", "Topic", "--student", "Who", "--order", "When"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_naming_a_role_keeps_the_first_attempts(options):
    write(DATASHOP, "log.txt")
    log = read("log.txt", *options)
    assert log.format == "datashop-transaction"
    assert len(log.X) == 2
    assert len(read("log.txt", *options, "--all-attempts").X) == 3


def test_a_model_of_skills_may_be_named_by_its_column():
    write(DATASHOP, "log.txt")
    plain = read("log.txt")
    named = read("log.txt", "--skill", "KC (A)")
    assert plain.X["skill_name"].tolist() == ["add~~cut", "add"]
    pd.testing.assert_frame_equal(named.X, plain.X)


@pytest.mark.parametrize("options", [["--item", "template"], ["--correct", "first"]])
def test_naming_a_role_keeps_the_skills_of_assistments(options):
    write(
        "order_id,user_id,skill_id,skill_name,correct,problem_id,template,first\n"
        "1,1,5,add,1,7,8,1\n2,1,6,,0,8,8,0\n3,2,5_6,,1,7,9,1\n"
    )
    log = read("log.csv", *options)
    assert log.format == "assistments"
    assert log.X["skill_name"].tolist() == ["add", "6", "add~~6"]


def test_naming_a_role_keeps_the_items_of_junyi():
    write("user_id,time_done,exercise,problem_type,correct,topic\n1,2,a,b,true,x\n")
    log = read("log.csv", "--skill", "topic")
    assert log.format == "junyi"
    assert log.columns["item"] == ["exercise", "problem_type"]


def test_two_open_questions_make_four_commands():
    row = "{},{}.5.2024,x,{}\n".format
    write(HEAD + make_rows(lambda s, t: [row(s, t + 1, (2, 1)[t % 2])[:-1]], 2))
    said, commands = refuse("log.csv")
    assert len(commands) == 4
    assert len(set(commands)) == 4
    assert [len(follow(command).X) for command in commands] == [12] * 4
    assert said.count("answers of 2 students") == 4


@pytest.mark.parametrize("command", ["compare", "trace"])
def test_a_log_that_an_option_swallows_is_missed(command, capsys):
    write(PLAIN)
    assert main([command, "--order", "time", "log.csv"]) == 2
    assert capsys.readouterr().err == (
        "sktrace: --order time log.csv, and no log is named; expected its file before "
        "the columns: log.csv --order time.\n"
    )


def test_answers_of_a_column_of_errors_are_asked_about():
    write(PLAIN.replace("correct", "errors"))
    said, commands = refuse("log.csv")
    assert "The name of 'errors' (correct) says which answers were wrong." in said
    assert commands == [
        "compare log.csv --correct errors --answers 0=1 1=0",
        "compare log.csv --correct errors --answers 0=0 1=1",
    ]
    first, second = (follow(command).X["correct"] for command in commands)
    assert (first == 1 - second).all()
    write(PLAIN)
    assert (read("log.csv").X["correct"] == second).all()


def test_what_makes_all_answers_alike_is_not_offered():
    write(HEAD + make_rows(lambda s, t: (f"s{s}", t, "a", (1, -1)[right(s, t)])))
    said, commands = refuse("log.csv")
    assert "--answers=-1= (no answer)" in said
    assert commands == ["compare log.csv --answers=-1=0"]


def test_one_word_may_mean_three_things():
    write(PLAIN.replace(",1\n", ",partly\n", 1))
    _, commands = refuse("log.csv")
    assert [shlex.split(each)[-1] for each in commands] == [
        f"partly={meaning}" for meaning in ("1", "0", "")
    ]


@pytest.mark.parametrize(
    ("sep", "advice"), [(" ", "--sep ' '"), ("   ", "pandas.read_fwf('log.txt')")]
)
def test_a_table_of_one_column_is_not_taken_apart(sep, advice):
    write(PLAIN.replace(",", sep), "log.txt")
    said, commands = refuse("log.txt")
    assert "log.txt has one column, 'student" in said
    assert advice in said
    if commands:
        assert len(follow(commands[0]).X) == 24
