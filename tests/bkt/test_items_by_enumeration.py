"""BKT with items, groups and nights, against all paths of hidden states, one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sktrace import BKTClassifier
from sktrace._bkt.em import _cycle, log_likelihood
from sktrace._bkt.expectation import ExpectedCounts
from sktrace._bkt.limits import read_limits
from sktrace._bkt.shrinkage import MaximizationRule

from ._items import HOUR, enumerate_states, make_columns

pytestmark = pytest.mark.filterwarnings("ignore:guess or slip:UserWarning")

ALL = {
    "item": "item_id",
    "time": "time",
    "learn_group": "kind",
    "prior_group": "group",
    "forget": True,
    "random_state": 0,
    "tol": 1e9,
    "n_restarts": 1,
}
OPTIONS = {
    "all columns": ALL,
    "learn by item": ALL | {"learn_group": None, "item_params": ("guess", "learn")},
    "forgets at any time": ALL | {"time": None},
    "groups alone": ALL | {"item": None},
}


def fit(log, options, seed=0):
    """Fit a classifier, and give it rates that are nothing like what was fitted."""
    model = BKTClassifier(**options).fit(log, log["correct"])
    rng = np.random.default_rng(seed)
    model.params_[:] = rng.uniform(0.1, 0.9, model.params_.shape)
    model._pair_rates_ = rng.uniform(0.1, 0.9, len(model._pair_rates_))
    return model


def rate_of(model, name, row):
    """Look up the rate that a row reads, in plain words."""
    skill = model.skills_.tolist().index(row["skill_name"])
    role = {"guess": "item", "slip": "item", "learn": "learn_group"}.get(name)
    role = "prior_group" if name == "prior" else role
    if name == "learn" and "learn" in model.item_params:
        role = "item"
    column = getattr(model, role) if role else None
    split = column is not None and (role != "item" or name in model.item_params)
    cells = model._cells_
    if split and row[column] == row[column]:
        code = model._names_[role].tolist().index(row[column])
        for n, pair in enumerate(
            zip(cells.skills[name], cells.codes[name], strict=True)
        ):
            if pair == (skill, code):
                return model._pair_rates_[cells.pairs[name].start - cells.n_own + n]
    return model.params_.iloc[skill][name]


def chain_of(model, rows):
    """Return what one student did on one skill, in the terms of `enumerate_states`."""
    chain, last = [], None
    for _, moment in rows.groupby("order_id"):
        told = moment.drop_duplicates(["item_id", "correct"]) if model.item else moment
        unnamed = moment[moment["item_id"].isna()] if model.item else moment[:0]
        told = moment.loc[told.index.union(unnamed.index)]
        answers = [
            (row["correct"], rate_of(model, "guess", row), rate_of(model, "slip", row))
            for _, row in told.iterrows()
        ]
        learn_column = model.learn_group or "item_id"
        first = moment.sort_values(learn_column, na_position="last").iloc[0]
        time = moment["time"].max()
        gap = np.inf if model.time is None else time - last if chain else np.nan
        forgets = len(chain) > 0 and gap >= 12 * HOUR
        forget = model.params_.loc[first["skill_name"], "forget"] * forgets
        chain.append((answers, rate_of(model, "learn", first), forget))
        last = time
    return chain, last


@pytest.mark.parametrize("name", OPTIONS)
@settings(max_examples=4)
@given(seed=st.integers(0, 10**6))
def test_predictions_and_likelihood_are_enumeration_of_hidden_states(name, seed):
    log = make_columns(n_students=4, seed=seed)
    model = fit(log, OPTIONS[name], seed)
    p = model.predict_proba(log)[:, 1]
    for i, row in log.iterrows():
        own = log[
            (log["user_id"] == row["user_id"])
            & (log["skill_name"] == row["skill_name"])
        ]
        chain, last = chain_of(model, own[own["order_id"] < row["order_id"]])
        prior = rate_of(model, "prior", row)
        known = prior
        if chain:
            total, known = enumerate_states(chain, prior)
            known /= total
            forgets = model.time is None or row["time"] - last >= 12 * HOUR
            forget = model.params_.loc[row["skill_name"], "forget"] * forgets
            known = known * (1 - forget) + (1 - known) * chain[-1][1]
        guess, slip = rate_of(model, "guess", row), rate_of(model, "slip", row)
        assert abs(p[i] - known * (1 - slip) - (1 - known) * guess) < 1e-12


@pytest.mark.parametrize("name", OPTIONS)
def test_likelihood_is_that_of_all_paths_and_counts_are_its_gradient(name):
    log = make_columns(n_students=9, seed=3)
    model = fit(log, OPTIONS[name])
    coded, timeline = model._read(log)
    histories, _ = model._grow(coded, timeline, model._cells_)
    rates = np.append(model.params_.to_numpy().T, model._pair_rates_)[:, np.newaxis]
    total = dict.fromkeys(model.skills_, 0.0)
    for (_, skill), rows in log.groupby(["user_id", "skill_name"]):
        chain, _ = chain_of(model, rows)
        p, _ = enumerate_states(chain, rate_of(model, "prior", rows.iloc[0]))
        total[skill] += np.log(p)
    value, hits, trials = ExpectedCounts(histories, len(rates))(rates)
    np.testing.assert_allclose(value[:, 0], [*total.values()], rtol=1e-12)
    gradient = hits / rates - (trials - hits) / (1 - rates)
    for cell in range(len(rates)):
        up, down = rates.copy(), rates.copy()
        up[cell] += 1e-6
        down[cell] -= 1e-6
        slope = log_likelihood(histories, up) - log_likelihood(histories, down)
        np.testing.assert_allclose(slope.sum() / 2e-6, gradient[cell], atol=1e-5)
    assert (hits[-len(model._pair_rates_) :] > 0).any()


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("beta_prior", [None, "weak"])
@pytest.mark.parametrize("bounds", [None, {"guess": (0, 0.3), "learn": (0.2, 0.4)}])
def test_em_never_loses_what_it_maximizes(name, beta_prior, bounds):
    log = make_columns(n_students=40, seed=5)
    model = fit(log, OPTIONS[name])
    coded, timeline = model._read(log)
    histories, _ = model._grow(coded, timeline, model._cells_)
    limits = read_limits(model.skills_.tolist(), True, bounds, beta_prior, None)
    rule = MaximizationRule(model._cells_, limits, spread=1.0)
    rates = np.append(model.params_.to_numpy().T, model._pair_rates_)[:, np.newaxis]
    rates, longest = rule.clip(rates), np.full((2, 1), 4.0)
    expected = ExpectedCounts(histories, len(rates))

    def value(rates):
        return log_likelihood(histories, rates) + rule.penalty(rates)

    # Rates of families end 1e-9 away from 0 and 1, where others do not.
    for _ in range(20):
        _, hits, trials = expected(rates)
        plain = rule.maximize(hits, trials, rates)
        faster, bound, longest = _cycle(expected, rule, rates, longest)
        assert (value(plain) - value(rates) > -1e-8).all()
        assert (value(faster) - value(rates) > -1e-8).all()
        assert (value(faster) - bound > -1e-8).all()
        rates = faster
