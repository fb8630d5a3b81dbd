import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sktrace._blend.held_out import hold_out, share_questions
from sktrace._blend.weights import blend_predictions, guess_weights, learn_weights
from sktrace.metrics import question_level
from tests.conftest import make_log


def draw(n=20_000, seed=0):
    """Draw logits of two independent causes, and answers that follow their sum."""
    rng = np.random.default_rng(seed)
    causes = rng.normal(size=(2, n))
    return causes, (rng.uniform(size=n) < expit(causes.sum(axis=0))).astype(int)


def lose(weights, logits, target, strength=0, guess=0):
    """Write the penalized loss out, answer by answer."""
    loss = sum(
        -np.log(expit(w if y else -w))
        for w, y in zip(np.dot(weights, logits), target, strict=True)
    )
    return loss + strength / 2 * sum((np.asarray(weights) - guess) ** 2)


def learn(p, target, weight=None, student=None):
    """Learn weights of rows that weigh 1, ten rows from each student."""
    n = len(target)
    weight = np.ones(n) if weight is None else weight
    return learn_weights(
        p, target, weight, np.arange(n) // 10 if student is None else student
    )


def test_logits_are_added_up():
    p = [np.array([0.2, 0.5, 0.9]), np.array([0.6, 0.5, 0.1])]
    logits = [
        0.75 * np.log(a / (1 - a)) + 0.5 * np.log(b / (1 - b))
        for a, b in zip(*p, strict=True)
    ]
    np.testing.assert_allclose(
        blend_predictions(p, [0.75, 0.5]), 1 / (1 + np.exp(-np.array(logits)))
    )
    np.testing.assert_allclose(blend_predictions(p, [1, 0]), p[0], atol=1e-12)


def test_no_blend_is_certain():
    p = blend_predictions([np.array([0.0, 1.0]), np.array([0.5, 0.5])], [5.0, 1.0])
    assert 0 < p[0] < 1e-5
    assert 1 - 1e-5 < p[1] < 1


def test_the_truth_has_all_weight_and_noise_none():
    causes, target = draw()
    noise = np.random.default_rng(1).normal(size=len(target))
    members = [expit(causes.sum(axis=0)), expit(noise), expit(-causes[0])]
    weights = learn(members, target)
    np.testing.assert_allclose(weights, [1, 0, 0], atol=0.05)
    assert (weights >= 0).all()


def test_what_each_knows_of_half_is_added_up():
    causes, target = draw()
    np.testing.assert_allclose(learn(expit(causes), target), [1, 1], atol=0.06)


def test_members_that_agree_have_equal_weights():
    causes, target = draw(2000)
    p = expit(causes.sum(axis=0))
    weights = learn([p, p, p], target)
    np.testing.assert_allclose(weights, weights[0])
    assert weights.sum() == pytest.approx(1, abs=0.1)


def test_weights_minimize_the_penalized_loss():
    causes, target = draw(60)
    weights = learn(expit(causes), target)
    rows = np.arange(60).reshape(6, 10)  # by student
    by_student = np.array(
        [[lose(own, causes[:, r], target[r]) for r in rows] for own in np.eye(2)]
    )
    more = by_student - by_student[by_student.sum(axis=1).argmin()]
    z = [d.sum() / np.sqrt((d**2).sum()) if d.any() else 0 for d in more]
    guess = np.exp(-np.square(z) / 2) / np.exp(-np.square(z) / 2).sum()
    least = lose(weights, causes, target, 30, guess)
    for step in (-0.01, 0.01):
        for direction in np.eye(2):
            other = weights + step * direction
            assert lose(other, causes, target, 30, guess) > least


def test_who_is_better_is_told_by_students_not_by_answers():
    better = np.array([[1.0, 1.0, 1.0, 1.0], [1.1, 1.2, 1.1, 1.2]])
    student = np.arange(4)
    surely = guess_weights(better, student)
    as_one = guess_weights(better, np.zeros(4, dtype=int))
    one_only = guess_weights(better * [1, 0, 0, 0] + 1, student)
    assert surely[0] > 0.8  # all four students agree
    np.testing.assert_allclose(as_one, one_only)  # one student's word
    np.testing.assert_allclose(guess_weights(better[[0, 0]], student), 0.5)


def test_a_few_answers_choose_nobody_and_many_choose_the_better():
    causes, target = draw(4000)
    better, worse = expit(causes.sum(axis=0)), np.full(4000, 0.6)
    few = learn([better[:5], worse[:5]], target[:5])
    many = learn([better, worse], target)
    assert abs(few - 0.5).max() < 0.25
    assert many[0] > 0.9


def test_order_of_rows_and_rows_without_weight_mean_nothing():
    causes, target = draw(500)
    weight = np.random.default_rng(2).integers(0, 3, 500) * 1.0
    student, p = np.arange(500) % 7, expit(causes)
    rows = np.random.default_rng(3).permutation(500)
    weights = learn(p, target, weight, student)
    shuffled = learn(p[:, rows], target[rows], weight[rows], student[rows])
    np.testing.assert_array_equal(shuffled, weights)
    flipped = np.where(weight > 0, target, 1 - target)
    np.testing.assert_array_equal(learn(p, flipped, weight, student), weights)


def test_a_weight_of_two_is_the_row_twice():
    causes, target = draw(300)
    p, twice, student = expit(causes), np.arange(300) % 2, np.arange(300) // 10
    weights = learn(p, target, 1.0 + twice, student)
    rows = np.repeat(np.arange(300), 1 + twice)
    again = learn(p[:, rows], target[rows], None, student[rows])
    np.testing.assert_allclose(again, weights, atol=1e-5)


def test_answers_of_one_class_are_survived():
    weights = learn([np.array([0.4, 0.6]), np.array([0.7, 0.8])], np.ones(2))
    assert np.isfinite(weights).all()
    assert weights.any()


def folds_of(weight, n_folds=5):
    return hold_out(np.asarray(weight), n_folds, np.random.RandomState(0))


def test_students_with_weight_are_held_out_and_in_a_small_class_each_once():
    folds = folds_of([0.0, *np.ones(8)], n_folds=4)  # the first of nine has none
    assert [len(held) for held in folds] == [2, 2, 2, 2]
    assert sorted(np.concatenate(folds)) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("n_students", "n_folds"),
    [(1, 0), (2, 2), (99, 5), (123, 5), (124, 4), (250, 2), (500, 1)],
)
def test_a_hundred_students_are_enough(n_students, n_folds):
    assert len(folds_of(np.ones(n_students))) == n_folds


@pytest.mark.parametrize("item", [None, "item_id"])
def test_a_question_counts_once_as_in_scores(item):
    rng = np.random.default_rng(0)
    log = make_log(n_students=8).assign(order_id=lambda X: X["order_id"] // 2)
    log["item_id"] = rng.choice([1.0, 2.0, np.nan], len(log))
    y = log["correct"].to_numpy()
    share = share_questions(log, y, student="user_id", order="order_id", item=item)
    if item is None:  # rows that agree are one question; here, whatever they say
        keys = pd.DataFrame({"s": log["user_id"], "m": log["order_id"], "y": y})
        assert share.sum() == pytest.approx(len(keys.drop_duplicates()))
        log["order_id"] = range(len(log))
        share = share_questions(log, y, student="user_id", order="order_id")
        np.testing.assert_array_equal(share, 1)
        return
    named = log["item_id"].notna().to_numpy()
    told, _ = question_level(log[named], y[named], y[named], item=item)
    assert share[named].sum() == pytest.approx(len(told))
