"""How the Open University tables are found, downloaded and verified."""

import hashlib
import os
import re
import socket
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from sktrace.datasets import _oulad, fetch_oulad

from ._oulad_tables import CLICKS, FILE_OF, FILES, assert_same_tables, write, zipped

ZIP = "anonymisedData.zip"


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


def test_first_call_downloads_and_later_calls_do_not(small, fetch, cache, oulad):
    for _ in range(2):
        assert_same_tables(fetch(), oulad)
        assert small.asked == [f"/{ZIP}"]
        assert files_in(cache) == {ZIP}
    if os.name == "posix":
        assert (cache / ZIP).stat().st_mode & 0o777 == 0o644


def test_a_path_is_never_downloaded_to(small, fetch, tmp_path):
    message = r"There is no .*; expected the official zip or a folder"
    with pytest.raises(OSError, match=message):
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


def test_half_a_zip_is_not_kept(small, fetch, cache, oulad):
    small.cuts_short = True
    with pytest.raises(OSError, match="Could not download"):
        fetch(n_retries=0)
    assert files_in(cache) == set()
    small.cuts_short, small.failures = False, 1
    assert_same_tables(fetch(n_retries=1), oulad)


def test_a_damaged_zip_is_fetched_again_where_that_is_allowed(small, fetch, oulad):
    fetch()
    zip_file = small.folder.parent / "home" / "oulad" / ZIP
    zip_file.write_bytes(zip_file.read_bytes()[:-10])
    with pytest.raises(OSError, match="there, but with SHA-256"):
        fetch(download_if_missing=False)
    assert_same_tables(fetch(), oulad)


def test_offline_says_what_to_put_where(fetch, cache, monkeypatch):
    with socket.socket() as closed:  # bound and never listening: a refused connection
        closed.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        monkeypatch.setattr(_oulad, "OULAD", _oulad.OULAD._replace(base_url=base_url))
        with pytest.raises(OSError, match="Could not download") as error:
            fetch(n_retries=0)
    assert f"into the folder {cache} yourself" in str(error.value)
    assert files_in(cache) == set()


def test_pooch_is_needed_for_a_download_only(fetch, cache, oulad, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match="pip install pooch"):
        fetch()
    cache.mkdir(parents=True, exist_ok=True)
    (cache / ZIP).write_bytes(zipped(FILES | CLICKS))
    assert_same_tables(fetch(), oulad)


def test_the_real_zip_is_named_with_its_sha256():
    (sha256,) = _oulad.OULAD.sha256.values()
    assert _oulad.OULAD.base_url.startswith("https://")
    assert len(bytes.fromhex(sha256)) == 32


def test_tables_in_the_data_folder_need_no_network(oulad_without_clicks, tmp_path):
    write(tmp_path / "oulad", FILES)
    found = fetch_oulad(data_home=tmp_path, download_if_missing=False)
    assert_frame_equal(found.courses, oulad_without_clicks.courses)


# --- the tables --------------------------------------------------------------------


def test_missing_tables_are_named(tmp_path):
    with pytest.raises(OSError, match=r"anonymisedData\.zip"):
        fetch_oulad(data_home=tmp_path, download_if_missing=False)
    some = write(tmp_path / "some", {"courses": FILES["courses"]})
    with pytest.raises(OSError, match=re.escape("got the tables ['courses']")):
        fetch_oulad(some)


def test_dtypes(oulad):
    ids = {"id_student", "id_assessment", "id_site"}
    for name in [*FILE_OF, "vle"]:
        for column, dtype in oulad[name].dtypes.items():
            assert column not in ids or dtype == np.int64
            assert pd.api.types.is_string_dtype(dtype) or dtype.kind in "if"
    assert oulad.student_assessment["score"].dtype == np.float64
    assert oulad.student_assessment["is_banked"].dtype == np.int64
    for column in ["date_registration", "date_unregistration"]:
        assert oulad.student_registration[column].dtype == np.float64
    assert oulad.assessments[["date", "weight"]].dtypes.eq(np.float64).all()


def test_the_tables_say_what_they_are(oulad):
    assert "CC BY 4.0" in oulad.DESCR


def test_the_click_log_is_optional(oulad, oulad_without_clicks, tmp_path):
    assert oulad.student_vle["sum_click"].sum() == 17
    folder = write(tmp_path / "whole", FILES | CLICKS)
    assert fetch_oulad(folder, clicks=False).student_vle is None
    assert oulad_without_clicks.student_vle is None
    folder = write(tmp_path / "without", FILES)
    with pytest.raises(OSError, match=r"Found no vle.csv, studentVle.csv; got"):
        fetch_oulad(folder, clicks=True)


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


def test_the_click_log_is_read_frugally(tmp_path):
    (header, *rows), n_copies = CLICKS["studentVle"].splitlines(), 20_000
    log = "\n".join([header, *rows * n_copies])
    (tmp_path / "big.zip").write_bytes(zipped(FILES | CLICKS | {"studentVle": log}))
    found = fetch_oulad(tmp_path / "big.zip").student_vle
    assert len(found) == n_copies * len(rows)
    assert found["sum_click"].sum() == 17 * n_copies
    assert found.memory_usage(deep=True).sum() < 20 * len(found)  # bytes


@pytest.mark.parametrize("name", FILE_OF)
def test_a_row_that_is_there_twice(tmp_path, name):
    file = FILE_OF[name]
    text = FILES[file] + FILES[file].splitlines()[1] + "\n"
    folder = write(tmp_path / "twice", FILES | {file: text})
    with pytest.raises(ValueError, match=rf"^{name} lists 1 \w+\(s\) twice; expected"):
        fetch_oulad(folder)


def test_parameters_of_the_wrong_kind_are_refused():
    with pytest.raises(ValueError, match="'clicks' parameter of fetch_oulad must be"):
        fetch_oulad(clicks="yes")
    with pytest.raises(ValueError, match=r"'n_retries' .* \[0, inf\)"):
        fetch_oulad(n_retries=-1)
