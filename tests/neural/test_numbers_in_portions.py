"""`SequenceRegressor` on portions of a long frame, and on sequences in a file."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from skorch.callbacks import Callback

from sktrace import DKTClassifier, SequenceRegressor, Sequences
from sktrace._neural import streams
from sktrace.datasets import scan_interactions

from ._courses import OF_OUTCOMES, TRACING, WHOLE, make_weeks

pytest.importorskip("pyarrow")

EXACT_BUT_FOR_ROUNDING = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture
def weeks():
    weeks = make_weeks(n_students=24)
    weight = np.random.default_rng(1).integers(0, 3, len(weeks))
    return weeks.assign(weight=weight)


@pytest.fixture
def split(weeks, tmp_path, monkeypatch):
    """Portions of unlike sizes, of which two teach nothing, and all rows."""
    monkeypatch.setattr(streams, "ROWS_AT_ONCE", 20)
    portion = pd.factorize(weeks["user_id"])[0].clip(min=12) - 12
    parts = [weeks[portion == number].copy() for number in range(portion.max() + 1)]
    parts[2]["grade"] = np.nan
    parts[3]["weight"] = 0
    return write(parts, tmp_path)


def write(parts, folder):
    for number, part in enumerate(parts):
        part.to_parquet(folder / f"{number:02}.parquet", index=False)
    return scan_interactions(folder), pd.concat(parts, ignore_index=True)


def fit(regressor, data):
    weight = data["weight"]
    return clone(regressor).fit(data, data["grade"], sample_weight=weight)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_one_portion_is_a_frame_to_the_last_bit(weeks, tmp_path, early_stopping):
    X, weeks = write([weeks], tmp_path)
    regressor = clone(TRACING).set_params(early_stopping=early_stopping)
    streamed, in_memory = fit(regressor, X), fit(regressor, weeks)
    found, expected = (r.history_.drop(columns="dur") for r in (streamed, in_memory))
    pd.testing.assert_frame_equal(found, expected)
    np.testing.assert_array_equal(streamed.predict(weeks), in_memory.predict(weeks))


def test_scales_and_columns_are_those_of_the_frame(split):
    X, weeks = split
    streamed, in_memory = fit(TRACING, X), fit(TRACING, weeks)
    for name in ("mean_", "scale_", "n_samples_seen_"):
        found, expected = (getattr(r.scaler_, name) for r in (streamed, in_memory))
        np.testing.assert_allclose(found, expected, **EXACT_BUT_FOR_ROUNDING)
    for name in ("target_mean_", "target_scale_"):
        found, expected = getattr(streamed, name), getattr(in_memory, name)
        np.testing.assert_allclose(found, expected, **EXACT_BUT_FOR_ROUNDING)
    assert streamed.features_ == in_memory.features_
    assert streamed.past_features_ == in_memory.past_features_
    assert list(streamed.feature_names_in_) == list(in_memory.feature_names_in_)
    n_batches = [r.net_.history[0]["train_batch_count"] for r in (streamed, in_memory)]
    assert n_batches[0] == n_batches[1] > 1


def test_predictions_are_in_the_order_of_the_rows_of_all_portions(split):
    X, weeks = split
    regressor = fit(TRACING, X)
    np.testing.assert_allclose(
        regressor.predict(X), regressor.predict(weeks), rtol=1e-5
    )
    score = regressor.score(X, X["grade"], sample_weight=X["weight"])
    expected = regressor.score(weeks, weeks["grade"], sample_weight=weeks["weight"])
    assert score == pytest.approx(expected)
    np.testing.assert_array_equal(fit(TRACING, X).predict(X), regressor.predict(X))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"features": ["weight"]}, r"y itself.*past_features=\['weight'\]"),
        ({"features": ["colour"]}, "no column 'colour'"),
    ],
)
def test_columns_are_judged_as_those_of_a_frame(split, params, message):
    X, _ = split
    regressor = clone(TRACING).set_params(**params)
    with pytest.raises(ValueError, match=message):
        regressor.fit(X, X["weight"])


def test_targets_that_nobody_weighs_are_refused(split):
    X, weeks = split
    with pytest.raises(ValueError, match="no number in any row that counts"):
        clone(TRACING).fit(X, X["grade"], sample_weight=np.zeros(len(X)))
    with pytest.raises(ValueError, match="no number in any row that counts"):
        clone(TRACING).fit(X, np.full(len(weeks), np.nan))


@pytest.mark.parametrize("estimator", [WHOLE, DKTClassifier(**OF_OUTCOMES)])
def test_whole_sequences_are_not_read_from_portions(split, estimator):
    X, _ = split
    with pytest.raises(TypeError, match=r"scan_interactions\(X\)\.to_frame\(\), by="):
        clone(estimator).fit(X, X["grade"])


def test_a_student_in_two_portions_is_refused(weeks, tmp_path):
    X, _ = write([weeks[::2], weeks[1::2]], tmp_path)
    with pytest.raises(ValueError, match="in several portions"):
        clone(TRACING).fit(X, X["grade"])


class Steps(Callback):
    """Notes what a network is trained on."""

    def on_epoch_begin(self, net, dataset_train, **kwargs):
        self.values = dataset_train.steps.values


def test_sequences_in_a_file_are_never_copied(tmp_path):
    rng, offsets = np.random.default_rng(0), np.arange(0, 601, 20)
    np.save(tmp_path / "steps.npy", rng.normal(size=(600, 3)).astype(np.float32))
    steps = np.load(tmp_path / "steps.npy", mmap_mode="r")
    y, notes = rng.normal(size=30), Steps()
    regressor = SequenceRegressor(**WHOLE.get_params()).set_params(callbacks=[notes])
    mapped = regressor.fit(Sequences(steps, offsets), y)
    assert np.shares_memory(notes.values, steps)
    copied = clone(WHOLE).fit(Sequences(np.array(steps), offsets), y)
    sequences = Sequences(steps, offsets)
    np.testing.assert_array_equal(mapped.predict(sequences), copied.predict(sequences))
