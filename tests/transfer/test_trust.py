"""How far a class trusts the network."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit

from sktrace._transfer.trust import most_probable_trust


def draw(trust, n=4000, seed=0):
    rng = np.random.default_rng(seed)
    logit, correction = rng.normal(size=(2, n))
    target = rng.random(n) < expit(logit + trust * correction)
    return logit, correction, target, np.ones(n)


def test_it_recovers_what_answers_were_drawn_by():
    for trust in (0.0, 0.4, 1.0, 2.0):
        assert abs(most_probable_trust(*draw(trust)) - trust) < 0.12


def test_it_is_the_peak_of_the_posterior():
    logit, correction, target, weight = draw(0.6, n=50)

    def cost(trust):
        z = logit + trust * correction
        return weight @ (np.logaddexp(0, z) - target * z) + 2 * (trust - 1) ** 2

    found = minimize_scalar(cost, bounds=(0, 3), method="bounded").x
    assert abs(most_probable_trust(logit, correction, target, weight) - found) < 1e-4


def test_without_answers_it_is_one_and_never_below_nothing():
    logit, correction, target, weight = draw(-3.0)
    assert most_probable_trust(logit, correction, target, 0 * weight) == 1.0
    assert most_probable_trust(logit, correction, target, weight) == 0.0


def test_a_weight_of_two_is_an_answer_twice():
    logit, correction, target, weight = draw(0.5, n=80)
    twice = [np.repeat(v, 2) for v in (logit, correction, target, weight)]
    heavy = most_probable_trust(logit, correction, target, 2 * weight)
    assert abs(heavy - most_probable_trust(*twice)) < 1e-9
