"""How values are written is told by all rows of a large file, not by some of them."""

import numpy as np
import pytest

from sktrace.datasets import _shard_text, read_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import Argument, ReadingError
from sktrace.datasets._shard_text import TextRows

pytest.importorskip("pyarrow", reason="pyarrow, which writes Parquet, is missing")

HEADER = ["user_id", "order_id", "skill_name", "correct", "points"]


@pytest.fixture(autouse=True)
def _few_rows_at_once(monkeypatch):
    monkeypatch.setattr(_shard_text, "CELLS_AT_ONCE", 1)
    monkeypatch.setattr(_shard_text, "FEWEST_ROWS", 3)


def make_rows(n=9, **columns):
    """Return a log in which some columns are others; two students, three skills."""
    usual = {
        "user_id": ["ab"[row % 2] for row in range(n)],
        "order_id": list(range(n)),
        "skill_name": ["xyz"[row % 3] for row in range(n)],
        "correct": [row % 2 for row in range(n)],
        "points": list(range(n)),
    }
    columns = {**usual, **columns}
    rows = [";".join(columns)]
    rows += [";".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    return "\n".join(rows)


@pytest.fixture
def both(tmp_path):
    """Read a text by portions, and at once; return both, and both kinds of remarks."""

    def both(text, **options):
        path = tmp_path / "log.csv"
        path.write_text(text)
        with open_table(path, None, None) as table:
            rows = TextRows(table, **options)
            frames = list(rows._frames())
            whole = read_interactions(path, keep=list(rows._keep), **options)
            return frames, whole, table.notes

    return both


DAYS = [f"{day}.1.2024" for day in range(1, 10)]
TOLD_LATE = {
    "a day above twelve": {"order_id": [*DAYS[:8], "13.1.2024"]},
    "a month above twelve": {"order_id": [f"1/{day}/2024" for day in range(5, 14)]},
    "dates whose early rows are open": {"order_id": ["1/2/2024"] * 8 + ["14/2/2024"]},
    "decimals that may be thousands": {"order_id": ["1,234"] * 8 + ["2,5"]},
    "decimals among whole numbers": {"order_id": [*range(8), "8,5"]},
    "a pair of letters": {"correct": [*"yyyyyynyn"]},
    "minus one above": {"correct": [1, -1, 1, 1, 1, 1, 1, 0, 1]},
    "minus one below": {"correct": [0, 1, 0, 1, 1, 1, 1, 1, -1]},
    "further columns with commas": {"points": ["1,5"] * 8 + ["2"]},
    "a further column with a text": {"points": ["1,5"] * 8 + ["x"]},
    "decimal answers": {"correct": ["1,0"] * 4 + ["0,0"] * 5},
    "words for no answer": {"correct": [1, 0, 1, 0, 1, 0, "skipped", "-", 1]},
    "a zone that only late dates have": {
        "order_id": ["2024-01-01 10:00"] * 6 + ["2024-01-01 10:00 GMT"] * 3
    },
}


@pytest.mark.parametrize("columns", TOLD_LATE.values(), ids=TOLD_LATE)
def test_late_rows_tell_how_early_ones_are_read(both, columns):
    frames, whole, notes = both(make_rows(**columns))
    assert [len(frame) for frame in frames] == [3, 3, 3]
    assert frames[0]["order_id"].tolist() == whole["order_id"].tolist()[:3]
    for name in ("order_id", "correct"):
        values = [value for frame in frames for value in frame[name]]
        np.testing.assert_array_equal(values, whole[name])
    kind = whole["points"].dtype  # settled later, where it is that of late rows
    texts = [str(value) for frame in frames for value in frame["points"].astype(kind)]
    assert [text.removesuffix(".0") for text in texts] == [
        str(value).removesuffix(".0") for value in whole["points"]
    ]
    assert len(notes) == len(set(notes))


OPEN = {
    "day or month": ({"order_id": ["1/2/2024"] * 5 + ["3/4/2024"] * 4}, "time_format"),
    "thousands": ({"order_id": ["1,234"] * 9}, "decimal"),
    "one letter": ({"correct": [*"yyyyyyyyy"]}, "answers"),
    "three letters": ({"correct": [*"yntynynyt"]}, "answers"),
    "minus one": ({"correct": [1, 1, 1, -1, 1, 1, 1, 1, 1]}, "answers"),
    "a late code": ({"correct": [1, 0, 1, 0, 1, 0, 1, 0, 9]}, "answers"),
}


@pytest.mark.parametrize(("columns", "name"), OPEN.values(), ids=OPEN)
def test_what_all_rows_leave_open_is_asked_for(both, columns, name):
    with pytest.raises(ReadingError) as error:
        both(make_rows(**columns))
    arguments = [part for part in error.value.parts if isinstance(part, Argument)]
    assert name in [argument.name for argument in arguments]
    repair = next(argument for argument in arguments if argument.name == name)
    frames, _, _ = both(make_rows(**columns), **{repair.name: repair.value})
    assert sum(map(len, frames)) == 9


SEVERAL = {
    "two orders": ["13/1/2024"] * 4 + ["1/13/2024"] * 5,
    "two marks": ["13/1/2024"] * 4 + ["13.1.2024"] * 5,
    "an unusual form below": ["2024-01-13"] * 4 + ["13.1.2024"] * 5,
    "a comma and a point": ["1,5"] * 4 + ["1.5"] * 5,
    "no date": ["13/1/2024"] * 8 + ["soon"],
}


@pytest.mark.parametrize("times", SEVERAL.values(), ids=SEVERAL)
def test_several_forms_are_refused(both, times):
    with pytest.raises(ReadingError, match="expected"):
        both(make_rows(order_id=times))


def test_what_is_left_out_is_counted_once(both):
    text = make_rows(user_id=["a", "", "a", "a", "", "a", "a", "a", ""])
    _, _, notes = both(text, drop_missing=True)
    assert notes == [
        "3 of 9 rows are left out: those without a value in column 'user_id'."
    ]


def test_minus_one_is_counted_in_the_whole_file(both):
    _, _, notes = both(make_rows(correct=[0, 1, 0, -1, 1, 1, -1, 1, -1]))
    assert notes == ["-1 in column 'correct' is read as no answer, in 3 of 9 rows."]


def test_date_and_clock_stand_in_two_columns(both):
    clocks = [f"{hour}:30" for hour in range(8, 17)]
    text = make_rows(order_id=[*DAYS[:8], "13.1.2024"], clock=clocks)
    frames, whole, _ = both(text, columns={"order_id": ["order_id", "clock"]})
    times = [value for frame in frames for value in frame["order_id"]]
    assert times == whole["order_id"].tolist()
