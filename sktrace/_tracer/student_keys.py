"""Names of students as texts, equal names alike, and back."""

import json
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from uuid import UUID

import numpy as np
import pandas as pd

from .._interactions.names import plain_name

__all__ = ["check_student", "student_key", "student_name"]

_NUMBERS = Real | Decimal | np.bool_


def check_student(student):
    """Return the name of a student as a frame holds it."""
    if type(student) is str or type(student) is int:
        return student
    student = plain_name(student)
    if student is None or not pd.api.types.is_hashable(student):
        raise ValueError(
            f"student={student!r} names nobody; expected one hashable name, such as "
            "a number or a text."
        )
    return student


def student_key(student):
    """Write the name of a student as a text, by which a database can find it.

    Names that are equal in Python, as 7 and 7.0 are, have one text, and others have
    others, as 7 and "7".

    Parameters
    ----------
    student : hashable
        A text, a number, a date, a duration, a `UUID`, bytes, or a tuple or frozenset
        of such.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If it is of another type.
    ValueError
        If it is a text that no encoding can write, with half a letter in it.

    Examples
    --------
    >>> from sktrace.live import student_key, student_name
    >>> student_key("ann"), student_key(7.0), student_key("7")
    ('t:ann', 'n:7', 't:7')
    >>> student_name("n:7")
    7
    """
    if isinstance(student, str):
        text = str.__str__(student)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(
                f"student={student!r} was not decoded as it was encoded; expected "
                "text. Put question marks: "
                'student.encode("utf-8", "replace").decode().'
            ) from None
        return f"t:{text}"
    student = plain_name(student)
    if isinstance(student, pd.Timestamp):
        zone = "" if student.tzinfo is None else "z"
        moment = student if student.tzinfo is None else student.tz_convert(None)
        return f"d{zone}:{moment.isoformat()}"
    if isinstance(student, pd.Timedelta):
        return f"p:{student.isoformat()}"
    if isinstance(student, _NUMBERS):
        return f"n:{_spell_number(student)}"
    if isinstance(student, UUID):
        return f"u:{student}"
    if isinstance(student, bytes):
        return f"b:{student.hex()}"
    if isinstance(student, tuple):
        return "s:" + json.dumps([student_key(part) for part in student])
    if isinstance(student, frozenset):
        return "f:" + json.dumps(sorted(map(student_key, student)))
    raise TypeError(
        f"student={student!r} is a {type(student).__name__}, which a store of texts "
        "cannot hold; expected a text or a number. Write it as a text: str(student)."
    )


def student_name(key):
    """Read the name that `student_key` wrote.

    Parameters
    ----------
    key : str

    Returns
    -------
    hashable
        Equal to the name that was written; a whole number is an int, another a float
        where there is one.

    Raises
    ------
    ValueError
        If it is nothing that `student_key` writes.
    """
    kind, colon, text = key.partition(":")
    try:
        return _READ[kind if colon else None](text)
    except Exception as error:  # whatever else a text may be
        raise ValueError(
            f"{key!r:.100} is the key of no student; expected what student_key returns."
        ) from error


def _spell_number(number):
    if isinstance(number, np.generic):
        number = number.item()  # such as a bool
    try:
        exact = Fraction(number)
    except OverflowError:  # an infinity
        return repr(float(number))
    return str(exact)


def _read_number(text):
    if "/" not in text:
        return float(text) if "inf" in text else int(text)
    exact = Fraction(text)
    close = float(exact)
    return close if close == exact else exact


_READ = {
    "t": str,
    "n": _read_number,
    "d": pd.Timestamp,
    "dz": lambda text: pd.Timestamp(text, tz="UTC"),
    "p": pd.Timedelta,
    "u": UUID,
    "b": bytes.fromhex,
    "s": lambda text: tuple(map(student_name, json.loads(text))),
    "f": lambda text: frozenset(map(student_name, json.loads(text))),
}
