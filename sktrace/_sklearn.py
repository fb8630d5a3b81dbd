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
from sklearn.utils.metaestimators import _BaseComposition as Composition
from sklearn.utils.validation import _check_feature_names as check_feature_names
from sklearn.utils.validation import _check_n_features as check_n_features

__all__ = [
    "Composition",
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
            before = vars(self).get("_not_learnt")
            try:
                return judge_and_fit(self, *args, **kwargs)
            except BaseException:
                if vars(self).get("_not_learnt") is not before:
                    forget(self)  # it failed on its way: half a fit is none
                raise

        return judged_fit

    return decorate


# Decorate every fit: parameters are judged before they are used. An estimator within
# another judges itself.
judged = _judging(skip_nested=True)
judged_around_another = _judging(skip_nested=False)


def forget(estimator):
    """Drop all that an earlier fit has learnt: called when X and y have been judged.

    What is learnt are the attributes, named with an underscore at their end, that were
    set since this was called last. Those that stood there before a first fit had judged
    its input are a subclass's own, and stay.
    """
    fitted = {name for name in vars(estimator) if name.endswith("_")}
    kept = fitted & set(getattr(estimator, "_not_learnt", fitted))
    for name in fitted - kept:
        delattr(estimator, name)
    estimator._not_learnt = sorted(kept)
