"""Texts whose first line is a row: refused, and read by the numbers of columns."""

import gzip

import pytest

from sktrace.datasets import shard_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import ReadingError

LOG = "ann,1,add,1\nann,2,cut,0\nben,1,add,1\nben,2,add,0\n"
COLUMNS = {"user_id": "1", "order_id": "2", "skill_name": "3", "correct": "4"}
HEADERLESS = {
    "commas": LOG,
    "semicolons": LOG.replace(",", ";"),
    "tabs": LOG.replace(",", "\t"),
    "Windows": LOG.replace("\n", "\r\n"),
    "numbers alone": LOG.replace("ann", "7").replace("ben", "8"),
    "quotation marks": LOG.replace("ann", '"ann"').replace("add", '"add"'),
    "dates": LOG.replace("n,", "n,2024-01-0"),
    "words": LOG.replace(",1\n", ",right\n").replace(",0\n", ",wrong\n"),
    "a missing cell": LOG.replace("ben,2,add", "ben,2,"),
    "decimals": LOG.replace("n,1", "n,1.5").replace("n,2", "n,2.5"),
    "a BOM": "\ufeff" + LOG,
}


@pytest.mark.parametrize("text", HEADERLESS.values(), ids=HEADERLESS)
def test_columns_go_by_their_numbers(read, text):
    X = read(text, columns=COLUMNS)
    assert X["correct"].tolist() == [1, 0, 1, 0]
    assert X["user_id"].nunique() == 2
    assert X["order_id"].tolist()[0] < X["order_id"].tolist()[1]
    assert len(X["skill_name"].dropna()) in (3, 4)


@pytest.mark.parametrize("text", HEADERLESS.values(), ids=HEADERLESS)
def test_names_are_asked_for_and_those_proposed_read_it(read, text):
    with pytest.raises(ReadingError, match="has no header: its first line is") as error:
        read(text)
    assert "expected the names of the columns there" in str(error.value)
    arguments = [part for part in error.value.parts if not isinstance(part, str)]
    (argument,) = arguments
    assert argument.name == "columns"
    if ... not in argument.value.values():
        assert argument.value == COLUMNS
        assert len(read(text, **dict([argument]))) == 4


def test_dates_and_times_of_day_are_proposed_together(read):
    text = LOG.replace("n,1,", "n,2024-01-01,10:05,")
    text = text.replace("n,2,", "n,2024-01-02,9:05,")
    with pytest.raises(ReadingError, match="which is a guess") as error:
        read(text)
    (columns,) = [part.value for part in error.value.parts if not isinstance(part, str)]
    assert columns["order_id"] == ["2", "3"]
    assert read(text, columns=columns)["order_id"].diff()[1] == 23 * 3600 * 10**6


def test_sequences_need_no_header(read):
    text = 'ann,"4,5,5","1,0,1"\nben,"5,4","0,1"\ncem,"5,4","1,1"\n'
    with pytest.raises(ReadingError, match="has no header: its first line is") as error:
        read(text)
    (columns,) = [part.value for part in error.value.parts if not isinstance(part, str)]
    named = {"user_id": "1", "order_id": "order_id", "skill_name": "2", "correct": "3"}
    assert columns == named
    X = read(text, columns=columns)
    assert X["skill_name"].tolist() == [4, 5, 5, 5, 4, 5, 4]


def test_an_order_that_nothing_tells_is_asked_for(read):
    with pytest.raises(ReadingError, match=r"'order_id': ..., 'skill_name': '2'"):
        read("ann,add,1\nann,cut,0\nben,add,1\nben,add,0\n")


def test_what_is_proposed_says_that_it_is_a_guess(read):
    with pytest.raises(ReadingError) as error:
        read(LOG)
    assert str(error.value) == (
        "log.csv has no header: its first line is 'ann,1,add,1'; expected the names of "
        "the columns there. Write them above, or name the columns by their places. By "
        "what they hold, which is a guess, they may be: columns={'user_id': '1', "
        "'order_id': '2', 'skill_name': '3', 'correct': '4'}."
    )


def test_the_first_line_is_a_row_and_that_is_said(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    with open_table(path, None, None) as table:
        assert table.header == ["1", "2", "3", "4"]
        assert table.notes == [
            "log.csv has no header: its columns are called 1 to 4, and the first line "
            "is a row."
        ]
        assert table.read([0, 3]).to_numpy().tolist() == [
            ["ann", "1"],
            ["ann", "0"],
            ["ben", "1"],
            ["ben", "0"],
        ]
        blocks = list(table.blocks([0], n_rows=2))
    assert [block.index.tolist() for block in blocks] == [[0, 1, 2], [3]]


def test_a_missing_cell_of_the_first_line_is_missing(read):
    X = read(LOG.replace("ann,1,add", "ann,1,NA"), columns=COLUMNS)
    assert X["skill_name"].isna().tolist() == [True, False, False, False]


def test_it_is_dealt_out_as_it_is_read(tmp_path, read):
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(LOG.encode()))
    pytest.importorskip("pyarrow", reason="parts are Parquet files")
    import pandas as pd

    with pytest.raises(ReadingError, match="has no header"):
        shard_interactions(path, tmp_path / "parts")
    shard_interactions(path, tmp_path / "parts", columns=COLUMNS, n_parts=1)
    X = pd.read_parquet(tmp_path / "parts" / "part-00000.parquet")
    expected = read(LOG, columns=COLUMNS)
    assert X.astype(str).equals(expected.astype(str))


HEADED = {
    "names over numbers": "a,b,c,d\n1,2,3,1\n1,3,3,0\n",
    "usual names": "user,time,skill,correct\nann,x,add,correct\nben,y,add,wrong\n",
    "numbers of questions": "who,1,2,3\nann,1,0,1\nben,0,1,1\n",
    "numbers of questions from 0": "0,1,2,3\nann,1,0,1\nben,0,1,1\n",
    "years": "who,2019,2020,2021\nann,15,20,30\nben,10,1,14\n",
    "an index": ",who,what,ok\n0,ann,add,1\n1,ben,add,0\n",
    "one row": "ann,1,add,1\n",
    "texts": "wer,was,wie\nann,add,gut\nben,cut,schlecht\n",
    "dates over answers": "who,2024-01-01,2024-01-02\nann,1,0\nben,0,1\n",
    "a column called as a value": "pupil,kind,hint\nann,hint,1\nben,solve,0\n",
}


@pytest.mark.parametrize("text", HEADED.values(), ids=HEADED)
def test_what_may_be_names_are_names(tmp_path, text):
    path = tmp_path / "log.csv"
    path.write_text(text)
    with open_table(path, None, None) as table:
        assert "no header" not in " ".join(table.notes)
    with open_table(path, None, None, layout=None) as table:
        assert table.header == text.partition("\n")[0].split(",")
