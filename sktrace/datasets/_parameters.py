"""Check the parameters of the makers and fetchers."""

import math
import numbers


def check_number(name, value, least, kind="a finite number"):
    """Refuse a value that is no number, not finite or smaller than `least`.

    Parameters
    ----------
    name : str
        The parameter, as the caller wrote it.
    value : object
        What the caller gave.
    least : int
        The smallest value allowed.
    kind : {"a finite number", "an integer"}, default="a finite number"
        What is expected.

    Raises
    ------
    TypeError
        If `value` is not a number of that kind.
    ValueError
        If it is smaller than `least`, infinite or NaN.

    Examples
    --------
    >>> check_number("n_students", 0, least=1, kind="an integer")
    Traceback (most recent call last):
    ValueError: n_students must be an integer of at least 1, got 0.
    """
    number_type = numbers.Integral if kind == "an integer" else numbers.Real
    message = f"{name} must be {kind} of at least {least}, got {value!r}."
    if isinstance(value, bool) or not isinstance(value, number_type):
        raise TypeError(message)
    if not (math.isfinite(value) and value >= least):
        raise ValueError(message)


def check_choice(name, value, choices):
    """Refuse a value that is not one of `choices`, with a ValueError.

    Examples
    --------
    >>> check_choice("subset", "valid", ("all", "train", "test"))
    Traceback (most recent call last):
    ValueError: subset must be 'all', 'train' or 'test', got 'valid'.
    """
    if not (isinstance(value, str) and value in choices):
        *most, last = map(repr, choices)
        raise ValueError(f"{name} must be {', '.join(most)} or {last}, got {value!r}.")
