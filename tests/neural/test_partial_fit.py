"""Going on with new logs, an epoch at a time."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from ..conftest import make_log, proba, small_dkt


def test_a_first_partial_fit_is_a_fit_of_one_epoch(log):
    first = small_dkt().partial_fit(log, log["correct"])
    fitted = small_dkt(max_epochs=1).fit(log, log["correct"])
    np.testing.assert_array_equal(proba(first, log), proba(fitted, log))
    assert first.n_iter_ == 1
    assert first.partial_fit(log, log["correct"]).n_iter_ == 2


def test_partial_fit_learns_from_new_logs(log):
    params = {"max_epochs": 5, "lr": 0.1, "dropout": 0, "skill_numbers": False}
    tracer = small_dkt(**params).fit(log, log["correct"])
    new = make_log(n_students=20, seed=5)
    new["user_id"] = -new["user_id"]
    new["correct"] = (new["skill_name"] > "skill 1").astype(int)
    losses = []
    for _ in range(6):
        losses.append(log_loss(new["correct"], proba(tracer, new)))
        tracer.partial_fit(new, new["correct"])
    assert losses[-1] < losses[0] - 0.2
    assert tracer.n_iter_ == 11


def test_classes_may_be_told_to_a_first_partial_fit(log):
    tracer = small_dkt().partial_fit(log, ["yes"] * len(log), classes=["no", "yes"])
    assert tracer.classes_.tolist() == ["no", "yes"]
    tracer.partial_fit(log, ["no"] * len(log))
    with pytest.raises(ValueError, match="y holds 'maybe'; expected the classes"):
        tracer.partial_fit(log, ["maybe"] * len(log))
    with pytest.raises(ValueError, match="classes"):
        tracer.partial_fit(log, ["no"] * len(log), classes=["maybe", "no"])
    with pytest.raises(ValueError, match="y holds one class only"):
        small_dkt().partial_fit(log, ["yes"] * len(log))


def test_partial_fit_knows_the_skills_of_its_first_call(log):
    tracer = small_dkt().partial_fit(log, log["correct"])
    before = proba(tracer, log)
    with pytest.raises(
        ValueError, match=r"1 skill\(s\) were not seen in the first call: 'new'"
    ):
        tracer.partial_fit(log.assign(skill_name="new"), log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), before)


def test_partial_fit_needs_a_target(log):
    tracer = small_dkt().fit(log, log["correct"])
    with pytest.raises(ValueError, match="no target"):
        tracer.partial_fit(log.assign(correct=np.nan), [np.nan] * len(log))


def test_the_optimizer_goes_on(log):
    tracer = small_dkt(optimizer="adam").partial_fit(log, log["correct"])
    n_batches = tracer.net_.history[0]["train_batch_count"]
    tracer.partial_fit(log, log["correct"])
    steps = {int(s["step"]) for s in tracer.net_.optimizer_.state.values()}
    assert steps == {2 * n_batches}


def test_a_fit_starts_anew(log):
    tracer = small_dkt().partial_fit(log, log["correct"]).fit(log, log["correct"])
    fresh = small_dkt().fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), proba(fresh, log))
    assert tracer.n_iter_ == 2


def test_a_pickled_classifier_goes_on_where_it_was(log):
    tracer = small_dkt().fit(log, log["correct"])
    copy = pickle.loads(pickle.dumps(tracer))
    tracer.partial_fit(log, log["correct"])
    copy.partial_fit(log, log["correct"])
    np.testing.assert_array_equal(proba(copy, log), proba(tracer, log))


def test_what_an_unknown_skill_is_follows_the_logs(log):
    tracer = small_dkt(readout="linear").fit(log, log["correct"])
    tracer.partial_fit(log, log["correct"])
    readout = tracer.net_.module_.readout
    counts = log["skill_name"].value_counts().sort_index().to_numpy()
    bias = readout.bias.rows.detach().numpy()[:, 0]
    np.testing.assert_allclose(bias[-1], np.average(bias[:-1], weights=counts), 1e-5)


def test_a_new_learning_rate_is_used_from_the_next_call(log):
    params = {"optimizer__param_groups": [("readout*", {"lr": 0.5})]}
    tracer = small_dkt(lr=0.1, lr_schedule=None, net_params=params)
    tracer.fit(log, log["correct"])
    tracer.set_params(lr=0.02).partial_fit(log, log["correct"])
    rates = [group["lr"] for group in tracer.net_.optimizer_.param_groups]
    np.testing.assert_allclose(rates, [0.1, 0.02])  # the read-out's stays fivefold


def test_rows_that_name_no_skill_may_join_later(log):
    tracer = small_dkt().fit(log, log["correct"])
    nameless = log.assign(skill_name=log["skill_name"].where(log["order_id"] > 0))
    assert np.isfinite(proba(tracer.partial_fit(nameless, log["correct"]), log)).all()


def test_queries_in_a_training_log_teach_nothing_of_a_new_skill(log):
    """One row without answer or target must not make its skill a known one."""
    log["correct"] = log["correct"].astype(float)
    query = log.iloc[:1].assign(skill_name="skill 9", correct=np.nan)
    both = pd.concat([log, query], ignore_index=True)
    tracer = small_dkt().fit(both, both["correct"])
    asked = query.assign(skill_name=["skill 9"])
    unknown = query.assign(skill_name=["unheard of"])
    np.testing.assert_allclose(
        proba(tracer, asked), proba(tracer, unknown), atol=1e-6, rtol=0
    )
