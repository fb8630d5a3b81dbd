"""Files that tell of each student in several lines, as published logs do."""

import io
from itertools import islice
from typing import NamedTuple

from .._words import quote
from ._read_encoding import find_encoding, open_text
from ._read_frame import MISSING, FrameTable, as_column
from ._read_problems import ReadingError
from ._read_values import SKILL_SEPARATOR

__all__ = ["open_lines"]

# What the lines below the first hold, by how many there are.
_PARTS = {
    2: ("skill_name", "correct"),
    3: ("item_id", "skill_name", "correct"),
    5: ("item_id", "skill_name", "correct", "time", "usetimes"),
}
_COUNTED = {2: "three", 3: "four", 5: "six"}
_ANSWERS = {"0", "1", "-1", "0.0", "1.0", "-1.0"}
_SAMPLE = 400  # lines that are looked at
_SAMPLED_BYTES = 2**22


class _Form(NamedTuple):
    """How a file tells of a student."""

    n_lines: int  # below the first line
    joint: str  # what stands between two values
    head: str  # what the first line says: "n", "id, n", "n, id" or "id"


def open_lines(source, encoding):
    """Read a file that tells of each student in three, four or six lines.

    Returns
    -------
    FrameTable or None
        None if it is another kind of file.
    """
    form = _tell_form(_sample(source))
    if form is None:
        return None
    encoding = find_encoding(source, encoding)
    with open_text(source, encoding) as lines:
        students = list(_read_students(_number(lines), form, source.name))
    return _as_table(source, form, students)


def _sample(source):
    """Return the first lines that are not empty."""
    wide = source.head[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = "utf-16" if wide else "utf-8-sig"
    first, *more = source.head.decode(encoding, "replace").strip().splitlines() or [""]
    if not more or max(map(first.strip(",;\t ").count, ",;\t")) > 1:
        return []  # what begins with a long line is a table
    with source.open() as file:
        begin = file.read(_SAMPLED_BYTES)
    lines = io.StringIO(begin.decode(encoding, "replace"), newline=None)
    return [line for line in islice(lines, _SAMPLE) if line.strip()]


def _split(line, joint):
    """Return the values of a line, those after the last left out."""
    cells = [cell.strip() for cell in line.strip("\ufeff\r\n ").split(joint)]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _tell_form(lines):
    """Return how some lines tell of students, None if they do not."""
    if len(lines) < 3:
        return None
    found = []
    for joint in (",", "\t", ";", " "):
        rows = [_split(line, joint) for line in lines]
        if not 1 <= len(rows[0]) <= 2:
            continue
        for n_lines in _PARTS:
            share, head = _tell_head(_cut(rows, n_lines), n_lines)
            if head:
                found.append((share, _Form(n_lines, joint, head)))
        found = found or [(0, form) for form in _find_whole(rows, joint)]
    return max(found, key=lambda each: each[0])[1] if found else None


def _find_whole(rows, joint):
    """Yield the form of the first whole student, where those above it are broken."""
    if not rows[0][-1].isdecimal():
        return
    for begin, head in enumerate(rows):
        for n_lines in _PARTS:
            lines = rows[begin + 1 : begin + 1 + n_lines]
            whole = len(lines) == n_lines and len(head) == len(rows[0])
            lengths = {str(len(line)) for line in lines if not _is_none(line)}
            if whole and lengths == {head[-1]} and any(map(_holds_answers, lines)):
                yield _Form(n_lines, joint, "n" if len(head) == 1 else "id, n")
                return


def _cut(rows, n_lines):
    """Cut lines into those of each student; one without answers has no more lines."""
    blocks, at = [], 0
    while at < len(rows):
        size = 1 if rows[at][-1:] == ["0"] and len(rows[at]) < 3 else 1 + n_lines
        if size == 1 and at + 1 < len(rows) and len(rows[at + 1]) > 2:
            size = 1 + n_lines  # it names somebody 0
        blocks.append(rows[at : at + size])
        at += size
    if len(blocks) > 1 and 1 < len(blocks[-1]) <= n_lines:
        blocks.pop()  # cut off by the end of the sample, or broken
    return [block for block in blocks if len(block) > 1]


def _tell_head(blocks, n_lines):
    """Return the share of students, and what their first lines say, or None."""
    fits, heads, lengths = [], {"n": 0, "n, id": 0}, set()
    for head, *rows in blocks:
        n_values = {len(row) for row in rows if not _is_none(row)}
        alike = len(rows) == n_lines and len(n_values) == 1 and len(head) <= 2
        fits.append(alike and any(map(_holds_answers, rows)))
        if fits[-1]:
            size = n_values.pop()
            lengths.add(size)
            heads["n"] += head[-1] == str(size)
            heads["n, id"] += head[0] == str(size)
    n_fit = sum(fits)
    # A first student of three answers is no accident, whatever is broken below.
    enough = 1 if fits[:1] == [True] and min(lengths) > 2 else len(blocks) / 2
    if n_fit < max(1, enough):
        return 0, None
    two = len(blocks[0][0]) == 2
    if heads["n"] >= max(1, enough, n_fit / 2):
        return n_fit / len(blocks), "id, n" if two else "n"
    if two and heads["n, id"] >= max(1, enough, n_fit / 2):
        return n_fit / len(blocks), "n, id"
    # Lines of another file may look so: only several lengths are believed.
    named = n_fit == len(blocks) > 1 and len(lengths) > 1
    return 1, "id" if named else None


def _is_none(row):
    return len(row) == 1 and row[0] in MISSING


def _holds_answers(row):
    """Tell answers, some of them missing."""
    given = [cell for cell in row if cell not in MISSING]
    return bool(given) and all(cell in _ANSWERS for cell in given)


def _count(row):
    return f"{len(row)} value{'s' * (len(row) != 1)}"


def _number(lines):
    """Yield the lines that are not empty, with their numbers."""
    for number, line in enumerate(lines, 1):
        if line.strip("\ufeff\r\n\t ,;"):
            yield number, line


def _read_students(lines, form, name):
    """Yield the name of each student, None if it has none, and the values of its lines.

    A line without values, NA, is None.
    """
    for number, line in lines:
        head = _split(line, form.joint)
        student, size = _read_head(head, form, name, number)
        if size == 0:
            continue
        rows = []
        for _ in range(form.n_lines):
            number, line = next(lines, (number, ""))
            row = _split(line, form.joint)
            rows.append(None if _is_none(row) and size != 1 else row)
            if size is None and rows[-1] is not None:
                size = len(row)
            if rows[-1] is not None and len(row) != size:
                raise ReadingError(
                    f"Line {number:,} of {name} has {_count(row)}; expected {size}, "
                    "as many as the first line of this student says or its other lines "
                    f"have. Mend these lines, or delete the {_COUNTED[form.n_lines]} "
                    "lines of this student."
                )
        yield student, rows


def _read_head(head, form, name, number):
    """Return the name of a student, and how many answers there are, or None."""
    said = {"n": 1, "id": min(len(head), 2)}.get(form.head, 2)
    if len(head) != said:
        raise ReadingError(
            f"Line {number:,} of {name} has {_count(head)}; expected {said} "
            f"({form.head}), the first line of a student, since each has "
            f"{_COUNTED[form.n_lines]} lines. Mend the lines above, or delete those "
            "of this student."
        )
    if form.head == "id":  # AKT's: a number of the line, and the student
        return head[-1], None
    size = head[0] if form.head in ("n", "n, id") else head[1]
    if not size.isdecimal():
        raise ReadingError(
            f"Line {number:,} of {name} says {quote(size)}; expected how many answers "
            f"a student gave, since each has {_COUNTED[form.n_lines]} lines. Mend the "
            "lines above, or delete those of this student."
        )
    student = {"n": None, "id, n": head[0], "n, id": head[-1]}[form.head]
    return student, int(size)


def _as_table(source, form, students):
    """Make a table with a row for each answer."""
    parts, turned = _order_parts(form, [rows for _, rows in students])
    names, values = [], {part: [] for part in parts}
    for place, (student, rows) in enumerate(students):
        size = max((len(row) for row in rows if row is not None), default=0)
        rows = [[None] * size if row is None else row for row in rows]
        real = [at for at in range(size) if any(row[at] not in _PADS for row in rows)]
        names += [place + 1 if student is None else student] * len(real)
        for part, row in zip(parts, rows, strict=True):
            values[part] += [_plain(row[at], part) for at in real]
    n_all = sum(max((len(r) for r in rows if r), default=0) for _, rows in students)
    columns = {"user_id": as_column(names)}
    columns["order_id"] = as_column(list(range(len(names))))
    columns |= {
        part: as_column(column)
        for part, column in values.items()
        if any(value is not None for value in column) or part in _PARTS[2]
    }
    timed = "time" in columns and _grows(columns["user_id"], values["time"])
    if timed:
        columns["order_id"] = columns["time"]
    notes = _describe(source, form, len(students), len(names), turned, timed)
    if n_all > len(names):
        notes.append(
            "Places that hold -1 in every line are padding, and left out: "
            f"{n_all - len(names):,} of {n_all:,}."
        )
    return FrameTable(source, columns, list(columns.values()), notes)


_PADS = {"-1", "-1.0", "", None}


def _plain(cell, part):
    if cell is None or cell in MISSING:
        return None
    if part == "skill_name":
        return join_numbers(cell)
    return cell


def join_numbers(cell):
    """Write several skills of a row, numbers joined by "_", as tracers read them.

    >>> join_numbers("30_24"), join_numbers("add_up")
    ('30~~24', 'add_up')
    """
    parts = cell.split("_")
    several = len(parts) > 1 and all(part.isdecimal() for part in parts)
    return SKILL_SEPARATOR.join(parts) if several else cell


def _order_parts(form, students):
    """Return what each line holds, and whether its content told so."""
    parts = _PARTS[form.n_lines]
    usual = parts.index("correct")
    answers = [
        at
        for at in range(form.n_lines)
        if all(rows[at] is not None and _holds_answers(rows[at]) for rows in students)
    ]
    if answers and usual not in answers:
        others = [part for part in parts if part != "correct"]
        others.insert(answers[0], "correct")
        return others, True
    if form.n_lines == 3 and usual == 2 and _names_skills(students, 0, 1):
        return ("skill_name", "item_id", "correct"), True
    return parts, False


def _names_skills(students, skills, items):
    """Tell the line of skills: an item has one, and a skill has several items."""
    pairs = {
        pair
        for rows in students
        if rows[skills] is not None and rows[items] is not None
        for pair in zip(rows[skills], rows[items], strict=False)
    }
    n_skills, n_items = (len({pair[at] for pair in pairs}) for at in (0, 1))
    return n_skills < n_items == len(pairs)


def _grows(students, times):
    """Tell whether the times of no student fall, nor lack."""
    try:
        numbers = [float(time) for time in times]
    except (TypeError, ValueError):
        return False
    rows = zip(students, students[1:], numbers, numbers[1:], strict=False)
    return all(now <= after or a != b for a, b, now, after in rows)


def _describe(source, form, n_students, n_rows, turned, timed):
    """Say what was made of the file."""
    named = "" if "id" in form.head else ", who are numbered from 1"
    order = "the time is their order" if timed else "their order is that in the line"
    notes = [
        f"{source.name} tells of each student in {_COUNTED[form.n_lines]} lines; it is "
        f"read as {n_rows:,} answers of {n_students:,} students{named}; {order}."
    ]
    if turned:
        notes.append(
            "The lines of each student are told apart by what they hold: answers are "
            "only 0 and 1, and an item has one skill."
        )
    return notes
