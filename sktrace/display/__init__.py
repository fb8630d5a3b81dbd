"""Pictures, in the manner of scikit-learn's displays.

A display holds numbers, which its ``from_…`` class methods compute, and draws them by
``plot(ax=...)``, which returns it with ``ax_`` and ``figure_``. Colours are safe for
the colour-blind, and lines and text follow matplotlib's style, light or dark.
"""

from ._class_mastery import ClassMasteryDisplay
from ._comparison import TracerComparisonDisplay
from ._early_prediction import EarlyPredictionDisplay
from ._items import ItemDisplay
from ._knowledge_curve import KnowledgeCurveDisplay
from ._learning_curve import LearningCurveDisplay
from ._mastery import MasteryDisplay
from ._skill_graph import SkillGraphDisplay
from ._training import TrainingDisplay

__all__ = [
    "ClassMasteryDisplay",
    "EarlyPredictionDisplay",
    "ItemDisplay",
    "KnowledgeCurveDisplay",
    "LearningCurveDisplay",
    "MasteryDisplay",
    "SkillGraphDisplay",
    "TracerComparisonDisplay",
    "TrainingDisplay",
]
