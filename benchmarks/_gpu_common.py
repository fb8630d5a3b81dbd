"""What the parts of `gpu.py` share: logs, copies on the CPU, processes, clocks."""

import copy
import os
import tempfile
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

import sktrace
from sktrace.datasets import make_interactions

__all__ = [
    "CELLS",
    "CLOSE",
    "close",
    "distance",
    "in_new_process",
    "is_cuda",
    "make_class",
    "on_cpu",
    "peak_megabytes",
    "small",
    "tf32",
    "wait",
]

CELLS = ["rnn", "lstm", "gru"]
CLOSE = 1e-5  # of probabilities of one net, here and on the CPU


def is_cuda(device):
    """Say whether a device is a GPU of NVIDIA (or of AMD, which torch calls so)."""
    return torch.device(device).type == "cuda"


def make_class(n_students=40, seed=0):
    """Return made-up interactions, and a further column of items."""
    X, y = make_interactions(n_students, n_skills=8, random_state=seed)
    return X.assign(item_id=np.arange(len(X)) % 20), y


def small(device, **params):
    """Return a small, seeded tracer."""
    default = {"hidden_size": 32, "embedding_size": 16, "max_epochs": 3}
    more = {"random_state": 0, "device": device, "n_threads": 1}
    return sktrace.DKTClassifier(**(default | more | params))


def distance(one, other):
    """Return the largest absolute difference of two arrays of numbers."""
    one, other = (np.asarray(each, dtype=float) for each in (one, other))
    return float(np.abs(one - other).max())


def close(found, limit=CLOSE):
    """Return whether a distance from the CPU's numbers is small, and what it is."""
    return found <= limit, f"at most {found:.1e} from the CPU's"


def on_cpu(estimator):
    """Return the same fitted estimator on the CPU, by way of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.sktrace")
        sktrace.save(copy.copy(estimator).set_params(device="cpu"), path)
        return sktrace.load(path)


def in_new_process(function, *args, **environment):
    """Return what a function says in a process that has not begun to use torch."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(function, *args).result()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def tf32(allowed):
    """Let products of matrices and cuDNN round to TF32 inside the block, or not."""
    backends = torch.backends.cuda.matmul, torch.backends.cudnn
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer torch has a further name for the switch
        before = [backend.allow_tf32 for backend in backends]
        for backend in backends:
            backend.allow_tf32 = allowed
        try:
            yield
        finally:
            for backend, value in zip(backends, before, strict=True):
                backend.allow_tf32 = value


def wait(device):
    """Let a GPU end what it was told to do, before a clock is read."""
    if is_cuda(device):
        torch.cuda.synchronize(device)


@contextmanager
def peak_megabytes(device):
    """Yield a list that holds the most memory of a GPU that torch took in the block."""
    peak = []
    if is_cuda(device):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    yield peak
    if is_cuda(device):
        peak.append(torch.cuda.max_memory_allocated(device) / 2**20)
