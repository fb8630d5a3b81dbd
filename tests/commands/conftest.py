import pytest

from sktrace import BKTClassifier, BlendClassifier, MeanClassifier
from sktrace.commands._running import tracers
from sktrace.datasets import make_interactions
from sktrace.live import SQLiteStore

from ._tutors import serve


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


@pytest.fixture(scope="session")
def model():
    X, y = make_interactions(30, 3, n_attempts=10, random_state=0)
    bounds = {"guess": (0, 0.5), "slip": (0, 0.5)}
    return BKTClassifier(bounds=bounds, random_state=0).fit(X, y)


@pytest.fixture
def store(tmp_path):
    store = SQLiteStore(tmp_path / "class.db")
    yield store
    store.close()


@pytest.fixture
def tutor(model, store):
    return serve(model, store)
