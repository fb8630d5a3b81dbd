"""Items, times, features and past features, as a network reads them in numbers."""

import numpy as np
import pandas as pd
import pytest

from ..conftest import CLOSE, make_log, proba, small_dkt

ALL = {
    "item": "item_id",
    "time": "time",
    "features": ["week", "hints"],
    "past_features": ["took", "tries"],
}


def add_columns(log, seed=0):
    rng, n = np.random.default_rng(seed), len(log)
    log = log.assign(
        item_id=rng.choice(["a", "b", "c", "d"], n),
        time=log["order_id"] * 60.0 + rng.integers(0, 90, n),
        week=rng.integers(0, 9, n),
        hints=rng.normal(5, 2, n),
        took=rng.exponential(30, n),
        tries=rng.integers(1, 4, n),
    )
    for column in ("item_id", "time", "hints", "took"):
        log.loc[rng.uniform(size=n) < 0.15, column] = np.nan
    return log


@pytest.fixture
def log():
    return add_columns(make_log(n_students=14, n_steps=16))


@pytest.fixture(scope="module")
def tracer():
    log = add_columns(make_log(n_students=14, n_steps=16))
    return small_dkt(lr=0.1, max_epochs=3, **ALL).fit(log, log["correct"])


@pytest.mark.parametrize("order", [0, 2, 4])
def test_own_tied_and_later_past_features_are_invisible(tracer, log, order):
    hidden = log["order_id"] >= order
    changed = log.copy()
    changed.loc[hidden, ["took", "tries"]] = 7.0, 1
    seen = (log["order_id"] <= order).to_numpy()
    p, q = proba(tracer, log), proba(tracer, changed)
    np.testing.assert_array_equal(p[seen], q[seen])
    assert (p != q)[~seen].any()


@pytest.mark.parametrize("order", [1, 3])
def test_later_answers_times_items_and_features_are_invisible(tracer, log, order):
    later = log["order_id"] >= order
    changed = log.copy()
    changed.loc[later, "correct"] = 1 - changed.loc[later, "correct"]
    later = log["order_id"] > order
    changed.loc[later, ["time", "item_id", "week", "hints"]] = 1e6, "a", 0, -3.0
    seen = (log["order_id"] <= order).to_numpy()
    p, q = proba(tracer, log), proba(tracer, changed)
    np.testing.assert_array_equal(p[seen], q[seen])
    assert (p != q)[~seen].any()


def test_a_row_without_answer_changes_nothing_else(tracer, log):
    asked = log.assign(
        correct=np.nan, took=1e3, order_id=log["order_id"] + 0.5, item_id="b", time=1e5
    )
    both = pd.concat([log, asked], ignore_index=True)
    np.testing.assert_allclose(
        proba(tracer, both)[: len(log)], proba(tracer, log), rtol=0, atol=1e-7
    )


def test_live_predictions_are_those_of_the_log(tracer, log):
    live, p = tracer.tracer(), pd.Series(np.nan, log.index)
    for (_, student), rows in log.groupby(["order_id", "user_id"]):
        before = {
            "item": rows["item_id"].tolist(),
            "time": rows["time"].tolist(),
            "features": rows[["week", "hints"]],
        }
        skills = rows["skill_name"].tolist()
        p[rows.index] = live.predict_proba(student, skills, **before).to_numpy()
        after = rows[["took", "tries"]]
        answers = rows["correct"].tolist()
        live.update(student, skills, answers, past_features=after, **before)
    np.testing.assert_allclose(p, proba(tracer, log), **CLOSE)
    replayed = tracer.tracer(log)
    now, items = tracer.predict_next(log), tracer.predict_next(log, items=["a", "d"])
    for student in now.index:
        for tracing in (live, replayed):
            np.testing.assert_allclose(
                tracing.predict_proba(student), now.loc[student], **CLOSE
            )
            np.testing.assert_allclose(
                tracing.predict_proba(student, item=["a", "d"]),
                items.loc[student],
                **CLOSE,
            )


def test_what_one_column_says_is_read_without_the_others(log):
    for role, columns in ALL.items():
        tracer = small_dkt(lr=0.1, **{role: columns}).fit(log, log["correct"])
        names = columns if isinstance(columns, list) else [columns]
        base = proba(tracer, log)
        for name in names:
            mixed = log[name].sample(frac=1, random_state=1).to_numpy()
            assert (proba(tracer, log.assign(**{name: mixed})) != base).any()
        others = log[["user_id", "order_id", "skill_name", "correct", *names]]
        np.testing.assert_array_equal(proba(tracer, others), base)


def test_scales_are_those_of_rows_with_weight(log):
    weight = (log["week"] < 5).astype(float)
    tracer = small_dkt(**ALL).fit(log, log["correct"], sample_weight=weight)
    taught = log[weight > 0]
    names, before = ["week", "hints"], tracer._numbers_.before
    np.testing.assert_allclose(before.mean[:2], taught[names].mean())
    np.testing.assert_allclose(before.sd[:2], taught[names].std(ddof=0))
    after = tracer._numbers_.after
    np.testing.assert_allclose(after.mean[:2], taught[["took", "tries"]].mean())
    assert np.isinf(after.sd[3])  # tries never miss: a mark would say nothing
    spoilt = log.copy()
    spoilt.loc[weight == 0, "week"] = 10**6
    again = small_dkt(**ALL).fit(spoilt, log["correct"], sample_weight=weight)
    np.testing.assert_allclose(again._numbers_.before.mean, before.mean)


def test_shifted_and_stretched_features_are_the_same_features(log):
    columns = {"features": ["week", "hints"], "past_features": ["took"]}
    p = proba(small_dkt(**columns).fit(log, log["correct"]), log)
    other = log.assign(hints=3 + 50 * log["hints"], took=3 + 1e-3 * log["took"])
    q = proba(small_dkt(**columns).fit(other, log["correct"]), other)
    np.testing.assert_allclose(q, p, rtol=0, atol=1e-5)


def test_times_that_are_shifted_have_the_same_gaps(log):
    tracer = small_dkt(time="time").fit(log, log["correct"])
    later = log.assign(time=log["time"] + 1e6)
    np.testing.assert_array_equal(proba(tracer, later), proba(tracer, log))
    dates = log.assign(time=pd.to_datetime(log["time"], unit="s", utc=True))
    np.testing.assert_array_equal(proba(tracer, dates), proba(tracer, log))
    again = small_dkt(time="time").fit(dates, log["correct"])
    np.testing.assert_array_equal(proba(again, log), proba(tracer, log))


def test_numbers_of_a_log_are_those_of_the_formula(log):
    tracer = small_dkt(**ALL).fit(log, log["correct"])
    read, timeline = tracer._read(log)
    told = tracer._numbers_.tell(read, timeline)
    before = told.known_before["before"]
    difficulty = tracer.items_["difficulty"].reindex(log["item_id"]).fillna(0)
    np.testing.assert_array_equal(before[:, 0], difficulty)
    week = (log["week"] - log["week"].mean()) / log["week"].std(ddof=0)
    np.testing.assert_allclose(before[:, 4], week)
    assert set(told.known_before) == {"item", "before"}
    assert set(told.known_after) == {"after"}
    assert np.isfinite(before).all()


def test_rows_agree_in_any_order(tracer, log):
    rows = np.random.default_rng(0).permutation(len(log))
    shuffled = log.iloc[rows]
    np.testing.assert_array_equal(proba(tracer, shuffled), proba(tracer, log)[rows])
    again = small_dkt(lr=0.1, max_epochs=3, **ALL).fit(shuffled, shuffled["correct"])
    np.testing.assert_array_equal(proba(again, log), proba(tracer, log))


def test_a_feature_that_decides_is_learnt():
    log, rng = make_log(n_students=80, n_steps=20), np.random.default_rng(1)
    log["hint"] = rng.normal(100, 20, len(log))
    log["noise"] = rng.uniform(size=len(log))
    log["correct"] = (log["hint"] + rng.normal(0, 10, len(log)) > 100).astype(int)
    tracer = small_dkt(features=["noise", "hint"], max_epochs=15)
    p = proba(tracer.fit(log, log["correct"]), log)
    assert np.corrcoef(p, log["hint"])[0, 1] > 0.8
    assert abs(np.corrcoef(p, log["noise"])[0, 1]) < 0.2


@pytest.mark.parametrize("role", ["time", "features", "past_features"])
def test_outcomes_are_not_read_from_further_columns(log, role):
    clf = small_dkt(task="many-to-one", **{role: ALL[role]})
    with pytest.raises(ValueError, match=f"{role}=.* under task='many-to-one'"):
        clf.fit([log, log], [0, 1])
