"""One table of all public names, made from what the rooms list in `__all__`.

In a page, the list of rooms, of which Sphinx makes the pages behind the table::

    .. autosummary::
       :toctree: api

       sktrace

    .. table-of-names::

       sktrace
"""

import inspect
from importlib import import_module

from docutils import nodes
from sphinx import addnodes
from sphinx.ext.autosummary import autosummary_table
from sphinx.util.docutils import SphinxDirective


class TableOfNames(SphinxDirective):
    """Every name with its first sentence, below the room that it lives in."""

    has_content = True

    def run(self):
        """Return the table."""
        rooms = [import_module(line.strip()) for line in self.content if line.strip()]
        group = nodes.tgroup("", cols=2)
        group += [nodes.colspec(colwidth=1), nodes.colspec(colwidth=3)]
        body = nodes.tbody()
        for room in rooms:
            body += self._row(room.__name__, room, room.__name__, ["room"])
            body += [
                self._row(name, getattr(room, name), f"{room.__name__}.{name}")
                for name in sorted(room.__all__, key=str.lower)
            ]
        group += body
        return [nodes.table("", group, classes=["names"])]

    def _row(self, name, thing, target, classes=()):
        code = nodes.literal("", name, classes=["xref", "py", "py-obj"])
        link = addnodes.pending_xref(
            "",
            code,
            refdomain="py",
            reftype="obj",
            reftarget=target,
            refdoc=self.env.docname,
            refwarn=True,
        )
        summary, messages = self.parse_inline(first_sentence(thing))
        return nodes.row(
            "",
            nodes.entry("", nodes.paragraph("", "", link)),
            nodes.entry("", nodes.paragraph("", "", *summary), *messages),
            classes=list(classes),
        )


def first_sentence(thing):
    """Return the summary of a docstring, or what a constant holds."""
    if isinstance(thing, tuple):
        return f"{', '.join(f'``{value}``' for value in thing)}."
    return " ".join(inspect.getdoc(thing).split("\n\n")[0].split())


def hide_rooms(app, doctree):
    """Leave of a list of rooms, where all names stand below, its pages only."""
    if any("names" in table["classes"] for table in doctree.findall(nodes.table)):
        for table in list(doctree.findall(autosummary_table)):
            table.parent.remove(table)


def setup(app):
    """Offer the directive."""
    app.add_directive("table-of-names", TableOfNames)
    app.connect("doctree-read", hide_rooms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
