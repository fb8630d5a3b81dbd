"""Small BKT models, stated parameters, and a log of one student."""

import numpy as np
import pandas as pd

from sktrace import BKTClassifier

from ..conftest import BELOW_HALF

STATED = {"prior": 0.6, "learn": 0.3, "guess": 0.2, "slip": 0.1, "forget": 0.3}


def bkt(**options):
    return BKTClassifier(random_state=0, **{"bounds": BELOW_HALF} | options)


def one_student(answers, skill="a", student="ann"):
    """Return a log of one student on one skill."""
    return pd.DataFrame(
        {
            "user_id": student,
            "order_id": np.arange(len(answers)),
            "skill_name": skill,
            "correct": answers,
        }
    )
