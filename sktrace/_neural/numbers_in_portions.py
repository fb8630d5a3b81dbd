"""Rows of numbers in portions, as `SequenceRegressor` learns from them and is asked."""

from operator import attrgetter
from typing import NamedTuple

import numpy as np
import pandas as pd

from .._interactions.columns import check_students
from .._interactions.target import check_sample_weight
from .._portions.log import as_column_of, as_portions, gather
from .._sequences.frame import choose_columns, refuse_own_target
from .._sequences.target import check_number_target
from .._sklearn import forget
from .._tracer.portions import refuse_split_students
from .._tracer.row_hashes import hash_names
from .column_summary import ColumnSummary
from .number_steps import NumberSteps, scaler_of
from .streams import Windows, stream
from .target_scale import scale_target
from .warm_start import earlier_solution

__all__ = ["fit_numbers", "predict_numbers", "refuse_whole_sequences"]

# Rows of each portion by which a feature that is y itself is found.
ROWS_COMPARED = 100


class NumberLog(NamedTuple):
    """A portion of rows of numbers, student by student in time order."""

    steps: NumberSteps
    target: np.ndarray  # (n_rows, 1), 0 where there is none
    weight: np.ndarray  # (n_rows, 1), 0 where there is no target
    hashes: np.ndarray  # of its students

    @property
    def taught(self):
        """Mark the students of whom some row has a weight."""
        return self.steps.mark_sequences(self.weight[:, 0])


def fit_numbers(regressor, reader, portions, y, sample_weight, losses):
    """Fit a regressor to rows of numbers in portions.

    Parameters
    ----------
    regressor : SequenceRegressor
    reader : FrameReader
    portions : Portions
    y, sample_weight : what `as_column_of` takes; weights may be None
    losses : dict
        Losses of torch by what the regressor calls them.
    """
    if reader.task == "many-to-one":
        refuse_whole_sequences(portions)
    pieces = judge_numbers(reader, portions, y, sample_weight)
    earlier = earlier_solution(regressor)
    forget(regressor)
    regressor._reader_ = reader
    reader.describe(regressor)
    scales = learn_scales(pieces, regressor.standardize)
    regressor.scaler_, regressor.target_mean_, regressor.target_scale_ = scales
    beginning = regressor._begin(earlier, pieces)
    training, valid = stream_numbers(regressor, pieces)
    del pieces  # and what they kept on disk
    regressor._fit_datasets(beginning, training, valid, losses[regressor.loss])
    return regressor


def judge_numbers(reader, portions, y, sample_weight):
    """Judge rows of numbers in portions, and let their reader choose the columns.

    Returns
    -------
    Pieces of NumberLog
    """
    if y is None:
        check_number_target(y, len(portions))  # which says that it is needed
    y = as_column_of(portions, y, "y")
    if sample_weight is not None:
        sample_weight = as_column_of(portions, sample_weight, "sample_weight")
    head = portions.head(1)
    reader.columns = choose_columns(
        head, reader.student, reader.order, reader.features, reader.past_features
    )
    reader.read(head)
    reader.one_column = True
    pieces = gather(portions, _columns(reader), y, sample_weight).keep(_judge, reader)
    if not sum(pieces.map(_sum_weights)):
        raise ValueError(
            "y holds no number in any row that counts; expected numbers to learn "
            "from, and a sample_weight above 0."
        )
    refuse_split_students(pieces.map(attrgetter("hashes")))
    some = [np.concatenate(rows) for rows in zip(*pieces.map(_take_some), strict=True)]
    refuse_own_target(reader.columns.features, *some)
    reader.n_inputs = some[0].shape[1]
    return pieces


def learn_scales(pieces, standardize):
    """Learn how features and targets are scaled, if they are.

    Returns
    -------
    scaler : StandardScaler or None
    mean, scale : ndarray of shape (1,)
        Of the targets.
    """
    if not standardize:
        return None, np.zeros(1), np.ones(1)
    weight = sum(pieces.map(_sum_weights))
    mean = pieces.total(_weigh_targets, weight)
    variance = pieces.total(_weigh_squares, weight, mean)
    scale = np.where(variance > 0, np.sqrt(variance), 1.0)
    return scaler_of(pieces.total(_summarise)), mean, scale


def stream_numbers(regressor, pieces):
    """Return what a regressor is to be trained and validated on, portion by portion.

    Parameters
    ----------
    regressor : SequenceRegressor
        It has learnt its scales, and draws who is held out.
    pieces : Pieces of NumberLog

    Returns
    -------
    training : StepStream
    valid : StepStream or None
        None where no student is held out.
    """
    taught = pieces.map(attrgetter("taught"))
    return stream(
        pieces,
        _lay_out_windows,
        regressor.scaler_,
        (regressor.target_mean_, regressor.target_scale_),
        taught=taught,
        hold_out=regressor._hold_out,
        batch_size=regressor._sequences_per_batch(sum(own.sum() for own in taught)),
        max_length=regressor.max_length,
    )


def predict_numbers(regressor, portions):
    """Return the predictions of all rows, read portion by portion."""
    reader = regressor._reader_
    if reader.task == "many-to-one":
        refuse_whole_sequences(portions)
    reader.read(portions.head(1), fitted=regressor)  # so that messages name columns
    pieces = gather(portions, _columns(reader))
    predictions, hashes = zip(*pieces.map(_predict, regressor), strict=True)
    refuse_split_students(hashes)
    return np.concatenate(predictions)


def refuse_whole_sequences(X):
    """Refuse portions, whose rows are steps, where whole sequences are wanted."""
    if as_portions(X) is not None:
        raise TypeError(
            'X is a log in portions, whose rows are steps; task="many-to-one" expects '
            "whole sequences. Gather them where memory allows: "
            "Sequences.from_frame(scan_interactions(X).to_frame(), by=...). Of numbers "
            "larger than memory, pass a file that is mapped: "
            'Sequences(np.load(path, mmap_mode="r"), offsets).'
        )


def _columns(reader):
    order = reader.order if isinstance(reader.order, list) else [reader.order]
    order = [column for column in order if column is not None]
    features, past_features = reader.columns
    return list(dict.fromkeys([reader.student, *order, *features, *past_features]))


def _judge(piece, reader):
    X, y, sample_weight = piece
    samples = reader.read(X)
    steps = NumberSteps(samples.values, samples.offsets, samples.row_step)
    names = check_students(X, reader.student)[1]
    target = weight = np.zeros((len(X), 1))
    y = np.asarray(y)
    if not pd.isna(y).all():  # a portion may be without targets
        target, has_target, _ = check_number_target(y, len(X))
        weight = check_sample_weight(sample_weight, len(X), is_all=False)
        weight = weight[:, None] * has_target
    rows = samples.sample
    return NumberLog(steps, target[rows], weight[rows], hash_names(names))


def _sum_weights(piece):
    return piece.weight.sum()


def _weigh_targets(piece, weight):
    return (piece.weight / weight * piece.target).sum(axis=0)


def _weigh_squares(piece, weight, mean):
    with np.errstate(over="ignore"):
        squares = (piece.target - mean) ** 2
    return (piece.weight / weight * squares).sum(axis=0)


def _summarise(piece):
    steps, taught = piece.steps, piece.taught
    rows = None if taught.all() else np.repeat(taught, np.diff(steps.offsets))
    return ColumnSummary.of(steps.values, rows)


def _take_some(piece):
    """Return values, targets and weights of some rows that teach."""
    rows = np.flatnonzero(piece.weight[:, 0])[:ROWS_COMPARED]
    return piece.steps.values[rows], piece.target[rows], piece.weight[rows]


def _lay_out_windows(piece, chosen, max_length, scaler, scales):
    """Return the windows of the chosen students of a piece."""
    steps = piece.steps.with_scaler(scaler)
    target = scale_target(piece.target, *scales)
    return Windows.of(steps, target, piece.weight, chosen=chosen, max_length=max_length)


def _predict(piece, regressor):
    (X,) = piece
    names = check_students(X, regressor._reader_.student)[1]
    return regressor.predict(X), hash_names(names)
