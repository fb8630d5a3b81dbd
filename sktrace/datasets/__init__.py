"""Data for knowledge tracing: made up with a known truth, or real and public.

``OULAD_CALENDAR`` names the columns of `oulad_weekly` that are known before a week
begins, ``OULAD_ACTIVITY`` those known when it ends, and ``OULAD_CLICKS`` those that the
click log adds to the latter.
"""

from ._fetch import (
    fetch_assistments2009,
    fetch_assistments2015,
    fetch_assistments2017,
)
from ._make import make_interactions
from ._make_classroom import make_classroom
from ._make_course import make_course
from ._oulad import fetch_oulad
from ._oulad_weekly import ACTIVITY as OULAD_ACTIVITY
from ._oulad_weekly import CALENDAR as OULAD_CALENDAR
from ._oulad_weekly import CLICK_ACTIVITY as OULAD_CLICKS
from ._oulad_weekly import oulad_weekly
from ._read import read_interactions
from ._scan import scan_interactions
from ._shard import shard_interactions

__all__ = [
    "OULAD_ACTIVITY",
    "OULAD_CALENDAR",
    "OULAD_CLICKS",
    "fetch_assistments2009",
    "fetch_assistments2015",
    "fetch_assistments2017",
    "fetch_oulad",
    "make_classroom",
    "make_course",
    "make_interactions",
    "oulad_weekly",
    "read_interactions",
    "scan_interactions",
    "shard_interactions",
]
