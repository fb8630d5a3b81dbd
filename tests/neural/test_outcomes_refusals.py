"""Methods, inputs and outcomes that DKTClassifier(task="many-to-one") refuses."""

import re

import numpy as np
import pytest
from sklearn.utils.validation import check_is_fitted

from sktrace import DKTClassifier, Sequences

from ._courses import OF_OUTCOMES, make_courses, make_histories


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
