"""What items, groups and nights change, and what they leave as it is."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from sktrace import BKTClassifier

from ._items import HOUR, SKILL, make_columns, simulate_items
from ._models import bkt, one_student

COLUMNS = {"item": "item_id", "time": "time"}
GROUPS = {"learn_group": "kind", "prior_group": "group"}


@pytest.fixture(scope="module")
def drawn():
    return simulate_items(0, n_students=500, n_steps=10, n_items=25)


@pytest.fixture(scope="module")
def with_items(drawn):
    X, _ = drawn
    return bkt(item="item_id").fit(X, X["correct"])


@pytest.fixture
def columns():
    return make_columns(n_students=20, n_items=4, seed=1)


# --- what is found -----------------------------------------------------------------


def test_guess_slip_and_difficulty_of_items_are_recovered(drawn, with_items):
    _, truth = drawn
    items = with_items.items_
    assert items.index.tolist() == truth.index.tolist()
    for name in ("guess", "slip", "difficulty"):
        assert np.corrcoef(items[name], truth[name])[0, 1] > 0.9
    skill = with_items.params_.loc["skill"]
    np.testing.assert_allclose(skill, [*SKILL.values()], atol=0.06)


def test_standard_errors_say_how_far_difficulties_are_off():
    for seed, n_items in [(1, 30), (2, 300)]:  # 100 and 10 answers each
        X, truth = simulate_items(seed, n_students=300, n_items=n_items)
        items = bkt(item="item_id").fit(X, X["correct"]).items_
        even = (1 - truth["slip"] + truth["guess"]) / 2
        known = logit((1 - SKILL["slip"] + SKILL["guess"]) / 2) - logit(even)
        error = items["difficulty"] - known[items.index]
        assert 0.8 < ((error - error.mean()) / items["se"]).std() < 1.25


def test_the_spread_of_items_is_found():
    for spread in (0.1, 0.5, 1.5):
        X, _ = simulate_items(8, n_students=800, n_items=80, spread=spread)
        model = bkt(item="item_id").fit(X, X["correct"])
        assert model.spread_.keys() == {"guess", "slip"}
        assert 0.7 * spread < model.spread_["guess"] < 1.1 * spread + 0.2
    stated = bkt(item="item_id", spread=0.7).fit(X, X["correct"])
    assert stated.spread_ == {"guess": 0.7, "slip": 0.7}


def test_an_item_of_three_answers_is_nearly_its_skill(drawn):
    X, _ = drawn
    easy = one_student([1, 1, 1], "skill", student="new")
    X = pd.concat([X, easy.assign(item_id="rare")], ignore_index=True)
    often = X.assign(item_id=np.where(X["item_id"] == "i000", "i000", "other"))
    often.loc[often["item_id"] == "i000", "correct"] = 1
    items = bkt(item="item_id").fit(X, X["correct"]).items_
    assert items.loc["rare", "n_answers"] == 3
    assert -0.7 < items.loc["rare", "difficulty"] < -0.05
    always = bkt(item="item_id").fit(often, often["correct"]).items_
    assert always.loc["i000", "difficulty"] < -2


def test_learn_rates_by_group_of_rows_are_recovered():
    X, _ = simulate_items(3, 900, 8, spread=0.0, by_group={"learn": 0.4})
    model = bkt(learn_group="kind").fit(X, X["correct"])
    np.testing.assert_allclose(model.learn_groups_.loc["skill"], [0.15, 0.4], atol=0.07)
    assert model.learn_groups_.columns.tolist() == ["a", "b"]
    assert model.learn_groups_.columns.name == "kind"


def test_priors_by_group_of_students_are_recovered():
    X, _ = simulate_items(4, 900, 8, spread=0.0, by_group={"prior": 0.8})
    model = bkt(prior_group="own").fit(X, X["correct"])
    np.testing.assert_allclose(model.prior_groups_.loc["skill"], [0.4, 0.8], atol=0.07)
    first = X[X["order_id"] == 0]
    p = model.predict_proba(first)[:, 1]
    right = first.groupby("own")["correct"].mean()
    assert (
        abs(pd.Series(p).groupby(first["own"].to_numpy()).mean() - right).max() < 0.05
    )


def test_learn_rates_by_item_are_recovered():
    X, _ = simulate_items(5, 900, 8, n_items=2, spread=0.0)
    rng = np.random.default_rng(0)
    rows = []
    for student in range(900):  # items differ in what they teach, not in difficulty
        known = rng.random() < 0.2
        for step in range(8):
            item = rng.integers(2)
            right = rng.random() < (0.9 if known else 0.2)
            rows.append((student, step, "skill", int(right), ["idle", "teaches"][item]))
            known = known or rng.random() < [0.05, 0.4][item]
    X = pd.DataFrame(rows, columns=X.columns[:5])
    items = bkt(item="item_id", item_params=("learn",)).fit(X, X["correct"]).items_
    np.testing.assert_allclose(items["learn"], [0.05, 0.4], atol=0.08)
    assert (items["difficulty"] == 0).all()


def test_what_a_night_forgets_is_found():
    rng, rows = np.random.default_rng(6), []
    for student in range(600):
        known, time = rng.random() < 0.5, 0.0
        for step in range(10):
            if step:
                night = rng.random() < 0.4
                time += 16 * HOUR if night else 60
                lost = night and rng.random() < 0.3
                known = not lost if known else rng.random() < 0.2
            right = rng.random() < (0.9 if known else 0.2)
            rows.append((student, step, "skill", int(right), time))
    X = pd.DataFrame(
        rows, columns=["user_id", "order_id", "skill_name", "correct", "time"]
    )
    model = bkt(forget=True, time="time").fit(X, X["correct"])
    assert abs(model.params_.loc["skill", "forget"] - 0.3) < 0.05
    blind = bkt(forget=True).fit(X, X["correct"])
    assert model.log_likelihood_.sum() > blind.log_likelihood_.sum() + 20
    dates = X.assign(time=pd.Timestamp("2024-05-01") + pd.to_timedelta(X["time"], "s"))
    dated = bkt(forget=True, time="time").fit(dates, X["correct"])
    pd.testing.assert_frame_equal(dated.params_, model.params_)


# --- what stays --------------------------------------------------------------------


def test_without_spread_items_and_groups_change_nothing(columns):
    X, y = columns, columns["correct"]
    plain = bkt(beta_prior="weak", tol=1e-9).fit(X, y)
    split = bkt(item="item_id", **GROUPS, spread=1e-4, beta_prior="weak", tol=1e-9)
    # Rows that tie are answers to several questions, unless they name one item.
    alone = X[~X.duplicated(["user_id", "order_id", "item_id", "skill_name"])]
    split.fit(alone, alone["correct"])
    plain.fit(alone, alone["correct"])
    np.testing.assert_allclose(split.params_, plain.params_, atol=1e-4)
    np.testing.assert_allclose(
        split.predict_proba(alone), plain.predict_proba(alone), atol=1e-4
    )


def test_an_unseen_item_and_none_are_the_average_item(drawn, with_items):
    X = one_student([1, 0, 1, 1], "skill")
    stated = BKTClassifier(fixed=with_items.params_)
    expected = stated.fit(X.assign(correct=[1, 0, 1, 1]), X["correct"]).predict_proba(X)
    for item in ("never seen", None, np.nan):
        got = with_items.predict_proba(X.assign(item_id=item))
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    asked = with_items.predict_next(X.assign(item_id="i003"))
    assert asked.columns.tolist() == ["skill"]


def test_predictions_differ_by_item_as_the_table_says(drawn, with_items):
    X, _ = drawn
    first = X[X["order_id"] == 0]
    items = with_items.items_.loc[first["item_id"]]
    known = with_items.params_.loc["skill", "prior"]
    expected = known * (1 - items["slip"]) + (1 - known) * items["guess"]
    np.testing.assert_allclose(with_items.predict_proba(first)[:, 1], expected)
    asked = with_items.predict_next(X[:10], items=["i003", "i007"])
    assert asked.columns.tolist() == ["i003", "i007"]


def test_rows_of_one_moment_on_one_item_are_one_answer(with_items):
    X = one_student([1, 0, 1], "skill").assign(item_id=["i001", "i002", "i003"])
    twice = pd.concat([X, X.iloc[[1]]], ignore_index=True)
    other = pd.concat([X, X.iloc[[1]].assign(item_id="i004")], ignore_index=True)
    p = with_items.predict_proba(X)[:, 1]
    np.testing.assert_array_equal(with_items.predict_proba(twice)[:3, 1], p)
    assert with_items.predict_proba(other)[2, 1] < p[2]


def test_an_item_of_two_skills_has_rates_on_each_and_one_row():
    X, _ = simulate_items(7, 300, 6, n_items=10)
    both = pd.concat([X, X.assign(skill_name="other")], ignore_index=True)
    options = {"item": "item_id", "spread": 1.0, "beta_prior": "weak"}
    model = bkt(**options).fit(both, both["correct"])
    assert model.items_.index.is_unique
    assert model.items_["n_answers"].sum() == len(X)  # questions, not rows
    alone = bkt(**options).fit(X, X["correct"])
    np.testing.assert_allclose(
        model.items_["difficulty"], alone.items_["difficulty"], atol=1e-3
    )


def test_answers_of_no_weight_teach_nothing_of_their_items(columns):
    rng = np.random.default_rng(2)
    weight = rng.integers(0, 2, len(columns)).astype(float)
    flipped = columns.assign(
        correct=np.where(weight > 0, columns["correct"], 1 - columns["correct"])
    )
    model = bkt(**COLUMNS, **GROUPS, forget=True)
    one = model.fit(columns, columns["correct"], sample_weight=weight).items_
    two = model.fit(flipped, columns["correct"], sample_weight=weight).items_
    pd.testing.assert_frame_equal(one, two)
    unseen = one["n_answers"] == 0
    assert (one.loc[unseen, "difficulty"] == 0).all()


def test_stated_skills_leave_items_room(drawn):
    X, _ = drawn
    stated = bkt(fixed=SKILL, item="item_id").fit(X, X["correct"])
    assert stated.params_.loc["skill"].to_dict() == SKILL
    assert stated.items_["difficulty"].std() > 0.4


def test_bounds_are_of_skills(drawn):
    X, _ = drawn
    narrow = {"guess": (0, 0.15), "slip": (0, 0.5)}
    model = BKTClassifier(bounds=narrow, item="item_id", random_state=0)
    model.fit(X, X["correct"])
    assert model.params_.loc["skill", "guess"] == 0.15
    assert model.items_["guess"].max() > 0.15


def test_a_column_of_no_names_is_no_column(columns):
    nothing = columns.assign(item_id=np.nan, kind=None)
    model = bkt(item="item_id", learn_group="kind").fit(nothing, nothing["correct"])
    plain = bkt().fit(nothing, nothing["correct"])
    pd.testing.assert_frame_equal(model.params_, plain.params_)
    assert len(model.items_) == 0
    assert model.learn_groups_.shape == (2, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"item": "item_id"},
        {"item": "item_id", "item_params": ("learn", "slip"), "forget": True},
        COLUMNS | GROUPS | {"forget": True},
    ],
    ids=["items", "learn by item", "all columns"],
)
def test_the_live_tracer_reads_what_the_log_reads(columns, options):
    model = bkt(**options).fit(columns, columns["correct"])
    log = columns.assign(item_id=columns["item_id"].replace("item 0", "unseen"))
    p, tracer = pd.Series(np.nan, log.index), model.tracer()
    roles = {r: options[r] for r in ("item", "time", *GROUPS) if r in options}
    for (_, student), rows in log.groupby(["order_id", "user_id"]):
        further = {role: rows[column].tolist() for role, column in roles.items()}
        skills = rows["skill_name"].tolist()
        p[rows.index] = tracer.predict_proba(student, skills, **further).to_numpy()
        tracer.update(student, skills, rows["correct"].tolist(), **further)
    np.testing.assert_allclose(p, model.predict_proba(log)[:, 1], rtol=0, atol=1e-12)
    state = model.knowledge_state(log)
    for student, expected in model.predict_next(log).iterrows():
        got = tracer.predict_proba(student)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
        last = log[log["user_id"] == student].sort_values("order_id").index[-1]
        np.testing.assert_allclose(
            tracer.knowledge_state(student), state.loc[last], rtol=0, atol=1e-12
        )


# --- refusals ----------------------------------------------------------------------


def test_students_in_two_groups_are_refused_with_a_repair_that_works(columns):
    columns["group"] = np.where(columns.index % 2, "a", "b")
    message = (
        "Column 'group' (prior_group) differs between rows of 20 student(s): 0, 1, 2, "
    )
    model = bkt(prior_group="group")
    with pytest.raises(ValueError, match=f"^{re.escape(message)}") as refusal:
        model.fit(columns, columns["correct"])
    assert not hasattr(model, "skills_")
    X = columns
    code = str(refusal.value).split("Keep the first: ")[1].rstrip(".")
    exec(code, {}, {"X": X})
    model.fit(X, X["correct"])
    X.loc[0, "group"] = "c"
    with pytest.raises(ValueError, match=r"rows of 1 student\(s\)"):
        model.predict_proba(X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"item_params": ("guess", "forget")},
            "item_params names 'forget'; expected some of ['guess', 'slip', 'learn'], "
            'such as item_params=("guess", "slip").',
        ),
        (
            {"item_params": ("learn",), "learn_group": "kind"},
            "learn_group='kind', and 'learn' is in item_params; expected learn rates "
            "that differ by group or by item, not by both. Leave one out: "
            'learn_group=None, or item_params=("guess", "slip").',
        ),
    ],
)
def test_what_cannot_be_split_is_refused(columns, options, message):
    model = bkt(item="item_id", **options)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        model.fit(columns, columns["correct"])
