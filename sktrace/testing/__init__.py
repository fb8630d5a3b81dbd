"""Check that a tracer of yours keeps the data contract that all tracers keep."""

from ._battery import check_tracer, tracer_checks

__all__ = ["check_tracer", "tracer_checks"]
