"""Pictures of several panels, and what the scores in them are called."""

import numpy as np

from .._interactions.vocabulary import as_list
from .._versions import require_extra
from .._words import first_few
from ._style import shorten

__all__ = ["check_drawn", "draws_loss", "name_metric", "panels_for"]

# Words that scikit-learn's names of scorers write small.
WORDS = {
    "roc": "ROC",
    "auc": "AUC",
    "ovr": "one against rest",
    "ovo": "one against one",
    "f1": "F1",
    "r2": "R²",
    "d2": "D²",
    "brier": "Brier",
    "matthews": "Matthews",
    "corrcoef": "correlation",
}


def panels_for(display, ax, names, *, figsize, **subplots):
    """Return one axes for each of some panels: those given, or of a new figure."""
    require_extra("plot", f"{type(display).__name__}.plot")
    if ax is None:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(
            figsize=figsize, layout="constrained", squeeze=False, **subplots
        )
        return figure, axes.ravel()
    axes = np.array(ax, dtype=object).ravel()
    if len(axes) != len(names):
        raise ValueError(
            f"ax holds {len(axes)} axes; expected {len(names)}, one for each of "
            f"{names}. Pass a list of that many, or ax=None for a new figure."
        )
    return axes[0].figure, axes


def check_drawn(skills, present, room, *, lacking, otherwise, where_all_are):
    """Return the skills to draw as a list: those that have a curve, as many as fit.

    Parameters
    ----------
    skills : skill or list of skills
    present : list of skills
        Those that have a curve.
    room : int
        How many can be drawn.
    lacking, otherwise, where_all_are : str
        How the refusals begin and end: that some have no curve, what to do then, and
        where to see more than there is room for.
    """
    skills = as_list(skills)
    absent = [skill for skill in skills if skill not in present]
    if absent:
        raise ValueError(
            f"{lacking} {len(absent)} skill(s): {first_few(absent)}; expected some of "
            f"{first_few(present)}. {otherwise}"
        )
    if not 0 < len(skills) <= room:
        raise ValueError(
            f"skills names {len(skills)}; expected 1 to {room}, as many as there is "
            f"room to draw. {where_all_are}"
        )
    return skills


def draws_loss(metric):
    """Say whether a scorer is the negative of a loss, by scikit-learn's naming."""
    return str(metric).startswith("neg_")


def name_metric(metric):
    """Write a scorer's name for readers: ``"roc_auc"`` is "ROC AUC"."""
    words = str(metric).removeprefix("neg_").split("_")
    text = " ".join(WORDS.get(word, word) for word in words)
    text = shorten(text, 60)  # a scorer's own name is no formula
    return f"{text} (lower is better)" if draws_loss(metric) else text
