"""What a comparison found, which is what a page is made of."""

from argparse import Namespace
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from .._reading.log_file import LogFile
from .._reading.log_summary import LogSummary
from .._running.comparison import Comparison
from .class_table import tabulate_class
from .practice import read_practice

__all__ = ["Findings"]


@dataclass(frozen=True)
class Findings:
    """What a page is made of."""

    options: Namespace
    log: LogFile
    X: pd.DataFrame  # the answers that were predicted
    summary: LogSummary
    comparison: Comparison
    metrics: list
    tracers: dict  # name to tracer, those that failed among them
    best: tuple  # name of the best tracer, and it, fitted on all answers

    @property
    def name(self):
        """What the log is called."""
        log = self.options.log
        return "A made-up class" if log is None else Path(log).name

    @cached_property
    def class_table(self):
        """What each student would get right now; asked for the page and for a CSV."""
        return tabulate_class(self)

    @cached_property
    def practice(self):
        """The answers skill by skill, with what the best tracer predicted of them."""
        return read_practice(self.X, self.comparison.predictions[self.best[0]])
