"""Difficulty of items against their discrimination."""

from numbers import Integral

import numpy as np

from ._item_numbers import choose_items, gather_items, read_items
from ._point_names import name_points
from ._style import COLOURS, add_legend, axes_for, ink, paper, points_between, shorten

__all__ = ["ItemDisplay"]

# Marker and colour of each verdict of `item_fit`, so that grey tells them, too.
LOOKS = {
    "too few answers": (".", None),
    "like the others": ("o", None),
    "too hard": (">", COLOURS[5]),
    "too easy": ("<", COLOURS[0]),
    "too noisy": ("s", COLOURS[1]),
    "backwards": ("v", COLOURS[3]),
}
USUAL = ("too few answers", "like the others")
ALL_BARRED = 40  # items; of more, only those with names carry their intervals
INTERVAL = 1.96  # standard errors
ENTRY = 115  # points that an entry of the legend is wide


class ItemDisplay:
    """How hard items are, and how well they tell students apart.

    An item to the right is hard; one at the height 1 goes with what students know as
    it should, one at 0 not at all. Bars are intervals of 95 %. Items that do not behave
    like the others of their skill have a colour for each `item_fit` verdict, and the
    oddest have their names. Make it with `from_estimator` or `from_items`.

    Parameters
    ----------
    items : DataFrame
        One line per item, the index names it, the first ones get their names: with the
        columns ``difficulty`` or ``harder``, ``discrimination``, the standard errors of
        both (``difficulty_se`` or ``harder_se``, ``discrimination_se``; NaN draws no
        interval), and perhaps ``skill``, ``n_answers`` and ``verdict``.

    Attributes
    ----------
    ax_, figure_
        Matplotlib's axes and figure, after `plot`.
    points_ : dict of str to PathCollection
        The items by verdict; all of them under ``"items"`` if there is none.

    See Also
    --------
    sktrace.inspection.item_fit : The numbers, and what the verdicts rest on.

    Examples
    --------
    >>> from sktrace import MeanClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.display import ItemDisplay
    >>> X, y = make_interactions(n_students=40, n_items=20, random_state=0)
    >>> seen = X["user_id"] < 30
    >>> mean = MeanClassifier().fit(X[seen], y[seen])
    >>> display = ItemDisplay.from_estimator(mean, X[~seen], item="item_id")
    >>> display.ax_.get_xlabel()
    'harder than predicted (logits)'
    """

    def __init__(self, items):
        self.items = items

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X=None,
        y=None,
        *,
        item=None,
        skill=None,
        min_answers=10,
        rate=0.05,
        ax=None,
        **plot,
    ):
        """Draw what a model learnt of its items, and how answers fit them.

        Parameters
        ----------
        estimator : fitted estimator with ``predict_proba``, or array of probabilities
            Difficulty and discrimination are those in its ``items_``, where it has
            them; otherwise `item_fit` tells by how much items are harder than the
            estimator expects, and how they discriminate.
        X : DataFrame of shape (n_rows, n_columns), optional
            Answers of students whom the estimator was not trained on, which give the
            verdicts; items without an answer there are left out, and so are those of
            which ``items_`` knows nothing. Not needed if ``items_`` has
            discriminations.
        y : array of shape (n_rows,), optional
            Targets, labelled as in fit; the column of answers of X by default.
        item, skill, min_answers, rate
            As in `item_fit`.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        ItemDisplay

        Raises
        ------
        ValueError
            If there is nothing to draw, or `item_fit` refuses X or y.
        """
        table = gather_items(
            estimator, X, y, item=item, skill=skill, min_answers=min_answers, rate=rate
        )
        return cls.from_items(table, ax=ax, **plot)

    @classmethod
    def from_items(cls, table, *, ax=None, **plot):
        """Draw a table of items.

        Parameters
        ----------
        table : DataFrame
            ``items_`` of a tracer, what `item_fit` returned, or your own.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        ItemDisplay
        """
        return cls(read_items(table)).plot(ax=ax, **plot)

    def plot(self, ax=None, *, skills=None, max_names=12):
        """Draw a point for each item.

        Parameters
        ----------
        ax : matplotlib axes, optional
            A new figure by default.
        skills : skill or list of skills, optional
            Items of these skills only.
        max_names : int, default=12
            How many items have their names, where there is room: all, if they are no
            more than that; else the first odd ones of each verdict.

        Returns
        -------
        ItemDisplay
            Itself, with ``ax_``, ``figure_`` and ``points_``.
        """
        if not isinstance(max_names, Integral) or max_names < 0:
            raise ValueError(
                f"max_names={max_names!r}; expected a whole number of at least 0."
            )
        items = choose_items(self.items, skills)
        self.ax_ = axes_for(self, ax, 7, 5)
        self.figure_ = self.ax_.figure
        x = self.items.columns[0]
        named = _choose_named(items, max_names)
        for value, line in ((self.ax_.axhline, 1), (self.ax_.axvline, 0)):
            value(line, color=ink(), lw=0.6, alpha=0.5, zorder=0)
        barred = items if len(items) <= ALL_BARRED else named
        self._draw_intervals(barred, x)
        self.points_ = self._draw_points(items, x)
        self._label(items, x, skills)
        self.names_ = name_points(self.ax_, named, x, "discrimination")
        return self

    def _draw_intervals(self, items, x):
        for verdict, own in _by_verdict(items):
            colour = LOOKS.get(verdict, (None, None))[1]
            self.ax_.errorbar(
                own[x],
                own["discrimination"],
                xerr=INTERVAL * own[f"{x}_se"].fillna(0),
                yerr=INTERVAL * own["discrimination_se"].fillna(0),
                fmt="none",
                ecolor=colour or ink(),
                elinewidth=0.8,
                alpha=0.5 if colour else 0.35,
                zorder=1,
            )

    def _draw_points(self, items, x):
        # Marks shrink with their number and grow with answers, so that those of which
        # little is known stay behind.
        crowd = np.interp(np.log10(len(items)), [1, 2, 3, 4], [1, 0.7, 0.35, 0.15])
        points = {}
        for verdict, own in _by_verdict(items):
            marker, colour = LOOKS.get(verdict, ("o", None))
            odd = colour is not None
            size = np.maximum(_size(own) * max(crowd, 0.5), 24) if odd else None
            points[verdict] = self.ax_.scatter(
                own[x],
                own["discrimination"],
                s=np.maximum(_size(own) * crowd, 2.5) if size is None else size,
                marker=marker,
                color=colour or ink(),
                edgecolors=paper() if odd else "none",
                linewidths=0.5,
                alpha=0.9 if odd else 0.2 + 0.4 * crowd,
                zorder=3 if odd else 2,
                rasterized=len(own) > 2000,  # else a file of vectors is slow to open
            )
        return points

    def _label(self, items, x, skills):
        ax = self.ax_
        ax.set_xlabel(
            "harder than predicted (logits)" if x == "harder" else "difficulty (logits)"
        )
        ax.set_ylabel("discrimination (1: average, 0: none)")
        ax.spines[["top", "right"]].set_visible(False)
        title = None
        if skills is not None and items["skill"].nunique() == 1:
            title = shorten(items["skill"].iloc[0])
        if "verdict" in items:
            self._add_legend(items, title)
        elif title is not None:
            ax.set_title(title, loc="left", fontsize="medium")

    def _add_legend(self, items, title):
        from matplotlib.lines import Line2D

        handles = []
        for verdict, own in _by_verdict(items):
            marker, colour = LOOKS.get(verdict, ("o", None))
            style = {"marker": marker, "color": colour or ink(), "ls": "none"}
            style["alpha"] = 1 if colour else 0.5
            label = f"{shorten(verdict)} ({len(own):,})"
            handles.append(Line2D([], [], label=label, **style))
        add_legend(
            self.ax_,
            handles,
            title=title,
            alignment="right",
            frameon=False,
            fontsize="small",
            ncols=max(1, int(points_between(self.ax_.xaxis, ENTRY))),
            loc="lower right",  # on the line of the title
            bbox_to_anchor=(1, 1),
            borderaxespad=0.2,
            handletextpad=0.1,
            columnspacing=1.2,
        )


def _by_verdict(items):
    """Yield items by verdict, the usual ones first."""
    if "verdict" not in items:
        yield "items", items
        return
    present = items["verdict"].unique().tolist()
    verdicts = [verdict for verdict in LOOKS if verdict in present]
    for verdict in [*verdicts, *(v for v in present if v not in LOOKS)]:
        yield verdict, items[(items["verdict"] == verdict).to_numpy()]


def _choose_named(items, max_names):
    """Return the items that carry a name: the odd ones, or all if they are few."""
    if len(items) <= max_names:
        return items
    if "verdict" not in items:
        return items.iloc[:0]
    odd = items[~items["verdict"].isin(USUAL).to_numpy()]
    # The first of each verdict, then the second of each, so that all have some.
    turn = odd.groupby("verdict").cumcount().to_numpy()
    return odd.iloc[np.argsort(turn, kind="stable")[:max_names]]


def _size(items):
    """Return areas of marks in square points, by the number of answers."""
    if "n_answers" not in items:
        return np.full(len(items), 40.0)
    return np.clip(10 * np.log10(items["n_answers"].clip(lower=1)) ** 2, 10, 90)
