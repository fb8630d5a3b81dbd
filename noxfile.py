"""The package against other releases than those at hand: ``nox -s oldest newest bare``.

Each session has an environment of its own, and the Python that runs nox, or another by
``--force-python 3.10``. The floors are older than Python 3.12: they need 3.10 or 3.11.
"""

import os
from pathlib import Path

import nox
from packaging.requirements import Requirement

PROJECT = nox.project.load_toml("pyproject.toml")["project"]
# What the tests need.
EXTRAS = ["dask", "data", "devices", "onnx", "parquet", "report", "serve", "test"]
# Old releases that call newer ones by names which have since been deprecated, and
# warnings are errors: matplotlib 3.7 calls pyparsing so.
OF_THEIR_TIME = ["pyparsing<3.1"]
# A build for the CPU, where one is at hand: torch==2.13.0, say.
TORCH = os.environ.get("TORCH", "torch")

nox.needs_version = ">=2024.4.15"
nox.options.sessions = []  # torch takes gigabytes: nothing runs that was not named
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True


def floors():
    """Return each package of pyproject.toml in the oldest release that it allows."""
    needed, extras = PROJECT["dependencies"], PROJECT["optional-dependencies"]
    found = set()
    for requirement in map(Requirement, sum(map(extras.get, EXTRAS), needed)):
        (oldest,) = (s.version for s in requirement.specifier if s.operator == ">=")
        found.add(f"{requirement.name}=={oldest}")
    return sorted(found)


def run_tests(session):
    """Run the tests, and say which releases they have met."""
    session.run("python", "-c", "import sktrace; sktrace.show_versions()")
    pytest = ["python", "-m", "pytest", "-n", "auto", "--dist", "loadfile"]
    session.run(*pytest, *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session
def oldest(session):
    """The tests with the very floors of pyproject.toml."""
    session.install(*floors(), *OF_THEIR_TIME)
    session.install("--no-deps", "--editable", ".")
    run_tests(session)


@nox.session
def newest(session):
    """The tests with the newest releases of everything."""
    session.install("--upgrade", "--editable", f".[{','.join(EXTRAS)}]")
    run_tests(session)


@nox.session
def bare(session):
    """The package as ``pip install sktrace`` leaves it, without any extra."""
    session.install(TORCH)
    session.install(".")
    script = Path("tests", "check_bare.py").resolve()
    session.chdir(session.create_tmp())  # else Python would find the checkout
    session.run("python", "-W", "error", str(script), env={"OMP_NUM_THREADS": "1"})
