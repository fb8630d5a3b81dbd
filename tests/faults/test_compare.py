"""What ``compare`` has trained is kept, whatever ends it."""

import errno
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sktrace import AFMClassifier, MeanClassifier
from sktrace.__main__ import main
from sktrace.commands import _compare
from sktrace.model_selection import TracerComparison

from ..conftest import make_log

CALL = ["compare", "log.csv", "--folds", "3", "--out", "page.html"]


class Counted(MeanClassifier):
    """Means, which count how often they are fitted, and fail when they are told to."""

    fits = 0
    fault = {}  # number of a fit to what it raises

    def fit(self, X, y, sample_weight=None):
        Counted.fits += 1
        if Counted.fits in Counted.fault:
            raise Counted.fault[Counted.fits]
        return super().fit(X, y, sample_weight)


def make_tracers(*args, **options):
    return {"mean": Counted(), "own": Counted(by="student"), "AFM": AFMClassifier()}


@pytest.fixture(autouse=True)
def pages(tmp_path, monkeypatch):
    """Compare what is fast, and keep what the page would be made of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Counted, "fits", 0)
    monkeypatch.setattr(Counted, "fault", {})
    make_log(n_students=30).to_csv("log.csv", index=False)
    monkeypatch.setattr(_compare, "make_tracers", make_tracers)
    quick = partial(TracerComparison.from_predictions, n_bootstraps=20)
    monkeypatch.setattr(TracerComparison, "from_predictions", quick)
    found = []
    monkeypatch.setattr(_compare, "render", lambda own: found.append(own) or b"page")
    return found


def files(folder="."):
    return sorted(path.name for path in Path(folder).iterdir())


def kept():
    return sorted(path.name for path in Path().glob("page.html.partial/*/*.npz"))


def equal(one, other):
    """Say whether two runs found the same, to the last bit."""
    one, other = one.comparison, other.comparison
    np.testing.assert_equal(one.results, other.results)
    np.testing.assert_equal(one.predictions, other.predictions)
    assert one.headline() == other.headline()
    assert one.warned == other.warned
    return True


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError("disk"), SystemExit(3)])
def test_an_interrupted_run_goes_on_where_it_was(pages, capsys, fault):
    assert main(CALL) == 0
    assert files() == ["log.csv", "page.html"]
    Path("page.html").write_text("old")
    Counted.fits, Counted.fault = 0, {5: fault}
    try:
        assert main(CALL) in (2, 130)
        err = capsys.readouterr().err
        assert "4 folds are kept in page.html.partial" in err
        assert "the same command with --resume goes on" in err
        assert "nothing was written" not in err
    except SystemExit:
        pass
    assert Path("page.html").read_text() == "old"
    assert len(kept()) == 4
    Counted.fits, Counted.fault = 0, {}
    assert main([*CALL, "--resume"]) == 0
    assert "Going on from 4 folds kept in page.html.partial." in capsys.readouterr().out
    assert Counted.fits == 2 + 1 * pages[-1].best[0].startswith(("mean", "own"))
    assert equal(*pages)
    assert files() == ["log.csv", "page.html"]


KILLED = """
import os, signal, sys
from tests.faults.test_compare import Counted, _compare, make_tracers, main, CALL
fit = Counted.fit
def stop(self, *args):
    if Counted.fits == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return fit(self, *args)
Counted.fit = stop
_compare.make_tracers = make_tracers
main(CALL)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_run_goes_on_where_it_was(pages):
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(kept()) == 4
    assert main([*CALL, "--resume"]) == 0
    assert main(CALL) == 0
    assert equal(*pages)
    assert files() == ["log.csv", "page.html"]


def interrupt_at(number, call=CALL):
    Counted.fits, Counted.fault = 0, {number: KeyboardInterrupt()}
    assert main(call) == 130
    Counted.fits, Counted.fault = 0, {}


def test_folds_of_another_run_are_refused_and_kept(pages, capsys):
    interrupt_at(3)
    assert main([*CALL, "--resume", "--seed", "1"]) == 2
    err = capsys.readouterr().err
    assert "--resume: the folds kept in page.html.partial are of another run: " in err
    assert "--seed was 0, now 1." in err
    assert Counted.fits == 0
    pd.read_csv("log.csv").iloc[1:].to_csv("log.csv", index=False)
    assert main([*CALL, "--resume"]) == 2
    assert "the log was " in capsys.readouterr().err
    assert main([*CALL, "--seed", "1"]) == 0  # leaves the others alone
    assert len(kept()) == 2


def test_without_being_told_a_run_begins_anew_and_says_what_there_is(pages, capsys):
    interrupt_at(4)
    interrupt_at(2)
    out = capsys.readouterr().out
    assert "! 3 folds of an unfinished run with these settings are kept" in out
    assert len(kept()) == 3  # nothing of them is lost
    assert main(CALL) == 0
    assert Counted.fits >= 6
    assert files() == ["log.csv", "page.html"]


def test_with_nothing_to_go_on_from_all_is_made(capsys):
    assert main([*CALL, "--resume"]) == 0
    assert "No folds are kept in page.html.partial" in capsys.readouterr().out


def test_broken_folds_are_made_again(pages):
    interrupt_at(7)  # in the last fit, to all students
    assert len(kept()) == 9
    (folder,) = Path("page.html.partial").iterdir()
    paths = sorted(folder.glob("*.npz"))
    whole = paths[0].read_bytes()
    for path, content in zip(
        paths, (b"", b"PK\x03\x04", b"\x93NUMPY", whole[:-100], whole), strict=False
    ):
        path.write_bytes(content)  # the last is of another fold
    code = np.array([{}], dtype=object)  # what only a pickle could hold
    with open(paths[5], "wb") as file:
        np.savez(file, of=paths[5].stem, p=code, seconds=0.0, warned="[]")
    assert main([*CALL, "--resume"]) == 0
    assert main(CALL) == 0
    assert equal(*pages)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_who_is_asked_to_end_says_what_is_kept(monkeypatch, capsys, name):
    def end(self, X, y, sample_weight=None):
        signal.raise_signal(getattr(signal, name))

    monkeypatch.setattr("sktrace.AFMClassifier.fit", end)
    assert main(CALL) == 128 + getattr(signal, name)
    assert "stopped; 6 folds are kept" in capsys.readouterr().err
    assert signal.getsignal(getattr(signal, name)) == signal.SIG_DFL


def test_a_page_that_cannot_be_written_leaves_the_folds(pages, capsys, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sktrace.commands._output.write_whole", full)
    assert main(CALL) == 2
    err = capsys.readouterr().err
    assert "--out page.html: this file could not be written (No space left" in err
    assert "9 folds are kept in page.html.partial" in err
    monkeypatch.undo()


def test_a_place_that_takes_no_files_is_refused_before_training(
    pages, capsys, monkeypatch
):
    def read_only(*args):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("os.open", read_only)
    assert main(CALL) == 2
    assert capsys.readouterr() == (
        "",
        "sktrace: --out page.html: this place cannot be written to (Read-only file "
        "system); name another.\n",
    )
    assert Counted.fits == 0


def test_without_room_to_keep_folds_training_goes_on(pages, capsys, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sktrace.commands._running.kept_folds.write_whole", full)
    assert main(CALL) == 0
    err = capsys.readouterr().err
    assert err.count("! Folds cannot be kept in page.html.partial (No space left") == 1


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_folder_of_somebody_else_is_neither_read_nor_filled(pages, tmp_path, capsys):
    (tmp_path / "theirs").mkdir()
    Path("page.html.partial").symlink_to("theirs")
    assert main(CALL) == 0
    assert files("theirs") == []
    assert "is not a folder of yours" in capsys.readouterr().err


def test_a_tracer_that_fails_does_not_lose_the_others(pages, capsys):
    Counted.fault = {5: ValueError("singular")}
    assert main(CALL) == 0
    assert "! own is left out, since it failed: ValueError: singular" in (
        capsys.readouterr().out
    )
    assert set(pages[0].comparison.results) == {"mean", "AFM"}
    Counted.fits, Counted.fault = 0, {k: ValueError("all") for k in range(99)}
    _compare.make_tracers = lambda *args, **options: {"mean": Counted()}
    assert main(CALL) == 2
    said = "sktrace: No tracer could be fitted to the log. mean said: ValueError: all"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("fault", [BrokenPipeError(), OSError(28, "No space left")])
def test_who_does_not_read_the_scores_gets_the_page(pages, monkeypatch, capsys, fault):
    class Deaf:
        def write(self, text):
            if "mean ± sd" in text:
                raise fault

        def flush(self):
            pass

    monkeypatch.setattr("sys.stdout", Deaf())
    status = main(CALL)
    assert Path("page.html").read_bytes() == b"page"
    assert status == (141 if isinstance(fault, BrokenPipeError) else 2)
    assert files() == ["log.csv", "page.html"]
    if status == 2:
        assert "cannot be written: No space left. (page.html was written)" in (
            capsys.readouterr().err
        )


def test_what_is_kept_names_nobody(pages):
    interrupt_at(3)
    for path in Path("page.html.partial").rglob("*"):
        if path.is_dir():
            assert os.name != "posix" or path.stat().st_mode & 0o077 == 0
        elif path.suffix == ".json":
            assert set(json.loads(path.read_text())) == {
                *("the log", "how it is read", "--folds", "--seed", "--epochs"),
                *("the tracers", "versions"),
            }
        else:
            with np.load(path, allow_pickle=False) as fold:
                assert set(fold) == {"of", "p", "seconds", "warned"}


def test_streams_that_are_closed_are_none_to_write_to(pages, monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)
    assert main(CALL) == 0
    assert files() == ["log.csv", "page.html"]
    assert main([*CALL, "--folds", "99"]) == 2
