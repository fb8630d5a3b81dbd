"""Logs with problems: small files in the format of the real ones, served here.

The real files of 2009 take part where the environment variable SKTRACE_DATA names a
folder with `upstream/akt` in it.
"""

import hashlib
from functools import partial

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal

from sktrace import MeanClassifier
from sktrace.datasets import _fetch, fetch_assistments2009, fetch_assistments2017

# Problem 7 has two skills; student 5 meets it again after another one.
SMALL_FOLDS = [
    "9,78276\n7,7,8\n37,54,54\n0,0,1\n5,4\n7,7,8,7\n54,37,54,37\n1,1,0,0\n",
    "2,14\n8\n54\n1\n",
    "",
    "4,15\n8,8\n54,54\n0,1\n",
    "3,16\n7\n37\n0\n",
]
SMALL_FRAME = pd.DataFrame(
    {
        "user_id": [9, 9, 9, 5, 5, 5, 5, 2, 4, 4, 3],
        "order_id": [0, 0, 1, 0, 0, 1, 2, 0, 0, 0, 0],
        "skill_name": [37, 54, 54, 54, 37, 54, 37, 54, 54, 54, 37],
        "correct": [0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0],
        "item_id": [7, 7, 8, 7, 7, 8, 7, 8, 8, 8, 7],
        "fold": [1, 1, 1, 1, 1, 1, 1, 2, 4, 4, 5],
    }
)
STEPS = [0, 1, 2, 0, 1, 2, 3, 0, 0, 1, 0]  # where each row is a moment of its own
LOGS = {
    "2009": (
        "ASSISTMENTS2009_PROBLEMS",
        partial(fetch_assistments2009, items=True),
        SMALL_FRAME,
    ),
    "2017": (
        "ASSISTMENTS2017",
        fetch_assistments2017,
        SMALL_FRAME.assign(order_id=STEPS),
    ),
}


@pytest.fixture(params=LOGS)
def small(request, tmp_path, monkeypatch, serve):
    """Put small files in the place of the real ones; how to fetch, and what comes."""
    source_name, fetch, expected = LOGS[request.param]
    folder, home = tmp_path / "upstream", tmp_path / "home"
    folder.mkdir()
    server, base_url = serve(folder)
    source = getattr(_fetch, source_name)
    sha256 = {}
    for name, text in zip(source.sha256, SMALL_FOLDS, strict=True):
        (folder / name).write_text(text, newline="\n")
        sha256[name] = hashlib.sha256(text.encode()).hexdigest()
    source = source._replace(base_url=base_url, sha256=sha256)
    monkeypatch.setattr(_fetch, source_name, source)
    return server, partial(fetch, data_home=home, delay=0), expected, home / source.name


def test_files_are_downloaded_once_and_read_exactly(small):
    server, fetch, expected, cache = small
    for _ in range(2):
        frame = fetch().frame
        assert_frame_equal(frame, expected)
        assert len(server.asked) == 5
    assert len(list(cache.iterdir())) == 5
    server.failures = 99  # from now on, the network is no help
    assert_frame_equal(fetch(download_if_missing=False).frame, expected)


def test_bunch_is_that_of_a_scikit_learn_fetcher_with_items(small):
    _, fetch, expected, _ = small
    bunch = fetch()
    names = ["user_id", "order_id", "skill_name", "correct", "item_id"]
    assert bunch.feature_names == names
    assert bunch.target_names == ["correct"]
    assert_frame_equal(bunch.data, bunch.frame[names])
    assert_series_equal(bunch.target, bunch.frame["correct"])
    assert_array_equal(bunch.fold, expected["fold"])
    assert "split" not in bunch  # who tests on which fold is not said by the files
    X, y = fetch(return_X_y=True)
    assert_frame_equal(X, bunch.data)
    assert_series_equal(y, bunch.target)
    arrays = fetch(as_frame=False)
    assert arrays.frame is None
    assert_array_equal(arrays.data, X)
    MeanClassifier().fit(X, y)


def test_what_is_missing_is_named(small):
    server, fetch, _, cache = small
    with pytest.raises(OSError, match="download_if_missing=False") as error:
        fetch(download_if_missing=False)
    assert f"into the folder {cache} yourself" in str(error.value)
    assert str(error.value).count("(missing)") == 5
    assert not server.asked


def test_a_split_that_the_log_with_items_lacks_is_refused():
    with pytest.raises(ValueError, match="subset='test' was given with items") as error:
        fetch_assistments2009(items=True, subset="test")
    assert 'frame[frame["fold"] != 1]' in str(error.value)
    assert_array_equal(SMALL_FRAME[SMALL_FRAME["fold"] != 1].index, [7, 8, 9, 10])


@pytest.mark.parametrize("number", LOGS)
def test_the_real_addresses_are_of_one_fixed_commit(number):
    source = getattr(_fetch, LOGS[number][0])
    assert f"assist{number}_pid/" in source.base_url
    assert len(source.sha256) == len(set(source.sha256.values())) == 5
    assert all(len(value) == 64 for value in source.sha256.values())


# The real files


def test_assistments2009_with_items_is_the_log_of_akt(
    data, tmp_path, monkeypatch, serve
):
    _, base_url = serve(data / "upstream" / "akt")
    source = _fetch.ASSISTMENTS2009_PROBLEMS._replace(base_url=base_url)
    monkeypatch.setattr(_fetch, "ASSISTMENTS2009_PROBLEMS", source)
    bunch = fetch_assistments2009(items=True, data_home=tmp_path)
    frame = bunch.frame
    assert frame.shape == (325_589, 6)
    assert frame[["user_id", "skill_name", "item_id"]].nunique().tolist() == [
        4150, 110, 16_891
    ]  # fmt: skip
    assert (frame.groupby("fold")["user_id"].nunique() == 830).all()
    assert (frame.groupby("user_id")["fold"].nunique() == 1).all()
    questions = frame.groupby(["user_id", "order_id"])
    assert questions.ngroups == 274_537
    assert (questions["item_id"].nunique() == 1).all()
    assert (questions["correct"].nunique() > 1).sum() == 2
    assert ((frame.groupby("item_id")["skill_name"].nunique() > 1).sum()) == 2986
    assert round(frame["correct"].mean(), 3) == 0.658
    per_item = frame.drop_duplicates(["user_id", "order_id"])["item_id"].value_counts()
    assert (per_item.min(), per_item.median(), per_item.max()) == (1, 10, 170)
    for number in ("325,589", "274,537", "16,891", "2,986"):
        assert number in bunch.DESCR
    prepared = data / "assistments2009_problems.csv.gz"
    if prepared.exists():  # the same log prepared by other means
        columns = {
            "student": "user_id",
            "order": "order_id",
            "skill": "skill_name",
            "problem": "item_id",
        }
        prepared = pd.read_csv(prepared).rename(columns=columns)
        assert_frame_equal(frame, prepared[list(frame)])
    assert np.array_equal(bunch.fold, frame["fold"])
