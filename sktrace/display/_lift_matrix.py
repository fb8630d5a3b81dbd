"""The lift of all pairs of skills as a heat map."""

import numpy as np

from ._graph_drawing import tint
from ._style import COLOURS, cut, ink, paper

__all__ = ["draw_matrix", "matrix_side"]


def matrix_side(n_skills):
    """Return how wide and high a figure of so many skills is, in inches."""
    return float(np.clip(3 + 0.25 * n_skills, 5, 16))


def draw_matrix(ax, names, community, lift):
    """Draw the lift of row on column, with a frame around each community.

    Parameters
    ----------
    ax : matplotlib axes
    names : sequence of length n
    community : ndarray
        Of the first nodes, those that have one; members stand together.
    lift : ndarray of shape (n, n)
        Grey where it is NaN, and on the diagonal.

    Returns
    -------
    AxesImage
    """
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    n = len(names)
    shown = np.where(np.eye(n, dtype=bool), np.nan, lift)
    # As far down as up, so that paper is a lift of 1; a few extremes are cut off.
    far = np.exp(max(np.quantile(np.abs(np.log(_present(shown))), 0.99), 0.01))
    colours = LinearSegmentedColormap.from_list(
        "lift", [COLOURS[0], paper(), COLOURS[5]]
    )
    colours = colours.with_extremes(bad=tint(ink(), 0.25))
    image = ax.imshow(
        shown,
        cmap=colours,
        norm=LogNorm(1 / far, far),
        interpolation="nearest",
    )
    labels = [cut(name) for name in names]
    font = {"fontsize": np.clip(50 * matrix_side(n) / n, 5, 9), "parse_math": False}
    ax.set_xticks(range(n), labels, rotation=90, **font)
    ax.set_yticks(range(n), labels, **font)
    ax.set(xlabel="skill asked next", ylabel="skill answered right")
    _frame_communities(ax, community)
    _add_scale(ax, image, far)
    return image


def _present(lift):
    """Return the lifts there are, as numbers that have a logarithm."""
    lift = lift[np.isfinite(lift)]
    return np.clip(lift if len(lift) else np.ones(1), 1e-3, 1e3)


def _frame_communities(ax, community):
    from matplotlib.patches import Rectangle

    for label in np.unique(community):
        first, size = np.argmax(community == label), (community == label).sum()
        frame = Rectangle(
            (first - 0.5, first - 0.5), size, size, fill=False, edgecolor=ink()
        )
        ax.add_patch(frame)


def _add_scale(ax, image, far):
    from matplotlib.ticker import FixedLocator, NullLocator

    bar = ax.figure.colorbar(
        image,
        ax=ax,
        extend="both",
        pad=0.01,
        shrink=0.8,
        label="lift: P(correct) over its mean\nafter a right answer on any skill",
    )
    steps = np.exp(np.linspace(-1, 1, 5) * np.log(far))
    bar.ax.yaxis.set_major_locator(FixedLocator(steps))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    bar.ax.set_yticklabels([f"×{step:.2f}" for step in steps])
