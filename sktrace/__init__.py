"""scikit-learn for knowledge tracing: predict what each student knows next."""

from ._bkt.estimator import BKTClassifier
from ._factor.estimators import AFMClassifier, PFAClassifier
from ._means import MeanClassifier
from ._neural.dkt import DKTClassifier
from ._neural.sequence_regressor import SequenceRegressor
from ._sequences.container import Sequences
from ._sequences.long_form import sequences_to_frame

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
