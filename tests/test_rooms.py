"""The rooms of the package keep to themselves what is theirs."""

import ast
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import sktrace

PACKAGE = Path(sktrace.__file__).parent
WITHOUT_TORCH = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "skorch"}:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Refuse())

import matplotlib
matplotlib.use("agg")

from sklearn.metrics import roc_auc_score
from sktrace import (
    AFMClassifier, BKTClassifier, BlendClassifier, MeanClassifier, PFAClassifier,
    TransferClassifier
)
from sktrace.datasets import make_interactions
from sktrace.display import LearningCurveDisplay, MasteryDisplay
from sktrace.metrics import question_level

X, y = make_interactions(n_students=20, n_skills=2, n_attempts=10, random_state=0)
below_half = {"guess": (0, 0.5), "slip": (0, 0.5)}
bkt = BKTClassifier(bounds=below_half, random_state=0)
blend = BlendClassifier([("pfa", PFAClassifier()), ("bkt", bkt)], n_folds=2)
tracers = [bkt, blend, AFMClassifier(), PFAClassifier(), MeanClassifier()]
tracers.append(TransferClassifier())
for tracer in tracers:
    p = tracer.fit(X, y).predict_proba(X)[:, 1]
    assert roc_auc_score(y, p) > 0.5
    assert len(question_level(X, y, p)[0]) == len(X)
live = bkt.tracer()
live.update("ann", bkt.skills_[0], 1)
assert live.predict_proba("ann").between(0, 1).all()
MasteryDisplay.from_estimator(bkt, X, X["user_id"].iloc[0])
LearningCurveDisplay.from_estimator(bkt, X)
assert not {"torch", "skorch"} & set(sys.modules)

try:
    from sktrace import DKTClassifier
except ImportError as error:
    assert "torch is blocked" in str(error)
else:
    raise AssertionError("DKT without torch")
print("done")
"""


def run(code):
    """Run code in a fresh interpreter; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_but_networks_works_without_torch():
    assert run(WITHOUT_TORCH) == "done\n"


def test_what_is_not_asked_for_is_not_imported():
    """One import after another: what none has loaded, none of them has."""
    steps = {
        "import sktrace": {"numpy", "pandas", "sklearn", "torch"},
        "import sktrace.__main__ as m; m.build_parser()": {"sklearn", "torch"},
        "from sktrace import BKTClassifier, Sequences": {"torch", "skorch"},
        "from sktrace import load, save": {"torch", "skorch"},
        "from sktrace.live import LiveTracer": {"torch", "skorch"},
        "import sktrace.display, sktrace.inspection": {"torch", "matplotlib"},
        "import sktrace.testing": {"torch", "skorch", "matplotlib", "pytest"},
    }
    code = "".join(f"{step}\nprint(*sys.modules)\n" for step in steps)
    for loaded, absent in zip(
        run(f"import sys\n{code}").splitlines(), steps.values(), strict=True
    ):
        assert not absent & set(loaded.split())


def imports_of(path):
    """Return module and name of everything that a file imports from elsewhere."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def test_there_is_one_door_to_private_names_of_scikit_learn():
    private = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for module, name in imports_of(path)
        if module.startswith("sklearn") and "._" in f"{module}.{name}"
    }
    assert private == {"_sklearn.py"}


def estimators():
    """Return every public class that fits."""
    rooms = [sktrace, *(import_module(f"sktrace.{room}") for room in sktrace._ROOMS)]
    found = {getattr(room, name) for room in rooms for name in room.__all__}
    return sorted((c for c in found if hasattr(c, "fit")), key=lambda c: c.__name__)


@pytest.mark.parametrize("estimator", estimators(), ids=lambda c: c.__name__)
def test_no_fit_forgets_to_judge_its_parameters(estimator):
    for method in ("fit", "partial_fit"):
        if hasattr(estimator, method):
            assert hasattr(getattr(estimator, method), "__wrapped__")  # by judged
    assert set(estimator._parameter_constraints) == set(estimator._get_param_names())


def test_every_file_fits_a_reader():
    lengths = {
        path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8").count("\n")
        for path in PACKAGE.rglob("*.py")
    }
    assert {name for name, n in lengths.items() if n > 400} == set()
