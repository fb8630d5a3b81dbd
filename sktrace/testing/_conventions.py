"""scikit-learn's conventions of estimators, by its own checks that need no data.

The rest of its battery feeds plain arrays, which have no students; what it asks of data
(pickling, weights, idempotence, read-only input ...) is asked of frames in the files
beside this one.
"""

from unittest import SkipTest

from ._logs import fit, fresh, write_for
from ._promises import demand

__all__ = [
    "check_parameters_are_judged_in_fit",
    "check_parameters_are_read_and_set",
    "check_the_constructor_stores_and_no_more",
    "check_the_tracer_is_shown",
    "check_the_tracer_is_tagged",
]

DATA_FREE_CHECKS = {  # by the check here that makes them
    "constructor": [
        "check_do_not_raise_errors_in_init_or_set_params",
        "check_mixin_order",
        "check_no_attributes_set_in_init",
        "check_parameters_default_constructible",
    ],
    "parameters": [
        "check_estimator_cloneable",
        "check_get_params_invariance",
        "check_set_params",
    ],
    "judgement": ["check_param_validation"],
    "shown": ["check_estimator_repr"],
    "tags": [
        "check_decision_proba_consistency",
        "check_estimator_tags_renamed",
        "check_estimators_unfitted",
        "check_valid_tag_types",
    ],
}


def _ask_scikit_learn(tracer, group):
    # Only now: its checks import pytest, where that is installed.
    from sklearn.utils import estimator_checks

    for check in DATA_FREE_CHECKS[group]:
        try:
            getattr(estimator_checks, check)(type(tracer).__name__, tracer)
        except SkipTest:
            raise
        except Exception as error:
            raise AssertionError(
                f"Broken promise: scikit-learn's {check} passes. {error}"
            ) from error


def check_the_constructor_stores_and_no_more(tracer):
    """The constructor stores its parameters as they come, and has defaults."""
    _ask_scikit_learn(tracer, "constructor")


def check_parameters_are_read_and_set(tracer):
    """Clone, get_params and set_params see all parameters."""
    _ask_scikit_learn(tracer, "parameters")


def check_parameters_are_judged_in_fit(tracer):
    """A parameter of the wrong type or value is refused in fit, by name."""
    if not hasattr(tracer, "_parameter_constraints"):
        raise SkipTest(f"{type(tracer).__name__} has no _parameter_constraints")
    _ask_scikit_learn(tracer, "judgement")


def check_the_tracer_is_tagged(tracer):
    """Tags and decisions are those of a classifier, as scikit-learn has them."""
    _ask_scikit_learn(tracer, "tags")


def check_the_tracer_is_shown(tracer):
    """Fitted or not, it is shown by its name, in text and in notebooks."""
    _ask_scikit_learn(tracer, "shown")
    name = type(tracer).__name__
    log = write_for(tracer)
    for estimator in (fresh(tracer), fit(tracer, log)):
        demand(name in repr(estimator), f"repr names {name}")
        demand(name in estimator._repr_html_(), f"notebooks show {name}")
