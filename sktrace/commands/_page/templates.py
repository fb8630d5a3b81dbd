"""Templates of this folder, filled in: how pages look."""

import functools
import re
from importlib.resources import files

from ..._words import cut_middle, showable

__all__ = ["render_page", "render_part", "show_name"]

LONGEST_NAME = 80


def render_page(name, /, **values):
    """Return a page: a template of this folder, with the style and script of all.

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
    from markupsafe import Markup

    own = {"style": "style.css", "script": "page.js"}
    own = {key: Markup(press(read_file(file))) for key, file in own.items()}
    return render_part(name, **own, **values).encode("utf-8")


def render_part(name, /, **values):
    """Return a part of a page, which goes into another template as it is.

    Parameters
    ----------
    name : str
        Of the template, which has a filter `short` for names, and may import others.
    **values : dict

    Returns
    -------
    markupsafe.Markup
    """
    from markupsafe import Markup

    return Markup(make_environment().get_template(name).render(**values))


@functools.cache
def make_environment():
    """Return what reads templates; each is read once."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(read_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=write_out,
    )
    environment.filters["short"] = shorten
    return environment


def press(code):
    """Leave out what only its author reads: indents, empty lines and comments."""
    return re.sub(r"^\s*(//.*|/\*.*\*/)?\n?", "", code, flags=re.MULTILINE)


def read_file(name):
    """Return the text of a file of this folder."""
    return files(__package__).joinpath(name).read_text("utf-8")


def write_out(value):
    """Write out what a page cannot show; what is markup already holds no name."""
    if hasattr(value, "__html__"):
        return value
    return showable(str(value), keep="\n")


def shorten(name):
    """Return a name that is no longer than a reader's patience."""
    return cut_middle(str(name), LONGEST_NAME)


def show_name(name):
    """Return a name as a page shows it, for text that is no template's."""
    return showable(shorten(name))
