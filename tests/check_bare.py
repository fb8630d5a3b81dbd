"""What the package does without any extra: ``python -W error tests/check_bare.py``.

A script, not a test, since pytest's own environment has the extras.
"""

import importlib
import pkgutil
import re
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

# Not jinja2, which torch brings along.
EXTRA_PACKAGES = ["accelerate", "dask", "fastapi", "matplotlib", "pooch", "pyarrow"]


def check_that_no_extra_is_there():
    present = [name for name in EXTRA_PACKAGES if find_spec(name)]
    assert not present, f"not bare: {', '.join(present)} can be imported"


def check_that_all_modules_and_names_can_be_imported():
    import sktrace

    names = [m.name for m in pkgutil.walk_packages(sktrace.__path__, "sktrace.")]
    modules = [importlib.import_module(name) for name in ["sktrace", *names]]
    for module in modules:
        for name in getattr(module, "__all__", []):
            getattr(module, name)
    return f"{len(modules)} modules"


def check_that_tracers_trace():
    from sklearn.metrics import roc_auc_score

    from sktrace import BKTClassifier, DKTClassifier, MeanClassifier, PFAClassifier
    from sktrace.datasets import make_interactions
    from sktrace.inspection import calibration_by_skill

    X, y = make_interactions(n_students=40, n_skills=2, random_state=0)
    tracers = [
        MeanClassifier(),
        PFAClassifier(),
        BKTClassifier(bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, random_state=0),
        DKTClassifier(hidden_size=8, max_epochs=2, device="cpu", random_state=0),
    ]
    for tracer in tracers:
        p = tracer.fit(X, y).predict_proba(X)[:, 1]
        assert roc_auc_score(y, p) > 0.5, tracer
        assert len(calibration_by_skill(tracer, X, y)) == 2


def check_that_what_needs_an_extra_names_it():
    from sktrace import DKTClassifier, MeanClassifier, datasets, display, to_onnx

    X, y = datasets.make_interactions(n_students=20, n_skills=2, random_state=0)
    tracer, scores = MeanClassifier().fit(X, y), {"a": {"test_f1": [0.5, 0.6]}}
    here = Path(tempfile.mkdtemp())
    log = here / "log.parquet"
    log.write_bytes(b"PAR1")
    book = here / "log.xlsx"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    calls = {
        "plot": [
            lambda: display.ClassMasteryDisplay.from_estimator(tracer, X),
            lambda: display.LearningCurveDisplay.from_estimator(tracer, X),
            lambda: display.TracerComparisonDisplay.from_results(scores),
        ],
        "data": [
            lambda: datasets.fetch_assistments2015(data_home=here),
            lambda: datasets.fetch_oulad(data_home=here),
        ],
        "parquet": [
            lambda: datasets.read_interactions(log),
            lambda: datasets.scan_interactions(log),
            lambda: datasets.shard_interactions([X], here / "parts"),
        ],
        "excel": [
            lambda: datasets.read_interactions(book),
        ],
        "onnx": [lambda: to_onnx(tracer, here / "step.onnx")],
        "devices": [
            lambda: DKTClassifier(n_devices=2, device="cpu").fit(X, y),
        ],
    }
    for extra, refused in calls.items():
        for call in refused:
            try:
                call()
            except ImportError as error:
                check_message(extra, str(error))
            else:
                raise AssertionError(f"works without the extra {extra!r}?")


def check_that_commands_name_their_extra():
    commands = {
        "compare": "report",
        "trace": "plot",
        "serve model.sktrace --store class.db": "serve",
    }
    for command, extra in commands.items():
        done = subprocess.run(
            [sys.executable, "-m", "sktrace", *command.split()],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done
        assert not done.stdout, done
        check_message(extra, done.stderr)


def check_message(extra, message):
    from sktrace._versions import EXTRAS

    package = EXTRAS[extra][0]
    assert re.search(rf"pip install .*\b{package}\b", message), message
    print(f"  {message.splitlines()[0]}")


if __name__ == "__main__":
    for name, check in list(globals().items()):
        if name.startswith("check_that"):
            told = check()
            print(f"{name.replace('_', ' ')}{f': {told}' if told else ''}")
