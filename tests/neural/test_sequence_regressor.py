"""What SequenceRegressor predicts, written out, and which rows it may read for it."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from sktrace import SequenceRegressor

from .._sequence_data import SMALL_BATCHES
from ..conftest import CLOSE
from ._courses import TRACING, WHOLE, make_sequences, make_weeks

# --- what a prediction is ----------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_predictions_are_the_equations_written_out(cell):
    X, y = make_sequences()
    reg = clone(WHOLE).set_params(cell=cell).fit(X, y)
    weights = {
        name: value.double().numpy()
        for name, value in reg.net_.module_.state_dict().items()
    }
    real = ~np.isnan(X[:, :, 0])
    mean, scale = X[real].mean(axis=0), X[real].std(axis=0)
    for own, prediction in zip(X, reg.predict(X), strict=True):
        h = c = np.zeros(6)
        for x in (own[~np.isnan(own[:, 0])] - mean) / scale:
            h, c = CELLS[cell](x, h, c, weights)
        output = weights["readout.weight"] @ h + weights["readout.bias"]
        np.testing.assert_allclose(
            prediction, output[0] * y.std() + y.mean(), rtol=1e-5
        )


def _gates(x, h, w):
    own = w["rnn.weight_ih_l0"] @ x + w["rnn.bias_ih_l0"]
    return own, w["rnn.weight_hh_l0"] @ h + w["rnn.bias_hh_l0"]


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _rnn(x, h, c, w):
    return np.tanh(sum(_gates(x, h, w))), c


def _lstm(x, h, c, w):
    i, f, g, o = np.split(sum(_gates(x, h, w)), 4)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


def _gru(x, h, c, w):
    (r, z, n), (r_h, z_h, n_h) = (np.split(part, 3) for part in _gates(x, h, w))
    r, z = _sigmoid(r + r_h), _sigmoid(z + z_h)
    return (1 - z) * np.tanh(n + r * n_h) + z * h, c


CELLS = {"rnn": _rnn, "lstm": _lstm, "gru": _gru}


def test_tracing_is_predicting_every_prefix(weeks):
    """A row's prediction is what many-to-one says of the sequence up to it."""
    tracing = SequenceRegressor(features=["hours"], **SMALL_BATCHES)
    tracing.fit(weeks, weeks["grade"])
    whole = clone(WHOLE).fit(*make_sequences(n_features=1))
    whole.net_, whole.scaler_ = tracing.net_, tracing.scaler_
    whole.target_mean_, whole.target_scale_ = (
        tracing.target_mean_,
        tracing.target_scale_,
    )
    expected = np.empty(len(weeks))
    for _, own in weeks.sort_values("order_id").groupby("user_id"):
        for n in range(1, len(own) + 1):
            X = own[["hours"]].to_numpy()[:n]
            expected[own.index[n - 1]] = whole.predict([X])[0]
    np.testing.assert_allclose(tracing.predict(weeks), expected, **CLOSE)


def test_it_learns_what_needs_memory():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 6, 2))
    y = X[:, 0, 0] * 100 + 1000  # the first step alone matters
    reg = SequenceRegressor(
        task="many-to-one", hidden_size=16, dropout=0, lr=0.02, random_state=0
    )
    assert reg.fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.9


# --- who may see what --------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), moment=st.integers(0, 5))
def test_no_row_sees_its_own_or_a_later_grade_nor_later_features(tracing, seed, moment):
    weeks = make_weeks(seed=seed)
    rng = np.random.default_rng(seed)
    changed = weeks.copy()
    now_or_later = (weeks["order_id"] >= 2 * moment).to_numpy()
    later = (weeks["order_id"] > 2 * moment).to_numpy()
    changed.loc[now_or_later, "grade"] = rng.choice([np.nan, 99.0], now_or_later.sum())
    changed.loc[later, "hours"] = rng.normal(size=later.sum())
    before, after = tracing.predict(weeks), tracing.predict(changed)
    np.testing.assert_allclose(after[~later], before[~later], **CLOSE)


def test_own_features_and_earlier_grades_are_seen(tracing, weeks):
    p = tracing.predict(weeks)
    first = (weeks["order_id"] == 0).to_numpy()
    assert (tracing.predict(weeks.assign(hours=weeks["hours"] + 1)) != p).all()
    graded = weeks.assign(grade=weeks["grade"].fillna(6) + 1)
    changed = tracing.predict(graded) != p
    assert changed[~first].all()
    assert not changed[first].any()


def test_a_past_feature_is_the_row_before_and_whether_it_is_known(weeks):
    """Two routes: past_features, and the same columns made by hand."""
    reg = clone(TRACING).set_params(standardize=False).fit(weeks, weeks["grade"])
    in_order = weeks.sort_values(["user_id", "order_id"])
    before = in_order.groupby("user_id")["grade"].shift()
    by_hand = in_order.assign(before=before.fillna(0), known=before.notna() * 1.0)
    other = clone(reg).set_params(
        features=["hours", "before", "known"], past_features=None
    )
    other.fit(by_hand, by_hand["grade"])
    np.testing.assert_allclose(
        other.predict(by_hand), reg.predict(weeks)[in_order.index], **CLOSE
    )


def test_a_feature_that_is_y_is_refused(weeks):
    weeks = weeks.dropna()
    message = (
        "Column 'grade' (feature) is y itself, so that each row would see its own "
        "answer. To read it from earlier rows only, pass past_features=['grade']; else "
        "leave it out of features."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        SequenceRegressor(**SMALL_BATCHES).fit(weeks, weeks["grade"])
    single = weeks.assign(copy=weeks["grade"].astype("float32"))
    with pytest.raises(ValueError, match=r"'copy' \(feature\) is y itself"):
        SequenceRegressor(features=["copy"], **SMALL_BATCHES).fit(
            single, weeks["grade"]
        )
    targets = weeks[["hours", "grade"]] * [2, 1]
    with pytest.raises(ValueError, match="is y itself"):
        SequenceRegressor(features=["hours", "grade"], **SMALL_BATCHES).fit(
            weeks, targets
        )


def refuses_own(X, y, **fit_params):
    """Say whether a fit with y as the feature `copy` is refused for that reason."""
    message = ""
    try:
        SequenceRegressor(features=["copy"], **SMALL_BATCHES).fit(X, y, **fit_params)
    except ValueError as error:
        message = str(error)
    return message.startswith("Column 'copy' (feature) is y itself")


@pytest.mark.parametrize("offset", [0, 2020, -1e9])
@pytest.mark.parametrize("scale", [1, 1e-3])
def test_a_feature_is_y_in_any_precision_but_not_one_that_is_close(offset, scale):
    weeks = make_weeks(n_students=40)
    y = offset + scale * weeks["hours"]
    noise = np.random.default_rng(0).normal(size=len(y))
    if offset != -1e9:  # where single precision leaves but one value
        single = y.astype("float32")
        assert refuses_own(weeks.assign(copy=single), y)
        assert refuses_own(weeks.assign(copy=single.astype(float)), y)
        assert refuses_own(weeks.assign(copy=y), single)
    assert refuses_own(weeks.assign(copy=y), y)
    assert not refuses_own(weeks.assign(copy=y + 1e-3 * scale * noise), y)
    assert not refuses_own(weeks.assign(copy=y + scale * noise), y)


def test_rows_of_weight_zero_do_not_hide_that_a_feature_is_y():
    weeks = make_weeks(n_students=40)
    y = weeks["hours"].copy()
    weight = np.ones(len(y))
    weight[:5], y[:5] = 0, 99
    assert refuses_own(weeks.assign(copy=weeks["hours"]), y, sample_weight=weight)
    assert not refuses_own(weeks.assign(copy=weeks["hours"]), y)
