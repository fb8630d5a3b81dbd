"""The contract again, of tracers that read all the columns they can.

Further columns of the contract's logs hold 0 to 3 by chance, so they are items, times
and numbers, and groups; what one tracer cannot do with such columns is left out.
"""

from unittest import SkipTest

import pytest
from sklearn.base import clone

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    TransferClassifier,
)
from sktrace.testing import _driven, tracer_checks

from .conftest import BELOW_HALF
from .test_contract import FEW_STEPS, GRIDS, may_skip

NUMBERS = {"features": ["week", "hints_offered"], "past_features": ["seconds"]}
TRACERS = {
    "AFM": AFMClassifier(item="page", time="asked_at", half_life=2.0, **NUMBERS),
    "BKT": BKTClassifier(
        item="page",
        time="asked_at",
        learn_group="tutor",
        forget=True,
        forget_gap=2.0,
        n_restarts=2,
        bounds=BELOW_HALF,
        random_state=0,
    ),
    "DKT": DKTClassifier(item="page", time="asked_at", **NUMBERS, **FEW_STEPS),
    "transfer": TransferClassifier(
        item="page",
        time="asked_at",
        trust=1.0,  # asked of the class in the other contract
        **NUMBERS,
    ),
    "blend": BlendClassifier(  # of one that reads items alone, and one that reads all
        [("mean", MeanClassifier(by="item")), ("afm", AFMClassifier())],
        weights=[0.5, 0.5],  # those that are learnt are in the other contract
        item="page",
        time="asked_at",
        **NUMBERS,
        n_folds=2,
    ),
}
# Columns have no part in how scikit-learn drives a tracer.
CHECKS = [check for check in tracer_checks() if check not in _driven.__all__]


@pytest.mark.parametrize("name", TRACERS)
@pytest.mark.parametrize("check", CHECKS)
def test_contract(name, check):
    tracer = clone(TRACERS[name])
    try:
        tracer_checks(GRIDS[type(tracer)])[check](tracer)
    except SkipTest as skipped:
        skip = may_skip(tracer, check)
        pytest.skip(str(skipped)) if skip else pytest.fail(f"skipped: {skipped}")
