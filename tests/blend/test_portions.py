"""A log in portions teaches a blend what the frame of its rows teaches."""

import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier, BlendClassifier, MeanClassifier
from sktrace._portions.log import Portions
from sktrace._tracer import held_out
from tests.conftest import BELOW_HALF, small_dkt
from tests.portions._logs import deal, made_up, write

BKT = ("bkt", BKTClassifier(n_restarts=1, bounds=BELOW_HALF))
BY_SKILL = ("by_skill", MeanClassifier())
BY_STUDENT = ("by_student", MeanClassifier(by="student"))
CLOSE = {"rtol": 0, "atol": 1e-6}

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def frames():
    return deal(made_up(20, 3), 3)


@pytest.fixture(scope="module")
def log(frames, tmp_path_factory):
    """A log in three portions, and the frame of the same rows in the same order."""
    folder = tmp_path_factory.mktemp("blend") / "log"
    return write(frames, folder), pd.concat(frames, ignore_index=True)


def fit(X, y, sample_weight=None, members=(BY_SKILL, BY_STUDENT), **params):
    blend = BlendClassifier(list(members), random_state=0, **params)
    return blend.fit(X, y, sample_weight)


def compare(ours, theirs, X, frame):
    np.testing.assert_allclose(ours.weights_, theirs.weights_, **CLOSE)
    assert ours.n_held_out_ == theirs.n_held_out_ > 0
    np.testing.assert_allclose(
        ours.predict_proba(X), theirs.predict_proba(frame), **CLOSE
    )


class Spy(MeanClassifier):
    """Remembers, for all its clones, what taught it and of what it was asked."""

    seen = []

    def fit(self, X, y, sample_weight=None):
        self.seen.append((type(X), len(X)))
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        self.seen.append((type(X), len(X)))
        return super().predict_proba(X)


def test_it_learns_the_same_to_a_millionth(log):
    X, frame = log
    members = {"members": [BKT, BY_SKILL, BY_STUDENT]}
    ours = fit(X, X["correct"], **members)
    theirs = fit(frame, frame["correct"], **members)
    assert (ours.weights_ > 0).sum() > 1
    compare(ours, theirs, X, frame)


def test_partitions_of_dask_are_portions(frames, log):
    dask = pytest.importorskip("dask.dataframe")
    X = dask.from_map(lambda k: frames[k], range(3), meta=frames[0][:0])
    ours, theirs = fit(X, X["correct"]), fit(log[1], log[1]["correct"])
    compare(ours, theirs, X, log[1])


def test_columns_are_read_by_those_who_can(log):
    X, frame = log
    members = [("pages", MeanClassifier(by="item")), BY_STUDENT]
    params = {"members": members, "item": "item_id", "order": None, "time": "time"}
    ours, theirs = fit(X, "correct", **params), fit(frame, frame["correct"], **params)
    compare(ours, theirs, X, frame)


def test_weights_missing_answers_and_labels_count_as_in_a_frame(frames, tmp_path):
    rng = np.random.default_rng(1)
    frames = [
        frame.assign(
            weight=rng.integers(0, 3, len(frame)).astype(float),
            answer=frame["correct"].map({0: "no", 1: "yes"}).mask(frame.index % 9 == 0),
            correct=frame["correct"].mask(frame.index % 9 == 0),
        )
        for frame in frames
    ]
    frames[1]["weight"] = 0.0  # a portion that teaches nothing
    X, frame = write(frames, tmp_path / "log"), pd.concat(frames, ignore_index=True)
    ours = fit(X, "answer", X["weight"])
    theirs = fit(frame, frame["answer"], frame["weight"])
    assert ours.classes_.tolist() == ["no", "yes"]
    compare(ours, theirs, X, frame)
    by_array = fit(X, frame["answer"].to_numpy(), frame["weight"].to_numpy())
    pd.testing.assert_series_equal(by_array.weights_, ours.weights_)


def test_members_learn_from_portions_and_are_asked_few_rows(log, monkeypatch):
    X, frame = log
    monkeypatch.setattr(held_out, "_MOST_ROWS", 150)  # two students or three
    Spy.seen.clear()
    members = [("spy", Spy()), BY_STUDENT]
    ours = fit(X, X["correct"], members=members)
    *folds, last = Spy.seen
    for taught, (read, n_asked) in zip(folds[::2], folds[1::2], strict=True):
        assert taught[0] is Portions
        assert read is pd.DataFrame
        assert n_asked <= 150
    assert len(folds) == 10
    assert last == (Portions, len(X))
    compare(ours, fit(frame, frame["correct"], members=members), X, frame)
    assert ours.n_held_out_ < 20


def test_a_network_is_a_member(log):
    X, frame = log
    members = [("dkt", small_dkt(max_epochs=1)), BY_SKILL]
    blend = fit(X, X["correct"], members=members, n_folds=2)
    assert blend.weights_["dkt"] > 0
    assert blend.n_held_out_ == 20
    p = blend.predict_proba(X)
    np.testing.assert_allclose(p, blend.predict_proba(frame), **CLOSE)


def test_students_in_two_portions_are_refused(log, tmp_path):
    middle = len(log[1]) // 2 + 1
    X = write([log[1][:middle], log[1][middle:]], tmp_path / "log")
    with pytest.raises(ValueError, match=r"stand in several portions.*shard_inter"):
        fit(X, X["correct"])
