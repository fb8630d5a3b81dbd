"""Trace students one answer at a time, as a tutoring system meets them."""

from ._tracer.live import LiveTracer
from ._tracer.store import Kept, StateStore
from ._tracer.store_sqlite import SQLiteStore
from ._tracer.student_keys import student_key, student_name

__all__ = [
    "Kept",
    "LiveTracer",
    "SQLiteStore",
    "StateStore",
    "student_key",
    "student_name",
]
