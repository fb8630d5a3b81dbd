"""DKTClassifier(task="many-to-one"): the outcome of whole sequences."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from sktrace import DKTClassifier, Sequences
from sktrace.model_selection import StudentKFold
from sktrace.preprocessing import PerStep

from .._sequence_data import SMALL_BATCHES
from ..conftest import CLOSE, make_log

OF_OUTCOMES = {"task": "many-to-one", "embedding_size": 4, **SMALL_BATCHES}
OUTCOMES = ["distinction", "fail", "pass", "withdrawn"]


def make_courses(n=40, n_steps=5, n_features=3, n_classes=4, seed=0):
    """Arrays with padding, and one of several outcomes."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_steps, n_features))
    X[np.arange(n_steps) >= rng.integers(1, n_steps + 1, n)[:, None]] = np.nan
    y = np.array(OUTCOMES)[np.arange(n) % n_classes]
    return X, y


def make_histories(seed=0):
    """Interactions of students as sequences, and whether each passed."""
    log = make_log(n_students=20, seed=seed)
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    return log, X, (X.ids.to_numpy() // 7) % 2


@pytest.fixture(scope="module")
def numbers():
    return DKTClassifier(**OF_OUTCOMES).fit(*make_courses())


@pytest.fixture(scope="module")
def answers():
    return DKTClassifier(**OF_OUTCOMES).fit(*make_histories()[1:])


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


# --- in scikit-learn's hands -------------------------------------------------------


def test_scorers_searches_calibration_and_stacks():
    X, y = make_courses(60)
    clf = DKTClassifier(**OF_OUTCOMES)
    scoring = ["accuracy", "balanced_accuracy", "roc_auc_ovr", "neg_log_loss"]
    for form in (X, Sequences.from_padded(X), list(X)):
        scores = cross_validate(clf, form, y, cv=3, scoring=scoring)
        assert all(np.isfinite(scores[f"test_{name}"]).all() for name in scoring)
    search = GridSearchCV(clf, {"cell": ["rnn", "lstm"]}, cv=2).fit(X, y)
    assert search.predict(X).shape == (60,)
    calibrated = CalibratedClassifierCV(clf, cv=2).fit(X, y)
    assert calibrated.predict_proba(X).shape == (60, 4)
    stack = StackingClassifier([("a", clf), ("b", clone(clf))], cv=2)
    assert stack.fit(X, y).predict_proba(X).shape == (60, 4)


def test_missing_weeks_are_filled_in_a_pipeline():
    X, y = make_courses(n_classes=2)
    X[::4, 0, 1] = np.nan
    clf = DKTClassifier(**OF_OUTCOMES)
    fill = PerStep(SimpleImputer(add_indicator=True))
    pipeline = make_pipeline(fill, clf).fit(X, y)
    assert pipeline[-1].n_features_in_ == 4
    assert np.isfinite(pipeline.predict_proba(X)).all()


def test_folds_of_students_with_several_enrolments():
    weeks = pd.DataFrame(
        {
            "course": np.repeat(["a", "b"], 60),
            "student": np.tile(np.repeat(np.arange(20), 3), 2),
            "week": np.tile([1, 2, 3], 40),
            "clicks": np.arange(120.0) % 7,
        }
    )
    X = Sequences.from_frame(weeks, by=["course", "student"], order="week")
    y = X.ids.get_level_values("student").to_numpy() % 2
    for train, test in StudentKFold(4, student="student").split(X):
        sides = [set(X[rows].ids.get_level_values("student")) for rows in (train, test)]
        assert not sides[0] & sides[1]
    scores = cross_validate(
        DKTClassifier(**OF_OUTCOMES), X, y, cv=StudentKFold(4, student="student")
    )
    assert np.isfinite(scores["test_score"]).all()


def test_early_stopping_holds_out_sequences():
    for X, y in (make_courses(), make_histories()[1:]):
        clf = DKTClassifier(**OF_OUTCOMES).set_params(
            early_stopping=True, max_epochs=20
        )
        assert clf.fit(X, y).history_["valid_loss"].notna().all()


def test_answers_that_only_held_out_sequences_hold_are_the_average_answer():
    log, _, y = make_histories()
    student = log["user_id"] // 7
    log["skill_name"] = "skill " + student.astype(str)  # each student's own
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    clf = DKTClassifier(**OF_OUTCOMES).set_params(early_stopping=True, max_epochs=1)
    module = clf.fit(X, y).net_.module_
    table = module.answers.weight.detach().numpy()
    average = table[-3:-1]  # of the unknown skill: wrong, right
    untaught = [(table[2 * k : 2 * k + 2] == average).all() for k in range(20)]
    assert sum(untaught) >= 2  # 2 of 20 are held out; some gave one answer only


# --- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    "method", ["predict_next", "knowledge_state", "tracer", "partial_fit"]
)
def test_what_needs_every_step_is_not_there(numbers, method):
    assert not hasattr(numbers, method)
    with pytest.raises(AttributeError) as refused:
        getattr(numbers, method)
    assert 'pass task="many-to-many"' in str(refused.value.__cause__)
    assert hasattr(DKTClassifier(), method)


def test_inputs_of_the_wrong_task():
    log, X, y = make_histories()
    with pytest.raises(TypeError, match=r"Sequences.from_frame\(X, by="):
        DKTClassifier(**OF_OUTCOMES).fit(log, log["correct"])
    for form in (X, list(X), make_courses()[0]):
        with pytest.raises(TypeError, match=r'pass task="many-to-one"'):
            DKTClassifier().fit(form, y)


def test_a_target_per_step_is_refused_by_showing_the_long_form():
    X, _ = make_courses()
    with pytest.raises(ValueError, match="a target for each step") as refused:
        DKTClassifier(**OF_OUTCOMES).fit(X, np.zeros((40, 5)))
    assert "frame, y = sequences_to_frame(X, y)" in str(refused.value)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a"] * 40, "y holds one class only, 'a'; expected at least two."),
        (["a", "b"], "X holds 40 samples but y has 2 entries"),
        (["a", None] * 20, "y contains NaN in 20 rows (the first at position 1)"),
        (np.linspace(0, 1, 40), "Unknown label type: continuous."),
        (None, "requires y to be passed"),
        (
            np.array([1, "a"] * 20, object),
            "y mixes labels of types ['int', 'str']; expected labels of",
        ),
    ],
)
def test_outcomes_that_are_refused(y, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        DKTClassifier(**OF_OUTCOMES).fit(make_courses()[0], y)


def test_sequences_of_another_kind_than_fit_read(numbers, answers):
    with pytest.raises(ValueError, match="Steps have no column 'correct'"):
        answers.predict_proba(make_courses()[0])
    with pytest.raises(ValueError, match="expected numbers in each step"):
        numbers.predict_proba(make_histories()[1])
    with pytest.raises(ValueError, match="X has 2 features, but DKTClassifier is exp"):
        numbers.predict_proba(make_courses(n_features=2)[0])
    _, X, y = make_histories()
    no_skill = Sequences(X.steps.drop(columns="skill_name"), X.offsets, X.ids)
    with pytest.raises(ValueError, match=r"X has no column 'skill_name' \(skill\)"):
        DKTClassifier(**OF_OUTCOMES).fit(no_skill, y)


def test_interactions_without_an_order_may_stand_in_it():
    log, X, y = make_histories()
    steps = X.steps.reset_index(drop=True)
    untimed = Sequences(steps, X.offsets, X.ids)
    message = (
        "Steps have no column 'order_id' (order); got the columns ['skill_name', "
        "'correct'], expected numbers that grow with time. If the steps of each "
        "sequence already stand in time order, pass order=None."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        DKTClassifier(**OF_OUTCOMES).fit(untimed, y)
    clf = DKTClassifier(**OF_OUTCOMES).set_params(order=None).fit(untimed, y)
    assert np.isfinite(clf.predict_proba(untimed)).all()
    both = Sequences.from_frame(
        log, "user_id", "order_id", features=["order_id", "skill_name", "correct"]
    )
    p = DKTClassifier(**OF_OUTCOMES).fit(X, y).predict_proba(X)
    q = DKTClassifier(**OF_OUTCOMES).fit(both, y).predict_proba(both)
    np.testing.assert_array_equal(q, p)


def test_early_stopping_needs_two_sequences():
    X, _ = make_courses()
    weight = np.arange(len(X)) == 3
    clf = DKTClassifier(**OF_OUTCOMES).set_params(early_stopping=True)
    with pytest.raises(ValueError, match="holds out whole sequences, got 1 sequence;"):
        clf.fit(X, np.arange(len(X)) % 2, sample_weight=weight)


def test_nothing_is_fitted_before_fit():
    with pytest.raises(ValueError, match="not fitted"):
        DKTClassifier(**OF_OUTCOMES).predict_proba(make_courses()[0])
    check_is_fitted(DKTClassifier(**OF_OUTCOMES).fit(*make_courses()))
