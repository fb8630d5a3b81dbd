"""sequences_to_frame: padded arrays as a long frame."""

import copy
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sktrace import SequenceRegressor, Sequences, sequences_to_frame

from .._sequence_data import NAN, assert_same, make_forms, make_padded, make_weeks


@pytest.fixture
def weeks():
    return make_weeks()


# --- the long form -----------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n_features=st.integers(1, 3))
def test_the_long_form_holds_every_real_step_and_its_target(seed, n_features):
    """A double loop over the padded array makes the same rows."""
    array, lengths = make_padded(seed, n_features=n_features)
    targets = np.random.default_rng(seed).normal(size=array.shape[:2])
    targets[:, 1] = NAN
    rows = [
        (i, t, *array[i, t], targets[i, t])
        for i in range(len(array))
        for t in range(lengths[i])
    ]
    for name, form in make_forms(array).items():
        frame, y = sequences_to_frame(form, targets)
        np.testing.assert_array_equal(
            np.column_stack([frame.astype(float), y]), rows, err_msg=name
        )
        named = [f"f{i}" for i in range(n_features)]
        unnamed = [f"feature {i}" for i in range(n_features)]
        has_names = "rames" in name or "a frame" in name
        features = named if has_names else unnamed
        assert frame.columns.tolist() == ["user_id", "order_id", *features], name
        assert frame.index.tolist() == list(range(lengths.sum()))
        assert y.dtype == np.float64
        pd.testing.assert_frame_equal(sequences_to_frame(form), frame)


def test_targets_may_be_lists_arrays_or_frames():
    array, lengths = make_padded()
    targets = np.arange(array.shape[0] * array.shape[1]).reshape(array.shape[:2])
    expected = sequences_to_frame(array, targets)[1]
    own = [row[:n] for row, n in zip(targets, lengths, strict=True)]
    for name, y in {
        "column": targets[:, :, None],
        "padded lists": targets.tolist(),
        "list of arrays": own,
        "list of lists": [row.tolist() for row in own],
        "tuple of arrays": tuple(own),
        "list of Series": [pd.Series(row, index=row[::-1]) for row in own],
        "nullable": [pd.Series(row, dtype="Int64") for row in own],
        "frame": pd.DataFrame(targets, index=list("gfedcba")),
        "wider": np.pad(targets, [(0, 0), (0, 2)]),
    }.items():
        flat = sequences_to_frame(array, y)[1]
        np.testing.assert_array_equal(flat, expected, err_msg=name)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([[1, 2]], "X holds 2 sequences but y has 1 rows; expected one row of targets"),
        ([[1, 2]] * 3, "X holds 2 sequences but y has 3 rows"),
        (
            [[1, 2], [3]],
            "y[1] has shape (1,); expected a target for each of the 2 steps of "
            "sequence 1, NaN where there is none.",
        ),
        (np.ones((2, 1)), "y[0] has shape (1,); expected a target for each of the 2"),
        ([1, 2], "y[0] has shape (); expected a target for each"),
        (np.ones(2), "y[0] has shape (); expected a target for each"),
        (np.ones((2, 2, 2)), "y[0] has shape (2, 2); expected a target for each"),
        ([["a", "b"]] * 2, "expected numbers"),
    ],
)
def test_targets_that_do_not_fit_are_refused(y, message):
    X = np.arange(8.0).reshape(2, 2, 2)
    with pytest.raises(ValueError, match=re.escape(message)):
        sequences_to_frame(X, y)


def test_ids_and_names_of_columns_are_kept(weeks):
    X = Sequences.from_frame(weeks, "user_id", features=["clicks", "hours"])
    frame = sequences_to_frame(X, student="who", order="week")
    assert frame.columns.tolist() == ["who", "week", "clicks", "hours"]
    assert frame["who"].tolist() == sorted(weeks["user_id"])
    assert frame["clicks"].dtype == np.int64
    X = Sequences.from_frame(weeks, ["course", "user_id"])
    whose = sequences_to_frame(X)["user_id"]
    assert whose.unique().tolist() == X.ids.tolist()


def test_times_that_the_index_tells_are_kept(weeks):
    """Rows that tie are one moment, in the long form, too."""
    log = weeks.rename(columns={"week": "order_id"})
    X = Sequences.from_frame(log, "user_id", order="order_id")
    order = sequences_to_frame(X)["order_id"]
    np.testing.assert_array_equal(order, X.to_frame()["order_id"])


def test_the_long_form_makes_a_new_frame(weeks):
    X = Sequences.from_frame(weeks, "user_id", order="week")
    before = copy.deepcopy(X)
    frame = sequences_to_frame(X)
    frame.iloc[:, 2:] = 0
    assert_same(X, before)
    array, _ = make_padded()
    copied = array.copy()
    frame = sequences_to_frame(array)
    frame.iloc[:, 2:] = 0
    np.testing.assert_array_equal(array, copied)


def test_no_sequences_have_an_empty_long_form():
    frame, y = sequences_to_frame(Sequences(np.zeros((0, 1)), [0]), [])
    assert len(frame) == len(y) == 0


def test_the_long_form_is_what_many_to_many_reads(weeks):
    reg = SequenceRegressor(hidden_size=4, max_epochs=1, random_state=0)
    array, _ = make_padded()
    targets = array[:, :, 0] * 2
    targets[:, 2] = NAN  # a step without a target
    for X, y in (
        (array, targets),
        (Sequences.from_frame(weeks, "user_id", order="week"), None),
        (Sequences.from_frame(weeks, ["course", "user_id"], order="week"), None),
    ):
        frame = sequences_to_frame(X, y)
        if y is not None:
            frame, flat = frame
        else:
            flat = np.arange(len(frame), dtype=float)
        p = reg.fit(frame, flat).predict(frame)
        assert p.shape == (len(frame),)
        assert np.isfinite(p).all()
