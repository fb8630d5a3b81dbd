"""A log whose skills hang together in clusters."""

import numpy as np
import pandas as pd
from scipy.special import expit

CLUSTER = np.arange(12) % 3  # of "skill 00" to "skill 11"


def make_clusters(n_students=600, n_answers=30):
    """Students have an ability per cluster; practice of one skill raises it for all."""
    rng = np.random.default_rng(0)
    ability = rng.normal(0, 1.5, (n_students, 3))
    skill = rng.integers(len(CLUSTER), size=(n_answers, n_students))
    students = np.arange(n_students)
    correct = np.empty(skill.shape, dtype=np.int64)
    for step, cluster in enumerate(CLUSTER[skill]):
        p = 0.1 + 0.8 * expit(ability[students, cluster] - 0.5)
        correct[step] = rng.uniform(size=n_students) < p
        ability[students, cluster] += 0.15
    return pd.DataFrame(
        {
            "user_id": np.tile(students, n_answers),
            "order_id": np.repeat(np.arange(n_answers), n_students),
            "skill_name": [f"skill {k:02d}" for k in skill.ravel()],
            "correct": correct.ravel(),
        }
    )
