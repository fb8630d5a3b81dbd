"""How the Open University tables are found, downloaded, verified and read."""

import gzip
import hashlib
import os
import socket
import sys
from functools import partial
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from sktrace.datasets import _oulad
from sktrace.datasets._oulad import fetch_oulad

from . import test_fetch as test_datasets_fetch
from .test_oulad_files import CLICKS, FILES, write

serve = test_datasets_fetch.serve  # a fixture: files served on this machine
ZIP = "anonymisedData.zip"
TABLES = {
    "courses": "courses",
    "assessments": "assessments",
    "student_info": "studentInfo",
    "student_registration": "studentRegistration",
    "student_assessment": "studentAssessment",
}


def zipped(files, form="{}.csv", pack=str.encode):
    """Return the bytes of a zip that holds the files under names of this form."""
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(form.format(name), pack(text))
    return stream.getvalue()


def assert_same_tables(bunch, other):
    assert bunch.keys() == other.keys()
    for name in bunch:
        if isinstance(bunch[name], pd.DataFrame):
            assert_frame_equal(bunch[name], other[name])
        else:
            assert bunch[name] == other[name]


@pytest.fixture
def tables(tmp_path):
    """All seven tables, read from plain files."""
    return fetch_oulad(write(tmp_path / "plain", FILES | CLICKS))


# --- the download ------------------------------------------------------------------


@pytest.fixture
def small(tmp_path, monkeypatch, serve):
    """Put a small zip, served on this machine, in the place of the real one."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    (folder / ZIP).write_bytes(zipped(FILES | CLICKS))
    server, base_url = serve(folder)
    sha256 = {ZIP: hashlib.sha256((folder / ZIP).read_bytes()).hexdigest()}
    source = _oulad.OULAD._replace(base_url=base_url, sha256=sha256)
    monkeypatch.setattr(_oulad, "OULAD", source)
    server.folder = folder
    return server


@pytest.fixture
def fetch(small, tmp_path):
    return partial(fetch_oulad, data_home=tmp_path / "home", delay=0)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "home" / "oulad"


def files_in(folder):
    return {path.name for path in folder.glob("*")}


def test_first_call_downloads_and_later_calls_do_not(small, fetch, cache, tables):
    for _ in range(2):
        assert_same_tables(fetch(), tables)
        assert small.asked == [f"/{ZIP}"]
        assert files_in(cache) == {ZIP}
    if os.name == "posix":
        assert (cache / ZIP).stat().st_mode & 0o777 == 0o644


def test_a_path_is_never_downloaded_to(small, fetch, tmp_path):
    with pytest.raises(OSError, match="There is no"):
        fetch(tmp_path / "nowhere")
    with pytest.raises(OSError, match="Found no courses"):
        fetch(small.folder)  # a folder that holds the zip, not its tables
    assert not small.asked


def test_a_page_in_place_of_the_zip_is_not_kept(small, fetch, cache):
    (small.folder / ZIP).write_text("<html>The data have moved.</html>")
    with pytest.raises(OSError, match="Could not download"):
        fetch(n_retries=1)
    assert len(small.asked) == 2
    assert files_in(cache) == set()


def test_half_a_zip_is_not_kept(small, fetch, cache, tables):
    small.cuts_short = True
    with pytest.raises(OSError, match="Could not download"):
        fetch(n_retries=0)
    assert files_in(cache) == set()
    small.cuts_short, small.failures = False, 1
    assert_same_tables(fetch(n_retries=1), tables)


def test_a_damaged_zip_is_fetched_again_where_that_is_allowed(small, fetch, tables):
    fetch()
    zip_file = small.folder.parent / "home" / "oulad" / ZIP
    zip_file.write_bytes(zip_file.read_bytes()[:-10])
    with pytest.raises(OSError, match="there, but with SHA-256"):
        fetch(download_if_missing=False)
    assert_same_tables(fetch(), tables)


def test_offline_says_what_to_put_where(fetch, cache, monkeypatch):
    with socket.socket() as closed:  # bound and never listening: a refused connection
        closed.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        monkeypatch.setattr(_oulad, "OULAD", _oulad.OULAD._replace(base_url=base_url))
        with pytest.raises(OSError, match="Could not download") as error:
            fetch(n_retries=0)
    assert f"into the folder {cache} yourself" in str(error.value)
    assert files_in(cache) == set()


def test_pooch_is_needed_for_a_download_only(fetch, cache, tables, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r'pip install "sktrace\[data\]"'):
        fetch()
    cache.mkdir(parents=True, exist_ok=True)
    (cache / ZIP).write_bytes(zipped(FILES | CLICKS))
    assert_same_tables(fetch(), tables)


def test_the_real_zip_is_named_with_its_sha256():
    (sha256,) = _oulad.OULAD.sha256.values()
    assert _oulad.OULAD.base_url.startswith("https://")
    assert len(bytes.fromhex(sha256)) == 32


# --- the forms of the files --------------------------------------------------------


@pytest.mark.parametrize("form", ["{}.csv", "a folder/in/{}.csv", "{}.csv.gz"])
def test_any_zip_of_the_tables_will_do(tables, tmp_path, form):
    pack = (lambda text: gzip.compress(text.encode())) if "gz" in form else str.encode
    content = zipped(FILES | CLICKS, form, pack)
    (tmp_path / "some.zip").write_bytes(content)
    with ZipFile(tmp_path / "some.zip", "a") as archive:
        archive.writestr("__MACOSX/._courses.csv", b"\0\1")
        archive.writestr("notes.csv", "x\n1\n")
    assert_same_tables(fetch_oulad(tmp_path / "some.zip"), tables)


def test_order_and_number_of_columns_do_not_matter(tables, tmp_path):
    turned = {}
    for name, text in (FILES | CLICKS).items():
        rows = [line.split(",")[::-1] for line in text.splitlines()]
        turned[name] = "\n".join(",".join(["more", *row]) for row in rows)
    found = fetch_oulad(write(tmp_path / "turned", turned))
    for name in TABLES:
        assert set(found[name]) == set(tables[name])
        assert_frame_equal(found[name][tables[name].columns], tables[name])


def test_quotes_and_windows_line_ends(tables, tmp_path):
    quoted = {
        name: "".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) + "\r\n"
            for line in text.splitlines()
        )
        for name, text in (FILES | CLICKS).items()
    }
    (tmp_path / "quoted.zip").write_bytes(zipped(quoted))
    assert_same_tables(fetch_oulad(tmp_path / "quoted.zip"), tables)


def test_dtypes(tables):
    ids = {"id_student", "id_assessment", "id_site"}
    for name in [*TABLES, "vle"]:
        for column, dtype in tables[name].dtypes.items():
            assert column not in ids or dtype == np.int64
            assert pd.api.types.is_string_dtype(dtype) or dtype.kind in "if"
    assert tables.student_assessment["score"].dtype == np.float64
    assert tables.student_assessment["is_banked"].dtype == np.int64
    for column in ["date_registration", "date_unregistration"]:
        assert tables.student_registration[column].dtype == np.float64
    assert tables.assessments[["date", "weight"]].dtypes.eq(np.float64).all()


def test_only_a_question_mark_and_nothing_are_missing(tmp_path):
    text = FILES["studentInfo"].replace("Wales", "None", 1).replace("Wales", "NA", 1)
    folder = write(tmp_path / "odd", FILES | {"studentInfo": text})
    assert fetch_oulad(folder).student_info["region"].tolist() == [
        "None", "NA", "Wales", "Wales",
    ]  # fmt: skip


def test_the_click_log_is_read_frugally(tmp_path):
    (header, *rows), n_copies = CLICKS["studentVle"].splitlines(), 20_000
    log = "\n".join([header, *rows * n_copies])
    (tmp_path / "big.zip").write_bytes(zipped(FILES | CLICKS | {"studentVle": log}))
    found = fetch_oulad(tmp_path / "big.zip").student_vle
    assert len(found) == n_copies * len(rows)
    assert found["sum_click"].sum() == 17 * n_copies
    assert found.memory_usage(deep=True).sum() < 20 * len(found)  # bytes


def test_clicks_are_left_alone_unless_wanted_and_whole(tmp_path):
    damaged = FILES | CLICKS | {"studentVle": "no such columns"}
    folder = write(tmp_path / "damaged", damaged)
    assert fetch_oulad(folder, clicks=False).student_vle is None
    with pytest.raises(ValueError, match=r"studentVle\.csv is not as published"):
        fetch_oulad(folder)
    folder = write(tmp_path / "half", FILES | {"vle": CLICKS["vle"]})
    found = fetch_oulad(folder)
    assert found.vle is None
    assert found.student_vle is None
    with pytest.raises(OSError, match=r"Found no studentVle\.csv; got the tables"):
        fetch_oulad(folder, clicks=True)


# --- what is refused ---------------------------------------------------------------


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


def test_of_two_copies_the_shallowest_is_read(tables, tmp_path):
    """In a folder and in a zip, whichever comes first."""
    folder = write(tmp_path / "copies", FILES | CLICKS)
    other = FILES | CLICKS | {"courses": FILES["courses"].replace("28", "35")}
    write(folder / "a copy", other)
    assert_same_tables(fetch_oulad(folder), tables)
    for first in ("a copy/{}.csv", "z/a copy/{}.csv"):
        (tmp_path / "some.zip").write_bytes(zipped(other, first))
        with ZipFile(tmp_path / "some.zip", "a") as archive:
            for name, text in (FILES | CLICKS).items():
                archive.writestr(f"{name}.csv", text)
        assert_same_tables(fetch_oulad(tmp_path / "some.zip"), tables)


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


@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_is_there_twice(tmp_path, name):
    file = TABLES[name]
    text = FILES[file] + FILES[file].splitlines()[1] + "\n"
    folder = write(tmp_path / "twice", FILES | {file: text})
    with pytest.raises(ValueError, match=rf"^{name} lists 1 \w+\(s\) twice; expected"):
        fetch_oulad(folder)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("studentAssessment", "1,11,8", "1,?,8"),
        ("studentAssessment", "1,11,8", "1,11,"),
        ("courses", "28", "four weeks"),
        ("studentRegistration", "-20", "soon"),
        ("assessments", "weight", "mark"),
    ],
)
def test_tables_that_are_not_as_published(tmp_path, file, old, new):
    assert old in FILES[file]
    text = FILES[file].replace(old, new, 1)
    with pytest.raises(ValueError, match=rf"{file}\.csv is not as published.*Expected"):
        fetch_oulad(write(tmp_path / "odd", FILES | {file: text}))


def test_parameters_of_the_wrong_kind_are_refused():
    with pytest.raises(ValueError, match="'clicks' parameter of fetch_oulad must be"):
        fetch_oulad(clicks="yes")
    with pytest.raises(ValueError, match=r"'n_retries' .* \[0, inf\)"):
        fetch_oulad(n_retries=-1)


# --- the real tables ---------------------------------------------------------------


def test_the_real_tables_are_those_of_the_paper(data):
    real = fetch_oulad(data / "oulad", clicks=False)
    assert {name: len(real[name]) for name in TABLES} == {
        "courses": 22,
        "assessments": 206,
        "student_info": 32_593,
        "student_registration": 32_593,
        "student_assessment": 173_912,
    }
    assert real.student_info["id_student"].nunique() == 28_785
    assert real.student_info["final_result"].value_counts().to_dict() == {
        "Pass": 12_361, "Withdrawn": 10_156, "Fail": 7_052, "Distinction": 3_024,
    }  # fmt: skip
    assert real.assessments["assessment_type"].value_counts().to_dict() == {
        "TMA": 106, "CMA": 76, "Exam": 24,
    }  # fmt: skip
    assert real.assessments["date"].isna().sum() == 11
    assert real.student_info["imd_band"].isna().sum() == 1_111
    assert real.student_registration.isna().sum().tolist() == [0, 0, 0, 45, 22_521]
    assert real.student_assessment["score"].isna().sum() == 173
    assert real.student_assessment["score"].between(0, 100).sum() == 173_739
    banked = real.student_assessment.query("is_banked == 1")
    assert len(banked) == 1_909
    assert (banked["date_submitted"] == -1).all()
    undated = real.student_registration["date_registration"].isna()
    info = real.student_info.merge(real.student_registration[undated])
    assert (info["final_result"] == "Withdrawn").sum() == 39
