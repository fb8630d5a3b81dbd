"""Times of made-up exports of logs, and how what is read from them is compared."""

import numpy as np
from pandas.testing import assert_frame_equal

from sktrace import MeanClassifier

NAN = np.nan
SECOND = 1_000_000  # dates become microseconds
T0 = 1_222_086_000 * SECOND  # 2008-09-22 12:20:00


def assert_log(got, expected):
    """Compare exactly, but for the kind of text, which depends on pandas.

    Items and times, which most exports name, are compared where they are expected.
    """
    assert set(got) - set(expected) <= {"item_id", "time"}
    texts = {name: object for name in ("skill_name", "item_id") if name in expected}
    assert_frame_equal(got[list(expected)].astype(texts), expected, check_dtype=False)
    assert got["correct"].dtype == expected["correct"].dtype
    MeanClassifier().fit(got[got["correct"].notna()], got["correct"].dropna())


def same_rows(got, expected):
    order = list(expected)
    got, expected = (
        frame.astype({"skill_name": str}).sort_values(order, ignore_index=True)
        for frame in (got, expected)
    )
    assert_frame_equal(got, expected)
