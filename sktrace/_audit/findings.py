"""What a check says: a verdict, a size, rows to look at, and what to do."""

from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = ["FAULT", "LOOK", "NOTE", "PASSED", "UNCHECKED", "Finding", "tabulate"]

PASSED, LOOK, FAULT = "passed", "look", "fault"
NOTE, UNCHECKED = "note", "not checked"  # a number that nothing is wrong with; none
MOST_ROWS = 5


class Finding(NamedTuple):
    """One line of an audit."""

    check: str
    verdict: str
    finding: str  # in a sentence
    size: float = np.nan
    rows: list = []  # labels of X's index
    repair: str = ""


def tabulate(findings):
    """Write findings as a frame, a line each."""
    lines = [
        found._replace(size=float(found.size), rows=list(found.rows[:MOST_ROWS]))
        for found in findings
    ]
    columns = ["check", "verdict", "size", "finding", "rows", "repair"]
    return pd.DataFrame(lines, columns=Finding._fields)[columns]
