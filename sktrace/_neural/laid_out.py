"""From a coded log to what a network is trained on, in memory or as a stream."""

import numpy as np

from .._interactions.timeline import Timeline
from .answer_steps import encode_steps
from .streams import Windows, stream

__all__ = ["lay_out", "stream_log"]


def lay_out(piece, numbers, n_skills):
    """Return the steps of a coded log, and target and weight in their order.

    Parameters
    ----------
    piece : FitLog
    numbers : RowNumbers or None
    n_skills : int

    Returns
    -------
    steps : AnswerSteps
    target : ndarray of shape (n_entries,), float32
    weight : ndarray of shape (n_entries,), float64
        Those of the skills of a row add up to that of the row.
    """
    log = piece.log
    weight = piece.weight / log.spread(log.entries_per_row)  # a row counts as one row
    timeline = Timeline.of(log)
    if numbers is not None:
        log = numbers.tell(log, timeline, training=True)
    steps = encode_steps(log, timeline, n_skills)
    target = piece.target[timeline.rows].astype(np.float32)
    return steps, target, weight[timeline.rows]


def stream_log(tracer, pieces):
    """Return what a tracer is to be trained and validated on, portion by portion.

    Parameters
    ----------
    tracer : NetworkTracer
        It has learnt its numbers, and draws who is held out.
    pieces : Pieces of FitLog

    Returns
    -------
    training : StepStream
    valid : StepStream or None
        None where no student is held out.
    """
    n_students = pieces.map(_count_students)
    everyone = np.ones(sum(n_students), dtype=bool)
    batching = tracer._batching(len(everyone))
    shared = tracer._numbers_, len(tracer.skills_)
    return stream(
        pieces,
        _lay_out_windows,
        *shared,
        taught=np.split(everyone, np.cumsum(n_students)[:-1]),
        hold_out=tracer._hold_out,
        **batching,
    )


def _count_students(piece):
    return len(np.unique(piece.log.student))


def _lay_out_windows(piece, chosen, max_length, numbers, n_skills):
    """Return the windows of the chosen students of a piece."""
    laid_out = lay_out(piece, numbers, n_skills)
    return Windows.of(*laid_out, chosen=chosen, max_length=max_length)
