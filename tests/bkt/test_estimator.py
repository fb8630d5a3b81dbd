"""What BKTClassifier says of logs, against its equations worked out by hand."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier

from ..conftest import CLOSE, make_log
from ._histories import simulate
from ._models import STATED, bkt, one_student


@pytest.fixture(scope="module", params=[False, True], ids=["learning", "forgetting"])
def trained_bkt(request):
    log = make_log()
    return bkt(forget=request.param).fit(log, log["correct"])


def test_a_curve_from_stated_parameters():
    # The course's example: answers of one student under five stated parameters.
    X = one_student([1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1])
    model = BKTClassifier(fixed=STATED).fit(X, X["correct"])
    known, curve, predicted = STATED["prior"], [], []
    for answer in X["correct"]:
        p_correct = known * 0.9 + (1 - known) * 0.2
        predicted.append(p_correct)
        posterior = known * (0.9 if answer else 0.1)
        posterior /= p_correct if answer else 1 - p_correct
        known = posterior * 0.7 + (1 - posterior) * 0.3
        curve.append(known)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], predicted, rtol=1e-12)
    np.testing.assert_allclose(model.knowledge_state(X)["a"], curve, rtol=1e-12)
    assert model.params_.loc["a"].to_dict() == STATED


@pytest.mark.parametrize(("n_right", "n_wrong"), [(25, 60), (400, 200)])
def test_what_seemed_certain_can_turn_out_wrong(n_right, n_wrong):
    # Without forgetting, too, doubt survives any number of right answers.
    fixed = {"prior": 0.5, "learn": 0.1, "guess": 0.2, "slip": 0.1}
    X = one_student([1] * n_right + [0] * n_wrong)
    model = BKTClassifier(fixed=fixed).fit(X, X["correct"])
    unknown, known, predicted = Fraction(1, 2), Fraction(1, 2), []
    guess, slip, learn = Fraction(1, 5), Fraction(1, 10), Fraction(1, 10)
    for answer in X["correct"]:
        predicted.append(float(known * (1 - slip) + unknown * guess))
        unknown *= guess if answer else 1 - guess
        known *= 1 - slip if answer else slip
        known, unknown = known + unknown * learn, unknown * (1 - learn)
        total = known + unknown
        known, unknown = known / total, unknown / total
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], predicted, atol=1e-9)
    tracer = model.tracer()
    for answer in X["correct"]:
        tracer.update("ann", "a", answer)
    expected = model.predict_next(X).iloc[0, 0]
    assert tracer.predict_proba("ann").iloc[0] == pytest.approx(expected, rel=1e-9)


def test_long_histories_can_be_fitted():
    X = simulate(8, 20, 600, prior=0.3, learn=0.05, guess=0.3, slip=0.2)
    free = BKTClassifier(random_state=0).fit(X, X["correct"])
    bounded = bkt().fit(X, X["correct"])
    assert free.log_likelihood_.sum() >= bounded.log_likelihood_.sum() - 0.01
    np.testing.assert_allclose(
        free.params_.loc["skill", ["guess", "slip"]], [0.3, 0.2], atol=0.05
    )


@pytest.mark.parametrize(
    "stated", [{"slip": 0.0}, {"guess": 0.0, "slip": 0.0}, {"prior": 1.0, "slip": 0.0}]
)
def test_certainties_may_be_stated(class_log, stated):
    model = bkt(fixed=stated).fit(class_log, class_log["correct"])
    assert model.params_.notna().all().all()
    assert np.isfinite(model.predict_proba(class_log)).all()


def test_params_are_a_table_by_skill(trained_bkt):
    params = trained_bkt.params_
    assert params.index.tolist() == trained_bkt.skills_.tolist()
    assert params.index.name == "skill_name"
    assert params.columns.tolist() == ["prior", "learn", "guess", "slip", "forget"]
    assert ((params >= 0) & (params <= 1)).all().all()
    assert (params["forget"] > 0).any() == trained_bkt.forget
    assert trained_bkt.log_likelihood_.index.equals(params.index)


def test_log_likelihood_is_that_of_the_predictions():
    log = make_log(ties=False)
    model = bkt().fit(log, log["correct"])
    p = model.predict_proba(log)
    own = pd.Series(np.log(p[np.arange(len(log)), log["correct"]]))
    by_skill = own.groupby(log["skill_name"]).sum()
    np.testing.assert_allclose(model.log_likelihood_, by_skill, rtol=1e-12)


def test_knowledge_state_is_what_the_next_answer_is_predicted_from(trained_bkt, log):
    state = trained_bkt.knowledge_state(log)
    assert state.index.equals(log.index)
    params = trained_bkt.params_
    p = state * (1 - params["slip"]) + (1 - state) * params["guess"]
    moment = log["order_id"].to_numpy()
    for i in range(0, len(log), 7):
        past = log[(log["user_id"] == log["user_id"][i]) & (moment <= moment[i])]
        now = trained_bkt.predict_next(past).loc[log["user_id"][i]]
        np.testing.assert_allclose(p.loc[i], now, **CLOSE)


def test_a_skill_never_practised_is_in_its_prior(trained_bkt, log):
    one = log[(log["user_id"] == log["user_id"][0]) & (log["skill_name"] == "skill 1")]
    state = trained_bkt.knowledge_state(one)
    for skill in ["skill 0", "skill 2", "skill 3"]:
        assert (state[skill] == trained_bkt.params_.loc[skill, "prior"]).all()


def test_an_unseen_skill_has_the_average_parameters(class_log):
    model = bkt().fit(class_log, class_log["correct"])
    rows = class_log["skill_name"].value_counts()[model.params_.index]
    average = np.average(model.params_, axis=0, weights=rows)
    X = one_student([0, 1, 1])
    stated = BKTClassifier(fixed=dict(zip(model.params_, average, strict=True)))
    expected = stated.fit(X, X["correct"]).predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), expected, **CLOSE)


def test_the_live_tracer_says_what_the_log_says(trained_bkt, log):
    tracer = trained_bkt.tracer()
    p = pd.Series(np.nan, log.index)
    for (_, student), rows in log.groupby(["order_id", "user_id"]):
        skills, answers = rows["skill_name"].tolist(), rows["correct"].tolist()
        p[rows.index] = tracer.predict_proba(student, skills).to_numpy()
        tracer.update(student, skills, answers)
    np.testing.assert_allclose(
        p, trained_bkt.predict_proba(log)[:, 1], rtol=0, atol=1e-12
    )
    for student, expected in trained_bkt.predict_next(log).iterrows():
        np.testing.assert_allclose(tracer.predict_proba(student), expected, atol=1e-12)
        last = log[log["user_id"] == student].sort_values("order_id").index[-1]
        state = trained_bkt.knowledge_state(log).loc[last]
        pd.testing.assert_series_equal(
            tracer.knowledge_state(student), state, check_names=False, atol=1e-12
        )


def test_a_question_on_several_skills_is_evidence_on_each(class_log):
    model = bkt().fit(class_log, class_log["correct"])
    X = one_student([1, 0, 1])
    X["skill_name"] = ["easy~~hard", "hard", "easy~~hard"]
    each = X.assign(skill_name=X["skill_name"].str.split("~~")).explode("skill_name")
    p = pd.Series(model.predict_proba(each)[:, 1], each.index)
    np.testing.assert_allclose(
        model.predict_proba(X)[:, 1], p.groupby(level=0).mean(), rtol=1e-14
    )
    state = model.knowledge_state(X)
    alone = model.knowledge_state(X[:1].assign(skill_name="hard"))
    assert state.loc[0, "hard"] == alone.loc[0, "hard"]
