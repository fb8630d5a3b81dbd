"""Boxes, arrows and a key, drawn in points: one unit of the axes is one of a font."""

import textwrap

import numpy as np

from ._graph_layout import place_nodes, push_apart
from ._style import COLOURS, cut, ink, is_blank, paper

__all__ = ["MOST_NAMED", "draw_graph", "tint"]

MOST_NAMED = 30  # nodes that carry their names; more carry numbers, with a key
_LEGEND = (
    "lift: P(correct) after a right answer where the arrow starts, over its mean after "
    "one on any skill"
)
_THIN, _THICK = 0.6, 3.0  # widths of arrows


def tint(colour, share):
    """Return a colour thinned with paper, so that ink on it can be read."""
    from matplotlib.colors import to_rgb

    mixed = share * np.array(to_rgb(colour)) + (1 - share) * np.array(to_rgb(paper()))
    return tuple(mixed)


def draw_graph(ax, names, community, lift, threshold):
    """Draw nodes and arrows into empty axes; return the nodes' centres in points.

    Parameters
    ----------
    ax : matplotlib axes
    names : sequence of length n
        Nodes, in the order of their numbers.
    community : ndarray of shape (n,)
        Decides the colour of each.
    lift : ndarray of shape (n, n)
        From row to column; 0 where no arrow is drawn.
    threshold : float
        The lift of the thinnest arrow.
    """
    width, height = _measure(ax)
    ax.set(xlim=(0, width), ylim=(0, height))
    left = width
    if len(names) > MOST_NAMED:
        left = _draw_key(ax, names, community, width, height)
        labels, size = [str(k + 1) for k in range(len(names))], 7.5
    else:
        size = 10 if len(names) <= 12 else 8.5
        labels = ["\n".join(textwrap.wrap(cut(n, 48), 17)) for n in names]
    sizes = np.array([_text_size(label, size) for label in labels]) + np.array([7, 5])
    sizes[:, 0] = np.maximum(sizes[:, 0], sizes[:, 1])
    legend = textwrap.wrap(_LEGEND, max(30, int(width / 4.2)))  # points per letter
    foot = 14 + 10 * len(legend)
    x = _place(lift, community, sizes, (0, foot, left, height))
    boxes = [
        _draw_node(ax, *node, size)
        for node in zip(x, sizes, labels, community, strict=True)
    ]
    high = max(lift.max(), threshold + 0.01)
    for i, j in np.argwhere(lift > 0):
        same = community[i] == community[j]
        _draw_arrow(
            ax,
            (x[i], x[j]),
            (boxes[i], boxes[j]),
            colour=COLOURS[community[i]] if same else tint(ink(), 0.45),
            width=_width(lift[i, j], threshold, high),
            zorder=2 if same else 1,
        )
    _draw_legend(ax, threshold, high, "\n".join(legend))
    return x


def _measure(ax):
    """Return width and height of axes in points, once the figure is laid out."""
    root = ax.figure.canvas.figure
    root.draw_without_rendering()
    box = ax.get_window_extent()
    return box.width * 72 / root.dpi, box.height * 72 / root.dpi


def _text_size(text, size):
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    # "$" would open a formula, which a name does not hold; blanks have no outline.
    lines = text.replace("$", "S").split("\n")
    lines = [
        "".join("i" if is_blank(letter) else letter for letter in line)
        for line in lines
    ]
    font = FontProperties(size=size)
    paths = [TextPath((0, 0), line or "i", prop=font) for line in lines]
    widths = [path.vertices[:, 0].max(initial=0) for path in paths]
    return max(widths), 1.2 * size * len(lines)


def _place(lift, community, sizes, frame):
    # Neighbours in a community stand closer than those of two.
    edge = (lift > 0) | (lift > 0).T
    length = np.where(community[:, None] == community[None], 1.0, 2.0) * edge
    left, bottom, right, top = frame
    margin = sizes.max(axis=0)
    box = np.array([right - left, top - bottom]) - margin
    x = place_nodes(length, *box) + (left, bottom) + margin / 2
    return push_apart(x, sizes + 6, frame)


def _draw_node(ax, centre, size, label, community, font_size):
    from matplotlib.patches import FancyBboxPatch

    colour = COLOURS[community]
    box = FancyBboxPatch(
        centre - size / 2,
        *size,
        boxstyle=f"round,pad=0,rounding_size={min(6.0, *size / 2):.2f}",
        facecolor=tint(colour, 0.3),
        edgecolor=colour,
        linewidth=1.2,
        zorder=3,
    )
    ax.add_artist(box)  # a patch would look for the limits of the axes, at length
    ax.text(
        *centre,
        label,
        size=font_size,
        color=ink(),
        ha="center",
        va="center_baseline",
        linespacing=1.1,
        parse_math=False,
        zorder=4,
    )
    return box


def _width(lift, low, high):
    return _THIN + (_THICK - _THIN) * (lift - low) / (high - low)


def _draw_arrow(ax, ends, boxes, colour, width, zorder):
    from matplotlib.patches import FancyArrowPatch

    arrow = FancyArrowPatch(
        *ends,
        patchA=boxes[0],
        patchB=boxes[1],
        shrinkA=0,
        shrinkB=1,
        connectionstyle="arc3,rad=0.12",  # so that there and back are two arrows
        arrowstyle="-|>",
        mutation_scale=5 + 2.5 * width,
        linewidth=width,
        color=colour,
        zorder=zorder,
    )
    ax.add_artist(arrow)


def _draw_legend(ax, low, high, title):
    from matplotlib.lines import Line2D

    steps = np.linspace(low, high, 3)
    handles = [
        Line2D([], [], color=ink(), linewidth=_width(lift, low, high)) for lift in steps
    ]
    ax.legend(
        handles,
        [f"×{lift:.2f}" for lift in steps],
        title=title,
        loc="lower left",
        ncols=len(steps),
        fontsize=8,
        title_fontsize=8,
        alignment="left",
        frameon=False,
        borderaxespad=0,
        borderpad=0,
    )


def _draw_key(ax, names, community, width, height, size=7):
    """List what numbers stand for, at the right; return where the key begins."""
    line, gap = 1.32 * size, 0.6 * size
    names = [cut(name, 36) for name in names]
    opens = np.diff(community, prepend=community[0]) != 0
    room = max(1, int((height - opens.sum() * gap) // line))
    n_columns = -(-len(names) // room)
    columns = np.array_split(np.arange(len(names)), n_columns)
    wide = [max(_text_size(names[k], size)[0] for k in rows) + 26 for rows in columns]
    left = width - sum(wide)
    if left < width / 2:  # small axes: the graph comes first
        return width
    text = {"size": size, "va": "center", "parse_math": False}
    for rows, x in zip(columns, left + np.cumsum(wide) - wide, strict=True):
        down = line * np.arange(len(rows)) + gap * np.cumsum(opens[rows])
        top = height - line / 2 + gap * opens[rows[0]]
        for k, y in zip(rows, top - down, strict=True):
            colour = COLOURS[community[k]]
            number = {"color": colour, "weight": "bold", "ha": "right"}
            ax.text(x + 18, y, f"{k + 1}", **number, **text)
            ax.text(x + 22, y, names[k], color=ink(), **text)
    return left
