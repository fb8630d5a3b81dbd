"""How many frames are tried: a minute's worth, or what the environment asks for."""

import os

from hypothesis import HealthCheck, Phase, settings

__all__ = ["asked_for", "frames"]

# Frames of each family in the ordinary tests, which are to take seconds.
FRAMES = {
    "means": 40,
    "AFM": 20,
    "PFA": 20,
    "Rasch": 20,
    "BKT": 20,
    "DKT": 12,
    "transfer": 12,
    "blend": 8,
}


def asked_for():
    """Return how many frames or calls are asked for, 0 for the usual number."""
    return int(os.environ.get("SKTRACE_FUZZ", 0))


def frames(family):
    """Return the settings of a family's test: the same frames on every machine."""
    asked = asked_for()
    return settings(
        max_examples=asked or FRAMES[family],
        derandomize=not asked,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
