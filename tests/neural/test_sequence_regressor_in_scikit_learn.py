"""SequenceRegressor in scikit-learn's searches, scores, pipelines and refits."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktrace import SequenceRegressor, Sequences
from sktrace.model_selection import StudentKFold
from sktrace.preprocessing import PerStep

from .._sequence_data import SMALL_BATCHES
from ._courses import TRACING, WHOLE, make_sequences


def test_search_over_folds_of_students(weeks):
    weeks = weeks.dropna()
    search = GridSearchCV(
        TRACING, {"cell": ["gru", "rnn"], "hidden_size": [2, 4]}, cv=StudentKFold(3)
    )
    search.fit(weeks, weeks["grade"])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(weeks).shape == (len(weeks),)


def test_the_score_leaves_out_rows_without_a_target(tracing, weeks):
    y = weeks["grade"]
    told = y.notna()
    p = tracing.predict(weeks)
    assert tracing.score(weeks, y) == r2_score(y[told], p[told])
    weight = np.arange(len(y)) + 1.0
    expected = r2_score(y[told], p[told], sample_weight=weight[told])
    assert tracing.score(weeks, y, weight) == pytest.approx(expected)
    search = GridSearchCV(TRACING, {"cell": ["gru", "rnn"]}, cv=StudentKFold(3))
    assert np.isfinite(search.fit(weeks, y).best_score_)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_a_score_needs_the_targets_of_fit(weeks, n_targets):
    y = np.column_stack([weeks["hours"], weeks["grade"]])[:, :n_targets]
    y = y[:, 0] if n_targets == 1 else y
    reg = SequenceRegressor(features=["order_id"], **SMALL_BATCHES).fit(weeks, y)
    half = len(weeks) // 2
    for odd in (y[:half], np.concatenate([y, y])):
        message = f"X holds {len(weeks)} samples but y has {len(odd)} entries"
        with pytest.raises(ValueError, match=message):
            reg.score(weeks, odd)
    message = rf"y holds 3 target\(s\) of each sample; expected {n_targets}, as in fit"
    with pytest.raises(ValueError, match=message):
        reg.score(weeks, np.ones((len(weeks), 3)))
    with pytest.raises(ValueError, match="the target y is None"):
        reg.score(weeks, None)


def test_pipelines_of_sequences():
    X, y = make_sequences(60)
    pipeline = make_pipeline(PerStep(StandardScaler()), WHOLE)
    search = GridSearchCV(pipeline, {"sequenceregressor__cell": ["gru", "lstm"]}, cv=3)
    for form in (
        X,
        Sequences.from_padded(X),
        [own[~np.isnan(own).any(1)] for own in X],
    ):
        scores = cross_val_score(pipeline, form, y, cv=3, n_jobs=2)
        assert np.isfinite(scores).all()
        assert search.fit(form, y).best_estimator_.predict(form).shape == (len(y),)


def test_tracers_of_numbers_stand_beside_any_regressor(weeks):
    weeks = weeks.dropna().drop(columns="comment")
    for reg in (TRACING, HistGradientBoostingRegressor()):
        scores = cross_val_score(reg, weeks, weeks["grade"], cv=StudentKFold(3))
        assert len(scores) == 3


def test_pickle_and_same_seed_same_predictions(whole, tracing, weeks):
    X, y = make_sequences()
    for fitted, own in ((whole, X), (tracing, weeks)):
        copy = pickle.loads(pickle.dumps(fitted))
        np.testing.assert_array_equal(copy.predict(own), fitted.predict(own))
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    np.testing.assert_array_equal(clone(WHOLE).fit(X, y).predict(X), whole.predict(X))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_net_of_another_task_is_no_fit(weeks):
    reg = clone(TRACING).fit(weeks, weeks["grade"]).set_params(task="many-to-one")
    with pytest.raises(NotFittedError):
        reg.predict(make_sequences()[0])
    X, y = make_sequences()
    assert not hasattr(reg.fit(X, y), "features_")


def test_early_stopping_holds_out_whole_sequences(weeks):
    for reg, X, y in (
        (WHOLE, *make_sequences()),
        (TRACING, weeks, weeks["grade"]),
    ):
        stopped = clone(reg).set_params(early_stopping=True, max_epochs=30, patience=1)
        stopped.fit(X, y)
        assert stopped.history_["valid_loss"].notna().all()
        assert stopped.n_iter_ <= 30
        assert np.isfinite(stopped.predict(X)).all()
