"""A whole estimator as the content of a file, and back."""

import platform
import re
from importlib import import_module

from sklearn.base import BaseEstimator

from .. import __version__
from .._words import quote
from .archive import (
    UnreadableError,
    find_members,
    read_about,
    read_archive,
    write_archive,
)
from .tree import from_plain, to_plain

__all__ = ["dump", "undump"]

_FORMAT = 1
_MODULES, _OF_NETWORKS = ("numpy", "pandas", "sklearn"), ("torch", "skorch")
# What to do about a parameter that is more than plain data: what was fitted predicts
# the same without it.
_REPAIRS = {
    "callbacks": "set_params(callbacks=None)",
    "net_params": "set_params(net_params=None)",
    "optimizer": 'set_params(optimizer="adamw")',
    "device": 'set_params(device="auto")',
}


def dump(estimator):
    """Return the content of the file that `save` would write."""
    if not isinstance(estimator, BaseEstimator):
        raise TypeError(
            f"{quote(estimator)} is no estimator; expected a tracer or a "
            "SequenceRegressor. Save what fit returns, PFAClassifier().fit(X, y)."
        )
    try:
        tree, arrays = to_plain(estimator)
    except TypeError as error:
        if isinstance(error, ValueError):  # of a parameter, which scikit-learn explains
            raise
        raise TypeError(_explain(estimator, error)) from error
    return write_archive(_describe(estimator), tree, arrays)


def undump(content, name):
    """Return the estimator of such a content; messages give it a name."""
    about = {}
    try:
        members = find_members(content)
        about = read_about(members)
        _check_format(about)
        estimator = from_plain(*read_archive(members))
        if not isinstance(estimator, BaseEstimator):
            raise UnreadableError(f"it holds {type(estimator).__name__}")
    except ValueError as error:
        told = f" (it was written by sktrace {_tell(about)})" if about else ""
        raise ValueError(
            f"{name} is no model that sktrace {__version__} can read: {error}{told}. "
            f"Expected a file that sktrace.save wrote. {_repair(about)}"
        ) from error
    return estimator


def _describe(estimator):
    """Return what stands about a model in its file."""
    modules = _MODULES + (_OF_NETWORKS if hasattr(estimator, "net_") else ())
    return {
        "format": _FORMAT,
        "sktrace": __version__,
        "holds": type(estimator).__name__,
        "python": platform.python_version(),
        "versions": {name: str(import_module(name).__version__) for name in modules},
    }


def _check_format(about):
    number = about.get("format")
    if type(number) is not int or number < 1:
        raise UnreadableError("it names no format")
    if number > _FORMAT:
        raise UnreadableError(
            f"its format is {number}, and {_FORMAT} is the last known"
        )


def _tell(about):
    """Return the version that stands in a file, as far as it can be shown."""
    version = about.get("sktrace")
    known = isinstance(version, str) and re.fullmatch(r"[\w.+-]{1,40}", version)
    return version if known else "of an unknown version"


def _repair(about):
    """Say what to do about a file that cannot be read."""
    version = _tell(about) if about else __version__
    if version in (__version__, "of an unknown version"):
        return (
            "Copy it once more from where it was written, or save the model again. If "
            "its class is not of sktrace, import the module that defines it first."
        )
    return f'Read it with that version, pip install "sktrace=={version}", or fit again.'


def _explain(estimator, error):
    """Say what of an estimator cannot be kept, and what to call."""
    where = getattr(error, "where", ())
    what = ".".join([type(estimator).__name__, *where])
    name = where[-1] if where else None
    if name in _REPAIRS:
        whose = "" if len(where) == 1 else f" of whatever stands in {where[0]}"
        call = f"Call {_REPAIRS[name]}{whose}; what was fitted predicts the same"
    elif name == "criterion":
        call = 'Fit with a loss of torch.nn, net_params={"criterion": torch.nn.MSELoss}'
    elif issubclass(getattr(error, "kind", object), BaseEstimator):
        call = (
            "Mark a class of your own by sktrace.saving.stored, and keep pipelines and "
            "searches of scikit-learn by skops.io.dump"
        )
    elif name.endswith("_"):
        call = (
            "Make names of that type texts, X[column].map(str), and fit again; or "
            f"delete {name}, if fit has not made it"
        )
    else:
        call = f"Delete {name}, or set it to such data"
    return (
        f"{what} cannot be kept in a file that runs nothing: {error}. Expected "
        f"numbers, texts, arrays, frames and estimators of sktrace. {call}."
    )
