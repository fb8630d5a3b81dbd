"""A log in portions, as tracers are asked about it."""

from contextlib import contextmanager

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from .._interactions.codes import factorize
from .._interactions.columns import check_frame, check_students
from .._interactions.log import Roles
from .._portions.log import as_portions, gather
from .learnt import find_split, warn_of_split, without_judging
from .row_hashes import hash_names

__all__ = [
    "ask_portions",
    "hash_students",
    "number_students",
    "predict_portions",
    "refuse_portions",
    "refuse_split",
    "refuse_split_students",
    "saying_which",
]


def predict_portions(tracer, portions):
    """Predict a log portion by portion.

    Parameters
    ----------
    tracer : fitted tracer
    portions : Portions

    Returns
    -------
    ndarray of shape (n_rows,), float64
        P(``classes_[1]``), in the order of the rows.
    """
    return np.concatenate(ask_portions(tracer, portions, _predicted))


def ask_portions(tracer, portions, function, *beside, each=None, columns=()):
    """Predict portions; return what a function makes of each, where it is.

    Parameters
    ----------
    tracer : fitted tracer
    portions : Portions
    function : callable
        Of a frame, what is predicted of its rows, the entries of `beside` that stand
        there, and, with `each`, something of its own.
    *beside : PortionColumn or PortionArray
    each : list, optional
        Something for each portion that has rows.
    columns : list
        That the frame is to have beside those that the tracer reads.

    Returns
    -------
    list
    """
    check_is_fitted(tracer)
    roles = tracer._roles
    check_frame(portions.outline(), roles)
    pieces = gather(portions, list(dict.fromkeys([*roles.columns, *columns])), *beside)
    each = [None] * len(pieces) if each is None else each
    each = list(zip(portions.present, each, strict=True))
    asked = pieces.map(_ask, tracer, function, each=each)
    made, hashes, found = zip(*asked, strict=True)
    refuse_split_students(hashes)
    if found[0] is not None:
        warn_of_split(tracer, sum(found[1:], found[0]))
    return list(made)


def _predicted(X, p, own):
    """Return what is predicted."""
    return p


def _ask(piece, own, tracer, function):
    X, *beside = piece
    number, own = own
    with saying_which(number):
        log, timeline = tracer._read(X)
        found = find_split(tracer, X, log)
        with without_judging():
            p = tracer._predict_rows(log, timeline)
        return function(X, p, *beside, own), hash_students(log), found


@contextmanager
def saying_which(number):
    """Say in which portion something is wrong, whose rows count from 0 there."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if type(error) not in (TypeError, ValueError) or number is None:
            raise
        raise type(error)(f"In portion {number} of X: {error}") from error


def hash_students(log):
    """Return a number for each student who has rows in a log."""
    return hash_names(log.students[np.unique(log.student)])


def refuse_split(portions, student):
    """Refuse portions that share students, reading nothing else of them."""
    check_frame(portions.outline(), Roles(student=student))
    refuse_split_students(gather(portions, [student]).map(_hash_column, student))


def _hash_column(piece, student):
    return hash_names(check_students(piece[0], student)[1])


def number_students(portions, student):
    """Return a number for the student of each row, in order of their names."""
    check_frame(portions.outline(), Roles(student=student))
    codes, names = zip(
        *gather(portions, [student]).map(_code_students, student), strict=True
    )
    names = [pd.Series(own, dtype=own.dtype) for own in names]
    rank = factorize(pd.concat(names, ignore_index=True), student, "student")[0]
    rank = rank.astype(np.int32)
    ranks = np.split(rank, np.cumsum([len(own) for own in names])[:-1])
    return np.concatenate([r[c] for r, c in zip(ranks, codes, strict=True)])


def _code_students(piece, student):
    codes, names = check_students(piece[0], student)
    return codes.astype(np.int32), names


def refuse_split_students(hashes):
    """Refuse portions that share students, given the numbers of those of each."""
    different, n_portions = np.unique(np.concatenate(hashes), return_counts=True)
    n_split = int((n_portions > 1).sum())
    if n_split:
        raise ValueError(
            f"{n_split} of {len(different)} student(s) stand in several portions; "
            "expected all rows of a student in one. Write them so: "
            "sktrace.datasets.shard_interactions(source, folder), or `python -m "
            "sktrace shard`; of a Dask DataFrame: X = X.shuffle(student "
            "column).persist()."
        )


def refuse_portions(tracer, X):
    """Refuse a log in portions where a frame is needed."""
    if as_portions(X) is not None:
        raise TypeError(
            f"X is a log in portions, and this of {type(tracer).__name__} reads a "
            "frame; expected a DataFrame. Read one portion, or all where memory "
            "allows: scan_interactions(X).portion(0), scan_interactions(X).to_frame()."
        )
