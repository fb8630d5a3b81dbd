"""How a check says which promise is broken, and how it says that none was made."""

from contextlib import contextmanager
from unittest import SkipTest

import numpy as np
from sklearn.utils.validation import has_fit_parameter

from .._words import count_rows

__all__ = [
    "agree",
    "demand",
    "each_row",
    "need_items",
    "need_method",
    "need_parameter",
    "need_weights",
    "refused",
]


def demand(holds, promise):
    """Fail with the promise, unless it holds."""
    if not holds:
        raise AssertionError(f"Broken promise: {promise}.")


def agree(got, expected, promise, within=0.0):
    """Fail unless numbers agree: with the promise, and the first row that breaks it.

    Parameters
    ----------
    got, expected : arrays of one shape
        Of which the first axis are rows; NaN agrees with NaN.
    promise : str
        A sentence without a full stop.
    within : float
        How far they may be apart; 0: they agree to the last bit.
    """
    got, expected = np.asarray(got), np.asarray(expected)
    demand(
        got.shape == expected.shape,
        f"{promise}; got shape {got.shape}, expected {expected.shape}",
    )
    with np.errstate(invalid="ignore"):
        alike = got == expected
        if got.dtype.kind == expected.dtype.kind == "f":
            alike |= (abs(got - expected) <= within) | (
                np.isnan(got) & np.isnan(expected)
            )
    odd = ~alike.reshape(len(got), -1).all(axis=1) if got.ndim else ~alike.reshape(1)
    if odd.any():
        at = np.flatnonzero(odd)[0] if got.ndim else ()
        near = f"within {within:g}" if within else "to the last bit"
        raise AssertionError(
            f"Broken promise: {promise}. Broken in {count_rows(odd)} of {len(odd)}, "
            f"where it got {got[at].tolist()!r}, expected {expected[at].tolist()!r}, "
            f"{near}."
        )


def each_row(holds, promise):
    """Fail with the promise, and the first row that breaks it, unless all keep it."""
    odd = ~np.asarray(holds, dtype=bool)
    if odd.any():
        raise AssertionError(
            f"Broken promise: {promise}. Broken in {count_rows(odd)} of {len(odd)}."
        )


@contextmanager
def refused(error, promise, names=""):
    """Fail unless what happens within is refused by an error, or a subclass of it.

    Parameters
    ----------
    error : type
    promise : str
    names : str
        What the message has to mention.
    """
    try:
        yield
    except error as message:
        demand(
            names in str(message),
            f"{promise}, by a message that mentions {names!r}; got {message}",
        )
    except Exception as other:
        raise AssertionError(
            f"Broken promise: {promise} by {error.__name__}; "
            f"got {type(other).__name__}: {other}"
        ) from other
    else:
        raise AssertionError(
            f"Broken promise: {promise} by {error.__name__}; it was accepted."
        )


def need_parameter(tracer, name):
    """Skip the check of a tracer whose constructor lacks a parameter."""
    if name not in tracer.get_params(deep=False):
        raise SkipTest(f"{type(tracer).__name__} has no parameter {name!r}")


def need_items(tracer):
    """Return the column of items that a tracer reads; skip if it reads none."""
    item = getattr(tracer, "item", None)
    if item is None:
        raise SkipTest("it reads no items")
    return item


def need_method(tracer, name):
    """Skip the check of a tracer that lacks a method."""
    if not hasattr(tracer, name):
        raise SkipTest(f"{type(tracer).__name__} has no method {name!r}")


def need_weights(tracer):
    """Skip the check of a tracer whose fit takes no weights."""
    if not has_fit_parameter(tracer, "sample_weight"):
        raise SkipTest(f"fit of {type(tracer).__name__} takes no sample_weight")
