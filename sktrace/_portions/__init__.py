"""Logs larger than memory: portions of whole students, and what is kept of each."""
