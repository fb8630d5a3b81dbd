"""How long a comparison will take, before it begins."""

import os
import time

import joblib

from ... import PFAClassifier
from ...datasets import make_interactions
from .shared_fits import find_twins

__all__ = ["Cost", "choose_jobs", "measure_slowness", "say_duration"]

# Seconds that it takes to fit a tracer to a million answers and to predict a quarter
# as many, and whatever the answers, on the machine of docs/benchmarks.md.
_SECONDS = {
    "AFM": (5, 0.1),
    "PFA": (6, 0.1),
    "BKT": (3, 0.1),
    "transfer": (11, 0.2),
    "DKT": (4, 0.1),
    "blend": (30, 1.2),
}
# The same of an epoch, at the default sizes; a small class has as many steps in it.
_EPOCH = {"DKT": (21, 0.2), "blend": (33, 1.2)}
_OTHERS = (0.5, 0.02)  # the means
_PAGE = (25, 1.5)
_PROBE = 0.042  # seconds of what measures how fast a machine is
BEGIN = 60  # seconds of work, from which on processes are worth being started
_PROCESS = 700 * 2**20  # bytes of one that has loaded everything
_ANSWER = 2**11  # bytes that it takes to learn from an answer


class Cost:
    """Seconds of work on one core.

    Parameters
    ----------
    tracers : dict of {str: classifier}
    n_rows : int
        Of the whole log.
    slowness : float, default=1
        By how much this machine takes longer than that of the benchmarks.
    """

    def __init__(self, tracers, n_rows, slowness=1):
        self.tracers, self.n_rows, self.slowness = tracers, n_rows, slowness
        self.twins = find_twins(tracers)

    def of(self, name):
        """Return the seconds of one fold of a tracer, by itself."""
        params = self.tracers[name].get_params()
        n_epochs = params.get("max_epochs", params.get("dkt__max_epochs", 0))
        once, epoch = _SECONDS.get(name, _OTHERS), _EPOCH.get(name, (0, 0))
        return self._scale(once) + n_epochs * self._scale(epoch)

    def beside(self, name, elsewhere):
        """Return the seconds of a fold of a blend, some members fitted elsewhere."""
        return self.of(name) - sum(map(self.of, elsewhere.values()))

    def of_task(self, name):
        """Return the seconds of one fold of a tracer, beside all the others."""
        return self.beside(name, self.twins.get(name, {}))

    @property
    def page(self):
        """The seconds of all that is computed for the page."""
        return self._scale(_PAGE)

    def total(self, n_folds, n_jobs=1):
        """Return the seconds of all folds, one fit to the whole log, and the page."""
        each = [self.of_task(name) for name in self.tracers]
        folds = max(sum(each) * n_folds / n_jobs, max(each))
        return folds + self._best(n_jobs) + self.page

    def _best(self, n_jobs):
        """Return the seconds of a fit to the whole log, of the longest."""
        name = max(self.tracers, key=self.of)
        members = [self.of(twin) for twin in self.twins.get(name, {}).values()]
        if n_jobs == 1 or not members:
            return self.of(name)
        return max(self.of(name) / n_jobs, *members)  # of a blend, side by side

    def _scale(self, seconds):
        per_million, fixed = seconds
        return self.slowness * (fixed + per_million * self.n_rows / 1e6)


def measure_slowness():
    """Return how much longer than that of the benchmarks this machine takes."""
    X, y = make_interactions(n_students=60, n_skills=5, random_state=0)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        PFAClassifier().fit(X, y)
        seconds.append(time.perf_counter() - start)
    return min(seconds) / _PROBE


def choose_jobs(asked, cost, n_folds):
    """Return in how many processes to work: those asked for, or those that pay."""
    if asked is not None:
        return asked
    if cost.total(n_folds) < BEGIN:
        return 1
    room = _count_memory() / 2 / (_PROCESS + _ANSWER * cost.n_rows)
    return max(1, min(joblib.cpu_count(only_physical_cores=True), int(room)))


def _count_memory():
    """Return the bytes of memory; those of four processes where it is not told."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not on Windows
        return 8 * _PROCESS


def say_duration(seconds):
    """Write a time that is an estimate.

    >>> tuple(map(say_duration, (7, 50, 400, 9000)))
    ('some seconds', 'about a minute', 'about 7 minutes', 'about 2.5 hours')
    """
    if seconds < 20:
        return "some seconds"
    if seconds < 90:
        return "about a minute"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} minutes"
    return f"about {seconds / 3600:.1f} hours"
