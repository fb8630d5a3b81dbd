"""Pictures that stand in a page, which the page turns around where it is dark."""

import base64
import io
import warnings

__all__ = ["draw_or_say"]


def draw_or_say(make):
    """Draw, or say what went wrong: the page is not to be lost for a picture.

    Parameters
    ----------
    make : function without parameters
        Returns a display of sktrace that has been drawn.

    Returns
    -------
    dict
        "data" that an image may hold, or "failed", a sentence; the macro `picture` of
        picture.html shows it.
    """
    try:
        import matplotlib.pyplot as plt

        with plt.style.context("default"):  # whatever the settings of the user
            return draw(make())
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def draw(display):
    """Return what was drawn as data that stand in the page."""
    import matplotlib.pyplot as plt

    data = base64.b64encode(save(display.figure_)).decode()
    plt.close(display.figure_)
    return {"data": f"data:image/svg+xml;base64,{data}"}


def save(figure):
    """Return a figure as SVG, with letters as shapes where the font has them all."""
    import matplotlib as mpl

    for fonttype in ("path", "none"):  # none: the browser's fonts write the text
        with (
            io.BytesIO() as file,
            mpl.rc_context({"svg.fonttype": fonttype}),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            figure.savefig(file, format="svg", transparent=True)
            content = file.getvalue()
        if not any("missing from font" in str(w.message) for w in warned):
            break
    return content
