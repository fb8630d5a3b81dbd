"""The losses and targets of SequenceRegressor, and the targets that it refuses."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from skorch.callbacks import Callback

from sktrace import SequenceRegressor, Sequences

from ._courses import TRACING, WHOLE, make_sequences

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


def test_targets_may_be_nullable(weeks):
    y = weeks[["grade", "hours"]] * [1, 2]
    p = clone(TRACING).fit(weeks, y).predict(weeks)
    for nullable in (y.convert_dtypes(), y.astype("Float64")):
        np.testing.assert_array_equal(
            clone(TRACING).fit(weeks, nullable).predict(weeks), p
        )


def test_as_many_targets_as_the_longest_sequence_has_steps():
    """A target per step would be as wide as an array X, padding included."""
    X, _ = make_sequences()
    wider = np.pad(X, [(0, 0), (0, 2), (0, 0)], constant_values=np.nan)
    y = np.random.default_rng(0).normal(size=(30, 5))
    for form in (wider, list(X), Sequences.from_padded(X)):
        assert clone(WHOLE).fit(form, y).predict(form).shape == (30, 5)


# --- what is refused ---------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(29), "X holds 30 samples but y has 29 entries"),
        (np.full(30, np.nan), "Input y contains NaN in 30 rows"),
        (np.full(30, np.inf), "Input y contains infinity"),
        (["a"] * 30, 'For labels, take DKTClassifier(task="many-to-one").'),
        (np.arange(30).astype("M8[D]"), "y has dtype 'datetime64[D]'"),
        (np.arange(30).astype("m8[s]"), "y has dtype 'timedelta64[s]'"),
        (np.arange(30) * 1j, "y holds complex numbers; expected real ones."),
        ([10**400] * 30, "expected real numbers."),
        (np.arange(30) * 1e300, "y holds numbers from 0 to 2.9e+301; expected such as"),
        (None, "requires y to be passed"),
    ],
)
def test_targets_that_are_refused(y, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        clone(WHOLE).fit(make_sequences()[0], y)


def test_a_target_without_any_number_is_refused(weeks):
    with pytest.raises(ValueError, match="y holds no number at all"):
        clone(TRACING).fit(weeks, weeks["grade"] * np.nan)
    weight = weeks["grade"].isna()
    with pytest.raises(ValueError, match="sample_weight is 0 wherever y holds"):
        clone(TRACING).fit(weeks, weeks["grade"], sample_weight=weight)
