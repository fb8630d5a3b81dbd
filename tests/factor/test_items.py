"""Items: against regressions built by hand, known truth, and rows that tie."""

from contextlib import suppress
from unittest import SkipTest

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from sktrace import AFMClassifier, PFAClassifier, RaschClassifier
from sktrace.preprocessing import PriorCounts
from sktrace.testing import _driven, tracer_checks

from ..conftest import proba
from ._logs import TIGHT, answer_items, with_columns

MODELS = {
    "AFM": AFMClassifier(item="item_id"),
    "PFA": PFAClassifier(item="item_id"),
    "PFA, items alone": PFAClassifier(
        item="item_id", averages=None, item_slopes=False, C_item=0.5
    ),
    "PFA without students": PFAClassifier(item="item_id", student_effect=None),
    "Rasch": RaschClassifier(),
    "two parameters": RaschClassifier(model="2pl"),
}
ALL_COLUMNS = {
    "item": "item_id",
    "time": "time",
    "half_life": 60.0,
    "features": ["week"],
    "past_features": ["hints"],
}

each = pytest.mark.parametrize("name", MODELS)


# --- a penalized regression --------------------------------------------------------


def test_rasch_is_a_regression_on_items_and_students():
    log = with_columns(ties=False)
    rasch = RaschClassifier(
        student_effect="fixed", C_student=0.8, C_item=0.4, C_skill=1.0, **TIGHT
    ).fit(log, log["correct"])
    encoder = OneHotEncoder().fit(log[["item_id", "user_id"]])
    n_items, n_students = map(len, encoder.categories_)
    scale = np.sqrt([0.4] * n_items + [0.8] * n_students)
    columns = encoder.transform(log[["item_id", "user_id"]]) @ sparse.diags(scale)
    # The one skill of the log is a column of ones, whose effect adds to the intercept.
    columns = sparse.hstack([np.ones((len(log), 1)), columns]).tocsr()
    by_hand = LogisticRegression(solver="newton-cg", **TIGHT)
    by_hand.fit(columns, log["correct"])
    expected = by_hand.predict_proba(columns)[:, 1]
    np.testing.assert_allclose(proba(rasch, log), expected, rtol=0, atol=1e-6)
    effects = scale * by_hand.coef_[0, 1:]
    np.testing.assert_allclose(
        rasch.items_["difficulty"], -effects[:n_items], rtol=0, atol=1e-5
    )
    np.testing.assert_allclose(
        rasch.student_effects_["effect"], effects[n_items:], rtol=0, atol=1e-5
    )


def test_afm_with_items_is_a_regression_on_them_and_on_attempts_at_them():
    log = with_columns(ties=False).sort_values(["user_id", "order_id"])
    afm = AFMClassifier(
        item="item_id",
        averages=None,
        student_effect=None,
        slopes="shared",
        C_skill=1.0,
        C_item=0.3,
        **TIGHT,
    ).fit(log, log["correct"])
    skills = OneHotEncoder().fit_transform(log[["skill_name"]])
    items = OneHotEncoder().fit_transform(log[["item_id"]]) * np.sqrt(0.3)
    on_skill = PriorCounts(counts=["attempts"], scale="log").fit_transform(log)
    on_item = np.log1p(log.groupby(["user_id", "item_id"]).cumcount())
    columns = sparse.hstack([skills, on_skill, items, on_item.to_numpy()[:, None]])
    by_hand = LogisticRegression(solver="newton-cg", **TIGHT)
    by_hand.fit(columns, log["correct"])
    expected = by_hand.predict_proba(columns)[:, 1]
    np.testing.assert_allclose(proba(afm, log), expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        afm.item_practice_["slope_attempts"], by_hand.coef_[0, -1], rtol=0, atol=1e-5
    )


def test_predictions_without_ability_can_be_read_off_the_tables():
    log = with_columns(ties=False).sort_values(["user_id", "order_id"])
    afm = AFMClassifier(item="item_id", averages=None, student_effect=None)
    afm.fit(log, log["correct"])
    counts = PriorCounts(counts=["attempts"], scale="log").fit_transform(log)
    effects = afm.skill_effects_.loc[log["skill_name"]].to_numpy()
    x = afm.intercept_ + effects[:, 0] + effects[:, 1] * counts[:, 0]
    x -= afm.items_["difficulty"].loc[log["item_id"]].to_numpy()
    attempts = log.groupby(["user_id", "item_id"]).cumcount()
    x += afm.item_practice_["slope_attempts"] * np.log1p(attempts.to_numpy())
    np.testing.assert_allclose(proba(afm, log), expit(x), rtol=0, atol=1e-12)


# --- truth -------------------------------------------------------------------------


def test_difficulties_and_their_spread_are_found():
    truth = np.random.default_rng(0).normal(0, 0.8, 60)
    log = answer_items(600, truth)
    rasch = RaschClassifier(persistence=1).fit(log, log["correct"])
    truth = truth - truth.mean()
    found = rasch.items_["difficulty"]
    assert np.corrcoef(found, truth)[0, 1] > 0.98
    assert rasch.item_scale_ == pytest.approx(truth.std(), rel=0.1)
    assert rasch.student_scale_ == pytest.approx(1, rel=0.1)
    assert found.mean() == pytest.approx(0, abs=0.01)
    z = (found - truth) / rasch.items_["se"]
    assert 0.7 < z.std() < 1.4  # the error is what it is said to be
    counted = log["item_id"].value_counts(sort=False)[found.index]
    assert rasch.items_["n_answers"].tolist() == counted.tolist()


def test_discriminations_are_found():
    rng = np.random.default_rng(1)
    difficulty, slope = rng.normal(size=40), np.exp(rng.normal(0, 0.4, 40))
    log = answer_items(800, difficulty, slope, n_steps=40, seed=1)
    one = RaschClassifier(persistence=1).fit(log, log["correct"])
    two = clone(one).set_params(model="2pl").fit(log, log["correct"])
    found = two.items_["discrimination"]
    assert np.corrcoef(found, slope)[0, 1] > 0.85
    assert found.mean() == pytest.approx(1, abs=0.1)
    assert "discrimination" not in one.items_
    new = answer_items(200, difficulty, slope, n_steps=40, seed=2)
    loss = [
        -np.mean(np.log(abs(1 - new["correct"] - proba(m, new)))) for m in (one, two)
    ]
    assert loss[1] < loss[0] - 0.001


def test_an_item_with_three_answers_is_nearly_its_skill_and_one_with_300_is_not():
    log = answer_items(500, np.random.default_rng(2).normal(size=30), seed=2)
    rare = log.index[log["order_id"] == 0][:303]
    log.loc[rare[:3], "item_id"], log.loc[rare[3:], "item_id"] = 100, 101
    log.loc[rare, "correct"] = 0  # as hard as can be
    for tracer in (RaschClassifier(), AFMClassifier(item="item_id", item_slopes=False)):
        difficulty = tracer.fit(log, log["correct"]).items_["difficulty"]
        assert 0 < difficulty[100] < 1.5
        assert difficulty[101] > 4
        assert tracer.items_["se"][100] > 2 * tracer.items_["se"][0]


@each
def test_an_unseen_item_is_the_average_item_of_its_skill(name):
    log = with_columns()
    tracer = clone(MODELS[name]).fit(log, log["correct"])
    new = pd.DataFrame(
        {
            "user_id": "new",
            "order_id": 0,
            "skill_name": "skill 1",
            "item_id": [77, np.nan, *tracer.items_.index],
            "correct": np.nan,
        }
    )
    p = proba(tracer, new)
    assert p[0] == p[1]
    if name == "PFA, items alone":  # of logits; others weigh ability by item, too
        spread = (logit(p[2:]) - logit(p[0])) / -tracer.items_["difficulty"]
        assert (spread > 0).all()
        assert np.ptp(spread) < 0.1


# --- moments and questions ---------------------------------------------------------


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_rows_of_a_question_are_one_piece_of_evidence(model):
    log = with_columns(ties=False)
    rasch = RaschClassifier(model=model, **TIGHT).fit(log, log["correct"])
    copies = np.random.default_rng(0).integers(1, 4, len(log))
    many = log.loc[log.index.repeat(copies)]
    np.testing.assert_allclose(
        proba(rasch, many), proba(rasch, log).repeat(copies), rtol=0, atol=1e-12
    )
    taught = clone(rasch).fit(many, many["correct"])
    np.testing.assert_allclose(proba(taught, log), proba(rasch, log), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(taught.items_["n_answers"], rasch.items_["n_answers"])
    np.testing.assert_array_equal(
        taught.student_effects_["n_answers"], rasch.student_effects_["n_answers"]
    )


@each
def test_a_question_unrolled_by_skill_moves_ability_once(name):
    log = with_columns(ties=False)
    tracer = clone(MODELS[name]).fit(log, log["correct"])
    past = pd.DataFrame(
        {
            "user_id": [-1, -1, -1, -2, -2, -3],  # whom fit did not meet
            "order_id": [0, 0, 1, 0, 1, 0],
            # Answers on skills 1 and 2 say nothing of practice of skill 3.
            "skill_name": [f"skill {k}" for k in (1, 2, 3, 1, 3, 1)],
            "item_id": [0, 0, 1, 0, 1, 0],
            "correct": [1, 1, np.nan, 1, np.nan, 1],
        }
    )
    if "Rasch" not in name and "two" not in name:
        # What one row teaches lies between the skills'; alike, it is the same.
        tracer._effects_.skills[:] = tracer._effects_.skills[:1]
    p = proba(tracer, past)
    assert p[2] == pytest.approx(p[4], abs=1e-12)


@each
def test_what_ties_or_comes_later_is_invisible_to_the_last_bit(name):
    log = with_columns(seed=3)
    tracer = clone(MODELS[name]).fit(log, log["correct"])
    changed, rng = log.copy(), np.random.default_rng(0)
    hidden = (log["order_id"] >= 2).to_numpy()
    changed.loc[hidden, "correct"] = rng.integers(0, 2, hidden.sum())
    later = (log["order_id"] > 2).to_numpy()
    changed.loc[later, "item_id"] = rng.integers(0, 9, later.sum())
    np.testing.assert_array_equal(
        proba(tracer, changed)[~later], proba(tracer, log)[~later]
    )


def test_past_features_of_the_own_moment_are_invisible_to_the_last_bit():
    log = with_columns(seed=3)
    tracer = PFAClassifier(**ALL_COLUMNS).fit(log, log["correct"])
    changed = log.assign(hints=log["hints"].where(log["order_id"] < 2, 7))
    shown = (log["order_id"] <= 2).to_numpy()
    before, after = proba(tracer, log), proba(tracer, changed)
    np.testing.assert_array_equal(after[shown], before[shown])
    assert (after != before)[~shown].any()


def test_rows_of_no_weight_teach_nothing():
    log = with_columns(seed=4)
    weight = (log["user_id"] % 3 > 0).to_numpy(float)
    tracer = PFAClassifier(**ALL_COLUMNS, **TIGHT)
    weighted = clone(tracer).fit(log, log["correct"], sample_weight=weight)
    absent = clone(tracer).fit(log[weight > 0], log["correct"][weight > 0])
    np.testing.assert_allclose(proba(weighted, log), proba(absent, log), atol=1e-6)
    # A row's target is not read either where others of its student are.
    weight = (log["order_id"] != 1).to_numpy(float)
    y = log["correct"].where(weight > 0, 1 - log["correct"])
    p = proba(clone(tracer).fit(log, log["correct"], sample_weight=weight), log)
    q = proba(clone(tracer).fit(log, y, sample_weight=weight), log)
    np.testing.assert_array_equal(p, q)


# --- what else is promised ---------------------------------------------------------


@pytest.mark.parametrize(
    "tracer",
    [
        AFMClassifier(**{**ALL_COLUMNS, "item": None}, averages=(0.0, 0.9)),
        AFMClassifier(item="item_id", student_effect="fixed", time="time"),
    ],
    ids=["AFM without items", "AFM fixed students"],
)
def test_the_contract_holds_with_further_columns(tracer):
    for name, check in tracer_checks().items():
        if name not in _driven.__all__:  # where columns have no part
            with suppress(SkipTest):
                check(tracer)


def test_states_of_live_tracers_are_never_changed():
    log = with_columns()
    live = PFAClassifier(**ALL_COLUMNS).fit(log, log["correct"]).tracer()
    told = {"item": 2, "time": 5.0, "features": [0.5], "past_features": [1.0]}
    live.update("ann", "skill 1", 1, **told)
    state = live.states_["ann"]
    before = [np.array(v) for v in state if isinstance(v, np.ndarray | float)]
    items = {item: own.copy() for item, own in state.items.items()}
    live.update("ann", ["skill 1", "skill 2"], [0, 1], **(told | {"time": 99.0}))
    for old, new in zip(
        before, [v for v in state if isinstance(v, np.ndarray | float)], strict=True
    ):
        np.testing.assert_array_equal(old, new)
    assert state.items.keys() == items.keys()
    np.testing.assert_array_equal(state.items[2], items[2])


@pytest.mark.parametrize("averages", [(0.5, 1.0), (-0.1,), [[0.5]]])
def test_averages_that_never_fade_are_refused(averages):
    log = with_columns()
    with pytest.raises(ValueError, match=r"expected decays of at least 0 and below 1"):
        AFMClassifier(averages=averages).fit(log, log["correct"])


def test_averages_of_answers_that_a_fixed_effect_has_seen_are_refused():
    log = with_columns()
    tracer = AFMClassifier(averages=(0.5,), student_effect="fixed")
    with pytest.raises(ValueError, match='student_effect="fixed", which has seen'):
        tracer.fit(log, log["correct"])
    tracer.set_params(averages=None).fit(log, log["correct"])
    tracer.set_params(averages="auto", item="item_id").fit(log, log["correct"])
    assert not hasattr(tracer, "average_effects_")


def test_rasch_without_a_column_of_items_is_refused():
    log = with_columns()
    with pytest.raises(ValueError, match=r"item=None; RaschClassifier expects"):
        RaschClassifier(item=None).fit(log, log["correct"])


def test_a_skill_that_has_but_one_item_takes_its_difficulty():
    log = with_columns(ties=False, n_students=60)
    log["item_id"] = log["skill_name"]
    tracer = AFMClassifier(item="item_id").fit(log, log["correct"])
    assert tracer.item_scale_ < 0.1
    plain = AFMClassifier(averages=None).fit(log, log["correct"])
    np.testing.assert_allclose(
        tracer.skill_effects_["intercept"], plain.skill_effects_["intercept"], atol=0.05
    )
