"""Pickles that know which version wrote them, and say so to another one."""

import sys
import warnings

from .. import __version__
from .models import dump, undump
from .tree import WRITERS

__all__ = ["OtherVersionWarning", "VersionedPickle"]

_VERSION, _WHOLE = "_sktrace_version", "_sktrace_file"


class OtherVersionWarning(UserWarning):
    """A pickle was written by another version of sktrace.

    A pickle holds attributes as they were, which other versions may read otherwise. A
    file of `sktrace.save` can be read by later versions: keep models in such files.
    What it says can be turned into an error, or turned off, as any warning.

    Examples
    --------
    >>> import pickle
    >>> from sktrace import MeanClassifier
    >>> old = pickle.dumps(MeanClassifier()).replace(b"0.1.0.dev0", b"0.0.9.dev0")
    >>> pickle.loads(old)  # doctest: +SKIP
    OtherVersionWarning: This MeanClassifier was pickled by sktrace 0.0.9.dev0...
    """


class VersionedPickle:
    """An estimator whose pickles say which version of sktrace wrote them.

    As scikit-learn's say which scikit-learn; it stands before `BaseEstimator`. Older
    pickles have no version, and are read without a word.

    Skops, which keeps pipelines and searches, is handed the content of the file that
    `sktrace.save` would write, in one piece: it knows neither networks nor frames.
    """

    def __getstate__(self):
        # Skops alone asks by itself; pickle and copy ask by way of `__reduce_ex__`.
        asks = sys._getframe(1).f_globals.get("__name__", "")
        if asks.startswith("skops.") and type(self) in WRITERS:
            return {_WHOLE: dump(self)}
        state = super().__getstate__()
        return {**state, _VERSION: __version__} if isinstance(state, dict) else state

    def __setstate__(self, state):
        if _WHOLE in state:
            self._take_after(undump(state[_WHOLE], "what skops read"))
            return
        written_by = state.get(_VERSION, __version__)
        if written_by != __version__:
            warnings.warn(
                f"This {type(self).__name__} was pickled by sktrace {written_by}, and "
                f"this is sktrace {__version__}, which may read its attributes "
                f"otherwise. Fit it again; or, with sktrace {written_by}, write it by "
                "sktrace.save, which later versions read.",
                OtherVersionWarning,
                stacklevel=2,
            )
        super().__setstate__({k: v for k, v in state.items() if k != _VERSION})

    def _take_after(self, other):
        if type(other) is not type(self):
            raise ValueError(
                f"{type(other).__name__} stands where a {type(self).__name__} was kept"
            )
        self.__dict__ = vars(other)
