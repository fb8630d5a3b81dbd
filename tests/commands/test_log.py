"""A stranger's log is read, and what is odd about it is said."""

import gzip

import pandas as pd
import pytest

from sktrace import DKTClassifier
from sktrace.__main__ import build_parser
from sktrace.commands import as_options
from sktrace.commands._reading.log_file import read_log
from sktrace.commands._reading.log_summary import summarise

from ._found import regular


def parse(*words):
    return build_parser().parse_args(["compare", *map(str, words)])


def test_epochs_are_those_of_the_classifier(path):
    assert parse(path).epochs == DKTClassifier().max_epochs


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.csv"


def test_columns_are_guessed_and_values_read(path):
    path.write_text(
        "Pupil;Topic;When;Right\nann;add;2024-05-01;yes\nann;add;2024-04-01;no"
    )
    log = read_log(parse(path))
    assert log.format == "table"
    assert log.columns == {
        "student": "Pupil", "order": "When", "skill": "Topic", "correct": "Right",
        "item": None,
    }  # fmt: skip
    assert set(log.how.values()) == {"guessed"}
    assert log.X["correct"].tolist() == [1, 0]
    assert log.X["order_id"].diff().iloc[1] == -30 * 86400 * 1e6  # microseconds


def test_a_known_export_needs_no_guess_but_a_named_column_goes_first(path):
    header = "studentId,startTime,skill,correct,topic,time_taken"  # ASSISTments 2017
    path.write_text(f"{header}\n1,1,a,1,b,9\n1,2,a,0,b,9\n")
    log = read_log(parse(path))
    assert log.format == "assistments"
    assert log.columns == {
        "student": "studentId", "order": "startTime", "skill": "skill",
        "correct": "correct", "item": None,
    }  # fmt: skip
    assert set(log.how.values()) == {"known of the format"}
    assert log.settings == {"time": None}
    assert log.X["skill_name"].tolist() == ["a", "a"]
    log = read_log(parse(path, "--skill", "topic"))
    assert log.X["skill_name"].tolist() == ["b", "b"]
    assert log.X["order_id"].tolist() == [1, 2]
    assert {role for role, how in log.how.items() if how == "named"} == {"skill"}
    assert log.settings == {"time": None, "columns": {"skill_name": "topic"}}


def test_every_reading_option_reaches_the_reader(path):
    path.write_bytes(
        "wer,student,skill,day,right\nx,é,a,24.12.2024,0.6\n,,a,,OK\n".encode("latin-1")
    )
    options = ["--time-format", "%d.%m.%Y", "--threshold", "0.5", "--answers", "OK=0"]
    options += [
        "--drop-missing",
        "--encoding",
        "latin-1",
        "--sep",
        ",",
        "--order",
        "day",
    ]
    log = read_log(parse(path, *options))
    assert log.X[["user_id", "correct"]].to_numpy().tolist() == [["é", 1]]
    assert log.settings == {
        "time_format": "%d.%m.%Y", "threshold": 0.5, "answers": {"OK": 0},
        "drop_missing": True, "encoding": "latin-1", "sep": ",",
        "columns": {"user_id": "student", "order_id": "day", "skill_name": "skill",
                    "correct": "right"},
    }  # fmt: skip


def test_an_answer_without_a_meaning_is_refused(path):
    path.write_text("student,skill,right\nann,add,1\n")
    with pytest.raises(ValueError, match=r"--answers OK=2: expected WORD=1, WORD=0 or"):
        read_log(parse(path, "--answers", "OK=2"))


@pytest.mark.parametrize(
    ("content", "repair"),
    [
        (
            "student,time,skill,right\nann,1,add,OK\n",
            "--answers=OK=1 (right) or --answers=OK=0 (wrong)",
        ),
        (
            "student,time,skill,right\nann,1,add,8\nann,2,add,4\nann,3,add,0\n",
            "if 8 is full credit, --threshold 8",
        ),
        (
            "student,time,skill,right\n,1,add,1\na,1,add,0\n",
            "Leave such rows out: --drop-missing.",
        ),
        ("student,time,skill,right\na,1/2/2024,s,1\n", "--time-format %d/%m/%Y"),
    ],
)
def test_advice_of_the_library_is_spelt_as_options(path, content, repair):
    path.write_text(content)
    with pytest.raises(ValueError) as error:  # noqa: PT011
        read_log(parse(path))
    assert repair in as_options(error.value)


def make(rows):
    columns = ["user_id", "order_id", "skill_name", "correct"]
    return pd.DataFrame(rows, columns=columns)


def test_counts_are_those_of_a_hand_count():
    X = make(
        [("a", 1, "s~~t", 1), ("a", 2, "s", 0), ("b", 1, "t", None), ("b", 1, "s", 1)]
    )
    summary = summarise(X)
    assert summary.counts == {
        "students": "2",
        "skills": "2",
        "answers": "3",
        "right": "66.7%",
        "answers per student": "1 to 2, half of them up to 2",
        "answers per skill": "1 to 3, half of them up to 2",
        "rows without an answer": "1",
        "rows that tie in order": "2 (50.0%)",
    }
    assert summary.skills.to_dict("index") == {
        "s": {"n_answers": 3, "n_students": 2, "right": 2 / 3},
        "t": {"n_answers": 1, "n_students": 1, "right": 1.0},
    }


def test_a_regular_log_has_no_warning():
    assert summarise(regular(100, 40)).warnings == []


@pytest.mark.parametrize(
    ("spoil", "warning"),
    [
        (lambda X: pd.concat([X, X.iloc[:7]]), "7 (0.2%) rows repeat another row"),
        (lambda X: X.assign(order_id=X["order_id"] // 2), "4,000 (100.0%) rows tie in"),
        (lambda X: X.assign(order_id=1), "All rows of each student have"),
        (lambda X: X.assign(skill_name=X["skill_name"].where(X.index != 9)),
         "1 (under 0.1%) rows name no skill"),
        (lambda X: X.assign(skill_name=X["skill_name"].where(X.index > 9, "rare")),
         "1 of 3 skills has fewer than 30 answers, such as 'rare':"),
        (lambda X: X.assign(correct=X["correct"].where(X["skill_name"] == "cut", 1)),
         "1 of 2 skills has answers that are all alike, such as 'add':"),
        (lambda X: X.assign(skill_name=X.index // 3), "hardly any is practised twice"),
        (lambda X: X[X["user_id"] < 20], "Students are few, 20"),
    ],
)  # fmt: skip
def test_what_is_odd_is_said(spoil, warning):
    warnings = summarise(spoil(regular(100, 40)).reset_index(drop=True)).warnings
    assert any(warning in text for text in warnings), warnings


def test_a_log_without_a_time_is_warned_of():
    assert (
        summarise(regular(100, 40), ordered=False)
        .warnings[0]
        .startswith("No column tells")
    )


def test_students_written_in_two_ways_are_told():
    X = regular(100, 40).astype({"user_id": str})
    X["user_id"] = X["user_id"].where(X.index != 0, "0.0")
    assert summarise(X).warnings == [
        "Some students may be written in several ways: '0.0', '0' count as different "
        "ones."
    ]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", [], "is empty; expected a header and at least one answer"),
        (b"\n", [], "has nothing but empty lines; expected a header"),
        (b"\x00\x01\x02,\x00", [], "holds NUL characters, which no text has"),
        (b"a;b", ["--sep", "::"], "--sep ::: expected one character, or tab."),
        (b"a,b", ["--encoding", "foo"], "encoding='foo' is not known; expected a name"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(
    path, content, options, message
):
    path.write_bytes(content)
    with pytest.raises(ValueError) as error:  # noqa: PT011
        read_log(parse(path, *options))
    assert message in str(error.value)


def test_half_a_gzip_file_is_refused(tmp_path):
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(b"student,skill,right\n" * 99)[:-9])
    with pytest.raises(ValueError, match=r"log\.csv\.gz is no whole gzip file"):
        read_log(parse(path))


def test_a_tab_can_be_typed(path):
    path.write_text("student\tskill\tright\nann\tadd, carry\t1\n")
    for typed in ("tab", "\\t", "\t"):
        log = read_log(parse(path, "--sep", typed, "--order", "none"))
        assert log.X["skill_name"][0] == "add, carry"


@pytest.mark.parametrize("option", ["--epochs=0", "--seed=-1", "--epochs=x"])
def test_numbers_that_cannot_be_are_refused_before_reading(path, option, capsys):
    with pytest.raises(SystemExit):
        parse(path, option)
    assert f"argument {option.split('=')[0]}: " in capsys.readouterr().err
