"""A fit is whole or none, of every estimator, wherever it is cut off."""

import copy
import inspect
import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.impute import SimpleImputer

import sktrace
from sktrace import (
    DKTClassifier,
    PFAClassifier,
    SequenceRegressor,
    model_selection,
    preprocessing,
)
from sktrace.model_selection import HistoryClassifier
from sktrace.preprocessing import PerStep, PriorCounts

from ._sequence_data import SMALL_BATCHES
from .conftest import SMALL
from .neural._courses import OF_OUTCOMES, make_courses, make_sequences, make_weeks
from .test_contract import TRACERS, make_log


def a_log(seed):
    log = make_log(seed=seed, n_students=12)
    return log, log["correct"]


def some_weeks(seed):
    weeks = make_weeks(seed=seed)
    return weeks, weeks["grade"]


def some_courses(seed):
    return make_courses(seed=seed)


def some_sequences(seed):
    return make_sequences(seed=seed)


ESTIMATORS = {
    **{
        name: (TRACERS[name], a_log)
        for name in ("mean by skill", "AFM", "PFA", "Rasch", "BKT", "transfer", "blend")
    },
    "DKT with items": (DKTClassifier(item="item_id", readout="mlp", **SMALL), a_log),
    "outcomes": (DKTClassifier(**OF_OUTCOMES), some_courses),
    "weeks": (
        SequenceRegressor(past_features=["grade"], features=["hours"], **SMALL_BATCHES),
        some_weeks,
    ),
    "sequences": (
        SequenceRegressor(task="many-to-one", **SMALL_BATCHES),
        some_sequences,
    ),
    "history": (HistoryClassifier(PFAClassifier()), a_log),
    "counts": (PriorCounts(), a_log),
    "steps": (PerStep(SimpleImputer()), some_courses),
}


class CutOff(BaseException):
    """What no fit can foresee."""


def cut_off(method, *args, at=None, error=CutOff):
    """Call a method, and fail in one of its calls of our functions; count these."""
    n_calls = 0

    def profile(frame, event, arg):
        nonlocal n_calls
        if event == "call" and "/sktrace/" in frame.f_code.co_filename:
            n_calls += 1
            if n_calls == at:
                raise error

    sys.setprofile(profile)
    try:
        method(*args)
    finally:
        sys.setprofile(None)
    return n_calls


def answer(estimator, X):
    for method in ("predict_proba", "predict", "transform"):
        if hasattr(estimator, method):
            answered = getattr(estimator, method)(X)
            return np.asarray(getattr(answered, "steps", answered))
    raise AssertionError


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_fit_that_is_cut_off_leaves_the_earlier_model(name):
    estimator, make = ESTIMATORS[name]
    estimator = clone(estimator)
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=0)  # every fit makes the same calls
    (X, y), other = make(seed=0), make(seed=1)
    before = answer(estimator.fit(X, y), X)
    learnt = dict(vars(estimator))
    n_calls = cut_off(copy.deepcopy(estimator).fit, *other)
    for at, error in (
        (n_calls // 2, KeyboardInterrupt),
        (n_calls - 1, CutOff),
        (n_calls, KeyboardInterrupt),
    ):
        with pytest.raises(error):
            cut_off(estimator.fit, *other, at=at, error=error)
        now = {k: v for k, v in vars(estimator).items() if k != "interrupted_"}
        assert now.keys() == learnt.keys()
        assert all(now[name] is value for name, value in learnt.items())
        np.testing.assert_array_equal(answer(estimator, X), before)


def test_every_public_estimator_is_asked():
    public = [
        getattr(place, name)
        for place in (sktrace, model_selection, preprocessing)
        for name in place.__all__
    ]
    estimators = {
        one
        for one in public
        if inspect.isclass(one)
        and issubclass(one, BaseEstimator)
        and hasattr(one, "fit")
    }
    assert estimators == {type(estimator) for estimator, _ in ESTIMATORS.values()}
