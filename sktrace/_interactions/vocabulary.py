"""Names of skills to codes, the same for a log, a request and a live answer."""

import numpy as np
import pandas as pd

from .._arrays import concatenate_ranges
from .._words import first_few
from .codes import factorize
from .names import plain_name

__all__ = ["Vocabulary", "as_list", "average_cells", "is_several", "split_cells"]

_LISTS = list | pd.Index | pd.Series | pd.api.extensions.ExtensionArray


def as_list(skills):
    """Return names as they are kept, as a list; one alone may be a tuple."""
    names = list(map(plain_name, skills if is_several(skills) else [skills]))
    for name in names:
        if not pd.api.types.is_hashable(name):
            raise TypeError(
                f"{name!r} names nothing, since it cannot be hashed; expected a number "
                "or a text, or a list of them. Write it as a text: str(...)."
            )
    return names


def is_several(value):
    """Tell a list, of whatever type, from a single value, which may be a tuple."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, _LISTS)


def average_cells(p, sizes):
    """Average neighbouring columns: as many as each cell names skills."""
    return np.add.reduceat(p, np.cumsum(sizes) - sizes, axis=1) / sizes


class Vocabulary:
    """The skills a tracer knows; code ``len(vocabulary)`` is the unknown skill.

    A cell of the skill column may name several skills, joined by a separator.

    Parameters
    ----------
    names : sequence of hashables
        The known skills, in order of their codes.
    handle_unknown : {"prior", "error"}
        Whether other names get the code of the unknown skill or are refused.
    separator : str or None
        What joins the names of several skills in a cell; None: a cell is one skill.
    """

    def __init__(self, names, handle_unknown, separator=None):
        self.code_of = {name: code for code, name in enumerate(names)}
        self.handle_unknown = handle_unknown
        self.separator = separator

    def __len__(self):
        return len(self.code_of)

    @staticmethod
    def names_in(cells, separator):
        """Return the skills that an array of cells names, sorted if they can be."""
        names, _ = split_cells(cells.tolist(), separator)
        if names == cells.tolist():
            return cells
        return factorize(pd.Series(names, dtype=object))[1]

    def unseen(self, cells):
        """Return the skills named in cells that have no code of their own."""
        return self._unseen(split_cells(cells, self.separator)[0])

    def _unseen(self, names):
        return [name for name in dict.fromkeys(names) if name not in self.code_of]

    def encode(self, cells):
        """Return the codes of all skills named, and how many each cell names.

        Unseen skills are one skill, so a cell that names several names one.
        """
        names, sizes = split_cells(cells, self.separator)
        unseen = self._unseen(names)
        if unseen and self.handle_unknown == "error":
            raise ValueError(
                f"{len(unseen)} skill(s) were not seen in fit: {first_few(unseen)}; "
                f"expected some of the {len(self)} in skills_. Fit on a log that has "
                'them, or pass handle_unknown="prior" to read them as the average '
                "skill."
            )
        codes = [self.code_of.get(name, len(self)) for name in names]
        codes = np.array(codes, dtype=np.int64)
        if not unseen or (sizes == 1).all():
            return codes, sizes
        cell = np.repeat(np.arange(len(sizes)), sizes)
        new = np.flatnonzero(codes == len(self))
        kept = codes < len(self)
        kept[new[np.unique(cell[new], return_index=True)[1]]] = True
        return codes[kept], np.bincount(cell[kept], minlength=len(sizes))

    def encode_log(self, log):
        """Return a log with one entry per row and skill, coded by this vocabulary."""
        nameless = int((log.skill < 0).sum())
        if nameless and self.handle_unknown == "error":
            raise ValueError(
                f"The skill column names no skill in {nameless} row(s); expected one "
                'in every row, as handle_unknown="error" says. Drop these rows with '
                'X.dropna(), or pass handle_unknown="prior" to read them as the '
                "average skill."
            )
        codes, sizes = self.encode(log.skills.tolist())
        # Code -1, no skill named, reads the last entry: the unknown skill.
        codes, sizes = np.append(codes, len(self)), np.append(sizes, 1)
        if (sizes == 1).all():
            return log._replace(skill=codes[log.skill])
        n_entries = sizes[log.skill]
        first = (np.cumsum(sizes) - sizes)[log.skill]
        row = np.repeat(np.arange(len(log.skill)), n_entries)
        log = log.take(row)  # which repeats further columns, too
        return log._replace(
            # Without an order column rows are moments, and so are their entries.
            order=row if log.order is None else log.order,
            skill=codes[concatenate_ranges(first, n_entries)],
            row_starts=np.cumsum(n_entries) - n_entries,
        )


def split_cells(cells, separator):
    """Return all names in a list of cells, and how many each holds."""
    if not separator:
        return cells, np.ones(len(cells), dtype=np.int64)
    parts = [_names(cell, separator) for cell in cells]
    sizes = np.array([len(names) for names in parts], dtype=np.int64)
    return [name for names in parts for name in names], sizes


def _names(cell, separator):
    """Return the different names in a cell: itself, unless it is a joined string."""
    if not isinstance(cell, str) or separator not in cell:
        return [cell]
    return list(dict.fromkeys(filter(None, cell.split(separator)))) or [cell]
