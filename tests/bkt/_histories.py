"""Logs drawn from BKT, and the histories grown from logs."""

import numpy as np
import pandas as pd

from sktrace._bkt.cells import Cells
from sktrace._bkt.histories import grow_histories
from sktrace._interactions.columns import check_interactions
from sktrace._interactions.timeline import Timeline

from ..conftest import ROLES


def grow(X, **options):
    log = check_interactions(X, ROLES)
    timeline = Timeline.of(log)
    cells = Cells(len(log.skills))
    histories, places = grow_histories(log, timeline, cells, **options)
    return log, timeline, histories, places.before, places.after


def simulate(seed, n_students, n_attempts, prior, learn, guess, slip, forget=0.0):
    """Draw answers on one skill, in the order in which pyBKT's own tests draw them."""
    rng = np.random.default_rng(seed)
    rows = []
    for student in range(n_students):
        known = rng.random() < prior
        for step in range(n_attempts):
            if known:
                correct = rng.random() >= slip
                known = rng.random() >= forget
            else:
                correct = rng.random() < guess
                known = rng.random() < learn
            rows.append((student, step, "skill", int(correct)))
    return pd.DataFrame(rows, columns=ROLES.columns)
