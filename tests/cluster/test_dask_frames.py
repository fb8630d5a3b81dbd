"""Tracers learn from Dask DataFrames, on the workers, what they learn from a frame."""

import os
import signal

import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier, MeanClassifier, PFAClassifier
from sktrace._bkt import estimator as bkt
from sktrace.datasets import make_interactions
from sktrace.inspection import write_predictions
from sktrace.metrics import score_portions

dask = pytest.importorskip("dask", reason="Dask is missing")
dd = pytest.importorskip("dask.dataframe", reason="Dask's DataFrame is missing")

SECONDS = 60


@pytest.fixture(scope="module")
def course():
    """Frames of whole students, and all their rows in one."""
    X, _ = make_interactions(60, 3, random_state=0)
    X["skill_name"] = X["skill_name"].astype(str)
    portion = pd.factorize(X["user_id"])[0] % 3
    frames = [X[portion == k].reset_index(drop=True) for k in range(3)]
    return frames, pd.concat(frames, ignore_index=True)


@pytest.fixture
def bkt_of_frame(course):
    return BKTClassifier(n_restarts=2, random_state=0).fit(course[1], course[1].correct)


def as_dask(frames):
    return dd.concat([dd.from_pandas(frame, npartitions=1) for frame in frames])


def test_threads_of_this_process_will_do(course, bkt_of_frame, tmp_path):
    frames, frame = course
    X = as_dask(frames)
    with dask.config.set(scheduler="threads"):
        pfa = PFAClassifier(averages=None).fit(X, X["correct"])
        theirs = PFAClassifier(averages=None).fit(frame, frame["correct"])
        p = theirs.predict_proba(frame)
        np.testing.assert_allclose(pfa.predict_proba(X), p, rtol=0, atol=1e-6)
        weighted = MeanClassifier().fit(X, X["correct"], X["correct"] + 1.0)
        written = write_predictions(pfa, X, tmp_path / "p")
    by_frame = MeanClassifier().fit(frame, frame["correct"], frame["correct"] + 1.0)
    assert weighted.mean_ == by_frame.mean_
    np.testing.assert_allclose(written.to_frame()["p"], p[:, 1], rtol=0, atol=1e-6)


def test_workers_of_a_cluster_find_the_same(client, course, bkt_of_frame):
    frames, frame = course
    client.wait_for_workers(2, timeout=SECONDS)
    X = as_dask(frames)
    ours = BKTClassifier(n_restarts=2, random_state=0).fit(X, X["correct"])
    pd.testing.assert_frame_equal(ours.params_, bkt_of_frame.params_, check_exact=True)
    np.testing.assert_array_equal(
        ours.predict_proba(X), bkt_of_frame.predict_proba(frame)
    )
    scores = score_portions(ours, X, X["correct"])
    assert scores["accuracy"] == bkt_of_frame.score(frame, frame["correct"])
    assert scores["accuracy"] == ours.score(X, X["correct"])


def test_a_worker_that_dies_during_a_fit_changes_nothing(
    client, course, bkt_of_frame, monkeypatch
):
    client.wait_for_workers(2, timeout=SECONDS)
    X, killed = as_dask(course[0]), []

    def kill_one(pieces, n_skills):
        """Let what one worker holds of the log, which has been judged, be lost."""
        address, victim = sorted(client.run(os.getpid).items())[0]
        assert client.has_what()[address]
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)
        return take_answers(pieces, n_skills)

    take_answers = bkt.take_answers
    monkeypatch.setattr(bkt, "take_answers", kill_one)
    ours = BKTClassifier(n_restarts=2, random_state=0).fit(X, X["correct"])
    assert len(killed) == 1
    pd.testing.assert_frame_equal(ours.params_, bkt_of_frame.params_, check_exact=True)


def test_partitions_that_share_students_are_refused_and_shuffled_as_told(course):
    frame = course[1]
    X = dd.from_pandas(frame, npartitions=4)
    in_process = {"scheduler": "sync", "dataframe.shuffle.method": "tasks"}
    with dask.config.set(in_process):
        with pytest.raises(ValueError, match=r"in several portions.*X\.shuffle\("):
            MeanClassifier().fit(X, X["correct"])
        shuffled = X.shuffle("user_id")
        ours = MeanClassifier().fit(shuffled, shuffled["correct"])
    theirs = MeanClassifier().fit(frame, frame["correct"])
    assert ours.skill_means_ == pytest.approx(theirs.skill_means_, rel=1e-12)
