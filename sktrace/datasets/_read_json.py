"""JSON: an object in each line, or a list of objects, as a table."""

import json

import pandas as pd

from .._words import first_few, list_names
from ._read_encoding import find_encoding, open_text
from ._read_frame import FrameTable, as_column
from ._read_problems import ReadingError

__all__ = ["open_json"]

_ABOVE = 80  # letters of a value that a message shows


def open_json(source, encoding):
    """Read objects, each a row; lists in them stay lists, for who takes them apart."""
    encoding = find_encoding(source, encoding)
    with open_text(source, encoding) as lines:
        text = lines.read()
    columns, n_rows = {}, 0
    for record in _records(text, source):
        _refuse_objects(record, source)
        for name, value in record.items():
            column = columns.setdefault(name, [])
            column.extend([None] * (n_rows - len(column)))
            column.append(value)
        n_rows += 1
    if not columns:
        raise ReadingError(
            f"{source.name} is JSON without a row in it; expected objects such as "
            '{"user_id": "ann", "correct": 1}, one in each line. Look at how it was '
            "written."
        )
    for column in columns.values():
        column.extend([None] * (n_rows - len(column)))
    try:
        made = [_as_column(values) for values in columns.values()]
    except UnicodeError:
        raise ReadingError(
            f"{source.name} writes halves of letters, such as \\ud800, which no text "
            "has; expected both halves of each. Get the file again, or mend them."
        ) from None
    return FrameTable(source, columns, made)


def _as_column(values):
    """Make a column; one with lists in it keeps them."""
    if any(isinstance(value, list) for value in values):
        return pd.Series(values, dtype=object)
    return as_column(values)


def _records(text, source):
    """Yield the objects of a list, or those that stand one after the other."""
    decode, at, end, n_values = json.JSONDecoder().raw_decode, 0, len(text), 0
    at = _skip_blanks(text, at)
    while at < end:
        try:
            value, at = decode(text, at)
        except (ValueError, RecursionError) as error:
            _refuse_broken(source, text, getattr(error, "pos", at), error)
        n_values += 1
        at = _skip_blanks(text, at)
        if isinstance(value, list) and n_values == 1 and at == end:
            for each in value:
                yield _check_object(each, source)
            return
        if n_values == 1 and at == end and isinstance(value, dict):
            _refuse_one_object(value, source)
        yield _check_object(value, source)


def _skip_blanks(text, at):
    end = len(text)
    while at < end and text[at] in " \t\r\n\ufeff":
        at += 1
    return at


def _check_object(value, source):
    if not isinstance(value, dict):
        read = f"pandas.DataFrame(json.loads({_write_bytes(source)}))"
        raise ReadingError(
            f"{source.name} is JSON with {json.dumps(value)[:_ABOVE]} in the place of "
            'a row; expected objects such as {"user_id": "ann", "correct": 1}, one in '
            "each line. If it is a table, give its columns names, and read that file: "
            f"{read}.to_csv('log.csv', index=False)."
        )
    return value


def _refuse_one_object(value, source):
    """Refuse a table that stands in one object, with the code that makes rows of it."""
    nested = [name for name, each in value.items() if isinstance(each, list | dict)]
    if not nested:
        return  # a log of one row
    tables = [
        name
        for name, each in value.items()
        if isinstance(each, list) and each and all(isinstance(r, dict) for r in each)
    ]
    if len(tables) == 1:
        read = (
            f"pandas.json_normalize(json.loads({_write_bytes(source)})[{tables[0]!r}])"
        )
    elif len(nested) == len(value):
        read = f"pandas.DataFrame(json.loads({_write_bytes(source)}))"
    else:
        return  # a row with sequences in it
    raise ReadingError(
        f"{source.name} is one JSON object with {list_names(list(value))}; expected an "
        "object for each row, one in each line or all in a list. Write the rows, and "
        f"read that file: {read}.to_csv('log.csv', index=False)."
    )


def _refuse_objects(record, source):
    """Refuse objects in objects."""
    if any(
        isinstance(value, dict) or _holds_objects(value) for value in record.values()
    ):
        nested = [n for n, value in record.items() if isinstance(value, list | dict)]
        read = _write_bytes(source)
        listed = source.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
        rows = (
            f"json.loads({read})" if listed else f"map(json.loads, {read}.splitlines())"
        )
        raise ReadingError(
            f"{source.name} has objects in {first_few(nested)} of its rows; expected "
            "one value there. Give each part a column of its own, and read that file: "
            f"pandas.json_normalize(list({rows})).to_csv('log.csv', index=False)."
        )


def _holds_objects(value):
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _write_bytes(source):
    """Return the code that reads a file."""
    code = f"pathlib.Path({source.inner_path!r}).read_bytes()"
    return f"gzip.decompress({code})" if source.gzipped else code


def _refuse_broken(source, text, at, error):
    line = text.count("\n", 0, at) + 1
    early = at >= len(text.rstrip()) or str(error).startswith("Unterminated")
    why = "it ends too early" if early else "it is no JSON there"
    if isinstance(error, RecursionError):
        why = "lists in lists go too deep"
    raise ReadingError(
        f"{source.name} cannot be read as JSON in line {line:,}: {why}; expected an "
        "object for each row, one in each line or all in a list. Get the file again, "
        "or mend that line."
    ) from None
