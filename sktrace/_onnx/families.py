"""Which formulas are whose; and which tracers have none."""

import inspect

from sklearn.utils.validation import check_is_fitted

from .._bkt.estimator import BKTClassifier
from .._blend.estimator import BlendClassifier
from .._factor.base import FactorModel
from .._means import MeanClassifier
from .._tracer.base import BaseTracer, traces
from .._tracer.questions import UNWRAP
from .._transfer.estimator import TransferClassifier
from .bkt import KnowledgeStep
from .blend import BlendStep
from .factors import FactorStep
from .means import MeanStep
from .neural import NetworkStep
from .transfer import TransferStep

__all__ = ["check_exported", "make_step"]

EXPECTED = (
    "expected a fitted tracer of sktrace, such as PFAClassifier, BKTClassifier or "
    "DKTClassifier."
)


def _blended(blend):
    members = {
        name: make_step(member)
        for name, member in blend.named_estimators_.items()
        if not isinstance(member, str)  # "drop"
    }
    return BlendStep(blend, members)


_STEPS = {
    MeanClassifier: MeanStep,
    BKTClassifier: KnowledgeStep,
    FactorModel: FactorStep,
    TransferClassifier: TransferStep,
    BlendClassifier: _blended,
}


def make_step(tracer):
    """Return the formulas of a fitted tracer."""
    return _find_step(tracer)(tracer)


def _find_step(tracer):
    """Return what makes formulas of a tracer, None if its own are others."""
    families = dict(_STEPS)
    network = _base_of(tracer, "sktrace._neural.dkt", "DKTClassifier")
    if network is not None:  # found by name: torch takes seconds
        families[network] = NetworkStep
    for family, step in families.items():
        if isinstance(tracer, family) and all(
            inspect.getattr_static(type(tracer), name)
            is inspect.getattr_static(family, name)
            for name in ("_live_model", "_predict_log")
        ):
            return step
    return None


def _base_of(tracer, module, name):
    for base in type(tracer).__mro__:
        if (base.__module__, base.__name__) == (module, name):
            return base
    return None


def check_exported(tracer):
    """Refuse what has no step that is a graph.

    Raises
    ------
    TypeError
        If it is no tracer, or one whose formulas nobody has written down.
    NotFittedError
        If it was not fitted.
    ValueError
        If it reads more than skill, item and answer.
    """
    got = f"to_onnx got {_describe(tracer)}"
    if not isinstance(tracer, BaseTracer):
        raise TypeError(f"{got}; {EXPECTED} {UNWRAP}")
    try:
        traces(tracer)
    except AttributeError as error:
        raise TypeError(f"{got}, and {error}") from None
    check_is_fitted(tracer)
    _check_formulas(tracer, got)
    odd = [role for role in tracer._roles.further if role != "item"]
    if odd:
        own = ", ".join(f"{role}={getattr(tracer, role)!r}" for role in odd)
        without = ", ".join(f"{role}=None" for role in odd)
        raise ValueError(
            f"{got} with {own}; a step of a graph reads skill, item and answer, and "
            f"nothing else. Fit one without: clone(tracer).set_params({without})"
            ".fit(X, y)."
        )


def _check_formulas(tracer, got):
    """Refuse a tracer, or a member of one, that predicts by formulas of its own."""
    if isinstance(tracer, BlendClassifier):
        for name, member in tracer.named_estimators_.items():
            if not isinstance(member, str):
                _check_formulas(member, f"{got} with member {name!r}")
    if _find_step(tracer) is None:
        raise TypeError(
            f"{got}: {type(tracer).__name__} predicts by formulas of its own; "
            f"{EXPECTED}"
        )


def _describe(tracer):
    if isinstance(tracer, type):
        return f"the class {tracer.__name__}"
    return type(tracer).__name__
