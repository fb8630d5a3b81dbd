"""Fits on the workers of a cluster are those of this process, to the last bit."""

import numpy as np
import pandas as pd
import pytest
import torch
from joblib import parallel_config
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from skorch.callbacks import Callback

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    Sequences,
)
from sktrace.datasets import make_course, make_interactions
from sktrace.model_selection import StudentKFold, compare_tracers
from sktrace.preprocessing import PerStep

from ..conftest import SMALL, small_dkt
from ._models import CountedFrame

SCORES = ["roc_auc", "neg_log_loss"]
TRACERS = {
    "DKT": small_dkt(),
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(random_state=0),
    "blend": BlendClassifier(
        [("means", MeanClassifier()), ("AFM", AFMClassifier())], random_state=0
    ),
}


@pytest.fixture(scope="module")
def course():
    return make_interactions(30, 3, n_attempts=20, random_state=0)


@pytest.fixture(scope="module")
def fitted(course):
    return {name: clone(tracer).fit(*course) for name, tracer in TRACERS.items()}


def scores_of(results):
    """Return what a validation or a search found, without the time that it took."""
    return {name: values for name, values in results.items() if "_time" not in name}


def here_and_there(function, *args, **params):
    """Call a function in this process, and by the cluster."""
    here = function(*args, **params)
    with parallel_config(backend="dask"):
        return here, function(*args, **params)


@pytest.mark.parametrize("name", ["PFA", "BKT", "blend"])
def test_cross_validation_is_that_of_one_process(client, course, name):
    params = {"cv": StudentKFold(2), "scoring": SCORES}
    here, there = here_and_there(cross_validate, TRACERS[name], *course, **params)
    for key, scores in scores_of(here).items():
        np.testing.assert_array_equal(there[key], scores)


@pytest.mark.parametrize(
    ("tracer", "grid"),
    [
        (small_dkt(), {"hidden_size": [4, 6]}),
        (PFAClassifier(), {"persistence": [0.95, 1.0]}),
        (BKTClassifier(random_state=0), {"forget": [False, True]}),
    ],
    ids=["DKT", "PFA", "BKT"],
)
def test_a_search_is_that_of_one_process(client, course, tracer, grid):
    search = GridSearchCV(
        tracer, grid, cv=StudentKFold(2), scoring=SCORES, refit="roc_auc"
    )
    here, there = here_and_there(lambda: clone(search).fit(*course))
    assert there.best_params_ == here.best_params_
    for key, values in scores_of(here.cv_results_).items():
        np.testing.assert_array_equal(there.cv_results_[key], values)
    X, _ = course
    np.testing.assert_array_equal(there.predict_proba(X), here.predict_proba(X))


def test_a_search_within_folds_is_that_of_one_process(client, course):
    search = GridSearchCV(
        PFAClassifier(), {"persistence": [0.95, 1.0]}, cv=StudentKFold(2)
    )
    params = {"cv": StudentKFold(2), "scoring": SCORES}
    here, there = here_and_there(cross_validate, search, *course, **params)
    for key, scores in scores_of(here).items():
        np.testing.assert_array_equal(there[key], scores)


def test_a_pipeline_on_whole_sequences_scores_as_in_one_process(client):
    weeks, passed = make_course(n_students=40, n_weeks=4, random_state=0)
    S = Sequences.from_frame(weeks, by="user_id", order="week")
    dkt = DKTClassifier(task="many-to-one", **SMALL)
    model = make_pipeline(PerStep(SimpleImputer(add_indicator=True)), dkt)
    here, there = here_and_there(
        cross_validate, model, S, passed.loc[S.ids], cv=2, scoring=SCORES
    )
    for key, scores in scores_of(here).items():
        np.testing.assert_array_equal(there[key], scores)


def test_tracers_are_compared_as_in_one_process(client, course):
    tracers = {"PFA": PFAClassifier(), "mean": MeanClassifier()}
    params = {"cv": 3, "n_bootstraps": 20, "random_state": 0}
    here, there = here_and_there(compare_tracers, tracers, *course, **params)
    pd.testing.assert_frame_equal(there.predictions, here.predictions, check_exact=True)
    pd.testing.assert_frame_equal(there.pairs, here.pairs, check_exact=True)


def test_a_fit_that_fails_on_a_worker_has_the_score_that_was_asked_for(client, course):
    search = GridSearchCV(
        PFAClassifier(),
        {"persistence": [0.95, -1.0]},  # the second is refused by fit
        cv=StudentKFold(2),
        error_score=0.25,
        refit=False,
    )
    with (
        pytest.warns(FitFailedWarning, match="2 fits failed out of a total of 4"),
        parallel_config(backend="dask"),
    ):
        search.fit(*course)
    assert search.cv_results_["mean_test_score"][0] > 0.5
    assert search.cv_results_["mean_test_score"][1] == 0.25


# --- what is sent ------------------------------------------------------------------


def count_arrivals(dask_worker):
    """Count the frames that a worker has received from others."""
    arrived = [key for log in dask_worker.transfer_incoming_log for key in log["keys"]]
    return sum(str(key).startswith(CountedFrame.__name__) for key in arrived)


@pytest.mark.parametrize("named", [False, True], ids=["found", "named"])
def test_twenty_fits_send_X_once(client, course, named):
    X, y = course
    X = CountedFrame(X)
    search = GridSearchCV(
        MeanClassifier(), {"strength": [1, 2, 5, 10]}, cv=StudentKFold(5), refit=False
    )
    before = CountedFrame.n_pickled, sum(client.run(count_arrivals).values())
    with parallel_config(backend="dask", scatter=[X] if named else None):
        search.fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert CountedFrame.n_pickled - before[0] == 1  # from here to one of the workers
    # A worker may let go of its copy between two fits; it does not ask at each of them.
    assert sum(client.run(count_arrivals).values()) - before[1] < 20 / 4


def test_four_fits_send_sequences_once(client, monkeypatch):
    weeks, passed = make_course(n_students=40, n_weeks=4, random_state=0)
    S = Sequences.from_frame(weeks.fillna(0), by="user_id", order="week")
    pickled = []

    def note(sequences, protocol):
        pickled.append(len(sequences))
        return object.__reduce_ex__(sequences, protocol)

    monkeypatch.setattr(Sequences, "__reduce_ex__", note)
    dkt = DKTClassifier(task="many-to-one", **SMALL)
    with parallel_config(backend="dask"):
        cross_validate(dkt, S, passed.loc[S.ids], cv=4)
    assert pickled == [40]


# --- threads -----------------------------------------------------------------------


class ThreadCount(Callback):
    """Writes into the history on how many threads torch computes."""

    def on_epoch_end(self, net, **kwargs):
        """Write it."""
        net.history.record("threads", torch.get_num_threads())


def test_torch_takes_one_thread_on_a_worker_of_one_thread(client, course):
    dkt = small_dkt(callbacks=[("threads", ThreadCount())])
    params = {"cv": StudentKFold(2), "return_estimator": True}
    with parallel_config(backend="dask"):
        found = cross_validate(dkt, *course, **params)
    for fitted in found["estimator"]:
        assert set(fitted.history_["threads"]) == {1}


# --- without joblib ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["DKT", "BKT"])
def test_a_tracer_is_fitted_by_a_worker_and_returned(client, course, fitted, name):
    X, y = course
    tracer = clone(TRACERS[name])
    there = client.submit(tracer.fit, X, y).result()
    np.testing.assert_array_equal(there.predict_proba(X), fitted[name].predict_proba(X))
    assert not hasattr(tracer, "classes_")  # the one that was sent learnt nothing


def test_parts_of_whole_students_are_predicted_as_the_log_in_one(
    client, course, fitted
):
    X, _ = course
    parts = [part for _, part in X.groupby(X["user_id"] % 3)]
    futures = {
        name: client.map(tracer.predict_proba, parts) for name, tracer in fitted.items()
    }
    order = np.argsort(np.concatenate([part.index for part in parts]))
    for name, tracer in fitted.items():
        p = np.concatenate(client.gather(futures[name]))[order]
        np.testing.assert_allclose(p, tracer.predict_proba(X), rtol=0, atol=1e-6)
        own = [tracer.predict_proba(part) for part in parts]
        np.testing.assert_array_equal(p, np.concatenate(own)[order])


def test_two_networks_that_differ_in_their_seed_are_told_apart(client, course):
    X, y = course
    first, second = (small_dkt(random_state=seed).fit(X, y) for seed in (0, 1))
    one, other = (client.submit(dkt.predict_proba, X) for dkt in (first, second))
    assert one.key != other.key
    np.testing.assert_array_equal(other.result(), second.predict_proba(X))
    assert not np.array_equal(one.result(), other.result())
