"""``python -m sktrace shard``."""

import gzip
import os
import subprocess
import sys

import pandas as pd
import pytest

from sktrace.__main__ import main
from sktrace.datasets import make_interactions, scan_interactions
from sktrace.datasets._shard_parts import Parts

pytest.importorskip("pyarrow", reason="pyarrow, which writes Parquet, is missing")


@pytest.fixture
def X():
    X, _ = make_interactions(15, 3, n_attempts=8, random_state=0)
    return X.astype({"skill_name": str})


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(folder):
    parts = [pd.read_parquet(path) for path in sorted(folder.iterdir())]
    students = [student for part in parts for student in part["user_id"].unique()]
    assert len(students) == len(set(students))
    return pd.concat(parts).sort_values(["user_id", "order_id"], ignore_index=True)


def test_a_log_becomes_a_folder_that_the_call_it_names_reads(X, here, capsys):
    names = {"user_id": "Pupil", "correct": "right", "skill_name": "Topic"}
    X.assign(hour=9).rename(columns=names).to_csv(here / "log.csv", index=False)
    assert main(["shard", "log.csv", "--out", "parts", "--parts", "3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{len(X)} rows of 15 students in 3 files of ")
    assert "Columns: user_id, order_id, skill_name, correct, hour\n" in said
    assert "Wrote parts. To go on, in Python:\n" in said
    assert "sktrace.datasets.scan_interactions('parts')\n" in said
    assert "sktrace.DKTClassifier().fit(X, X['correct'])\n" in said
    pd.testing.assert_frame_equal(read(here / "parts"), X.assign(hour=9))
    scanned = scan_interactions("parts")
    assert (scanned.n_portions, scanned.shape) == (3, (len(X), 5))


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("user_id", []),
        ("user_id", ["--by", "student"]),
        ("student", ["--by", "student"]),
        ("who", ["--by", "who"]),
        ("who", ["--student", "who"]),
        ("who", ["--by", "who", "--student", "who"]),
    ],
)
def test_the_column_of_the_students_is_told_or_guessed(X, here, column, options):
    X.rename(columns={"user_id": column}).to_csv(here / "log.csv", index=False)
    with gzip.open(here / "log.csv.gz", "wb") as packed:
        packed.write((here / "log.csv").read_bytes())
    assert main(["shard", "log.csv.gz", *options]) == 0
    pd.testing.assert_frame_equal(read(here / "log-parts"), X)


def test_parquet_is_copied_and_the_next_call_names_its_columns(X, here, capsys):
    names = {"user_id": "Pupil", "correct": "right", "skill_name": "Topic"}
    X = X.rename(columns=names)
    X.to_parquet(here / "log.parquet")
    assert main(["shard", "log.parquet", "--parts", "2"]) == 0
    said = capsys.readouterr().out
    named = "student='Pupil', skill='Topic', correct='right'"
    assert f"sktrace.DKTClassifier({named}).fit(X, X['right'])" in said
    assert main(["shard", "log-parts", "--parts", "1", "--out", "again"]) == 0
    again = pd.read_parquet(here / "again").sort_values(
        ["Pupil", "order_id"], ignore_index=True
    )
    pd.testing.assert_frame_equal(again, X)


def test_times_are_kept_whether_they_can_be_read_or_not(X, here, capsys):
    X = X.assign(time="noon")
    X.to_csv(here / "log.csv", index=False)
    assert main(["shard", "log.csv"]) == 2
    assert "leave the times out: --time none" in capsys.readouterr().err
    assert main(["shard", "log.csv", "--time", "none"]) == 0
    pd.testing.assert_frame_equal(read(here / "log-parts"), X)
    X.assign(time=1.5).to_csv(here / "log.csv", index=False)
    assert main(["shard", "log.csv", "--overwrite"]) == 0
    assert (read(here / "log-parts")["time"] == 1.5).all()


@pytest.mark.parametrize(
    ("options", "message", "repair"),
    [
        (
            ["log.csv", "--by", "class"],
            "--student class: the log has 0 columns of this name; expected one of "
            "['user_id', 'order_id', 'skill_name', 'correct'].",
            ["log.csv", "--by", "user_id"],
        ),
        (
            ["log.csv", "--by", "user_id", "--student", "order_id"],
            "--by user_id and --student order_id; expected one column that says who "
            "answered. Leave --student out.",
            ["log.csv", "--by", "user_id"],
        ),
        (
            ["log.parquet", "--skill", "skill_name", "--all-attempts"],
            "--skill, --all-attempts: rows of Parquet files are copied as they are; "
            "expected --by alone. Leave the others out, and name columns to the "
            "tracers.",
            ["log.parquet"],
        ),
        (
            ["log.csv", "--out", "full"],
            "The folder 'full' holds the parts of a log already; expected a folder "
            "that is new or empty. Name another, or replace them: --overwrite.",
            ["log.csv", "--out", "full", "--overwrite"],
        ),
        (
            ["none.csv"],
            "There is no file 'none.csv'; expected the path of a log, taken from here",
            ["log.csv"],
        ),
        (
            ["log.csv", "--parts", "20000"],
            "--parts 20000: expected no more than 10000.",
            ["log.csv", "--parts", "10000"],
        ),
        (
            ["gaps.csv"],
            "Column 'user_id' (student) is missing in 2 of 5 rows (the first at "
            "position 1); expected one in every row. Leave such rows out: "
            "--drop-missing.",
            ["gaps.csv", "--drop-missing"],
        ),
        (
            ["gaps.parquet"],
            "gaps.parquet: column 'user_id' (student) is missing in 2 of 5 rows; "
            "expected one in every row. Leave such rows out: --drop-missing.",
            ["gaps.parquet", "--drop-missing"],
        ),
    ],
)
def test_refusals_name_an_option_that_works(X, here, capsys, options, message, repair):
    X.to_csv(here / "log.csv", index=False)
    X.to_parquet(here / "log.parquet")
    gaps = X[:5].assign(user_id=[1, None, 2, None, 3])
    gaps.to_csv(here / "gaps.csv", index=False)
    gaps.to_parquet(here / "gaps.parquet")
    main(["shard", "log.csv", "--out", "full"])
    capsys.readouterr()
    assert main(["shard", *options]) == 2
    assert capsys.readouterr().err.startswith(f"sktrace: {message}".rstrip("."))
    assert main(["shard", *repair]) == 0


def test_what_is_stopped_says_that_nothing_was_written(X, here, capsys, monkeypatch):
    X.to_csv(here / "log.csv", index=False)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Parts, "finish", stop)
    assert main(["shard", "log.csv"]) == 130
    assert capsys.readouterr().err == "sktrace: stopped; nothing was written.\n"
    assert [path.name for path in here.iterdir()] == ["log.csv"]

    def fill(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Parts, "finish", fill)
    assert main(["shard", "log.csv"]) == 2
    assert capsys.readouterr().err.startswith(
        "sktrace: 'log-parts' could not be written (No space left on device); what was"
    )


@pytest.mark.skipif(os.name == "nt", reason="there is no /dev/stdin")
def test_a_pipe_will_do(X, here):
    command = [sys.executable, "-m", "sktrace", "shard", "/dev/stdin", "--out", "parts"]
    log = X.to_csv(index=False).encode()
    subprocess.run(command, input=log, check=True, capture_output=True)
    pd.testing.assert_frame_equal(read(here / "parts"), X)
