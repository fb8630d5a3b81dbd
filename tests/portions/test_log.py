"""A log in portions stands where a frame does, for scikit-learn, too."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_validate

from sktrace import MeanClassifier, PFAClassifier
from sktrace.datasets import scan_interactions
from sktrace.model_selection import (
    StudentKFold,
    StudentShuffleSplit,
    TimeSplit,
    train_test_split_students,
)

from ._logs import deal, made_up, write

dataset = pytest.importorskip("pyarrow.dataset")


def test_it_has_the_rows_of_its_files_in_their_order(log):
    X, frame = log
    assert X.shape == frame.shape
    assert X.columns == list(frame)
    assert X.sizes.sum() == len(frame)
    pd.testing.assert_frame_equal(X.to_frame(), frame)
    pd.testing.assert_frame_equal(pd.concat(X, ignore_index=True), frame)
    pd.testing.assert_frame_equal(X.head(3), frame.head(3))
    np.testing.assert_array_equal(X["correct"], frame["correct"])
    assert f"{len(frame):,} rows" in repr(X)
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(X)).to_frame(), frame)
    with pytest.raises(KeyError, match="'grade' is none of the columns"):
        X["grade"]


@pytest.mark.parametrize(
    "rows",
    [np.arange(5, 400, 3), np.arange(0), np.arange(600) % 2 == 0, slice(3, 700)],
    ids=["positions", "none", "booleans", "slice"],
)
def test_rows_are_taken_as_from_a_frame(log, rows):
    X, frame = log
    if isinstance(rows, np.ndarray) and rows.dtype.kind == "b":
        rows = np.resize(rows, len(frame))
    expected = frame.iloc[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(X[rows].to_frame(), expected)
    np.testing.assert_array_equal(X["correct"].iloc[rows], expected["correct"])
    again = X[rows][:5]  # rows of rows
    pd.testing.assert_frame_equal(again.to_frame(), expected.head(5))


@pytest.mark.parametrize("rows", [[3, 1], [2, 2], [-1, 0]])
def test_rows_in_another_order_are_refused(log, rows):
    with pytest.raises(ValueError, match="ascending order, none of them twice"):
        log[0][rows]


def test_files_of_a_hive_partition_are_one_portion(log, tmp_path):
    frames = deal(log[1], 2)
    for number, frame in enumerate(frames):
        folder = tmp_path / "log" / f"part={number}"
        folder.mkdir(parents=True)
        middle = len(frame) // 2
        frame[:middle].to_parquet(folder / "a.parquet")
        frame[middle:].to_parquet(folder / "b.parquet")
    X = scan_interactions(tmp_path / "log")
    assert X.n_portions == 2
    assert X.columns == [*log[1], "part"]
    for number, frame in enumerate(frames):
        own = X.portion(number)
        assert set(own.pop("part")) == {number}
        pd.testing.assert_frame_equal(own, frame)


def test_datasets_of_arrow_are_read_as_they_are(log, tmp_path):
    X = write(deal(log[1], 4), tmp_path / "log")
    opened = dataset.dataset(tmp_path / "log")
    tracer = MeanClassifier().fit(opened, "correct")
    theirs = MeanClassifier().fit(X, X["correct"])
    np.testing.assert_array_equal(tracer.predict_proba(opened), theirs.predict_proba(X))


def test_an_index_of_a_file_is_a_column(log, tmp_path):
    X = write([log[1].set_index("user_id")], tmp_path / "log")
    assert "user_id" in X.columns
    np.testing.assert_array_equal(X["user_id"], log[1]["user_id"])


@pytest.mark.parametrize("splitter", [StudentKFold(3), StudentShuffleSplit(2)])
def test_splits_of_students_are_those_of_the_frame(log, splitter):
    X, frame = log
    splitter.random_state = 0
    for ours, theirs in zip(splitter.split(X), splitter.split(frame), strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    X_train, X_test, y_train, y_test = train_test_split_students(
        X, X["correct"], random_state=0
    )
    assert len(X_train) + len(X_test) == len(X)
    assert len(y_test) == len(X_test)
    students = set(np.asarray(X_train["user_id"])), set(np.asarray(X_test["user_id"]))
    assert not students[0] & students[1]
    PFAClassifier(averages=None).fit(X_train, y_train).predict_proba(X_test)


def test_cross_validation_and_searches_take_it(log):
    X, frame = log
    asked = {"cv": StudentKFold(3), "scoring": ["roc_auc", "neg_log_loss"]}
    ours = cross_validate(MeanClassifier(), X, X["correct"], **asked)
    theirs = cross_validate(MeanClassifier(), frame, frame["correct"], **asked)
    for name in ("test_roc_auc", "test_neg_log_loss"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-12)
    tracer, grid = MeanClassifier(by="student"), {"strength": [1.0, 9.0]}
    searches = [
        GridSearchCV(tracer, grid, cv=StudentKFold(2), scoring="roc_auc", **more)
        for more in ({}, {"n_jobs": 2})
    ]
    searches[0].fit(frame, frame["correct"])
    searches[1].fit(X, X["correct"])
    for key in ("mean_test_score", "std_test_score"):
        first, second = (search.cv_results_[key] for search in searches)
        np.testing.assert_array_equal(first, second)
    p = searches[1].predict_proba(X)[:, 1]
    assert roc_auc_score(X["correct"], p) > 0.6
    assert searches[1].score(X, X["correct"]) == searches[0].score(
        frame, frame["correct"]
    )


def test_where_a_frame_is_needed_the_message_says_how_to_get_one(log):
    X, _ = log
    with pytest.raises(TypeError, match=r"where memory allows: X\.to_frame\(\)"):
        next(TimeSplit().split(X))
    tracer = MeanClassifier().fit(X, X["correct"])
    with pytest.raises(TypeError, match=r"scan_interactions\(X\)\.portion\(0\)"):
        tracer.knowledge_state(X) if hasattr(
            tracer, "knowledge_state"
        ) else tracer.predict_next(X)
    assert len(tracer.predict_next(scan_interactions(X).portion(0)))


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (made_up(4), TypeError, "shard_interactions(source, folder)"),
        ([], TypeError, "expected the path of a Parquet file"),
        ("no/such/file.parquet", FileNotFoundError, "neither a file nor a folder"),
    ],
    ids=["frame", "nothing", "nowhere"],
)
def test_what_cannot_be_scanned_is_refused(source, error, message):
    with pytest.raises(error) as caught:
        scan_interactions(source)
    assert message in str(caught.value)


def test_a_folder_without_parquet_is_refused(tmp_path):
    (tmp_path / "log.csv").write_text("user_id\n")
    (tmp_path / "_hidden.parquet").write_text("")
    with pytest.raises(FileNotFoundError, match=r"holds no file \*\.parquet"):
        scan_interactions(tmp_path)
