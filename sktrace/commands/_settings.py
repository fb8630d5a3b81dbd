"""What it takes to get the same page again, and how pages look."""

import platform
import shlex
from datetime import date
from importlib.metadata import version
from importlib.resources import files

from .. import __version__

__all__ = ["list_settings", "render_page"]

PACKAGES = ["scikit-learn", "skorch", "torch", "numpy", "pandas"]


def list_settings(command, options, log):
    """Return what it takes to get the same page again, label to text."""
    settings = {"command": write_command(command, options)}
    settings |= log.file
    settings["versions"] = ", ".join(
        [f"Python {platform.python_version()}", f"sktrace {__version__}"]
        + [f"{package} {version(package)}" for package in PACKAGES]
    )
    settings["made on"] = date.today().isoformat()
    return settings


def write_command(command, options):
    """Return the command line, defaults written out where they are numbers."""
    words = ["python", "-m", "sktrace", command]
    if options.log is not None:
        words.append(f"./{options.log}" if options.log[0] == "-" else options.log)
    for name, value in vars(options).items():
        if name in ("log", "run") or value is None or value is False:
            continue
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, list):
            words += [option, *value]
        elif value is True:
            words.append(option)
        else:  # a value that begins with a dash would be read as an option
            dashed = str(value).startswith("-")
            words += [f"{option}={value}"] if dashed else [option, str(value)]
    return shlex.join(words)


def render_page(name, **values):
    """Return a page as text: a template of this folder, with the style of all."""
    from jinja2 import Environment, StrictUndefined

    template, style = (
        files(__package__).joinpath(file).read_text("utf-8")
        for file in (name, "style.css")
    )
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template).render(style=style, **values)
