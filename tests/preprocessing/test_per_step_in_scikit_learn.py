"""PerStep in scikit-learn's folds, searches, pipelines, clones and checks."""

import copy
import pickle

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.utils import estimator_checks as checks

from sktrace import DKTClassifier, SequenceRegressor, Sequences
from sktrace.preprocessing import PerStep

from .._checks import DATA_FREE_CHECKS
from .._sequence_data import NAN, assert_same, make_padded
from ._steps import real_length


def make_learnable(n=24):
    """Sequences of which every step carries the number of its sequence."""
    array, lengths = make_padded(n=n, n_features=3)
    array[:, :, 0] = np.arange(n)[:, None]
    array[np.arange(array.shape[1]) >= lengths[:, None]] = NAN
    return array, np.arange(n) % 2


def averages(X):
    return np.array([np.nanmean(np.asarray(own), axis=0) for own in X])


class Spy(TransformerMixin, BaseEstimator):
    """Remembers which sequences it was fitted on."""

    def fit(self, X, y=None):
        assert not np.isnan(X).any()
        self.seen_ = set(X[:, 0])
        self.n_rows_ = len(X)
        return self

    def transform(self, X):
        assert not np.isnan(X).any()
        return X


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_it_is_fitted_on_the_training_fold_only(n_jobs):
    array, y = make_learnable()
    lengths = np.array([real_length(own) for own in array])
    pipeline = make_pipeline(PerStep(Spy()), FunctionTransformer(averages), Ridge())
    for form in (array, Sequences.from_padded(array), list(array)):
        with parallel_config("threading"):
            result = cross_validate(
                pipeline,
                form,
                y,
                cv=3,
                n_jobs=n_jobs,
                return_estimator=True,
                return_indices=True,
                error_score="raise",
            )
        folds = zip(result["estimator"], result["indices"]["train"], strict=True)
        for fitted, train in folds:
            spy = fitted[0].transformer_
            assert spy.seen_ == set(train)
            assert spy.n_rows_ == lengths[train].sum()


def test_a_search_over_transformers_and_their_parameters():
    array, y = make_learnable()
    pipeline = make_pipeline(
        PerStep(StandardScaler()), FunctionTransformer(averages), Ridge()
    )
    grid = [
        {"perstep__transformer__with_mean": [True, False]},
        {"perstep__transformer": [PCA(1), MinMaxScaler()]},
        {"perstep__transformer": [PCA()], "perstep__transformer__n_components": [1, 2]},
    ]
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2, error_score="raise")
    search.fit(Sequences.from_padded(array), y)
    assert len(search.cv_results_["params"]) == 6
    by_hand = [
        cross_validate(clone(pipeline).set_params(**params), array, y, cv=3)
        for params in search.cv_results_["params"]
    ]
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"],
        [scores["test_score"].mean() for scores in by_hand],
        rtol=1e-10,
    )
    assert isinstance(pipeline[0].transformer, StandardScaler)


def test_recurrent_estimators_read_what_it_makes(X):
    """Numbers and text of a frame, encoded, beside the same numbers by hand."""
    small = {"task": "many-to-one", "hidden_size": 4, "max_epochs": 1}
    encode = make_column_transformer(
        (StandardScaler(), ["hours"]), (OneHotEncoder(), ["course"])
    )
    y = np.arange(len(X)) % 2
    by_hand = Sequences(encode.fit_transform(X.steps), X.offsets)
    for estimator in (
        DKTClassifier(random_state=0, **small),
        SequenceRegressor(random_state=0, **small),
    ):
        pipeline = make_pipeline(PerStep(encode), clone(estimator)).fit(X, y)
        other = clone(estimator).fit(by_hand, y)
        np.testing.assert_array_equal(pipeline.predict(X), other.predict(by_hand))
        pipeline.set_output(transform="pandas")
        pipeline.set_params(
            perstep__transformer__onehotencoder__sparse_output=False
        ).fit(X, y)
        np.testing.assert_array_equal(pipeline.predict(X), other.predict(by_hand))
        assert pipeline[-1].n_features_in_ == 3


def test_parameters_and_clones():
    step = PerStep(SimpleImputer(strategy="median"))
    assert step.get_params()["transformer__strategy"] == "median"
    step.set_params(transformer__strategy="mean", transformer__add_indicator=True)
    array, _ = make_padded(holes=0.3)
    fitted = step.fit(array)
    assert fitted is step
    assert not hasattr(step.transformer, "statistics_")  # fit changes a clone
    assert not hasattr(clone(step), "transformer_")
    Z = step.transform(array)
    assert_same(pickle.loads(pickle.dumps(step)).transform(array), Z)
    assert_same(step.fit_transform(array), Z)
    assert "SimpleImputer" in step._repr_html_()


@pytest.mark.parametrize(
    "check",
    [
        c
        for c in DATA_FREE_CHECKS
        # The transformer is judged by itself.
        if c not in ("check_decision_proba_consistency", "check_param_validation")
    ],
)
def test_scikit_learn_checks_that_need_no_data(check):
    getattr(checks, check)("PerStep", PerStep(StandardScaler()))


def test_a_fitted_transformer_knows_its_features(X):
    """As every transformer of scikit-learn does."""
    step = PerStep(OrdinalEncoder()).fit(X)
    assert step.n_features_in_ == 3
    assert step.feature_names_in_.tolist() == ["course", "hours", "clicks"]
    assert PerStep(StandardScaler()).fit(make_padded()[0]).n_features_in_ == 2


def test_input_is_left_as_it_was(X):
    before = copy.deepcopy(X)
    PerStep(OrdinalEncoder()).set_output(transform="pandas").fit_transform(X)
    assert_same(X, before)
    for array in (make_padded(holes=0.2)[0], np.ones((3, 4, 2))):
        copied = array.copy()
        array.flags.writeable = False
        PerStep(SimpleImputer()).fit_transform(array)
        PerStep(StandardScaler()).fit_transform(array)
        np.testing.assert_array_equal(array, copied)
