"""What BKTClassifier fits and what it holds, and what it warns of or refuses."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sktrace import BKTClassifier

from ._histories import simulate
from ._models import STATED, bkt

# --- fitting -----------------------------------------------------------------------


def test_what_y_calls_the_answers_does_not_matter(class_log):
    model = bkt().fit(class_log, class_log["correct"])
    inverted = np.where(class_log["correct"] == 1, "a right one", "not right")
    other = clone(model).fit(class_log, inverted)
    pd.testing.assert_frame_equal(other.params_, model.params_)
    np.testing.assert_allclose(
        other.predict_proba(class_log)[:, ::-1], model.predict_proba(class_log)
    )


def test_a_target_that_answers_say_nothing_of_has_its_mean(class_log):
    y = np.random.default_rng(0).permutation(class_log["correct"])
    p = bkt().fit(class_log, y).predict_proba(class_log)[:, 1]
    assert abs(p - y.mean()).max() < 0.05


def test_weights_are_repeated_students(class_log):
    weight = 1 + class_log["user_id"] % 3
    weighted = bkt().fit(class_log, class_log["correct"], sample_weight=weight)
    copies = [
        class_log[weight > n].assign(user_id=lambda X, n=n: X["user_id"] * 3 + n)
        for n in range(3)
    ]
    repeated = pd.concat(copies, ignore_index=True)
    expected = bkt().fit(repeated, repeated["correct"]).params_
    pd.testing.assert_frame_equal(weighted.params_, expected, atol=1e-9, rtol=0)


def test_fixed_parameters_are_held_and_the_others_fitted(class_log):
    free = bkt().fit(class_log, class_log["correct"]).params_
    fixed = {"slip": 0.1, "guess": {"easy": 0.25, "other": 0.3}}
    held = bkt(fixed=fixed).fit(class_log, class_log["correct"]).params_
    assert (held["slip"] == 0.1).all()
    assert held.loc["easy", "guess"] == 0.25
    assert held.loc["hard", "guess"] != 0.25
    table = bkt(fixed=free).fit(class_log, class_log["correct"])
    pd.testing.assert_frame_equal(table.params_, free)
    some = free.assign(learn=np.nan)
    refitted = bkt(fixed=some, tol=1e-9).fit(class_log, class_log["correct"]).params_
    np.testing.assert_allclose(refitted["learn"], free["learn"], atol=0.01)


def test_what_is_stated_needs_no_fit_and_no_warning(class_log):
    stated = STATED | {"guess": 0.7}  # stated without forget=True, and above one half
    model = BKTClassifier(fixed=stated, tol=0).fit(class_log, class_log["correct"])
    assert model.n_iter_ == 0
    assert (model.params_ == pd.Series(stated)[model.params_.columns]).all().all()
    table = model.params_.convert_dtypes()
    table.loc["easy", "slip"] = pd.NA
    some = bkt(fixed=table).fit(class_log, class_log["correct"])
    assert some.params_.loc["hard", "slip"] == 0.1


def test_a_prior_of_what_is_held_says_nothing(class_log):
    y = class_log["correct"]
    plain = bkt(fixed={"slip": 0.0}).fit(class_log, y)
    prior = {"forget": (2, 5), "slip": (2, 5)}
    held = bkt(fixed={"slip": 0.0}, beta_prior=prior).fit(class_log, y)
    pd.testing.assert_frame_equal(held.params_, plain.params_)


def test_stated_skills_that_do_not_occur_are_named(class_log):
    message = (
        "fixed 'slip' names no skill of the log: 'esy'. Those of the log are 'easy', "
    )
    with pytest.warns(UserWarning, match=message):
        bkt(fixed={"slip": {"esy": 0.1}}).fit(class_log, class_log["correct"])


def test_more_restarts_never_lose_likelihood(class_log):
    y = class_log["correct"]
    fits = [bkt(n_restarts=n, forget=True).fit(class_log, y) for n in (1, 2, 5)]
    values = [fit.log_likelihood_.sum() for fit in fits]
    assert values[0] <= values[1] + 0.01
    assert values[1] <= values[2] + 0.01


def test_a_skill_without_answers_that_count_is_the_average_skill(class_log):
    X = class_log.copy()
    X["correct"] = X["correct"].where(X["skill_name"] != "easy")
    model = bkt().fit(X, X["correct"])
    rest = X[X["skill_name"] != "easy"]
    expected = bkt().fit(rest, rest["correct"])
    np.testing.assert_allclose(
        model.params_.loc["easy"], expected.params_.mean(), rtol=1e-12
    )
    pd.testing.assert_frame_equal(model.params_.drop("easy"), expected.params_)


# --- warnings and refusals ---------------------------------------------------------


def test_degenerate_fits_are_named_and_can_be_avoided():
    X = simulate(7, 300, 8, prior=0.5, learn=0.05, guess=0.8, slip=0.05)
    X = X.assign(skill_name="luck")
    message = (
        "guess or slip is above 0.5 for 1 skill(s): 'luck'. There, to know is not to "
        'answer right; see params_. Keep below by bounds={"guess": (0, 0.5), "slip": '
        "(0, 0.5)}, or by a beta_prior."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$"):
        BKTClassifier(random_state=0).fit(X, X["correct"])
    assert bkt().fit(X, X["correct"]).params_["guess"].max() <= 0.5
    prior = {"guess": (200, 800)}
    soft = BKTClassifier(beta_prior=prior, random_state=0).fit(X, X["correct"])
    assert soft.params_["guess"].max() < 0.5


def test_em_that_was_cut_short_says_so(class_log):
    message = (
        "EM has not converged after 27 steps for 3 skill(s): 'easy', 'hard', 'medium'. "
        "Raise max_iter or tol."
    )
    with pytest.warns(ConvergenceWarning, match=f"^{re.escape(message)}$"):
        bkt(max_iter=25, tol=0).fit(class_log, class_log["correct"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"bounds": {"luck": (0, 1)}},
            "bounds names 'luck'; expected some of ['prior', 'learn', 'guess', 'slip', "
            '\'forget\'], such as bounds={"guess": (0, 0.5), "slip": (0, 0.5)}.',
        ),
        (
            {"bounds": {"guess": (0.5, 0.2)}},
            "bounds of 'guess' are (0.5, 0.2); expected (low, high) with 0 <= low <= "
            'high <= 1, such as bounds={"guess": (0, 0.5), "slip": (0, 0.5)}.',
        ),
        (
            {"bounds": {"slip": (None, 0.3)}},
            "bounds of 'slip' are (None, 0.3); expected (low, high) with 0 <= low <= "
            'high <= 1, such as bounds={"guess": (0, 0.5), "slip": (0, 0.5)}.',
        ),
        (
            {"beta_prior": {"slip": (0.5, 2)}},
            "beta_prior of 'slip' is (0.5, 2); expected (a, b) of a Beta distribution, "
            'both at least 1, such as beta_prior={"guess": (2, 5), "slip": (2, 5)}.',
        ),
        (
            {"fixed": {"slip": 1.5}},
            "fixed 'slip' is 1.5; expected a probability between 0 and 1, for all "
            "skills, or by skill: fixed={'slip': {'easy': 0.1}}.",
        ),
    ],
    ids=["unknown name", "bounds", "half of bounds", "prior", "fixed"],
)
def test_what_cannot_be_is_refused(class_log, options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        bkt(**options).fit(class_log, class_log["correct"])


def test_a_log_without_answers_is_refused(class_log):
    X = class_log.assign(correct=np.nan)
    with pytest.raises(ValueError, match=r"\(correct\) holds no answer that counts"):
        bkt().fit(X, class_log["correct"])
