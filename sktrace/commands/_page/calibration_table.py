"""What the page says of predictions: whether what they promise happens."""

import numpy as np
import pandas as pd

from ...inspection import calibration_by_skill
from .curve_pictures import draw_calibration
from .practice import share_with_interval

__all__ = ["describe_calibration", "tabulate_calibration"]

N_BINS = 10  # that divide 0 to 1 in equal parts
OFF = 0.02  # what is off by less is right


def describe_calibration(findings):
    """Return what calibration.html shows, by the names that it calls it."""
    X, name = findings.X, findings.best[0]
    p = findings.comparison.predictions[name]
    y = X["correct"].to_numpy(dtype=int)
    table = tabulate_calibration(p, y, pd.factorize(X["user_id"])[0])
    whole = calibration_by_skill(p, X, y, skill=None).iloc[0]
    off = table[table["off"] != ""]
    return {
        "table": table,
        "whole": whole,
        "wrong": off.sort_values("answers", ascending=False, kind="stable"),
        "picture": draw_calibration(table),
    }


def tabulate_calibration(p, y, student):
    """Compare predictions with what happened, tenth by tenth.

    Parameters
    ----------
    p : ndarray of shape (n_rows,)
    y : ndarray of shape (n_rows,)
        0 or 1.
    student : ndarray of shape (n_rows,)
        Codes, whose answers go together in intervals.

    Returns
    -------
    DataFrame
        A line for each tenth in which something was predicted: ``start`` and ``end`` of
        it, ``answers``, ``predicted``, ``observed``, ``low``, ``high``, and ``off``,
        "too hopeful" or "too doubtful" where the prediction is beyond the interval by
        more than 0.02, even if it is widened for the number of tenths.
    """
    tenth = np.minimum((p * N_BINS).astype(int), N_BINS - 1)
    present, code = np.unique(tenth, return_inverse=True)
    n = len(present)
    observed, low, high = share_with_interval(y, student, code, n)
    _, lowest, highest = share_with_interval(y, student, code, n, 1 - 0.05 / n)
    predicted = np.bincount(code, p) / np.bincount(code)
    return pd.DataFrame(
        {
            "start": present / N_BINS,
            "end": (present + 1) / N_BINS,
            "answers": np.bincount(code),
            "predicted": predicted,
            "observed": observed,
            "low": low,
            "high": high,
            "off": np.select(
                [predicted > highest + OFF, predicted < lowest - OFF],
                ["too hopeful", "too doubtful"],
                "",
            ),
        }
    )
