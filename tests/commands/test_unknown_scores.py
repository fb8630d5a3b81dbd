"""Scores that no fold has, or not every one: unknown, and no reason to lose a page."""

import pandas as pd
import pytest

from sktrace import MeanClassifier
from sktrace.__main__ import main
from sktrace.commands import _compare
from sktrace.commands._page import pictures


@pytest.fixture
def compare(tmp_path, monkeypatch, capsys):
    """Compare two means on a log by folds of two students; return text and page."""
    monkeypatch.chdir(tmp_path)
    tracers = {"a": MeanClassifier(), "b": MeanClassifier(by="student")}
    monkeypatch.setattr(_compare, "make_tracers", lambda *args, **own: tracers)
    monkeypatch.setattr(pictures, "draw", lambda display: {"data": ""})

    def run(log):
        log.to_csv("log.csv", index=False)
        assert main(["compare", "log.csv", "--folds", "4", "--out", "p.html"]) == 0
        page = (tmp_path / "p.html").read_text("utf-8")
        assert "could not be drawn" not in page
        return capsys.readouterr().out, " ".join(page.split())

    return run


@pytest.fixture
def log():
    """A right and a wrong row in each question, which therefore is wrong."""
    rows = [
        (student, moment, skill, f"item {moment}", skill)
        for student in range(8)
        for moment in range(4)
        for skill in (0, 1)
    ]
    names = ["user_id", "order_id", "skill_name", "item_id", "correct"]
    return pd.DataFrame(rows, columns=names)


def test_what_no_fold_has_is_unknown(compare, log):
    text, page = compare(log)
    assert "The AUC by question is unknown: in each fold, all answers are" in page
    assert "unknown" in text
    assert "a leads, with an AUC of" in text or "a predicts best, with an AUC" in text
    assert "nan" not in text


def test_what_one_fold_has_is_the_score_of_that_fold(compare, log):
    log.loc[(log["user_id"] == 0) & (log["order_id"] == 0), "correct"] = 1
    text, page = compare(log)
    assert "The AUC by question is that of 1 fold; in the others, all" in page
    assert "nan" not in text


def test_with_no_score_by_fold_at_all_there_is_the_log_loss(compare, log):
    log["correct"] = log["user_id"] % 2
    log = log[log["user_id"] < 4]
    text, page = compare(log)  # a student, all right or all wrong, in each fold
    assert "No fold has an AUC" in text
    assert "The AUC is unknown: in each fold" in page
    assert "nan" not in text
