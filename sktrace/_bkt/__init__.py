"""Bayesian knowledge tracing."""
