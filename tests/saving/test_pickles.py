"""Pickles say which version wrote them, and older ones are read without a word."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone

import sktrace
from sktrace import MeanClassifier, SequenceRegressor
from sktrace._plain import versions
from sktrace.model_selection import HistoryClassifier
from sktrace.preprocessing import PerStep, PriorCounts
from sktrace.saving import OtherVersionWarning

from ._models import LOG, TRACERS, ask

KINDS = [
    *({type(t): t for t in TRACERS.values()}.values()),
    SequenceRegressor(),
    HistoryClassifier(MeanClassifier()),
    PriorCounts(),
    PerStep(PriorCounts()),
]


@pytest.mark.parametrize("estimator", KINDS, ids=lambda e: type(e).__name__)
def test_a_pickle_of_another_version_warns(estimator, monkeypatch):
    monkeypatch.setattr(versions, "__version__", "0.0.7")
    old = pickle.dumps(estimator)
    assert pickle.loads(old).get_params().keys() == estimator.get_params().keys()
    monkeypatch.setattr(versions, "__version__", sktrace.__version__)
    with pytest.warns(
        OtherVersionWarning, match=r"pickled by sktrace 0\.0\.7, and"
    ) as told:
        pickle.loads(old)
    assert type(estimator).__name__ in "".join(str(w.message) for w in told)


def test_a_pickle_that_names_no_version_is_read_without_a_word():
    tracer = MeanClassifier().fit(LOG, LOG["correct"])
    older = copy.copy(tracer)
    state = {k: v for k, v in tracer.__getstate__().items() if "version" not in k}
    older.__setstate__(state)
    np.testing.assert_array_equal(ask(older, LOG), ask(tracer, LOG))


def test_a_version_stands_in_pickles_alone():
    tracer = MeanClassifier().fit(LOG, LOG["correct"])
    for copied in (pickle.loads(pickle.dumps(tracer)), copy.deepcopy(tracer)):
        assert [*vars(copied)] == [*vars(tracer)]
    assert vars(clone(tracer)).keys() == tracer.get_params().keys()


def test_what_the_warning_says_to_call_does_away_with_it(monkeypatch, tmp_path):
    monkeypatch.setattr(versions, "__version__", "0.0.7")
    tracer = MeanClassifier().fit(LOG, LOG["correct"])
    sktrace.save(tracer, tmp_path / "mean.sktrace")
    monkeypatch.setattr(versions, "__version__", sktrace.__version__)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = sktrace.load(tmp_path / "mean.sktrace")
    np.testing.assert_array_equal(ask(again, LOG), ask(tracer, LOG))
