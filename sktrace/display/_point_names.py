"""Names beside points, where there is room for them."""

import numpy as np

from ._style import cut, ink, paper

__all__ = ["name_points"]

_SIZE = 8  # points
_GAP = 4  # from a point to its name
# Where a name may stand, seen from its point: alignment, and direction.
_PLACES = [  # the corners first: intervals run up and down, left and right
    ("left", "bottom", (1, 1)),
    ("left", "top", (1, -1)),
    ("right", "bottom", (-1, 1)),
    ("right", "top", (-1, -1)),
    ("left", "center", (1, 0)),
    ("right", "center", (-1, 0)),
    ("center", "bottom", (0, 1)),
    ("center", "top", (0, -1)),
]


def name_points(ax, frame, x, y):
    """Write the index of a frame beside its points, so that no name covers another.

    Parameters
    ----------
    ax : matplotlib axes
        On which all else has been drawn.
    frame : DataFrame
        One line per point.
    x, y : str
        Columns of the frame.

    Returns
    -------
    list of Annotation
        Of a crowd, fewer than there are points.
    """
    if len(frame) == 0:
        return []
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())  # names move no limit
    from matplotlib.patheffects import withStroke

    around = [withStroke(linewidth=2, foreground=paper())]  # legible in a crowd
    root = ax.figure.canvas.figure
    root.draw_without_rendering()
    scale = 72 / root.dpi
    points = ax.transData.transform(frame[[x, y]].to_numpy(dtype=float)) * scale
    box = ax.get_window_extent()
    frame_of_axes = np.array([box.x0, box.y0, box.x1, box.y1]) * scale
    taken = [np.append(point - 3, point + 3) for point in points]
    written = []
    for number, (name, point) in enumerate(zip(frame.index, points, strict=True)):
        text = cut(name, 24)
        size = np.array([0.6 * _SIZE * len(text), 1.1 * _SIZE])
        others = taken[:number] + taken[number + 1 :]
        for horizontal, vertical, direction in _PLACES:
            offset = _GAP * np.array(direction)
            low = point + offset + size * (np.array(direction) - 1) / 2
            own = np.append(low, low + size)
            inside = (own[:2] >= frame_of_axes[:2]).all()
            inside &= (own[2:] <= frame_of_axes[2:]).all()
            if inside and not any(_overlap(own, other) for other in others):
                taken.append(own)
                written.append(
                    ax.annotate(
                        text,
                        frame[[x, y]].iloc[number],
                        xytext=offset,
                        textcoords="offset points",
                        ha=horizontal,
                        va=vertical,
                        size=_SIZE,
                        color=ink(),
                        parse_math=False,
                        path_effects=around,
                        zorder=4,
                    )
                )
                break
    return written


def _overlap(one, other):
    return (one[:2] < other[2:]).all() and (other[:2] < one[2:]).all()
