"""Workers that are killed during a search: it ends right, or raises; it never hangs."""

import logging
import os
import time

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV

from sktrace import MeanClassifier
from sktrace.datasets import make_interactions
from sktrace.model_selection import StudentKFold

from ._models import FatalMean

GRID = {"strength": [1.0, 2.0, 5.0, 10.0]}
SECONDS = 60  # a worker that was killed is back within


@pytest.fixture(scope="module")
def course():
    """A log, and folds whose rows are too many to travel with each fit."""
    X, y = make_interactions(30, 3, n_attempts=20, random_state=0)
    return X, y, list(StudentKFold(3).split(X, y))


@pytest.fixture
def whole(client):
    """The cluster with both workers, those back that an earlier test has killed."""
    client.wait_for_workers(2, timeout=SECONDS)
    return client


@pytest.fixture
def told(caplog):
    """What the scheduler says, which hands nothing on to other loggers."""
    logger = logging.getLogger("distributed.scheduler")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def search(tracer, X, y, folds, **params):
    """Return the scores of each candidate and fold."""
    found = GridSearchCV(tracer, GRID, cv=folds, refit=False, **params).fit(X, y)
    keys = [f"split{k}_test_score" for k in range(len(folds))]
    return np.array([found.cv_results_[key] for key in keys])


def wait_for_others(client, killed):
    """Wait until the scheduler has missed all that were killed, and met two others."""
    deadline = time.monotonic() + SECONDS
    there = client.cluster.scheduler.workers
    while len(there) < 2 or not killed.keys().isdisjoint(there):
        assert time.monotonic() < deadline, "killed workers are not back"
        time.sleep(0.05)


def test_a_killed_worker_changes_nothing_if_every_worker_holds_the_data(
    whole, course, tmp_path
):
    X, y, folds = course
    whole.amm.stop()  # Dask's memory manager, which drops what two workers hold
    held = [X, y, *(rows for fold in folds for rows in fold)]
    with parallel_config(backend="dask", scatter=held):
        scores = search(FatalMean(tmp_path / "flag"), X, y, folds)
    assert (tmp_path / "flag").exists()  # one was killed
    np.testing.assert_array_equal(scores, search(MeanClassifier(), X, y, folds))


def test_who_loses_the_data_loses_the_search_and_is_told_what_was_lost(
    whole, course, tmp_path, told
):
    """No score that was asked for stands in, since no fit has failed by itself."""
    from distributed.client import FutureCancelledError

    killed = whole.run(os.getpid)
    tracer = FatalMean(tmp_path / "flag", victims=list(killed.values()))
    with (
        parallel_config(backend="dask"),
        pytest.raises(FutureCancelledError, match="_fit_and_score"),
    ):
        search(tracer, *course, error_score=0.25)
    wait_for_others(whole, killed)  # nannies start them
    assert "lose scattered data, which can't be recovered" in told.text
    assert "DataFrame-" in told.text

    # The same cluster searches again.
    with parallel_config(backend="dask"):
        scores = search(tracer, *course)
    np.testing.assert_array_equal(scores, search(MeanClassifier(), *course))


@pytest.mark.parametrize(
    ("limit", "wait", "error", "message"),
    [
        (None, 1, "TimeoutError", "no worker after 1 seconds"),
        ("1s", 30, "NoWorkerError", "without any running workers"),
    ],
    ids=["joblib", "scheduler"],
)
def test_a_cluster_without_workers_is_not_waited_for_for_ever(
    course, limit, wait, error, message
):
    dask = pytest.importorskip("dask", reason="dask is missing")
    distributed = pytest.importorskip("distributed", reason="distributed is missing")
    empty = {"n_workers": 0, "processes": False, "dashboard_address": ":0"}
    with (
        dask.config.set({"distributed.scheduler.no-workers-timeout": limit}),
        distributed.LocalCluster(**empty) as cluster,
        distributed.Client(cluster),
        parallel_config(backend="dask", wait_for_workers_timeout=wait),
        pytest.raises(Exception, match=message) as raised,
    ):
        search(MeanClassifier(), *course)
    assert raised.type.__name__ == error
