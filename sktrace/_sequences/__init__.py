"""Whole sequences as samples, in any of their forms."""
