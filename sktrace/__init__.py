"""scikit-learn for knowledge tracing: predict what each student knows next."""

from .bkt import BKTClassifier
from .dkt import DKTClassifier
from .mean import MeanClassifier

__version__ = "0.1.0.dev0"

__all__ = ["BKTClassifier", "DKTClassifier", "MeanClassifier"]
