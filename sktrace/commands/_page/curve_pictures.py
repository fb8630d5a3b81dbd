"""Small pictures as SVG that stands in the page, and takes its colours."""

__all__ = ["draw_calibration", "draw_curve"]

SPARK = (120, 40)  # units of a picture without axes
PANEL = (240, 140)
LEFT, BOTTOM, EDGE = 34, 16, 4


def draw_curve(curve, labelled=True):
    """Draw a learning curve: what was observed, its interval, what was predicted.

    Parameters
    ----------
    curve : DataFrame
        With opportunity, observed, low, high and predicted.
    labelled : bool, default=True
        With axes; without them it is as small as a word.

    Returns
    -------
    Markup
    """
    (width, height), box = (PANEL, BOTTOM) if labelled else (SPARK, EDGE)
    left = LEFT if labelled else EDGE
    last = max(curve["opportunity"].max(), 2)
    step = (width - left - EDGE) / (last - 1)
    scale = height - box - EDGE

    def place(column):
        points = zip(curve["opportunity"], curve[column], strict=True)
        return [(left + (n - 1) * step, EDGE + (1 - p) * scale) for n, p in points]

    observed = place("observed")
    band = [*place("high"), *reversed(place("low"))]
    lines = [
        _axes(width, left, scale, f"{last:,}") if labelled else "",
        f'<polygon class="band" points="{_points(band)}"/>',
        f'<polyline class="seen" points="{_points(observed)}"/>',
        f'<polyline class="told" points="{_points(place("predicted"))}"/>',
    ]
    if labelled or len(observed) == 1:
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in observed]
    return _wrap(width, height, _describe(curve), lines)


def draw_calibration(table):
    """Draw observed shares and their intervals over what was predicted.

    Parameters
    ----------
    table : DataFrame
        With predicted, observed, low and high.

    Returns
    -------
    Markup
    """
    size, scale = 240, 240 - LEFT - EDGE
    lines = [
        _axes(size, LEFT, scale, "100 %", "0 %"),
        f'<path class="told" d="M{LEFT} {EDGE + scale}L{LEFT + scale} {EDGE}"/>',
    ]
    for row in table.itertuples():
        x, y, low, high = (
            f"{value:.1f}"
            for value in (
                LEFT + row.predicted * scale,
                *(EDGE + (1 - p) * scale for p in (row.observed, row.low, row.high)),
            )
        )
        lines.append(f'<path class="seen" d="M{x} {low}V{high}"/>')
        lines.append(f'<circle cx="{x}" cy="{y}" r="3"/>')
    text = "The share that was right over what was predicted; the table holds it."
    return _wrap(size, size, text, lines)


def _axes(width, left, scale, last, first="1"):
    """Return lines at 0, 50 and 100 %, and the ends of the other axis."""
    lines = []
    for share, text in ((0, "0 %"), (0.5, "50 %"), (1, "100 %")):
        y = EDGE + (1 - share) * scale
        lines.append(f'<path class="grid" d="M{left} {y:.1f}H{width - EDGE}"/>')
        lines.append(f'<text x="{left - 3}" y="{y + 3:.1f}" class="end">{text}</text>')
    y = EDGE + scale + 11
    lines.append(f'<text x="{left}" y="{y:.1f}">{first}</text>')
    lines.append(f'<text x="{width - EDGE}" y="{y:.1f}" class="end">{last}</text>')
    return "".join(lines)


def _points(places):
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _describe(curve):
    """Say in words where a curve begins and ends."""
    said = [
        f"opportunity {row.opportunity:,}: {row.observed:.0%} right, "
        f"{row.predicted:.0%} predicted"
        for row in curve.iloc[[0, -1]].drop_duplicates().itertuples()
    ]
    return "; ".join(said)


def _wrap(width, height, text, lines):
    from markupsafe import Markup

    return Markup(
        f'<svg class="curve" viewBox="0 0 {width} {height}" role="img" '
        f'width="{width}" height="{height}"><title>{text}</title>{"".join(lines)}</svg>'
    )
