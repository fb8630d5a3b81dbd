"""Splits of students and of time, and what is validated on them."""

from .._scores.by_step import early_prediction_curve
from .._tracer.learnt import SplitStudentWarning
from ._compare import compare_tracers
from ._comparison import TracerComparison
from ._history import HistoryClassifier
from ._students import StudentKFold, StudentShuffleSplit, train_test_split_students
from ._time import TimeSplit

__all__ = [
    "HistoryClassifier",
    "SplitStudentWarning",
    "StudentKFold",
    "StudentShuffleSplit",
    "TimeSplit",
    "TracerComparison",
    "compare_tracers",
    "early_prediction_curve",
    "train_test_split_students",
]
