"""What it takes to get the same page again, and how pages look."""

import os
import platform
import shlex
from datetime import date
from importlib.metadata import version
from importlib.resources import files

from .. import __version__
from .._words import cut_middle, showable

__all__ = ["list_settings", "list_versions", "render_page"]

LONGEST_NAME = 80
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


def write_command(command, options):
    """Return the command line, defaults written out where they are numbers."""
    words = ["python", "-m", "sktrace", command]
    if options.log is not None:
        words.append(f"./{options.log}" if options.log[0] == "-" else options.log)
    for name, value in vars(options).items():
        if name in ("log", "run", "resume") or value is None or value is False:
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


def render_page(name, **values):
    """Return a page: a template of this folder, with the style of all.

    What cannot be shown in it, such as control characters in a name, is written out.

    Parameters
    ----------
    name : str
        Of the template, which has a filter `short` for names.
    **values : dict

    Returns
    -------
    bytes
    """
    from jinja2 import Environment, StrictUndefined

    template, style = (
        files(__package__).joinpath(file).read_text("utf-8")
        for file in (name, "style.css")
    )
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=write_out,
    )
    environment.filters["short"] = shorten
    page = environment.from_string(template).render(style=style, **values)
    return page.encode("utf-8")


def write_out(value):
    """Write out what a page cannot show; what is markup already holds no name."""
    if hasattr(value, "__html__"):
        return value
    return showable(str(value), keep="\n")


def shorten(name):
    """Return a name that is no longer than a reader's patience."""
    return cut_middle(str(name), LONGEST_NAME)
