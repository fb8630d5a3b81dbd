"""Each check catches a tracer that breaks its promise, and says so."""

import pytest

from sktrace.testing import tracer_checks

from ._broken import BROKEN
from ._broken_items import Items
from ._columns import Columns

CASES = [(check, broken) for check, several in BROKEN.items() for broken in several]
COLUMNS = {"hardness": "said", "seconds": "took"}


@pytest.mark.parametrize(
    ("check", "broken"), CASES, ids=[f"{check}-{b.__name__}" for check, b in CASES]
)
def test_a_broken_tracer_is_caught(check, broken):
    settings = {"by": "student"} | (COLUMNS if issubclass(broken, Columns) else {})
    if issubclass(broken, Items):
        settings = {"by": "item", "item": "page"}
    with pytest.raises(AssertionError, match="Broken promise: "):
        tracer_checks()[check](broken(**settings))


def test_every_check_is_shown_to_fail():
    assert set(BROKEN) == set(tracer_checks())
