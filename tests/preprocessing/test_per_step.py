"""PerStep: any transformer, fitted on the real steps of the training sequences."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    StandardScaler,
)

from sktrace import Sequences
from sktrace.preprocessing import PerStep

from .._sequence_data import NAN, assert_same, make_forms, make_padded, make_weeks
from ._steps import stack

# --- the transformer and the table of real steps -----------------------------------


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    transformer=st.sampled_from(
        [
            StandardScaler(),
            MinMaxScaler(),
            PCA(1),
            QuantileTransformer(n_quantiles=3),
            make_pipeline(StandardScaler(), PCA(2)),
            FunctionTransformer(np.square),
        ]
    ),
)
def test_it_is_the_transformer_of_the_stacked_steps(seed, transformer):
    array, lengths = make_padded(seed, n_features=2)
    other, other_lengths = make_padded(seed + 1, n_features=2)
    fitted = clone(transformer).fit(stack(array))
    step = PerStep(transformer).fit(array)
    for X, own in ((array, lengths), (other, other_lengths)):
        Z = step.transform(X)
        np.testing.assert_array_equal(Z.steps, fitted.transform(stack(X)))
        np.testing.assert_array_equal(Z.lengths, own)


def test_padding_never_reaches_the_transformer():
    array, _ = make_padded(n_features=3)
    real = stack(array)
    for padding in (0, 1, 50):
        wider = np.pad(array, [(0, 0), (0, padding), (0, 0)], constant_values=NAN)
        scaler = PerStep(StandardScaler()).fit(wider).transformer_
        np.testing.assert_allclose(scaler.mean_, real.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(scaler.scale_, real.std(axis=0), rtol=1e-12)
        assert scaler.n_samples_seen_ == len(real)


def test_every_form_goes_in_and_sequences_come_out():
    array, lengths = make_padded(n_features=1)
    expected = StandardScaler().fit_transform(stack(array))
    for name, form in make_forms(array).items():
        Z = PerStep(StandardScaler()).fit_transform(form)
        assert isinstance(Z, Sequences)
        np.testing.assert_allclose(Z.steps, expected, rtol=1e-12, err_msg=name)
        np.testing.assert_array_equal(Z.lengths, lengths)


def test_ids_and_lengths_are_kept(weeks):
    for by in ("user_id", ["course", "user_id"]):
        X = Sequences.from_frame(weeks, by, order="week")
        Z = PerStep(OrdinalEncoder()).fit_transform(X)
        pd.testing.assert_index_equal(Z.ids, X.ids)
        np.testing.assert_array_equal(Z.offsets, X.offsets)


def test_columns_go_by_name(X):
    transformer = make_column_transformer(
        (StandardScaler(), ["hours"]), (OneHotEncoder(), ["course"])
    )
    Z = PerStep(transformer).fit_transform(X)
    np.testing.assert_allclose(
        Z.steps, clone(transformer).fit_transform(X.steps), rtol=1e-12
    )
    with pytest.raises(ValueError, match="columns are missing"):
        PerStep(transformer).fit(X).transform(
            Sequences(X.steps.drop(columns="hours"), X.offsets)
        )


def test_steps_become_frames_where_they_are_asked_for(X):
    transformer = make_column_transformer(
        (StandardScaler(), ["hours"]),
        (OneHotEncoder(sparse_output=False), ["course"]),
        ("passthrough", ["clicks"]),
        verbose_feature_names_out=False,
    )
    step = PerStep(transformer).set_output(transform="pandas")
    Z = step.fit_transform(X)
    names = ["hours", "course_3", "course_20", "clicks"]
    assert Z.steps.columns.tolist() == names
    assert step.get_feature_names_out().tolist() == names
    pd.testing.assert_index_equal(Z.steps.index, X.steps.index)
    expected = X.steps["course"] == 20
    np.testing.assert_array_equal(Z.steps["course_20"], expected)
    frame = Z.to_frame()  # ids, times and what was transformed stand together
    assert frame.columns.tolist() == ["user_id", "week", *names]
    assert frame["clicks"].tolist() == X.to_frame()["clicks"].tolist()
    assert isinstance(clone(step).fit_transform(X).steps, pd.DataFrame)
    assert isinstance(
        step.set_output(transform="default").transform(X).steps, np.ndarray
    )


def test_output_may_be_set_before_or_after_fit_and_by_a_pipeline(X):
    late = PerStep(OrdinalEncoder()).fit(X).set_output(transform="pandas")
    early = PerStep(OrdinalEncoder()).set_output(transform="pandas").fit(X)
    assert_same(late.transform(X), early.transform(X))
    pipeline = make_pipeline(PerStep(OrdinalEncoder()), PerStep(StandardScaler()))
    Z = pipeline.set_output(transform="pandas").fit_transform(X)
    assert Z.steps.columns.tolist() == ["course", "hours", "clicks"]
    assert pipeline[:-1].get_feature_names_out().tolist() == Z.steps.columns.tolist()


def test_output_may_be_set_everywhere(X):
    """``sklearn.set_config(transform_output="pandas")`` asks it of all transformers."""
    with sklearn.config_context(transform_output="pandas"):
        Z = PerStep(OrdinalEncoder()).fit_transform(X)
    expected = PerStep(OrdinalEncoder()).set_output(transform="pandas").fit_transform(X)
    assert_same(Z, expected)


def test_frames_with_repeated_and_shuffled_index():
    weeks = make_weeks()
    frames = [own for _, own in weeks.drop(columns="user_id").groupby(weeks["user_id"])]
    odd = [own.set_axis([3] * len(own)) for own in frames]
    transformer = make_column_transformer(
        (StandardScaler(), ["hours"]), ("passthrough", ["clicks"])
    ).set_output(transform="pandas")
    one = PerStep(transformer).fit_transform(frames)
    other = PerStep(transformer).fit_transform(odd)
    np.testing.assert_array_equal(one.steps, other.steps)
    pd.testing.assert_index_equal(one.steps.index, pd.concat(frames).index)


def test_missing_numbers_are_filled_and_marked():
    array = np.array(
        [
            [[1, NAN], [NAN, NAN], [2, 5]],  # a step missing throughout, inside
            [[NAN, 7], [3, 9], [NAN, NAN]],  # padding
        ]
    )
    Z = PerStep(SimpleImputer(add_indicator=True)).fit_transform(array).to_padded()
    expected = [
        [[1, 7, 0, 1], [2, 7, 1, 1], [2, 5, 0, 0]],
        [[2, 7, 1, 0], [3, 9, 0, 0], [NAN] * 4],
    ]
    np.testing.assert_array_equal(Z, expected)


def test_a_step_missing_at_the_end_is_padding_of_arrays_but_not_of_frames():
    array = np.array([[[1.0], [2.0], [NAN]]])
    fill = PerStep(SimpleImputer())
    assert fill.fit_transform(array).lengths.tolist() == [2]
    assert fill.fit_transform([pd.DataFrame(array[0])]).lengths.tolist() == [3]
    whole = Sequences(array[0], [0, 3])
    assert fill.fit_transform(whole).steps.ravel().tolist() == [1, 2, 1.5]


@pytest.mark.parametrize(
    "make", [sparse.csr_matrix, sparse.coo_array, sparse.csc_array]
)
def test_sparse_steps_become_dense(make):
    array, _ = make_padded()
    Z = PerStep(FunctionTransformer(make)).fit_transform(array)
    np.testing.assert_array_equal(Z.steps, stack(array))
    bins = PerStep(KBinsDiscretizer(3, strategy="uniform"))
    assert set(bins.fit_transform(array).steps.ravel()) == {0, 1}


def test_float32_stays():
    array = make_padded()[0].astype(np.float32)
    assert PerStep(StandardScaler()).fit_transform(array).steps.dtype == np.float32


# --- y -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        list,
        np.array,
        lambda y: pd.Series(y, index=[9] * len(y)),
        lambda y: np.array(["fail", "pass"])[y],
        lambda y: pd.Series(y, dtype="category"),
        lambda y: pd.Series(y, dtype="Int64"),
    ],
)
def test_the_outcome_is_the_target_of_each_step(kind):
    array, lengths = make_padded(n=20, n_features=3)
    y = np.arange(20) % 2
    array[:, :, 1] += 9 * y[:, None]
    select = SelectKBest(k=1).fit(stack(array), np.repeat(y, lengths))
    step = PerStep(SelectKBest(k=1)).fit(array, kind(y))
    np.testing.assert_allclose(step.transformer_.scores_, select.scores_, rtol=1e-12)
    np.testing.assert_array_equal(step.transform(array).steps, stack(array)[:, [1]])


def test_targets_of_another_length_are_refused():
    array, _ = make_padded(n=20)
    with pytest.raises(ValueError, match=r"20 .*\b19\b"):
        PerStep(SelectKBest(k=1)).fit(array, np.zeros(19))
