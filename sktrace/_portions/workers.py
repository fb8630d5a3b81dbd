"""Portions that are partitions of a Dask DataFrame, and stay on its workers."""

from functools import cached_property
from itertools import compress

import numpy as np

from .pieces import Pieces

__all__ = ["DaskParts", "OnWorkers", "is_dask"]

SMALL = 2**16  # bytes of what may travel with every call


def is_dask(X):
    """Say whether something is of Dask, and in partitions, without importing it."""
    home = type(X).__module__.partition(".")[0]
    return home in ("dask", "dask_expr") and hasattr(X, "to_delayed")


class OnWorkers(Pieces):
    """Pieces that Dask holds, on a cluster or in the threads of this process.

    Where a worker dies, its pieces are made anew from those that they came from.

    Parameters
    ----------
    items : list of dask.delayed.Delayed
    """

    def __iter__(self):
        return (piece.compute() for piece in self.items)

    def _run(self, items, function, shared, own):
        import dask

        return list(dask.compute(*_call(items, function, shared, own)))

    def keep(self, function, *shared, each=None):
        """Leave what the function returns on the workers."""
        import dask

        calls = _call(self.items, function, shared, self._own(each))
        return OnWorkers(dask.persist(*calls))

    def exchange(self, function, n, *shared):
        """Send what the function gives to each of n from worker to worker."""
        given = self.keep(function, *shared).items
        return OnWorkers([own[k] for own in given] for k in range(n))

    def beside(self, other):
        """Pair them where they are."""
        import dask

        pair = dask.delayed(_together, pure=False)
        return OnWorkers(
            pair(*both) for both in zip(self.items, other.items, strict=True)
        )

    def choose(self, chosen):
        """Return some pieces."""
        return OnWorkers(compress(self.items, chosen))


def _call(items, function, shared, own):
    """Return calls of a function, to be made on the workers."""
    import dask

    call = dask.delayed(function, pure=False)
    # What is large is sent once, not with every call.
    shared = [
        dask.delayed(one) if getattr(one, "nbytes", 0) > SMALL else one
        for one in shared
    ]
    return [call(piece, *mine, *shared) for piece, mine in zip(items, own, strict=True)]


class DaskParts:
    """The partitions of a Dask DataFrame.

    Parameters
    ----------
    frame : dask.dataframe.DataFrame
        Partitioned by student, such as by ``frame.shuffle("user_id").persist()``. An
        index that has a name is a column.
    """

    def __init__(self, frame):
        refuse_moving_rows(frame)
        if frame.index.name is not None and frame.index.name not in frame.columns:
            frame = frame.reset_index()
        self.frame = frame

    def __len__(self):
        return self.frame.npartitions

    @property
    def columns(self):
        """Names of the columns."""
        return list(self.frame.columns)

    @cached_property
    def sizes(self):
        """How many rows each partition has."""
        import dask

        count = dask.delayed(len, pure=False)
        parts = self._read_lazily(self.columns[:1])
        return np.array(dask.compute(*map(count, parts)), dtype=np.int64)

    def empty(self):
        """Return a frame without rows."""
        return self.frame._meta

    def read(self, number, columns=None):
        """Fetch a partition."""
        columns = self.columns if columns is None else columns
        return self._read_lazily(columns)[number].compute().reset_index(drop=True)

    def stamps(self):
        """Return what changes where a file does: nothing is known of files here."""
        return []

    def _read_lazily(self, columns):
        """Return some columns of each partition, where it is."""
        import dask

        # Dask puts small files together where few of their columns are read.
        with dask.config.set({"optimization.tune.active": False}):
            return self.frame[columns].to_delayed()

    def lazily(self, columns, chosen):
        """Return the partitions, or the chosen rows of each, where they are."""
        import dask

        take, parts = dask.delayed(_take, pure=False), self._read_lazily(columns)
        return [take(part, rows) for part, rows in zip(parts, chosen, strict=True)]

    def pieces(self, X, columns, beside, present):
        """Return pieces on the workers; see `gather`."""
        import dask

        nothing = [None] * len(self)
        others = [nothing if one is None else one.lazily() for one in beside]
        rows = list(zip(X.lazily(columns), *others, strict=True))
        together = dask.delayed(_together, pure=False)
        return OnWorkers(together(*rows[k]) for k in present)


def refuse_moving_rows(frame):
    """Refuse what is shuffled whenever it is read, and never into the same order.

    Rows of X and of y, or of a fold, would be others each time.
    """
    expression = getattr(frame, "expr", None)
    if expression is None:
        return
    for step in expression.walk():
        kind = type(step).__name__
        moves = kind.startswith(("RearrangeByColumn", "SetIndex", "SortValues"))
        moves &= not kind.endswith("Blockwise")
        if kind == "Merge":
            moves = min(step.left.npartitions, step.right.npartitions) > 1
        if moves and _shuffle_method(step) != "tasks":  # which keeps an order
            raise ValueError(
                f"X is a Dask DataFrame whose rows are dealt out anew ({kind}) "
                "whenever they are read, in no sure order; expected partitions that "
                "stay. Hold them: X = X.persist(); or, where memory is short, write "
                "them: X.to_parquet(folder), X = scan_interactions(folder)."
            )


def _shuffle_method(step):
    """Return the name of the method by which a step will shuffle, if it is known."""
    import dask

    for name in ("method", "shuffle_method"):
        if name in step._parameters and step.operand(name) is not None:
            return step.operand(name)
    return dask.config.get("dataframe.shuffle.method", None)


def _take(frame, rows):
    if rows is not None:
        frame = frame.iloc[rows]
    return frame.reset_index(drop=True)


def _together(*pieces):
    return pieces
