"""A factor model of the class, corrected by what other classes taught."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.base import clone

from sktrace import PFAClassifier, TransferClassifier
from sktrace._transfer.inputs import INPUTS, read_rows
from sktrace.datasets import make_interactions
from sktrace.pretraining import PretrainedNetwork


@pytest.fixture(scope="module")
def log():
    return make_interactions(n_students=25, n_skills=4, n_attempts=15, random_state=0)[
        0
    ]


@pytest.fixture(scope="module")
def tracer(log):
    return TransferClassifier().fit(log, log["correct"])


def network_of(column, weight):
    """Return a network that is almost linear: it adds an input, weighed."""
    n, small = len(INPUTS), 1e-4
    inner = np.zeros((1, n))
    inner[0, INPUTS.index(column)] = small
    outer = np.array([[2 * weight / small]])  # silu(z) is z / 2 + ... near 0
    layers = ((inner, np.zeros(1)), (outer, np.zeros(1)))
    return PretrainedNetwork(np.zeros(n), np.ones(n), layers)


def test_without_trust_it_is_pfa(log):
    tracer = TransferClassifier(trust=0.0).fit(log, log["correct"])
    pfa = PFAClassifier().fit(log, log["correct"])
    np.testing.assert_allclose(
        tracer.predict_proba(log), pfa.predict_proba(log), atol=1e-12
    )
    assert tracer.trust_ == 0.0


def test_it_adds_what_the_network_says_to_the_logit(log):
    added = TransferClassifier(pretrained=network_of("steps", 0.5), trust=2.0)
    added.fit(log, log["correct"])
    before = logit(added.factors_.predict_proba(log)[:, 1])
    after = logit(added.predict_proba(log)[:, 1])
    steps = np.log1p(log["order_id"])
    np.testing.assert_allclose(after - before, steps, atol=0.01)


def test_it_reads_no_names(log, tracer):
    named = {"user_id": "pupil {}", "skill_name": "topic {}"}
    renamed = log.assign(
        **{
            column: [name.format(v) for v in log[column]]
            for column, name in named.items()
        }
    )
    other = TransferClassifier().fit(renamed, renamed["correct"])
    assert abs(other.trust_ - tracer.trust_) < 0.2  # folds are others
    other.trust_ = tracer.trust_
    np.testing.assert_allclose(
        other.predict_proba(renamed), tracer.predict_proba(log), atol=1e-3
    )


def test_inputs_are_what_their_names_say(log, tracer):
    one = log[log["user_id"] == log["user_id"].mode()[0]]
    x = read_rows(tracer.factors_, tracer._seen_, *tracer._read(one))
    x = dict(zip(INPUTS, x.T, strict=True))
    skill, correct = one["skill_name"].to_numpy(), one["correct"].to_numpy()
    for t in range(len(one)):
        earlier = np.flatnonzero(skill[:t] == skill[t])
        assert x["steps"][t] == np.log1p(t)
        assert x["successes"][t] == pytest.approx(np.log1p(correct[earlier].sum()))
        assert x["failures"][t] == pytest.approx(np.log1p((1 - correct[earlier]).sum()))
        assert x["first"][t] == (len(earlier) == 0)
        assert x["again"][t] == (t > 0 and skill[t - 1] == skill[t])
        since = np.log(t - earlier[-1]) if len(earlier) else 0.0
        assert x["since"][t] == pytest.approx(since)
        n_seen = (log["skill_name"] == skill[t]).sum()
        assert x["seen"][t] == pytest.approx(np.log1p(n_seen))


def test_a_class_that_the_network_misleads_trusts_it_less(log, tracer):
    wrong = TransferClassifier(pretrained=network_of("ability", -3.0))
    assert wrong.fit(log, log["correct"]).trust_ < 0.3
    assert 0.0 < tracer.trust_ < 2.0


def test_a_file_of_weights_is_a_parameter_that_survives_a_clone(log, tmp_path):
    path = tmp_path / "network.npz"
    network_of("steps", 0.1).save(path)
    tracer = clone(TransferClassifier(pretrained=path, trust=1.0))
    p = tracer.fit(log, log["correct"]).predict_proba(log)
    same = TransferClassifier(pretrained=network_of("steps", 0.1), trust=1.0)
    np.testing.assert_allclose(
        p, same.fit(log, log["correct"]).predict_proba(log), atol=1e-6
    )
    with pytest.raises(FileNotFoundError, match=r"'nowhere.npz' is no file; expected"):
        TransferClassifier(pretrained="nowhere.npz").fit(log, log["correct"])


def test_two_students_are_enough():
    log = make_interactions(2, 2, n_attempts=10, random_state=1)[0]
    p = TransferClassifier().fit(log, log["correct"]).predict_proba(log)
    assert ((p > 0) & (p < 1)).all()


def test_what_right_answers_are_called_means_nothing(log, tracer):
    """Of classes that sort the other way round, P(wrong) is predicted."""
    named = log["correct"].map({0: "wrong", 1: "right"})
    other = TransferClassifier().fit(log, named)
    assert other.classes_.tolist() == ["right", "wrong"]
    assert other.trust_ == pytest.approx(tracer.trust_, abs=1e-6)
    np.testing.assert_allclose(
        other.predict_proba(log)[:, 0], tracer.predict_proba(log)[:, 1], atol=1e-6
    )
    live, same = other.tracer(log), tracer.tracer(log)
    np.testing.assert_allclose(
        1 - live.predict_proba(0), same.predict_proba(0), atol=1e-6
    )


def test_a_skill_of_one_student_is_no_error_where_unknown_ones_are(log):
    odd = log.assign(skill_name=log["skill_name"].astype(str))
    odd.loc[odd["user_id"] == 3, "skill_name"] = "knots"
    tracer = TransferClassifier(handle_unknown="error").fit(odd, odd["correct"])
    same = TransferClassifier().fit(odd, odd["correct"])
    assert tracer.trust_ == same.trust_


@pytest.mark.parametrize("dtype", ["boolean", "Int64", "Float64", object])
def test_answers_may_be_missing_in_any_type(log, dtype):
    X = log.assign(correct=log["correct"].astype(dtype).mask(log.index % 7 == 0))
    known = X.assign(correct=[np.nan if pd.isna(v) else float(v) for v in X["correct"]])
    one, same = (TransferClassifier().fit(Z, Z["correct"]) for Z in (X, known))
    np.testing.assert_array_equal(one.predict_proba(X), same.predict_proba(known))


def test_rows_in_another_order_are_the_same_class(log, tracer):
    shuffled = log.sample(frac=1, random_state=1)
    other = TransferClassifier().fit(shuffled, shuffled["correct"])
    assert other.trust_ == pytest.approx(tracer.trust_, rel=1e-9)


def test_trust_has_an_end(log):
    p = TransferClassifier(trust=1e9).fit(log, log["correct"]).predict_proba(log)
    assert ((p > 0) & (p < 1)).all()
