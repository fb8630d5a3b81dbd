"""Tables that stand in for one that is open, to try what reads it."""

__all__ = ["Head", "StandIns"]


class Head:
    """The first rows of a table that may be larger than memory."""

    def __init__(self, table, n_rows):
        self._table, self._n_rows = table, n_rows

    def __getattr__(self, name):
        if name in ("_table", "blocks"):  # all at once will do for what is tried
            raise AttributeError(name)
        return getattr(self._table, name)

    def read(self, positions, plain=False):
        """Read some columns, of the first rows."""
        return next(self._table.blocks(positions, plain, self._n_rows))


class StandIns(Head):
    """A table with columns more, for roles that no column is known to play.

    Attributes
    ----------
    names : dict
        Role to the name of the column that stands in.
    """

    def __init__(self, table, roles):
        self._table, self._n_own = table, len(table.header)
        self.names = {role: f"the {role}" for role in sorted(roles)}
        self.header = [*table.header, *self.names.values()]

    def read(self, positions, plain=False):
        """Read some columns; one that stands in holds the same in all rows."""
        own = [at for at in positions if at < self._n_own]
        cells = self._table.read(own or [0], plain).copy()
        for at in set(positions) - set(own):
            cells[at] = "1"
        return cells[list(positions)]
