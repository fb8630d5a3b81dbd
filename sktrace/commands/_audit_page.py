"""One self-contained page of what an audit found."""

from argparse import Namespace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ._page.templates import render_page
from ._reading.log_file import LogFile
from ._settings import list_settings

__all__ = ["ALARMS", "AuditPage", "render_audit"]

ALARMS = ("fault", "look")


class AuditPage(NamedTuple):
    """What a page is made of."""

    options: Namespace
    log: LogFile
    table: pd.DataFrame
    how: str
    summary: str

    @property
    def name(self):
        """What the log is called."""
        return Path(self.options.log).name

    @property
    def alarms(self):
        """What speaks against the score, faults first."""
        found = self.table[self.table["verdict"].isin(ALARMS)]
        return list(found.sort_values("verdict", kind="stable").itertuples())

    @property
    def parts(self):
        """The AUC and its parts."""
        return list(self.table[self._of_auc()].itertuples())

    @property
    def others(self):
        """Everything else."""
        return list(self.table[~self._of_auc()].itertuples())

    def _of_auc(self):
        return self.table["check"].str.startswith("AUC ")

    @staticmethod
    def bar(auc):
        """Return how much of a bar from 0.5 to 1 an AUC fills, in per cent."""
        return 0 if auc != auc else min(max(200 * (auc - 0.5), 0), 100)


def render_audit(page):
    """Return the page."""
    settings = list_settings("audit", page.options, page.log)
    return render_page("audit.html", page=page, settings=settings)
