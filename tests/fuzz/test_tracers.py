"""Any log, in whatever dress, means what it means to every family of tracers."""

import pytest
from hypothesis import given

from ._families import FAMILIES
from ._settings import frames
from ._tracing import cases, check_case


@pytest.mark.parametrize("family", FAMILIES)
def test_a_log_means_the_same_in_every_dress(family):
    @frames(family)
    @given(cases(family))
    def check(case):
        check_case(case)

    check()
