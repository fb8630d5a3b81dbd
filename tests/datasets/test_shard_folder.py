"""What is copied into parts, and that a folder of them is whole or not there."""

import errno
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from sktrace.datasets import (
    _shard_parts,
    make_interactions,
    read_interactions,
    shard_interactions,
)
from sktrace.datasets._read_problems import ReadingError

from .test_shard import check_same, read_parts

pa = pytest.importorskip("pyarrow", reason="pyarrow, which writes Parquet, is missing")
ds = pytest.importorskip("pyarrow.dataset", reason="pyarrow lacks datasets")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow lacks Parquet")


@pytest.fixture
def X():
    X, _ = make_interactions(20, 3, n_attempts=10, n_items=9, random_state=0)
    X = X.sample(frac=1, random_state=0, ignore_index=True)
    small = {"order_id": "int16", "correct": "int8", "user_id": str, "item_id": str}
    X["when"] = pd.Timestamp("2020-01-01", tz="Europe/Vienna")
    return X.astype(small)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "parts"


# What has types is copied


def test_a_parquet_file_a_folder_and_a_dataset_are_copied_as_they_are(
    X, folder, tmp_path
):
    here = tmp_path / "log"
    here.mkdir()
    for number, few in enumerate(np.array_split(np.arange(len(X)), 3)):
        X.iloc[few].to_parquet(here / f"{number}.parquet")
    X.to_parquet(tmp_path / "log.parquet")
    for source in (here, str(tmp_path / "log.parquet"), ds.dataset(here)):
        shards = shard_interactions(source, folder, n_parts=3, overwrite=True)
        check_same(read_parts(shards), X)
        assert shards.columns == list(X)


def test_hive_partitions_become_columns(X, folder, tmp_path):
    X.assign(year=X["order_id"] % 2 + 2020).to_parquet(
        tmp_path / "log", partition_cols=["year"]
    )
    parts = pd.concat(read_parts(shard_interactions(tmp_path / "log", folder)))
    assert (parts["year"] == parts["order_id"] % 2 + 2020).all()


def test_frames_are_written_one_at_a_time(X, folder):
    frames = (X[start : start + 25] for start in range(0, len(X), 25))
    shards = shard_interactions(frames, folder, n_parts=4)
    check_same(read_parts(shards), X.astype({"skill_name": str}))  # categories are not


def test_few_buffers_and_dictionaries_that_differ(X, folder, monkeypatch):
    monkeypatch.setattr(_shard_parts, "BUFFERED", 1)  # each batch is written at once
    schema = pa.schema(
        {"user_id": pa.string(), "skill_name": pa.dictionary(pa.int8(), pa.string())}
    )
    X = X[["user_id", "skill_name"]].astype(str)
    tables = [
        pa.Table.from_pandas(X[start : start + 20], schema, preserve_index=False)
        for start in range(0, len(X), 20)
    ]
    source = ds.dataset([table.cast(schema) for table in tables])
    parts = read_parts(shard_interactions(source, folder, n_parts=3))
    assert all(part["skill_name"].dtype == "category" for part in parts)
    check_same([part.astype(str) for part in parts], X)


@pytest.mark.parametrize("kind", ["parquet", "frames"])
def test_students_need_a_column_and_a_name(X, folder, tmp_path, kind):
    def source(X):
        X.to_parquet(tmp_path / "log.parquet")
        return tmp_path / "log.parquet" if kind == "parquet" else [X]

    where = "log.parquet" if kind == "parquet" else "the first frame"
    X = X[["user_id", "correct"]].rename(columns={"user_id": "pupil"})
    with pytest.raises(ReadingError) as refused:
        shard_interactions(source(X), folder)
    assert str(refused.value) == (
        f"The column of students, 'user_id', is there 0 times; {where} has the columns "
        "['pupil', 'correct']. Name the one that says whose row it is: student=...."
    )
    shards = shard_interactions(source(X), folder, student="pupil", overwrite=True)
    check_same(read_parts(shards), X, "pupil")
    X.loc[[3, 5], "pupil"] = None
    where = "log.parquet" if kind == "parquet" else "Frame 0"
    with pytest.raises(ReadingError) as refused:
        shard_interactions(source(X), folder, student="pupil", overwrite=True)
    assert str(refused.value) == (
        f"{where}: column 'pupil' (student) is missing in 2 of {len(X)} rows; expected "
        "one in every row. Leave such rows out: drop_missing=True."
    )
    options = {"student": "pupil", "overwrite": True, "drop_missing": True}
    shards = shard_interactions(source(X), folder, **options)
    check_same(read_parts(shards), X.dropna(subset="pupil"), "pupil")


def test_frames_that_do_not_go_on_as_the_first_are_refused(X, folder):
    other = X.assign(order_id=X["order_id"] + 0.5)
    with pytest.raises(ReadingError) as refused:
        shard_interactions([X, other], folder)
    assert str(refused.value) == (
        "Frame 1 does not go on as frame 0: the columns ['order_id'] were ['int16'] "
        "and are ['double']; expected one type for each, which holds all. Make them "
        "alike, such as frame.astype({'order_id': str})."
    )
    frames = [frame.astype({"order_id": str}) for frame in (X, other)]
    assert shard_interactions(frames, folder).n_rows == 2 * len(X)


@pytest.mark.parametrize(
    ("source", "options", "error", "message"),
    [
        (iter([1]), {"n_parts": 1}, TypeError, "Frame 0 is 'int'; expected a Data"),
        (3, {}, TypeError, "source is 'int'; expected the name of a file or folder"),
        ([], {}, ReadingError, "The source has no rows; expected at least one answer"),
        (iter([]), {}, ReadingError, "The source has no rows"),
        ("frames", {}, ValueError, "n_parts='auto' needs to know how many rows"),
        ("frames", {"sep": ";"}, ReadingError, r"\['sep'\] say how to read a text"),
        ("frames", {"n_parts": 0}, ValueError, "'n_parts' parameter"),
        ("frames", {"n_parts": 10**6}, ValueError, "'n_parts' parameter"),
    ],
)
def test_what_cannot_be_written_is_refused(X, folder, source, options, error, message):
    source = (frame for frame in [X]) if source == "frames" else source
    with pytest.raises(error, match=message):
        shard_interactions(source, folder, **options)
    assert not folder.exists()


def test_a_folder_of_other_files_is_no_log(folder, tmp_path):
    here = tmp_path / "log"
    here.mkdir()
    with pytest.raises(ReadingError, match="The folder log holds no files"):
        shard_interactions(here, folder)
    (here / "log.csv").write_text("user_id\n1\n")
    with pytest.raises(ReadingError, match="The folder log is no folder of Parquet"):
        shard_interactions(here, folder)


# A folder is whole, or not there


def test_only_parts_are_replaced_and_only_if_asked(X, folder, tmp_path):
    folder.mkdir()  # one that is empty will do
    shard_interactions([X], folder, n_parts=3)
    with pytest.raises(ReadingError) as refused:
        shard_interactions([X], folder)
    assert str(refused.value) == (
        f"The folder {str(folder)!r} holds the parts of a log already; expected a "
        "folder that is new or empty. Name another, or replace them: overwrite=True."
    )
    shards = shard_interactions([X[:30]], folder, overwrite=True)
    check_same(read_parts(shards), X[:30].astype({"skill_name": str}))
    (folder / "notes.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(ReadingError, match="holds other files than those of shard"):
            shard_interactions([X], folder, overwrite=overwrite)
    (folder / "notes.txt").unlink()
    X.to_parquet(folder / "part-00009.parquet")  # by somebody else
    with pytest.raises(ReadingError, match="holds other files than those of shard"):
        shard_interactions([X], folder, overwrite=True)
    with pytest.raises(ReadingError, match="is a file; expected a folder"):
        shard_interactions([X], folder / "part-00009.parquet")
    with pytest.raises(ReadingError, match=r"There is no folder .*Make it first"):
        shard_interactions([X], tmp_path / "none" / "parts")


def test_parts_can_be_dealt_out_anew_into_their_own_place(X, folder):
    shard_interactions([X], folder, n_parts=2)
    shards = shard_interactions(folder, folder, n_parts=5, overwrite=True)
    check_same(read_parts(shards), X.astype({"skill_name": str}))


@pytest.mark.parametrize("n_parts", [3, 250])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_what_is_interrupted_leaves_all_as_it_was(
    X, folder, tmp_path, monkeypatch, error, n_parts
):
    monkeypatch.setattr(_shard_parts, "BUFFERED", 1)

    def frames():
        yield X
        raise error

    with pytest.raises(error):
        shard_interactions(frames(), folder, n_parts=n_parts)
    assert not list(tmp_path.iterdir())
    shard_interactions([X], folder, n_parts=2)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(error):
        shard_interactions(frames(), folder, n_parts=n_parts, overwrite=True)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("n_parts", [3, 250])
def test_a_full_disk_leaves_nothing(X, folder, tmp_path, monkeypatch, n_parts):
    write, written = pq.ParquetWriter.write_table, []

    def fill(writer, table, **options):
        written.append(len(table))
        if sum(written) > len(X) / 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(writer, table, **options)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fill)
    with pytest.raises(OSError, match="could not be written") as refused:
        shard_interactions([X], folder, n_parts=n_parts)
    assert str(refused.value) == (
        f"{str(folder)!r} could not be written (No space left on device); what was "
        "there before is as it was. Make room, or name another place."
    )
    assert not list(tmp_path.iterdir())


# Memory

PEAK = """
import resource, sys
from sktrace.datasets import _shard_parts, _shard_text, shard_interactions
_shard_parts.BUFFERED, _shard_text.CELLS_AT_ONCE = 2**22, 1
_shard_text.FEWEST_ROWS = 4000
shards = shard_interactions(*sys.argv[1:], n_parts=150)
print(shards.n_rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory in other units")
def test_a_file_larger_than_memory_takes_no_more_of_it_than_a_small_one(tmp_path):
    peaks = {}
    for n_rows in (2_000, 30_000):
        path = tmp_path / f"{n_rows}.csv"
        with open(path, "w") as file:
            file.write("user_id,order_id,skill_name,correct,note\n")
            note = "x" * 2500
            file.writelines(
                f"{row % 500},{row},add,{row % 2},{note}\n" for row in range(n_rows)
            )
        command = [sys.executable, "-c", PEAK, path, tmp_path / f"{n_rows} parts"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        n_read, peaks[n_rows] = map(int, done.stdout.split())
        assert n_read == n_rows
    # Of 75 MB, a half at most: buffers, what Python frees later, and its pools.
    assert peaks[30_000] - peaks[2_000] < path.stat().st_size / 2


def test_what_is_written_is_what_tracers_read(X, folder, tmp_path):
    X.to_csv(tmp_path / "log.csv", index=False)
    options = {"keep": ["when"], "item": "item_id"}
    log = read_interactions(tmp_path / "log.csv", **options)
    check_same(read_parts(shard_interactions(tmp_path / "log.csv", folder)), log)
