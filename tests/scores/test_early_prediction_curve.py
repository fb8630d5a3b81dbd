"""The curve of early predictions is cross-validation of cut sequences."""

import copy

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.metrics import (
    accuracy_score,
    make_scorer,
    roc_auc_score,
)
from sklearn.model_selection import (
    GroupKFold,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedKFold,
    cross_validate,
)

from sktrace import Sequences
from sktrace.metrics import score_by_step
from sktrace.model_selection import StudentKFold, early_prediction_curve

from .._sequence_data import make_forms
from ..conftest import CLOSE
from ._courses import (
    DKT,
    ESTIMATORS,
    FLAT,
    N,
    cut,
    make_courses,
)


@pytest.fixture(params=ESTIMATORS)
def estimator(request):
    return clone(ESTIMATORS[request.param])


METRICS = ["accuracy", "roc_auc", "neg_log_loss"]


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_refitted_curve_is_cross_validation_of_cut_sequences(estimator, n_jobs):
    X, y = make_courses()
    with parallel_config("threading"):  # processes would take seconds to start
        curve = early_prediction_curve(
            estimator, X, y, steps=[1, 3], cv=3, scoring=METRICS, n_jobs=n_jobs
        )
    assert curve.columns.tolist() == ["step", "fold", *METRICS]
    assert curve["fold"].tolist() == [0, 1, 2] * 2
    for n in (1, 3):
        scores = cross_validate(estimator, cut(X, n), y, cv=3, scoring=METRICS)
        own = curve[curve["step"] == n]
        for name in METRICS:
            np.testing.assert_allclose(own[name], scores[f"test_{name}"], **CLOSE)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_without_refit_one_model_is_scored_at_all_steps(estimator, n_jobs):
    X, y = make_courses()
    folds = list(StratifiedKFold(3).split(X, y))
    curve = early_prediction_curve(
        estimator,
        X,
        y,
        steps=[3, 1],
        refit=False,
        cv=3,
        scoring="roc_auc",
        n_jobs=n_jobs,
    )
    assert curve.columns.tolist() == ["step", "fold", "score"]
    assert curve["step"].tolist() == [3, 3, 3, 1, 1, 1]
    models = [clone(estimator).fit(cut(X[train], 3), y[train]) for train, _ in folds]
    for row in curve.itertuples():
        test = folds[row.fold][1]
        p = models[row.fold].predict_proba(cut(X[test], row.step))
        expected = roc_auc_score(y[test], p[:, 1])
        assert row.score == pytest.approx(expected, abs=1e-6)


def sum_of_targets(estimator, X, y):
    return float(np.sum(y))


@pytest.mark.parametrize("refit", [True, False])
def test_folds_are_the_same_at_all_steps(refit):
    """Whatever the splitter draws, it draws once."""
    X, _ = make_courses()
    y = 2.0 ** np.arange(N)  # a fold's sum says who is in it
    for cv in (ShuffleSplit(3), (fold for fold in ShuffleSplit(3).split(X))):
        curve = early_prediction_curve(
            DummyRegressor(), X, y, cv=cv, scoring=sum_of_targets, refit=refit
        )
        table = curve.pivot(index="step", columns="fold", values="score")
        assert table.shape == (4, 3)
        assert (table == table.iloc[0]).all(axis=None)
        assert table.iloc[0].nunique() == 3


@pytest.mark.parametrize("refit", [True, False])
def test_students_of_several_sequences_stay_on_one_side(refit):
    X, y = make_courses()
    ids = pd.MultiIndex.from_arrays(
        [np.arange(N) % 8, np.arange(N) // 8], names=["user_id", "course"]
    )
    courses = Sequences.from_padded(X, ids)
    y = 2.0 ** (np.arange(N) % 8 * 3)  # a student's three sequences sum up
    curve = early_prediction_curve(
        DummyRegressor(),
        courses,
        y,
        steps=[1, 2],
        cv=StudentKFold(4),
        scoring=sum_of_targets,
        refit=refit,
    )
    assert len(curve) == 8
    for total in curve["score"]:
        assert set(np.base_repr(int(total), 8)) <= {"0", "3"}
    with pytest.raises(ValueError, match="The ids of these Sequences are named"):
        early_prediction_curve(FLAT, Sequences.from_padded(X), y > 1, cv=StudentKFold())


def test_splitters_that_need_groups_get_them():
    X, y = make_courses()
    groups = np.arange(N) % 3
    curve = early_prediction_curve(
        FLAT, X, y, steps=[2], groups=groups, cv=GroupKFold(3)
    )
    there = early_prediction_curve(FLAT, X, y, steps=[2], cv=PredefinedSplit(groups))
    assert sorted(curve["score"]) == sorted(there["score"])


def test_folds_are_stratified_by_default():
    X, _ = make_courses()
    y = (np.arange(N) < 6).astype(int)  # plain folds would hold one class
    curve = early_prediction_curve(FLAT, X, y, steps=[1, 2], scoring="roc_auc")
    assert len(curve) == 10
    assert curve["score"].notna().all()


@pytest.mark.parametrize("refit", [True, False])
def test_scorers_by_name_list_and_dict_agree(refit):
    X, y = make_courses()
    options = {"steps": [1, 4], "cv": 3, "refit": refit}

    def curve(scoring):
        return early_prediction_curve(FLAT, X, y, scoring=scoring, **options)

    expected = curve("accuracy")["score"].tolist()
    assert curve(None)["score"].tolist() == expected
    assert curve(make_scorer(accuracy_score))["score"].tolist() == expected
    for scoring in (["accuracy", "roc_auc"], ("accuracy", "roc_auc"), {"accuracy"}):
        assert curve(scoring)["accuracy"].tolist() == expected
    named = curve({"hits": "accuracy", "area": make_scorer(accuracy_score)})
    assert named.columns.tolist() == ["step", "fold", "hits", "area"]
    assert named["hits"].tolist() == named["area"].tolist() == expected
    with pytest.raises(ValueError, match="roc_acu"):
        curve("roc_acu")


@pytest.mark.parametrize("refit", [True, False])
def test_all_forms_and_targets_have_the_same_curve(refit):
    X, y = make_courses()
    options = {"steps": [2], "cv": 2, "scoring": "neg_log_loss", "refit": refit}
    expected = early_prediction_curve(DKT, X, y, **options)
    forms = make_forms(X)
    for name in ("wider array", "list of lists", "list of frames", "Sequences"):
        curve = early_prediction_curve(DKT, forms[name], y, **options)
        pd.testing.assert_frame_equal(curve, expected, atol=1e-5, rtol=0, obj=name)
    named = np.array(["fail", "pass"])[y]
    for target in (
        y.tolist(),
        pd.Series(y, index=np.arange(N)[::-1] * 2),
        pd.Series(named, index=[5] * N, dtype="category"),
    ):
        curve = early_prediction_curve(DKT, X, target, **options)
        pd.testing.assert_frame_equal(curve, expected, atol=1e-6, rtol=0)


def test_later_steps_are_not_seen():
    X, y = make_courses()
    blind = X.copy()
    blind[:, 2:] *= 100
    for refit in (True, False):
        options = {"steps": [1, 2], "cv": 3, "scoring": "neg_log_loss", "refit": refit}
        pd.testing.assert_frame_equal(
            early_prediction_curve(DKT, blind, y, **options),
            early_prediction_curve(DKT, X, y, **options),
        )


def test_sequences_and_estimator_are_left_as_they_were():
    X, y = make_courses()
    clf = clone(FLAT)
    for form in (X, Sequences.from_padded(X), list(X)):
        before = copy.deepcopy(form)
        early_prediction_curve(clf, form, y, steps=[1], cv=2)
        early_prediction_curve(clf, form, y, steps=[1], cv=2, refit=False)
        score_by_step(clone(clf).fit(form, y), form, y)
        for own, copied in zip(form, before, strict=True):
            np.testing.assert_array_equal(own, copied)
    assert not hasattr(clf[-1], "coef_")


def test_what_fails_in_a_fold_is_said():
    X, y = make_courses()
    X[3, 0, 0] = np.inf
    for refit in (True, False):
        with pytest.raises(ValueError, match="X contains infinity"):
            early_prediction_curve(DKT, X, y, steps=[1], cv=2, refit=refit)
