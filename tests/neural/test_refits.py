"""What a fit that is refused leaves behind, and what a refit for another task does."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sktrace import (
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    SequenceRegressor,
    Sequences,
)

from .._sequence_data import ONE_EPOCH
from ..conftest import BELOW_HALF, make_log

N = 24


@pytest.fixture
def weeks():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "user_id": np.arange(4 * N) // 4,
            "order_id": np.arange(4 * N) % 4,
            "hours": rng.gamma(2.0, size=4 * N),
            "effort": rng.normal(size=4 * N),
            "grade": rng.normal(6, 2, size=4 * N),
        }
    )


def make_frames(names, seed=0):
    rng = np.random.default_rng(seed)
    return [pd.DataFrame(rng.normal(size=(3, len(names))), columns=names)] * N


def predict(estimator, X):
    is_classifier = hasattr(estimator, "predict_proba")
    return estimator.predict_proba(X) if is_classifier else estimator.predict(X)


# --- a refit that is refused -------------------------------------------------------


@pytest.mark.parametrize(
    "refit",
    [
        lambda reg, X: reg.set_params(features=["effort"]).fit(X, X["grade"][:5]),
        lambda reg, X: reg.fit(X, np.full(len(X), np.nan)),
        lambda reg, X: reg.fit(X, X[["grade", "effort"]], np.zeros(len(X))),
        lambda reg, X: reg.set_params(features=["grade"]).fit(X, X["grade"]),
        lambda reg, X: reg.set_params(past_features=["effort"]).fit(
            X, X["user_id"] / 0
        ),
        lambda reg, X: reg.set_params(features=["effort"]).fit(X, X["grade"] * 1e300),
        lambda reg, X: reg.set_params(features=["effort", "hours"], lr=1e30).fit(
            X, X["grade"]
        ),
        lambda reg, X: reg.set_params(
            task="many-to-one", features=["effort"], device="abacus"
        ).fit(X.to_numpy().reshape(N, 4, -1), np.arange(N)),
    ],
)
def test_a_tracer_of_numbers_is_as_before(weeks, refit):
    reg = SequenceRegressor(features=["hours"], past_features=["grade"], **ONE_EPOCH)
    before = reg.fit(weeks, weeks["grade"]).predict(weeks)
    with pytest.raises(ValueError):  # noqa: PT011 - each has a test of its message
        refit(reg, weeks)
    reg.set_params(task="many-to-many")
    np.testing.assert_array_equal(reg.predict(weeks), before)


@pytest.mark.parametrize("kind", [SequenceRegressor, DKTClassifier])
@pytest.mark.parametrize(
    "y", [np.arange(3), np.full(N, np.nan), np.full(N, np.inf), np.full((N, 2, 2), 1)]
)
def test_a_model_of_whole_sequences_is_as_before(kind, y):
    frames = make_frames(["a", "b"])
    model = kind(task="many-to-one", **ONE_EPOCH).fit(frames, np.arange(N) % 2)
    before = predict(model, frames)
    for names in (["b", "a"], ["a", "b", "c"], ["c"]):
        with pytest.raises(ValueError):  # noqa: PT011 - each has a test of its message
            model.fit(make_frames(names), y)
        np.testing.assert_array_equal(predict(model, frames), before)


def test_a_classifier_whose_new_steps_are_refused_is_as_before():
    log = make_log(n_students=N)
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    y = np.arange(N) % 2
    numbers = make_frames(["a", "b"])
    clf = DKTClassifier(task="many-to-one", **ONE_EPOCH)
    for own, odd in (
        (X, [frame * np.nan for frame in numbers]),
        (X, Sequences(X.steps.assign(correct=7), X.offsets)),
        (numbers, Sequences(X.steps.drop(columns="skill_name"), X.offsets)),
    ):
        before = clf.fit(own, y).predict_proba(own)
        with pytest.raises(ValueError):  # noqa: PT011 - each has a test of its message
            clf.fit(odd, y)
        np.testing.assert_array_equal(clf.predict_proba(own), before)


# --- parameters of a fitted estimator ----------------------------------------------


def test_columns_are_those_of_fit_whatever_parameters_become(weeks):
    reg = SequenceRegressor(features=["hours"], past_features=["grade"], **ONE_EPOCH)
    before = reg.fit(weeks, weeks["grade"]).predict(weeks)
    assert reg.past_features_ == ["grade"]
    for change in (
        {"past_features": ["effort"]},
        {"past_features": None},
        {"features": ["effort"]},
    ):
        changed = reg.set_params(**change).predict(weeks)
        np.testing.assert_array_equal(changed, before)


# --- a refit for another task ------------------------------------------------------


def test_a_partial_fit_starts_anew_after_outcomes():
    log = make_log(n_students=N)
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    clf = DKTClassifier(task="many-to-one", **ONE_EPOCH)
    for form in (X, make_frames(["a", "b"])):
        clf.set_params(task="many-to-one").fit(form, np.arange(N) % 3)
        clf.set_params(task="many-to-many").partial_fit(log, log["correct"])
        fresh = clone(clf).partial_fit(log, log["correct"])
        np.testing.assert_array_equal(clf.predict_proba(log), fresh.predict_proba(log))
        assert not hasattr(clf, "scaler_")
        assert vars(clf).keys() == vars(fresh).keys()


def test_nothing_is_left_of_a_fit_for_another_task(weeks):
    X = weeks[["hours", "effort"]].to_numpy().reshape(N, 4, 2)
    log = make_log(n_students=N)
    tracer = SequenceRegressor(past_features=["grade"], **ONE_EPOCH)
    tracer.fit(weeks, weeks["grade"])
    tracer.set_params(task="many-to-one").fit(X, np.arange(N))
    fresh = clone(tracer).fit(X, np.arange(N))
    assert vars(tracer).keys() == vars(fresh).keys()
    clf = DKTClassifier(task="many-to-one", **ONE_EPOCH).fit(X, np.arange(N) % 2)
    clf.set_params(task="many-to-many").fit(log, log["correct"])
    assert vars(clf).keys() == vars(clone(clf).fit(log, log["correct"])).keys()
    clf.set_params(task="many-to-one").fit(X, np.arange(N) % 2)
    assert vars(clf).keys() == vars(clone(clf).fit(X, np.arange(N) % 2)).keys()


# --- columns of frames -------------------------------------------------------------


@pytest.mark.parametrize("kind", [SequenceRegressor, DKTClassifier])
def test_columns_of_frames_go_by_name_in_every_form(kind):
    frames = make_frames(["a", "b", "c"])
    turned = [frame[["c", "a", "b"]] for frame in frames]
    model = kind(task="many-to-one", **ONE_EPOCH).fit(frames, np.arange(N) % 2)
    offsets = np.arange(N + 1) * 3
    for form in (turned, Sequences(pd.concat(turned), offsets)):
        np.testing.assert_array_equal(predict(model, form), predict(model, frames))
    with pytest.raises(ValueError, match="The feature names should match those"):
        predict(model, [frame.rename(columns={"a": "d"}) for frame in frames])
    turned[0] = turned[0].assign(b=np.nan)
    with pytest.raises(ValueError, match=re.escape("of sequence 0 (column 'b')")):
        predict(model, turned)


def test_nothing_is_left_of_a_fit_that_failed_on_its_way(weeks):
    log, sequences = make_log(), make_frames(["hours"])
    dkt = DKTClassifier(task="many-to-one", lr=1e30, **ONE_EPOCH)
    with pytest.raises(ValueError, match="Training diverged"):
        dkt.fit(sequences, np.arange(N) % 2)
    dkt.set_params(task="many-to-many", lr=3e-3).fit(log, log["correct"])
    fresh = DKTClassifier(**ONE_EPOCH).fit(log, log["correct"])
    assert set(vars(dkt)) == set(vars(fresh))
    np.testing.assert_array_equal(dkt.predict_proba(log), fresh.predict_proba(log))


def test_what_a_subclass_sets_before_it_fits_is_not_forgotten():
    class Curious(DKTClassifier):
        def fit(self, X, y, sample_weight=None):
            self.students_ = set(X["user_id"])
            return super().fit(X, y, sample_weight)

    log = make_log()
    curious = Curious().set_params(**ONE_EPOCH)
    for X in (log, log[log["user_id"] != 3]):
        assert curious.fit(X, X["correct"]).students_ == set(X["user_id"])


@pytest.mark.parametrize(
    ("tracer", "refit"),
    [
        (
            BKTClassifier(bounds=BELOW_HALF, random_state=0),
            lambda bkt, X: bkt.set_params(bounds={"no": (0, 1)}).fit(X, X["correct"]),
        ),
        (
            PFAClassifier(),
            lambda pfa, X: pfa.fit(X, X["correct"], X["correct"].astype(float)),
        ),
        (
            DKTClassifier(**ONE_EPOCH | {"max_epochs": 3}),
            lambda dkt, X: dkt.set_params(lr=1e30).fit(X, X["correct"]),
        ),
    ],
    ids=lambda x: type(x).__name__,
)
def test_half_a_fit_is_none(tracer, refit):
    log = make_log()
    first = clone(tracer)
    with pytest.raises(ValueError, match=r"expected|needs|diverged"):
        refit(first, log)
    assert [name for name in vars(first) if name.endswith("_")] == []
    with pytest.raises(NotFittedError):
        first.predict_proba(log)
    before = tracer.fit(log, log["correct"]).predict_proba(log)
    learnt = dict(vars(tracer))
    with pytest.raises(ValueError, match=r"expected|needs|diverged"):
        refit(tracer, log)
    np.testing.assert_array_equal(tracer.predict_proba(log), before)
    learnt |= tracer.get_params()
    assert vars(tracer).keys() == learnt.keys()
    assert all(vars(tracer)[name] is value for name, value in learnt.items())


def test_what_a_subclass_sets_while_it_is_judged_is_not_forgotten():
    class Counts(DKTClassifier):
        def _check_pieces(self, *args, **kwargs):
            self.n_fits_ = 1 + getattr(self, "n_fits_", 0)
            return super()._check_pieces(*args, **kwargs)

    log, counts = make_log(), Counts().set_params(**ONE_EPOCH)
    for n in (1, 2, 3):
        assert counts.fit(log, log["correct"]).n_fits_ == n


def test_a_fit_that_is_not_decorated_judges_its_parameters_too():
    class Half(MeanClassifier):
        def fit(self, X, y):
            self._check_fit(X, y, None)
            return self

    log = make_log()
    with pytest.raises(ValueError, match="'handle_unknown' parameter of Half must be"):
        Half(handle_unknown="bogus").fit(log, log["correct"])
