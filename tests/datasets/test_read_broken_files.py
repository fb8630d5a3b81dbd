"""What is no log is refused in our own words, however it is broken, and soon."""

import bz2
import gzip
import lzma
import time

import numpy as np
import pytest

from sktrace.datasets import _read_source, read_interactions
from sktrace.datasets._read_problems import ReadingError

HEADER = "user_id,order_id,skill_name,correct\n"
LOG = HEADER + "ann,1,add,1\nben,2,add,0\n"
GZIP = gzip.compress(LOG.encode())
WIDE = LOG.encode("utf-16-le")

BROKEN = {
    "nothing": (b"", "log.csv is empty; expected a header"),
    "only the mark of UTF-8": (
        b"\xef\xbb\xbf",
        "has nothing but empty lines; expected",
    ),
    "only line ends": (b"\n\n", "nothing but empty lines; expected a header"),
    "a gzip file cut short": (GZIP[:-9], "no whole gzip file: it ends too early"),
    "two bytes of gzip": (GZIP[:2], "no whole gzip file: it ends too early"),
    "a wrong checksum": (GZIP[:-8] + bytes(4) + GZIP[-4:], "bytes are not as written"),
    "changed bytes": (GZIP[:20] + b"\xff\xff" + GZIP[22:], "bytes are not as written"),
    "more after gzip": (GZIP + b"more", "its bytes are not as written"),
    "gzipped nothing": (gzip.compress(b""), "log.csv is empty; expected a header"),
    "a gzipped archive": (gzip.compress(b"PK\x03\x04"), "Unpack it, and read what"),
    "gzipped twice": (gzip.compress(GZIP), "Unpack it, and read what comes out: gzip"),
    "a zip archive": (b"PK\x03\x04", "is no whole zip archive or Excel workbook; expe"),
    "bzip2": (bz2.compress(LOG.encode()), "is packed by bzip2; expected text"),
    "xz": (lzma.compress(LOG.encode()), "is packed by xz; expected text, gzipped text"),
    "a row of JSON": (b'[{"user_id": 1}]', "knows no export with the header"),
    "NUL in a cell": (LOG.replace("ben", "b\0n").encode(), "holds NUL characters"),
    "half a letter of UTF-16": (
        LOG.encode("utf-16") + b"\0",
        "begins as 'utf-16' does",
    ),
    "half a pair of UTF-16": (LOG.encode("utf-16") + b"\0\xd8", "begins as 'utf-16'"),
    "no end of a name": ('"' + LOG, "opens a name that does not end"),
    "no end of a cell": (LOG + '"', "begins in row 3 below the header does not end"),
    "endless first line": ("x" * 200_000, "but with more than 100,000 letters"),
    "infinite order": (LOG.replace(",2,", ",1e400,"), "expected finite numbers"),
    "rounded order": (
        LOG.replace(",2,", f",{10**30},"),
        "expected whole numbers below",
    ),
    "year 99999": (
        LOG.replace(",2,", ",99999-01-01,"),
        "Years go from 1 to 9999. Mend the file",
    ),
    "infinite answer": (LOG.replace(",0\n", ",1e400\n"), "(correct) holds '1e400' in"),
}


def refuse(call, *args, **options):
    """Return the message of a refusal of ours."""
    with pytest.raises((FileNotFoundError, ReadingError)) as error:
        call(*args, **options)
    return str(error.value)


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_log_is_refused_in_words_of_ours(read, content, message):
    said = refuse(read, content)
    assert message in said
    assert "expected" in said
    assert len(said) < 1_000


def test_what_a_file_is_is_told_by_what_is_in_it(read, tmp_path):
    expected = read(LOG)
    for name, content in {
        "log.csv": GZIP,
        "log.txt": GZIP + gzip.compress(b""),
    }.items():
        assert read(content, name=name).equals(expected)
    path = tmp_path / "plain.csv.gz"
    path.write_text(LOG)
    assert read_interactions(path).equals(expected)


def test_every_order_of_the_bytes_of_utf_16_is_found_or_named(read):
    expected = read(LOG)
    for encoding in ("utf-16", "utf-32"):
        assert read(LOG.encode(encoding)).equals(expected)
    for encoding in ("utf-16-le", "utf-16-be"):
        content = LOG.encode(encoding)
        assert f"Say how it is written: encoding='{encoding}'." in refuse(read, content)
        assert read(content, encoding=encoding).equals(expected)


@pytest.mark.parametrize("encoding", ["hex", "rot13", "undefined", "a\0b", ""])
def test_an_encoding_that_reads_no_text_is_refused(read, encoding):
    assert "is not known; expected a name such as" in refuse(
        read, LOG, encoding=encoding
    )


@pytest.mark.parametrize("sep", ["", "::", "\n", '"', "\0", "§"])
def test_a_separator_is_one_character(read, sep):
    assert "expected one ASCII character that stands" in refuse(read, LOG, sep=sep)


@pytest.mark.parametrize("time_format", ["%", "%Q", "%d%d", "%\ud800", "x" * 9_999])
def test_a_time_format_that_is_none_is_refused(read, time_format):
    said = refuse(read, LOG, time_format=time_format)
    assert "time_format='%m/%d/%Y %H:%M'" in said
    assert len(said) < 1_000


# What is far larger than it seems


def test_a_bomb_is_unpacked_up_to_a_limit_and_read_once_it_is_unpacked(
    read, monkeypatch
):
    text = HEADER + "ann,1,add,1\n" * 50_000
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 100_000)
    monkeypatch.setattr(_read_source, "_CHUNK", 1_000)
    size = len(gzip.compress(text.encode()))
    said = refuse(read, text, name="log.csv.gz")
    assert said.startswith(
        f"log.csv.gz has {size:,} bytes, and more than {200 * size:,} come out of it; "
        "expected no more than 200 times its size"
    )
    assert "gzip -dc < log.csv.gz > unpacked.csv" in said
    assert len(read(text, name="unpacked.csv")) == 50_000


def test_a_log_that_shrinks_to_a_hundredth_is_read(read, monkeypatch):
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 0)
    answers = np.random.default_rng(0).integers(2, size=30_000)
    rows = [f"ann,{at // 300},adding halves,{a}\n" for at, a in enumerate(answers)]
    text = HEADER + "".join(rows)
    assert 60 < len(text) / len(gzip.compress(text.encode())) < 200
    assert len(read(text, name="log.csv.gz")) == 30_000


SLOW = {  # what took time that grows by the square, in a regular expression or a list
    "a header like arguments": (",".join(["sep=", "answers={'"] * 6_000) + "\n1", {}),
    "very many columns": ("," * 99_000 + "\n1\n", {}),
    "a long name": (LOG.replace("user_id", "u" * 90_000), {}),
    "blanks before a zone": (LOG.replace(",2,", ",x" + " " * 200_000 + ","), {}),
    "blanks in a skill": (
        LOG.replace(",add,1", f",a{' ' * 200_000}b,x"),
        {"skill_sep": ";"},
    ),
    "very many answers": (
        HEADER + "".join(f"ann,{row},add,x{row}\n" for row in range(20_000)),
        {},
    ),
}


@pytest.mark.parametrize(("text", "options"), SLOW.values(), ids=SLOW)
def test_what_is_large_is_refused_soon_and_in_few_words(read, text, options):
    begin = time.perf_counter()
    assert len(refuse(read, text, **options)) < 2_000
    assert time.perf_counter() - begin < 5


def test_a_row_of_very_many_cells_is_read_or_counted(read):
    assert len(read(LOG + "ann,3,add,1" + "," * 500_000)) == 3
    assert "has more cells than the 4" in refuse(read, LOG + ",5" * 500_000)


# What is no file


def test_places_that_are_no_files_are_named(tmp_path):
    said = refuse(read_interactions, tmp_path)
    assert "is a folder; expected a file" in said
    assert "is a device, not a file" in refuse(read_interactions, "/dev/zero")
    said = refuse(read_interactions, tmp_path / "none" / "log.csv")
    assert said.startswith(f"There is no file '{tmp_path}/none/log.csv', nor a folder")
    assert "cannot be opened: embedded null byte" in refuse(read_interactions, "a\0b")
    said = refuse(read_interactions, "x" * 100_000)
    assert "cannot be opened: File name too long" in said
    assert len(said) < 300


def test_a_file_that_must_not_be_read_is_said(tmp_path, monkeypatch):
    def fail(*_):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "log.csv"
    path.write_text(LOG)
    monkeypatch.setattr(_read_source, "open", fail, raising=False)
    with pytest.raises(PermissionError, match="must not be read by you; expected a"):
        read_interactions(path)


def test_a_disk_that_fails_is_said(read, monkeypatch):
    class Failing:
        def __init__(self, file):
            self._file = file

        def __getattr__(self, name):
            return getattr(self._file, name)

        def readinto(self, buffer):
            raise OSError(5, "Input/output error")

    def open_failing(*given):
        return Failing(open(*given))

    monkeypatch.setattr(_read_source, "open", open_failing, raising=False)
    assert "cannot be read: Input/output error; expected" in refuse(read, LOG)


# What only looks odd


def test_a_line_for_excel_names_the_separator(read):
    expected = read(LOG)
    text = LOG.replace(",", ";")
    for line in ("sep=;\n", "sep=;\r\n", '"sep=;"\n', "SEP=;\n", "\ufeffsep=;\n"):
        assert read(line + text).equals(expected)
    assert read("sep=\t\n" + LOG.replace(",", "\t")).equals(expected)
    assert read("sep=;\n" + LOG, sep=",").equals(expected)


def test_names_may_have_line_ends_in_quotation_marks(read):
    text = LOG.replace("user_id", '"who\nanswered"')
    X = read(text, columns={"user_id": "who\nanswered"})
    assert X["user_id"].tolist() == ["ann", "ben"]


def test_line_ends_of_any_kind_and_empty_lines_are_read(read):
    expected = read(LOG)
    for end in ("\r", "\r\n", "\n\n", "\r\r"):
        assert read(LOG.replace("\n", end)).equals(expected)


@pytest.mark.parametrize("name", ["PAR1", "PARENT", "ORCID", "BZh", "ARROW1", "Rar!"])
def test_a_name_may_begin_as_other_files_do(read, name):
    X = read(LOG.replace("user_id", name), columns={"user_id": name})
    assert X["user_id"].tolist() == ["ann", "ben"]


def test_whole_numbers_stay_exact(read):
    text = HEADER + f"{2**62},{2**62},add,1\n{2**62},{2**62 + 1},add,0\n"
    X = read(text.replace(f"{2**62},{2**62},", f"7,{2**62},", 1))
    assert X["order_id"].tolist() == [2**62, 2**62 + 1]
    assert X["user_id"].tolist() == ["7", f"{2**62}"]  # beyond 18 digits: a text
