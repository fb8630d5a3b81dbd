"""A class on several skills, drawn from BKT."""

import pandas as pd
import pytest

from ._histories import simulate


@pytest.fixture(scope="module")
def class_log():
    """A class on three skills, of which one is hardly learnt."""
    parameters = {"easy": (0.6, 0.3), "medium": (0.3, 0.2), "hard": (0.1, 0.05)}
    logs = [
        simulate(seed, 200, 6, prior, learn, guess=0.2, slip=0.1).assign(
            skill_name=name
        )
        for seed, (name, (prior, learn)) in enumerate(parameters.items())
    ]
    return pd.concat(logs, ignore_index=True)
