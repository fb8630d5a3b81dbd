"""Splitters of whole students, and copies of them that differ in some parameters."""

from sktrace.model_selection import StudentKFold, StudentShuffleSplit

__all__ = ["SPLITTERS", "clone_splitter"]

SPLITTERS = [
    StudentKFold(4),
    StudentKFold(3, shuffle=True, random_state=0),
    StudentShuffleSplit(3, random_state=0),
    StudentShuffleSplit(2, test_size=0.5, random_state=0),
]


def clone_splitter(splitter, **changes):
    return type(splitter)(**(vars(splitter) | changes))
