"""What the pictures share: colours, new figures, names that fit."""

import math
import unicodedata

from .._versions import require_extra
from .._words import cut_middle, showable

__all__ = [
    "COLOURS",
    "SEQUENTIAL",
    "add_legend",
    "add_scale",
    "axes_for",
    "cut",
    "grid_of_panels",
    "heat_map",
    "ink",
    "ink_on",
    "is_blank",
    "name_ticks",
    "paper",
    "points_between",
    "shorten",
]

# Okabe & Ito (2008), Color Universal Design; those that show on white and on black.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
SEQUENTIAL = "viridis"  # even in lightness, so it survives grey and colour-blindness
SMALLEST = 5.5  # points; smaller print is none


def axes_for(display, ax, width, height):
    """Return the axes to draw on: those given, or of a new figure in inches."""
    require_extra("plot", f"{type(display).__name__}.plot")
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def grid_of_panels(display, n_panels, width=3.6, height=2.8):
    """Return a new figure and its panels, on common axes, row by row."""
    require_extra("plot", f"{type(display).__name__}.plot")
    import matplotlib.pyplot as plt

    n_columns = {1: 1, 2: 2, 4: 2}.get(n_panels, 3 if n_panels <= 9 else 4)
    n_lines = math.ceil(n_panels / n_columns)
    figure, axes = plt.subplots(
        n_lines,
        n_columns,
        figsize=(width * n_columns, height * n_lines),
        layout="constrained",
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    axes = axes.ravel()
    for ax in axes[n_panels:]:
        ax.remove()
    for ax in axes[max(n_panels - n_columns, 0) : n_panels]:
        ax.xaxis.set_tick_params(labelbottom=True)  # even above an empty place
    return figure, axes[:n_panels]


def ink():
    """Return the colour of text: black in a light notebook, white in a dark one."""
    import matplotlib as mpl

    return mpl.rcParams["text.color"]


def paper():
    """Return the colour behind the lines: white in a light notebook."""
    import matplotlib as mpl

    return mpl.rcParams["axes.facecolor"]


def ink_on(colours):
    """Return the colour of print that is legible on each background.

    Parameters
    ----------
    colours : array of shape (..., 4)
        Red, green, blue and alpha, from 0 to 1.

    Returns
    -------
    ndarray of shape (...,), of str
        ``"black"`` or ``"white"``, whatever the style: the background is coloured.
    """
    import numpy as np

    # Rec. 709 weights of linear light, with a gamma of 2.2; on a luminance of 0.18
    # black and white have the same contrast (WCAG 2).
    luminance = np.asarray(colours)[..., :3] ** 2.2 @ [0.2126, 0.7152, 0.0722]
    return np.where(luminance > 0.18, "black", "white")


def cut(name, length=32):
    """Write a name as a picture can show it: controls written out, the middle cut."""
    text = str(name)
    if text and all(map(is_blank, text)):
        text = ascii(text)
    return cut_middle(showable(text), length)


def is_blank(letter):
    """Say whether a letter leaves no ink: spaces of all widths, and controls."""
    return unicodedata.category(letter)[0] in "ZC"


def shorten(name, length=32):
    """Write a name as matplotlib is to print it: short, and no formula.

    Two "$" would open and close one, and what stands between is often none that
    matplotlib can read. Where text is drawn with ``parse_math=False``, `cut` does.

    >>> print(shorten("cost $5 or $6"))
    cost \\$5 or \\$6
    """
    return cut(name, length).replace("$", r"\$")


def add_legend(owner, handles, **options):
    """Add a legend to axes or to a figure, whatever the labels begin with.

    matplotlib leaves out those that begin with "_", some of its versions even if they
    are passed; so they are written once the legend stands.
    """
    legend = owner.legend(handles, ["label"] * len(handles), **options)
    for text, handle in zip(legend.get_texts(), handles, strict=True):
        text.set_text(handle.get_label())
    return legend


def heat_map(ax, share, cmap, **options):
    """Draw shares from 0 to 1 as colours, in place of those of an earlier call.

    That call's scale is removed: `add_scale` adds that of the new ones.
    """
    for old in [image.colorbar for image in ax.images]:
        if old is not None:
            old.remove()
    options = {"aspect": "auto", "interpolation": "nearest", **options}
    return ax.imshow(share, cmap=cmap, vmin=0, vmax=1, **options)


def add_scale(image, label):
    """Add the scale of a heat map, once its axes, which it narrows, were measured."""
    bar = image.figure.colorbar(image, ax=image.axes, pad=0.01)
    bar.set_label(shorten(label))


def points_between(axis, n_lines):
    """Return the distance of an axis' lines in points, were they to fill it."""
    box = axis.axes.get_window_extent()
    length = box.width if axis.axis_name == "x" else box.height
    return length * 72 / axis.axes.figure.dpi / n_lines


def name_ticks(axis, names):
    """Name the lines of a heat map in print that fits, or else every so many.

    Returns
    -------
    int
        1 if every line is named, 3 if every third is.
    """
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    names = [shorten(name) for name in names]
    room = 0.85 * points_between(axis, len(names))
    label = mpl.rcParams[f"{axis.axis_name}tick.labelsize"]
    usual = FontProperties(size=label).get_size_in_points()
    step = max(1, math.ceil(SMALLEST / room))
    size = min(usual, room * step)
    axis.set_ticks(range(0, len(names), step), names[::step])
    axis.set_tick_params(labelsize=size, length=min(3.5, size / 2))
    if axis.axis_name == "x":
        turned = max(map(len, names)) * 0.6 * size > room  # a letter is 0.6 em wide
        steep = turned and room < 2 * size
        axis.set_tick_params(labelrotation=90 if steep else 45 if turned else 0)
        for text in axis.get_ticklabels():
            text.set_rotation_mode("anchor" if turned else "default")
            text.set_horizontalalignment("right" if turned else "center")
            text.set_verticalalignment("center" if turned else "top")
    return step
