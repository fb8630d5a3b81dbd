"""Tracers and a frame that show what happened to them; workers import this file."""

import os
import signal

import pandas as pd

from sktrace import MeanClassifier


class CountedFrame(pd.DataFrame):
    """A frame that counts how often it is pickled in this process, in any part."""

    n_pickled = 0

    @property
    def _constructor(self):
        return pd.DataFrame

    def __reduce_ex__(self, protocol):
        CountedFrame.n_pickled += 1
        return super().__reduce_ex__(protocol)


class FatalMean(MeanClassifier):
    """A tracer whose first fit, of all there are, kills processes.

    Parameters
    ----------
    flag : path
        A file that the first fit makes.
    victims : "self" or list of int
        The process that fits, or those with these numbers.
    strength : float
        As in `MeanClassifier`.
    """

    def __init__(self, flag=None, victims="self", strength=5.0):
        super().__init__(strength=strength)
        self.flag = flag
        self.victims = victims

    def fit(self, X, y):
        """Kill, or fit as any mean does."""
        try:
            os.close(os.open(self.flag, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return super().fit(X, y)
        victims = [os.getpid()] if self.victims == "self" else self.victims
        for process in sorted(victims, key=os.getpid().__eq__):  # this one at last
            os.kill(process, signal.SIGKILL)
