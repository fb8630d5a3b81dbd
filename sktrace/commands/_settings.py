"""What it takes to get the same page again."""

import os
import platform
import shlex
from datetime import date
from importlib.metadata import version

from .. import __version__
from .._words import showable

__all__ = ["list_settings", "list_versions", "write_command"]

PACKAGES = ["scikit-learn", "skorch", "torch", "numpy", "scipy", "pandas"]


def list_settings(command, options, log):
    """Return what it takes to get the same page again, label to text."""
    settings = {"command": write_command(command, options)}
    settings |= log.file
    settings["versions"] = list_versions()
    settings["made on"] = date.today().isoformat()
    return settings


def list_versions():
    """Write out the versions that results depend on."""
    return ", ".join(
        [f"Python {platform.python_version()}", f"sktrace {__version__}"]
        + [f"{package} {version(package)}" for package in PACKAGES]
    )


def write_command(command, options, usual=None):
    """Return the command line, defaults written out where they are numbers.

    `usual` are options, name to value, that are left out.
    """
    words = ["python", "-m", "sktrace", command]
    logs = getattr(options, "logs", None) or [options.log]
    words += [f"./{log}" if log[0] == "-" else log for log in logs if log is not None]
    usual = (usual or {}) | {"log": ..., "logs": ..., "run": ..., "resume": ...}
    for name, value in vars(options).items():
        if value is None or value is False or usual.get(name) in (..., value):
            continue
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, list) and any(str(v).startswith("-") for v in value):
            words += [f"{option}={v}" for v in value]
        elif isinstance(value, list):
            words += [option, *value]
        elif value is True:
            words.append(option)
        else:  # a value that begins with a dash would be read as an option
            dashed = str(value).startswith("-")
            words += [f"{option}={value}"] if dashed else [option, str(value)]
    return " ".join(map(quote, words))


def quote(word):
    """Quote a word for a shell, which reads bytes that are no text in ``$'...'``.

    >>> print(quote("my log"), quote("caf\\udce9"))
    'my log' $'caf\\xe9'
    """
    if showable(word) == word:
        return shlex.quote(word)
    escaped = os.fsencode(word.replace("\\", r"\\").replace("'", r"\'"))
    letters = (chr(b) if 32 <= b < 127 else rf"\x{b:02x}" for b in escaped)
    return f"$'{''.join(letters)}'"
