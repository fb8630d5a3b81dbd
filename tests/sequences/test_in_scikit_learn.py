"""Sequences in splitters, searches and parallel jobs of scikit-learn."""

import copy

import joblib
import numpy as np
import pytest
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    LeavePOut,
    PredefinedSplit,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
    cross_val_predict,
    cross_validate,
    train_test_split,
)
from sklearn.utils import _safe_indexing, resample, shuffle
from sklearn.utils.validation import indexable

from sktrace import DKTClassifier, SequenceRegressor, Sequences

from .._sequence_data import ONE_EPOCH, assert_same, make_padded

# --- in scikit-learn's hands -------------------------------------------------------

GROUPS = np.arange(24) // 2
SPLITTERS = [
    KFold(3),
    KFold(3, shuffle=True, random_state=0),
    StratifiedKFold(3),
    GroupKFold(3),
    StratifiedGroupKFold(3),
    RepeatedKFold(n_splits=3, n_repeats=2, random_state=0),
    RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0),
    ShuffleSplit(2, random_state=0),
    StratifiedShuffleSplit(2, random_state=0),
    GroupShuffleSplit(2, random_state=0),
    LeaveOneOut(),
    LeavePOut(1),
    LeaveOneGroupOut(),
    TimeSeriesSplit(3),
    PredefinedSplit(np.arange(24) % 3),
]


@pytest.mark.parametrize("splitter", SPLITTERS, ids=lambda s: type(s).__name__)
def test_every_splitter_splits_sequences_as_it_does_an_array(splitter):
    array, _ = make_padded(n=24)
    X, y = Sequences.from_padded(array), np.arange(24) % 2
    groups = GROUPS if "Group" in type(splitter).__name__ else None
    here = splitter.split(X, y, groups)
    there = splitter.split(array, y, groups)
    for (train, test), (train_there, test_there) in zip(here, there, strict=True):
        np.testing.assert_array_equal(train, train_there)
        np.testing.assert_array_equal(test, test_there)
        for rows in (train, test):
            assert_same(_safe_indexing(X, rows), X[rows])
            np.testing.assert_array_equal(X[rows].ids, rows)


def test_scikit_learn_keeps_the_type():
    array, _ = make_padded(n=24)
    X, y = Sequences.from_padded(array), np.arange(24) % 2
    for some in (
        *train_test_split(X, random_state=0),
        *train_test_split(X, y, stratify=y, random_state=0)[:2],
        *train_test_split(X, shuffle=False),
        resample(X, random_state=0),
        resample(X, y, stratify=y, n_samples=5, random_state=0)[0],
        shuffle(X, y, random_state=0)[0],
        _safe_indexing(X, [1, 2]),
        _safe_indexing(X, np.arange(24) > 5),
        _safe_indexing(X, slice(2, 4)),
        indexable(X, y)[0],
    ):
        assert isinstance(some, Sequences)
        for i, own in zip(some.ids, some, strict=True):
            np.testing.assert_array_equal(own, X[i])
    drawn, y_drawn = resample(X, y, random_state=1)
    np.testing.assert_array_equal(y[drawn.ids], y_drawn)
    np.testing.assert_array_equal(_safe_indexing(X, 3), X[3])


@pytest.mark.parametrize(
    ("estimator", "y"),
    [
        (DKTClassifier(task="many-to-one", **ONE_EPOCH), np.arange(24) % 2),
        (SequenceRegressor(task="many-to-one", **ONE_EPOCH), np.arange(24.0)),
    ],
    ids=["DKTClassifier", "SequenceRegressor"],
)
def test_searches_and_folds_in_two_processes_agree_with_arrays(estimator, y):
    array, _ = make_padded(n=24)
    X = Sequences.from_padded(array)
    scores = cross_validate(estimator, X, y, cv=3, n_jobs=2, error_score="raise")
    alone = cross_validate(estimator, array, y, cv=3, error_score="raise")
    np.testing.assert_allclose(scores["test_score"], alone["test_score"], atol=1e-6)
    grid = {"cell": ["rnn", "gru"]}
    searches = [
        GridSearchCV(estimator, grid, cv=2, n_jobs=n_jobs, error_score="raise")
        for n_jobs in (2, None)
    ]
    searches[0].fit(X, y)
    searches[1].fit(array, y)
    for search in searches:
        assert search.predict(X).shape == (24,)
    np.testing.assert_allclose(
        searches[0].cv_results_["mean_test_score"],
        searches[1].cv_results_["mean_test_score"],
        atol=1e-6,
    )
    predicted = cross_val_predict(estimator, X, y, cv=2)
    assert predicted.shape == (24,)


def test_steps_may_lie_in_a_read_only_file(tmp_path):
    """So joblib shares large arrays with other processes."""
    X = Sequences.from_padded(make_padded(n=12)[0])
    path = joblib.dump(X, tmp_path / "X.joblib")[0]
    shared = joblib.load(path, mmap_mode="r")
    assert isinstance(shared.steps, np.memmap)
    y = np.arange(12) % 2
    for kind in (DKTClassifier, SequenceRegressor):
        estimator = kind(task="many-to-one", **ONE_EPOCH)
        p = estimator.fit(X, y).predict(X[::2])
        np.testing.assert_array_equal(estimator.fit(shared, y).predict(shared[::2]), p)


def test_read_only_steps_will_do():
    array, _ = make_padded(n=12)
    X = Sequences.from_padded(array)
    X.steps.flags.writeable = False
    before = copy.deepcopy(X)
    for kind in (DKTClassifier, SequenceRegressor):
        estimator = kind(task="many-to-one", **ONE_EPOCH)
        estimator.fit(X, np.arange(12) % 2).predict(X[2:4])
    assert_same(X, before)
