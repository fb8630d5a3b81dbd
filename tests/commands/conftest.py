import pytest

from sktrace import BlendClassifier, MeanClassifier
from sktrace.commands._running import tracers


@pytest.fixture(autouse=True, scope="session")
def _blend_of_means():
    """Blend what takes no time: what the blend is made of has a test of its own."""
    means = [("easy", MeanClassifier()), ("own", MeanClassifier(by="student"))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            tracers,
            "make_blend",
            lambda seed, epochs: BlendClassifier(means, random_state=seed),
        )
        yield
