"""Logs as people keep them: other types in some files, partitions, rows that move."""

import pickle

import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier, MeanClassifier, PFAClassifier
from sktrace.datasets import scan_interactions, shard_interactions
from sktrace.inspection import write_predictions
from sktrace.metrics import score_portions
from sktrace.model_selection import StudentKFold

from ._logs import deal, made_up, write

dataset = pytest.importorskip("pyarrow.dataset")


@pytest.fixture(scope="module")
def frames():
    return deal(made_up(24), 3)


def learn(X, y="correct"):
    return BKTClassifier(n_restarts=1, random_state=0).fit(X, X[y]).predict_proba(X)


# --- types -------------------------------------------------------------------------


def halves(frame):
    return frame.assign(order_id=frame["order_id"] + 0.5)


def far(frame):
    return frame.assign(user_id=frame["user_id"] + 2**40)


@pytest.mark.parametrize(
    "change",
    [
        lambda frames: [frames[0].astype({"user_id": "int32"}), far(frames[1])],
        lambda frames: [frames[0], halves(frames[1])],
        lambda frames: [frames[0].assign(skill_name=None), frames[1]],
        lambda frames: [frames[0].drop(columns="skill_name"), frames[1]],
        lambda frames: [frames[0].astype({"correct": bool}), frames[1]],
        lambda frames: [frames[0].astype({"skill_name": "category"}), frames[1]],
        lambda frames: [frames[0], frames[1][frames[1].columns[::-1]]],
        lambda frames: [frames[0][:0], frames[1].assign(more=1.0)],
    ],
    ids=[
        "wider numbers",
        "fractions",
        "nothing in the first",
        "not in the first",
        "bool and number",
        "categories and text",
        "another order",
        "one is empty",
    ],
)
def test_files_may_hold_a_column_as_other_types(frames, change, tmp_path):
    changed = change(frames)
    X = write(changed, tmp_path / "log")
    frame = pd.concat(changed, ignore_index=True).astype({"correct": float})
    assert set(X.columns) == set(frame)
    np.testing.assert_array_equal(learn(X), learn(frame))


def test_numbers_in_one_file_and_text_in_another_are_refused(frames, tmp_path):
    named = frames[1].assign(user_id=frames[1]["user_id"].map("{:03d}".format))
    with pytest.raises(ValueError, match=r"'user_id' is int64 in .*part-0.*string in"):
        write([frames[0], named], tmp_path / "log")
    # As told.
    alike = (frame.astype({"user_id": str}) for frame in (frames[0], named))
    shard_interactions(alike, tmp_path / "anew", n_parts=2)
    X = scan_interactions(tmp_path / "anew")
    assert len(X) == len(frames[0]) + len(named)


def test_dates_without_time_give_an_order(frames, tmp_path):
    date = pd.Timestamp("2024-03-01")
    dated = [
        frame.assign(order_id=(date + pd.to_timedelta(frame["order_id"], "D")).dt.date)
        for frame in frames
    ]
    X = write(dated, tmp_path / "log")
    np.testing.assert_array_equal(learn(X), learn(pd.concat(frames)))


@pytest.mark.parametrize("spell", ["{:03d}", "{}", "s/{} ü"])
def test_partitions_name_students_as_they_were_written(spell, tmp_path):
    log = made_up(5)
    log["user_id"] = log["user_id"].map(spell.format)
    for name, rows in log.groupby("user_id"):
        folder = tmp_path / "seed=3" / "log" / f"user_id={name.replace('/', '%2F')}"
        folder.mkdir(parents=True)
        rows.drop(columns="user_id").to_parquet(folder / "a.parquet")
    X = scan_interactions(tmp_path / "seed=3" / "log")
    assert X.n_portions == 5
    assert "seed" not in X.columns  # what leads to the log is none of its columns
    names = set(X.to_frame()["user_id"].astype(str))
    assert names == set(log["user_id"])


@pytest.mark.parametrize("kind", ["int32", str])
def test_files_of_partitions_may_hold_the_column_too(kind, tmp_path):
    log = made_up(5).astype({"user_id": kind})
    for name, rows in log.groupby("user_id"):
        folder = tmp_path / f"user_id={name}"
        folder.mkdir()
        rows.to_parquet(folder / "a.parquet")
    frame = scan_interactions(tmp_path).to_frame()
    pd.testing.assert_frame_equal(
        frame, log.sort_values("user_id", kind="stable").reset_index(drop=True)
    )


def test_files_that_are_no_parquet_are_named(frames, tmp_path):
    X = write(frames, tmp_path / "log")
    (tmp_path / "log" / "part-1.parquet").write_text("user_id,correct")
    with pytest.raises(ValueError, match=r"part-1.* is no Parquet file"):
        scan_interactions(tmp_path / "log")
    with pytest.raises(ValueError, match=r"part-1.*has not changed since"):
        MeanClassifier().fit(X, "correct")


def test_a_dataset_that_is_filtered_is_refused(frames, tmp_path):
    write(frames, tmp_path / "log")
    chosen = dataset.dataset(tmp_path / "log").filter(dataset.field("correct") == 1)
    with pytest.raises(ValueError, match="chooses rows or columns"):
        scan_interactions(chosen)


# --- what is no frame --------------------------------------------------------------


def test_what_only_a_frame_can_do_is_told(log):
    X, frame = log
    with pytest.raises(AttributeError, match=r"no 'dropna', which a DataFrame has.*X"):
        X.dropna()
    with pytest.raises(AttributeError, match="no attribute 'grades'"):
        X.grades  # noqa: B018
    with pytest.raises(TypeError, match=r"only read.*shard_interactions\("):
        X["twice"] = 2
    with pytest.raises(TypeError, match=r"X\.to_frame\(\['user_id'\]\)"):
        X[["user_id"]]
    with pytest.raises(AttributeError, match=r"which a Series has.*np\.asarray"):
        X["correct"].mean()
    early = X["order_id"] < 5
    np.testing.assert_array_equal(early, frame["order_id"] < 5)
    assert len(X[early]) == len(X[pd.Series(early)]) == early.sum()
    assert len(pickle.loads(pickle.dumps(X["correct"]))) == len(frame)


def test_a_portion_in_which_something_is_wrong_is_named(frames, tmp_path):
    odd = frames[2].assign(correct=3)
    X = write([*frames[:2], odd], tmp_path / "log")
    with pytest.raises(ValueError, match=r"^In portion 2 of X: Column 'correct'"):
        MeanClassifier().fit(X, np.ones(len(X)))
    tracer = MeanClassifier().fit(frames[0], frames[0]["correct"])
    with pytest.raises(ValueError, match=r"^In portion 2 of X: Column 'correct'"):
        tracer.predict_proba(X)
    # As told.
    changed = (frame.assign(correct=(frame["correct"] > 0) * 1) for frame in X)
    shard_interactions(changed, tmp_path / "anew", n_parts=2)
    learn(scan_interactions(tmp_path / "anew"))


def test_no_rows_and_no_students_are_refused_as_of_a_frame(log, tmp_path):
    X, frame = log
    tracer = MeanClassifier().fit(frame, frame["correct"])
    with pytest.raises(ValueError, match="X has 0 rows"):
        write_predictions(tracer, X[[]], tmp_path / "p")
    with pytest.raises(ValueError, match=r"no column 'pupil' \(student\)"):
        next(StudentKFold(2, student="pupil").split(X))


# --- predictions and scores --------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "message"),
    [("user_id", r"columns=\['user_id'\]"), (["no"], "names 'no'"), (["p"], "none of")],
)
def test_columns_beside_predictions_are_those_of_the_log(
    frames, columns, message, tmp_path
):
    X = write([frame.assign(p=0.5) for frame in frames], tmp_path / "log")
    tracer = MeanClassifier().fit(X, X["correct"])
    with pytest.raises((TypeError, ValueError), match=message):
        write_predictions(tracer, X, tmp_path / "p", columns=columns)
    assert not (tmp_path / "p").exists()


def test_predictions_of_files_that_changed_are_not_gone_on_with(frames, tmp_path):
    X = write(frames, tmp_path / "log")
    tracer = PFAClassifier().fit(X, X["correct"])
    write_predictions(tracer, X, tmp_path / "p")
    changed = frames[2].assign(correct=1 - frames[2]["correct"])  # as many rows
    changed.to_parquet(tmp_path / "log" / "part-2.parquet")
    X = scan_interactions(tmp_path / "log")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        write_predictions(tracer, X, tmp_path / "p")
    written = write_predictions(tracer, X, tmp_path / "p", overwrite=True).to_frame()
    np.testing.assert_array_equal(written["p"], tracer.predict_proba(X)[:, 1])
    (tmp_path / "p" / "predictions.json").write_text("")
    with pytest.raises(FileExistsError, match="holds other files"):
        write_predictions(tracer, X, tmp_path / "p")
    with pytest.raises(FileExistsError, match="is a file; expected a folder"):
        write_predictions(tracer, X, tmp_path / "log" / "part-2.parquet")


def test_scores_need_a_fitted_tracer_and_both_classes(log):
    X, frame = log
    with pytest.raises(ValueError, match="is not fitted yet"):
        score_portions(PFAClassifier(), X, "correct")
    tracer = MeanClassifier().fit(X, X["correct"])
    with pytest.raises(ValueError, match=r"y holds \[0, 0\] rows of \[0, 1\]"):
        score_portions(tracer, X, np.full(len(frame), np.nan))


# --- Dask --------------------------------------------------------------------------


@pytest.fixture
def dask_frame():
    frames = pytest.importorskip("dask.dataframe")
    import dask

    with dask.config.set(scheduler="sync"):
        yield frames


def test_small_files_that_dask_would_put_together_stay_portions(
    frames, dask_frame, tmp_path
):
    write(frames, tmp_path / "log")
    X = dask_frame.read_parquet(tmp_path / "log")
    log = scan_interactions(X)
    assert log.sizes.tolist() == [len(frame) for frame in frames]
    frame = pd.concat(frames, ignore_index=True)
    np.testing.assert_array_equal(learn(X), learn(frame))
    pd.testing.assert_frame_equal(log.portion(1, ["correct"]), frames[1][["correct"]])


def test_rows_that_dask_deals_out_at_each_reading_are_refused(frames, dask_frame):
    import dask

    frame = pd.concat(frames, ignore_index=True)
    with dask.config.set({"dataframe.shuffle.method": "disk"}):
        X = dask_frame.from_pandas(frame, npartitions=3)
        for moved in (X.shuffle("user_id"), X.set_index("user_id")):
            with pytest.raises(ValueError, match=r"dealt out anew.*X\.persist\(\)"):
                MeanClassifier().fit(moved, moved["correct"])
            held = moved.persist()
            ours = MeanClassifier().fit(held, held["correct"])
            theirs = MeanClassifier().fit(frame, frame["correct"])
            assert ours.skill_means_ == pytest.approx(theirs.skill_means_, rel=1e-12)


def test_targets_of_dask_need_no_name(frames, dask_frame):
    X = dask_frame.from_map(lambda frame: frame, frames, meta=frames[0][:0])
    expected = learn(pd.concat(frames, ignore_index=True))
    for y in (X["correct"].rename(None), X["correct"].to_dask_array(lengths=True)):
        tracer = BKTClassifier(n_restarts=1, random_state=0).fit(X, y)
        np.testing.assert_array_equal(tracer.predict_proba(X), expected)
    for odd in (X["correct"], X["correct"].to_dask_array(lengths=True)):
        with pytest.raises(TypeError, match="expected a pandas DataFrame"):
            MeanClassifier().fit(odd, "correct")


# --- shards of odd folders, and disks that are full --------------------------------


def test_shards_of_a_folder_hold_what_its_files_hold(tmp_path):
    log = made_up(12)
    first, second = log[:100].assign(skill_name=None), log[100:]
    first = first.astype({"order_id": "int32"})
    write([first, second.assign(order_id=second["order_id"] + 0.5)], tmp_path / "log")
    shards = shard_interactions(tmp_path / "log", tmp_path / "parts", n_parts=3)
    frame = scan_interactions(shards.folder).to_frame()
    assert len(frame) == len(log)
    assert frame["skill_name"].isna().sum() == 100
    assert (frame["order_id"] % 1 == 0.5).sum() == len(second)


def test_a_disk_that_is_full_is_named(log, monkeypatch):
    import errno

    from sktrace._portions import pieces

    def refuse(thing, path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pieces, "store", refuse)
    with pytest.raises(OSError, match=r"No space left on device\).*TMPDIR"):
        PFAClassifier().fit(log[0], "correct")
