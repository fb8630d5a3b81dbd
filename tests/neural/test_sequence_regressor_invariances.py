"""What makes no difference to SequenceRegressor: company, padding, form, units."""

import numpy as np
import pandas as pd
from sklearn.base import clone

from sktrace import Sequences

from ..conftest import CLOSE
from ._courses import TRACING, WHOLE, make_sequences


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
