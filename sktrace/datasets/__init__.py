"""Data for knowledge tracing: made up with a known truth, or real and public."""

from ._fetch import fetch_assistments2009, fetch_assistments2015
from ._make import make_interactions

__all__ = ["fetch_assistments2009", "fetch_assistments2015", "make_interactions"]
