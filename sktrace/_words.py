"""How messages name things and count rows."""

import numpy as np

__all__ = ["count_rows", "first_few"]


def first_few(names):
    """Write out up to five names, and that there are more.

    >>> first_few([np.int64(3), np.str_("sum")])
    "3, 'sum'"
    """
    plain = (np.bool_, np.number, np.str_)  # of numpy, which would write the type, too
    few = [name.item() if isinstance(name, plain) else name for name in names[:5]]
    return ", ".join(map(repr, few)) + ", …" * (len(names) > 5)


def count_rows(mask):
    """Say how many rows a mask marks, and where the first stands."""
    rows = np.flatnonzero(mask)
    one = len(rows) == 1
    return f"{len(rows)} row{'' if one else 's'} (the first at position {rows[0]})"
