"""The means against pandas."""

import numpy as np
import pandas as pd
import pytest

from sktrace import MeanClassifier

from .conftest import make_log, proba

ROUNDING = {"rtol": 0, "atol": 1e-12}  # nothing but rounding may differ


def shrink(successes, attempts, mean, strength=5.0):
    return (successes + strength * mean) / (attempts + strength)


@pytest.mark.parametrize("strength", [0.1, 5.0, 100.0])
def test_a_skill_is_predicted_by_its_shrunk_mean(log, strength):
    tracer = MeanClassifier(strength=strength).fit(log, log["correct"])
    m = log["correct"].mean()
    by_skill = log.groupby("skill_name")["correct"].agg(["sum", "count"])
    expected = shrink(by_skill["sum"], by_skill["count"], m, strength)
    np.testing.assert_allclose(tracer.mean_, m, **ROUNDING)
    np.testing.assert_allclose(tracer.skill_means_, expected, **ROUNDING)
    p = log["skill_name"].map(expected)
    np.testing.assert_allclose(proba(tracer, log), p, **ROUNDING)


@pytest.mark.parametrize("strength", [0.1, 5.0, 100.0])
def test_a_student_is_predicted_by_the_shrunk_mean_so_far(strength):
    log = make_log(ties=False)
    tracer = MeanClassifier(by="student", strength=strength).fit(log, log["correct"])
    in_time = log.sort_values("order_id")
    past = in_time.groupby("user_id")["correct"].shift()
    past = past.groupby(in_time["user_id"]).expanding().agg(["sum", "count"])
    past = past.droplevel(0).fillna(0).reindex(log.index)
    expected = shrink(past["sum"], past["count"], log["correct"].mean(), strength)
    np.testing.assert_allclose(proba(tracer, log), expected, **ROUNDING)


def test_tied_answers_are_not_yet_past(log):
    tracer = MeanClassifier(by="student").fit(log, log["correct"])
    moments = log.groupby(["user_id", "order_id"])["correct"].agg(["sum", "count"])
    past = moments.groupby("user_id").cumsum() - moments
    p = shrink(past["sum"], past["count"], log["correct"].mean())
    expected = p.loc[pd.MultiIndex.from_frame(log[["user_id", "order_id"]])]
    np.testing.assert_allclose(proba(tracer, log), expected, **ROUNDING)


def test_queries_do_not_count(log):
    hidden = (log["order_id"] == 1).to_numpy()
    tracer = MeanClassifier(by="student").fit(log, log["correct"])
    p = proba(tracer, log.assign(correct=log["correct"].where(~hidden)))
    np.testing.assert_array_equal(p[hidden], proba(tracer, log)[hidden])
    without = proba(tracer, log[~hidden])
    np.testing.assert_allclose(p[~hidden], without, **ROUNDING)


@pytest.mark.parametrize("by", ["skill", "student"])
def test_a_stranger_is_predicted_by_the_overall_mean(log, by):
    tracer = MeanClassifier(by=by).fit(log, log["correct"])
    new = pd.DataFrame(
        {"user_id": ["new"], "order_id": [0], "skill_name": ["new"], "correct": [1]}
    )
    np.testing.assert_allclose(proba(tracer, new), log["correct"].mean(), **ROUNDING)


def test_weights_are_counts(log):
    weight = np.random.default_rng(0).integers(0, 4, len(log))
    repeated = log.loc[log.index.repeat(weight)]
    weighted = MeanClassifier().fit(log, log["correct"], sample_weight=weight)
    counted = MeanClassifier().fit(repeated, repeated["correct"])
    np.testing.assert_allclose(weighted.mean_, counted.mean_, **ROUNDING)
    np.testing.assert_allclose(weighted.skill_means_, counted.skill_means_, **ROUNDING)


@pytest.mark.parametrize("by", ["skill", "student"])
def test_inverted_labels_invert_predictions(log, by):
    right = MeanClassifier(by=by).fit(log, log["correct"])
    wrong = MeanClassifier(by=by).fit(log, 1 - log["correct"])
    np.testing.assert_allclose(proba(wrong, log), 1 - proba(right, log), **ROUNDING)
    np.testing.assert_array_equal(wrong.answer_means_, [1, 0])
    y = np.where(log["correct"] == 1, "correct", "wrong")  # "correct" sorts first
    words = MeanClassifier(by=by).fit(log, y)
    np.testing.assert_allclose(proba(words, log), 1 - proba(right, log), **ROUNDING)


def test_answers_count_by_what_they_say_of_the_target(log):
    y = np.random.default_rng(0).integers(0, 2, len(log))
    tracer = MeanClassifier(by="student").fit(log, y)
    expected = [y[log["correct"] == answer].mean() for answer in (0, 1)]
    np.testing.assert_allclose(tracer.answer_means_, expected, **ROUNDING)


def test_a_target_of_queries_alone_is_learnt(log):
    tracer = MeanClassifier().fit(log.assign(correct=np.nan), log["correct"])
    np.testing.assert_allclose(tracer.mean_, log["correct"].mean(), **ROUNDING)
    np.testing.assert_array_equal(tracer.answer_means_, [0, 1])


@pytest.mark.parametrize("strength", [0, -1.0])
def test_strength_is_positive(log, strength):
    with pytest.raises(ValueError, match="'strength' parameter of MeanClassifier"):
        MeanClassifier(strength=strength).fit(log, log["correct"])


def test_a_question_on_several_skills_is_one_row_of_the_mean(frame):
    frame["correct"] = [1, 0, 1, 0]
    frame["skill_name"] = ["sum~~cut~~fit", "sum", "cut", "cut"]
    mean = MeanClassifier().fit(frame, frame["correct"])
    assert mean.mean_ == 0.5


# --- items -------------------------------------------------------------------------


def with_items(log):
    items = np.random.default_rng(1).integers(0, 5, len(log)) * 10
    return log.assign(item_id=items).drop_duplicates(["user_id", "order_id", "item_id"])


@pytest.mark.parametrize("strength", [0.1, 5.0, 100.0])
def test_an_item_is_predicted_by_its_mean_shrunk_to_that_of_its_skills(log, strength):
    log = with_items(log)
    tracer = MeanClassifier(by="item", item="item_id", strength=strength)
    tracer.fit(log, log["correct"])
    by_skill = log.groupby("skill_name")["correct"].agg(["sum", "count"])
    m = log["correct"].mean()
    skills = shrink(by_skill["sum"], by_skill["count"], m, strength)
    skill = log["skill_name"].map(skills).groupby(log["item_id"]).mean()
    by_item = log.groupby("item_id")["correct"].agg(["sum", "count"])
    expected = shrink(by_item["sum"], by_item["count"], skill, strength)
    np.testing.assert_allclose(tracer.items_["mean"], expected, **ROUNDING)
    np.testing.assert_allclose(
        proba(tracer, log), log["item_id"].map(expected), **ROUNDING
    )
    assert tracer.items_["n_answers"].tolist() == by_item["count"].tolist()
    harder = expected < skill
    assert ((tracer.items_["difficulty"] > 0) == harder).all()
    # An unseen item, and none, are the skill's mean.
    for item in (77, np.nan):
        p = proba(tracer, log.assign(item_id=item))
        np.testing.assert_allclose(p, log["skill_name"].map(skills), **ROUNDING)


def test_rows_of_one_question_are_one_answer_of_the_item(log):
    log = with_items(log)
    tracer = MeanClassifier(by="item", item="item_id").fit(log, log["correct"])
    again = log.loc[log.index.repeat(np.arange(len(log)) % 3 + 1)]
    other = MeanClassifier(by="item", item="item_id").fit(again, again["correct"])
    assert other.items_["n_answers"].tolist() == tracer.items_["n_answers"].tolist()


def test_rows_of_an_item_without_weight_leave_it_unseen(log):
    log = with_items(log)
    weight = (log["item_id"] != 20).astype(float)
    tracer = MeanClassifier(by="item", item="item_id")
    tracer.fit(log, log["correct"], sample_weight=weight)
    unseen = proba(tracer, log.assign(item_id=77))
    rows = (log["item_id"] == 20).to_numpy()
    np.testing.assert_array_equal(proba(tracer, log)[rows], unseen[rows])


def test_the_mean_of_an_item_needs_a_column_of_items(log):
    with pytest.raises(ValueError, match=r'by="item" with item=None; expected the col'):
        MeanClassifier(by="item").fit(log, log["correct"])
