"""A file of predictions is judged as a log is; no row is taken for another."""

import gzip
from argparse import Namespace

import numpy as np
import pandas as pd
import pytest

from sktrace.commands._reading.log_file import LogFile
from sktrace.commands._reading.predictions_file import read_predictions

X = pd.DataFrame(
    {
        "user_id": [2**62, 2**62, 2**62 + 1],
        "order_id": [1, 2, 1],
        "skill_name": "add",
        "correct": [1, 0, 1],
    }
)
COLUMNS = {"student": "who", "order": "when", "skill": "topic", "correct": "right"}
LOG = LogFile(X, "table", COLUMNS, {}, {}, {}, [])
ROWS = f"who,when,p\n{2**62 + 1},1,0.9\n{2**62},2,0.2\n{2**62},1,0.1\n"


@pytest.fixture
def read(tmp_path):
    """Write a text, or bytes, to a file and read it as predictions."""

    def read(content, probability=None):
        path = tmp_path / "p.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_predictions(
            Namespace(predictions=str(path), probability=probability), LOG
        )

    return read


def test_rows_are_found_by_names_that_differ_in_the_last_digit(read):
    assert read(ROWS).p.tolist() == [0.1, 0.2, 0.9]
    assert read(gzip.compress(ROWS.encode())).p.tolist() == [0.1, 0.2, 0.9]
    np.testing.assert_array_equal(read(ROWS[:-1].rpartition("\n")[0]).p[1:], [0.2, 0.9])


def test_columns_that_play_no_part_may_have_one_name(read):
    text = ROWS.replace("p\n", "p,x,x\n", 1).replace("1\n", "1,,\n")
    assert read(text).p.tolist() == [0.1, 0.2, 0.9]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"^p\.csv is empty; expected a header"),
        (
            gzip.compress(ROWS.encode(), mtime=0)[:-9],
            "is no whole gzip file: it ends too early",
        ),
        (ROWS.encode("utf-16-le"), "looks like UTF-16 without the mark"),
        (b"p\n", r"holds nothing in any of 0 rows; expected .*--probability COLUMN"),
        (b"p\n0.5\n1e400\n1\n", r"holds inf in 1 row .*; expected numbers from 0 to 1"),
        (b"p\n0.5\nhalf\n1\n", r"holds 'half' in 1 row .*; expected probabilities"),
        (b"p,p\n1,1\n", r"p\.csv has 2 columns 'p'; expected names that differ"),
        (ROWS.replace("when", "who").encode(), "has 2 columns 'who'; expected names"),
        (b"x" * 50_000 + b",y\n1,2\n", r"got \['x{10,90}\.\.\.x{10,90}', 'y'\]\. Name"),
    ],
)
def test_what_holds_no_predictions_is_refused(read, content, message):
    with pytest.raises(ValueError, match=message) as error:
        read(content)
    assert len(str(error.value)) < 1_000


def test_probabilities_may_have_a_decimal_comma(read):
    assert read("p;x\n0,5;1\n0,25;1\n1;0\n").p.tolist() == [0.5, 0.25, 1]


def test_rows_are_found_by_a_date_and_a_time_of_the_day(tmp_path):
    day = 86_400_000_000
    log = LOG._replace(
        X=X.assign(user_id=[1, 1, 2], order_id=[0, day + 60_000_000, day]),
        columns={**COLUMNS, "order": ["day", "clock"]},
    )
    path = tmp_path / "p.csv"
    rows = "2,1970-01-02,0:00,0.9\n1,1970-01-02,0:01,0.2\n1,1970-01-01,0:00,0.1\n"
    path.write_text("who,day,clock,p\n" + rows + "3,1970-01-01,0:00,0.5\n")
    found = read_predictions(Namespace(predictions=str(path), probability=None), log)
    assert found.p.tolist() == [0.1, 0.2, 0.9]
    assert found.how.endswith("by 'who', 'day', 'clock'")
