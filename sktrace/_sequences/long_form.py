"""From padded arrays, as written for Keras, to the long form, one row per step."""

import numpy as np
import pandas as pd

from .._arrays import concatenate_ranges
from .forms import as_sequences

__all__ = ["sequences_to_frame"]


def sequences_to_frame(X, y=None, *, student="user_id", order="order_id"):
    """Write sequences as a long frame, and a target per step as a flat one.

    It turns padded arrays, as written for Keras, into what ``task="many-to-many"``
    reads: one row per real step.

    Parameters
    ----------
    X : array of shape (n_sequences, n_steps, n_features), list or Sequences
        Sequences in any form; steps that are NaN throughout and trail are padding.
    y : array of shape (n_sequences, n_steps) or list of arrays, optional
        A target for every step; what stands behind the end of a sequence is ignored.
    student, order : str
        Names of the columns for whose step it is and which. Features keep their
        names; those that have none are called ``"feature 0"``, ``"feature 1"``, ...

    Returns
    -------
    frame : DataFrame of shape (n_real_steps, 2 + n_features)
    y : ndarray of shape (n_real_steps,)
        Only if y was given; NaN where the step has no target.

    Examples
    --------
    >>> import numpy as np
    >>> from sktrace import sequences_to_frame
    >>> X = np.array([[[1.0], [2.0]], [[3.0], [np.nan]]])  # two steps, and one
    >>> frame, y = sequences_to_frame(X, [[10, 20], [30, 0]])
    >>> frame
       user_id  order_id  feature 0
    0        0         0        1.0
    1        0         1        2.0
    2        1         0        3.0
    >>> y
    array([10., 20., 30.])
    """
    X = as_sequences(X)
    steps = pd.DataFrame(X.steps).reset_index(drop=True)
    if not isinstance(X.steps, pd.DataFrame):
        steps.columns = [f"feature {i}" for i in range(steps.shape[1])]
    number = concatenate_ranges(np.zeros(len(X), dtype=np.int64), X.lengths)
    if isinstance(X.steps, pd.DataFrame) and X.steps.index.name == order:
        number = X.steps.index  # the times, of which some may tie
    ids = X.ids.to_flat_index().repeat(X.lengths)
    frame = steps.drop(columns=[student, order], errors="ignore")
    frame.insert(0, student, ids)
    frame.insert(1, order, number)
    if y is None:
        return frame
    return frame, _flatten_targets(y, X.lengths)


def _flatten_targets(y, lengths):
    """Return the target of every real step."""
    y = list(y) if isinstance(y, (list, tuple)) else list(np.asarray(y))
    if len(y) != len(lengths):
        raise ValueError(
            f"X holds {len(lengths)} sequences but y has {len(y)} rows; expected one "
            "row of targets per sequence."
        )
    flat = []
    for i, (own, length) in enumerate(zip(y, lengths, strict=True)):
        try:
            own = np.asarray(own, dtype=np.float64)
        except ValueError as error:
            raise ValueError(
                f"y[{i}] has values such as {np.ravel(own)[0]!r}; expected numbers: "
                f"{error}"
            ) from None
        if own.ndim == 2 and own.shape[1] == 1:
            own = own[:, 0]
        if own.ndim != 1 or len(own) < length:
            raise ValueError(
                f"y[{i}] has shape {own.shape}; expected a target for each of the "
                f"{length} steps of sequence {i}, NaN where there is none."
            )
        flat.append(own[:length])
    return np.concatenate([np.empty(0), *flat])
