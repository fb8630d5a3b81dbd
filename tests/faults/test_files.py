"""A file is written whole, or is what it was, whatever happens."""

import contextlib
import errno
import io
import os
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from sktrace import TransferClassifier, _files
from sktrace._files import check_place, write_whole
from sktrace.pretraining import PretrainedNetwork

NEW = b"new" * 100_000

posix = pytest.mark.skipif(os.name != "posix", reason="modes, links and signals")


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"old")
    return path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def full(*args):
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupt(*args):
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["os.open", "os.fsync", "os.replace", "os.fchmod"])
@pytest.mark.parametrize("fault", [full, interrupt])
def test_what_fails_at_any_step_leaves_the_old_file_alone(
    old, monkeypatch, step, fault
):
    monkeypatch.setattr(step, fault, raising=os.name == "posix")
    with pytest.raises((OSError, KeyboardInterrupt)):
        write_whole(old, NEW)
    monkeypatch.undo()
    assert contents(old.parent) == {"page.html": b"old"}


@pytest.mark.parametrize("fault", [full, interrupt])
def test_what_fails_half_way_leaves_the_old_file_alone(old, monkeypatch, fault):
    class Half(io.BufferedWriter):
        def write(self, content):
            super().write(content[: len(content) // 2])
            self.flush()
            assert len(contents(old.parent)) == 2
            fault()

    def open_half(number, mode):
        return Half(io.FileIO(number, mode))

    monkeypatch.setattr(_files, "open", open_half, raising=False)
    with pytest.raises((OSError, KeyboardInterrupt)):
        write_whole(old, NEW)
    assert contents(old.parent) == {"page.html": b"old"}


LIMITED = """
import resource, sys
from sktrace._files import write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(sys.argv[1], b"new" * 1000)
except OSError as error:
    print(error.strerror)
"""


@posix
def test_a_file_that_may_not_grow_is_the_old_one(old):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, old], capture_output=True, text=True, check=True
    )
    assert done.stdout == "File too large\n"
    assert contents(old.parent) == {"page.html": b"old"}


KILLED = """
import os, signal, sys
from sktrace import _files
def stop(*args):
    print("there", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, sys.argv[2], stop)
_files.write_whole(sys.argv[1], b"new")
"""


@posix
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_who_is_killed_while_writing_leaves_the_old_file_whole(old, step):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, old, step], capture_output=True
    )
    assert done.stdout == b"there\n"
    assert done.returncode == -signal.SIGKILL
    assert old.read_bytes() == b"old"
    (part,) = set(contents(old.parent)) - {"page.html"}
    assert part.endswith(".part")
    write_whole(old, NEW)  # what is left is in nobody's way
    assert old.read_bytes() == NEW


def test_of_two_writers_the_last_wins_and_readers_see_whole_files(old):
    versions = [letter * 200_000 for letter in (b"a", b"b")]
    old.write_bytes(versions[0])
    done = threading.Event()
    seen = set()

    def write(version):
        for _ in range(20):
            write_whole(old, version)

    def read():
        while not done.is_set():
            seen.add(old.read_bytes())

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(v,)) for v in versions]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert seen <= set(versions)
    assert list(contents(old.parent)) == ["page.html"]


@posix
def test_permissions_are_those_of_the_old_file_or_of_the_umask(old):
    old.chmod(0o640)
    write_whole(old, NEW)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    before = os.umask(0o027)
    try:
        write_whole(old.with_name("other"), NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(old.with_name("other").stat().st_mode) == 0o640


@posix
def test_a_secret_file_is_no_more_readable_while_it_is_written(old, monkeypatch):
    old.chmod(0o600)
    modes = []
    open_file = os.open

    def watched(path, *args):
        number = open_file(path, *args)
        modes.append(stat.S_IMODE(os.fstat(number).st_mode))
        return number

    monkeypatch.setattr("os.open", watched)
    write_whole(old, NEW)
    assert modes[0] == 0o600


@posix
def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    target, link = folder / "target", tmp_path / "link"
    link.symlink_to("elsewhere/target")
    for content in (b"made", b"replaced"):
        write_whole(link, content)
        assert link.is_symlink()
        assert contents(folder) == {"target": content}
    other = tmp_path / "second"
    other.symlink_to("link")
    write_whole(other, NEW)
    assert target.read_bytes() == NEW
    assert os.readlink(other) == "link"


@posix
def test_nobody_can_foresee_the_name_of_the_part_or_have_it_followed(old, monkeypatch):
    names = set()
    for _ in range(2):
        with _files._part_of(old, None) as (part, _):
            names.add(part.name)
    assert len(names) == 2
    trap = old.with_name("trap")
    monkeypatch.setattr("secrets.token_hex", lambda n: "foreseen")
    old.with_name(".foreseen.part").symlink_to(trap)
    with pytest.raises(FileExistsError):
        write_whole(old, NEW)
    assert not trap.exists()


@posix
def test_other_names_of_a_file_keep_what_they_had(old):
    other = old.with_name("other")
    os.link(old, other)
    write_whole(old, NEW)
    assert contents(old.parent) == {"page.html": NEW, "other": b"old"}


@posix
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe.html"
    os.mkfifo(pipe)
    check_place(pipe)  # waits for no reader
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, NEW)
    reader.join()
    assert got == [NEW]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix
def test_devices_are_written_to(tmp_path):
    link = tmp_path / "nowhere.html"
    link.symlink_to("/dev/null")
    write_whole(link, NEW)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    if os.path.exists("/dev/full"):
        with pytest.raises(OSError, match="No space"):
            write_whole("/dev/full", NEW)


@posix
def test_standard_output_is_written_to_even_where_it_is_a_file(tmp_path):
    code = "from sktrace._files import write_whole as write; print('a', flush=True)"
    code += "; write('/dev/stdout', b'b')"
    with open(tmp_path / "out", "ab") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
        file.write(b"\nc")
    assert contents(tmp_path) == {"out": b"a\nb\nc"}
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert done.stdout == b"a\nb"


def test_a_place_is_tried_before_the_work_and_nothing_is_left_there(old, monkeypatch):
    check_place(old)
    check_place(old.with_name("other"))
    for path, fault in (
        (old.with_name("no") / "where", FileNotFoundError),
        (old / "below", NotADirectoryError),
        (old.parent, IsADirectoryError),
    ):
        with pytest.raises(fault):
            check_place(path)
    assert contents(old.parent) == {"page.html": b"old"}
    monkeypatch.setattr("os.open", full)
    with pytest.raises(OSError, match="No space"):
        check_place(old)


@posix
@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_folder_that_is_read_only_is_refused_beforehand(old):
    old.parent.chmod(0o500)
    try:
        for path in (old, old.with_name("other")):
            with pytest.raises(PermissionError):
                check_place(path)
    finally:
        old.parent.chmod(0o700)


@posix
def test_in_a_sticky_folder_a_file_of_somebody_else_is_refused_beforehand(
    old, monkeypatch
):
    check_place(old)
    old.parent.chmod(0o1777)
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    with pytest.raises(PermissionError, match="somebody else's"):
        check_place(old)
    check_place(old.with_name("other"))


@posix
def test_sockets_are_no_files(tmp_path):
    import socket

    with contextlib.closing(socket.socket(socket.AF_UNIX)) as one:
        monkey = tmp_path / "s"
        one.bind(str(monkey))
        with pytest.raises(OSError, match="neither a file nor a pipe"):
            check_place(monkey)


def test_a_network_is_saved_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "network"
    network = TransferClassifier()._read_network()
    network.save(path)
    assert contents(tmp_path).keys() == {"network"}  # no ending is added
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace(network, learnt_from="others").save(path)
    assert contents(tmp_path) == {"network": before}
    assert PretrainedNetwork.load(path).learnt_from == network.learnt_from
