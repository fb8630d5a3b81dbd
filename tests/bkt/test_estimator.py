"""What BKTClassifier says of logs, and what other tools get wrong."""

import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sktrace import BKTClassifier

from ..conftest import BELOW_HALF, CLOSE, make_log
from ._histories import simulate

STATED = {"prior": 0.6, "learn": 0.3, "guess": 0.2, "slip": 0.1, "forget": 0.3}


def bkt(**options):
    return BKTClassifier(random_state=0, **{"bounds": BELOW_HALF} | options)


def one_student(answers, skill="a", student="ann"):
    """Return a log of one student on one skill."""
    return pd.DataFrame(
        {
            "user_id": student,
            "order_id": np.arange(len(answers)),
            "skill_name": skill,
            "correct": answers,
        }
    )


@pytest.fixture(scope="module", params=[False, True], ids=["learning", "forgetting"])
def trained_bkt(request):
    log = make_log()
    return bkt(forget=request.param).fit(log, log["correct"])


@pytest.fixture(scope="module")
def class_log():
    """A class on three skills, of which one is hardly learnt."""
    parameters = {"easy": (0.6, 0.3), "medium": (0.3, 0.2), "hard": (0.1, 0.05)}
    logs = [
        simulate(seed, 200, 6, prior, learn, guess=0.2, slip=0.1).assign(
            skill_name=name
        )
        for seed, (name, (prior, learn)) in enumerate(parameters.items())
    ]
    return pd.concat(logs, ignore_index=True)


# --- the model -----------------------------------------------------------------------


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
    X = simulate(8, 20, 1200, prior=0.3, learn=0.05, guess=0.3, slip=0.2)
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


# --- fitting -------------------------------------------------------------------------


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


# --- warnings and refusals -----------------------------------------------------------


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


# --- what other tools get wrong (pyBKT 1.4.3) ----------------------------------------


@pytest.mark.parametrize("name", ["a+b", "f(x", "a.c", "x|y", "[", "^$", "*"])
def test_names_of_skills_are_names_not_patterns(class_log, name):
    renamed = class_log.replace({"skill_name": {"easy": name, "hard": "abc"}})
    model = bkt().fit(renamed, renamed["correct"])
    plain = bkt().fit(class_log, class_log["correct"])
    np.testing.assert_allclose(
        model.predict_proba(renamed), plain.predict_proba(class_log), **CLOSE
    )


def test_students_of_one_answer_count():
    # 60 students answer once, right, and two answer four times: 61 of 62 first answers
    # are right, of which a tool that drops sequences of length one knows little.
    ones = [one_student([1], student=f"s{i}") for i in range(60)]
    fours = [
        one_student(answers, student=f"t{i}")
        for i, answers in enumerate([[0, 0, 0, 1], [1, 0, 0, 1]])
    ]
    X = pd.concat([*ones, *fours], ignore_index=True)
    p = bkt(forget=True).fit(X, X["correct"]).predict_proba(X)[:, 1]
    first = (X["order_id"] == 0).to_numpy()
    np.testing.assert_allclose(p[first], 61 / 62, atol=0.02)


def test_a_skill_does_not_depend_on_the_others(class_log):
    together = bkt().fit(class_log, class_log["correct"]).params_
    for skill, rows in class_log.groupby("skill_name"):
        alone = bkt().fit(rows, rows["correct"]).params_
        # Skills stop together or apart; what they stop at differs by less than tol.
        pd.testing.assert_frame_equal(alone, together.loc[[skill]], rtol=0, atol=1e-9)


def test_fitting_again_changes_nothing(class_log):
    model = bkt().fit(class_log, class_log["correct"])
    first = model.params_.copy()
    pd.testing.assert_frame_equal(
        model.fit(class_log, class_log["correct"]).params_, first
    )


def test_a_row_of_nobody_is_refused_not_guessed(class_log):
    model = bkt().fit(class_log, class_log["correct"])
    X = class_log.assign(user_id=class_log["user_id"].astype(object))
    X.loc[3, "user_id"] = None
    with pytest.raises(ValueError, match="names no student in 1 row"):
        model.predict_proba(X)


def test_answers_that_parameters_rule_out_are_evidence_all_the_same():
    # slip = 0 and learn = 0: a wrong answer proves that the skill is not known.
    fixed = {"prior": 0.5, "learn": 0.0, "guess": 0.2, "slip": 0.0}
    X = one_student([0, 1])
    model = BKTClassifier(fixed=fixed).fit(X, X["correct"])
    assert model.knowledge_state(X)["a"].iloc[0] < 1e-100
    assert model.predict_proba(X)[1, 1] == 0.2
    # ... and where nothing can explain an answer, numbers stay numbers.
    X = one_student([0, 1, 0])
    model = BKTClassifier(fixed=fixed | {"guess": 0.0}).fit(X, X["correct"])
    assert np.isfinite(model.predict_proba(X)).all()
