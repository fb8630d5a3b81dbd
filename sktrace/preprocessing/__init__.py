"""Transformers: practice so far as numbers, and any transformer on all steps."""

from ._per_step import PerStep
from ._prior_counts import PriorCounts

__all__ = ["PerStep", "PriorCounts"]
