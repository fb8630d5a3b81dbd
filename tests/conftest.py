"""Logs, small networks and fitted tracers that several tests share."""

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, settings
from sklearn.base import clone

from sktrace import DKTClassifier
from sktrace._interactions.log import Roles
from sktrace.testing._logs import make_log, proba

__all__ = [
    "BELOW_HALF",
    "CLOSE",
    "DKTS",
    "ROLES",
    "SMALL",
    "make_log",
    "proba",
    "small_dkt",
]

torch.set_num_threads(1)
# A busy machine is no fault: nothing here depends on the clock.
settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy")

BELOW_HALF = {"guess": (0, 0.5), "slip": (0, 0.5)}  # else answers by chance warn
ROLES = Roles(
    student="user_id", order="order_id", skill="skill_name", correct="correct"
)
CLOSE = {"rtol": 0, "atol": 1e-6}
# The settings of small DKTs of interactions; those of networks on sequences stand in
# _sequence_data.py.
SMALL = {"hidden_size": 6, "embedding_size": 4, "max_epochs": 2, "random_state": 0}
DKTS = {
    "gru": DKTClassifier(cell="gru", readout="mlp", lr=0.1, **SMALL),
    "lstm, 2 layers": DKTClassifier(cell="lstm", num_layers=2, lr=0.1, **SMALL),
    "rnn": DKTClassifier(cell="rnn", readout="linear", lr=0.1, **SMALL),
}


def small_dkt(**params):
    return DKTClassifier(**(SMALL | {"lr": 0.05} | params))


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture
def log():
    return make_log()


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "user_id": ["bob", "ann", "ann", "bob"],
            "order_id": [2, 1, 2, 1],
            "skill_name": ["sum", "sum", "cut", "cut"],
            "correct": [1.0, 0.0, np.nan, 0.0],
        }
    )


@pytest.fixture(scope="module", params=DKTS)
def trained_dkt(request):
    log = make_log()
    return clone(DKTS[request.param]).fit(log, log["correct"])


@pytest.fixture(scope="session")
def data():
    """Folder of the real logs; tests on them skip where it is not at hand."""
    if not os.environ.get("SKTRACE_DATA"):
        pytest.skip("SKTRACE_DATA does not name a folder of real logs")
    return Path(os.environ["SKTRACE_DATA"])
