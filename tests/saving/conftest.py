"""Fitted estimators that the tests of this folder share."""

import pytest

from ._models import fit_all


@pytest.fixture(scope="package")
def fitted():
    """Return estimators by name, and the X that each is asked about: change neither."""
    return fit_all()
