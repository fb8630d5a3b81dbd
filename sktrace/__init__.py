"""scikit-learn for knowledge tracing: predict what each student knows next."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for editors; at run time a name is imported when first asked for
    from ._bkt.estimator import BKTClassifier
    from ._blend.estimator import BlendClassifier
    from ._factor.afm import AFMClassifier
    from ._factor.pfa import PFAClassifier
    from ._factor.rasch import RaschClassifier
    from ._means import MeanClassifier
    from ._neural.dkt import DKTClassifier
    from ._neural.sequence_regressor import SequenceRegressor
    from ._onnx.export import to_onnx
    from ._sequences.container import Sequences
    from ._sequences.long_form import sequences_to_frame
    from ._transfer.estimator import TransferClassifier
    from ._versions import show_versions
    from .saving import load, save

__version__ = "0.1.0.dev0"

__all__ = [
    "AFMClassifier",
    "BKTClassifier",
    "BlendClassifier",
    "DKTClassifier",
    "MeanClassifier",
    "PFAClassifier",
    "RaschClassifier",
    "SequenceRegressor",
    "Sequences",
    "TransferClassifier",
    "load",
    "save",
    "sequences_to_frame",
    "show_versions",
    "to_onnx",
]

_HOMES = {
    "AFMClassifier": "_factor.afm",
    "BKTClassifier": "_bkt.estimator",
    "BlendClassifier": "_blend.estimator",
    "DKTClassifier": "_neural.dkt",
    "MeanClassifier": "_means",
    "PFAClassifier": "_factor.pfa",
    "RaschClassifier": "_factor.rasch",
    "SequenceRegressor": "_neural.sequence_regressor",
    "Sequences": "_sequences.container",
    "TransferClassifier": "_transfer.estimator",
    "load": "saving",
    "save": "saving",
    "sequences_to_frame": "_sequences.long_form",
    "show_versions": "_versions",
    "to_onnx": "_onnx.export",
}
_ROOMS = (
    "datasets",
    "display",
    "inspection",
    "live",
    "metrics",
    "model_selection",
    "preprocessing",
    "pretraining",
    "saving",
    "testing",
)


def __getattr__(name):
    """Import a name when it is first asked for (PEP 562): torch takes seconds."""
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value  # asked for once
    return value


def __dir__():
    return sorted([*globals(), *_HOMES, *_ROOMS])
