"""Workbooks of Excel, of which one sheet is a table."""

from .._words import list_names, quote
from ._read_frame import MISSING, FrameTable, as_column
from ._read_problems import ReadingError
from ._read_zip import opened_zip, refuse_large

__all__ = ["open_workbook"]

_BYTES_PER_CELL = 8  # at least, once a cell is in memory
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
_LOOKED_AT = 50  # rows, in which the header begins


def open_workbook(source):
    """Read the only sheet with a table; dates, times and numbers stay what they are."""
    with opened_zip(source) as archive:
        refuse_large(source, archive.infolist())
    sheets = {name: rows for name, rows in _read_sheets(source).items() if rows}
    tables = {name: rows for name, rows in sheets.items() if _is_table(rows)}
    if not tables:
        raise ReadingError(
            f"{source.name} has no sheet with a table; expected a header and rows "
            "below it. Look at how it was written: what formulas give is there only "
            "once a program has opened and saved it."
        )
    if len(tables) > 1:
        path, first = str(source.path), next(iter(tables))
        raise ReadingError(
            f"{source.name} has {len(tables)} sheets with tables, "
            f"{list_names(list(tables))}; expected one. Save the one that counts as "
            f"CSV, and read that file: pandas.read_excel({path!r}, "
            f"sheet_name={first!r}).to_csv('log.csv', index=False)."
        )
    name, rows = next(iter(tables.items()))
    table = _as_table(source, name, rows)
    if len(sheets) > 1:
        others = [other for other in sheets if other != name]
        table.notes.append(
            f"The sheet {quote(name)} is read; {list_names(others)} has no table."
        )
    return table


def _is_table(rows):
    """Tell a header and a row from a few words."""
    return sum(len(row) > 1 for row in rows) > 1


def _read_sheets(source):
    """Return the rows of each sheet, empty cells at their ends left out."""
    try:
        import openpyxl
    except ImportError as error:
        raise ImportError(
            f"Reading {source.name} needs openpyxl, not installed here: pip install "
            "openpyxl. Or save the table as CSV."
        ) from error
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that it leaves out
            book = openpyxl.load_workbook(
                source.content(), read_only=True, data_only=True, keep_links=False
            )
            try:
                return {
                    sheet.title: _read_sheet(source, sheet) for sheet in book.worksheets
                }
            finally:
                book._archive.close()
    except (ReadingError, MemoryError):
        raise
    except Exception as error:  # of many kinds, by what is wrong in which of its files
        raise ReadingError(
            f"{source.name} is no whole Excel workbook, or of a kind that openpyxl "
            "cannot read; expected one that pandas.read_excel can. Save its table as "
            "CSV."
        ) from error


def _read_sheet(source, sheet):
    """Return the rows of a sheet that have a value, as lists."""
    sheet.reset_dimensions()  # which say what a file likes to say
    rows, widest = [], 0
    for cells in sheet.iter_rows(values_only=True):
        row = [None if _is_empty(cell) else cell for cell in cells]
        while row and row[-1] is None:
            row.pop()
        if row:
            rows.append(row)
            widest = max(widest, len(row))
            _refuse_bomb(source, len(rows) * widest)
    return rows


def _is_empty(cell):
    return isinstance(cell, str) and (not cell.strip() or cell in _ERRORS)


def _refuse_bomb(source, n_cells):
    if n_cells * _BYTES_PER_CELL > source.most_bytes:
        raise ReadingError(
            f"{source.name} has {source.size:,} bytes, and more than {n_cells:,} cells "
            "would come out of it; expected no more than "
            f"{source.most_bytes // _BYTES_PER_CELL:,}. If you trust it, save its "
            "table as CSV, and read that."
        )


def _as_table(source, sheet, rows):
    """Make a table of the rows of a sheet: a header, and what stands below it."""
    top, notes = _find_header(rows), []
    if top:
        skipped = "The row" if top == 1 else f"The {top} rows"
        verb = "is" if top == 1 else "are"
        notes.append(
            f"{skipped} above the header in the sheet {quote(sheet)} {verb} skipped."
        )
    header, *below = rows[top:]
    width = max(map(len, rows[top:]))
    header = [_name(cell) for cell in header] + [""] * (width - len(header))
    columns = [
        as_column([row[at] if at < len(row) else None for row in below], True)
        for at in range(width)
    ]
    used = [
        at for at in range(width) if header[at] or (len(below) and columns[at].count())
    ]
    return FrameTable(
        source, [header[at] for at in used], [columns[at] for at in used], notes
    )


def _find_header(rows):
    """Return the place of the first row that is about as full as any below it."""
    counts = [sum(cell is not None for cell in row) for row in rows[:_LOOKED_AT]]
    enough = max(2, 0.75 * max(counts))
    return next(at for at, n_cells in enumerate(counts) if n_cells >= enough)


def _name(cell):
    """Write a cell of the header as the name that it shows."""
    if cell is None or (isinstance(cell, str) and cell in MISSING):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()
