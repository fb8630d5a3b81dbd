"""Parquet files: broken, nested, huge or of rare types; only what is named is read."""

import datetime
from contextlib import suppress
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from sktrace.datasets import _read_source, read_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import ReadingError

pa = pytest.importorskip("pyarrow", reason="pyarrow, which reads Parquet, is missing")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow lacks Parquet")

LOG = {
    "user_id": ["ann", "ben"],
    "order_id": [1, 2],
    "skill_name": ["add", "add"],
    "correct": [1, 0],
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.parquet"


@pytest.fixture
def read(path):
    """Write a table of some columns, and read it as a log."""

    def read(columns=(), **options):
        pq.write_table(pa.table(LOG | dict(columns)), path)
        return read_interactions(path, **options)

    return read


def test_a_parquet_file_is_told_by_what_is_in_it(read, path):
    expected = read()
    assert read_interactions(path.rename(path.with_suffix(".log"))).equals(expected)
    path.write_text("user_id,order_id,skill_name,correct\nann,1,add,1\n")
    with pytest.raises(ValueError, match=r"begins with b'user'; .* ends in \.csv\.$"):
        read_interactions(path)
    path.write_bytes(b"PARE")  # encrypted
    with pytest.raises(ValueError, match=r"is no Parquet file: it begins with b'PARE'"):
        read_interactions(path)


def test_a_broken_parquet_file_is_refused_wherever_it_is_broken(read, path):
    read()
    content = path.read_bytes()
    cuts = [content[:4], content[:-5], content[: len(content) // 2]]
    zeros = [
        content[:at] + bytes(8) + content[at + 8 :]
        for at in range(len(content) - 200, len(content), 16)
    ]
    for broken in [*cuts, *zeros]:
        path.write_bytes(broken)
        with suppress(ReadingError):  # some bytes mean nothing
            read_interactions(path)
    path.write_bytes(cuts[-1])
    with pytest.raises(ValueError, match="is no whole Parquet file, or of a kind"):
        read_interactions(path)


def test_only_the_columns_that_are_named_are_read(read, monkeypatch):
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 10_000)
    texts = {"answer": ["x" * 100_000, "y" * 100_000], "lists": [[1], [2, 3]]}
    assert len(read(texts)) == 2
    assert read(texts, keep=["lists"])["lists"].tolist() == ["1", "2~~3"]


def test_a_table_of_far_more_rows_than_bytes_is_refused(path, tmp_path, monkeypatch):
    n_rows = 50_000
    ones = dict.fromkeys(LOG, np.ones(n_rows, int))
    pq.write_table(pa.table(ones), path)
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 1_000_000)
    with pytest.raises(ValueError, match="50,000 rows of 4 columns, 1,600,000 bytes"):
        read_interactions(path)
    pd.read_parquet(path).to_csv(tmp_path / "log.csv", index=False)
    assert len(read_interactions(tmp_path / "log.csv")) == n_rows


def test_a_text_that_is_kept_once_and_comes_out_often_is_counted(read, monkeypatch):
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 1_000_000)
    often = {name: values * 5_000 for name, values in LOG.items()}
    assert len(read(often)) == 10_000
    with pytest.raises(ReadingError, match=r"4 columns, 10,0.*,000 bytes, would"):
        read(often | {"user_id": ["x" * 1_000] * 10_000})


def test_skills_in_columns_of_one_name_are_joined(path):
    names = ["Anon Student Id", "Time", "Outcome", "KC (A)", "KC (A)"]
    columns = [["ann"], ["2024-01-01"], ["HINT"], ["add"], ["cut"]]
    pq.write_table(pa.table(list(map(pa.array, columns)), names=names), path)
    X = read_interactions(path, first_attempts=False)
    assert X["skill_name"].tolist() == ["add~~cut"]


SEQUENCES = {
    "uid": ["ann", "ben"],
    "kcs": [["add", "cut"], ["add"]],
    "responses": [[1, 0], [1]],
}
NAMES = {"user_id": "uid", "skill_name": "kcs", "correct": "responses"}


@pytest.fixture
def look(path):
    """Write a table, and return its rows by their names, and the notes."""

    def look(columns):
        pq.write_table(pa.table(columns), path)
        with open_table(path, None, None) as table:
            cells = table.read(list(range(len(table.header))))
        return cells.set_axis(table.header, axis=1), table.notes

    return look


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.int64()),
        pa.large_list(pa.int8()),
        pa.list_(pa.float32()),
        pa.list_(pa.bool_()),
        pa.list_(pa.string()),
    ],
    ids=str,
)
def test_lists_of_answers_are_given_a_row_for_each_value(look, path, kind):
    answers = SEQUENCES["responses"]
    if kind.value_type == pa.string():
        answers = [list(map(str, each)) for each in answers]
    if kind.value_type == pa.bool_():
        answers = [list(map(bool, each)) for each in answers]
    frame, notes = look(SEQUENCES | {"responses": pa.array(answers, kind)})
    assert frame["uid"].tolist() == ["ann", "ann", "ben"]
    assert frame["order_id"].tolist() == [0, 1, 2]
    assert "['kcs', 'responses'] hold sequences; they are read as a row" in notes[0]
    X = read_interactions(path, columns=NAMES)
    assert X["skill_name"].tolist() == ["add", "cut", "add"]
    assert X["correct"].tolist() == [1, 0, 1]


def test_lists_keep_their_values_exact_and_what_is_missing(look):
    large = 2**53 + 1
    frame, _ = look(SEQUENCES | {"when": [[large, None], [large + 2]]})
    assert frame["when"].dropna().tolist() == [large, large + 2]
    moments = [datetime.datetime(2024, 1, day) for day in (1, 2, 3)]
    frame, _ = look(SEQUENCES | {"timestamps": [moments[:2], moments[2:]]})
    assert frame["timestamps"].tolist() == list(map(pd.Timestamp, moments))
    assert "order_id" not in frame
    frame, _ = look(SEQUENCES | {"kcs": [[["a", "b"], ["c"]], [["a"]]]})
    assert frame["kcs"].tolist() == ["a~~b", "c", "a"]


def test_lists_of_several_lengths_are_refused(look):
    odd = SEQUENCES | {"kcs": [["add", "cut"], ["add", "cut"]]}
    with pytest.raises(ReadingError, match="'kcs' has 2 values and 'responses' has 1"):
        look(odd)
    with pytest.raises(ReadingError, match="'kcs' has 0 values and 'responses' has 2"):
        look(SEQUENCES | {"kcs": [None, ["add"]]})


def test_lists_beside_answers_in_cells_are_joined_as_skills_are(read, path):
    X = read({"skill_name": [["add", "cut"], []]})
    assert X["skill_name"].tolist()[:1] == ["add~~cut"]
    assert X["skill_name"].isna().tolist() == [False, True]
    with open_table(path, None, None) as table:
        table.read([2])
        assert table.notes == [
            "Lists in column 'skill_name' are joined by ~~, as skills."
        ]


def test_lists_of_far_more_values_than_bytes_are_refused(path, monkeypatch):
    long = {"uid": [1], "kcs": [[1] * 100_000], "responses": [[1] * 100_000]}
    pq.write_table(pa.table(long), path)
    assert len(read_interactions(path, columns=NAMES)) == 100_000
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 100_000)
    with pytest.raises(ReadingError, match="2 columns, 1,600,000 bytes, would"):
        read_interactions(path, columns={**NAMES, "user_id": "kcs", "order_id": None})


def test_a_matrix_of_numbers_is_melted(path):
    pd.DataFrame(
        {"user_id": ["a", "b"], "Q1": [1, 0], "Q2": [0.0, np.nan], "Q3": True}
    ).to_parquet(path)
    X = read_interactions(path)
    assert X["item_id"].tolist() == ["Q1", "Q2", "Q3", "Q1", "Q3"]
    assert X["correct"].tolist() == [1, 0, 1, 0, 1]


def test_structures_are_given_columns_as_the_message_says(
    read, path, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="a column of its own") as error:
        read({"correct": [{"first": 1}, {"first": 0}]})
    run(error)
    X = read_interactions("flat.parquet", columns={"correct": "correct.first"})
    assert X["correct"].tolist() == [1, 0]


def run(error):
    """Run the code that a message ends with."""
    code = str(error.value).partition("read that file: ")[2].rstrip(".")
    exec(code, {"pandas": pd, "pyarrow": pa})


def test_values_of_every_type_are_read_exactly(read):
    large = 2**53 + 1
    X = read({"user_id": [large, None], "correct": [1, None]}, drop_missing=True)
    assert X["user_id"].tolist() == [large]
    X = read({"user_id": [Decimal(1), Decimal(2)], "order_id": [Decimal("1.5")] * 2})
    assert X[["user_id", "order_id"]].to_numpy().tolist() == [[1, 1.5], [2, 1.5]]
    X = read({"order_id": [datetime.date(1970, 1, 2)] * 2, "user_id": [b"a", b"b"]})
    assert X["order_id"].tolist() == [86_400_000_000] * 2
    assert X["user_id"].tolist() == ["a", "b"]
    X = read({"correct": pa.array(["yes", "no"]).dictionary_encode()})
    assert X["correct"].tolist() == [1, 0]
    X = read({"correct": [True, None]})
    np.testing.assert_array_equal(X["correct"], [1, np.nan])
    X = read({"order_id": pa.array(np.array([1, 2], "float16"))})
    assert X["order_id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"order_id": [1.0, np.nan]}, "is missing in 1 row"),
        ({"order_id": [1.0, np.inf]}, r"holds inf in 1 row .* expected finite numbers"),
        ({"order_id": [True, False]}, "holds True, False .* expected numbers or dates"),
        ({"order_id": [datetime.time(1)] * 2}, "holds '01:00:00"),
        ({"order_id": pa.nulls(2)}, "and none has one"),
        ({"order_id": pa.array([2**60] * 2, pa.timestamp("ms"))}, "290,000 years"),
        ({"correct": [1.0, np.inf]}, "answers={'inf': None}"),
        ({"user_id": [b"a", b"\xff"]}, "is no whole Parquet file, or of a kind"),
    ],
)
def test_values_that_cannot_be_are_refused(read, columns, message):
    with pytest.raises(ReadingError, match=message):
        read(columns)


def test_an_index_is_a_column_if_it_has_a_name(path):
    frame = pd.DataFrame(LOG)
    frame.set_index("user_id").to_parquet(path)
    assert read_interactions(path)["user_id"].tolist() == ["ann", "ben"]
    frame.set_index(["user_id", "order_id"]).to_parquet(path)
    assert read_interactions(path)["order_id"].tolist() == [1, 2]
    frame.set_axis([7, 5]).to_parquet(path)
    with pytest.raises(ValueError, match="keep= names '__index_level_0__', of which"):
        read_interactions(path, keep=["__index_level_0__"])
