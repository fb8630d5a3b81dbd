"""The only place that judges whole sequences, in any of their forms."""

import numpy as np
import pandas as pd
from scipy import sparse

from .._interactions.numbers import LARGEST
from .._sklearn import check_feature_names, check_n_features
from .container import Sequences, to_numbers

__all__ = [
    "as_sequences",
    "check_numbers",
    "check_sequences",
    "learn_features",
    "padded_length",
    "refuse_sequences",
]


def as_sequences(X):
    """Return sequences in any form as `Sequences`, whatever their steps hold.

    An array of three dimensions, or two with one number per step, with NaN behind the
    end of a sequence; a list of arrays or of frames; or `Sequences`, as they are.
    """
    if isinstance(X, Sequences):
        return X
    if isinstance(X, pd.DataFrame):
        raise TypeError(
            "X is a DataFrame, whose rows are steps; expected whole sequences. Gather "
            "the rows of each student: Sequences.from_frame(X, by=...)."
        )
    if sparse.issparse(X):
        raise TypeError(
            "X is sparse; expected a dense array of sequences: X.toarray()."
        )
    if isinstance(X, (list, tuple)):
        return _gather(X)
    if isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1:
        return _gather(list(X))  # arrays of unequal length
    X = _as_numbers(_as_array(X), "X")
    if X.ndim not in (2, 3):
        raise ValueError(
            f"X has shape {X.shape}; expected (n_sequences, n_steps, n_features), or "
            "(n_sequences, n_steps) of one number per step. Reshape your data: one "
            "sequence is X.reshape(1, -1)."
        )
    if X.shape[-1] == 0:
        raise ValueError(
            f"X holds {X.shape[-1]} feature(s) (shape={X.shape}) while a minimum of 1 "
            "is required."
        )
    return Sequences.from_padded(X)


def check_sequences(X):
    """Return sequences in any form as `Sequences`; refuse what holds no step."""
    X = as_sequences(X)
    if len(X) == 0:
        raise ValueError("X holds 0 sequences; expected at least one.")
    empty = np.flatnonzero(X.lengths == 0)
    if len(empty):
        raise ValueError(
            f"{len(empty)} of {len(X)} sequences have no step (the first at position "
            f"{empty[0]}); expected at least one in each. Leave them out of X and y: "
            "keep = X.lengths > 0 of Sequences."
        )
    return X


def padded_length(X):
    """Return the steps of each sequence of an array, padding included; None else."""
    is_array = not isinstance(X, (Sequences, pd.DataFrame)) and hasattr(X, "shape")
    return X.shape[1] if is_array and len(X.shape) > 1 else None


def refuse_sequences(X):
    """Refuse whole sequences where a long frame is wanted."""
    if isinstance(X, (Sequences, list, tuple)) or np.ndim(X) == 3:
        raise TypeError(
            f'X is {type(X).__name__!r} of whole sequences; task="many-to-many" '
            "expects a long DataFrame, one row per step. Convert it: "
            "frame, y = sequences_to_frame(X, y); or, to predict one outcome of each, "
            'pass task="many-to-one".'
        )


def check_numbers(X, fitted=None):
    """Judge the steps of `Sequences` of numbers; return them as an array.

    An estimator that is `fitted` expects the features of its fit. Columns of frames go
    by name, whatever their order.

    Returns
    -------
    ndarray of shape (n_steps, n_features), float64 or float32
    """
    steps = X.steps if fitted is None else _in_fitted_order(X.steps, fitted)
    if steps.shape[1] == 0:
        raise ValueError(
            f"X holds 0 feature(s) (shape={steps.shape}) while a minimum of 1 is "
            "required."
        )
    if isinstance(steps, pd.DataFrame):
        for name, dtype in steps.dtypes.items():
            if getattr(dtype, "kind", "") == "c":
                raise ValueError(
                    f"Complex data not supported: column {name!r} has dtype "
                    f"{str(dtype)!r}; expected real numbers."
                )
            if not pd.api.types.is_numeric_dtype(dtype):
                raise ValueError(
                    f"Column {name!r} has dtype {str(dtype)!r}; expected numbers in "
                    "each step. Leave it out, or encode it by PerStep(transformer)."
                )
        values = to_numbers(steps)
    else:
        values = _as_numbers(steps, "X")
    if fitted is not None:
        check_feature_names(fitted, steps, reset=False)
        check_n_features(fitted, steps, reset=False)
    _check_finite(X, steps, values)
    return values


def learn_features(estimator, steps):
    """Let an estimator learn the number and the names of features."""
    check_feature_names(estimator, steps, reset=True)
    check_n_features(estimator, steps, reset=True)


def _in_fitted_order(steps, fitted):
    names = getattr(fitted, "feature_names_in_", None)
    if names is None or not isinstance(steps, pd.DataFrame):
        return steps
    same = len(names) == steps.shape[1] and set(names) == set(steps.columns)
    return steps[list(names)] if same else steps


def _as_array(array):
    """Return an array in which masked numbers are missing."""
    if np.ma.isMaskedArray(array):
        return array.astype(np.float64).filled(np.nan)
    return np.asarray(array)


def _as_numbers(array, name):
    """Return an array of numbers as floats, float32 if it is; refuse anything else."""
    if array.dtype.kind == "c":
        raise ValueError(
            f"Complex data not supported: {name} has dtype {str(array.dtype)!r}; "
            "expected real numbers."
        )
    if array.dtype == np.float32:
        return array
    if array.dtype.kind in "USMm":
        raise ValueError(f"{name} has dtype {str(array.dtype)!r}; expected numbers.")
    try:
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{name} has dtype {str(array.dtype)!r}; expected numbers: {error}"
        ) from None


def _check_finite(X, steps, values):
    with np.errstate(over="ignore", invalid="ignore"):
        if np.vdot(values, values) <= LARGEST**2:
            return
        odd = np.argwhere(~(np.abs(values) <= LARGEST))
    if not len(odd):
        return  # the sum overflowed
    row, feature = odd[0]
    sequence = np.searchsorted(X.offsets, row, side="right") - 1
    where = f"step {row - X.offsets[sequence]} of sequence {sequence}"
    if isinstance(steps, pd.DataFrame):
        where += f" (column {steps.columns[feature]!r})"
    if np.isnan(values[row, feature]):
        raise ValueError(
            f"X contains NaN in {where}; expected numbers in every step, and NaN only "
            "behind the end of a sequence. Fill it on training folds only: "
            "make_pipeline(PerStep(SimpleImputer(add_indicator=True)), estimator)."
        )
    if np.isfinite(values[row, feature]):
        raise ValueError(
            f"X holds {values[row, feature]:g} in {where}; expected numbers up to "
            f"{LARGEST:g} in size, so that squares are numbers. Choose another unit: "
            "PerStep(FunctionTransformer(...))."
        )
    raise ValueError(
        f"X contains infinity in {where}; expected finite numbers. Look at the "
        "division that made it, or clip it: PerStep(FunctionTransformer(...))."
    )


def _gather(sequences):
    """Put the sequences of a list behind each other."""
    if not len(sequences):
        raise ValueError("X holds 0 sequences; expected at least one.")
    is_frame = [isinstance(sequence, pd.DataFrame) for sequence in sequences]
    if len(set(is_frame)) > 1:
        odd = is_frame.index(not is_frame[0])
        raise TypeError(
            f"Sequence {odd} is {type(sequences[odd]).__name__!r}; expected a "
            f"{type(sequences[0]).__name__!r}, as sequence 0."
        )
    if all(is_frame):
        steps = _concatenate_frames(sequences)
        lengths = [len(sequence) for sequence in sequences]
    else:
        arrays = [_as_steps(s, i) for i, s in enumerate(sequences)]
        lengths = [len(array) for array in arrays]
        steps = _concatenate_arrays(arrays)
    return Sequences(steps, np.append(0, np.cumsum(lengths)))


def _concatenate_frames(frames):
    """Put frames below each other; columns go by name."""
    columns = frames[0].columns
    for i, frame in enumerate(frames):
        twice = frame.columns[frame.columns.duplicated()]
        if len(twice):
            found = int((frame.columns == twice[0]).sum())
            raise ValueError(
                f"Sequence {i} has {found} columns named {twice[0]!r}; expected one."
            )
        if set(frame.columns) != set(columns):
            raise ValueError(
                f"Sequence {i} has the columns {list(frame.columns)}; expected those "
                f"of sequence 0, {list(columns)}."
            )
    return pd.concat([frame[columns] for frame in frames])


def _as_steps(sequence, i):
    """Return one sequence as an array of steps without trailing padding."""
    try:
        steps = np.asarray(sequence)
    except ValueError:
        raise ValueError(
            f"Sequence {i} is ragged; expected an array of shape (n_steps, n_features)."
        ) from None
    steps = _as_numbers(steps, f"sequence {i}")
    if steps.ndim == 1:
        steps = steps[:, None]
    if steps.ndim != 2:
        raise ValueError(
            f"Sequence {i} has shape {steps.shape}; expected (n_steps, n_features)."
        )
    if len(steps) and np.isnan(steps[-1]).all():
        real = ~np.isnan(steps).all(axis=1)
        steps = steps[: np.flatnonzero(real).max(initial=-1) + 1]
    return steps


def _concatenate_arrays(arrays):
    some = [(i, array) for i, array in enumerate(arrays) if len(array)]
    if not some:
        return np.empty((0, arrays[0].shape[1]))
    first, n_features = some[0][0], some[0][1].shape[1]
    for i, array in some:
        if array.shape[1] != n_features:
            raise ValueError(
                f"Sequence {i} has {array.shape[1]} features; expected {n_features}, "
                f"as sequence {first}."
            )
    return np.concatenate([array for _, array in some])
