"""Skills share a population, by which one with few answers is nearly the average."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import digamma, expit, logit

from sktrace import BKTClassifier
from sktrace._bkt.em import log_likelihood
from sktrace._bkt.expectation import ExpectedCounts
from sktrace._bkt.limits import NAMES, USUAL, read_limits
from sktrace._bkt.population import (
    TRUST,
    Population,
    Told,
    _means_of_logs,
    _solve,
    which_are_learnt,
)

from ..conftest import make_log
from ._histories import grow
from ._models import bkt, one_student

TRUTH = {"prior": (0.65, 8), "learn": (0.1, 20), "guess": (0.25, 30), "slip": (0.1, 40)}


def draw_class(rng, n_skills, n_students, n_steps):
    """Draw skills from a population, and answers of students on each of them."""
    logs = []
    for skill in range(n_skills):
        prior, learn, guess, slip = (
            rng.beta(mean * cases, (1 - mean) * cases) for mean, cases in TRUTH.values()
        )
        known = rng.random(n_students) < prior
        for step in range(n_steps):
            right = rng.random(n_students) < np.where(known, 1 - slip, guess)
            known |= rng.random(n_students) < learn
            logs.append(
                pd.DataFrame(
                    {
                        "user_id": np.arange(n_students),
                        "order_id": step,
                        "skill_name": f"skill {skill:02}",
                        "correct": right.astype(int),
                    }
                )
            )
    return pd.concat(logs, ignore_index=True)


@pytest.fixture(scope="module")
def drawn():
    return draw_class(np.random.default_rng(0), n_skills=40, n_students=120, n_steps=6)


@pytest.fixture(scope="module")
def fitted(drawn):
    return BKTClassifier(random_state=0).fit(drawn, drawn["correct"])


def test_the_population_is_recovered(fitted):
    found = fitted.population_
    for name in ("prior", "guess", "slip"):
        assert abs(found.loc[name, "mean"] - TRUTH[name][0]) < 0.06
    for name in ("prior", "slip"):
        assert 0.5 < found.loc[name, "cases"] / TRUTH[name][1] < 2


def test_a_skill_with_five_answers_is_nearly_the_average_skill(drawn):
    few = pd.concat([one_student([0], "rare", student=n) for n in range(5)])
    X = pd.concat([drawn, few.assign(order_id=99)], ignore_index=True)
    first = {}
    for prior in ("population", "weak", None):
        model = bkt(beta_prior=prior).fit(X, X["correct"])
        asked = pd.concat([one_student([1], name) for name in ("rare", "never seen")])
        first[prior] = model.predict_proba(asked)[:, 1]
        if prior == "population":
            mean = model.population_["mean"].drop("forget")
            rare = model.params_.loc["rare"].drop("forget")
            assert abs(rare - mean).max() < 0.3
    far = {prior: average - rare for prior, (rare, average) in first.items()}
    assert far[None] > 0.5
    assert 0 < far["population"] < far["weak"]


def test_the_population_may_be_stated(drawn, fitted):
    # Two routes to one fit; and what one class shows can be told of another.
    pairs = fitted.population_[["a", "b"]].T.to_dict("list")
    stated = BKTClassifier(beta_prior=pairs, random_state=0).fit(
        drawn, drawn["correct"]
    )
    np.testing.assert_allclose(stated.params_, fitted.params_, atol=5e-3)
    pd.testing.assert_frame_equal(
        stated.population_.drop("forget"), fitted.population_.drop("forget")
    )


def test_one_skill_is_fitted_under_what_was_stated():
    X = one_student([0, 1, 1, 0, 1])
    found = BKTClassifier(random_state=0).fit(X, X["correct"]).population_
    a, b = np.array([USUAL[name] for name in NAMES[:4]]).T
    np.testing.assert_allclose(found["mean"].iloc[:4], (a - 1) / (a + b - 2), atol=0.05)
    np.testing.assert_allclose(found["cases"].iloc[:4], a + b - 2, rtol=0.25)
    assert found.loc["forget", "cases"] == 0  # there is nothing to forget


def test_what_is_named_or_held_is_not_learnt(drawn):
    assert not which_are_learnt(None).any()
    assert not which_are_learnt("weak").any()
    assert (
        which_are_learnt({"slip": (2, 5)}).tolist() == [True, False, True] + [False] * 2
    )
    model = bkt(fixed={"slip": 0.1}, beta_prior={"guess": (3, 9)})
    found = model.fit(drawn, drawn["correct"]).population_
    assert found.loc["guess", ["a", "b"]].tolist() == [3, 9]
    assert found.loc["slip", "cases"] == 0
    assert (model.params_["slip"] == 0.1).all()


# --- how it is found -----------------------------------------------------------------


def test_logs_have_the_means_of_the_beta_that_is_found():
    cases = np.array([[0.7, 3.0, 40.0], [2.0, 9.0, 500.0]])
    start = np.full((2, 3), 2.0)
    for _ in range(5):
        start = _solve(_means_of_logs(cases), start)
    np.testing.assert_allclose(start, cases, rtol=1e-6)
    assert _means_of_logs(cases)[0, 0] == digamma(0.7) - digamma(2.7)


def test_bend_is_that_of_the_log_likelihood():
    X = make_log(n_students=40, n_skills=2)
    _, _, histories, *_ = grow(X)
    rates = np.repeat([0.5, 0.2, 0.3, 0.15, 0.05], 2)
    free = np.ones((5, 2), dtype=bool)
    expected = ExpectedCounts(histories, len(rates))
    told = Told.by_answers(expected, rates, free)

    def value(moves):
        moved = expit(logit(rates).reshape(5, 2) + np.reshape(moves, (5, 1)))
        return log_likelihood(histories, moved.reshape(-1, 1))[:, 0]

    step = 1e-3 * np.eye(5)
    for i in range(5):
        slope = (value(step[i]) - value(-step[i])) / 2e-3
        np.testing.assert_allclose(told.slope[i], TRUST * slope, rtol=1e-3, atol=1e-3)
    bend = np.zeros((2, 5, 5))
    for i in range(5):
        for j in range(5):
            ahead, across = step[i] + step[j], step[i] - step[j]
            bend[:, i, j] = (
                value(across) + value(-across) - value(ahead) - value(-ahead)
            )
    values, vectors = np.linalg.eigh(TRUST * bend / 4e-6)
    bend = np.einsum("sik,sk,sjk->sij", vectors, np.maximum(values, 0), vectors)
    np.testing.assert_allclose(told.bend, bend, atol=0.02 * abs(bend).max())


def test_without_an_answer_a_rate_is_as_sure_as_its_population():
    limits = read_limits(["a", "b"], True, None, "population", None)
    population = Population(limits, which_are_learnt("population"))
    logits = logit(population.cases[0] / population.cases.sum(axis=0))
    logits = np.repeat(logits[:, np.newaxis], 2, axis=1)
    told = Told(logits, np.zeros((5, 2)), np.zeros((2, 5, 5)))
    same, weight = told.improve(logits, population.cases)
    np.testing.assert_allclose(same, logits)
    np.testing.assert_allclose(weight[:, 0], population.cases.sum(axis=0), rtol=1e-6)
    found = population._most_likely(
        expit(same), weight, np.ones((5, 2), dtype=bool), population.cases
    )
    np.testing.assert_allclose(found, population.cases, rtol=1e-6)


def test_order_of_rows_and_names_do_not_matter(drawn, fitted):
    shuffled = drawn.sample(frac=1, random_state=0)
    again = BKTClassifier(random_state=0).fit(shuffled, shuffled["correct"])
    pd.testing.assert_frame_equal(
        again.population_, fitted.population_, check_exact=True
    )
    pd.testing.assert_frame_equal(again.params_, fitted.params_, check_exact=True)


@pytest.mark.filterwarnings("ignore:guess or slip is above", "ignore:EM has not")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("item", [None, "item_id"])
def test_weights_may_differ_as_far_as_they_are_allowed_to(item, seed):
    rng = np.random.default_rng(seed)
    X = make_log(n_students=20, n_skills=6, n_steps=30, seed=seed)
    X["item_id"] = rng.integers(30, size=len(X))
    weight = 10.0 ** rng.uniform(-30, 30, len(X))
    bkt = BKTClassifier(item=item).fit(X, X["correct"], sample_weight=weight)
    p = bkt.predict_proba(X)
    assert ((p >= 0) & (p <= 1)).all()
