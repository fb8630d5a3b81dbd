"""The one door to names of scikit-learn that are not public, and to its conventions.

scikit-learn may move these without a word. They have been where they are from 1.6, the
oldest release that is tested, to the newest; where one moves, this is the file to mend.
No other file of the package imports a private name of scikit-learn.
"""

from functools import wraps

from sklearn.base import _fit_context
from sklearn.utils import _safe_indexing as take_samples
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_params,
)
from sklearn.utils._set_output import _safe_set_output as set_output_of
from sklearn.utils.validation import _check_feature_names as check_feature_names
from sklearn.utils.validation import _check_n_features as check_n_features

__all__ = [
    "HasMethods",
    "Interval",
    "StrOptions",
    "check_feature_names",
    "check_n_features",
    "forget",
    "judged",
    "judged_around_another",
    "set_output_of",
    "take_samples",
    "validate_params",
]


def _judging(*, skip_nested):
    def decorate(fit):
        judge_and_fit = _fit_context(prefer_skip_nested_validation=skip_nested)(fit)

        @wraps(fit)
        def judged_fit(self, *args, **kwargs):
            before = set(vars(self))
            try:
                return judge_and_fit(self, *args, **kwargs)
            finally:  # a fit that failed on its way has learnt something, too
                new = {name for name in vars(self) if name.endswith("_")} - before
                self._learnt = getattr(self, "_learnt", set()) | new

        return judged_fit

    return decorate


# Decorate every fit: parameters are judged before they are used, and what is set for
# the first time is noted, for `forget`. An estimator within another judges itself.
judged = _judging(skip_nested=True)
judged_around_another = _judging(skip_nested=False)


def forget(estimator):
    """Drop all that earlier fits have learnt, but nothing that a subclass has set."""
    for name in getattr(estimator, "_learnt", ()):
        vars(estimator).pop(name, None)
