"""Where a test asks for dtypes of pyarrow."""

import pytest


def needs_arrow(dtype):
    if "pyarrow" in str(dtype):
        pytest.importorskip("pyarrow")
