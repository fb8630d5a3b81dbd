"""What came of a call: a value, or a refusal in our own words; all else is a fault."""

import re
import traceback
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning, UndefinedMetricWarning

from sktrace.model_selection import SplitStudentWarning

__all__ = ["Outcome", "attempt", "same_frame"]

OURS = ("/sktrace/", "/sklearn/utils/_param_validation.py")
OF_LABELS = (
    "/sklearn/utils/multiclass.py"  # scikit-learn's own judge of what labels are
)
WARNINGS = (ConvergenceWarning, SplitStudentWarning, UndefinedMetricWarning)
# Other warnings are sktrace's if they are among its own.
OWN_WARNINGS = re.compile(r"guess or slip is above|fixed .* names|have equal weights")
SAYS_WHAT = re.compile(
    r"expect|needs|must|names no|is required|has no column|Pass ", re.IGNORECASE
)


@dataclass(frozen=True)
class Outcome:
    """A value, or the refusal that stands for it."""

    value: Any = None
    refusal: Exception | None = None

    @property
    def refused(self):
        return self.refusal is not None


def attempt(call, *args, **kwargs):
    """Call, and fail on errors and warnings that are not our own."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            outcome = Outcome(call(*args, **kwargs))
        except (TypeError, ValueError) as error:
            judge(error)
            outcome = Outcome(refusal=error)
    for warning in caught:
        known = issubclass(warning.category, WARNINGS) or (
            warning.category is UserWarning
            and OWN_WARNINGS.search(str(warning.message))
        )
        if not known:
            raise AssertionError(
                f"A foreign warning: {warning.category.__name__}: {warning.message} "
                f"({warning.filename}:{warning.lineno})"
            )
    return outcome


def judge(error):
    """Fail unless an error was raised by our own code and says what was expected."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = any(place in last.filename for place in OURS) and "raise" in last.line
    if last.filename.endswith(OF_LABELS):
        return
    if not ours or not says_what(str(error)):
        raise AssertionError(
            f"A foreign error: {type(error).__name__}: {error} "
            f"({last.filename}:{last.lineno})"
        ) from error


def says_what(message):
    return SAYS_WHAT.search(message) is not None


def same_frame(frame, before):
    """Fail if a frame was changed, be it in a label or a type."""
    pd.testing.assert_frame_equal(frame, before, check_exact=True, check_freq=True)
    assert frame.columns.tolist() == before.columns.tolist()


def probabilities(p, n_rows):
    """Fail unless p holds two probabilities for each row."""
    assert (p.shape, p.dtype) == ((n_rows, 2), np.float64)
    assert np.isfinite(p).all(), f"not finite: {p}"
    assert ((p >= 0) & (p <= 1)).all(), f"not in [0, 1]: {p}"
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=0, atol=1e-12)
