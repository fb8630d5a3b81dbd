"""What students know, of one after the other, in the memory that a few of them take."""

import numpy as np

from .._interactions.portions import split_students
from .._portions.log import as_portions
from .._tracer.learnt import without_judging
from .._tracer.portions import refuse_split, saying_which
from .._tracer.questions import check_method

__all__ = ["iter_knowledge_states"]


def iter_knowledge_states(estimator, X):
    """Trace the students of a log one after the other.

    ``estimator.knowledge_state(X)`` is a table of rows × skills, which may not fit
    memory. Here some students are traced at a time, so that no more than some 2 million
    cells, or the rows of a single student, are there at once.

    Parameters
    ----------
    estimator : fitted tracer with ``knowledge_state``
        Such as `DKTClassifier` or `BKTClassifier`.
    X : DataFrame of shape (n_rows, n_columns), or log in portions
        Of a log in portions, see `sktrace.datasets.scan_interactions`, one portion is
        in memory at a time.

    Yields
    ------
    student : hashable
        As named in X, in the order in which students first appear there.
    knowledge : DataFrame of shape (n_rows_of_student, n_skills)
        Those rows of ``knowledge_state(X)``, in the order of X, with its index.

    Raises
    ------
    TypeError
        If the estimator has no ``knowledge_state``, or X is no log.
    ValueError
        If X cannot be read. A frame is read before the first student is traced, a
        portion when its turn comes.

    See Also
    --------
    sktrace.DKTClassifier.knowledge_state : The whole table, as other tracers have it.

    Examples
    --------
    >>> from sktrace import BKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.inspection import iter_knowledge_states
    >>> X, y = make_interactions(n_students=30, n_skills=3, random_state=0)
    >>> bkt = BKTClassifier(random_state=0).fit(X, y)
    >>> states = iter_knowledge_states(bkt, X)
    >>> lowest = {student: state.min().min() for student, state in states}
    >>> len(lowest)
    30
    """
    check_method(estimator, "knowledge_state")
    portions = as_portions(X)
    if portions is None:
        return _trace(estimator, X, *_read_students(estimator, X))
    refuse_split(portions, estimator.student)
    return _trace_portions(estimator, portions)


def _trace_portions(estimator, portions):
    columns = estimator._roles.columns
    for number in portions.present:
        X = portions.portion(number, columns)
        with saying_which(number):
            students = _read_students(estimator, X)
        yield from _trace(estimator, X, *students)


def _read_students(estimator, X):
    """Judge a log; return its students as they appear, and whose each row is."""
    log, _ = estimator._read_asked(X)
    present, first, student = np.unique(
        log.first(log.student), return_index=True, return_inverse=True
    )
    by_appearance = np.argsort(first)
    place = np.argsort(by_appearance)
    return log.students[present[by_appearance]].tolist(), place[student]


def _trace(estimator, X, students, student):
    for rows in split_students(student, len(estimator.skills_)):
        with without_judging():  # X has been judged as a whole
            knowledge = estimator.knowledge_state(X.iloc[rows])
        for place, own in knowledge.groupby(student[rows]):
            yield students[place], own
