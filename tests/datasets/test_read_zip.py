"""Zip archives: the one table in them is read."""

import gzip
import zipfile

import pytest

from sktrace.datasets import _read_source, read_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import ReadingError

LOG = "user_id,order_id,skill_name,correct\nann,1,add,1\nben,2,add,0\n"
JSON = '{"user_id": "ann", "order_id": 1, "skill_name": "add", "correct": 1}\n'
JSON += '{"user_id": "ben", "order_id": 2, "skill_name": "add", "correct": 0}\n'


@pytest.fixture
def pack(tmp_path):
    """Write an archive of some files, and return its path."""

    def pack(files):
        path = tmp_path / "log.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path

    return pack


ALONE = {
    "a text": {"log.csv": LOG},
    "in a folder": {"data/": "", "data/log.csv": LOG},
    "of another name": {"log": LOG},
    "what systems leave": {
        "log.csv": LOG,
        "__MACOSX/._log.csv": "x",
        ".DS_Store": "x",
        "Thumbs.db": "x",
    },
    "beside a document": {"log.csv": LOG, "license.pdf": "x", "about.html": "x"},
    "gzipped": {"log.csv.gz": gzip.compress(LOG.encode())},
    "of tabs": {"log.tsv": LOG.replace(",", "\t")},
    "of semicolons": {"log.txt": LOG.replace(",", ";")},
    "JSON": {"log.jsonl": JSON},
    "UTF-16": {"log.csv": LOG.encode("utf-16")},
}


@pytest.mark.parametrize("files", ALONE.values(), ids=ALONE)
def test_the_one_table_is_read(pack, read, files):
    path = pack(files)
    X = read_interactions(path)
    assert X.astype(str).equals(read(LOG).astype(str))
    with open_table(path, None, None) as table:
        name = next(name for name in files if name.startswith(("log", "data/log")))
        assert table.notes == [f"Of the zip archive, {name!r} is read."]
        assert table.name == "log.zip"


def test_other_kinds_and_layouts_may_be_packed(pack):
    pa = pytest.importorskip("pyarrow", reason="pyarrow writes Parquet")
    from pyarrow import parquet

    sink = pa.BufferOutputStream()
    rows = {"user_id": ["ann"], "order_id": [1], "skill_name": ["add"], "correct": [1]}
    parquet.write_table(pa.table(rows), sink)
    path = pack({"log.parquet": sink.getvalue().to_pybytes()})
    assert read_interactions(path)["user_id"].tolist() == ["ann"]
    X = read_interactions(pack({"log.txt": "2\n4,5\n1,0\n"}))
    assert X["skill_name"].tolist() == [4, 5]


def test_of_several_one_is_to_be_unpacked(pack, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pack({"train.csv": LOG, "test.csv": LOG})
    with pytest.raises(ReadingError, match=r"2 files, \['train.csv', 'te") as error:
        read_interactions("log.zip")
    exec(str(error.value).partition("read that: ")[2].rstrip("."), {"zipfile": zipfile})
    assert len(read_interactions("train.csv")) == 2


BROKEN = {
    "nothing": ({}, "without a file in it; expected one table"),
    "only folders": ({"data/": ""}, "without a file in it"),
    "an archive in an archive": (
        {"a.zip": b"PK\x05\x06" + bytes(18)},
        "without a file",
    ),
    "an OpenDocument": ({"content.xml": "x", "mimetype": "x"}, "is an OpenDocument"),
    "Word": ({"word/document.xml": "x"}, "is a Word document; expected text, Parquet"),
    "a binary workbook": ({"xl/workbook.bin": "x"}, r"workbook (.xlsb); expected text"),
    "an empty file": ({"log.csv": ""}, "log.zip is empty; expected a header"),
    "a picture": ({"log.csv": b"\x89HDF"}, "is an HDF5 file; expected text"),
}


@pytest.mark.parametrize(("files", "message"), BROKEN.values(), ids=BROKEN)
def test_what_holds_no_table_is_refused(pack, files, message):
    with pytest.raises(ReadingError) as error:
        read_interactions(pack(files))
    assert message in str(error.value)


def test_what_is_damaged_is_refused(pack):
    path = pack({"log.csv": LOG * 9})
    content = path.read_bytes()
    damaged = [content[:-9], content[:50], content[:40] + b"????" + content[44:]]
    for broken in damaged:
        path.write_bytes(broken)
        with pytest.raises(ReadingError, match="is no whole zip archive or Excel work"):
            read_interactions(path)


def test_a_bomb_is_not_unpacked(pack, monkeypatch):
    path = pack({"log.csv": LOG + "ann,1,add,1\n" * 100_000})
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 10_000)
    with pytest.raises(ReadingError, match="come out of it; expected no more than"):
        read_interactions(path)
