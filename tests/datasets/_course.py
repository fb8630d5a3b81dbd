"""Courses drawn by make_course, with what is hidden in them, and means compared."""

import numpy as np
from numpy.testing import assert_allclose

from sktrace.datasets import make_course

ACTIVITY = ["study_hours", "videos_watched", "problems_attempted", "days_active"]


def draw(n_students=200, n_weeks=10, **parameters):
    """Return the weeks with what is hidden at their side, passed, and p."""
    weeks, passed, truth = make_course(
        n_students, n_weeks, return_truth=True, **{"random_state": 0, **parameters}
    )
    return weeks.join(truth.weeks), passed, truth.pass_probability


def assert_mean_close(values, expected, *, sigmas=4.5):
    """Compare the mean of independent values with what it should be."""
    error = np.std(values) / np.sqrt(np.size(values))
    assert_allclose(np.mean(values), expected, atol=sigmas * error)
