"""A long frame of several students, and the Sequences made of it."""

import pytest

from sktrace import Sequences

from .._sequence_data import make_weeks


@pytest.fixture
def weeks():
    return make_weeks()


@pytest.fixture
def X(weeks):
    return Sequences.from_frame(weeks, "user_id", order="week")
