"""Every picture twice: one for a light page, one for a dark one.

Figures are drawn in an ink and on a paper that nothing else uses. So what has these
colours can be told, when the figure is saved again for a dark page, from what is black
or white on purpose, such as print on a heat map. Wherever a page shows `x.png` and
there is `x-dark.png`, it shows the one or the other.
"""

import colorsys
from pathlib import Path

from docutils import nodes

INK, PAPER = "#1f2328", "#fefefe"
DARK_PAPER = "#14181e"  # the theme's
LIGHT = {
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "patch.edgecolor": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.dpi": 110,
}


def reset(gallery_conf, fname, when):
    """Let an example draw in our ink."""
    import matplotlib as mpl

    if when == "before":
        mpl.rcParams.update(LIGHT)


def scrape(block, block_vars, gallery_conf):
    """Save the figures of a piece of an example, for light pages and for dark ones."""
    import matplotlib.pyplot as plt
    from sphinx_gallery.scrapers import matplotlib_scraper

    figures = [plt.figure(number) for number in plt.get_fignums()]
    paths = block_vars["image_path_iterator"].paths
    n_before = len(paths)
    rst = matplotlib_scraper(block, block_vars, gallery_conf)
    for figure, path in zip(figures, paths[n_before:], strict=True):
        save_dark(figure, path)
    return rst


def save_dark(figure, path):
    """Save a figure that has been saved as `path` beside it, for a dark page."""
    for artist in figure.findobj():
        _recolour(artist)
    figure.savefig(dark(path), facecolor=DARK_PAPER)


def dark(path):
    """Return where the picture for a dark page is."""
    path = Path(path)
    return path.with_name(f"{path.stem.removesuffix('-light')}-dark{path.suffix}")


def _recolour(artist):
    import matplotlib as mpl
    from matplotlib.collections import Collection
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.patheffects import withStroke
    from matplotlib.text import Text

    if isinstance(artist, Text):
        names = ["color"]
        for part in (artist.get_bbox_patch(), getattr(artist, "arrow_patch", None)):
            if part is not None:
                _recolour(part)
        if artist.get_path_effects():  # a rim that keeps a name legible in a crowd
            rim = withStroke(linewidth=2, foreground=DARK_PAPER)
            artist.set_path_effects([rim])
    elif isinstance(artist, Line2D):
        names = ["color", "markerfacecolor", "markeredgecolor"]
    elif isinstance(artist, Patch | Collection):
        names = ["facecolor", "edgecolor"]
    else:
        return
    if isinstance(artist, Collection) and artist.get_array() is not None:
        return  # colours that are numbers
    on_map = artist.axes is not None and artist.axes.images
    # All are read first: the edge of a marker may follow its line.
    old = {name: getattr(artist, f"get_{name}")() for name in names}
    for name, colour in old.items():
        if isinstance(colour, str) and colour in ("none", "auto", "face"):
            continue
        many = mpl.colors.to_rgba_array(colour)
        if on_map and {*map(tuple, many[:, :3])} <= {(0, 0, 0), (1, 1, 1)}:
            continue  # print on coloured cells
        new = [_for_dark(*each) for each in many]
        if new:
            one = not isinstance(artist, Collection)
            getattr(artist, f"set_{name}")(new[0] if one else new)


def _for_dark(red, green, blue, alpha):
    """Return the colour that does on a dark page what this one does on a light one."""
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    if max(red, green, blue) - min(red, green, blue) < 0.1:  # between paper and ink
        hue, light, saturation = 0.6, 0.087 + 0.9 * (1 - light), 0.2
    elif light > 0.75:  # a tint of the paper
        light, saturation = 1.05 - light, saturation * 0.6
    elif light < 0.45:
        light = 0.45 + light / 3
    return (*colorsys.hls_to_rgb(hue, min(light, 1), saturation), alpha)


def show_both(app, doctree):
    """Put the picture for dark pages beside each that has one."""
    from sphinx_gallery.directives import imgsgnode

    for image in [*doctree.findall(nodes.image), *doctree.findall(imgsgnode)]:
        name = image["uri"].lstrip("/")
        beside = (app.srcdir, Path(app.env.doc2path(app.env.docname)).parent)
        path = next((Path(p, name) for p in beside if Path(p, name).exists()), None)
        if path is None or not _dark_of(path).exists():
            continue
        stem = Path(image["uri"])
        pair = []
        for uri, only in ((stem, "only-light"), (dark(stem), "only-dark")):
            classes = [*(image.get("class") or []), *image["classes"], only]
            more = {k: image[k] for k in ("alt", "width") if k in image}
            pair.append(nodes.image(uri=uri.as_posix(), classes=classes, **more))
        link = image.parent
        if isinstance(link, nodes.reference):  # which may hold one picture only
            links = [link.copy(), link.copy()]
            for copy, picture in zip(links, pair, strict=True):
                copy["classes"] = [*copy["classes"], picture["classes"][-1]]
                copy += picture
            image, pair = link, links
        # Not side by side with a caption, which the theme would hide with either.
        image.replace_self(nodes.inline("", "", *pair))


def _dark_of(path):
    """Return the dark picture; that of a thumbnail is made from its example's."""
    other = dark(path)
    if path.parent.name == "thumb" and not other.exists():
        first = path.name.replace("_thumb.png", "_001-dark.png")
        if (large := path.parent.parent / first).exists():
            from sphinx_gallery.utils import scale_image

            scale_image(large, other, 400, 280)
    return other


def allow_none(app, config):
    """Let pictures be absent where the examples are not to be run."""
    if config.sphinx_gallery_conf.get("plot_gallery") in ("0", "False", 0, False):
        config.suppress_warnings.append("image.not_readable")


def setup(app):
    """Come before Sphinx collects the pictures of a page."""
    app.connect("config-inited", allow_none, priority=900)
    app.connect("doctree-read", show_both, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
