"""A log in portions teaches a pretrained tracer what the frame of its rows teaches."""

import numpy as np
import pandas as pd
import pytest

from sktrace import TransferClassifier
from sktrace._tracer import held_out
from sktrace._transfer import trust
from tests.portions._logs import deal, made_up, write

CLOSE = {"rtol": 0, "atol": 1e-6}

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def frames():
    return deal(made_up(20, 3), 2)


@pytest.fixture(scope="module")
def log(frames, tmp_path_factory):
    """A log in two portions, and the frame of the same rows in the same order."""
    folder = tmp_path_factory.mktemp("transfer") / "log"
    return write(frames, folder), pd.concat(frames, ignore_index=True)


def compare(ours, theirs, X, frame):
    assert ours.trust_ == pytest.approx(theirs.trust_, abs=1e-6)
    np.testing.assert_array_equal(ours._seen_, theirs._seen_)
    np.testing.assert_allclose(
        ours.predict_proba(X), theirs.predict_proba(frame), **CLOSE
    )


@pytest.fixture(scope="module")
def by_frame(log):
    return TransferClassifier(item="item_id").fit(log[1], log[1]["correct"])


def test_it_learns_the_same_to_a_millionth(log, by_frame):
    X, frame = log
    ours = TransferClassifier(item="item_id").fit(X, X["correct"])
    assert ours.trust_ > 0
    compare(ours, by_frame, X, frame)
    live = ours.tracer(frame).predict_proba(0)
    np.testing.assert_allclose(live, by_frame.tracer(frame).predict_proba(0), **CLOSE)


@pytest.fixture
def one_fold(monkeypatch):
    """Let the answers of one fold be enough, which is faster."""
    monkeypatch.setattr(trust, "_ENOUGH", 0)


@pytest.mark.usefixtures("one_fold")
def test_partitions_of_dask_are_portions(frames, log):
    dask = pytest.importorskip("dask.dataframe")
    X = dask.from_map(lambda k: frames[k], range(2), meta=frames[0][:0])
    ours = TransferClassifier().fit(X, X["correct"])
    theirs = TransferClassifier().fit(log[1], log[1]["correct"])
    compare(ours, theirs, X, log[1])


@pytest.mark.usefixtures("one_fold")
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
    X, frame = write(frames, tmp_path / "log"), pd.concat(frames, ignore_index=True)
    ours = TransferClassifier().fit(X, "answer", "weight")
    theirs = TransferClassifier().fit(frame, frame["answer"], frame["weight"])
    assert ours.classes_.tolist() == ["no", "yes"]
    compare(ours, theirs, X, frame)


@pytest.mark.usefixtures("one_fold")
def test_so_many_rows_are_asked_of_either(log, monkeypatch):
    X, frame = log
    of_all = TransferClassifier().fit(frame, frame["correct"])
    monkeypatch.setattr(held_out, "_MOST_ROWS", 1)  # one student alone
    ours = TransferClassifier().fit(X, X["correct"])
    theirs = TransferClassifier().fit(frame, frame["correct"])
    compare(ours, theirs, X, frame)
    assert abs(ours.trust_ - of_all.trust_) > 1e-3


def test_students_in_two_portions_are_refused(log, tmp_path):
    middle = len(log[1]) // 2 + 1
    X = write([log[1][:middle], log[1][middle:]], tmp_path / "log")
    with pytest.raises(ValueError, match=r"stand in several portions.*shard_inter"):
        TransferClassifier().fit(X, X["correct"])
