"""A text file read some rows at a time, as `read_interactions` reads all of them."""

from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .._words import quote
from ._assistments import INTERACTION
from ._read_choice import (
    FURTHER_ATTEMPTS,
    choose_rows,
    describe_left_out,
    list_needed,
)
from ._read_formats import FURTHER, make_plan
from ._read_forms import Forms
from ._read_problems import Argument, Problems, ReadingError
from ._read_rows import add_notes, read_rows
from ._read_times import PER_SECOND
from ._read_values import is_text, with_points
from ._shard_forms import tell_forms
from ._shard_parts import Tally, hash_students
from ._shard_types import Types, WiderTypesError

__all__ = ["TextRows"]

CELLS_AT_ONCE = 1_000_000  # of a block: rows × columns
FEWEST_ROWS = 10_000  # of a block, however many columns


class _Block(NamedTuple):
    """Some rows of a table, which can be read as the table can."""

    table: Any
    cells: pd.DataFrame

    def __getattr__(self, name):
        return getattr(self.table, name)

    def read(self, positions, plain=False):
        return self.cells[positions]


class TextRows:
    """The rows of a text file, as tables.

    Parameters
    ----------
    table : TextTable
        Open.
    drop_missing : bool
    **reading
        Arguments of `read_rows`. Without `keep`, all other columns are kept.

    Attributes
    ----------
    student : str
        Column of the students in the tables.
    """

    student = INTERACTION[0]

    def __init__(self, table, drop_missing=False, **reading):
        self.table, self.drop_missing = table, drop_missing
        self._plan = plan_reading(table.header, reading)
        self._keep = list_others(table.header, self._plan)
        self._reading = {**reading, "keep": list(self._keep)}
        self._forms = None  # until rows tell what others may tell otherwise
        self._types, self._settled = Types(), False
        self._n_rows = 0  # that have been read in this pass

    def estimate_rows(self):
        """Return about how many rows there are, by the place where reading has come."""
        done = self.table.source.tell() / self.table.source.size
        return round(self._n_rows / max(done, 1e-9))

    def tables(self):
        """Yield tables of one schema, in the order of the file.

        Raises
        ------
        WiderTypesError
            At the end, if what was yielded needs another schema. The second time, the
            types are known.
        """
        schema = self._types.schema() if self._settled else None
        wider = False
        for frame in self._frames():
            self._types.add(frame)
            schema = schema or self._types.schema()
            # What pandas is told of whole numbers of which some lack is metadata.
            now = self._types.schema()
            wider = wider or not now.equals(schema, check_metadata=True)
            if not wider:
                yield self._types.cast(frame, schema)
        if wider:
            self._settled = True
            raise WiderTypesError

    def _frames(self):
        """Yield the rows that are meant, as they are read."""
        self._n_rows, self._kinds, some = 0, {}, False
        tally, left_out = Tally(), Counter()
        for cells in self._cells():
            begin, self._n_rows = self._n_rows, self._n_rows + len(cells)
            chosen = self._choose(cells, left_out)
            if len(chosen) == 0:
                continue
            some = True
            self._refuse_joined(chosen)
            try:
                frame = self._read_block(chosen)
                self._check_kinds(chosen, frame)
            except ReadingError as error:
                if begin == 0 and len(cells) < self._rows_at_once:
                    raise  # it is the whole file
                where = f"In the rows {begin:,} to {self._n_rows - 1:,}: "
                raise ReadingError(where, *error.parts) from error
            if self._plan.order is None:
                frame["order_id"] += tally.add(_hash(frame[self.student]))
            yield frame
        if not some:  # which it says
            read_rows(
                _Block(self.table, cells),
                **self._reading,
                drop_missing=self.drop_missing,
            )
        told = [] if self._forms is None else self._forms.notes
        add_notes(self.table, [*describe_left_out(left_out, self._n_rows), *told])

    def _cells(self):
        """Yield all rows; go on where the file was read from its begin in between."""
        n_done, self._again = 0, True
        while self._again:
            self._again = False
            for cells in self._blocks():
                if len(cells) and cells.index[0] < n_done:
                    continue
                yield cells
                n_done += len(cells)
                if self._again:
                    break

    def _blocks(self):
        wanted = [*self._plan.positions, *self._keep.values()]
        wanted = list(dict.fromkeys(wanted))
        self._rows_at_once = max(FEWEST_ROWS, CELLS_AT_ONCE // len(wanted))
        return self.table.blocks(wanted, self._plan.plain, self._rows_at_once)

    def _read_block(self, cells):
        """Read some rows; where they tell a form, all rows of the file are asked."""
        if self._forms is None:
            forms = Forms()
            try:
                frame = self._read(cells, forms)
                if not (forms.told or forms.notes):
                    return frame
            except ReadingError:  # others may tell how these are read
                pass
            blocks = (self._choose(each, Counter()) for each in self._blocks())
            self._forms = tell_forms(
                blocks, self._plan, self._keep, self.table, self._reading
            )
            self._again = True
        return self._read(cells, self._forms)

    def _choose(self, cells, left_out):
        """Return first attempts that have a student and a time."""
        plan, problems = self._plan, Problems()
        if plan.attempt is not None:
            attempt = pd.to_numeric(cells[plan.attempt], errors="coerce")
            if (attempt > 1).all():  # none of these rows begins a step
                left_out[FURTHER_ATTEMPTS] += len(cells)
                return cells.iloc[:0]
        header = self.table.header
        rows = choose_rows(cells, plan, header, self.drop_missing, problems, left_out)
        try:
            problems.refuse()
        except ReadingError:
            self._refuse_missing(cells[rows])
            raise
        return cells[rows]

    def _refuse_missing(self, others):
        """Say how many rows of the whole file lack a student or a time.

        What else is wrong is looked for in some rows that lack neither.
        """
        plan, problems = self._plan, Problems()
        needed = list_needed(plan)
        places = list(dict.fromkeys(place for *_, place in needed))
        attempt = [] if plan.attempt is None else [plan.attempt]
        n_missing, first, n_meant = Counter(), {}, 0
        for cells in self.table.blocks([*places, *attempt], plan.plain, 10**6):
            meant = np.ones(len(cells), dtype=bool)
            for at in attempt:
                meant = pd.to_numeric(cells[at], errors="coerce").to_numpy() == 1
            n_meant += meant.sum()
            for at in places:
                missing = np.flatnonzero(meant & cells[at].isna().to_numpy())
                n_missing[at] += len(missing)
                if len(missing):
                    first.setdefault(at, cells.index[missing[0]])
        for role, _, at in needed:
            if at in first:
                name = self.table.header[at]
                with problems.collect():
                    _refuse_rows(name, role, n_missing[at], first[at], n_meant)
        if len(others):
            with problems.collect():
                self._read(others, Forms())
        problems.refuse()

    def _refuse_joined(self, cells):
        """Refuse several skills in a cell, by numbers that are named elsewhere."""
        plan, header = self._plan, self.table.header
        numbers = [] if plan.skill_ids is None else [cells[plan.skill_ids]]
        for column in filter(is_text, numbers):
            if column.str.contains("_", na=False).any():
                raise ReadingError(
                    f"Column {quote(header[plan.skill_ids])} joins numbers by '_', "
                    "whose names stand anywhere in the file; expected one skill in "
                    "each row. Read it at once: shard_interactions([read_interactions("
                    f"{str(self.table.source.path)!r})], folder)."
                )

    def _check_kinds(self, cells, frame):
        """Refuse a column that is read as numbers here, and as dates further up."""
        plan, header = self._plan, self.table.header
        parts = {}  # dates beside a clock are always dates
        if plan.clock is None:
            parts["order"] = plan.order, "order_id"
        if plan.time_clock is None:
            parts["time"] = plan.time, "time"
        for role, (position, part) in parts.items():
            if position is None or self._reading.get("time_format") is not None:
                continue
            values = frame[part].to_numpy()
            told = np.flatnonzero((values != 0) & ~np.isnan(values))[:1]
            name, texts = header[position], cells[position].iloc[told]
            for text in self._with_points(texts, position):
                kind = _tell_kind(text, values[told[0]])
                before = self._kinds.setdefault(role, kind)
                if before != kind:
                    raise ReadingError(
                        f"Column {quote(name)} ({role}) holds {kind}, such as "
                        f"{quote(text)}, and {before} above; expected one of them "
                        "throughout. Mend the file, or say how it is written: ",
                        _ask_how(kind, before),
                        ".",
                    )

    def _read(self, cells, forms):
        frame = read_rows(_Block(self.table, cells), **self._reading, forms=forms)
        for name, position in self._keep.items():
            if self._types.is_text(name):  # as it is written, although it is a number
                frame[name] = self._with_points(cells[position], position).array
        return frame

    def _with_points(self, values, position):
        """Write numbers with points, if those of the column have a comma."""
        told = self._forms is not None and self._forms.commas.get(position, False)
        comma = told or self._reading.get("decimal") == ","
        name = self.table.header[position]
        return with_points(values, name, ",") if comma else values


def plan_reading(header, reading):
    """Find the columns that `read_rows` reads by some arguments."""
    return make_plan(
        header,
        reading.get("format", "auto"),
        reading.get("columns"),
        reading.get("skill_model"),
        reading.get("first_attempts", True),
        reading.get("item", "auto"),
        reading.get("time", "auto"),
    )


def list_others(header, plan):
    """Return the position of each column that is kept under its own name."""
    roles = [
        plan.student,
        plan.order,
        *plan.skills,
        plan.correct,
        *plan.item,
        plan.time,
        plan.clock,
        plan.time_clock,
    ]
    further = dict(zip(FURTHER, [bool(plan.item), plan.time is not None], strict=True))
    taken = {header[at] for at in roles if at is not None} | set(INTERACTION)
    taken |= {name for name, there in further.items() if there}
    counts = Counter(header)
    return {
        name: at
        for at, name in enumerate(header)
        if counts[name] == 1 and name not in taken
    }


def _refuse_rows(name, role, n_missing, first, n_meant):
    """Refuse rows of nobody, or of no time."""
    held = (
        f"Column {quote(name)} ({role}) is missing in {n_missing:,} of {n_meant:,} "
        f"rows (the first at position {first}); expected one in every row"
    )
    if n_missing < n_meant:
        out = Argument("drop_missing", True)
        raise ReadingError(held + ". Leave such rows out: ", out, ".")
    part = {"student": "user_id", "order": "order_id"}[role]
    none = [", or none if the rows stand in time order: "]
    none += [Argument("columns", {part: None})]
    raise ReadingError(
        held + ", and none has one. Name another column: ",
        Argument("columns", {part: ...}),
        *none * (role == "order"),
        ".",
    )


def _hash(students):
    import pyarrow as pa

    return hash_students(pa.array(students, from_pandas=True))


def _tell_kind(text, became):
    """Tell as what a text was read, by the number that became of it."""
    number = pd.to_numeric(text, errors="coerce")
    for unit, per_second in PER_SECOND.items():
        if np.isclose(number, became * per_second, rtol=1e-9, atol=0):
            return "numbers" if unit == "s" else f"numbers of {unit}"
    return "dates"


def _ask_how(*kinds):
    if "dates" in kinds:
        return Argument("time_format", ...)
    return Argument("time_unit", max(kinds, key=len)[-2:])
