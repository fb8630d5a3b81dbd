"""Names in docstrings: `DKTClassifier` is a link wherever it is written.

The default role, single backticks, is code; where it holds a public name, or a method
of the class at hand, it is a link to its page as well.
"""

import re

from sphinx.domains.python import PyXRefRole
from sphinx.util.nodes import make_refnode

ROLE = "public"
PLACES = {"class", "function", "module", "data"}
REFERENCE = re.compile(r":(?:ref|term|class|func|meth):`~?([^`<]*?)(?: ?<[^`>]*>)?`")


def resolve(app, env, node, contnode):
    """Find the page of a name, or leave the name as it is."""
    if node["reftype"] != ROLE:
        return None
    objects = env.domains["py"].objects
    name = node["reftarget"].removesuffix("()")
    module, owner = node.get("py:module"), node.get("py:class")
    full = [name, f"{module}.{name}", f"{module}.{owner}.{name}"]
    found = [known for known in full if known in objects] or [
        known
        for known, entry in objects.items()
        if known.endswith(f".{name}") and entry.objtype in PLACES
    ]
    if len(found) != 1 or (entry := objects[found[0]]).docname == node["refdoc"]:
        contnode["classes"] = []  # plain code
        return contnode
    return make_refnode(
        app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, found[0]
    )


def tidy(app, what, name, obj, options, lines):
    """Drop links into scikit-learn's own guide, and what Python says of a tuple."""
    said, words = type(obj).__doc__, " ".join(lines).split()
    of_type = said.split() if type(said) is str else []  # some types have a property
    if what == "data" and words[: len(of_type)] == of_type:
        lines.clear()
    if (getattr(obj, "__module__", None) or "").startswith("sklearn"):
        lines[:] = [REFERENCE.sub(r"\1", line) for line in lines]


def setup(app):
    """Offer the role, for ``default_role``."""
    app.add_role(ROLE, PyXRefRole())
    app.connect("missing-reference", resolve)
    app.connect("autodoc-process-docstring", tidy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
