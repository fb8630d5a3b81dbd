"""Does what a tracer believes move as the answers point? ASSISTments, published split.

    python benchmarks/consistency.py 2009

Fits BKT and DKT, which know a state of every skill, on the training students; counts
on the test students how often P of the practised skill falls after a right answer and
rises after a wrong one, and how wavy all skills are (Yeung and Yeung, 2018). Default
settings, seed 0; BKT with guess and slip below 0.5.
"""

import argparse

import pandas as pd
import torch

from sktrace import BKTClassifier, DKTClassifier
from sktrace.datasets import fetch_assistments2009, fetch_assistments2015
from sktrace.inspection import consistency_report

FETCH = {"2009": fetch_assistments2009, "2015": fetch_assistments2015}
BELOW_HALF = {"guess": (0, 0.5), "slip": (0, 0.5)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", choices=FETCH)
    parser.add_argument("--data-home", help="where the log lies or is downloaded to")
    options = parser.parse_args()
    torch.set_num_threads(1)
    bunch = FETCH[options.log](data_home=options.data_home)
    X, is_test = bunch.frame, bunch.split == "test"
    tracers = {
        "BKT": BKTClassifier(bounds=BELOW_HALF, random_state=0),
        "DKT": DKTClassifier(random_state=0),
    }
    reports = {}
    for name, tracer in tracers.items():
        tracer.fit(X[~is_test], X["correct"][~is_test])
        reports[name] = consistency_report(tracer, X[is_test]).iloc[0]
    print(pd.DataFrame(reports).to_string(float_format="{:,.4f}".format))


if __name__ == "__main__":
    main()
