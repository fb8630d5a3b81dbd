"""A tracer whose files lack what it has learnt."""

from sktrace import MeanClassifier
from sktrace.saving import stored

__all__ = ["SavesHalf"]


@stored
class SavesHalf(MeanClassifier):
    def _to_stored(self):
        attributes = dict(vars(self))
        attributes["mean_"] = round(attributes["mean_"], 3)
        return attributes
