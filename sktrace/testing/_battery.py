"""All checks, by name, and a table of how a tracer does in them."""

import warnings
from functools import wraps
from inspect import signature
from unittest import SkipTest

import pandas as pd
from sklearn.exceptions import EstimatorCheckFailedWarning

from .._tracer.base import traces
from .._words import first_few
from . import (
    _conventions,
    _copies,
    _driven,
    _forms,
    _future,
    _joined,
    _learnt,
    _live,
    _live_many,
    _live_states,
    _next,
    _predictions,
    _rows,
    _saved,
    _strangers,
    _weights,
)

__all__ = ["check_tracer", "tracer_checks"]

GROUPS = (
    _conventions,
    _predictions,
    _future,
    _rows,
    _strangers,
    _forms,
    _joined,
    _next,
    _weights,
    _learnt,
    _copies,
    _saved,
    _live,
    _live_states,
    _live_many,
    _driven,
)


def tracer_checks(grid=None):
    """Return the checks that every tracer must pass, to parametrize tests with.

    Parameters
    ----------
    grid : dict of str to list, optional
        A parameter of the tracer, with two values, over which searches are made; by
        default, whether it reads skills: ``{"skill": ["skill_name", None]}``.

    Returns
    -------
    dict of str to callable
        Each takes an unfitted tracer, clones it, fits it on a small log, and raises
        AssertionError where a promise is broken, or `unittest.SkipTest` where the
        tracer does not make it, as without ``sample_weight``. Its docstring is the
        promise.

    See Also
    --------
    check_tracer : Runs them all.

    Examples
    --------
    In a test file::

        import pytest
        from sktrace.testing import tracer_checks

        @pytest.mark.parametrize("check", tracer_checks().values(), ids=tracer_checks())
        def test_my_tracer_keeps_the_contract(check):
            check(MyTracer())

    >>> from sktrace import MeanClassifier
    >>> from sktrace.testing import tracer_checks
    >>> checks = tracer_checks()
    >>> checks["check_queries_leave_no_trace"](MeanClassifier())
    """
    return {
        name: _with_promise(getattr(group, name), grid)
        for group in GROUPS
        for name in group.__all__
    }


def _with_promise(check, grid):
    """Let a check say what was promised when the tracer raises, too."""
    options = {"grid": grid} if "grid" in signature(check).parameters else {}

    @wraps(check)
    def check_promise(tracer):
        try:
            check(tracer, **options)
        except (AssertionError, SkipTest):
            raise
        except Exception as error:
            raise AssertionError(
                f"Broken promise: {check.__doc__.rstrip('.')}; "
                f"got {type(error).__name__}: {error}"
            ) from error

    del check_promise.__wrapped__  # which may take a grid
    return check_promise


def check_tracer(tracer, *, grid=None, expected_failed_checks=None, on_fail="raise"):
    """Check that a tracer keeps the data contract, and scikit-learn's conventions.

    It is to tracers what `sklearn.utils.estimator_checks.check_estimator` is to
    estimators whose X is an array. A tracer takes the columns ``student``, ``order``,
    ``skill`` and ``correct`` in its constructor and has ``fit`` and ``predict_proba``.
    What else it has is checked where it is: ``sample_weight``, ``handle_unknown``,
    ``skill_separator``, ``predict_next``, ``knowledge_state``, a live ``tracer``, and
    further columns.

    Parameters
    ----------
    tracer : tracer
        Unfitted, and small: it is fitted some 170 times, on up to 60 rows. It is left
        as it is; names of columns, ``handle_unknown`` and ``skill_separator`` are set
        in clones of it.
    grid : dict of str to list, optional
        Over which searches are made; see `tracer_checks`.
    expected_failed_checks : dict of str to str, optional
        Checks that the tracer is known to fail, by name, each with the reason.
    on_fail : {"raise", "warn"} or None, default="raise"
        Whether a check that fails raises its error, or warns, by
        `sklearn.exceptions.EstimatorCheckFailedWarning`, or is only noted. One that is
        expected to fail never raises.

    Returns
    -------
    DataFrame of shape (n_checks, 5)
        One row per check, in the order in which they were made.

        * ``check``: its name
        * ``promise``: what it checks, in a sentence
        * ``status``: ``"passed"``, ``"failed"``, ``"skipped"`` or, if it failed as
          expected, ``"xfail"``
        * ``error``: what was raised, with the row that breaks the promise; None if it
          passed
        * ``reason``: why it was expected to fail, or was skipped; else ``""``

    Raises
    ------
    TypeError
        If the tracer is a class, or no tracer.
    ValueError
        If `expected_failed_checks` names no check, or `on_fail` is something else.

    See Also
    --------
    tracer_checks : The checks by name, for pytest.

    Examples
    --------
    >>> from sktrace import MeanClassifier
    >>> from sktrace.testing import check_tracer
    >>> table = check_tracer(MeanClassifier(by="student"))
    >>> sorted(table["status"].unique())
    ['passed', 'skipped']
    >>> table.loc[table["status"] == "skipped", "reason"].iloc[0]
    'it reads no further column that is known only after the answer'
    """
    expected = dict(expected_failed_checks or {})
    checks = tracer_checks(grid)
    _judge(tracer, expected, checks, on_fail)
    rows = []
    for name, check in checks.items():
        status, error, reason = _run(check, tracer, expected.get(name))
        failed = status in ("failed", "xfail")
        if status == "failed" and on_fail == "raise":
            raise error
        if failed and on_fail == "warn":
            warnings.warn(
                EstimatorCheckFailedWarning(
                    estimator=tracer,
                    check_name=name,
                    exception=error,
                    status=status,
                    expected_to_fail=status == "xfail",
                    expected_to_fail_reason=reason,
                ),
                stacklevel=2,
            )
        rows.append((name, check.__doc__, status, error, reason))
    return pd.DataFrame(
        rows, columns=["check", "promise", "status", "error", "reason"], dtype=object
    )


def _run(check, tracer, expected):
    """Return status, error and reason of one check."""
    try:
        check(tracer)
    except SkipTest as skipped:
        return "skipped", skipped, str(skipped)
    except Exception as error:
        if expected is None:
            return "failed", error, ""
        return "xfail", error, expected
    return "passed", None, ""


def _judge(tracer, expected, checks, on_fail):
    if isinstance(tracer, type) or not hasattr(tracer, "predict_proba"):
        got = tracer.__name__ if isinstance(tracer, type) else repr(tracer)
        raise TypeError(
            f"tracer is {got}; expected an unfitted tracer, such as MeanClassifier()."
        )
    try:
        traces(tracer)
    except AttributeError as error:
        raise TypeError(str(error)) from None
    unknown = [name for name in expected if name not in checks]
    if unknown:
        raise ValueError(
            f"expected_failed_checks names {len(unknown)} check(s) that there are not: "
            f"{first_few(unknown)}; expected some of tracer_checks()."
        )
    if on_fail not in ("raise", "warn", None):
        raise ValueError(f"on_fail={on_fail!r}; expected 'raise', 'warn' or None.")
