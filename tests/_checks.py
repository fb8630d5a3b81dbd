"""The checks of scikit-learn that need no data, for what is no tracer."""

from itertools import chain

from sktrace.testing import _conventions

DATA_FREE_CHECKS = sorted(chain(*_conventions.DATA_FREE_CHECKS.values()))
