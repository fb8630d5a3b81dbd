"""The picture of a page, drawn by the code that stands on the page.

The code is run until it has saved a picture. It is drawn once, as the gallery is:
remove docs/_made to draw it again.
"""

import contextlib
import os
import re
from pathlib import Path

from light_and_dark import LIGHT, save_dark

PICTURES = {"five-minutes.md": "mastery.png"}
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def draw(app):
    """Draw what has not been drawn, for light pages and for dark ones."""
    folder = Path(app.srcdir, "_made")
    folder.mkdir(exist_ok=True)
    for page, picture in PICTURES.items():
        if app.builder.format == "html" and not (folder / picture).exists():
            _run(Path(app.srcdir, page).read_text("utf-8"), folder, picture)


def _run(text, folder, picture):
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    there, namespace = Path.cwd(), {}
    with mpl.rc_context(LIGHT), open(os.devnull, "w") as nowhere:
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(nowhere):
                for block in PYTHON.findall(text):
                    exec(block, namespace)
                    if Path(picture).exists():
                        save_dark(plt.gcf(), picture)
                        return
        finally:
            plt.close("all")
            os.chdir(there)
    raise LookupError(f"The code does not save {picture!r}.")


def setup(app):
    """Draw before Sphinx reads the pages."""
    app.connect("builder-inited", draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
