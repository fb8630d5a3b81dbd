"""DKTClassifier(task="many-to-one"): the outcome of whole sequences, written out."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.metrics import log_loss

from sktrace import DKTClassifier, Sequences

from ..conftest import CLOSE, make_log
from ._courses import OF_OUTCOMES, OUTCOMES, make_courses, make_histories

# --- what a prediction is ----------------------------------------------------------


def test_probabilities_of_every_class(numbers):
    X, y = make_courses()
    p = numbers.predict_proba(X)
    assert p.shape == (len(X), 4)
    assert p.dtype == np.float64
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    assert numbers.classes_.tolist() == OUTCOMES
    assert numbers.n_features_in_ == 3
    np.testing.assert_array_equal(
        numbers.predict(X), numbers.classes_[p.argmax(axis=1)]
    )
    assert numbers.score(X, y) == (numbers.predict(X) == y).mean()


def test_an_outcome_is_the_softmax_of_the_last_state(numbers):
    """The equations of the vanilla network, written out."""
    X, y = make_courses()
    clf = clone(numbers).set_params(cell="rnn").fit(X, y)
    w = {k: v.double().numpy() for k, v in clf.net_.module_.state_dict().items()}
    for own, p in zip(X, clf.predict_proba(X), strict=True):
        h = np.zeros(6)
        for x in clf.scaler_.transform(own[~np.isnan(own[:, 0])]):
            h = np.tanh(
                w["rnn.weight_ih_l0"] @ x
                + w["rnn.bias_ih_l0"]
                + w["rnn.weight_hh_l0"] @ h
                + w["rnn.bias_hh_l0"]
            )
        logits = w["readout.weight"] @ h + w["readout.bias"]
        np.testing.assert_allclose(p, softmax(logits), atol=1e-6)


def test_an_outcome_of_answers_is_the_softmax_of_what_was_read(answers):
    """One student's answers, embedded moment by moment, by the network's own parts."""
    log, X, _ = make_histories()
    module = answers.net_.module_
    for student, p in zip(X.ids, answers.predict_proba(X), strict=True):
        own = log[log["user_id"] == student].sort_values("order_id")
        inputs = [module.answers.weight[-1]]  # the start token
        for _, moment in own.groupby("order_id"):
            skill = np.searchsorted(answers.skills_, moment["skill_name"].astype(str))
            codes = 2 * skill + moment["correct"].to_numpy()
            inputs.append(module.answers.weight[codes].mean(dim=0))
        states, _ = module.rnn(stack(inputs))
        logits = module.readout(states[0, -1]).detach().numpy()
        np.testing.assert_allclose(p, softmax(logits), atol=1e-6)


def stack(inputs):
    import torch

    return torch.stack(inputs)[None]


def test_it_learns_four_outcomes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 5, 2))
    y = np.array(OUTCOMES)[2 * (X[:, 1, 0] > 0) + (X[:, 3, 1] > 0)]
    clf = DKTClassifier(
        task="many-to-one", hidden_size=32, dropout=0, lr=0.01, random_state=0
    ).set_params(max_epochs=40)
    clf.fit(X[:400], y[:400])
    assert clf.score(X[400:], y[400:]) > 0.8
    assert log_loss(y[400:], clf.predict_proba(X[400:])) < 0.6


def test_it_learns_an_outcome_of_answers():
    """Who got the last answer on the first skill right passes."""
    log = make_log(n_students=300, n_skills=2, n_steps=6, ties=False)
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    y = log.sort_values("order_id").groupby("user_id")["correct"].last().loc[X.ids]
    clf = DKTClassifier(
        task="many-to-one", hidden_size=16, dropout=0, lr=0.02, random_state=0
    )
    clf.fit(X[:200], y[:200])
    assert clf.score(X[200:], y[200:]) > 0.95


# --- what changes nothing ----------------------------------------------------------


def test_alone_is_in_company_and_order_means_nothing(numbers, answers):
    for clf, X in ((numbers, make_courses(seed=1)[0]), (answers, make_histories(1)[1])):
        p = clf.predict_proba(X)
        alone = [clf.predict_proba(X[i : i + 1]) for i in range(len(X))]
        np.testing.assert_allclose(np.concatenate(alone), p, **CLOSE)
        rows = np.random.default_rng(0).permutation(len(X))
        np.testing.assert_allclose(clf.predict_proba(X[rows]), p[rows], **CLOSE)


def test_padding_means_nothing(numbers):
    X, y = make_courses()
    wider = np.concatenate([X, np.full((len(X), 3, 3), np.nan)], axis=1)
    p = numbers.predict_proba(X)
    np.testing.assert_array_equal(numbers.predict_proba(wider), p)
    np.testing.assert_array_equal(clone(numbers).fit(wider, y).predict_proba(X), p)


def test_all_forms_of_answers_mean_the_same(answers):
    log, X, y = make_histories()
    p = answers.predict_proba(X)
    frames = [log[log["user_id"] == student] for student in X.ids]
    forms = {
        "frames in any row order": frames,
        "frames that do not name the student": [
            f.drop(columns="user_id") for f in frames
        ],
        "order as a column": Sequences.from_frame(
            log, by="user_id", features=["skill_name", "correct", "order_id"]
        ),
    }
    for name, form in forms.items():
        q = clone(answers).fit(form, y).predict_proba(form)
        np.testing.assert_allclose(q, p, **CLOSE, err_msg=name)
        np.testing.assert_allclose(answers.predict_proba(form), p, **CLOSE)


def test_an_unanswered_question_leaves_no_trace(answers):
    log, X, _ = make_histories()
    query = log.drop_duplicates("user_id").assign(order_id=99, correct=np.nan)
    asked = Sequences.from_frame(pd.concat([log, query]), "user_id", order="order_id")
    np.testing.assert_allclose(
        answers.predict_proba(asked), answers.predict_proba(X), **CLOSE
    )


def test_unseen_skills_are_the_average_skill_or_refused(answers):
    log, _, _ = make_histories()
    odd = Sequences.from_frame(log.assign(skill_name="new"), "user_id", "order_id")
    assert np.isfinite(answers.predict_proba(odd)).all()
    strict = pickle.loads(pickle.dumps(answers)).set_params(handle_unknown="error")
    with pytest.raises(ValueError, match="not seen in fit: 'new'"):
        strict.predict_proba(odd)


def test_weights(numbers):
    X, y = make_courses()
    weight = np.ones(len(y))
    weight[::5] = 0
    kept = weight > 0
    X[~kept] *= 1e3
    p = clone(numbers).fit(X, y, sample_weight=weight).predict_proba(X)
    q = clone(numbers).fit(X[kept], y[kept]).predict_proba(X)
    np.testing.assert_array_equal(p, q)
    heavy = np.where(y == "fail", 50.0, 1.0)
    favoured = clone(numbers).set_params(max_epochs=20).fit(X, y, sample_weight=heavy)
    assert favoured.predict_proba(X)[:, 1].mean() > 0.6


def test_labels_may_be_any(numbers):
    X, y = make_courses()
    codes = np.searchsorted(OUTCOMES, y)
    for labels in (codes, codes + 10, pd.Series(y, dtype="category"), y.astype(object)):
        fitted = clone(numbers).fit(X, labels)
        np.testing.assert_array_equal(fitted.predict_proba(X), numbers.predict_proba(X))
    assert clone(numbers).fit(X, codes.astype(object)).classes_.dtype == np.int64
    two = clone(numbers).fit(X, codes > 1)
    assert two.classes_.tolist() == [False, True]
    assert two.predict_proba(X).shape == (len(X), 2)


def test_same_seed_and_pickle(numbers, answers):
    for clf, (X, y) in ((numbers, make_courses()), (answers, make_histories()[1:])):
        p = clf.predict_proba(X)
        np.testing.assert_array_equal(clone(clf).fit(X, y).predict_proba(X), p)
        copy = pickle.loads(pickle.dumps(clf))
        np.testing.assert_array_equal(copy.predict_proba(X), p)


def test_a_refit_forgets_what_steps_held_before():
    X, y = make_courses(n_classes=2)
    clf = DKTClassifier(**OF_OUTCOMES).fit(*make_histories()[1:])
    assert hasattr(clf, "skills_")
    clf.fit(X, y)
    assert not hasattr(clf, "skills_")
    np.testing.assert_array_equal(
        clf.predict_proba(X), DKTClassifier(**OF_OUTCOMES).fit(X, y).predict_proba(X)
    )
