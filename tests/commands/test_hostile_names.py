"""No name of a file, a student or a skill breaks a page, or reaches a terminal raw."""

import os
import shlex
import subprocess

import numpy as np
import pandas as pd
import pytest

from sktrace import MeanClassifier
from sktrace.__main__ import main
from sktrace.commands import _compare
from sktrace.commands._page import class_section, evidence
from sktrace.commands._settings import quote

from ..conftest import make_log

HOSTILE = [
    "<script>alert(1)</script>&amp;\"'",
    "\x1b]0;title\x07\x1b[2J",
    "turned \u202e around",
    "x" * 100_000,
]
FILES = ["\x1b[31m<i>.csv", "two\nlines.csv", "caf\udce9.csv", "-$x^$'\".csv"]


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_compare, "make_tracers", lambda *args, **own: {"mean":
        MeanClassifier()})  # fmt: skip
    # Pictures have tests of their own, by the names that they show.
    for module in (class_section, evidence):
        monkeypatch.setattr(module, "draw_or_say", lambda make: {"failed": HOSTILE[0]})
    log = make_log(n_students=30)
    skills = sorted(set(log["skill_name"]))
    log["skill_name"] = log["skill_name"].map(dict(zip(skills, HOSTILE, strict=True)))
    log["user_id"] = HOSTILE[0] + log["user_id"].astype(str)
    return log


@pytest.fixture(params=FILES)
def path(request, tmp_path):
    try:
        (tmp_path / request.param).touch()
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    return request.param


def check(content, printed):
    page = content.decode("utf-8")
    for text in (page, printed):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert len(max(text.split(), key=len)) < 10_000
    assert "<script>" not in page
    assert "<i>" not in page


def test_a_comparison_has_a_page_whatever_its_file_and_skills_are_called(
    log, path, tmp_path, capsys
):
    log.to_csv(path, index=False)
    assert main(["compare", "--folds", "2", "--out", "p.html", "--", path]) == 0
    check((tmp_path / "p.html").read_bytes(), "".join(capsys.readouterr()))


def test_an_audit_has_a_page_whatever_its_file_is_called(log, path, tmp_path, capsys):
    log.to_csv(path, index=False)
    pd.DataFrame({"p": np.linspace(0.1, 0.9, len(log))}).to_csv("p.csv", index=False)
    call = ["audit", "--predictions", "p.csv", "--out", "p.html", "--", path]
    assert main(call) == 0
    check((tmp_path / "p.html").read_bytes(), "".join(capsys.readouterr()))


def test_a_report_is_called_as_its_log_whatever_that_is(log, path, tmp_path, capsys):
    log.to_csv(path, index=False)
    assert main(["compare", "--folds", "2", "--", path]) == 0
    assert (tmp_path / f"{path.removesuffix('.csv')}-report.html").exists()
    assert "\x1b" not in "".join(capsys.readouterr())


def test_an_error_that_names_much_is_short_and_moves_no_cursor(tmp_path, capsys):
    path = tmp_path / "log.csv"
    path.write_text(",".join(f"\x1b[2J{number}" for number in range(20_000)) + "\n1\n")
    assert main(["compare", str(path)]) == 2
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert len(err) < 5000


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@pytest.mark.parametrize("word", [*FILES, "plain", "it's \x01 back\\slash", ""])
def test_a_command_can_be_typed_whatever_it_names(word):
    if quote(word).startswith("$"):
        done = subprocess.run(
            ["bash", "-c", f"printf %s {quote(word)}"], capture_output=True, check=True
        )
        assert done.stdout == os.fsencode(word)
    else:
        assert shlex.split(quote(word)) == [word]
