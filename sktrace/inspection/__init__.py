"""Look into a tracer, and into its scores; every function returns a tidy frame."""

from ._influence import skill_influence

__all__ = ["skill_influence"]
