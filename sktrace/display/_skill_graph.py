"""Which skill speaks for which, as a graph or as a matrix."""

from numbers import Integral

import numpy as np
import pandas as pd

from ..inspection import skill_influence
from ._graph_drawing import MOST_NAMED, draw_graph
from ._graph_layout import find_communities, order_by_likeness
from ._lift_matrix import draw_matrix, matrix_side
from ._style import COLOURS, axes_for

__all__ = ["SkillGraphDisplay"]


class SkillGraphDisplay:
    """Influence of skill on skill, as DKT's figure 4: a graph, or a matrix.

    An arrow from i to j says that a right answer on i makes a right answer on j more
    probable than one on other skills does. Its width is the lift: 1.3 is 1.3 times the
    mean over all i. Of K² pairs, only the few strongest influences on each skill are
    drawn; skills that hold together by them have one colour. Make it with
    `from_estimator`.

    Parameters
    ----------
    influence : DataFrame
        One row per pair, as `skill_influence` returns it, with the columns ``skill``,
        ``on`` and ``lift``. A pair without a row has no arrow, so rows may be left out:
        of skills with few answers, or of pairs that no student met both of.

    Attributes
    ----------
    edges_ : DataFrame
        ``skill``, ``on`` and ``lift`` of the arrows, the strongest first.
    nodes_ : DataFrame
        Of each skill that has an arrow: ``skill``, ``community`` (from 0, the largest)
        and, of a graph, its place ``x`` and ``y`` in points. The index is the number
        that a graph of more than 30 skills shows, with a key if the axes have room.
    ax_, figure_
        Matplotlib's axes and figure, after `plot`.
    image_
        The heat map of a matrix.

    References
    ----------
    Piech et al. (2015). Deep Knowledge Tracing. NeurIPS 28, section 4.2, equation 4 and
    figure 4. It draws influences J above 0.1, which is a lift above 5 among its 50
    exercises.

    Examples
    --------
    >>> from sktrace import DKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.display import SkillGraphDisplay
    >>> X, y = make_interactions(n_students=20, n_skills=4, random_state=0)
    >>> dkt = DKTClassifier(hidden_size=8, max_epochs=1, random_state=0).fit(X, y)
    >>> display = SkillGraphDisplay.from_estimator(dkt, top=1, threshold=0)
    >>> len(display.edges_)
    4
    """

    def __init__(self, influence):
        self.influence = influence

    @classmethod
    def from_estimator(cls, estimator, *, skills=None, ax=None, **plot):
        """Ask a tracer for the influence of every skill on every other and draw.

        Parameters
        ----------
        estimator : fitted tracer with ``predict_next``
            One that sees skills together, such as `DKTClassifier`.
        skills : list of skills, optional
            The skills to draw; all by default.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        SkillGraphDisplay
        """
        return cls(skill_influence(estimator, skills)).plot(ax=ax, **plot)

    @classmethod
    def from_influence(cls, influence, *, ax=None, **plot):
        """Draw what `skill_influence` returned, or some of its rows.

        Parameters
        ----------
        influence : DataFrame
            With the columns ``skill``, ``on`` and ``lift``.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        SkillGraphDisplay
        """
        return cls(influence).plot(ax=ax, **plot)

    def plot(self, ax=None, *, kind="graph", top=2, threshold=1.05):
        """Draw the graph, or the matrix.

        Parameters
        ----------
        ax : matplotlib axes, optional
            A new figure, sized by the number of skills, by default.
        kind : {"graph", "matrix"}, default="graph"
            Arrows between skills, which stand near those they are tied to; or the lift
            of all pairs, row on column, like skills next to each other.
        top : int, default=2
            How many arrows may end at a skill: the strongest influences on it. With 1,
            even hundreds of skills make an airy graph.
        threshold : float, default=1.05
            Arrows have a higher lift than this. Skills left without any are not part of
            the graph, whose title counts them.

        Returns
        -------
        SkillGraphDisplay
            Itself, with ``ax_``, ``figure_``, ``nodes_`` and ``edges_``.
        """
        if kind not in ("graph", "matrix"):
            raise ValueError(f"kind={kind!r}; expected 'graph' or 'matrix'.")
        if not isinstance(top, Integral) or top < 1:
            raise ValueError(f"top={top!r}; expected a whole number of at least 1.")
        names, lift = _as_matrix(self.influence)
        kept = _strongest(lift, top, threshold)
        tied = np.flatnonzero((kept > 0).any(axis=0) | (kept > 0).any(axis=1))
        if kind == "graph" and len(tied) == 0:
            raise ValueError(
                f"No pair of the {len(names)} skills has a lift above threshold="
                f"{threshold!r}; the highest is {_highest(lift):.3f}. Pass a lower "
                "threshold, or a tracer that sees skills together, such as "
                "DKTClassifier; BKTClassifier and means keep them apart."
            )
        tied, community = _arrange(tied, lift, kept, threshold)
        self.nodes_ = pd.DataFrame(
            {"skill": names[tied], "community": community},
            index=pd.RangeIndex(1, len(tied) + 1, name="number"),
        )
        self.edges_ = _as_edges(names, kept)
        if kind == "matrix":
            apart = np.setdiff1d(np.arange(len(names)), tied)
            self._plot_matrix(ax, names, lift, np.append(tied, apart))
        else:
            note = _describe(top, threshold, len(names) - len(tied))
            self._plot_graph(ax, kept[np.ix_(tied, tied)], threshold, note)
        return self

    def _plot_graph(self, ax, kept, threshold, note):
        side = np.sqrt(len(kept))
        few = len(kept) <= MOST_NAMED
        width = np.clip(2.3 * side, 6, 12) if few else np.clip(1.35 * side, 11, 20)
        ax = axes_for(self, ax, width, 0.7 * width)
        self.ax_, self.figure_ = ax, ax.figure
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_title(note, loc="left", fontsize="small")
        names, community = self.nodes_["skill"], self.nodes_["community"].to_numpy()
        x = draw_graph(ax, names.tolist(), community, kept, threshold)
        self.nodes_ = self.nodes_.assign(x=x[:, 0], y=x[:, 1])

    def _plot_matrix(self, ax, names, lift, order):
        side = matrix_side(len(order))
        ax = axes_for(self, ax, side + 1, side)
        self.ax_, self.figure_ = ax, ax.figure
        self.image_ = draw_matrix(
            ax,
            names[order].tolist(),
            self.nodes_["community"].to_numpy(),
            lift[np.ix_(order, order)],
        )


def _as_matrix(influence):
    """Return the skills of a frame of pairs, and their lift; NaN: a pair without row.

    Skills stand in the order in which they come in the frame.
    """
    missing = [c for c in ("skill", "on", "lift") if c not in influence]
    if missing:
        raise ValueError(
            f"influence has no column {missing[0]!r}; got the columns "
            f"{list(influence.columns)}, expected those that "
            "sktrace.inspection.skill_influence(estimator) returns."
        )
    if len(influence) == 0:
        raise ValueError(
            "influence has 0 rows; expected at least one pair of skills. Look at the "
            "filter that made it."
        )
    lifts = influence["lift"].to_numpy(float, na_value=np.nan)
    if np.isinf(lifts).any():
        skill, on = influence.loc[np.isinf(lifts), ["skill", "on"]].iloc[0].tolist()
        raise ValueError(
            f"influence holds a lift of {lifts[np.isinf(lifts)].tolist()[0]} of "
            f"{skill!r} on {on!r}; expected finite numbers, or NaN where it is not "
            'known: influence["lift"].replace([np.inf, -np.inf], np.nan).'
        )
    pairs = [*influence["skill"].tolist(), *influence["on"].tolist()]
    names = pd.Index(list(dict.fromkeys(pairs)), tupleize_cols=False)
    at = names.get_indexer(pd.Index(pairs, tupleize_cols=False)).reshape(2, -1)
    lift = np.full((len(names), len(names)), np.nan)
    lift[at[0], at[1]] = lifts
    return names, lift


def _strongest(lift, top, threshold):
    """Return the lift of the pairs that get an arrow; 0 for all others."""
    lift = np.nan_to_num(lift)
    np.fill_diagonal(lift, 0)
    rank = (-lift).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.where((rank < top) & (lift > threshold), lift, 0)


def _highest(lift):
    others = lift[~np.eye(len(lift), dtype=bool) & np.isfinite(lift)]
    return others.max(initial=0.0)


def _arrange(tied, lift, kept, threshold):
    """Sort the skills that are tied by community, and like by like within it."""
    if len(tied) == 0:
        return tied, tied
    kept = kept[np.ix_(tied, tied)]
    excess = np.where(kept > 0, kept - min(threshold, 1), 0)
    community = find_communities(excess + excess.T, at_most=len(COLOURS))
    likeness = np.nan_to_num(lift[np.ix_(tied, tied)])
    order = order_by_likeness(likeness, community)
    return tied[order], community[order]


def _as_edges(names, kept):
    i, j = np.nonzero(kept)
    edges = pd.DataFrame(
        {"skill": names.take(i), "on": names.take(j), "lift": kept[i, j]}
    )
    return edges.sort_values("lift", ascending=False, kind="stable", ignore_index=True)


def _describe(top, threshold, n_left):
    """Say which arrows are drawn, and how many skills are not."""
    each = "strongest influence" if top == 1 else f"{top} strongest influences"
    note = f"The {each} on each skill, above ×{threshold:g}; colours: skills so tied."
    if n_left == 0:
        return note
    left = "1 skill" if n_left == 1 else f"{n_left} skills"
    return f"{note}\n{left} without an edge {'is' if n_left == 1 else 'are'} not drawn."
