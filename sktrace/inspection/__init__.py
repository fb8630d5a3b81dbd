"""Look into a tracer, and into its scores; every function returns a tidy frame."""

from ._influence import skill_influence
from ._what_if import what_if

__all__ = ["skill_influence", "what_if"]
