"""Examples that warn are examples that fail."""

import warnings
from contextlib import ExitStack

_filters = ExitStack()


def reset(gallery_conf, fname, when):
    """Turn warnings into errors before an example, and back after it."""
    _filters.close()
    if when == "before":
        _filters.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error")
