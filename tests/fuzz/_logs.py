"""Small logs as codes, and the frames in which they are written.

`Written` is a log in two frames: plain, which is numpy's integers and floats, and
dressed, in whatever was drawn; and each once to fit on and once, in other dresses of
the same kinds, to predict.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from ._names import NAMES, PLAIN_NAMES
from ._numbers import ANSWERS, LABELS, NUMBERS, ORDERS, SKILLS, TIMES

__all__ = ["DRESSES", "ROLES", "Written", "column_names", "written"]

ROLES = ("student", "order", "skill", "correct", "item", "number", "time")
DRESSES = {
    "student": NAMES,
    "order": ORDERS,
    "skill": SKILLS,
    "correct": ANSWERS,
    "item": NAMES,
    "number": NUMBERS,
    "time": TIMES,
    "label": LABELS,
}
# How many codes a role has; the last of them is None where the role may miss some.
N_CODES = {
    "student": 3,
    "order": 4,
    "skill": 4,
    "correct": 3,
    "item": 4,
    "number": 5,
    "time": 5,
}
MAY_MISS = ("skill", "correct", "item", "number", "time")
ODD_NAMES = [0, -1, "", " ", ("a", "b"), 1.5, b"x", True, pd.Timestamp(0), frozenset()]


@dataclass(frozen=True)
class Written:
    """A log of codes, and how it is written."""

    codes: dict  # role to list of codes
    dresses: dict  # role to the dresses to fit in and to predict in
    names: dict  # role to the name of its column
    index: str
    extra: bool  # a column that nobody reads, twice
    rows: tuple  # which row of codes each row of the frame is

    def __repr__(self):
        dresses = {r: d for r, d in self.dresses.items() if d[0] is not PLAIN_NAMES}
        codes = {role: own for role, own in self.codes.items() if any(own)}
        odd = self.names["student"] != "student"
        return (
            f"Written({codes}, {dresses}, {self.names if odd else ''}, {self.index}, "
            f"rows={self.rows}, extra={self.extra})"
        )

    def _repr_pretty_(self, printer, cycle):
        printer.text(repr(self))

    @property
    def must(self):
        """Whether it must be read wherever the plain log is."""
        return all(dress.must for pair in self.dresses.values() for dress in pair)

    @property
    def sorted(self):
        return all(dress.sorted for pair in self.dresses.values() for dress in pair)

    def __len__(self):
        return len(self.codes["student"])

    def with_codes(self, **codes):
        return replace(self, codes=self.codes | codes)

    def in_order(self):
        return replace(self, rows=tuple(range(len(self))))

    def plain(self, but=()):
        """Write the log plainly, in the order of codes, but for some roles."""
        columns = {}
        for role in ROLES:
            dress = self.dresses[role][0]
            dress = dress if role in but else dress.plain or PLAIN_NAMES
            columns[role] = dress.column(self.codes[role])
        return pd.DataFrame(columns)

    def dressed(self, time=0):
        """Write the log in its dresses: 0 those to fit in, 1 those to predict in."""
        columns = []
        for role in ROLES:
            codes = [self.codes[role][row] for row in self.rows]
            columns.append(self.dresses[role][time].column(codes))
        frame = pd.concat(columns, axis=1)
        names = [self.names[role] for role in ROLES]
        if self.extra:
            frame = pd.concat([frame.iloc[:, :1], frame], axis=1)
            names = ["extra", *names]
            frame["also"] = frame.iloc[:, 0]
            names = [*names, "extra"]
        frame.columns = pd.Index(names, tupleize_cols=False)
        frame.index = INDEXES[self.index](len(frame))
        return frame

    def restore(self, values):
        """Return values of dressed rows in the order of codes."""
        restored = np.empty_like(values)
        restored[list(self.rows)] = values
        return restored


INDEXES = {
    "range": pd.RangeIndex,
    "twice the same": lambda n: pd.Index([7] * n),
    "dates": lambda n: pd.date_range("2024-01-01", periods=n, name="user_id"),
    "levels": lambda n: pd.MultiIndex.from_product(
        [range(n), ["order"]], names=[None, "order"]
    ),
    "missing": lambda n: pd.Index([None] * n, dtype=object),
    "backwards": lambda n: pd.RangeIndex(n, 0, -1),
}


def by_kind(dresses):
    kinds = {}
    for dress in dresses:
        kinds.setdefault(dress.kind, []).append(dress)
    return kinds


KINDS = {role: by_kind(dresses) for role, dresses in DRESSES.items()}


@st.composite
def dress_pairs(draw, role, codes):
    """Draw two dresses of a kind that can hold codes."""
    must = draw(st.integers(0, 4)) > 0
    fitting = {
        kind: own
        for kind, dresses in KINDS[role].items()
        if (own := [d for d in dresses if d.must >= must and d.fits(codes)])
    }
    own = fitting[draw(st.sampled_from(sorted(fitting)))]
    return draw(st.sampled_from(own)), draw(st.sampled_from(own))


@st.composite
def column_names(draw):
    if draw(st.integers(0, 4)):
        return {role: role for role in ROLES}
    odd = draw(st.permutations(ODD_NAMES))
    return dict(zip(ROLES, odd, strict=False))


@st.composite
def rows_of_codes(draw, max_rows):
    """Draw a code for each role and row; a row is one number, which is quick."""
    fewest = draw(st.sampled_from([6, 6, 6, 6, 6, 6, 3, 1, 0]))
    row = st.integers(0, np.prod([*N_CODES.values()]).item() - 1)
    rows = draw(st.lists(row, min_size=fewest, max_size=max_rows))
    codes = {}
    for role, n_codes in N_CODES.items():
        codes[role] = [number % n_codes for number in rows]
        rows = [number // n_codes for number in rows]
    return codes


def with_missing(codes, role, misses):
    """Turn the last code into a missing value, or into the first."""
    last = N_CODES[role] - 1
    return [(None if misses else 0) if code == last else code for code in codes]


@st.composite
def written(draw, roles=ROLES, max_rows=12):
    """Draw a log; roles that a model does not read stay plain."""
    misses = draw(st.sets(st.sampled_from(MAY_MISS), max_size=2))
    codes = draw(rows_of_codes(max_rows))
    for role in MAY_MISS:
        codes[role] = with_missing(codes[role], role, role in misses)
    n_rows = len(codes["student"])
    codes = {r: own if r in roles else [0] * n_rows for r, own in codes.items()}
    if "correct" in roles and n_rows > 1 and draw(st.integers(0, 9)):
        codes["correct"][:2] = [0, 1]
    if "order" in roles and n_rows and not draw(st.integers(0, 29)):
        codes["order"][0] = None
    dressed = draw(st.sets(st.sampled_from(sorted(roles)), max_size=3))
    dresses = {
        role: draw(dress_pairs(role, codes[role]))
        if role in dressed
        else (PLAIN_NAMES, PLAIN_NAMES)
        for role in ROLES
    }
    rows = range(n_rows)
    return Written(
        codes,
        dresses,
        draw(column_names()),
        draw(st.sampled_from(list(INDEXES))),
        draw(st.booleans()),
        tuple(draw(st.permutations(rows)) if draw(st.booleans()) else rows),
    )
