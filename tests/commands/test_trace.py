"""``python -m sktrace trace`` on a made-up class and on a user's own CSV."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from sktrace.__main__ import main
from sktrace._files import write_whole
from sktrace.commands._running.comparison import score
from sktrace.commands._trace import describe, write

from ..conftest import make_log

mpl.use("agg")
NAMES = {"user_id": "pupil", "order_id": "when", "skill_name": "topic", "correct": "ok"}


@pytest.fixture
def csv(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = make_log(n_students=20).rename(columns=NAMES)
    log.loc[::9, "ok"] = None  # not asked yet
    log.to_csv("log.csv", index=False)
    return "log.csv"


def test_a_made_up_class_is_scored_beside_means_and_truth(tmp_path, capsys):
    picture = tmp_path / "mastery.png"
    assert main(["trace", "--epochs", "1", "--picture", str(picture)]) == 0
    out, err = capsys.readouterr()
    for name in ("true model", "DKT", "student's mean so far", "skill's mean"):
        assert name in out
    assert "AUC  log loss  accuracy" in out
    assert "epoch" in err  # the progress bar
    assert picture.stat().st_size > 10_000


def test_a_log_with_other_column_names(csv, tmp_path, capsys):
    assert main(["trace", csv, "--correct", "ok", "--epochs", "1"]) == 0
    out, _ = capsys.readouterr()
    assert "true model" not in out
    assert "20 students" in out
    assert (tmp_path / "mastery.png").exists()


def test_roles_that_no_column_plays(csv):
    options = ["--order", "none", "--skill", "none", "--correct", "ok"]
    assert main(["trace", csv, *options, "--epochs", "1"]) == 0


def test_a_column_that_cannot_be_guessed_is_asked_for(csv, capsys):
    assert main(["trace", csv]) == 2
    asked, tried, command = capsys.readouterr().err.splitlines()
    assert asked == (
        "sktrace: No column's name says correct for sure (answer given, 0 or 1); got "
        "the columns ['pupil', 'when', 'topic', 'ok']. Name it: --correct ok."
    )
    assert tried.startswith("This has been tried, and reads ")
    assert command == f"  python -m sktrace trace {csv} --correct ok"


@pytest.mark.parametrize("was_drawn", [False, True])
def test_a_missing_file_is_one_clear_line(tmp_path, capsys, monkeypatch, was_drawn):
    monkeypatch.chdir(tmp_path)
    if was_drawn:
        Path("mastery.png").touch()
    assert main(["trace", str(tmp_path / "none.csv")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_predictions_are_saved_from_a_log_with_semicolons(csv, capsys):
    log = pd.read_csv(csv)
    log["pupil"] = "=cmd|' /C calc'!A" + log["pupil"].astype(str)
    log["topic"] = "\x1b[31m" + log["topic"]
    log.to_csv(csv, sep=";", index=False)
    options = ["--correct", "ok", "--epochs", "1", "--next", "next.csv"]
    assert main(["trace", csv, *options]) == 0
    table = pd.read_csv("next.csv", index_col="user_id")
    assert table.shape == (20, 4)
    assert table.stack().between(0, 1).all()
    assert table.index.str.startswith("'=cmd|").all()  # which no spreadsheet runs
    assert table.columns.str.startswith(r"\x1b[31m").all()
    assert "\x1b[31m" not in "".join(capsys.readouterr())


def test_a_full_disk_leaves_the_old_picture_and_says_what_was_written(
    csv, tmp_path, capsys, monkeypatch
):
    for name in ("mastery.png", "next.csv"):
        (tmp_path / name).write_text("old")

    def full(path, content, write=write_whole):
        if path == "next.csv":
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr("sktrace.commands._output.write_whole", full)
    options = ["--correct", "ok", "--epochs", "1", "--next", "next.csv"]
    assert main(["trace", csv, *options]) == 2
    out, err = capsys.readouterr()
    assert "AUC" in out  # what it learnt is told
    assert err.endswith(
        "sktrace: --next next.csv: this file could not be written (No space left on "
        "device); what was there before is as it was. Make room, or name another "
        "place: --next FILE. (mastery.png was written)\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "log.csv", "mastery.png", "next.csv"
    ]  # fmt: skip
    assert (tmp_path / "next.csv").read_text() == "old"


def test_what_cannot_work_is_said_before_training(csv, capsys):
    options = ["--correct", "ok"]
    assert main(["trace", csv, *options, "--picture", "no/where.png"]) == 2
    assert capsys.readouterr().err == (
        "sktrace: --picture no/where.png: there is no such folder; expected a file in "
        "a folder that is there.\n"
    )
    pd.read_csv(csv).iloc[:1].to_csv(csv, index=False)
    assert main(["trace", csv, *options]) == 2
    assert "1 student; expected at least 2" in capsys.readouterr().err


def test_no_output_goes_over_the_log_or_where_nothing_can_be_drawn(csv, capsys):
    with open(csv, "rb") as file:
        before = file.read()
    for options, message in (
        (["--next", csv], "--next log.csv: this is the log itself; expected another"),
        (["--picture", "x.foo"], "--picture x.foo: expected a name that ends in"),
        (["--next", "."], "--next .: expected a name that ends in .csv"),
    ):
        assert main(["trace", csv, "--correct", "ok", *options]) == 2
        assert f"sktrace: {message}" in capsys.readouterr().err
    with open(csv, "rb") as file:
        assert file.read() == before


def test_a_picture_that_cannot_be_drawn_here_is_refused_before_training(
    csv, capsys, monkeypatch
):
    def without_latex(figure, path):
        raise RuntimeError("xelatex not found")

    monkeypatch.setattr("sktrace.commands._trace.save", without_latex)
    assert main(["trace", csv, "--correct", "ok", "--picture", "x.pgf"]) == 2
    assert "--picture x.pgf: no such picture can be drawn here (xelatex not" in (
        capsys.readouterr().err
    )


def test_scores_of_rows_without_answers_are_unknown():
    X = make_log().assign(correct=np.nan)
    table = pd.DataFrame({"DKT": score(X, np.full(len(X), 0.5))})
    assert write(table).count("unknown") == 3
    assert describe(X).endswith(" 0 answers")


def test_two_files_do_not_share_a_name(csv, tmp_path, capsys):
    (tmp_path / "x.csv").symlink_to("x.png")
    options = ["--picture", "x.png", "--next", "x.csv"]
    assert main(["trace", csv, "--correct", "ok", *options]) == 2
    assert "--next x.csv: the picture goes there; name another" in (
        capsys.readouterr().err
    )


def test_stopping_leaves_no_file(csv, tmp_path, monkeypatch):
    def stop(self, net, **kwargs):
        raise KeyboardInterrupt  # skorch takes it for the end of training

    monkeypatch.setattr("sktrace._neural.net.Progress.on_epoch_end", stop)
    options = ["--correct", "ok", "--epochs", "3", "--next", "next.csv"]
    assert main(["trace", csv, *options]) == 130
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]
