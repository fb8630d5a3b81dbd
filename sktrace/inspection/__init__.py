"""Look into a tracer, and into its scores; every function returns a tidy frame."""

__all__ = []
