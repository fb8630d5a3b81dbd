"""What `show_versions` prints is what a report of a bug needs."""

import importlib.metadata
import os
import re
import subprocess
import sys

import pytest
import torch
from packaging.requirements import Requirement

from sktrace import __version__, _versions

NOT_OF_USERS = {"bench", "docs", "lint", "test"}


def printed(capsys):
    """Return what is printed as part -> name -> text."""
    assert _versions.show_versions() is None
    parts = {}
    for block in capsys.readouterr().out.rstrip().split("\n\n"):
        title, *lines = block.splitlines()
        parts[title] = dict(
            re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in lines
        )
    return parts


def test_every_dependency_and_extra_is_named():
    needed, extras = set(), {}
    for line in importlib.metadata.requires("sktrace"):
        requirement = Requirement(line)
        extra = re.search(r"extra == ['\"](\w+)['\"]", str(requirement.marker))
        if extra is None:
            needed.add(requirement.name)
        elif extra[1] not in NOT_OF_USERS:
            extras.setdefault(extra[1], set()).add(requirement.name)
    assert set(_versions.NEEDED) == needed
    assert {name: set(of) for name, of in _versions.EXTRAS.items()} == extras


def test_versions_are_those_of_the_packages(capsys):
    parts = printed(capsys)
    assert parts["System"]["Python"] == sys.version.split()[0]
    assert parts["Needed"]["sktrace"] == __version__
    assert parts["Needed"]["torch"] == importlib.metadata.version("torch")
    assert re.fullmatch(r"matplotlib \d.*, jinja2 \d.*", parts["Extras"]["report"])


def test_what_is_not_installed_is_said(capsys, monkeypatch):
    def refuse(package):
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "version", refuse)
    parts = printed(capsys)
    assert parts["Needed"]["numpy"] == "not installed"
    assert parts["Extras"]["plot"] == "matplotlib not installed"


def test_threads_are_those_asked_for_and_taken(capsys, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    told = printed(capsys)["Threads and devices"]
    assert told["OMP_NUM_THREADS"] == "7"
    assert any(text.endswith(" threads") for text in told.values())


@pytest.mark.parametrize("cuda", [None, "12.1"])
def test_devices_are_those_that_torch_finds(capsys, monkeypatch, cuda):
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2 if cuda else 0)
    monkeypatch.setattr(torch.cuda, "get_device_name", "GPU {}".format)
    told = printed(capsys)["Threads and devices"]
    assert told["torch built for"] == ("CUDA 12.1" if cuda else "no CUDA")
    assert told["GPUs"] == ("GPU 0, GPU 1" if cuda else "none")


def test_torch_is_not_imported_to_be_named():
    code = (
        "import sys\nfrom sktrace import _versions\n_versions.show_versions()\n"
        "assert 'torch' not in sys.modules\nprint(_versions.read_cuda())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert importlib.metadata.version("torch") in done.stdout
    assert done.stdout.splitlines()[-1] == str(torch.version.cuda)


@pytest.mark.parametrize("extra", _versions.EXTRAS)
def test_what_is_not_there_is_named_with_its_extra(extra, monkeypatch):
    _versions.require_extra(extra, "This")
    for package in _versions.EXTRAS[extra]:
        monkeypatch.setitem(sys.modules, package, None)
    packages = _versions.EXTRAS[extra]
    message = (
        f"This needs {' and '.join(packages)}, not installed here: pip install "
        f'{" ".join(packages)}, or, in a checkout, pip install ".[{extra}]".'
    )
    with pytest.raises(ImportError, match=f"^{re.escape(message)}$"):
        _versions.require_extra(extra, "This")
