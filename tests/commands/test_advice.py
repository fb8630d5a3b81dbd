"""What a message advises is an option of the command, and repairs the very file."""

import re
import shlex
import time

import pytest

from sktrace.__main__ import build_parser, main
from sktrace.commands import as_options
from sktrace.commands._reading.advice import _spell
from sktrace.commands._reading.log_file import read_log
from sktrace.datasets._read_problems import Argument, ReadingError


def parse(*words):
    return build_parser().parse_args(["compare", *map(str, words)])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.csv"


HEADER = "student,time,skill,correct\n"
TRANSACTIONS = "Anon Student Id\tTime\tOutcome\tProblem Name\nann\t2020-01-01\tOK\tp\n"
REPAIRED = {
    "a code that begins with a dash": HEADER + "ann,1,add,-1\nann,2,add,1\n",
    "two codes": HEADER + "ann,1,add,2\nann,2,add,-1\n",
    "a word with blanks": HEADER + "ann,1,add,not bad\n",
    "a word with a mark of equality": HEADER + "ann,1,add,a=b\n",
    "a date": HEADER + "ann,1.2.2024 10:00,add,1\n",
    "an American date": HEADER + "ann,1/2/2024 10:00,add,1\n",
    "a missing student": HEADER + "ann,1,add,1\n,1,add,1\n",
    "no time": HEADER + "ann,,add,1\n",
    "an infinite time": HEADER + "ann,1e999,add,1\n",
    "a time that is none": HEADER + "ann,1.5,add,1\n" * 9 + "ann,noon,add,1\n",
    "no attempts": TRANSACTIONS + "ann\t2020-01-02\tBUG\tp\n",
}


@pytest.mark.parametrize("content", REPAIRED.values(), ids=REPAIRED)
def test_options_that_are_advised_repair_the_file(path, content):
    path.write_text(content)
    options = []
    for _ in range(4):  # what is mended may show what else is to be mended
        try:
            read_log(parse(path, *options))
        except ReadingError as error:
            said, advised = as_options(error), options_of(error)
            assert advised, said
            options += advised
        else:
            break
    assert options
    read_log(parse(path, *options))


def options_of(error):
    """Return the options that a message advises, the first where it offers several."""
    found = {}
    for part in error.parts:
        if isinstance(part, Argument) and not _spell(*part).endswith("COLUMN"):
            found.setdefault(part.name, _spell(*part))
    if "threshold" in found:
        del found["answers"]
    return [word for text in found.values() for word in shlex.split(text)]


@pytest.mark.parametrize(
    ("argument", "spelt"),
    [
        (Argument("answers", {"-1": None, "OK": 1}), "--answers=-1= --answers=OK=1"),
        (Argument("answers", {"it's": 0}), """--answers='it'"'"'s=0'"""),
        (Argument("columns", {"order_id": None}), "--order none"),
        (Argument("columns", {"user_id": ..., "correct": "a b"}),
         "--student COLUMN --correct 'a b'"),
        (Argument("first_attempts", False), "--all-attempts"),
        (Argument("drop_missing", True), "--drop-missing"),
        (Argument("decimal", ","), "--decimal ,"),
        (Argument("encoding", None), "no --encoding"),
        (Argument("sep", ...), "--sep CHARACTER"),
        (Argument("time", None), "--time none"),
    ],
)  # fmt: skip
def test_arguments_are_spelt_as_options(argument, spelt):
    assert as_options(ReadingError("Say ", argument, ".")) == f"Say {spelt}."


def test_names_in_a_file_that_look_like_arguments_stay_as_they_are(path):
    path.write_text("sep=;drop_missing=True;answers={'a': ...}, 1, 0 or None\n1;2;3\n")
    with pytest.raises(ReadingError) as error:
        read_log(parse(path, "--sep", ";"))
    said = as_options(error.value)
    assert "['sep=', 'drop_missing=True', \"answers={'a': ...}, 1, 0 or None\"]" in said


def test_a_long_header_is_refused_soon_and_in_few_words(path, capsys):
    path.write_text(",".join(["answers={'" + "x" * 6, "sep="] * 4_500) + "\n1,2\n")
    begin = time.perf_counter()
    assert main(["audit", str(path)]) == 2
    assert time.perf_counter() - begin < 5
    said = capsys.readouterr().err
    assert "9,000 in all" in said
    assert len(said) < 5_000


def test_columns_that_are_not_there_are_named_all_at_once(path):
    path.write_text(HEADER + "ann,1,add,1\n")
    with pytest.raises(ValueError, match="2 things are to be mended") as error:
        read_log(parse(path, "--student", "pupil", "--item", "task"))
    assert "- --student pupil: the log has 0 columns of this name" in str(error.value)
    assert "- --item task: the log has 0 columns of this name" in str(error.value)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="4 things are to be mended") as error:
        read_log(parse(path))
    options = re.findall(r"Name it: (--\w+) COLUMN", as_options(error.value))
    assert options == ["--student", "--order", "--skill", "--correct"]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--threshold=nan", "argument --threshold: nan; expected a finite number"),
        ("--threshold=half", "argument --threshold: invalid number value: 'half'"),
        ("--seed=4294967296", "argument --seed: 4294967296; expected at most"),
        ("--folds=1", "argument --folds: 1; expected at least 2"),
        ("--folds=2.5", "argument --folds: invalid whole number value: '2.5'"),
        ("--decimal=;", "argument --decimal: invalid choice: ';'"),
    ],
)
def test_numbers_that_cannot_be_are_refused(path, option, said, capsys):
    with pytest.raises(SystemExit):
        parse(path, option)
    assert said in capsys.readouterr().err


def test_naming_a_column_keeps_the_rules_of_the_format(path):
    path.write_text(
        "Anon Student Id\tTime\tProblem Name\tAttempt At Step\tOutcome\tKC (A)\tTopic\n"
        "ann\t2024-01-01 10:00:00\tp1\t1\tINCORRECT\tadd\tx\n"
        "ann\t2024-01-01 10:00:01\tp1\t2\tCORRECT\tadd\tx\n"
    )
    log = read_log(parse(path, "--skill", "Topic"))
    assert log.format == "datashop-transaction"
    assert log.X["skill_name"].tolist() == ["x"]
    assert log.how["skill"] == "named"
    assert log.how["student"] == "known of the format"
    assert len(read_log(parse(path, "--skill", "Topic", "--all-attempts")).X) == 2
    log = read_log(parse(path, "--skill", "none", "--order", "none"))
    assert (log.columns["skill"], log.columns["order"]) == (None, None)
    assert log.X["skill_name"].tolist() == ["all"]
