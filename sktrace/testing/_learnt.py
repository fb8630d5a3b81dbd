"""Of whom a tracer says that other rows of theirs have taught it."""

import warnings
from unittest import SkipTest

from .._tracer.base import BaseTracer
from ..model_selection import SplitStudentWarning
from ._logs import fit, proba, write_for
from ._promises import demand

__all__ = ["check_split_students_are_reported"]


def check_split_students_are_reported(tracer):
    """Of students whose other rows it learnt from it warns, and of nobody else."""
    if not isinstance(tracer, BaseTracer):
        raise SkipTest(f"{type(tracer).__name__} does not derive from BaseTracer")
    log = write_for(tracer)
    late = log["order_id"] % 2 == 1
    fitted = fit(tracer, log[~late])
    demand(
        _warns(fitted, log[late]),
        "rows of students whose other rows were learnt from are reported",
    )
    queries = log[late].assign(correct=float("nan"))
    for what, X in {
        "the rows it learnt from": log[~late],
        "some of them": log[~late].iloc[::2],
        "these and others": log,
        "rows without an answer": queries,
        "students it did not meet": log[late].assign(user_id=-1 - log["user_id"]),
    }.items():
        demand(not _warns(fitted, X), f"of {what} there is no warning")


def _warns(fitted, X):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        proba(fitted, X)
    return any(issubclass(found.category, SplitStudentWarning) for found in caught)
