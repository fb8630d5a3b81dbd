"""Pipelines, calibration and searches around tracers are kept by skops."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sktrace import DKTClassifier, MeanClassifier, PFAClassifier
from sktrace._plain.models import dump
from sktrace.model_selection import StudentKFold

from ..conftest import SMALL
from ._models import LOG, ask

skops = pytest.importorskip("skops.io")


def keep(estimator, trusted):
    """Return an estimator that skops has kept; what it asks to trust is known."""
    content = skops.dumps(estimator)
    asked = skops.get_untrusted_types(data=content)
    ours = {name.rpartition(".")[2] for name in asked if name.startswith("sktrace.")}
    assert ours == trusted
    return skops.loads(content, trusted=asked)


def test_every_tracer_is_one_type_to_trust(fitted):
    for name, (estimator, X) in fitted.items():
        again = keep(estimator, {type(estimator).__name__})
        np.testing.assert_array_equal(ask(again, X), ask(estimator, X), name)


@pytest.mark.parametrize(
    ("around", "trusted"),
    [
        (
            make_pipeline(FunctionTransformer(), DKTClassifier(**SMALL)),
            {"DKTClassifier"},
        ),
        (
            CalibratedClassifierCV(PFAClassifier(), cv=StudentKFold(2)),
            {"PFAClassifier", "StudentKFold"},
        ),
        (
            StackingClassifier(
                [("pfa", PFAClassifier()), ("mean", MeanClassifier(by="student"))],
                LogisticRegression(),
                cv=StudentKFold(2),
            ),
            {"PFAClassifier", "MeanClassifier", "StudentKFold"},
        ),
        (
            GridSearchCV(
                MeanClassifier(), {"strength": [1.0, 9.0]}, cv=StudentKFold(2)
            ),
            {"MeanClassifier", "StudentKFold"},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_stands_around_tracers_is_kept(around, trusted):
    fitted = around.fit(LOG, LOG["correct"])
    again = keep(fitted, trusted)
    np.testing.assert_array_equal(ask(again, LOG), ask(fitted, LOG))


def test_one_tracer_in_the_place_of_another_is_refused(fitted):
    (pfa, _), (afm, _) = fitted["PFA with columns"], fitted["AFM"]
    with pytest.raises(ValueError, match="PFAClassifier stands where a AFMClassifier"):
        clone(afm).__setstate__({"_sktrace_file": dump(pfa)})
    assert "_sktrace_file" not in pfa.__getstate__()  # which pickle and copy ask for
