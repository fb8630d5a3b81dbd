"""How numbers are scaled before a network reads them."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from sktrace import SequenceRegressor
from sktrace._neural.number_steps import NumberSteps

NAN = np.nan


def make_steps(values, n_sequences=2):
    offsets = np.linspace(0, len(values), n_sequences + 1).astype(int)
    return NumberSteps(values, offsets, np.arange(offsets[-1]))


def scale(steps, chosen=None):
    chosen = np.ones(len(steps.offsets) - 1, bool) if chosen is None else chosen
    scaler = steps.fit_scaler(np.asarray(chosen))
    return scaler, steps.with_scaler(scaler)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_scale_is_of_what_is_known_however_long_nothing_is(dtype):
    values = np.random.default_rng(0).normal(5, 2, size=(60_000, 3)).astype(dtype)
    values[:40_000, 1] = NAN
    values[::3, 2] = NAN
    scaler, steps = scale(make_steps(values))
    exact = values.astype(float)
    np.testing.assert_allclose(scaler.mean_, np.nanmean(exact, axis=0), rtol=1e-12)
    np.testing.assert_allclose(scaler.scale_, np.nanstd(exact, axis=0), rtol=1e-12)
    inputs = steps.scaled(np.arange(len(values)))
    assert (inputs[np.isnan(values)] == 0).all()
    np.testing.assert_allclose(inputs[~np.isnan(values[:, 1]), 1].std(), 1, rtol=1e-4)


def test_a_scale_is_of_the_chosen_sequences():
    values = np.arange(12.0).reshape(6, 2)
    values[3:] = 1e6
    scaler, _ = scale(make_steps(values), chosen=[True, False])
    np.testing.assert_allclose(scaler.mean_, [2, 3])
    np.testing.assert_allclose(scaler.scale_, np.std([0, 2, 4]))


@pytest.mark.parametrize("only", [NAN, 0.0, 0.1, 2020.0, -1e300])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_never_varied_in_fit_is_0_in_every_input(only, dtype):
    if dtype == np.float32:
        only = np.clip(only, -1e30, None)
    values = np.full((1000, 1), only, dtype=dtype)
    values[::7] = NAN
    scaler, steps = scale(make_steps(values))
    assert (steps.scaled(np.arange(1000)) == 0).all()
    later = make_steps(np.array([[only], [3.5], [NAN], [-1e30]], dtype=dtype))
    assert (later.with_scaler(scaler).scaled(np.arange(4)) == 0).all()


def test_small_differences_are_scaled_too():
    values = 2020 + np.random.default_rng(0).uniform(0, 1e-6, size=(500, 1))
    _, steps = scale(make_steps(values))
    np.testing.assert_allclose(steps.scaled(np.arange(500)).std(), 1, rtol=1e-3)


def test_a_scale_is_learnt_without_a_copy_of_the_values():
    values = np.random.default_rng(0).normal(size=(20_000, 50))
    steps = make_steps(values)
    tracemalloc.start()
    steps.fit_scaler(np.array([True, False]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < values.nbytes / 10


def test_a_past_feature_never_known_in_fit_changes_nothing_later():
    """Neither its values nor that they are known: nothing was learnt of them."""
    rng = np.random.default_rng(0)
    weeks = pd.DataFrame({"user_id": np.arange(40) // 4, "order_id": np.arange(40)})
    weeks = weeks.assign(hours=rng.normal(size=40), grade=NAN)
    y = rng.normal(size=40)
    reg = SequenceRegressor(
        features=["hours"], past_features=["grade"], max_epochs=2, random_state=0
    ).fit(weeks, y)
    known = weeks.assign(grade=rng.normal(6, 2, size=40))
    np.testing.assert_array_equal(reg.predict(known), reg.predict(weeks))
