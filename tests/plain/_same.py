"""Whether two values are the same: their types, dtypes, order in memory and bits."""

import struct

import numpy as np
import pandas as pd


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, np.ndarray) and one.dtype != object:
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        if one.flags.forc and other.flags.forc:  # views come back whole
            assert one.flags.f_contiguous == other.flags.f_contiguous
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, np.ndarray):
        assert one.shape == other.shape
        assert_same(one.ravel().tolist(), other.ravel().tolist())
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_freq=False)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other, check_exact=True, check_freq=False)
    elif isinstance(one, pd.Index):
        pd.testing.assert_index_equal(one, other, exact=True)
    elif isinstance(one, dict):
        assert_same([*one], [*other])
        assert_same([*one.values()], [*other.values()])
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for each, its in zip(one, other, strict=True):
            assert_same(each, its)
    elif isinstance(one, (np.random.RandomState, np.random.Generator)):
        assert (one.standard_normal(5) == other.standard_normal(5)).all()
    elif isinstance(one, np.generic):
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, float):
        assert struct.pack("d", one) == struct.pack("d", other)
    elif hasattr(one, "__dict__") and not isinstance(one, type):
        assert_same(vars(one), vars(other))
    else:
        assert one is other or one == other
