"""Look into a tracer, and into its scores; functions return tidy frames.

`write_predictions` writes them, of a log that is larger than memory.
"""

from .._tracer.written import write_predictions
from ._audit import audit
from ._calibration import calibration_by_skill
from ._consistency import consistency_report
from ._influence import skill_influence
from ._item_fit import item_fit
from ._knowledge import iter_knowledge_states
from ._slices import slice_report
from ._what_if import what_if

__all__ = [
    "audit",
    "calibration_by_skill",
    "consistency_report",
    "item_fit",
    "iter_knowledge_states",
    "skill_influence",
    "slice_report",
    "what_if",
    "write_predictions",
]
