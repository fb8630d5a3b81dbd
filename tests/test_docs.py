"""Python on the pages of README and docs runs as written, and prints what it says."""

import contextlib
import io
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib as mpl
import pytest
from joblib import parallel_config

from sktrace import datasets

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(python|output)\n(.*?)^```", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_on_the_page_runs(page, tmp_path, monkeypatch):
    mpl.use("agg")
    monkeypatch.chdir(tmp_path)
    log, _ = datasets.make_interactions(15, 3, n_attempts=10, random_state=0)
    log.to_csv("log.csv", index=False)
    lend_writers(monkeypatch)
    namespace, printed = {}, ""
    blocks = BLOCK.findall(page.read_text("utf-8"))
    if "output" not in dict(blocks):
        make_less(monkeypatch)
    for kind, block in blocks:
        if kind == "output":
            assert_alike(printed, block)
            continue
        # Threads find what processes find, and need not import everything once more.
        with (
            contextlib.redirect_stdout(io.StringIO()) as out,
            parallel_config("threading"),
        ):
            exec(compile(block, page.name, "exec"), namespace)
        printed = out.getvalue()


def make_less(monkeypatch, most=80, longest=10):
    """Make small classes and courses: what is not shown may come out otherwise."""

    def make_answers(n_students=100, *args, n_attempts=longest, **sizes):
        sizes["n_attempts"] = min(n_attempts, longest)
        return interactions(min(n_students, most), *args, **sizes)

    def make_weeks(n_students=100, *args, **sizes):
        return course(min(n_students, most), *args, **sizes)

    interactions, course = datasets.make_interactions, datasets.make_course
    monkeypatch.setattr(datasets, "make_interactions", make_answers)
    monkeypatch.setattr(datasets, "make_course", make_weeks)


def assert_alike(printed, shown, atol=0.03):
    """Compare word by word, and numbers up to what machines differ by."""
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", shown).split()
    got, expected = (list(map(float, NUMBER.findall(t))) for t in (printed, shown))
    assert got == pytest.approx(expected, abs=atol)


def lend_writers(monkeypatch):
    """Stand in for TensorBoard and MLflow, in what skorch's callbacks call of them."""

    class Writer:
        def __init__(self, *args):
            self.written = []

        def add_scalar(self, tag, scalar_value, global_step):
            self.written.append((tag, scalar_value, global_step))

        def close(self):
            assert any("loss" in tag for tag, _, _ in self.written)

    board = ModuleType("torch.utils.tensorboard")
    board.SummaryWriter = Writer
    monkeypatch.setitem(sys.modules, board.__name__, board)

    class Client:
        def log_metric(self, run, key, value, step):
            assert run == "a run"
            assert isinstance(value, float)

        def log_artifact(self, run, path):
            assert path.exists()

        def set_terminated(self, run):
            assert run == "a run"

    run = SimpleNamespace(info=SimpleNamespace(run_id="a run"))
    flow, tracking = ModuleType("mlflow"), ModuleType("mlflow.tracking")
    tracking.MlflowClient = Client
    flow.active_run = lambda: run
    for name in ("start_run", "log_params", "end_run"):
        setattr(flow, name, lambda *args: None)
    monkeypatch.setitem(sys.modules, flow.__name__, flow)
    monkeypatch.setitem(sys.modules, tracking.__name__, tracking)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!http)([^)#]+)", page.read_text("utf-8"))
    missing = [t for t in targets if not (page.parent / t).exists()]
    assert not missing
