"""Ragged data that tests of sequences share."""

import numpy as np
import pandas as pd

from sktrace import Sequences
from sktrace._sequences.forms import check_numbers, check_sequences

# The settings of small networks on sequences: fitted at once, where it does not matter
# what they learn, and in several batches, where it does.
ONE_EPOCH = {"hidden_size": 4, "max_epochs": 1, "random_state": 0}
SMALL_BATCHES = {
    "hidden_size": 6,
    "max_epochs": 2,
    "lr": 0.03,
    "batch_size": 16,
    "random_state": 0,
}
NAN = np.nan


def make_weeks(seed=0, n_rows=40):
    """Rows of several students of several courses, shuffled, some tied in week."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "user_id": rng.choice(["dan", "ann", "cid", "bob", "Eve"], n_rows),
            "course": rng.choice([20, 3], n_rows),
            "week": rng.integers(0, 6, n_rows),
            "hours": rng.normal(size=n_rows),
            "clicks": rng.integers(0, 9, n_rows),
        }
    )


def make_padded(seed=0, n=7, n_steps=5, n_features=2, holes=0.0):
    """An array padded behind each sequence, with missing numbers inside some."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_steps, n_features))
    lengths = rng.integers(1, n_steps + 1, n)
    X[rng.uniform(size=X.shape) < holes] = NAN
    X[np.arange(n), lengths - 1] = 0.5  # the last step is there
    X[np.arange(n_steps) >= lengths[:, None]] = NAN
    return X, lengths


def assert_same(one, other):
    np.testing.assert_array_equal(one.offsets, other.offsets)
    pd.testing.assert_index_equal(one.ids, other.ids, exact="equiv")
    if isinstance(one.steps, pd.DataFrame):
        pd.testing.assert_frame_equal(one.steps, other.steps)
    else:
        np.testing.assert_array_equal(one.steps, other.steps)
        assert one.steps.dtype == other.steps.dtype


def check_numbers_of(X):
    return check_numbers(check_sequences(X))


def make_forms(array):
    """Write a padded array, all of whose sequences have a step, in every form."""
    names = [f"f{i}" for i in range(array.shape[2])]
    ragged = list(Sequences.from_padded(array))
    frames = [pd.DataFrame(own, columns=names) for own in ragged]
    wider = np.pad(array, [(0, 0), (0, 3), (0, 0)], constant_values=NAN)
    forms = {
        "array": array,
        "wider array": wider,
        "object array": array.astype(object),
        "list of padded arrays": list(array),
        "list of wider arrays": [own[: -1 - i % 2] for i, own in enumerate(wider)],
        "list of arrays": ragged,
        "tuple of arrays": tuple(ragged),
        "list of lists": [own.tolist() for own in ragged],
        "padded lists": array.tolist(),
        "list of frames": frames,
        "frames with permuted columns": [
            own[names[i % 2 :] + names[: i % 2]] for i, own in enumerate(frames)
        ],
        "frames with odd index": [own.set_axis([7] * len(own)) for own in frames],
        "nullable frames": [own.astype("Float64") for own in frames],
        "Sequences": Sequences.from_padded(array),
        "Sequences of a frame": Sequences.from_frame(
            pd.concat(frames, keys=range(len(frames)), names=["who"]).reset_index(0),
            by="who",
        ),
    }
    if array.shape[2] == 1:
        forms |= {
            "two dimensions": array[:, :, 0],
            "list of rows": [own[:, 0] for own in ragged],
            "list of numbers": [own[:, 0].tolist() for own in ragged],
            "list of Series": [pd.Series(own[:, 0]) for own in ragged],
        }
    return forms
