"""Markdown pages that are right as plain files, and as pages of the site.

Their links lead to files, as they have to on a code host. Here the files that are pages
of the site as well become links to these; other files become downloads.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes

PAGES = {
    "README.md": "index.md",
    "CHANGES.md": "changes.md",
    "examples": "gallery/index.rst",
}
EXAMPLE = re.compile(r"examples/(plot_\w+)\.py")
LINK = re.compile(r"\]\(\.\./([^)#\s]+)")


def lead_to_pages(app, docname, source):
    """Let links to files outside of the documentation lead to their pages."""
    source[0] = LINK.sub(_page_of_file, source[0])


def _page_of_file(link):
    target = link[1].rstrip("/")
    if example := EXAMPLE.fullmatch(target):
        return f"](gallery/{example[1]}.rst"
    return f"]({PAGES[target]}" if target in PAGES else link[0]


def draw_inline(app, doctree):
    """Put drawings of `_static` into the page, where they take the theme's colours."""
    for image in list(doctree.findall(nodes.image)):
        path = Path(app.srcdir, image["uri"])
        if path.suffix == ".svg" and path.parent.name == "_static":
            label = escape(" ".join(image.get("alt", "").split()), quote=True)
            svg = f'<svg role="img" aria-label="{label}" '
            drawing = path.read_text("utf-8").replace("<svg ", svg, 1)
            html = f'<div class="drawing">{drawing}</div>'
            raw = nodes.raw("", html, format="html")
            # A raw block may not stand within a paragraph.
            place = image.parent
            alone = isinstance(place, nodes.paragraph) and len(place) == 1
            (place if alone else image).replace_self(raw)


def setup(app):
    """Listen to Sphinx."""
    app.connect("source-read", lead_to_pages)
    app.connect("doctree-read", draw_inline)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
