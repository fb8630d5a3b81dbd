"""Pictures that stand in a page, each for light and for dark."""

import base64
import io
import warnings

__all__ = ["draw_or_say"]


def draw_or_say(make):
    """Draw, or say what went wrong: the page is not to be lost for a picture.

    Parameters
    ----------
    make : function without parameters
        Returns a display of sktrace.

    Returns
    -------
    dict
        "light" and "dark" to data that an image may hold, or "failed" to a sentence;
        the macro `picture` of picture.html shows it.
    """
    try:
        return draw(make())
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def draw(display):
    """Draw in matplotlib's light and dark style, as data that stand in the page."""
    import matplotlib.pyplot as plt

    drawn = {}
    plt.close(display.figure_)
    for theme, style in {"light": "default", "dark": "dark_background"}.items():
        with plt.style.context(style):
            figure = display.plot().figure_
            content = save(figure)
            plt.close(figure)
        if theme == "dark":  # on black, the blue of light pictures is hard to read
            content = content.replace(b"#0072b2", b"#6cc4ff")
        data = base64.b64encode(content).decode()
        drawn[theme] = f"data:image/svg+xml;base64,{data}"
    return drawn


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
