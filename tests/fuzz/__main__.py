"""Fuzz for as long as is wanted: ``python -m tests.fuzz --frames 100000``.

Each family is tried in portions with seeds of their own, and ends with a line of
counts. A fault is printed as the smallest frame that shows it, and the next portion
goes on.
"""

import argparse
import re
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from ._everything import FAMILIES

__all__ = ["main"]

PORTION = 200


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--family", nargs="+", choices=FAMILIES, default=[*FAMILIES])
    parser.add_argument("--frames", type=int, default=1000, help="of each family")
    parser.add_argument("--seed", type=int, default=0, help="of the first portion")
    asked = parser.parse_args(arguments)
    faults = sum(fuzz(family, asked.frames, asked.seed) for family in asked.family)
    return 1 if faults else 0


def fuzz(family, n_frames, first_seed):
    """Try frames of a family; print faults and counts, and return how many faults."""
    cases, check = FAMILIES[family]
    counts, faults = Counter(), set()
    started, number = time.process_time(), first_seed
    while (done := (number - first_seed) * PORTION) < n_frames:
        size = min(PORTION, n_frames - done)
        fault = fuzz_portion(cases, check, number, size, counts, faults)
        if fault is not None:
            faults.add(signature(fault))
            print(f"FAULT in {family}, seed {number}: {type(fault).__name__}: {fault}")
            print("  " + "\n  ".join(getattr(fault, "__notes__", [])), flush=True)
        number += 1
    seconds = time.process_time() - started
    shown = ", ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items()))
    rate = sum(counts.values()) / max(seconds, 1e-9)
    print(
        f"{family}: {shown}; {len(faults)} kinds of faults; {seconds:.0f} s of CPU, "
        f"{rate:.0f} frames a second",
        flush=True,
    )
    return len(faults)


def signature(fault):
    """Tell faults apart by what they say first, numbers and names aside."""
    said = re.sub(r"\d|'.*?'|\[.*?\]|Column \S+", "", str(fault).split("\n")[0])
    return type(fault), said[:60]


def fuzz_portion(cases, check, number, size, counts, known):
    """Return the first fault of a kind that is not known, its frame made small."""

    @seed(number)
    @settings(
        max_examples=size,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
    )
    @given(cases)
    def run(case):
        try:
            counts[check(case)] += 1
        except Exception as fault:
            if signature(fault) not in known:
                raise
            counts["faults"] += 1

    try:
        run()
    except Exception as fault:
        return fault
    return None


if __name__ == "__main__":
    sys.exit(main())
