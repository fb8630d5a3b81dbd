"""Trace students one answer at a time, as a tutoring system meets them."""

from ._tracer.live import LiveTracer

__all__ = ["LiveTracer"]
