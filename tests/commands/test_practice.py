"""Answers by skill, what is learnt of them, and how sure that is."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from sktrace import AFMClassifier, BKTClassifier
from sktrace.commands._page.bkt_rates import tabulate_rates
from sktrace.commands._page.bkt_slopes import RATES, read_chains
from sktrace.commands._page.learnt import C_SLOPE, tabulate_learning
from sktrace.commands._page.practice import read_practice, share_with_interval
from sktrace.datasets import make_interactions
from sktrace.display import LearningCurveDisplay

from ..conftest import BELOW_HALF, make_log
from ._found import draw_knowledge

SKILLS = [(0.3, 0.2, 0.2, 0.1), (0.6, 0.1, 0.3, 0.2), (0.2, 0.3, 0.1, 0.05)]


def practise(X, p=0.5):
    return read_practice(X, np.full(len(X), p))


def test_opportunities_and_attempts_are_those_of_a_plain_loop():
    X = make_log(n_students=8, n_steps=12).astype({"correct": float})
    X = X.sample(frac=1, random_state=0).reset_index(drop=True)
    entries, skills = practise(X).entries, practise(X).skills
    for entry in entries.itertuples():
        own = X.iloc[entry.row]
        same = (X["user_id"] == own["user_id"]) & X["skill_name"].map(
            lambda cell, skill=skills[entry.skill]: skill in str(cell).split("~~")
        )
        earlier = X[same & (X["order_id"] < own["order_id"])]
        assert entry.attempts == len(earlier)
        assert entry.opportunity == 1 + earlier["order_id"].nunique()
        assert entry.correct == own["correct"]


def test_curves_are_those_of_the_display():
    X, y, p = make_interactions(30, 3, n_attempts=20, return_proba=True, random_state=0)
    practice = read_practice(X, p)
    all_at_once = LearningCurveDisplay.from_predictions(X, y, p, skills=["all skills"])
    expected = all_at_once.curve
    for skill, curve in practice.curves.items():
        name = "all skills" if skill is None else practice.skills[skill]
        own = expected[expected["skill"] == name].drop(columns="skill")
        pd.testing.assert_frame_equal(
            curve.reset_index(drop=True), own.reset_index(drop=True)
        )


def test_a_skill_may_be_called_as_all_of_them():
    X = make_interactions(20, 2, random_state=0)[0].astype({"skill_name": str})
    names = X["skill_name"].replace({"skill 1": "all skills"})
    curves = practise(X.assign(skill_name=names)).curves
    assert sorted(curves, key=str) == [0, 1, None]


def test_the_interval_of_a_share_is_that_of_samples_of_students():
    rng = np.random.default_rng(0)
    student = np.repeat(np.arange(80), 10)
    right = (rng.random(800) < rng.beta(2, 2, 80)[student]).astype(float)
    share, low, high = share_with_interval(right, student, np.zeros(800, int), 1)
    means = right.reshape(80, 10).mean(axis=1)
    samples = [means[rng.integers(0, 80, 80)].mean() for _ in range(2000)]
    assert share == pytest.approx(right.mean())
    np.testing.assert_allclose(
        [low[0], high[0]], np.quantile(samples, [0.025, 0.975]), atol=0.01
    )


def test_of_answers_that_are_all_alike_each_student_is_one():
    ones, student = np.ones(30), np.repeat([0, 1, 2], 10)
    _, low, high = share_with_interval(ones, student, np.zeros(30, int), 1)
    _, lower, _ = share_with_interval(np.ones(3), np.arange(3), np.zeros(3, int), 1)
    assert low == lower
    assert high == 1


def test_slopes_are_those_of_the_likelihood_that_bkt_maximizes():
    X = draw_knowledge(SKILLS, 30, 6)
    X = pd.concat([X, X[X["order_id"] == 2]], ignore_index=True)  # two in a moment
    rates = np.array(SKILLS).T

    def log_likelihood(rates):
        fixed = pd.DataFrame(rates.T, columns=list(RATES), index=["s0", "s1", "s2"])
        bkt = BKTClassifier(fixed=fixed).fit(X, X["correct"])
        return bkt.log_likelihood_.to_numpy()

    chains = read_chains(practise(X))
    slopes = chains.slopes(rates)
    for k in range(len(RATES)):
        up, down = (rates.copy() for _ in range(2))
        for moved, by in ((up, 1e-4), (down, -1e-4)):
            moved[k] = 1 / (1 + np.exp(-logit(moved[k]) - by))
        expected = (log_likelihood(up) - log_likelihood(down)) / 2e-4
        own = np.bincount(chains.skill, slopes[k])
        np.testing.assert_allclose(own, expected, rtol=1e-5, atol=1e-5)


def test_intervals_of_rates_are_those_of_samples_of_students():
    X = draw_knowledge(SKILLS[:1], 150, 8)
    bkt = BKTClassifier(
        bounds=BELOW_HALF, n_restarts=1, beta_prior="weak", tol=0.01, random_state=0
    )
    table = tabulate_rates(bkt.fit(X, X["correct"]), practise(X)).iloc[0]
    rng, samples = np.random.default_rng(0), []
    for _ in range(30):
        drawn = rng.multinomial(150, np.full(150, 1 / 150))[X["user_id"]]
        fitted = bkt.fit(X, X["correct"], sample_weight=drawn)
        samples.append(logit(fitted.params_.iloc[0][list(RATES)].to_numpy(float)))
    # Now and then a sample has another best fit, far away.
    low, high = np.quantile(samples, [0.16, 0.84], axis=0)
    for rate, spread in zip(RATES, (high - low) / 2, strict=True):
        ends = logit([table[f"{rate}_low"], table[f"{rate}_high"]])
        assert np.diff(ends)[0] / 3.92 == pytest.approx(spread, rel=0.45), rate


def test_a_rate_at_the_end_of_its_range_has_no_interval():
    X = draw_knowledge([(0.3, 0.2, 0.45, 0.1)], 100, 6)
    bounds = {"guess": (0, 0.2), "slip": (0, 0.5)}
    bkt = BKTClassifier(bounds=bounds, random_state=0).fit(X, X["correct"])
    table = tabulate_rates(bkt, practise(X)).iloc[0]
    assert table["guess"] == pytest.approx(0.2)
    assert np.isnan(table["guess_low"])
    assert table["learn_low"] < table["learn"] < table["learn_high"]


def test_a_gain_is_what_afm_predicts_of_a_student_of_middling_ability():
    X = make_interactions(40, 3, n_attempts=20, random_state=0)[0].astype(
        {"skill_name": str}
    )
    table = tabulate_learning(X, practise(X), 5)
    afm = AFMClassifier(averages=None, student_effect="fixed", C_slope=C_SLOPE)
    afm.fit(X, X["correct"])
    new = pd.DataFrame({"user_id": "new", "order_id": range(5)})
    for skill, row in zip(practise(X).skills, table.itertuples(), strict=True):
        new = new.assign(skill_name=skill, correct=1)
        p = afm.predict_proba(new)[:, 1]
        np.testing.assert_allclose([row.first, row.later], p[[0, 4]], atol=1e-9)


def test_the_error_of_a_gain_is_how_much_it_differs_between_classes():
    def draw(seed):
        rng = np.random.default_rng(seed)
        student, step = np.divmod(np.arange(50 * 12), 12)
        ability = rng.normal(size=50)[student]
        practice, skill = np.log1p(step % 6), step // 6
        easier = ability + skill * 0.5 - 0.5 + practice * 0.3 * skill
        correct = (rng.random(len(step)) < 1 / (1 + np.exp(-easier))).astype(int)
        names = {"user_id": student, "order_id": step, "skill_name": skill}
        X = pd.DataFrame(names | {"correct": correct})
        return tabulate_learning(X, practise(X), 5)

    tables = [draw(seed) for seed in range(16)]
    spread = np.std([table["gain"] for table in tables], axis=0)
    told = np.mean([table["gain_se"] for table in tables], axis=0)
    np.testing.assert_allclose(told / spread, 1, atol=0.4)


def test_nothing_is_said_of_what_is_learnt_where_nobody_practised_twice():
    X = make_interactions(30, 2, random_state=0)[0].astype({"skill_name": str})
    once = pd.DataFrame(
        {"user_id": [0, 1], "order_id": -1, "skill_name": "rare", "correct": [0, 1]}
    )
    X = pd.concat([X, once], ignore_index=True)
    table = tabulate_learning(X, practise(X), 5)
    rare = practise(X).skills.tolist().index("rare")
    assert table.isna().all(axis=1).tolist() == [k == rare for k in range(3)]
