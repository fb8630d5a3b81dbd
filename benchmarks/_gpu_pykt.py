"""pyKT's DKT as pyKT trains it, by the clock: run by the Python that has it.

    CUDA_VISIBLE_DEVICES= python _gpu_pykt.py train.csv 3

Prints a line of JSON: seconds of an epoch, its validation left out, rows, and device.
"""

import json
import sys
import tempfile
import time
from argparse import Namespace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("peers")))

import pandas as pd
import run_pykt
import torch
from pykt.datasets import data_loader

spent = {"train": 0.0, "validate": 0.0}


def timed(what, function):
    def call(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        spent[what] += time.perf_counter() - start
        return result

    return call


def main():
    path, n_epochs = sys.argv[1], int(sys.argv[2])
    if torch.cuda.is_available():  # as pyKT has it where there is a GPU
        data_loader.LongTensor = torch.cuda.LongTensor
        data_loader.FloatTensor = torch.cuda.FloatTensor
    training = sys.modules["pykt.models.train_model"]
    training.evaluate = timed("validate", training.evaluate)
    run_pykt.train_model = timed("train", run_pykt.train_model)
    train = pd.read_csv(path)
    names = {"skill_name": train["skill_name"].unique()}
    with tempfile.TemporaryDirectory() as folder:
        options = Namespace(model="dkt", epochs=n_epochs, folder=folder, notes={})
        model, *_ = run_pykt.fit(train, names, options)
    seconds = (spent["train"] - spent["validate"]) / options.notes["epochs"]
    device = str(next(model.parameters()).device)
    told = {"seconds": seconds, "rows": 0.8 * len(train), "device": device}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
