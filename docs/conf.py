"""The site: ``make docs``. Nothing is fetched from the network."""

import sys
from importlib import metadata
from pathlib import Path

import sktrace

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "sktrace"
author = "The sktrace developers"
copyright = author
version = release = sktrace.__version__
# As pyproject.toml has them: "Source, https://...", and so on.
urls = dict(
    line.split(", ", 1) for line in metadata.metadata("sktrace").get_all("Project-URL")
)

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "light_and_dark",
    "mathml",
    "page_pictures",
    "plain_files",
    "public_names",
    "sample_page",
    "table_of_names",
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
    "image_scrapers": ("light_and_dark.scrape",),
    "reset_modules": (
        "matplotlib",
        "strict_examples.reset",
        "light_and_dark.reset",
    ),
    "reset_modules_order": "both",
    "show_signature": False,
    "write_computation_times": False,
    "parallel": 2,  # examples at a time
}
copybutton_selector = "div:not(.highlight-output) > div.highlight pre"
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

# -- Looks
html_theme = "pydata_sphinx_theme"
html_title = "sktrace"
html_static_path = ["_static"]
html_extra_path = ["_made/site"]  # the sample report
html_css_files = ["site.css"]
html_favicon = "_static/logo.svg"
html_show_sourcelink = True  # of the page, beside it
# No list of pages beside those that have none below them.
html_sidebars = {
    "index": [],
    "five-minutes": [],
    "benchmarks": [],
    "faq": [],
    "decisions": [],
    "api": [],
    "architecture": [],
    "changes": [],
    "search": [],
}
html_theme_options = {
    "logo": {
        "text": "sktrace",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo-dark.svg",
    },
    "navbar_start": ["navbar-logo", "version"],
    "icon_links": [
        {"name": "Source", "url": urls["Source"], "icon": "fa-brands fa-github"}
    ],
    "header_links_before_dropdown": 6,
    "show_prev_next": True,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": {
        "**": ["page-toc", "sourcelink"],
        "index": [],
    },
    "footer_start": ["copyright"],
    "footer_end": [],
}
