"""SequenceRegressor on long frames and on whole sequences."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Callback

from sktrace import SequenceRegressor, Sequences, sequences_to_frame
from sktrace.model_selection import StudentKFold
from sktrace.preprocessing import PerStep

from .._sequence_data import SMALL_BATCHES
from ..conftest import CLOSE

WHOLE = SequenceRegressor(task="many-to-one", **SMALL_BATCHES)
TRACING = SequenceRegressor(
    past_features=["grade"], features=["hours"], **SMALL_BATCHES
)


def make_weeks(n_students=10, n_weeks=6, seed=0):
    """Students of unequal length in shuffled rows; some grades are missing."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, n_weeks + 1, n_students)
    n_rows = lengths.sum()
    weeks = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(n_students) * 3 + 1, lengths),
            "order_id": np.concatenate([np.arange(n) for n in lengths]) * 2,
            "hours": rng.gamma(2.0, 2.0, n_rows),
            "grade": rng.normal(6, 2, n_rows),
            "comment": "text is no number",
        }
    )
    weeks.loc[rng.uniform(size=n_rows) < 0.2, "grade"] = np.nan
    return weeks.sample(frac=1, random_state=seed).reset_index(drop=True)


def make_sequences(n=30, n_steps=5, n_features=3, seed=0):
    """An array with padding, and a target in the first feature of each last step."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_steps, n_features))
    lengths = rng.integers(1, n_steps + 1, n)
    X[np.arange(n_steps) >= lengths[:, None]] = np.nan
    return X, X[np.arange(n), lengths - 1, 0] * 3 + 10


@pytest.fixture
def weeks():
    return make_weeks()


@pytest.fixture(scope="module")
def tracing():
    weeks = make_weeks()
    return clone(TRACING).fit(weeks, weeks["grade"])


@pytest.fixture(scope="module")
def whole():
    return clone(WHOLE).fit(*make_sequences())


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


# --- what changes nothing ----------------------------------------------------------


def test_a_student_alone_is_a_student_in_company(tracing, weeks):
    together = tracing.predict(weeks)
    for _, own in weeks.groupby("user_id"):
        np.testing.assert_allclose(tracing.predict(own), together[own.index], **CLOSE)


def test_one_sequence_alone_is_one_of_many(whole):
    X, _ = make_sequences(seed=1)
    alone = np.concatenate([whole.predict(X[i : i + 1]) for i in range(len(X))])
    np.testing.assert_allclose(alone, whole.predict(X), **CLOSE)


def test_padding_and_the_order_of_sequences_mean_nothing(whole):
    X, y = make_sequences()
    wider = np.concatenate([X, np.full((len(X), 4, X.shape[2]), np.nan)], axis=1)
    p = whole.predict(X)
    np.testing.assert_array_equal(whole.predict(wider), p)
    np.testing.assert_array_equal(clone(WHOLE).fit(wider, y).predict(X), p)
    rows = np.random.default_rng(0).permutation(len(X))
    np.testing.assert_allclose(whole.predict(X[rows]), p[rows], **CLOSE)


def test_all_forms_of_sequences_mean_the_same(whole):
    X, y = make_sequences()
    ragged = [own[~np.isnan(own[:, 0])] for own in X]
    names = ["a", "b", "c"]
    forms = {
        "list of arrays": ragged,
        "list of padded arrays": list(X),
        "Sequences": Sequences.from_padded(X),
        "float32": X.astype(np.float32),
        "list of frames": [pd.DataFrame(own, columns=names) for own in ragged],
    }
    p = whole.predict(X)
    for name, form in forms.items():
        fitted = clone(WHOLE).fit(form, y)
        np.testing.assert_allclose(fitted.predict(form), p, **CLOSE, err_msg=name)
    assert fitted.feature_names_in_.tolist() == names
    numbers = X[:, :, 0]
    p = clone(WHOLE).fit(numbers, y).predict(numbers)
    q = clone(WHOLE).fit(numbers[:, :, None], y).predict(numbers[:, :, None])
    np.testing.assert_array_equal(p, q)


def test_a_long_frame_may_stand_in_any_order_and_form(tracing, weeks):
    p = tracing.predict(weeks)
    shuffled = weeks.sample(frac=1, random_state=3)
    np.testing.assert_array_equal(tracing.predict(shuffled), p[shuffled.index])
    fitted = clone(TRACING).fit(shuffled, shuffled["grade"])
    np.testing.assert_allclose(fitted.predict(weeks), p, atol=1e-10, rtol=0)
    odd = weeks.convert_dtypes().set_axis([7] * len(weeks)).assign(extra=1.0)
    np.testing.assert_array_equal(tracing.predict(odd[odd.columns[::-1]]), p)
    in_order = weeks.sort_values("order_id")
    untimed = clone(TRACING).set_params(order=None).fit(in_order, in_order["grade"])
    np.testing.assert_allclose(
        untimed.predict(in_order), p[in_order.index], atol=1e-10, rtol=0
    )


def test_units_mean_nothing(whole):
    """Scaling features and target scales predictions, and nothing else."""
    X, y = make_sequences()
    scaled = clone(WHOLE).fit(X * [1e3, 1e-3, 1] + [5, 0, 1e4], y * 100 - 7)
    p = scaled.predict(X * [1e3, 1e-3, 1] + [5, 0, 1e4])
    np.testing.assert_allclose(p, whole.predict(X) * 100 - 7, rtol=1e-4)
    raw = clone(WHOLE).set_params(standardize=False).fit(X, y)
    assert raw.scaler_ is None
    assert (raw.target_mean_, raw.target_scale_) == (0, 1)


def test_a_row_without_a_target_is_read_and_teaches_nothing(weeks):
    """It weighs as much as a row of weight 0, whatever its target."""
    y = weeks["grade"]
    untold = y.isna()
    p = clone(TRACING).fit(weeks, y).predict(weeks)
    weight = (~untold).astype(float)
    reg = clone(TRACING).fit(weeks, y.fillna(1e6), sample_weight=weight)
    np.testing.assert_array_equal(reg.predict(weeks), p)


def test_sequences_of_weight_zero_have_no_influence(weeks):
    X, y = make_sequences()
    weight = np.ones(len(y))
    weight[::3] = 0
    kept = weight > 0
    X[~kept] *= 1e3
    p = clone(WHOLE).fit(X, y, sample_weight=weight).predict(X)
    q = clone(WHOLE).fit(X[kept], y[kept]).predict(X)
    np.testing.assert_allclose(p, q, **CLOSE)
    out = weeks["user_id"].isin([1, 4, 10]).to_numpy()
    weeks.loc[out, "hours"] *= 1e3
    p = clone(TRACING).fit(weeks, weeks["grade"], sample_weight=~out)
    q = clone(TRACING).fit(weeks[~out], weeks["grade"][~out])
    np.testing.assert_allclose(p.predict(weeks), q.predict(weeks), **CLOSE)


def test_weights_are_relative():
    X, y = make_sequences()
    weight = np.random.default_rng(0).uniform(0.1, 2, len(y))
    p = clone(WHOLE).fit(X, y, sample_weight=weight).predict(X)
    q = clone(WHOLE).fit(X, y, sample_weight=weight * 100).predict(X)
    np.testing.assert_allclose(p, q, rtol=1e-4)
    assert not np.allclose(p, clone(WHOLE).fit(X, y).predict(X))


def test_input_is_left_as_it_was(weeks):
    before = weeks.copy(deep=True)
    for column in weeks:
        values = weeks[column].to_numpy()
        if values.base is None or values.flags.owndata:
            values.flags.writeable = False
    clone(TRACING).fit(weeks, weeks["grade"]).predict(weeks)
    pd.testing.assert_frame_equal(weeks, before)
    for X in (make_sequences()[0], make_sequences()[0].astype(np.float32)):
        copy = X.copy()
        X.flags.writeable = False
        clone(WHOLE).fit(X, make_sequences()[1]).predict(X)
        np.testing.assert_array_equal(X, copy)


# --- losses and targets ------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "centre"),
    [("squared_error", np.mean), ("absolute_error", np.median), ("huber", None)],
)
def test_a_loss_has_its_centre(loss, centre):
    """Without any signal, the best prediction is the mean, or the median."""
    y = np.repeat([0.0, 0.0, 0.0, 1.0, 9.0], 20)
    X = np.ones((len(y), 1))
    reg = SequenceRegressor(
        task="many-to-one", loss=loss, hidden_size=2, dropout=0, lr=0.05, weight_decay=0
    ).set_params(max_epochs=60, random_state=0)
    p = reg.fit(X, y).predict(X[:1])[0]
    if centre is None:  # Huber: quadratic within one standard deviation of y
        grid = np.linspace(0, 9, 90001)
        z = np.abs(y[:, None] - grid) / y.std()
        total = np.where(z < 1, z**2 / 2, z - 0.5).sum(axis=0)
        assert abs(p - grid[total.argmin()]) < 0.1
    else:
        assert abs(p - centre(y)) < 0.1


def test_several_targets_at_once(weeks):
    X, y = make_sequences()
    both = np.column_stack([y, -y])
    p = clone(WHOLE).fit(X, both).predict(X)
    assert p.shape == (len(X), 2)
    assert p.dtype == np.float64
    one = clone(WHOLE).fit(X, pd.DataFrame({"grade": y})).predict(X)
    assert one.shape == (len(X), 1)
    targets = weeks[["grade", "hours"]].assign(hours=lambda X: X["hours"] ** 2)
    p = clone(TRACING).fit(weeks, targets).predict(weeks)
    assert p.shape == (len(weeks), 2)


def test_a_missing_target_among_several_leaves_the_others(weeks):
    """Each target's loss is over the rows that have it."""
    targets = np.column_stack([weeks["grade"], weeks["hours"] ** 2])
    reg = clone(TRACING).fit(weeks, targets)
    known = ~np.isnan(targets)
    own = [targets[known[:, j], j] for j in range(2)]
    np.testing.assert_allclose(reg.target_mean_, [y.mean() for y in own])
    np.testing.assert_allclose(reg.target_scale_, [y.std() for y in own])
    assert np.isfinite(reg.predict(weeks)).all()


def test_batches_are_smaller_in_a_small_class():
    """A sixteenth of the sequences, at most 32: an epoch has enough batches."""
    X = np.random.default_rng(0).normal(size=(1000, 2))
    for n, expected in ((10, 1), (100, 6), (512, 32), (1000, 32)):
        sizes = []
        counter = CountBatches(sizes)
        reg = clone(WHOLE).set_params(batch_size="auto", max_epochs=1)
        reg.set_params(callbacks=[counter]).fit(X[:n], X[:n, 0])
        assert max(sizes) == expected
        assert sum(sizes) == n


class CountBatches(Callback):
    def __init__(self, sizes):
        self.sizes = sizes

    def on_batch_begin(self, net, batch=None, training=None, **kwargs):
        self.sizes.append(len(batch[0]))


def test_constant_features_and_targets():
    X, y = make_sequences()
    X[:, :, 1] = np.where(np.isnan(X[:, :, 1]), np.nan, 5.0)
    assert np.isfinite(clone(WHOLE).fit(X, y).predict(X)).all()
    p = clone(WHOLE).fit(X, np.full(len(y), 3.0)).predict(X)
    np.testing.assert_allclose(p, 3, atol=0.5)


# --- in scikit-learn's hands -------------------------------------------------------


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


def test_features_are_by_default_the_numeric_columns_without_a_role(weeks):
    reg = SequenceRegressor(past_features=["grade"], **SMALL_BATCHES).fit(
        weeks, weeks["grade"]
    )
    assert reg.features_ == ["hours"]
    assert reg.feature_names_in_.tolist() == ["user_id", "order_id", "hours", "grade"]
    assert reg.n_features_in_ == 4
    with_week = clone(reg).set_params(features=["hours", "order_id"])
    assert with_week.fit(weeks, weeks["grade"]).features_ == ["hours", "order_id"]


def test_columns_may_be_an_index_and_names_may_be_tuples(weeks):
    p = clone(TRACING).fit(weeks, weeks["grade"]).predict(weeks)
    by_index = clone(TRACING).set_params(
        features=pd.Index(["hours"]), past_features=pd.Index(["grade"])
    )
    np.testing.assert_array_equal(by_index.fit(weeks, weeks["grade"]).predict(weeks), p)
    weeks = weeks.drop(columns="comment")
    weeks.columns = pd.MultiIndex.from_product([["week"], weeks.columns])
    reg = SequenceRegressor(
        student=("week", "user_id"),
        order=("week", "order_id"),
        past_features=[("week", "grade")],
        **SMALL_BATCHES,
    )
    y = weeks["week", "grade"]
    np.testing.assert_array_equal(reg.fit(weeks, y).predict(weeks), p)
    assert reg.features_ == [("week", "hours")]
    assert reg.feature_names_in_.shape == (4,)
    with pytest.raises(ValueError, match=r"X has no column \('week', 'year'\)"):
        reg.set_params(features=[("week", "year")]).fit(weeks, y)


def test_the_long_form_of_padded_arrays_is_what_tracing_reads():
    X, _ = make_sequences()
    y = np.arange(X.shape[0] * X.shape[1], dtype=float).reshape(X.shape[:2])
    frame, target = sequences_to_frame(X, y)
    reg = SequenceRegressor(**SMALL_BATCHES).fit(frame, target)
    assert reg.features_ == ["feature 0", "feature 1", "feature 2"]
    assert reg.predict(frame).shape == target.shape


# --- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda X: X.assign(hours=X["hours"].mask(X.index == 4)),
            "Column 'hours' (feature) is missing in 1 row (the first at position 4); "
            "expected a number that is known when its row is predicted. If it is known "
            "only afterwards, pass past_features=['hours'], which may be missing.",
        ),
        (
            lambda X: X.assign(hours=np.inf),
            "Column 'hours' (feature) is infinite in 28 rows (the first at position 0)",
        ),
        (
            lambda X: X.assign(grade=X["grade"].replace(X["grade"].max(), np.inf)),
            "Column 'grade' (feature) is infinite in 1 row",
        ),
        (
            lambda X: X.assign(hours=X["hours"] * 1j),
            "Column 'hours' (feature) has dtype 'complex128'; expected numbers.",
        ),
        (
            lambda X: X.assign(hours="3 h"),
            "Column 'hours' (feature) has dtype",
        ),
        (
            lambda X: X.drop(columns="hours"),
            "X has no column 'hours'; got the columns ['user_id', 'order_id', 'grade', "
            "'comment'], expected one of each feature.",
        ),
        (
            lambda X: pd.concat([X, X[["hours"]]], axis=1),
            "X has 2 columns 'hours'",
        ),
        (
            lambda X: X.assign(order_id=X.index // 2, user_id=X.index // 2),
            "Rows at positions 0 and 1 are of one student and tie in 'order_id'",
        ),
        (lambda X: X.iloc[:0], "X has 0 rows"),
        (lambda X: X.assign(user_id=np.nan), "names no student in 28 rows"),
    ],
)
def test_frames_that_are_refused(tracing, weeks, change, message):
    odd = change(weeks)
    for call in (
        lambda: clone(TRACING).fit(odd, np.arange(len(odd), dtype=float)),
        lambda: tracing.predict(odd),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            call()


def test_a_frame_without_numbers_is_refused(weeks):
    with pytest.raises(ValueError, match="X has no column of numbers to read"):
        SequenceRegressor().fit(weeks[["user_id", "order_id", "comment"]], weeks.index)


def test_sequences_where_a_frame_is_wanted_are_refused():
    X, y = make_sequences()
    for form in (
        X,
        list(X),
        tuple(X),
        tuple(x[:1] for x in X),
        Sequences.from_padded(X),
    ):
        with pytest.raises(TypeError, match=r"frame, y = sequences_to_frame\(X, y\)"):
            SequenceRegressor().fit(form, y)


def test_a_target_per_step_is_refused_by_showing_the_long_form():
    X, _ = make_sequences()
    with pytest.raises(ValueError, match="frame, y = sequences_to_frame") as refused:
        clone(WHOLE).fit(X, np.zeros((30, 5)))
    assert "user_id  order_id" in str(refused.value)
    with pytest.raises(ValueError, match="a target for each step"):
        clone(WHOLE).fit(X, np.zeros((30, 5, 1)))
    with pytest.raises(ValueError, match="a list of arrays of unequal length"):
        clone(WHOLE).fit(X, [np.zeros(1 + i % 3) for i in range(30)])
    wider = np.pad(X, [(0, 0), (0, 2), (0, 0)], constant_values=np.nan)
    with pytest.raises(ValueError, match="a target for each step"):
        clone(WHOLE).fit(wider, np.zeros((30, 7)))
    named = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 5)))
    assert clone(WHOLE).fit(X, named).predict(X).shape == (30, 5)


def test_as_many_targets_as_the_longest_sequence_has_steps():
    """A target per step would be as wide as an array X, padding included."""
    X, _ = make_sequences()
    wider = np.pad(X, [(0, 0), (0, 2), (0, 0)], constant_values=np.nan)
    y = np.random.default_rng(0).normal(size=(30, 5))
    for form in (wider, list(X), Sequences.from_padded(X)):
        assert clone(WHOLE).fit(form, y).predict(form).shape == (30, 5)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(29), "X holds 30 samples but y has 29 entries"),
        (np.full(30, np.nan), "Input y contains NaN in 30 rows"),
        (np.full(30, np.inf), "Input y contains infinity"),
        (["a"] * 30, 'For labels, take DKTClassifier(task="many-to-one").'),
        (np.arange(30).astype("M8[D]"), "y has dtype 'datetime64[D]'"),
        (np.arange(30).astype("m8[s]"), "y has dtype 'timedelta64[s]'"),
        (np.arange(30) * 1j, "np.complex128(0j); expected real numbers."),
        ([10**400] * 30, "expected real numbers."),
        (np.arange(30) * 1e300, "y holds numbers from 0 to 2.9e+301; expected such as"),
        (None, "requires y to be passed"),
    ],
)
def test_targets_that_are_refused(y, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        clone(WHOLE).fit(make_sequences()[0], y)


def test_targets_may_be_nullable(weeks):
    y = weeks[["grade", "hours"]] * [1, 2]
    p = clone(TRACING).fit(weeks, y).predict(weeks)
    for nullable in (y.convert_dtypes(), y.astype("Float64")):
        np.testing.assert_array_equal(
            clone(TRACING).fit(weeks, nullable).predict(weeks), p
        )


def test_a_target_without_any_number_is_refused(weeks):
    with pytest.raises(ValueError, match="y holds no number at all"):
        clone(TRACING).fit(weeks, weeks["grade"] * np.nan)
    weight = weeks["grade"].isna()
    with pytest.raises(ValueError, match="sample_weight is 0 wherever y holds"):
        clone(TRACING).fit(weeks, weeks["grade"], sample_weight=weight)
