"""The site: ``make docs``. Nothing is fetched from the network."""

import sys
from pathlib import Path

import sktrace

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "sktrace"
author = "The sktrace developers"
copyright = author
version = release = sktrace.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "mathml",
    "plain_files",
    "public_names",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "sg_execution_times.rst", "gallery/*.ipynb"]
default_role = "public"  # `name` is a link where it is a public name
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(matplotlib|pandas|skorch|sklearn|torch)\..*")]
highlight_language = "none"  # blocks that do not say what they are
toc_object_entries_show_parents = "hide"
add_module_names = False

# -- Markdown
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

# -- API reference: pages of all that the modules in api.md name in __all__
autosummary_generate = True
autosummary_ignore_module_all = False
autosummary_imported_members = True
autosummary_context = {
    # What scikit-learn gives to every estimator, and documents.
    "inherited": {
        "fit_transform",
        "get_metadata_routing",
        "get_params",
        "set_fit_request",
        "set_output",
        "set_params",
        "set_partial_fit_request",
        "set_score_request",
    }
}
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_validation_checks = {
    "GL03",  # blank lines in a row
    "GL06",  # an unknown section
    "GL07",  # sections out of order
    "GL08",  # no docstring
    "PR01",  # a parameter is not documented
    "PR02",  # a documented parameter does not exist
    "SS01",  # no summary
    "SS02",  # the summary does not begin with a capital letter
    "SS03",  # the summary does not end with a period
}

# -- Gallery
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "gallery/backreferences",
    "doc_module": ("sktrace",),
    "reference_url": {"sktrace": None},
    "reset_modules": ("matplotlib", "strict_examples.reset"),
    "reset_modules_order": "both",
    "show_signature": False,
    "write_computation_times": False,
}
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

# -- Looks
html_theme = "pydata_sphinx_theme"
html_title = "sktrace"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
# No list of pages beside those that have none below them.
html_sidebars = {
    "index": [],
    "five-minutes": [],
    "benchmarks": [],
    "faq": [],
    "decisions": [],
    "architecture": [],
    "changes": [],
    "search": [],
}
html_theme_options = {
    "logo": {"text": "sktrace"},
    "header_links_before_dropdown": 6,
    "show_prev_next": True,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
