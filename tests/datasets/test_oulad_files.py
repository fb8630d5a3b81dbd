"""The files of the Open University data: in a folder or a zip, packed, damaged."""

import gzip
from zipfile import ZipFile

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from sktrace.datasets import fetch_oulad

from ._oulad_tables import CLICKS, FILE_OF, FILES, assert_same_tables, write, zipped

# --- the forms of the files --------------------------------------------------------


@pytest.mark.parametrize(
    "form", ["{}.csv", "anonymisedData/{}.csv", "a folder/in/{}.csv", "{}.csv.gz"]
)
def test_any_zip_of_the_tables_will_do(oulad, tmp_path, form):
    pack = (lambda text: gzip.compress(text.encode())) if "gz" in form else str.encode
    content = zipped(FILES | CLICKS, form, pack)
    (tmp_path / "some.zip").write_bytes(content)
    with ZipFile(tmp_path / "some.zip", "a") as archive:
        archive.writestr("__MACOSX/._courses.csv", b"\0\1")
        archive.writestr("notes.csv", "x\n1\n")
    assert_same_tables(fetch_oulad(tmp_path / "some.zip"), oulad)


def test_the_files_of_a_folder_may_be_compressed(oulad, tmp_path):
    folder = tmp_path / "compressed"
    folder.mkdir()
    for name, text in (FILES | CLICKS).items():
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert_same_tables(fetch_oulad(str(folder)), oulad)


def test_order_and_number_of_columns_do_not_matter(oulad, tmp_path):
    turned = {}
    for name, text in (FILES | CLICKS).items():
        rows = [line.split(",")[::-1] for line in text.splitlines()]
        turned[name] = "\n".join(",".join(["more", *row]) for row in rows)
    found = fetch_oulad(write(tmp_path / "turned", turned))
    for name in FILE_OF:
        assert set(found[name]) == set(oulad[name])
        assert_frame_equal(found[name][oulad[name].columns], oulad[name])


def test_quotes_and_windows_line_ends(oulad, tmp_path):
    quoted = {
        name: "".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) + "\r\n"
            for line in text.splitlines()
        )
        for name, text in (FILES | CLICKS).items()
    }
    (tmp_path / "quoted.zip").write_bytes(zipped(quoted))
    assert_same_tables(fetch_oulad(tmp_path / "quoted.zip"), oulad)


def test_missing_cells_are_missing(oulad):
    assert oulad.student_info["imd_band"].isna().tolist() == [True, False, True, True]
    assert oulad.student_registration["date_unregistration"].tolist()[1] == 16
    assert np.isnan(oulad.assessments["date"][2])


def test_an_empty_cell_is_as_missing_as_a_question_mark(oulad, tmp_path):
    emptied = {name: text.replace("?", "") for name, text in (FILES | CLICKS).items()}
    assert_same_tables(fetch_oulad(write(tmp_path / "emptied", emptied)), oulad)


def test_only_a_question_mark_and_nothing_are_missing(tmp_path):
    text = FILES["studentInfo"].replace("Wales", "None", 1).replace("Wales", "NA", 1)
    folder = write(tmp_path / "odd", FILES | {"studentInfo": text})
    assert fetch_oulad(folder).student_info["region"].tolist() == [
        "None", "NA", "Wales", "Wales",
    ]  # fmt: skip


def test_of_two_copies_the_shallowest_is_read(oulad, tmp_path):
    """In a folder and in a zip, whichever comes first."""
    folder = write(tmp_path / "copies", FILES | CLICKS)
    other = FILES | CLICKS | {"courses": FILES["courses"].replace("28", "35")}
    write(folder / "a copy", other)
    assert_same_tables(fetch_oulad(folder), oulad)
    for first in ("a copy/{}.csv", "z/a copy/{}.csv"):
        (tmp_path / "some.zip").write_bytes(zipped(other, first))
        with ZipFile(tmp_path / "some.zip", "a") as archive:
            for name, text in (FILES | CLICKS).items():
                archive.writestr(f"{name}.csv", text)
        assert_same_tables(fetch_oulad(tmp_path / "some.zip"), oulad)


# --- what is refused ---------------------------------------------------------------


def test_a_file_that_is_no_zip(tmp_path):
    (tmp_path / "no.zip").write_text("text")
    with pytest.raises(OSError, match="is no zip"):
        fetch_oulad(tmp_path / "no.zip")


def test_two_copies_side_by_side_are_refused(tmp_path):
    folder = write(tmp_path / "both", FILES)
    (folder / "courses.csv.gz").write_bytes(gzip.compress(FILES["courses"].encode()))
    message = "holds the table courses twice, as 'courses.csv' and 'courses.csv.gz'; "
    with pytest.raises(OSError, match=message):
        fetch_oulad(folder)
    (tmp_path / "both.zip").write_bytes(zipped(FILES, "a/{}.csv"))
    with ZipFile(tmp_path / "both.zip", "a") as archive:
        archive.writestr("b/courses.csv", FILES["courses"])
    message = "holds the table courses twice, as 'a/courses.csv' and 'b/courses.csv'; "
    with pytest.raises(OSError, match=message):
        fetch_oulad(tmp_path / "both.zip")


@pytest.mark.parametrize("damage", ["cut", "changed", "no gzip"])
def test_a_damaged_file_is_named(tmp_path, damage):
    folder = write(tmp_path / "damaged", FILES)
    packed = gzip.compress(FILES["studentInfo"].encode())
    content = {
        "cut": packed[: len(packed) // 2],
        "changed": packed[:40] + b"XXXX" + packed[44:],
        "no gzip": b"text",
    }[damage]
    (folder / "studentInfo.csv").unlink()
    (folder / "studentInfo.csv.gz").write_bytes(content)
    with pytest.raises(OSError, match=r"Cannot read studentInfo\.csv: .* damaged"):
        fetch_oulad(folder)


def test_a_zip_whose_content_was_changed(tmp_path):
    content = zipped(FILES)
    (tmp_path / "changed.zip").write_bytes(content.replace(b"Wales", b"Whale"))
    with pytest.raises(OSError, match=r"Cannot read studentInfo\.csv: Bad CRC-32"):
        fetch_oulad(tmp_path / "changed.zip")


def mark(content, flag=None, method=None):
    """Set the flags, or the number of the compression, of all members of a zip."""
    content = bytearray(content)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(magic)
        while start >= 0:
            if flag is not None:
                content[start + at] |= flag
            if method is not None:
                content[start + at + 2] = method
            start = content.find(magic, start + 4)
    return bytes(content)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"flag": 1}, "File 'courses.csv' is encrypted, password required"),
        ({"method": 99}, "That compression method is not supported"),
        ({"flag": 32}, "compressed patched data"),
    ],
)
def test_a_zip_that_is_packed_in_another_way(tmp_path, how, reason):
    (tmp_path / "packed.zip").write_bytes(mark(zipped(FILES), **how))
    message = rf"^Cannot read 'courses\.csv' of '.*packed\.zip': {reason}.*Unpack it"
    with pytest.raises(OSError, match=message):
        fetch_oulad(tmp_path / "packed.zip")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("studentAssessment", "1,11,8", "1,?,8"),
        ("studentAssessment", "1,11,8", "1,11,"),
        ("courses", "28", "four weeks"),
        ("courses", FILES["courses"], "code_module,length\nAAA,3\n"),
        ("studentRegistration", "-20", "soon"),
        ("assessments", "weight", "mark"),
    ],
)
def test_tables_that_are_not_as_published(tmp_path, file, old, new):
    assert old in FILES[file]
    text = FILES[file].replace(old, new, 1)
    with pytest.raises(ValueError, match=rf"{file}\.csv is not as published.*Expected"):
        fetch_oulad(write(tmp_path / "odd", FILES | {file: text}))
