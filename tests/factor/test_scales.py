"""How much skills, items and students differ: against truth, and other routes to it."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.stats import norm
from sklearn.base import clone
from sklearn.metrics import log_loss

from sktrace import AFMClassifier, PFAClassifier
from sktrace._factor.columns import Columns, Group
from sktrace._factor.curvature import Curvature
from sktrace._factor.scales import Scales, held_on_skills
from sktrace.datasets import make_classroom, make_interactions

from ..conftest import proba
from ._logs import with_columns


def simulate(skill_scale, slope_scale, n_students=300, n_skills=50, seed=0, joined=1):
    """Draw answers of students to questions on one skill each, or on several."""
    rng = np.random.default_rng(seed)
    easiness = rng.normal(0, skill_scale, n_skills)
    slope = rng.normal(0.3, slope_scale, n_skills)
    n_steps = 60
    log = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(n_students), n_steps),
            "order_id": np.tile(np.arange(n_steps), n_students),
        }
    )
    # A student meets but a few skills, so that each is practised.
    met = rng.permuted(np.tile(np.arange(n_skills), (n_students, 1)), axis=1)[:, :8]
    picked = rng.permuted(np.tile(np.arange(8), (len(log), 1)), axis=1)[:, :joined]
    x = rng.normal(size=n_students)[log["user_id"]]
    names = []
    for place in picked.T:
        skill = met[log["user_id"], place]
        # Roughly how often it was met: who draws several may count one a little late.
        before = log.assign(skill=skill).groupby(["user_id", "skill"]).cumcount()
        x = x + easiness[skill] + slope[skill] * np.log1p(joined * before)
        names.append(skill.astype(str))
    log["skill_name"] = ["~~".join(named) for named in zip(*names, strict=True)]
    return log.assign(correct=rng.binomial(1, expit(x - 0.5)))


# --- the steps of EM ---------------------------------------------------------------


def test_steps_of_em_climb_to_the_most_probable_scale():
    rng = np.random.default_rng(0)
    information = rng.uniform(1, 30, 80)
    peak = rng.normal(0, np.sqrt(0.6**2 + 1 / information))
    scales = Scales([None], [1.0], prior=0.0)
    for _ in range(20):
        effects = information * peak / (information + scales.values**-2.0)
        moved = scales.update(effects[:, None], information[:, None, None])
    assert moved < 1e-6

    def minus_log_likelihood(scale):
        return -norm.logpdf(peak, 0, np.sqrt(scale**2 + 1 / information)).sum()

    best = minimize_scalar(minus_log_likelihood, bounds=(0.01, 5), method="bounded")
    assert scales.values[0] == pytest.approx(best.x, rel=1e-4)


def test_what_is_stated_stays_and_without_answers_the_prior_speaks():
    scales = Scales([0.25, "auto"], [9.0, 0.3], prior=2.0)
    for _ in range(100):
        scales.update(np.zeros((3, 2)), np.zeros((3, 2, 2)))
    np.testing.assert_allclose(scales.values, [0.5, 0.3], rtol=1e-9)
    assert Scales([0.25], [1.0], 2.0).update(np.ones((3, 1)), np.ones((3, 1, 1))) == 0


@pytest.mark.parametrize("student_scale", [0.3, 2.0])
def test_information_is_what_is_left_when_abilities_are_eliminated(student_scale):
    rng = np.random.default_rng(1)
    n_rows, student = 40, np.arange(40) % 6
    columns = np.vstack([np.ones(n_rows), rng.uniform(0, 2, n_rows)])
    curvature = rng.uniform(0.05, 0.25, n_rows)
    by_skill = Group(None, np.full(n_rows, 3), columns, np.arange(10).reshape(2, 5))
    told = Curvature(Columns([by_skill], n_rows, 10), student, 6).of(curvature)
    found = held_on_skills(told, student_scale**-2.0, n_kinds=2, n_skills=5)
    assert not found[[0, 1, 2, 4]].any()
    own = np.eye(6)[student]
    bent = np.hstack([columns.T, own])
    hessian = bent.T @ (curvature[:, None] * bent)
    hessian[2:, 2:] += np.eye(6) / student_scale**2
    covariance = np.linalg.inv(hessian)[:2, :2]
    np.testing.assert_allclose(found[3], np.linalg.inv(covariance), rtol=1e-9)


# --- in the models -----------------------------------------------------------------


@pytest.mark.parametrize("joined", [1, 2])
@pytest.mark.parametrize("truth", [(0.3, 0.3), (1.2, 0.1)])
def test_how_much_skills_and_their_slopes_differ_is_found(truth, joined):
    log = simulate(*truth, joined=joined)
    afm = AFMClassifier(persistence=1.0, averages=None).fit(log, log["correct"])
    found = afm.skill_scales_
    assert found.index.tolist() == ["intercept", "slope_attempts"]
    np.testing.assert_allclose(found["intercept"], truth[0], rtol=0.25)
    np.testing.assert_allclose(found["slope_attempts"], truth[1], rtol=0, atol=0.06)
    assert afm.student_scale_ == pytest.approx(1, rel=0.15)


def test_slopes_that_are_alike_are_nearly_shared():
    log = simulate(0.8, 0.0)
    own = PFAClassifier().fit(log, log["correct"])
    assert (own.skill_scales_[1:] < 0.08).all()
    shared = PFAClassifier(slopes="shared").fit(log, log["correct"])
    assert (shared.skill_scales_[1:] == 0).all()
    assert np.abs(proba(own, log) - proba(shared, log)).mean() < 0.01


def test_to_state_what_was_found_changes_little():
    log = with_columns(n_students=60, n_steps=20, n_skills=6)
    auto = PFAClassifier(averages=None, tol=1e-10).fit(log, log["correct"])
    stated = PFAClassifier(
        averages=None,
        tol=1e-10,
        C_skill=auto.skill_scales_["intercept"] ** 2,
        C_slope=np.mean(auto.skill_scales_.iloc[1:] ** 2),
        C_student=auto.student_scale_**2,
    ).fit(log, log["correct"])
    assert stated.skill_scales_["intercept"] == auto.skill_scales_["intercept"]
    np.testing.assert_allclose(proba(stated, log), proba(auto, log), atol=0.02)


def test_none_is_auto_to_the_last_bit():
    log = with_columns()
    auto = PFAClassifier(item="item_id").fit(log, log["correct"])
    none = clone(auto).set_params(C_item=None, C_student=None)
    p = proba(none.fit(log, log["correct"]), log)
    np.testing.assert_array_equal(p, proba(auto, log))


@pytest.mark.parametrize("averages", [None, "auto"])
def test_thirty_students_are_traced_better_by_what_their_class_says(averages):
    stated, auto = [], []
    for seed in range(2):
        X, y = make_interactions(n_students=130, n_skills=40, random_state=seed)
        class_, others = X["user_id"] < 30, X["user_id"] >= 30
        for losses, C in ((stated, {"C_skill": 1.0, "C_slope": 0.04}), (auto, {})):
            pfa = PFAClassifier(averages=averages, **C).fit(X[class_], y[class_])
            losses.append(log_loss(y[others], proba(pfa, X[others])))
    assert np.mean(auto) < np.mean(stated) - 0.001


@pytest.mark.parametrize("n_rows", [2, 12])
@pytest.mark.parametrize("counts", ["log", "linear"])
def test_a_dozen_answers_are_enough_to_be_sane(counts, n_rows):
    log = with_columns(n_students=3, n_steps=4, n_skills=3).head(n_rows)
    log["correct"] = np.arange(len(log)) % 2
    pfa = PFAClassifier(counts=counts).fit(log, log["correct"])
    assert pfa.skill_scales_["intercept"] == pytest.approx(0.3, abs=0.1)
    assert pfa.student_scale_ == pytest.approx(1, abs=0.4)
    p = proba(pfa, log)
    assert ((p > 0.1) & (p < 0.9)).all()


def test_averages_start_from_what_other_logs_say_and_a_tuple_from_nothing():
    log = with_columns(n_students=2, n_steps=2)
    auto = AFMClassifier().fit(log, log["correct"])
    stated = AFMClassifier(averages=(0.5, 0.8, 0.95)).fit(log, log["correct"])
    assert auto.average_effects_["all_answers"][0.8] == pytest.approx(0.7, abs=0.1)
    assert (stated.average_effects_.abs() < 0.1).all(axis=None)


@pytest.mark.parametrize("seed", [1, 3, 7])
def test_however_often_a_class_is_counted_scales_do_not_run_away(seed):
    """Weights count answers, so a class that counts for thirty is surer of itself."""
    X, y = make_classroom(n_students=8, random_state=seed)
    thirty, million = (
        PFAClassifier(max_iter=1000, tol=1e-3).fit(X, y, np.full(len(X), weight))
        for weight in (30.0, 1e6)
    )
    p = proba(thirty, X)
    assert ((p > 1e-6) & (p < 1 - 1e-6)).all()
    assert (million.skill_scales_ < 10).all()
    assert np.isfinite(proba(million, X)).all()
