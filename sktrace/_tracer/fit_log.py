"""The log that a fit learns from: judged, coded by the names in it, piece by piece.

A frame is one piece. A log in portions is many: each of them is judged by itself, what
they name is put together, and each is coded by the names of all.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.codes import factorize
from .._interactions.columns import check_frame, check_interactions
from .._interactions.log import Log
from .._interactions.target import (
    check_sample_weight,
    check_target,
    encode_target,
)
from .._interactions.timeline import sort_rows
from .._portions.log import as_column_of, as_portions, gather
from .._portions.pieces import InMemory
from .items import count_item_skills
from .learnt import Learnt
from .portions import (
    hash_students,
    refuse_split_students,
    saying_which,
)
from .row_hashes import read_times

__all__ = [
    "FitLog",
    "JudgedLog",
    "encode_piece",
    "judge_pieces",
    "name_pieces",
]


class JudgedLog(NamedTuple):
    """Rows of students with weight, sorted by student, time and content."""

    log: Log
    y: np.ndarray  # (n_rows,)
    has_target: np.ndarray  # (n_rows,) bool
    weight: np.ndarray  # (n_rows,) 0 where there is no target
    times: np.ndarray  # (n_rows,) what names the time of each row in any frame


class FitLog(NamedTuple):
    """What a model learns from: a piece of a log, coded by the names of all pieces."""

    log: Log
    target: np.ndarray  # (n_entries,) 0 or 1, the index of each entry's class
    weight: np.ndarray  # (n_entries,) that of its row; 0 where it has no target
    learnt: Learnt
    item_skills: tuple | None  # see `count_item_skills`


class Names(NamedTuple):
    """What the pieces of a log name."""

    skills: np.ndarray  # cells of the skill column
    further: dict  # names by role
    labels: np.ndarray  # different ones of y


def judge_pieces(tracer, X, y, sample_weight):
    """Judge X, y and weights; return a `JudgedLog` of each piece that teaches.

    Raises
    ------
    ValueError
        If nothing has a target, or a column holds what its role cannot have.
    """
    portions = as_portions(X)
    if portions is None:
        one = InMemory([(X, y, sample_weight)])
        pieces = one.keep(_judge, tracer, True, each=[None])
    else:
        pieces = _gather(tracer, portions, y, sample_weight)
        numbers = portions.present
        pieces = pieces.keep(_judge, _reader_of(tracer), each=numbers)
    teaches = np.array(pieces.map(_has_rows))
    if not teaches.any():
        raise ValueError(
            f"y holds no target at all; {type(tracer).__name__} needs right and "
            "wrong answers. Rows to forecast go to predict_proba; fit on rows with "
            "answers."
        )
    return pieces if teaches.all() else pieces.choose(teaches)


def _reader_of(tracer):
    """Return a tracer that reads the same columns, and holds nothing else."""
    of_readers = tracer._reader_parameters()
    params = tracer.get_params(deep=False)
    return type(tracer)(**{name: params[name] for name in of_readers & params.keys()})


def _gather(tracer, portions, y, sample_weight):
    """Return pieces of a frame, y and weights, with the columns that are read."""
    roles = tracer._roles
    head = portions.outline()
    check_frame(head, roles)
    y = as_column_of(portions, y, "y")
    if sample_weight is not None:
        sample_weight = as_column_of(portions, sample_weight, "sample_weight")
    columns = list(dict.fromkeys(roles.columns))
    return gather(portions, columns, y, sample_weight)


def _judge(piece, number, tracer, is_all=False):
    with saying_which(number):
        return _judge_rows(*piece, tracer, is_all)


def _judge_rows(X, y, sample_weight, tracer, is_all):
    roles = tracer._roles
    log = check_interactions(X, roles)
    y, has_target = check_target(y, log)
    weight = check_sample_weight(sample_weight, len(y), is_all=is_all) * has_target
    times = read_times(X, roles.order, log.student)
    kept = np.bincount(log.student, weight)[log.student] > 0
    # What is fitted does not depend on the order in which the rows of X stand.
    told = np.where(weight > 0, factorize(pd.Series(y))[0], -1)
    rows = sort_rows(log, weight, told)
    rows = rows[kept[rows]]
    log = log.take(rows)
    if len(rows) < len(kept):
        log = log.with_present_names()
    if len(rows):
        tracer._refuse_answers(log)
    return JudgedLog(log, y[rows], has_target[rows], weight[rows], times[rows])


def _has_rows(judged):
    return len(judged.weight) > 0


def name_pieces(pieces):
    """Return what all pieces name, sorted as if they were one.

    Raises
    ------
    ValueError
        If a student is in two of them.
    """
    if len(pieces) > 1:
        refuse_split_students(pieces.map(_hash_students))
    skills, further, labels = zip(*pieces.map(_name), strict=True)
    return Names(
        _merge(skills),
        {role: _merge([own[role] for own in further]) for role in further[0]},
        np.concatenate(labels),
    )


def _hash_students(judged):
    return hash_students(judged.log)


def _name(judged):
    log = judged.log
    return log.skills, dict(log.names), pd.unique(judged.y[judged.has_target])


def _merge(names):
    """Return the different ones of several arrays of names, sorted."""
    if len(names) == 1:
        return names[0]
    names = [pd.Series(own, dtype=own.dtype) for own in names]
    return factorize(pd.concat(names, ignore_index=True))[1]


def encode_piece(judged, vocabulary, names, classes, order):
    """Code a piece by the names and classes of all.

    Parameters
    ----------
    judged : JudgedLog
    vocabulary : Vocabulary
    names : dict of str to ndarray
        Of further columns, by role.
    classes : ndarray of shape (2,)
    order : hashable, list of hashables or None
    """
    target = encode_target(judged.y, judged.has_target, classes)
    log = vocabulary.encode_log(judged.log.with_known_names(names))
    return FitLog(
        log,
        log.spread(target),
        log.spread(judged.weight),
        Learnt.of(log, judged.times, order),
        count_item_skills(log) if "item" in names else None,
    )
