"""What the pictures share: colours, new figures, names that fit."""

from sklearn.utils._optional_dependencies import check_matplotlib_support

__all__ = ["COLOURS", "SEQUENTIAL", "axes_for", "ink", "paper", "shorten"]

# Okabe & Ito (2008), Color Universal Design; those that show on white and on black.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
SEQUENTIAL = "viridis"  # even in lightness, so it survives grey and colour-blindness


def axes_for(display, ax, width, height):
    """Return the axes to draw on: those given, or of a new figure in inches."""
    check_matplotlib_support(f"{type(display).__name__}.plot")
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def ink():
    """Return the colour of text: black in a light notebook, white in a dark one."""
    import matplotlib as mpl

    return mpl.rcParams["text.color"]


def paper():
    """Return the colour behind the lines: white in a light notebook."""
    import matplotlib as mpl

    return mpl.rcParams["axes.facecolor"]


def shorten(name, length=32):
    """Cut the middle out of a long name: names of one kind differ at their ends."""
    text, half = str(name), length // 2
    return text if len(text) <= length else f"{text[:half]}…{text[1 - half :]}"
