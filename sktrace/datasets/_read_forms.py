"""In which form the values of a file are written, as its columns tell."""

from .._words import list_names
from ._read_answers import Answers
from ._read_decimals import Marks
from ._read_problems import Problems
from ._read_values import with_points

__all__ = ["Forms", "describe_commas", "list_numbers"]


class Forms:
    """The forms of a file: told by the rows that are read, or by all rows before.

    Parameters
    ----------
    notes : list of str, default=None
        Takes sentences about what was told.

    Attributes
    ----------
    commas : dict
        Position of a column to whether its numbers have a comma; empty if not told yet.
    dates : dict
        Position of a column to the form of its dates, where they have an unusual one.
    answers : Answers or None
    """

    def __init__(self, notes=None):
        self.commas, self.dates, self.answers = {}, {}, None
        self.notes = [] if notes is None else notes
        self.told = False  # whether rows told what others might have told otherwise

    def write_points(self, cells, plan, kept, table, decimal):
        """Write decimal commas as points in the columns that may hold numbers."""
        if decimal == ".":
            return cells
        problems, found = Problems(), {}
        for position, role in list_numbers(plan, kept).items():
            name, values = table.header[position], cells[position]
            with problems.collect():
                if decimal or self._tell_comma(position, name, role, values, table.sep):
                    found[position] = with_points(values, name, ",")
        problems.refuse()
        if decimal is None and not self.commas and found:
            self.notes.append(describe_commas([table.header[at] for at in found]))
        return _replace(cells, found) if found else cells

    def _tell_comma(self, position, name, role, values, sep):
        if position in self.commas:
            return self.commas[position]
        marks = Marks(name, role, sep)
        marks.add(values)
        return marks.tell()

    def read_answers(self, values, name, answers, threshold):
        """Return 0, 1 or NaN for each answer."""
        how = self.answers
        if how is None:
            how = Answers(name, answers, threshold)
            how.add(values)
            how.tell()
            self.notes += how.notes
            self.told |= how.told
        return how.read(values)


def _replace(cells, found):
    """Return cells of which some columns are others."""
    cells = cells.copy()
    for position, values in found.items():
        cells[position] = values
    return cells


def list_numbers(plan, kept):
    """Return the position of each column that may hold numbers, and its role."""
    roles = dict.fromkeys(kept.values())
    roles |= {
        plan.clock: "order",
        plan.time_clock: "time",
        plan.time: "time",
        plan.order: "order",
        plan.correct: "correct",
    }
    return {at: roles[at] for at in sorted(at for at in roles if at is not None)}


def describe_commas(names):
    """Say which columns have decimal commas."""
    what = "columns" if len(names) > 1 else "column"
    return f"Numbers of the {what} {list_names(names)} are read with decimal commas."
