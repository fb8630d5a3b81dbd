"""Networks fitted on the weeks, sequences and outcomes of made-up courses."""

import pytest
from sklearn.base import clone

from sktrace import DKTClassifier

from ._courses import (
    OF_OUTCOMES,
    TRACING,
    WHOLE,
    make_courses,
    make_histories,
    make_sequences,
    make_weeks,
)


@pytest.fixture
def weeks():
    return make_weeks()


@pytest.fixture(scope="module")
def tracing():
    weeks = make_weeks()
    return clone(TRACING).fit(weeks, weeks["grade"])


@pytest.fixture(scope="module")
def whole():
    return clone(WHOLE).fit(*make_sequences())


@pytest.fixture(scope="module")
def numbers():
    return DKTClassifier(**OF_OUTCOMES).fit(*make_courses())


@pytest.fixture(scope="module")
def answers():
    return DKTClassifier(**OF_OUTCOMES).fit(*make_histories()[1:])
