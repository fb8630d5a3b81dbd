"""Skills as numbers: what was done on them, how hard they are, who may say so."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score

from sktrace import DKTClassifier, MeanClassifier
from sktrace._neural.item_difficulty import N_FOLDS, ItemDifficulty, fold_of
from sktrace._neural.skill_practice import SkillPractice, practice_of_skill
from sktrace._neural.skill_tables import SkillTable, share_of_own
from sktrace.datasets import make_interactions

from ..conftest import CLOSE, make_log, proba, small_dkt


@pytest.fixture
def log():
    """Some rows name two skills, some tie, some are not answered."""
    log, rng = make_log(n_students=10, n_steps=8), np.random.default_rng(0)
    two = rng.uniform(size=len(log)) < 0.2
    log.loc[two, "skill_name"] += "~~skill 9"
    log["correct"] = log["correct"].where(rng.uniform(size=len(log)) > 0.1)
    return log


def count_by_hand(answered, student, order, skill):
    """Count the answers of strictly earlier moments on a skill."""
    earlier = [entry for entry in answered[student] if entry[1] < order]
    right, wrong = (
        sum(e[2] == skill and e[3] == answer for e in earlier) for answer in (1, 0)
    )
    last = max((e[1] for e in earlier), default=None)
    return right, wrong, any(e[1] == last and e[2] == skill for e in earlier)


def test_practice_is_what_loops_count(log):
    tracer = small_dkt().fit(log, log["correct"])
    coded, timeline = tracer._read(log)
    columns = (coded.student, coded.order, coded.skill, coded.correct)
    rows = list(zip(*(c[timeline.rows].tolist() for c in columns), strict=True))
    answered = {row[0]: [] for row in rows}
    for row in rows:
        answered[row[0]] += [] if np.isnan(row[3]) else [row]
    expected = [count_by_hand(answered, *row[:3]) for row in rows]
    np.testing.assert_array_equal(practice_of_skill(coded, timeline), expected)
    some = np.array([3, 0, 4, 3])
    entries = np.random.default_rng(1).permutation(len(rows))[:20]
    after = np.zeros((len(entries), len(some), 3))
    asked, question, practice = SkillPractice(coded, timeline).after(entries, some)
    after[asked, question] = practice
    for found, entry in zip(after, entries, strict=True):
        student, order = rows[entry][:2]
        asked = [(student, order + 0.5, skill) for skill in some]
        expected = [count_by_hand(answered, *question) for question in asked]
        np.testing.assert_array_equal(found, expected)


def test_a_training_row_is_told_what_students_of_other_folds_say(log):
    tracer = small_dkt().fit(log, log["correct"])
    coded, timeline = tracer._read(log)
    weight, n_skills = np.ones(len(coded.skill)), len(tracer.skills_)
    students = coded.student, coded.students

    def tell(coded):
        learnt = ItemDifficulty.fit_skills(coded, timeline, weight, n_skills)
        return learnt.read(coded.skill, students)

    told = tell(coded)
    for fold in range(N_FOLDS):
        own = fold_of(coded.students)[coded.student] == fold
        turned = np.where(own, 1 - coded.correct, coded.correct)
        now = tell(coded._replace(correct=turned))
        np.testing.assert_allclose(now[own], told[own], rtol=0, atol=1e-12)
        if own.any():
            assert not np.allclose(now[~own], told[~own])


def test_answers_by_chance_are_predicted_by_chance():
    rng = np.random.default_rng(5)
    log = make_log(n_students=40, n_skills=200, n_steps=16)
    log["correct"] = rng.integers(0, 2, len(log))
    half = log["user_id"] < log["user_id"].median()
    clf = DKTClassifier(hidden_size=8, max_epochs=4, random_state=0)
    clf.fit(log[half], log["correct"][half])
    other = log[~half]
    loss = -np.log(np.where(other["correct"] == 1, *clf.predict_proba(other).T[::-1]))
    assert loss.mean() < 0.72
    assert clf.history_["train_loss"].iloc[-1] > 0.67


def test_names_are_trusted_as_far_as_their_answers_go():
    share = share_of_own(np.array([0, 60, 600, 10**5]))
    np.testing.assert_allclose(share, [0, 0.001, 0.5, 1], rtol=0, atol=1e-5)
    table = SkillTable(4, 3, share)
    rows, average = table.rows.detach(), table.average[0].detach()
    np.testing.assert_allclose(rows[0], average, **CLOSE)
    np.testing.assert_allclose(
        rows[2], (table.weight[2].detach() + average) / 2, **CLOSE
    )
    np.testing.assert_allclose(rows[3], table.weight[3].detach(), atol=1e-4)
    np.testing.assert_array_equal(table(torch.tensor([2, 0])).detach(), rows[[2, 0]])
    plain = SkillTable(4, 3)
    assert plain.rows is plain.weight
    kinds = SkillTable(4, 3, np.zeros(4), n_kinds=2).rows.detach()
    np.testing.assert_array_equal(kinds[:2], kinds[2:])
    assert (kinds[0] != kinds[1]).all()


def test_an_unseen_skill_has_no_past(log):
    tracer = small_dkt().fit(log, log["correct"])
    first = log.groupby("user_id").head(1)
    asked = first.assign(order_id=99, correct=np.nan, skill_name="new")
    seen = first.assign(order_id=98, correct=1.0, skill_name="new 2")
    p = proba(tracer, pd.concat([log, seen, asked]))[-len(asked) :]
    now = tracer.predict_next(pd.concat([log, seen]), skills=["new", "new 3"])
    np.testing.assert_allclose(now["new"][asked["user_id"]], p, **CLOSE)
    np.testing.assert_array_equal(now["new"], now["new 3"])


def test_a_small_class_is_learnt_from():
    X, y = make_interactions(n_students=70, n_skills=20, n_attempts=40, random_state=0)
    small = X["user_id"] < 30

    def auc(tracer):
        p = proba(tracer.fit(X[small], y[small]), X[~small])
        return roc_auc_score(y[~small], p)

    sizes = {"hidden_size": 16, "embedding_size": 16, "max_epochs": 4}
    by_name, by_numbers = (
        auc(DKTClassifier(skill_numbers=numbers, random_state=0, **sizes))
        for numbers in (False, True)
    )
    assert by_numbers > by_name + 0.02
    assert by_numbers > auc(MeanClassifier(by="student")) + 0.02


def test_names_alone_are_asked_for_in_so_many_words(log):
    named = small_dkt(skill_numbers=False).fit(log, log["correct"])
    assert named.net_.module_.slopes is None
    assert named.net_.module_.answers.average is None
    with pytest.raises(ValueError, match="'skill_numbers' parameter of DKTClassifier"):
        small_dkt(skill_numbers="maybe").fit(log, log["correct"])
