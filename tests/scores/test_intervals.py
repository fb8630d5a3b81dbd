"""Wilson's interval against SciPy's."""

import numpy as np
import pytest
from scipy.stats import binomtest

from sktrace._scores.intervals import wilson


@pytest.mark.parametrize(
    ("right", "n"), [(0, 5), (1, 1), (3, 7), (11, 11), (250, 1000)]
)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_it_is_that_of_scipy(right, n, confidence):
    test = binomtest(right, n)
    expected = test.proportion_ci(method="wilson", confidence_level=confidence)
    found = wilson(right / n, n, confidence)
    np.testing.assert_allclose(found, (expected.low, expected.high), rtol=0, atol=1e-15)


def test_of_arrays_it_is_that_of_each_and_contains_the_share():
    share, n = np.linspace(0, 1, 11), np.geomspace(0.3, 1e6, 11)
    low, high = wilson(share, n)
    assert [*zip(low, high, strict=True)] == [*map(wilson, share, n)]
    assert ((low >= 0) & (low <= share) & (share <= high) & (high <= 1)).all()


def test_it_ends_where_the_share_does():
    assert wilson(0.0, 7)[0] == 0
    assert wilson(1.0, 7)[1] == 1
