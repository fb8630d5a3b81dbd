"""What can be read but once is read once: pipes, on the command line, too."""

import gzip
import io
import json
import os
import threading
import zipfile
from contextlib import suppress

import pytest

from sktrace.__main__ import main
from sktrace.datasets import _read_source, read_interactions

LOG = "user_id,order_id,skill_name,correct\nann,1,add,1\nben,2,add,0\n"

pytestmark = pytest.mark.skipif(
    not hasattr(os, "mkfifo"), reason="this system has no pipes with names"
)


@pytest.fixture
def pipe(tmp_path):
    """Return the path of a pipe into which a text, or bytes, is written."""
    writers = []

    def make(content):
        path = tmp_path / f"pipe{len(writers)}"
        os.mkfifo(path)
        writers.append(threading.Thread(target=write, args=[path, content]))
        writers[-1].start()
        return path

    def write(path, content):
        with suppress(BrokenPipeError):
            path.write_bytes(
                content if isinstance(content, bytes) else content.encode()
            )

    yield make
    for writer in writers:
        writer.join()


def zipped(text):
    """Return the bytes of an archive of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("log.csv", text)
    return file.getvalue()


@pytest.mark.parametrize(
    "pack", [str.encode, lambda text: gzip.compress(text.encode()), zipped]
)
def test_a_pipe_is_read_as_a_file(pipe, tmp_path, pack):
    path = tmp_path / "log.csv"
    path.write_bytes(pack(LOG))
    assert read_interactions(pipe(pack(LOG))).equals(read_interactions(path))


def test_layouts_come_through_a_pipe(pipe):
    assert len(read_interactions(pipe("2\n4,5\n1,0\n3\n4,5,5\n1,0,1\n"))) == 5
    assert len(read_interactions(pipe("user_id,Q1,Q2,Q3\na,1,0,1\nb,0,1,1\n"))) == 6
    names = {"user_id": 1, "order_id": 1, "skill_name": "add", "correct": 1}
    assert len(read_interactions(pipe(f"{json.dumps(names)}\n" * 3))) == 3


def test_a_log_of_many_blocks_comes_through_a_pipe(pipe):
    n_rows = 30_000  # more than a pipe holds at a time
    rows = "".join(f"ann,{row},add,{row % 2}\n" for row in range(n_rows))
    assert len(read_interactions(pipe(LOG + rows))) == n_rows + 2


def test_a_pipe_that_does_not_end_is_read_up_to_a_limit(pipe, monkeypatch):
    monkeypatch.setattr(_read_source, "PIPED_AT_MOST", 1_000)
    monkeypatch.setattr(_read_source, "_CHUNK", 100)
    with pytest.raises(ValueError, match="More than 1,000 bytes came through the pipe"):
        read_interactions(pipe(LOG * 1_000))


def test_nothing_through_a_pipe_is_an_empty_file(pipe):
    with pytest.raises(ValueError, match="pipe0 is empty; expected a header"):
        read_interactions(pipe(""))


def test_a_full_disk_for_what_came_through_is_said(pipe, monkeypatch):
    def fail(*_, **__):
        return open("/dev/full", "w+b")

    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no device that is full")
    monkeypatch.setattr(_read_source.tempfile, "TemporaryFile", fail)
    with pytest.raises(ValueError, match=r"could not be kept in .*: No space left"):
        read_interactions(pipe(LOG))


def test_what_is_open_already_is_read_by_its_number():
    reading, writing = os.pipe()  # as a shell does for <(zcat log.csv.gz)
    os.write(writing, LOG.encode())
    os.close(writing)
    assert len(read_interactions(f"/dev/fd/{reading}")) == 2
    os.close(reading)


def test_a_command_reads_a_pipe_once(pipe, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["compare", str(pipe(LOG)), "--folds", "3"]) == 2
    seen = capsys.readouterr()
    assert "students                   2" in seen.out
    assert "--folds 3: the log holds answers of 2 student(s)" in seen.err
