"""scikit-learn for knowledge tracing: predict what each student knows next."""

from .dkt import DKTClassifier
from .mean import MeanClassifier

__version__ = "0.1.0.dev0"

__all__ = ["DKTClassifier", "MeanClassifier"]
