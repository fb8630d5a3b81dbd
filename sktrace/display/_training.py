"""Loss and scores of a recurrent network, epoch by epoch."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._tracer.questions import UNWRAP
from ._panels import draws_loss, name_metric, panels_for
from ._style import COLOURS, add_legend, ink, shorten

__all__ = ["TrainingDisplay"]

# Colour and marker of a line, so that it is the same in all panels, and in grey.
LOOKS = {
    "training": {"color": COLOURS[0], "marker": "o"},
    "held out": {"color": COLOURS[1], "marker": "s"},
    "other": {"color": COLOURS[2], "marker": "^"},
}
MARKERS = 20  # on a line; many more would hide it


class TrainingDisplay:
    """How a recurrent network learnt: its losses and, below them, its scores.

    The epoch whose weights early stopping restored is marked by a line. Make it with
    `from_estimator`.

    Parameters
    ----------
    history : DataFrame of shape (n_epochs, n_columns)
        As ``history_``: ``epoch``, ``train_loss``, perhaps ``valid_loss``, and what
        callbacks recorded.
    best_epoch : int, optional
        The epoch to mark.
    loss_label : str, default="loss"
        What the losses are, with their unit.

    Attributes
    ----------
    ax_, figure_ : Axes, Figure
        The panel of losses, and its figure, after `plot`.
    axes_ : ndarray of Axes
        All panels, from the top.
    lines_ : dict of {str: Line2D}
        The lines, by their column of `history`.

    See Also
    --------
    sktrace.DKTClassifier, sktrace.SequenceRegressor : Have a ``history_``.

    Notes
    -----
    The training loss is the mean over an epoch, *while* weights move and with dropout;
    the loss of those held out is taken at the epoch's end, without. So the latter may
    well be lower, above all in the first epochs.

    Each score has a panel of its own, since scores differ in units. A column
    ``train_auc`` shares one with ``valid_auc`` and ``auc``.

    Examples
    --------
    >>> from sktrace import DKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.display import TrainingDisplay
    >>> X, y = make_interactions(n_students=20, n_skills=3, random_state=0)
    >>> clf = DKTClassifier(hidden_size=8, early_stopping=True, random_state=0)
    >>> display = TrainingDisplay.from_estimator(clf.fit(X, y))
    >>> display.ax_.get_ylabel()
    'log loss (nats per answer)'
    """

    def __init__(self, history, *, best_epoch=None, loss_label="loss"):
        self.history = history
        self.best_epoch = best_epoch
        self.loss_label = loss_label

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, **plot):
        """Read the history of a fitted network and draw.

        Parameters
        ----------
        estimator : fitted DKTClassifier or SequenceRegressor
        ax : matplotlib axes, or a list of them, optional
            See `plot`.
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        TrainingDisplay

        Raises
        ------
        TypeError
            If the estimator has no ``history_``.
        ValueError
            If not one epoch was trained to its end.
        """
        check_is_fitted(estimator)
        if not hasattr(estimator, "history_"):
            raise TypeError(
                f"{type(estimator).__name__} has no history_ of epochs; expected a "
                f"fitted DKTClassifier or SequenceRegressor. {UNWRAP}"
            )
        if len(estimator.history_) == 0:
            raise ValueError(
                "history_ has 0 epochs; expected at least one. Training was "
                "interrupted in its first epoch: call fit again."
            )
        display = cls(
            estimator.history_,
            best_epoch=estimator.best_epoch_,
            loss_label=estimator.loss_label,
        )
        return display.plot(ax=ax, **plot)

    def plot(self, ax=None, *, scores=None):
        """Draw losses, and scores below them.

        Parameters
        ----------
        ax : matplotlib axes, or a list of them, optional
            One for the losses, then one for each panel of scores. A single one takes
            the losses only. A new figure by default.
        scores : str or list of str, optional
            Columns to draw as scores; by default all that callbacks recorded. None of
            them: ``scores=[]``.

        Returns
        -------
        TrainingDisplay
            Itself, with ``ax_``, ``axes_``, ``figure_`` and ``lines_``.

        Raises
        ------
        ValueError
            If a score is no column of the history, or `ax` holds another number of
            axes than there are panels.
        """
        panels = self._panels([scores] if isinstance(scores, str) else scores)
        if ax is not None and np.ndim(ax) == 0:
            panels = {"loss": panels["loss"]}
        self.figure_, self.axes_ = panels_for(
            self,
            ax,
            list(panels),
            figsize=(6.4, 1.4 + 2.2 * len(panels)),
            nrows=len(panels),
            sharex=True,
        )
        self.ax_, self.lines_ = self.axes_[0], {}
        for panel, (metric, columns) in zip(self.axes_, panels.items(), strict=True):
            self._draw(panel, metric, columns)
        self.ax_.set_ylabel(self.loss_label)
        self.axes_[-1].set_xlabel("epoch")
        if self.best_epoch is not None:
            self._mark_best_epoch()
        return self

    def _panels(self, scores):
        """Sort columns into panels: the losses, then one for each kind of score."""
        if scores is None:
            scores = _find_scores(self.history)
        for name in scores:
            if name not in self.history:
                raise ValueError(
                    f"history has no score {name!r}; expected some of "
                    f"{_find_scores(self.history)}. Callbacks such as skorch's "
                    "EpochScoring record scores."
                )
        losses = ["train_loss", "valid_loss"]
        panels = {"loss": [name for name in losses if name in self.history]}
        for name in scores:
            metric = str(name).removeprefix("train_").removeprefix("valid_")
            panels.setdefault(metric, []).append(name)
        return panels

    def _draw(self, panel, metric, columns):
        """Draw the columns of one panel."""
        from matplotlib.ticker import MaxNLocator

        sign = -1 if draws_loss(metric) else 1
        for column in sorted(columns, key=lambda name: list(LOOKS).index(_kind(name))):
            kind = _kind(column)
            (self.lines_[column],) = panel.plot(
                self.history["epoch"],
                sign * self.history[column],
                markersize=4,
                label=shorten(column) if kind == "other" else kind,
                markevery=max(1, len(self.history) // MARKERS),
                **LOOKS[kind],
            )
        panel.set_ylabel(name_metric(metric))
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        panel.spines[["top", "right"]].set_visible(False)
        if metric == "loss" or len(columns) > 1:
            add_legend(panel, panel.lines, frameon=False)

    def _mark_best_epoch(self):
        """Draw a line through all panels, named at its top."""
        for panel in self.axes_:
            panel.axvline(self.best_epoch, color=ink(), lw=1, ls=":", zorder=1)
        later = self.history["epoch"] > self.best_epoch
        if "valid_loss" in self.history:  # partial_fit, which came later, has none
            later &= self.history["valid_loss"].notna()
        low, high = self.ax_.get_xlim()
        on_the_left = self.best_epoch < (low + high) / 2
        self.ax_.annotate(
            f"epoch {self.best_epoch}, {'restored' if later.any() else 'the best'}",
            (self.best_epoch, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4 if on_the_left else -4, 0),
            textcoords="offset points",
            ha="left" if on_the_left else "right",
            va="bottom",
            color=ink(),
        )


def _find_scores(history):
    """Return the columns that hold scores: numbers, of no book-keeping."""
    known = ["epoch", "train_loss", "valid_loss", "dur"]
    numbers = history.select_dtypes("number").drop(columns=known, errors="ignore")
    numbers = numbers.dropna(axis="columns", how="all")
    return [name for name in numbers if not str(name).startswith("event_")]


def _kind(column):
    """Say on what a score was taken, by its name."""
    name = str(column)  # callbacks may record under any name
    if name.startswith("train_"):
        return "training"
    return "held out" if name.startswith("valid_") else "other"
