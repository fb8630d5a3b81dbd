"""Transformers and sequences that PerStep refuses."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sktrace import Sequences
from sktrace.preprocessing import PerStep

from .._sequence_data import make_padded


def drop_first(X):
    return X[1:]


def first_column(X):
    return X[:, 0]


def test_a_transformer_that_drops_steps_is_refused():
    array, lengths = make_padded()
    step = PerStep(FunctionTransformer(drop_first))
    message = (
        f"made {lengths.sum() - 1} rows of {lengths.sum()} steps; expected a "
        "transformer that returns a row for each."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        step.fit_transform(array)
    with pytest.raises(ValueError, match="FunctionTransformer"):
        step.transform(array)
    with pytest.raises(ValueError, match=re.escape("expected (n_steps, n_features)")):
        PerStep(FunctionTransformer(first_column)).fit_transform(array)


def test_what_is_not_fitted_transforms_nothing():
    with pytest.raises(NotFittedError, match="PerStep instance is not fitted"):
        PerStep(StandardScaler()).transform(make_padded()[0])
    with pytest.raises(NotFittedError):
        PerStep(StandardScaler()).get_feature_names_out()


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pd.DataFrame({"a": [1.0]}), "Sequences.from_frame(X, by=...)"),
        (Sequences(np.zeros((2, 1)), [0, 0, 2]), "1 of 2 sequences have no step"),
        ([], "X holds 0 sequences"),
        (np.zeros(3), "X has shape (3,); expected (n_sequences, n_steps, n_features)"),
        (np.ones((2, 3, 4)), "X has 4 features, but StandardScaler is expecting 2"),
    ],
)
def test_sequences_that_are_refused(X, message):
    step = PerStep(StandardScaler()).fit(make_padded()[0])
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        step.transform(X)
    if "features, but" not in message:
        with pytest.raises((TypeError, ValueError), match=re.escape(message)):
            clone(step).fit(X)


def test_columns_in_another_order_than_in_fit_are_refused():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 5.0]})
    step = PerStep(StandardScaler()).fit([frame])
    with pytest.raises(ValueError, match="in the same order as they were in fit"):
        step.transform([frame[["b", "a"]]])
