"""Factor models against regressions built by hand, and against known truth."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import OneHotEncoder

from sktrace import AFMClassifier, PFAClassifier
from sktrace.preprocessing import PriorCounts

from ..conftest import make_log, proba

COUNTS = {AFMClassifier: ["attempts"], PFAClassifier: ["successes", "failures"]}
TIGHT = {"tol": 1e-10, "max_iter": 1000}

both = pytest.mark.parametrize("Model", COUNTS)


def simulate(n_students, seed=0, slopes=(0.5, 0.2, 0.8), ability_scale=1.0, n_steps=24):
    """Draw answers from an additive factor model with log counts."""
    rng = np.random.default_rng(seed)
    easiness = np.linspace(-1, 1, len(slopes))
    ability = ability_scale * rng.normal(size=n_students)
    log = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(n_students), n_steps),
            "order_id": np.tile(np.arange(n_steps), n_students),
            "skill_name": rng.integers(0, len(slopes), n_students * n_steps),
        }
    )
    attempts = log.groupby(["user_id", "skill_name"]).cumcount()
    skill = log["skill_name"]
    x = ability[log["user_id"]] + easiness[skill]
    x += np.array(slopes)[skill] * np.log1p(attempts)
    return log.assign(correct=rng.binomial(1, expit(x)))


@pytest.fixture(scope="module")
def simulated():
    return simulate(1500)


# --- a logistic regression on counts -----------------------------------------------


def design(log, counts, scale, C_skill, C_slope):
    """Build the columns by hand, each block scaled by its prior."""
    options = {"counts": counts, "scale": scale}
    own = PriorCounts(by_skill=True, **options).fit_transform(log)
    n_skills = log["skill_name"].nunique()
    C = np.repeat([C_skill] + [C_slope] * len(counts), n_skills)
    shared = PriorCounts(**options).fit_transform(log)
    return sparse.hstack([own @ sparse.diags(np.sqrt(C)), shared], format="csr")


@both
@pytest.mark.parametrize("scale", ["log", "linear"])
def test_without_students_it_is_a_regression_on_prior_counts(Model, log, scale):
    tracer = Model(
        student_effect=None,
        averages=None,
        counts=scale,
        C_skill=0.7,
        C_slope=0.2,
        **TIGHT,
    ).fit(log, log["correct"])
    columns = design(log, COUNTS[Model], scale, 0.7, 0.2)
    by_hand = LogisticRegression(solver="newton-cg", **TIGHT)
    by_hand.fit(columns, log["correct"])
    expected = by_hand.predict_proba(columns)[:, 1]
    np.testing.assert_allclose(proba(tracer, log), expected, rtol=0, atol=1e-6)


@both
def test_with_fixed_students_it_is_that_and_a_column_per_student(Model, log):
    C = {"C_skill": 1.0, "C_slope": 0.04, "C_student": 0.49}
    tracer = Model(student_effect="fixed", **C, **TIGHT)
    tracer.fit(log, log["correct"])
    students = OneHotEncoder().fit_transform(log[["user_id"]]) * 0.7
    columns = sparse.hstack([design(log, COUNTS[Model], "log", 1.0, 0.04), students])
    by_hand = LogisticRegression(solver="newton-cg", **TIGHT)
    by_hand.fit(columns, log["correct"])
    expected = by_hand.predict_proba(columns)[:, 1]
    np.testing.assert_allclose(proba(tracer, log), expected, rtol=0, atol=1e-6)
    effects = tracer.student_effects_
    n_students = log["user_id"].nunique()
    np.testing.assert_allclose(
        effects["effect"], 0.7 * by_hand.coef_[0, -n_students:], atol=1e-5
    )
    assert effects.index.tolist() == sorted(log["user_id"].unique())
    assert (
        effects["n_answers"].tolist()
        == log["user_id"].value_counts(sort=False)[effects.index].tolist()
    )
    assert tracer.student_scale_ == 0.7


@both
@pytest.mark.parametrize("slopes", ["per_skill", "shared"])
def test_predictions_can_be_read_off_the_tables(Model, log, slopes):
    tracer = Model(student_effect=None, averages=None, slopes=slopes)
    tracer.fit(log, log["correct"])
    effects = tracer.skill_effects_.loc[log["skill_name"]].to_numpy()
    counts = PriorCounts(counts=COUNTS[Model], scale="log").fit_transform(log)
    x = tracer.intercept_ + effects[:, 0] + (effects[:, 1:] * counts).sum(axis=1)
    np.testing.assert_allclose(proba(tracer, log), expit(x), rtol=0, atol=1e-12)
    spread = np.ptp(tracer.skill_effects_.to_numpy()[:, 1:], axis=0)
    assert (spread == 0).all() == (slopes == "shared")


@both
def test_the_logits_of_several_skills_are_summed(Model, log):
    tracer = Model(student_effect=None, averages=None).fit(log, log["correct"])
    new = pd.DataFrame(
        {
            "user_id": range(3),
            "order_id": 0,
            "skill_name": ["skill 0", "skill 1", "skill 0~~skill 1"],
            "correct": np.nan,
        }
    )
    first, second, both = logit(proba(tracer, new)) - tracer.intercept_
    np.testing.assert_allclose(both, first + second, rtol=0, atol=1e-9)


@both
def test_an_unseen_skill_is_the_average_skill_with_counts_of_its_own(Model, log):
    tracer = Model(student_effect=None, averages=None).fit(log, log["correct"])
    average = tracer.skill_effects_.loc[log["skill_name"]].mean()
    np.testing.assert_allclose(tracer.average_skill_, average, rtol=0, atol=1e-12)
    new = log[log["user_id"] == log["user_id"][0]].assign(skill_name="new")
    counts = PriorCounts(counts=COUNTS[Model], scale="log").fit_transform(new)
    x = tracer.intercept_ + average.iloc[0] + counts @ average.iloc[1:]
    np.testing.assert_allclose(proba(tracer, new), expit(x), rtol=0, atol=1e-12)


@both
def test_rows_that_name_no_skill_are_survived_in_fit(Model, log):
    some = log.assign(skill_name=log["skill_name"].where(log["order_id"] > 0))
    p = proba(Model().fit(some, log["correct"]), log)
    assert np.isfinite(p).all()
    weight = (log["order_id"] == 0).astype(float)  # on rows without a skill alone
    tracer = Model().fit(some, log["correct"], sample_weight=weight)
    np.testing.assert_allclose(tracer.skill_effects_["intercept"], 0, atol=1e-6)


# --- ability -----------------------------------------------------------------------


def test_the_second_answer_is_predicted_by_what_the_first_says_of_ability(simulated):
    afm = AFMClassifier(persistence=1.0, averages=None)
    afm.fit(simulated, simulated["correct"])
    ability = np.linspace(-8, 8, 4001) * afm.student_scale_
    prior = np.exp(-0.5 * (ability / afm.student_scale_) ** 2)
    effects = afm.intercept_ + afm.skill_effects_["intercept"]
    for answer in (0, 1):
        new = pd.DataFrame(
            {
                "user_id": "new",
                "order_id": [1, 2],
                "skill_name": [0, 2],
                "correct": [answer, np.nan],
            }
        )
        right = expit(effects[0] + ability)
        belief = prior * (right if answer else 1 - right)
        expected = [
            np.average(right, weights=prior),
            np.average(expit(effects[2] + ability), weights=belief),
        ]
        np.testing.assert_allclose(proba(afm, new), expected, rtol=0, atol=5e-4)


def test_known_truth_is_recovered(simulated):
    afm = AFMClassifier().fit(simulated, simulated["correct"])
    effects = afm.skill_effects_
    np.testing.assert_allclose(
        afm.intercept_ + effects["intercept"], [-1, 0, 1], rtol=0, atol=0.12
    )
    np.testing.assert_allclose(
        effects["slope_attempts"], [0.5, 0.2, 0.8], rtol=0, atol=0.1
    )
    np.testing.assert_allclose(afm.student_scale_, 1.0, rtol=0, atol=0.08)


@pytest.mark.parametrize("ability_scale", [0.4, 1.0, 1.8])
def test_how_much_students_differ_is_found(ability_scale):
    log = simulate(800, seed=1, ability_scale=ability_scale)
    afm = AFMClassifier().fit(log, log["correct"])
    np.testing.assert_allclose(afm.student_scale_, ability_scale, rtol=0.12)


def test_abilities_of_training_students_are_found():
    log = simulate(300, seed=2, n_steps=60)
    truth = np.random.default_rng(2).normal(size=300)  # as `simulate` drew them
    afm = AFMClassifier().fit(log, log["correct"])
    z = (afm.student_effects_["effect"] - truth) / afm.student_effects_["sd"]
    assert 0.8 < z.std() < 1.3  # sd is that, but for what is unknown of skills


@both
def test_tracing_new_students_beats_knowing_nothing_of_them(Model, simulated):
    train, test = simulated[simulated["user_id"] < 700], simulate(300, seed=9)
    test = test.assign(user_id=test["user_id"] + 10_000)
    loss = {
        effect: log_loss(
            test["correct"],
            proba(Model(student_effect=effect).fit(train, train["correct"]), test),
        )
        for effect in ("online", "fixed", None)
    }
    assert loss["online"] < loss[None] - 0.005
    # Ability 0 for everybody, where it was fitted along, is worse than none at all.
    assert loss[None] < loss["fixed"] - 0.001


def test_answers_of_long_ago_weigh_less_the_less_ability_persists(log):
    past = pd.DataFrame(
        {
            "user_id": np.repeat([0, 1], 21),
            "order_id": np.tile(np.arange(21), 2),
            "skill_name": "skill 0",
            "correct": np.tile([0] * 10 + [1] * 10 + [np.nan], 2),
        }
    )
    past.loc[21:40, "correct"] = [1] * 10 + [0] * 10
    gain = []
    for persistence in (1.0, 0.98, 0.8):
        afm = AFMClassifier(persistence=persistence, C_student=1.0, averages=None)
        p = proba(afm.fit(log, log["correct"]), past)
        gain.append(p[20] - p[41])  # improved, against got worse
    assert gain[0] < gain[1] < gain[2]


# --- what else is promised ---------------------------------------------------------


@both
def test_positive_learning_rates_are_not_negative(Model):
    log = simulate(200, slopes=(-0.6, 0.5, -0.2))
    free = Model(student_effect=None, C_slope=1.0).fit(log, log["correct"])
    tracer = clone(free).set_params(positive=True).fit(log, log["correct"])
    rate = f"slope_{COUNTS[Model][0]}"
    assert (tracer.skill_effects_[rate] >= 0).all()
    if Model is AFMClassifier:
        assert np.sign(free.skill_effects_[rate]).tolist() == [-1, 1, -1]
        assert tracer.skill_effects_[rate].tolist()[::2] == [0, 0]
        # What stays is fitted as if the other skills were never counted.
        assert tracer.skill_effects_[rate][1] > 0.2


@both
@pytest.mark.parametrize("student_effect", ["online", "fixed", None])
@pytest.mark.parametrize("positive", [False, True])
def test_inverted_labels_invert_predictions(Model, log, student_effect, positive):
    tracer = Model(student_effect=student_effect, positive=positive, **TIGHT)
    right = proba(clone(tracer).fit(log, log["correct"]), log)
    inverted = clone(tracer).fit(log, 1 - log["correct"])
    np.testing.assert_allclose(proba(inverted, log), 1 - right, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(inverted.answer_means_, [1, 0])


@both
def test_weights_are_counts_of_students(Model, log):
    weight = (log["user_id"] % 3).to_numpy()
    copies = [log[weight >= 1], log[weight >= 2].assign(user_id=lambda X: -X.user_id)]
    repeated = pd.concat(copies)
    tracer = Model(student_effect=None, **TIGHT)
    weighted = clone(tracer).fit(log, log["correct"], sample_weight=weight)
    counted = clone(tracer).fit(repeated, repeated["correct"])
    np.testing.assert_allclose(
        weighted.skill_effects_, counted.skill_effects_, rtol=0, atol=1e-6
    )


@both
def test_a_query_leaves_no_trace_to_the_last_bit(Model, log):
    log["correct"] = log["correct"].astype(float)
    tracer = Model().fit(log, log["correct"])
    queries = log.assign(correct=np.nan, order_id=log["order_id"] + 0.5)
    p = proba(tracer, pd.concat([log, queries]))
    np.testing.assert_array_equal(p[: len(log)], proba(tracer, log))


@both
def test_one_skill_and_students_of_one_row_are_enough(Model):
    log = make_log(n_students=9, n_skills=1, n_steps=1)
    tracer = Model().fit(log, log["correct"])
    assert np.ptp(proba(tracer, log)) < 1e-9
    np.testing.assert_allclose(
        proba(tracer, log).mean(), log["correct"].mean(), atol=0.02
    )


def test_weight_on_one_class_alone_is_refused(log):
    with pytest.raises(ValueError, match=r"All rows with weight are of class 1; AFMC"):
        AFMClassifier().fit(log, log["correct"], sample_weight=log["correct"])


def test_too_few_steps_are_told(log):
    with pytest.warns(ConvergenceWarning):
        PFAClassifier(max_iter=1).fit(log, log["correct"])


@pytest.mark.parametrize(
    "parameter",
    [{"persistence": 1.1}, {"C_skill": 0}, {"counts": "square"}, {"slopes": "none"}],
)
def test_parameters_out_of_range_are_refused(log, parameter):
    (name,) = parameter
    with pytest.raises(ValueError, match=f"'{name}' parameter of PFAClassifier"):
        PFAClassifier(**parameter).fit(log, log["correct"])


def test_a_fit_without_students_leaves_no_table_of_students(log):
    afm = AFMClassifier().fit(log, log["correct"])
    afm.set_params(student_effect=None).fit(log, log["correct"])
    assert not hasattr(afm, "student_effects_")
    assert not hasattr(afm, "student_scale_")
