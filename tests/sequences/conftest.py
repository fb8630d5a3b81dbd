"""A long frame, and Sequences made of a frame and of an array."""

import pytest

from sktrace import Sequences

from .._sequence_data import make_padded, make_weeks


@pytest.fixture
def weeks():
    return make_weeks()


@pytest.fixture(params=["frame", "array"])
def X(request):
    if request.param == "frame":
        return Sequences.from_frame(make_weeks(), "user_id", order="week")
    return Sequences.from_padded(make_padded(holes=0.2)[0], ids=list("gfedcba"))
