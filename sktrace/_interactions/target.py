"""The only place that judges targets and weights."""

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets

from .._arrays import as_objects
from .._words import count_rows, first_few
from .numbers import as_numbers, holds_numbers

__all__ = [
    "answer_means",
    "as_array",
    "as_column",
    "check_classes",
    "check_sample_weight",
    "check_target",
    "encode_target",
    "mix_targets",
    "sort_labels",
    "sum_targets",
]

LIGHTEST, HEAVIEST = 1e-30, 1e30  # beside each other, their sums have lost the lighter


def check_target(y, log):
    """Return y as an array, and which rows have a target.

    A row may lack its target only where X lacks the answer too (a query).
    """
    y = as_column(y)
    if len(y) != len(log.correct):
        raise ValueError(
            f"X has {len(log.correct)} rows but y has {len(y)} entries; expected one "
            "target per row of X, in the same order."
        )
    has_target = ~pd.isna(y)
    missing = ~has_target & ~np.isnan(log.correct)
    if missing.any():
        raise ValueError(
            f"y is missing in {count_rows(missing)} whose answer X holds; expected a "
            "target wherever X has an answer. Drop these rows from X and y: "
            "keep = pd.notna(y); X[keep], y[keep]."
        )
    return y, has_target


def check_classes(y, estimator):
    """Return the two classes of y, sorted; the second is the one traced as correct."""
    y, classes = sort_labels(y)
    if len(classes) == 2:
        check_classification_targets(y)  # refuses fractions, even if there are but two
        return classes
    shown = first_few(classes.tolist())
    if len(classes) == 1:
        raise ValueError(
            f"y holds one class only, {shown}; {estimator} needs both right and wrong "
            "answers. Fit on more rows or more students."
        )
    raise ValueError(
        f"y holds {len(classes)} classes, {shown}; "
        f"{estimator} expects two, wrong and right. Say which scores count as right: "
        "y = (score >= threshold).astype(int)."
    )


def sort_labels(y):
    """Return labels, as numbers if they are, and the different ones, sorted."""
    if y.dtype == object:  # numbers kept as objects would not score as numbers
        y = as_numbers(pd.Series(y).infer_objects()).to_numpy()
    try:
        return y, np.sort(np.asarray(pd.unique(y), dtype=y.dtype))
    except TypeError:
        kinds = sorted({type(value).__name__ for value in y.tolist()})
        raise ValueError(
            f"y mixes labels of types {kinds}; expected labels of one type. "
            "Make them alike: y.astype(str)."
        ) from None


def encode_target(y, has_target, classes):
    """Return 0 or 1 per row, the index of its class; 0 where there is no target."""
    target = np.zeros(len(y), dtype=np.int64)
    code = pd.Index(classes).get_indexer(pd.Index(y[has_target]))
    if (code < 0).any():
        raise ValueError(
            f"y holds {y[has_target][code < 0].tolist()[0]!r}; expected the classes "
            f"this estimator was fitted with, {classes.tolist()}. Call fit to start "
            "anew."
        )
    target[has_target] = code
    return target


def check_sample_weight(sample_weight, n_rows, *, is_all=True):
    """Return one non-negative finite weight per row, ones where none are given.

    If they are not all, but those of a portion, none of them needs to be above 0.
    """
    if sample_weight is None:
        return np.ones(n_rows)
    weight = _read_weights(sample_weight)
    if weight.ndim == 0:
        weight = np.full(n_rows, float(weight))
    if weight.shape != (n_rows,):
        raise ValueError(
            f"sample_weight has shape {weight.shape}; expected ({n_rows},), one weight "
            "per row of X."
        )
    none = is_all and not (weight > 0).any()
    if not np.isfinite(weight).all() or (weight < 0).any() or none:
        raise ValueError(
            "sample_weight must hold finite numbers of at least 0, not all of them "
            f"zero; got values from {weight.min()} to {weight.max()}."
        )
    given = weight[weight > 0]
    if len(given) and (given.min() < LIGHTEST or given.max() > HEAVIEST):
        raise ValueError(
            f"sample_weight goes from {given.min():g} to {given.max():g}; expected "
            f"{LIGHTEST:g} to {HEAVIEST:g}, so that sums and squares are numbers. "
            "Divide by the largest, and leave out what is next to nothing: "
            f"w = w / w.max(); w[w < {LIGHTEST:g}] = 0."
        )
    return weight


def _read_weights(sample_weight):
    """Return weights as float64; words, dates and the like are none."""
    try:
        weight = as_array(sample_weight, "sample_weight")
        if weight.dtype == object and not _any_text(weight):
            weight = weight.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"sample_weight cannot be read: {error}; expected numbers of at least 0."
        ) from None
    if weight.dtype.kind not in "iufb":  # dates and texts could be cast to floats
        raise ValueError(
            f"sample_weight has dtype {str(weight.dtype)!r}; expected numbers of at "
            f"least 0.{_write_numbers(weight)}"
        )
    return weight.astype(np.float64)


def _write_numbers(values):
    """Say what makes numbers of texts, if anything does."""
    try:
        pd.to_numeric(values)
    except (TypeError, ValueError):
        return ""
    return " Make them numbers: pd.to_numeric(sample_weight)."


def _any_text(values):
    return any(isinstance(value, str | bytes) for value in values.ravel())


def sum_targets(piece):
    """Return the weight of wrong and right answers of a `FitLog`, and their targets'.

    Returns
    -------
    ndarray of shape (2, 2)
        Sums of weights, and of weighted targets; of wrong answers, and of right ones.
    """
    log, target, weight = piece.log, piece.target, piece.weight * piece.log.opens_row
    chosen = [(log.correct == answer) & (weight > 0) for answer in (0, 1)]
    return np.array(
        [
            [weight[rows].sum() for rows in chosen],
            [(target[rows] * weight[rows]).sum() for rows in chosen],
        ]
    )


def answer_means(sums):
    """Return the mean target of entries answered wrong, and of those answered right.

    Models that read answers translate by them what y calls the classes: 0 and 1 where
    y is the answer, 1 and 0 where its labels sort the other way.

    Parameters
    ----------
    sums : ndarray of shape (2, 2)
        What `sum_targets` returns, added up.
    """
    weights, targets = sums
    usual = np.array([0.0, 1.0])
    return np.divide(targets, weights, out=usual, where=weights > 0)


def mix_targets(p, means):
    """Return P(target is 1) from P(answer is right), by the mean target of each."""
    if_wrong, if_right = means
    return if_wrong * (1 - p) + if_right * p


def as_column(y):
    """Return a target as a one-dimensional numpy array."""
    if y is None:
        raise ValueError(
            "y is None; expected a target per row of X. To learn the answers "
            'themselves: fit(X, X["correct"]).'
        )
    y = as_array(y)
    if y.ndim == 0:
        raise ValueError(
            f"y has shape () and is {y.item()!r}; expected one target per row of X: "
            f"X[{y.item()!r}] if that is a column."
        )
    if y.ndim != 1:
        raise ValueError(
            f"y has shape {y.shape}; expected ({y.size},), one target per row of X. "
            "Choose a column, or flatten it: np.ravel(y)."
        )
    return y


def _needs_objects(y):
    """Tell a list of labels of which numpy would make texts, NaN among them."""
    return isinstance(y, list | tuple) and (
        len({isinstance(label, str | bytes) for label in y}) > 1
        or any(isinstance(label, tuple) for label in y)
    )


def as_array(y, name="y"):
    """Return a target as a numpy array; what masked and nullable ones lack is NaN."""
    if isinstance(y, pd.DataFrame):
        if not len(y.columns) or not all(map(holds_numbers, y.dtypes)):
            return y.to_numpy()
        return np.column_stack([as_array(column, name) for _, column in y.items()])
    dtype = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    if dtype is not None and dtype.kind in "iufb":
        y = y.to_numpy(float, na_value=np.nan) if y.isna().any() else y.astype(dtype)
    if np.ma.is_masked(y):
        y = y.astype(float if y.dtype.kind in "iufb" else object).filled(np.nan)
    y = as_objects(list(y)) if _needs_objects(y) else np.asarray(y)
    if y.dtype.kind == "c":
        raise ValueError(
            f"{name} holds complex numbers; expected real ones. Take the part that is "
            f"meant: np.real({name})."
        )
    # What reads it further, pandas' Index for one, has no halves.
    return y.astype(np.float64) if y.dtype == np.float16 else y
