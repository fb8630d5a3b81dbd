"""scikit-learn for knowledge tracing: predict what each student knows next."""

from ._long_form import sequences_to_frame
from .bkt import BKTClassifier
from .dkt import DKTClassifier
from .factor_models import AFMClassifier, PFAClassifier
from .mean import MeanClassifier
from .sequence_regressor import SequenceRegressor
from .sequences import Sequences

__version__ = "0.1.0.dev0"

__all__ = [
    "AFMClassifier",
    "BKTClassifier",
    "DKTClassifier",
    "MeanClassifier",
    "PFAClassifier",
    "SequenceRegressor",
    "Sequences",
    "sequences_to_frame",
]
