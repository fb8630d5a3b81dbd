"""A log in portions teaches what the frame of its rows teaches.

Means and BKT to the last bit; factor models to 1e-6, since sums run in another order.
"""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
)
from sktrace._bkt import forest
from sktrace._portions import pieces
from sktrace.inspection import write_predictions
from sktrace.metrics import question_level, score_portions

from ._logs import deal, made_up, write

EXACT = {
    "mean": MeanClassifier(),
    "student's mean": MeanClassifier(by="student"),
    "BKT": BKTClassifier(random_state=0),
    "BKT that forgets": BKTClassifier(forget=True, random_state=0, n_restarts=2),
    "BKT by item": BKTClassifier(item="item_id", random_state=0, n_restarts=2),
    "BKT by time": BKTClassifier(time="time", forget=True, n_restarts=1),
}
CLOSE = {
    "item's mean": MeanClassifier(by="item", item="item_id"),
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "PFA by item": PFAClassifier(item="item_id"),
    "all columns": PFAClassifier(
        item="item_id",
        time="time",
        features=["hint"],
        past_features=["taken"],
        positive=True,
    ),
    "AFM, students as such": AFMClassifier(student_effect="fixed"),
    "PFA as it was": PFAClassifier(
        averages=None, C_skill=1.0, C_slope=1.0, C_student=1.0
    ),
    "2PL": RaschClassifier(model="2pl"),
}
TABLES = (
    "params_",
    "items_",
    "population_",
    "log_likelihood_",
    "skill_effects_",
    "skill_scales_",
    "student_effects_",
    "feature_effects_",
    "average_effects_",
    "skill_means_",
    "answer_means_",
)

quiet = pytest.mark.filterwarnings("ignore:guess or slip is above:UserWarning")


def compare(ours, theirs, rtol, atol):
    """Compare the tables of two fitted tracers."""
    for name in TABLES:
        if not hasattr(ours, name):
            continue
        one, other = getattr(ours, name), getattr(theirs, name)
        if name == "student_effects_":  # in the order in which they were met
            other = other.reindex(one.index)
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol, err_msg=name)


@pytest.fixture(params=["held", "on disk"])
def kept(request, monkeypatch):
    """Where pieces are, which are few and small, or as if they were large."""
    if request.param == "on disk":
        monkeypatch.setattr(pieces, "HELD", 0)


@quiet
@pytest.mark.parametrize("at_once", [2**20, 300], ids=["one tree", "many"])
@pytest.mark.parametrize("tracer", EXACT.values(), ids=EXACT)
def test_means_and_bkt_learn_exactly_the_same(log, tracer, at_once, monkeypatch):
    X, frame = log
    theirs = clone(tracer).fit(frame, frame["correct"])
    monkeypatch.setattr(forest, "AT_ONCE", at_once)
    ours = clone(tracer).fit(X, X["correct"])
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(frame))
    # Standard errors of items are sums over answers, not over histories.
    compare(ours, theirs, rtol=1e-12, atol=0)
    if hasattr(ours, "params_"):
        pd.testing.assert_frame_equal(ours.params_, theirs.params_, check_exact=True)
        assert ours.n_iter_ == theirs.n_iter_


@pytest.mark.parametrize("tracer", CLOSE.values(), ids=CLOSE)
def test_factor_models_learn_the_same_to_a_millionth(log, tracer):
    X, frame = log
    theirs = clone(tracer).fit(frame, frame["correct"])
    ours = clone(tracer).fit(X, X["correct"])
    compare(ours, theirs, rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        ours.predict_proba(X), theirs.predict_proba(frame), rtol=0, atol=1e-6
    )


@quiet
@pytest.mark.parametrize("tracer", [BKTClassifier(n_restarts=1), PFAClassifier()])
@pytest.mark.usefixtures("kept")
def test_weights_missing_answers_and_labels_count_as_in_a_frame(tracer, tmp_path):
    log = made_up(30)
    rng = np.random.default_rng(1)
    log["weight"] = rng.integers(0, 3, len(log)).astype(float)
    log["answer"] = log["correct"].map({0: "no", 1: "yes"})
    log.loc[::9, ["correct", "answer"]] = [np.nan, None]
    frames = deal(log, 3)
    frames[1]["weight"] = 0.0  # a portion that teaches nothing
    X, frame = write(frames, tmp_path / "log"), pd.concat(frames, ignore_index=True)
    theirs = clone(tracer).fit(frame, frame["answer"], frame["weight"])
    ours = clone(tracer).fit(X, X["answer"], X["weight"])
    assert ours.classes_.tolist() == ["no", "yes"]
    compare(ours, theirs, rtol=0, atol=1e-6)
    by_array = clone(tracer).fit(X, frame["answer"].to_numpy(), sample_weight="weight")
    compare(by_array, ours, rtol=0, atol=0)


@quiet
def test_portions_may_be_of_any_size_and_empty(tmp_path):
    log = made_up(25)
    small = log["user_id"] == log["user_id"].iloc[0]
    frames = [log[:0], log[small], log[~small], log[:0]]
    X, frame = write(frames, tmp_path / "log"), pd.concat(frames, ignore_index=True)
    ours = BKTClassifier(random_state=0, n_restarts=1).fit(X, X["correct"])
    theirs = BKTClassifier(random_state=0, n_restarts=1).fit(frame, frame["correct"])
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(frame))


def test_several_skills_in_a_cell_are_told_apart(tmp_path):
    log = made_up(20)
    log.loc[::3, "skill_name"] += "~~skill 01"
    frames = deal(log, 3)
    X, frame = write(frames, tmp_path / "log"), pd.concat(frames, ignore_index=True)
    for tracer in (BKTClassifier(n_restarts=1), PFAClassifier()):
        ours = clone(tracer).fit(X, X["correct"])
        theirs = clone(tracer).fit(frame, frame["correct"])
        assert ours.skills_.tolist() == theirs.skills_.tolist()
        np.testing.assert_allclose(
            ours.predict_proba(X), theirs.predict_proba(frame), atol=1e-6
        )


# --- scores and predictions --------------------------------------------------------


def test_scores_of_portions_are_those_of_all_rows(log):
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    X, frame = log
    tracer = PFAClassifier().fit(X, X["correct"])
    p, y = tracer.predict_proba(frame)[:, 1], frame["correct"]
    found = score_portions(tracer, X, X["correct"])
    assert abs(found["roc_auc"] - roc_auc_score(y, p)) <= found["roc_auc_error"]
    assert found["roc_auc_error"] < 1e-3  # few rows; of many it is 1e-6
    assert found["log_loss"] == pytest.approx(log_loss(y, p), rel=1e-9)
    assert found["brier"] == pytest.approx(brier_score_loss(y, p), rel=1e-9)
    assert found["accuracy"] == tracer.score(frame, y) == tracer.score(X, X["correct"])
    assert found["n"] == len(frame)
    with pytest.raises(TypeError, match="expected a log in portions"):
        score_portions(tracer, frame, y)


def test_questions_of_portions_count_once(tmp_path):
    log = made_up(20)
    again = log.iloc[::2].assign(skill_name="another")  # a second row of a question
    frames = deal(pd.concat([log, again], ignore_index=True), 3)
    X, frame = write(frames, tmp_path / "log"), pd.concat(frames, ignore_index=True)
    tracer = MeanClassifier(by="item", item="item_id").fit(X, X["correct"])
    p = tracer.predict_proba(frame)[:, 1]
    target, p = question_level(frame, frame["correct"], p, item="item_id")
    found = score_portions(tracer, X, "correct", by_question=True)
    assert found["n"] == len(target)
    assert found["brier"] == pytest.approx(((target - p) ** 2).mean(), rel=1e-9)


def test_predictions_are_written_once_row_by_row(log, tmp_path):
    X, frame = log
    tracer, folder = MeanClassifier().fit(X, X["correct"]), tmp_path / "p"
    written = write_predictions(tracer, X, folder)
    assert written.columns == ["user_id", "order_id", "p"]
    p = tracer.predict_proba(frame)[:, 1]
    pd.testing.assert_frame_equal(
        written.to_frame(), frame[["user_id", "order_id"]].assign(p=p)
    )
    times = {f.name: f.stat().st_mtime_ns for f in folder.glob("*.parquet")}
    (folder / "part-00001.parquet").unlink()  # as if it had been ended before
    write_predictions(tracer, X, folder)
    again = {f.name: f.stat().st_mtime_ns for f in folder.glob("*.parquet")}
    assert {name for name in times if times[name] != again[name]} == {
        "part-00001.parquet"
    }
    other = MeanClassifier(strength=50.0).fit(X, X["correct"])
    with pytest.raises(FileExistsError, match="overwrite=True"):
        write_predictions(other, X, folder)
    written = write_predictions(other, X, folder, columns=[], overwrite=True)
    np.testing.assert_array_equal(
        written.to_frame()["p"], other.predict_proba(frame)[:, 1]
    )
    assert written.columns == ["p"]


def test_files_that_are_no_predictions_are_left_alone(log, tmp_path):
    X, _ = log
    (tmp_path / "thesis.txt").write_text("mine")
    tracer = MeanClassifier().fit(X, X["correct"])
    for overwrite in (False, True):
        with pytest.raises(FileExistsError, match=r"other files, such as 'thesis"):
            write_predictions(tracer, X, tmp_path, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


# --- what is refused ---------------------------------------------------------------


def test_students_in_two_portions_are_refused(log, tmp_path):
    frame = log[1]
    middle = len(frame) // 2 + 1
    X = write([frame[:middle], frame[middle:]], tmp_path / "log")
    message = r"^1 of 60 student\(s\) stand in several portions.*shard_interactions"
    with pytest.raises(ValueError, match=message):
        MeanClassifier().fit(X, X["correct"])
    tracer = MeanClassifier().fit(frame, frame["correct"])
    with pytest.raises(ValueError, match=message):
        tracer.predict_proba(X)
    with pytest.raises(ValueError, match=message):
        write_predictions(tracer, X, tmp_path / "p")
    assert not (tmp_path / "p").exists()


def test_a_split_student_is_warned_of_once(log):
    from sktrace.model_selection import SplitStudentWarning

    X, frame = log
    even = frame.groupby("user_id").cumcount().to_numpy() % 2 == 0
    tracer = MeanClassifier().fit(X[even], X["correct"][even])
    with pytest.warns(SplitStudentWarning, match=r"about 60 of its 60") as caught:
        tracer.predict_proba(X[~even])
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.ones(3), r"y has shape \(3,\), and X has \d+ rows in 4 portions"),
        ("skill_name", "y holds 4 classes"),
    ],
    ids=["too short", "of four classes"],
)
def test_targets_that_do_not_fit_are_refused(log, y, message):
    with pytest.raises(ValueError, match=message):
        MeanClassifier().fit(log[0], y)


def test_columns_of_other_rows_are_refused(log):
    X, _ = log
    with pytest.raises(ValueError, match=r"Take the column from X: y=X\['correct'\]"):
        MeanClassifier().fit(X[:100], X["correct"])


def test_a_column_that_is_not_there_is_named(log):
    with pytest.raises(ValueError, match=r"no column 'problem' \(item\)"):
        BKTClassifier(item="problem").fit(log[0], log[0]["correct"])


def test_a_fit_that_fails_leaves_the_tracer_as_it_was(log):
    X, frame = log
    tracer = PFAClassifier().fit(X, X["correct"])
    before = tracer.predict_proba(frame)
    with pytest.raises(ValueError, match="one class only"):
        tracer.fit(X, np.ones(len(X)))
    np.testing.assert_array_equal(tracer.predict_proba(frame), before)
