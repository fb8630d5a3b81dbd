"""The real download code against files served on this machine.

A small data set in the format of the real one always runs. The real files take part
where the environment variable SKTRACE_DATA names a folder with `upstream/dkvmn` and
`upstream/pykt` in it.
"""

import hashlib
import os
import shutil
import socket
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal

from sktrace.datasets import _fetch, fetch_assistments2009, fetch_assistments2015

SHORT, LONG = "1\n7\n1\n", "3\n7,7,2\n0,1,1\n"
EMPTY_FOLDS = {f"assist2009_updated_valid{fold}.csv": "" for fold in (2, 3, 5)}
SMALL_FILES = {
    **EMPTY_FOLDS,
    "assist2009_updated_skill_mapping.txt": '7\tArea Circle \n2\t"Mean, Mode"\n',
    "assist2009_updated_train.csv": SHORT + LONG + SHORT,
    "assist2009_updated_valid1.csv": SHORT,
    "assist2009_updated_valid4.csv": LONG + SHORT,
    "assist2009_updated_test.csv": "2\n2,7\n0,0\n",
}
SMALL_FRAME = pd.DataFrame(
    {
        "user_id": [0, 1, 1, 1, 2, 3, 3],
        "order_id": [0, 0, 1, 2, 0, 0, 1],
        "skill_name": ["Area Circle"] * 3
        + ['"Mean, Mode"', "Area Circle", '"Mean, Mode"', "Area Circle"],
        "correct": [1, 0, 1, 1, 1, 0, 0],
        "split": ["train"] * 5 + ["test"] * 2,
        "fold": [1, 4, 4, 4, 4, 0, 0],
    }
)
TRAIN = "assist2009_updated_train.csv"


@pytest.fixture
def small(tmp_path, monkeypatch, serve):
    """Put a small data set, served on this machine, in the place of the real one."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    for name, text in SMALL_FILES.items():
        (folder / name).write_bytes(text.encode())
    server, base_url = serve(folder)
    sha256 = {
        name: hashlib.sha256(text.encode()).hexdigest()
        for name, text in SMALL_FILES.items()
    }
    source = _fetch.ASSISTMENTS2009._replace(base_url=base_url, sha256=sha256)
    monkeypatch.setattr(_fetch, "ASSISTMENTS2009", source)
    server.folder = folder
    return server


@pytest.fixture
def fetch(small, tmp_path):
    """Fetch the small data set into a folder of this test, without waiting."""
    return partial(fetch_assistments2009, data_home=tmp_path / "home", delay=0)


@pytest.fixture
def cache(tmp_path):
    """The folder that the files of the small data set are kept in."""
    return tmp_path / "home" / "assistments2009"


def fill(cache, small):
    shutil.copytree(small.folder, cache)


def files_in(folder):
    return {path.name for path in folder.glob("*")}


# What comes back


def test_first_call_downloads_and_later_calls_do_not(small, fetch, cache):
    assert_frame_equal(fetch().frame, SMALL_FRAME, check_dtype=False)
    assert sorted(small.asked) == sorted(f"/{name}" for name in SMALL_FILES)
    assert files_in(cache) == set(SMALL_FILES)
    assert_frame_equal(fetch().frame, SMALL_FRAME, check_dtype=False)
    assert len(small.asked) == len(SMALL_FILES)


def test_downloaded_files_can_be_shared(fetch, cache):
    fetch()
    if os.name == "posix":
        assert all(path.stat().st_mode & 0o777 == 0o644 for path in cache.iterdir())


def test_bunch_is_that_of_a_scikit_learn_fetcher(fetch):
    bunch = fetch()
    names = ["user_id", "order_id", "skill_name", "correct"]
    assert bunch.feature_names == names
    assert bunch.target_names == ["correct"]
    assert_frame_equal(bunch.data, bunch.frame[names])
    assert_series_equal(bunch.target, bunch.frame["correct"])
    assert_array_equal(bunch.split, bunch.frame["split"])
    assert_array_equal(bunch.fold, bunch.frame["fold"])
    assert "325,637" in bunch.DESCR


def test_return_X_y(fetch):
    X, y = fetch(return_X_y=True)
    bunch = fetch()
    assert_frame_equal(X, bunch.data)
    assert_series_equal(y, bunch.target)


def test_arrays_instead_of_frames(fetch):
    bunch = fetch(as_frame=False)
    assert bunch.frame is None
    assert_array_equal(bunch.data, SMALL_FRAME.iloc[:, :4].to_numpy())
    assert bunch.target.dtype == np.int64
    X, y = fetch(as_frame=False, return_X_y=True)
    assert_array_equal(X, bunch.data)
    assert_array_equal(y, SMALL_FRAME["correct"])


@pytest.mark.parametrize("subset", ["train", "test"])
def test_subsets_are_the_rows_of_whole_students(fetch, subset):
    expected = SMALL_FRAME.query("split == @subset").reset_index(drop=True)
    bunch = fetch(subset=subset)
    assert_frame_equal(bunch.frame, expected, check_dtype=False)
    assert_array_equal(bunch.split, subset)
    assert len(bunch.fold) == len(expected)


# What goes wrong


def test_unknown_subset_is_refused_before_any_download(small, fetch):
    with pytest.raises(ValueError, match=r"'subset' .* Got 'valid' instead"):
        fetch(subset="valid")
    assert not small.asked


def test_negative_numbers_are_refused(fetch):
    with pytest.raises(ValueError, match=r"'n_retries' .* \[0, inf\)"):
        fetch(n_retries=-1)
    with pytest.raises(ValueError, match=r"'delay' .* \[0\.0, inf\)"):
        fetch(delay=-1)


def test_nothing_cached_and_no_download_allowed(small, fetch, cache):
    with pytest.raises(OSError, match="download_if_missing=False") as error:
        fetch(download_if_missing=False)
    message = str(error.value)
    assert f"into the folder {cache} yourself" in message
    for name, sha256 in _fetch.ASSISTMENTS2009.sha256.items():
        assert f"/{name}\n    SHA-256 {sha256} (missing)" in message
    assert not small.asked


def test_files_put_there_by_hand_need_no_network_and_no_pooch(
    small, fetch, cache, monkeypatch
):
    fill(cache, small)
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert_frame_equal(fetch().frame, SMALL_FRAME, check_dtype=False)
    assert not small.asked


def test_missing_pooch_is_named_with_the_command_that_brings_it(fetch, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match="pip install pooch") as error:
        fetch()
    assert "into the folder" in str(error.value)


def test_offline_says_what_to_put_where(fetch, cache, monkeypatch):
    with socket.socket() as closed:  # bound and never listening: a refused connection
        closed.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        source = _fetch.ASSISTMENTS2009._replace(base_url=base_url)
        monkeypatch.setattr(_fetch, "ASSISTMENTS2009", source)
        with pytest.raises(OSError, match="Could not download") as error:
            fetch(n_retries=1)
    message = str(error.value)
    assert f"Could not download {base_url}assist2009_updated_" in message
    assert f"into the folder {cache} yourself" in message
    assert message.count("(missing)") == len(SMALL_FILES)
    assert files_in(cache) == set()


def test_a_passing_failure_is_survived(small, fetch):
    small.failures = 2
    assert len(fetch(n_retries=2).frame) == len(SMALL_FRAME)
    assert len(small.asked) == len(SMALL_FILES) + 2


def test_a_lasting_failure_is_reported_after_the_retries(small, fetch, cache):
    small.failures = 99
    with pytest.raises(OSError, match="503"):
        fetch(n_retries=2)
    assert len(small.asked) == 3
    assert files_in(cache) == set()


def test_another_file_than_expected_is_not_kept(small, fetch, cache):
    (small.folder / TRAIN).write_text("something else")
    with pytest.raises(OSError, match=f"Could not download .*{TRAIN}") as error:
        fetch(n_retries=1)
    other = hashlib.sha256(b"something else").hexdigest()
    assert other in str(error.value)
    assert small.asked.count(f"/{TRAIN}") == 2
    assert TRAIN not in files_in(cache)
    assert files_in(cache) <= set(SMALL_FILES)  # no remains of the download either


def test_half_a_file_is_not_kept(small, fetch, cache):
    small.cuts_short = True
    with pytest.raises(OSError, match="Could not download"):
        fetch(n_retries=0)
    assert files_in(cache) == set()


def test_a_damaged_file_is_fetched_again_where_that_is_allowed(small, fetch, cache):
    fill(cache, small)
    (cache / TRAIN).write_text("damaged")
    found = hashlib.sha256(b"damaged").hexdigest()
    with pytest.raises(OSError, match=rf"\(there, but with SHA-256 {found}\)"):
        fetch(download_if_missing=False)
    assert_frame_equal(fetch().frame, SMALL_FRAME, check_dtype=False)
    assert small.asked == [f"/{TRAIN}"]


# The real files


@pytest.fixture
def real(monkeypatch, serve):
    """Serve the real files on this machine; returns the folder they come from."""
    if not os.environ.get("SKTRACE_DATA"):
        pytest.skip("SKTRACE_DATA does not name a folder with the original files")
    folder = Path(os.environ["SKTRACE_DATA"])
    _, base_url = serve(folder / "upstream")
    for name, part in [("ASSISTMENTS2009", "dkvmn/"), ("ASSISTMENTS2015", "pykt/")]:
        source = getattr(_fetch, name)._replace(base_url=base_url + part)
        monkeypatch.setattr(_fetch, name, source)
    return folder


def assert_same_as_prepared(frame, path):
    """Compare with the same log prepared by other means, where that is at hand."""
    if path.exists():
        columns = {"student": "user_id", "order": "order_id", "skill": "skill_name"}
        prepared = pd.read_csv(path).rename(columns=columns)
        assert_frame_equal(frame, prepared)


def test_assistments2009_is_the_log_of_the_paper(real, tmp_path):
    frame = fetch_assistments2009(data_home=tmp_path).frame
    assert frame.shape == (325_637, 6)
    assert frame["user_id"].nunique() == 4151
    assert frame["skill_name"].nunique() == 110
    assert frame["split"].value_counts().to_dict() == {"train": 224218, "test": 101419}
    assert frame.groupby("fold")["user_id"].nunique().tolist() == [
        1230, 630, 566, 548, 587, 590,
    ]  # fmt: skip
    assert set(frame["correct"]) == {0, 1}
    assert round(frame["correct"].mean(), 3) == 0.658
    assert_array_equal(frame["order_id"], frame.groupby("user_id").cumcount())
    assert_same_as_prepared(frame, real / "assistments2009_skills.csv.gz")


def test_assistments2015_is_the_log_of_pykt(real, tmp_path):
    bunch = fetch_assistments2015(data_home=tmp_path)
    frame = bunch.frame
    assert frame.shape == (682_797, 5)
    assert frame["user_id"].nunique() == 19_093
    assert frame["skill_name"].nunique() == 100
    assert frame.groupby("fold")["user_id"].nunique().tolist() == [
        3818, 3055, 3055, 3055, 3055, 3055,
    ]  # fmt: skip
    assert_array_equal(bunch.split == "test", frame["fold"] == -1)
    assert set(frame["correct"]) == {0, 1}
    assert round(frame["correct"].mean(), 3) == 0.732
    assert_array_equal(frame["order_id"], frame.groupby("user_id").cumcount())
    assert "682,797" in bunch.DESCR
    assert_same_as_prepared(frame, real / "assistments2015.csv.gz")
    test = fetch_assistments2015(data_home=tmp_path, subset="test").frame
    assert (len(test), test["user_id"].nunique()) == (138_458, 3818)
