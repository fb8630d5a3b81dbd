"""Learning from other classes."""

import numpy as np
import pandas as pd
import pytest

from sktrace import PFAClassifier, TransferClassifier
from sktrace._transfer.estimator import TransferClassifier as Reader
from sktrace._transfer.pretraining import draw_lessons
from sktrace.datasets import make_classroom, make_interactions
from sktrace.pretraining import PretrainedNetwork, pretrain, simulate_logs


def losing(n_students, seed):
    """Make up a log whose students tire: a law that PFA does not know."""
    rng = np.random.default_rng(seed)
    X = make_interactions(n_students, 4, n_attempts=30, random_state=seed)[0]
    late = np.minimum(X["order_id"] / 10, 3)
    X["correct"] = (rng.random(len(X)) < 1 / (1 + np.exp(late - 1.5))).astype(int)
    return X


def log_loss(tracer, X):
    p = tracer.predict_proba(X)[:, 1]
    return -np.log(np.where(X["correct"] == 1, p, 1 - p)).mean()


def test_a_new_class_knows_what_other_classes_taught():
    network = pretrain([losing(60, 0), losing(60, 1)], random_state=0)
    few, others = losing(15, 2), losing(100, 3)
    others["user_id"] = -1 - others["user_id"]
    pfa = PFAClassifier().fit(few, few["correct"])
    told = TransferClassifier(pretrained=network).fit(few, few["correct"])
    assert log_loss(told, others) < log_loss(pfa, others) - 0.01


def test_classes_and_those_who_are_predicted_are_others(monkeypatch):
    log = losing(60, 0)
    seen = []

    def spy(reader, X, others):
        seen.append((set(X["user_id"]), set(others["user_id"])))
        return np.zeros((1, 17), np.float32), np.zeros(1)

    monkeypatch.setattr("sktrace._transfer.pretraining._read_lesson", spy)
    assert len(list(draw_lessons(Reader(), log, np.random.default_rng(0)))) == 2
    for own, others in seen:
        assert own
        assert others
        assert not own & others


def test_a_seed_is_a_network(tmp_path):
    logs = [make_classroom(50, random_state=0)[0]]
    one, same, other = (pretrain(logs, random_state=seed) for seed in (0, 0, 1))
    x = np.random.default_rng(0).normal(size=(5, len(one.mean)))
    np.testing.assert_array_equal(one.correct(x), same.correct(x))
    assert (one.correct(x) != other.correct(x)).any()


def test_columns_have_the_names_they_have():
    X = make_classroom(50, random_state=0)[0]
    names = {"student": "pupil", "skill": "topic", "correct": "right", "order": "nr"}
    network = pretrain(
        X.set_axis(["pupil", "nr", "topic", "right"], axis=1),
        **names,
        random_state=0,
        learnt_from="a test",
    )
    assert isinstance(network, PretrainedNetwork)
    assert network.learnt_from == "a test"
    same = pretrain(X, random_state=0)
    np.testing.assert_array_equal(network.mean, same.mean)


def test_what_is_no_log_is_refused():
    with pytest.raises(TypeError, match=r"'pupil'.*expected parameters of Transfer"):
        pretrain([], pupil="x")
    with pytest.raises(ValueError, match="No class could be drawn"):
        pretrain([])
    lonely = pd.DataFrame(
        {"user_id": [1, 1], "order_id": [0, 1], "skill_name": "a", "correct": [0, 1]}
    )
    with pytest.raises(ValueError, match="four students or more"):
        pretrain(lonely)
    with pytest.raises(TypeError, match="A log is a tuple; expected DataFrames"):
        pretrain([(lonely, lonely["correct"])])
    with pytest.raises(ValueError, match="'skill_name'"):
        pretrain(lonely.drop(columns="skill_name"))


def test_rows_in_another_order_are_the_same_log():
    X = make_classroom(24, random_state=0)[0]
    one, other = pretrain(X, random_state=0), pretrain(X[::-1], random_state=0)
    np.testing.assert_allclose(one.layers[0][0], other.layers[0][0], atol=1e-6)


def test_made_up_logs_are_drawn_by_a_seed():
    first, second = simulate_logs(2, random_state=0)
    again, _ = simulate_logs(2, random_state=0)
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(second)
    assert 40 <= first["user_id"].nunique() <= 1150
