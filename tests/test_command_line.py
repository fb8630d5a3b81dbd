"""``python -m sktrace trace`` on a made-up class and on a user's own CSV."""

import matplotlib as mpl
import pandas as pd
import pytest

from sktrace.__main__ import main

from .conftest import make_log

mpl.use("agg")
NAMES = {"user_id": "pupil", "order_id": "when", "skill_name": "topic", "correct": "ok"}
OPTIONS = ["--student", "pupil", "--order", "when", "--skill", "topic", "--correct"]


@pytest.fixture
def csv(tmp_path):
    log = make_log(n_students=20).rename(columns=NAMES)
    log.loc[::9, "ok"] = None  # not asked yet
    log.to_csv(tmp_path / "log.csv", index=False)
    return tmp_path / "log.csv"


def test_a_made_up_class_is_scored_beside_means_and_truth(tmp_path, capsys):
    picture = tmp_path / "mastery.png"
    assert main(["trace", "--epochs", "1", "--picture", str(picture)]) == 0
    out, err = capsys.readouterr()
    for name in ("true model", "DKT", "student's mean so far", "skill's mean"):
        assert name in out
    assert "AUC  log loss  accuracy" in out
    assert "epoch" in err  # the progress bar
    assert picture.stat().st_size > 10_000


def test_a_log_with_other_column_names(csv, capsys):
    picture = csv.with_suffix(".png")
    status = main(
        ["trace", str(csv), *OPTIONS, "ok", "--epochs", "1", "--picture", str(picture)]
    )
    out, _ = capsys.readouterr()
    assert status == 0
    assert "true model" not in out
    assert "20 students" in out
    assert picture.exists()


def test_roles_that_no_column_plays(csv):
    options = ["--student", "pupil", "--order", "none", "--skill", "none"]
    picture = str(csv.with_suffix(".png"))
    options += ["--correct", "ok", "--epochs", "1", "--picture", picture]
    assert main(["trace", str(csv), *options]) == 0


def test_a_wrong_column_is_one_clear_line(csv, capsys):
    assert main(["trace", str(csv)]) == 2
    assert capsys.readouterr().err.startswith(
        "sktrace: X has no column 'user_id' (student); got the columns ['pupil',"
    )


def test_a_missing_file_is_one_clear_line(tmp_path, capsys):
    assert main(["trace", str(tmp_path / "none.csv")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_predictions_are_saved_from_a_log_with_semicolons(csv, tmp_path):
    pd.read_csv(csv).to_csv(csv, sep=";", index=False)
    saved, picture = tmp_path / "next.csv", str(tmp_path / "one.png")
    options = [*OPTIONS, "ok", "--epochs", "1", "--picture", picture]
    assert main(["trace", str(csv), *options, "--next", str(saved)]) == 0
    table = pd.read_csv(saved, index_col="pupil")
    assert table.shape == (20, 4)
    assert table.stack().between(0, 1).all()


def test_what_cannot_work_is_said_before_training(csv, capsys):
    options = [*OPTIONS, "ok"]
    assert main(["trace", str(csv), *options, "--picture", "no/where.png"]) == 2
    assert capsys.readouterr().err == (
        "sktrace: --picture no/where.png: there is no such folder.\n"
    )
    pd.read_csv(csv).iloc[:1].to_csv(csv, index=False)
    assert main(["trace", str(csv), *options]) == 2
    assert "1 student; expected at least 2" in capsys.readouterr().err
