"""Where the header of a text file stands, and what stands between its cells."""

import csv
import re

__all__ = ["find_head", "have_names", "is_rule", "read_cells"]

_SEPARATORS = "\t;,|"
_RULE = re.compile(r"[\s|+:;,=-]*--[\s|+:;,=-]*")  # as Markdown and psql draw it
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def read_cells(lines, sep):
    """Yield the number of the first line of each row, and its cells.

    A row that cannot be taken apart ends it.
    """
    # DataShop quotes nothing: there, a quotation mark must not open a cell.
    quoting = csv.QUOTE_MINIMAL
    if sep == "\t" and '"' not in lines[0]:
        quoting = csv.QUOTE_NONE
    rows, begin = csv.reader(lines, delimiter=sep, quoting=quoting), 0
    try:
        for cells in rows:
            yield begin, [cell.strip() for cell in cells]
            begin = rows.line_num
    except csv.Error:
        return


def find_head(lines, sep):
    """Return the number of the line that the header begins with, and the separator.

    Parameters
    ----------
    lines : list of str
        The first lines of a file, at least one of them not empty.
    sep : str or None
        None has it guessed.
    """
    if sep is None:
        sep = max(_SEPARATORS, key=lambda each: _suit(lines, each))
    rows = [(begin, cells) for begin, cells in read_cells(lines, sep) if any(cells)]
    if not rows:  # nothing but separators
        return 0, sep
    first, width = rows[0][0], _usual([len(cells) for _, cells in rows])
    if have_names(rows[0][1], lines[rows[0][0] + 1 :], sep):
        return first, sep
    for at, (begin, cells) in enumerate(rows):
        if not _is_above(cells, width):
            below = [others for _, others in rows[at + 1 :]]
            told = begin == first or _may_be_names(cells, below)
            return (begin if told else first), sep
    return first, sep


def have_names(header, below, sep):
    """Tell rows that begin with a name of their own, for which the header has none."""
    rows = [cells for _, cells in read_cells(below, sep) if any(cells)] if below else []
    rows = rows[: len(rows) - 1] if len(rows) > 2 else rows  # it may be cut
    if len(header) < 2 or not rows or not all(header):
        return False
    if any(len(cells) != len(header) + 1 for cells in rows):
        return False
    names = [cells[0] for cells in rows]
    counted = all(name.isdecimal() for name in names) and len(set(names)) == len(names)
    return counted and any(cells[-1] for cells in rows)


def is_rule(below):
    """Tell a line of dashes, which is no row."""
    return bool(below) and _RULE.fullmatch(below[0].strip()) is not None


def _suit(lines, sep):
    """Tell how well a separator suits: most rows have the same number of cells."""
    widths = [len(cells) for _, cells in read_cells(lines, sep) if any(cells)]
    width = _usual(widths)
    share = sum(each == width for each in widths) / max(len(widths), 1)
    # What stands in every row as often wins; then what parts more.
    return (width > 1) * share, sep == "\t", width, max(widths, default=0)


def _usual(widths):
    """Return the commonest number of cells, but for one; of two, the smaller."""
    several = [width for width in widths if width > 1] or widths
    return max(sorted(set(several)), key=several.count, default=0)


def _is_above(cells, width):
    """Tell a line above the header: a title, a remark, or a name and its value."""
    filled = sum(map(bool, cells))
    if cells[0].startswith("#") and filled < width:
        return True
    # Excel writes all separators.
    return len(cells) < width or (not any(cells[2:]) and filled <= width / 2)


def _may_be_names(cells, below):
    """Tell a header from a row of data, above which no line may be left out."""
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    counted = numbers == [str(n) for n in range(1, len(numbers) + 1)]
    if not counted or len(numbers) in (1, 2, len(cells)):  # they are no questions
        return False
    again = any(
        cell and cell == other
        for row in below
        for cell, other in zip(cells, row, strict=False)
    )
    return not again and all(cells) and len(set(cells)) == len(cells)
