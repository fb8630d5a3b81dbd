"""Items in deep knowledge tracing: what is known of them, and who may say so."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from sktrace import DKTClassifier
from sktrace._neural.item_difficulty import ItemDifficulty, fold_of
from sktrace._neural.item_vectors import ItemVectors

from ..conftest import CLOSE, make_log, proba, small_dkt

N_ITEMS = 12


def make_answers(n_students=150, n_answers=30, seed=0, spread=1.2):
    """Answers of a Rasch model, the true difficulties, and who named no item."""
    rng = np.random.default_rng(seed)
    difficulty = rng.normal(0, spread, N_ITEMS)
    item = rng.integers(0, N_ITEMS, n_students * n_answers)
    student = np.repeat(np.arange(n_students), n_answers)
    ability = rng.normal(0, 1, n_students)
    p = 1 / (1 + np.exp(difficulty[item] - ability[student]))
    log = pd.DataFrame(
        {
            "user_id": student,
            "order_id": np.tile(np.arange(n_answers), n_students),
            "skill_name": np.where(item % 2, "odd", "even"),
            "item_id": item,
            "correct": (rng.uniform(size=len(p)) < p).astype(int),
        }
    )
    return log, difficulty


@pytest.fixture
def log():
    return make_log(n_students=15, n_steps=20).assign(
        item_id=np.random.default_rng(3).integers(0, 5, 15 * 20)[
            : len(make_log(15, 4, 20))
        ]
    )


@pytest.fixture
def tracer(log):
    return small_dkt(item="item_id").fit(log, log["correct"])


def read(tracer, log):
    """Return a log as the tracer codes it, and its timeline."""
    return tracer._read(log)


def test_true_difficulties_are_recovered_within_their_standard_errors():
    log, difficulty = make_answers()
    fitted = small_dkt(item="item_id", max_epochs=1).fit(log, log["correct"])
    items = fitted.items_
    for parity in (0, 1):  # relative to the average item of the skill
        own = items.index % 2 == parity
        true = difficulty[own] - difficulty[own].mean()
        found = items["difficulty"][own] - items["difficulty"][own].mean()
        assert (np.abs(found - true) < 3.5 * items["se"][own]).all()
    assert items["n_answers"].tolist() == np.bincount(log["item_id"]).tolist()
    assert items.index.name == "item_id"
    assert abs(items["difficulty"].mean()) < 0.3


def test_difficulties_are_those_of_a_regression_with_the_priors_that_em_found():
    log, _ = make_answers(n_students=60)
    found = small_dkt(item="item_id", max_epochs=1).fit(log, log["correct"]).items_
    scale = np.sqrt(np.mean(found["difficulty"] ** 2 + found["se"] ** 2))
    columns = [pd.get_dummies(log[c]) for c in ("user_id", "skill_name", "item_id")]
    columns[2] = columns[2] * scale
    fitted = LogisticRegression(max_iter=1000).fit(np.hstack(columns), log["correct"])
    expected = -scale * fitted.coef_[0, -N_ITEMS:]
    # The priors of students and skills are others; the latter shifts a skill's items.
    for parity in (0, 1):
        own = found["difficulty"][parity::2]
        np.testing.assert_allclose(
            own - own.mean(),
            expected[parity::2] - expected[parity::2].mean(),
            atol=0.05,
        )


def test_an_item_of_few_answers_is_nearly_the_average_item_of_its_skill():
    log, _ = make_answers()
    rare = pd.DataFrame({"user_id": range(3), "order_id": 99, "skill_name": "odd"})
    log = pd.concat([log, rare.assign(item_id=99, correct=0)], ignore_index=True)
    items = small_dkt(item="item_id", max_epochs=1).fit(log, log["correct"]).items_
    assert items.loc[99, "n_answers"] == 3
    assert 0.1 < items.loc[99, "difficulty"] < 1.5  # three wrong answers, no more
    assert items.loc[99, "se"] > 2 * items["se"].drop(99).max()


def test_a_training_row_is_told_what_students_of_other_folds_say(log, tracer):
    coded, timeline = read(tracer, log)
    weight = np.ones(len(log))
    learnt = ItemDifficulty.fit(coded, timeline, weight, len(tracer.skills_))
    students = coded.student, coded.students
    told = learnt.read(coded.known_before["item"], students)
    for student in range(len(coded.students)):
        own = coded.student == student
        fold = fold_of(coded.students) == fold_of(coded.students)[student]
        changed = coded._replace(
            correct=np.where(fold[coded.student], 1 - coded.correct, coded.correct)
        )
        again = ItemDifficulty.fit(changed, timeline, weight, len(tracer.skills_))
        now = again.read(coded.known_before["item"], students)
        np.testing.assert_allclose(now[own], told[own], rtol=0, atol=1e-12)
    assert not np.allclose(told, learnt.read(coded.known_before["item"]))


def test_answers_by_chance_are_predicted_by_chance():
    # A network that could read its own student's answer out of the difficulty of an
    # item would be right in training and wrong elsewhere.
    log, _ = make_answers(n_students=60, spread=0)
    rng = np.random.default_rng(5)
    log["item_id"] = rng.integers(0, 600, len(log))  # three answers each
    log["correct"] = rng.integers(0, 2, len(log))
    training, other = log[log["user_id"] < 45], log[log["user_id"] >= 45]
    clf = DKTClassifier(item="item_id", hidden_size=8, max_epochs=4, lr=0.02)
    clf.set_params(random_state=0).fit(training, training["correct"])
    loss = -np.log(np.where(other["correct"] == 1, *clf.predict_proba(other).T[::-1]))
    assert loss.mean() < 0.72
    assert clf.history_["train_loss"].iloc[-1] > 0.66


def test_vectors_are_shrunk_by_how_many_answers_items_have():
    vectors = ItemVectors(np.array([0, 16, 600, 10**6]))
    norms = vectors(torch.arange(-1, 4)).norm(dim=1)
    assert norms[[0, 1, 2]].tolist() == [0.0, 0.0, 0.0]  # unknown, unseen and rare
    torch.testing.assert_close(norms[3], vectors.table.weight[1].norm() / 2)
    torch.testing.assert_close(norms[4], vectors.table.weight[2].norm())
    assert len(vectors.table.weight) == 3
    assert ItemVectors.of(np.array([0, 16, 100])) is None


def test_unseen_and_missing_items_are_the_average_item_of_the_skill(tracer, log):
    unseen, missing = log.assign(item_id=77), log.assign(item_id=np.nan)
    np.testing.assert_array_equal(proba(tracer, unseen), proba(tracer, missing))
    now = tracer.predict_next(missing)
    last = proba(tracer, pd.concat([missing, questions(missing, "skill 2", np.nan)]))
    np.testing.assert_allclose(now["skill 2"], last[len(log) :], **CLOSE)
    seen = tracer.predict_next(log, ["skill 2", "skill 2"], items=[1, 77])
    expected = proba(tracer, pd.concat([log, questions(log, "skill 2", 1)]))
    np.testing.assert_allclose(seen[1], expected[len(log) :], **CLOSE)
    np.testing.assert_allclose(seen[77], tracer.predict_next(log)["skill 2"], **CLOSE)


def questions(log, skill, item):
    students = np.unique(log["user_id"])
    return pd.DataFrame(
        {
            "user_id": students,
            "order_id": 999,
            "skill_name": skill,
            "item_id": item,
            "correct": np.nan,
        }
    )


def test_rows_of_one_question_count_once(log):
    twice = pd.concat([log, log.assign(skill_name="skill 9")], ignore_index=True)
    items = small_dkt(item="item_id").fit(twice, twice["correct"]).items_
    once = log.drop_duplicates(["user_id", "order_id", "item_id"])
    expected = once["item_id"].value_counts().sort_index()
    assert items["n_answers"].tolist() == expected.tolist()
    joined = log.assign(skill_name=log["skill_name"] + "~~skill 9")
    rows = small_dkt(item="item_id").fit(joined, joined["correct"]).items_
    assert rows["n_answers"].tolist() == expected.tolist()


def test_rows_without_weight_have_no_influence_on_items(log):
    weight = (np.arange(len(log)) % 3 > 0).astype(float)
    changed = log.copy()
    idle = weight == 0
    last = log["order_id"] == log.groupby("user_id")["order_id"].transform("max")
    changed.loc[idle & last, "correct"] = 1 - changed.loc[idle & last, "correct"]
    assert (changed["correct"] != log["correct"]).any()
    tracers = [
        small_dkt(item="item_id", dropout=0).fit(X, X["correct"], sample_weight=weight)
        for X in (log, changed)
    ]
    pd.testing.assert_frame_equal(tracers[0].items_, tracers[1].items_)
    np.testing.assert_allclose(*(proba(tracer, log) for tracer in tracers), **CLOSE)


def test_shuffled_rows_learn_the_same(log, tracer):
    rows = np.random.default_rng(0).permutation(len(log))
    shuffled = log.iloc[rows]
    again = small_dkt(item="item_id").fit(shuffled, shuffled["correct"])
    pd.testing.assert_frame_equal(again.items_, tracer.items_)
    np.testing.assert_array_equal(proba(again, log), proba(tracer, log))


def test_partial_fit_keeps_the_items_of_the_first_call(log):
    tracer = small_dkt(item="item_id").partial_fit(log, log["correct"])
    items, before = tracer.items_.copy(), proba(tracer, log)
    new = log.assign(item_id=log["item_id"] + 3, user_id=log["user_id"] + 1000)
    tracer.partial_fit(new, new["correct"])
    pd.testing.assert_frame_equal(tracer.items_, items)
    assert (proba(tracer, log) != before).any()


def test_a_difficult_item_is_predicted_to_be_difficult():
    log, difficulty = make_answers()
    clf = DKTClassifier(item="item_id", hidden_size=16, max_epochs=6, random_state=0)
    clf.fit(log, log["correct"])
    now = clf.predict_next(log, items=list(range(N_ITEMS))).mean()
    assert np.corrcoef(now, difficulty)[0, 1] < -0.9


def test_items_with_vectors_keep_the_contract():
    # Small logs have too few answers for vectors; these have 375 on each item.
    log, _ = make_answers()
    log["order_id"] //= 2  # ties
    clf = small_dkt(item="item_id").fit(log, log["correct"])
    assert clf.net_.module_.items is not None
    live, own = clf.tracer(), log[log["user_id"] == 3]
    p = pd.Series(np.nan, own.index)
    for _, rows in own.groupby("order_id"):
        skills, items = rows["skill_name"].tolist(), rows["item_id"].tolist()
        p[rows.index] = live.predict_proba(3, skills, item=items).to_numpy()
        live.update(3, skills, rows["correct"].tolist(), item=items)
    np.testing.assert_allclose(p, proba(clf, own), **CLOSE)
    hidden = log["order_id"] >= 5
    changed = log.copy()
    changed.loc[hidden, "correct"] = 1 - changed.loc[hidden, "correct"]
    seen = (log["order_id"] <= 5).to_numpy()
    np.testing.assert_array_equal(proba(clf, changed)[seen], proba(clf, log)[seen])


def test_outcomes_have_no_items(log):
    clf = small_dkt(task="many-to-one", item="item_id")
    sequences = [log, log]
    with pytest.raises(ValueError, match=r"item='item_id' under task='many-to-one'; e"):
        clf.fit(sequences, [0, 1])
    clf.set_params(item=None).fit(sequences, [0, 1])
