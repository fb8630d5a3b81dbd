"""Recurrent networks: the only room that imports torch and skorch."""
