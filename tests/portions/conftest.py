import pandas as pd
import pytest

from ._logs import deal, made_up, write


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log in four portions, and the frame of the same rows in the same order."""
    pytest.importorskip("pyarrow")
    frames = deal(made_up(), 4)
    folder = tmp_path_factory.mktemp("portions") / "log"
    return write(frames, folder), pd.concat(frames, ignore_index=True)
