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
            before = dict(vars(self))
            try:
                vars(self).pop("interrupted_", None)
                return judge_and_fit(self, *args, **kwargs)
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    before = _with_interrupted(before, vars(self))
                self.__dict__ = before  # at one stroke: a second Ctrl-C may follow
                raise

        return judged_fit

    return decorate


def _with_interrupted(before, after):
    """Return attributes with what this fit, not an earlier one, had trained if any."""
    kept = {name: value for name, value in before.items() if name != "interrupted_"}
    if "interrupted_" in after:
        kept["interrupted_"] = after["interrupted_"]
    return kept


# Decorate every fit: parameters are judged before they are used, and a fit is whole or
# none. One that fails, or is interrupted, leaves the estimator as it was, so it must
# replace what an earlier one learnt, and change nothing of it in place. What it has
# trained until Ctrl-C it may leave in `interrupted_`. An estimator within another
# judges itself.
judged = _judging(skip_nested=True)
judged_around_another = _judging(skip_nested=False)


def forget(estimator):
    """Drop all that an earlier fit has learnt, before this one learns something else.

    What is learnt are the attributes, named with an underscore at their end, that were
    set since this was called last. Those that stood there before a first fit had judged
    its input are a subclass's own, and stay.
    """
    fitted = {name for name in vars(estimator) if name.endswith("_")}
    kept = fitted & set(getattr(estimator, "_not_learnt", fitted))
    for name in fitted - kept:
        delattr(estimator, name)
    estimator._not_learnt = sorted(kept)
