"""What a fitted DKTClassifier says of students."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from sktrace import DKTClassifier, MeanClassifier
from sktrace.datasets import make_interactions
from sktrace.model_selection import train_test_split_students

from ..conftest import CLOSE, DKTS, proba


@pytest.fixture
def queried(log):
    """A log in which a fifth of the answers are missing."""
    hidden = np.random.default_rng(0).uniform(size=len(log)) < 0.2
    return log.assign(correct=log["correct"].where(~hidden))


def ask_after(tracer, X, skills):
    """Ask for each skill after each row: a student made up for each, plus a query."""
    asked = []
    for row, (student, order) in enumerate(X[["user_id", "order_id"]].to_numpy()):
        past = X[(X["user_id"] == student) & (X["order_id"] <= order)]
        for column, skill in enumerate(skills):
            query = past.iloc[[0]].assign(
                order_id=order + 1, skill_name=skill, correct=np.nan
            )
            who = f"{row}, {column}"
            asked.append(pd.concat([past, query]).assign(user_id=who, last=order + 1))
    asked = pd.concat(asked)
    p = proba(tracer, asked)[asked["order_id"] == asked["last"]]
    return p.reshape(len(X), len(skills))


# --- every skill at once -----------------------------------------------------------


def test_knowledge_state_is_what_a_query_after_the_row_would_be_told(
    trained_dkt, queried
):
    X = queried.set_axis([f"row {i}" for i in range(len(queried))])
    state = trained_dkt.knowledge_state(X)
    assert state.index.equals(X.index)
    assert state.columns.tolist() == trained_dkt.skills_.tolist()
    assert state.columns.name == "skill_name"
    assert state.index.name is None
    assert (state.dtypes == np.float64).all()
    np.testing.assert_allclose(
        state, ask_after(trained_dkt, X, trained_dkt.skills_), **CLOSE
    )


def test_knowledge_state_moves_by_answers_alone(trained_dkt, queried):
    state = trained_dkt.knowledge_state(queried)
    ties = [queried["user_id"], queried["order_id"]]
    # Rows of one moment have one state; a moment of queries has that of before.
    assert (state.groupby(ties).agg(np.ptp) < 1e-6).all(axis=None)
    silent = queried["correct"].groupby(ties).transform("count") == 0
    last = trained_dkt.predict_next(queried)
    without = trained_dkt.predict_next(queried[~silent])
    np.testing.assert_allclose(last.loc[without.index], without, **CLOSE)


def test_predict_next_is_the_last_knowledge_state_of_each_student(trained_dkt, queried):
    found = trained_dkt.predict_next(queried)
    in_time = queried.sort_values("order_id")
    last = in_time.groupby("user_id").tail(1).sort_values("user_id")
    expected = trained_dkt.knowledge_state(queried).loc[last.index]
    assert found.index.tolist() == last["user_id"].tolist()
    assert found.index.name == "user_id"
    np.testing.assert_allclose(found, expected, **CLOSE)


def test_predict_next_of_some_skills(trained_dkt, log):
    every = trained_dkt.predict_next(log)
    skills = ["skill 3", "skill 0"]
    some = trained_dkt.predict_next(log, skills=skills)
    assert some.columns.tolist() == skills
    np.testing.assert_allclose(some, every[skills], **CLOSE)
    unknown = trained_dkt.predict_next(log, skills=["new"])
    query = log.groupby("user_id").head(1).assign(order_id=99, skill_name="new")
    X = pd.concat([log, query.assign(correct=np.nan)])
    p = pd.Series(proba(trained_dkt, X)[len(log) :], query["user_id"]).sort_index()
    np.testing.assert_allclose(unknown["new"], p, **CLOSE)


def test_predict_next_of_no_skill_is_an_empty_table(log):
    tracer = clone(DKTS["gru"]).fit(log, log["correct"])
    assert tracer.predict_next(log, skills=[]).shape == (log["user_id"].nunique(), 0)


def test_students_may_have_tuples_for_names(trained_dkt, log):
    names = pd.Series([("class", n) for n in log["user_id"]], dtype=object)
    found = trained_dkt.predict_next(log.assign(user_id=names))
    assert sorted(found.index) == sorted(set(names))
    assert found.index.name == "user_id"


def test_unknown_skills_are_refused_where_they_are_an_error(log):
    tracer = clone(DKTS["gru"]).set_params(handle_unknown="error")
    tracer.fit(log, log["correct"])
    message = r"1 skill\(s\) were not seen in fit: 'new'; .*handle_unknown=\"prior\""
    odd = log.assign(skill_name=log["skill_name"].replace("skill 0", "new"))
    for ask in (tracer.predict, tracer.knowledge_state, tracer.predict_next):
        with pytest.raises(ValueError, match=message):
            ask(odd)
    with pytest.raises(ValueError, match=message):
        tracer.predict_next(log, skills=["new"])
    with pytest.raises(ValueError, match=message):
        tracer.tracer().update("ann", "new", 1)


def test_many_skills_are_asked_in_parts(trained_dkt, log, monkeypatch):
    whole = trained_dkt.knowledge_state(log)
    monkeypatch.setattr("sktrace._neural.net.STATE_SKILL_PAIRS", 7)
    np.testing.assert_allclose(trained_dkt.knowledge_state(log), whole, **CLOSE)


def test_small_batches_predict_what_large_ones_do(trained_dkt, log, monkeypatch):
    whole = proba(trained_dkt, log)
    monkeypatch.setattr("sktrace._neural.batches.STEPS_PER_BATCH", 1)
    np.testing.assert_allclose(proba(trained_dkt, log), whole, **CLOSE)


# --- quiet predictions -------------------------------------------------------------


def test_predictions_do_not_drop_entries(log):
    tracer = clone(DKTS["gru"]).set_params(dropout=0.9).fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), proba(tracer, log))
    state = tracer.knowledge_state(log)
    pd.testing.assert_frame_equal(tracer.knowledge_state(log), state)
    assert not tracer.net_.module_.training


def test_global_generators_are_left_alone(log):
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    tracer = clone(DKTS["gru"]).set_params(early_stopping=True)
    tracer.fit(log, log["correct"]).partial_fit(log, log["correct"])
    tracer.predict_proba(log)
    tracer.knowledge_state(log)
    tracer.tracer().update("ann", "skill 0", 1)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002


def test_global_generators_have_no_say(log):
    p = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        p.append(proba(clone(DKTS["gru"]).fit(log, log["correct"]), log))
    np.testing.assert_array_equal(*p)


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
def test_the_device_may_be_named(log, device):
    tracer = clone(DKTS["gru"]).set_params(device=device).fit(log, log["correct"])
    assert next(tracer.net_.module_.parameters()).device.type == "cpu"


# --- models that learn -------------------------------------------------------------


@pytest.fixture(scope="module")
def school():
    X, y = make_interactions(
        n_students=240,
        n_skills=4,
        n_attempts=24,
        block_length=3,
        profile_scale=2,
        difficulty_scale=2,
        learning=2,
        slip=0.02,
        guess=0.02,
        random_state=0,
    )
    return train_test_split_students(X, y, test_size=0.25, random_state=0)


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_a_small_network_beats_the_means_on_new_students(school, cell):
    X_train, X_test, y_train, y_test = school

    def auc(tracer):
        return roc_auc_score(y_test, proba(tracer.fit(X_train, y_train), X_test))

    dkt = DKTClassifier(
        cell=cell,
        hidden_size=16,
        embedding_size=8,
        dropout=0.1,
        max_epochs=12,
        lr=0.03,
        batch_size=16,
        random_state=0,
    )
    bar = max(auc(MeanClassifier(by=by)) for by in ("skill", "student"))
    assert auc(dkt) > bar + 0.03


def test_a_rule_is_learnt_to_certainty():
    """Students who repeat their first answer for ever are seen through."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(60), 6),
            "order_id": np.tile(np.arange(6), 60),
            "skill_name": "one",
            "correct": np.repeat(rng.integers(0, 2, 60), 6),
        }
    )
    tracer = clone(DKTS["gru"]).set_params(max_epochs=30, batch_size=10, dropout=0)
    p = proba(tracer.fit(X, X["correct"]), X)
    first = (X["order_id"] == 0).to_numpy()
    assert np.abs(p[~first] - X["correct"][~first]).max() < 0.05
    np.testing.assert_allclose(p[first], X["correct"].mean(), rtol=0, atol=0.1)


def test_a_fit_does_not_see_in_which_order_joined_and_single_names_stand():
    # "a" and the "a" of "a~~b" tie, agree in answer, and weigh otherwise.
    rows = [
        (student, moment, skill, (student + moment) % 2)
        for student in range(6)
        for moment in range(3)
        for skill in ("a", "a~~b")
    ]
    columns = ["user_id", "order_id", "skill_name", "correct"]
    log = pd.DataFrame(rows, columns=columns)
    small = DKTClassifier(hidden_size=6, embedding_size=4, max_epochs=2, random_state=0)
    p = proba(small.fit(log, log["correct"]), log)
    other = log[::-1]
    q = proba(clone(small).fit(other, other["correct"]), log)
    np.testing.assert_array_equal(q, p)
