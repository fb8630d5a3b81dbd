"""What does a step of an exported tracer cost, beside a live tracer's?

    python benchmarks/onnx_steps.py

Fits every family to a made-up class of 200 students, 20 skills and 100 items; exports
it; and takes in 500 answers of one student, each followed by a prediction of all
skills, in ONNX Runtime on one thread and by ``tracer()``. Columns are microseconds per
answer (median), those per student where 1,000 students take a step of ONNX together,
kilobytes of the file, and numbers in a state. DKT is as by default, but for two epochs.
"""

import json
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import torch

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
    TransferClassifier,
    to_onnx,
)
from sktrace.datasets import make_interactions

N_STUDENTS = 1000
BELOW_HALF = {"bounds": {"guess": (0, 0.5), "slip": (0, 0.5)}, "random_state": 0}
DKT = {"max_epochs": 2, "random_state": 0}
ITEM = {"item": "item_id"}
TRACERS = {
    "means": MeanClassifier(),
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "PFA, items": PFAClassifier(**ITEM),
    "Rasch, 2PL": RaschClassifier(model="2pl"),
    "BKT": BKTClassifier(**BELOW_HALF),
    "BKT, items": BKTClassifier(**ITEM, **BELOW_HALF),
    "transfer": TransferClassifier(),
    "DKT, GRU": DKTClassifier(**DKT),
    "DKT, LSTM": DKTClassifier(cell="lstm", **DKT),
    "DKT, GRU, items": DKTClassifier(**ITEM, **DKT),
    "blend of three": BlendClassifier(
        [
            ("transfer", TransferClassifier()),
            ("bkt", BKTClassifier(**BELOW_HALF)),
            ("dkt", DKTClassifier(**DKT)),
        ],
        weights=None,
    ),
}


def main():
    torch.set_num_threads(1)
    log = make_interactions(200, 20, n_items=100, random_state=0)
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "step.onnx"
        for name, tracer in TRACERS.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tracer.fit(*log)
            to_onnx(tracer, path)
            session = open_session(path)
            alone, together = draw(session, 500), draw(session, 30, N_STUDENTS)
            rows[name] = {
                "ONNX": time_session(session, alone),
                "tracer()": time_tracer(tracer, session, alone),
                "per student": time_session(session, together) / N_STUDENTS,
                "kB": path.stat().st_size / 1000,
                "state": session.get_inputs()[0].shape[1],
            }
    print(pd.DataFrame(rows).T.to_string(float_format="{:,.1f}".format))


def open_session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options)


def draw(session, n_answers, n=1):
    """Draw answers of n students, as a session is fed."""
    notes, rng = read_notes(session), np.random.default_rng(0)
    names = [own.name for own in session.get_inputs()]
    state, nothing = np.zeros((n, session.get_inputs()[0].shape[1])), np.empty((n, 0))
    fed = []
    for _ in range(n_answers):
        skill = rng.integers(0, len(notes["skills"]), n)
        fed.append({"state": state, "skill": skill, "correct": rng.integers(0, 2, n)})
        if "item" in names:
            fed[-1]["item"] = rng.integers(0, len(notes["items"]), n)
            fed[-1] |= dict.fromkeys(["ask_skill", "ask_item"], nothing.astype(int))
    return fed


def read_notes(session):
    notes = session.get_modelmeta().custom_metadata_map
    return {name: json.loads(note) for name, note in notes.items()}


def time_session(session, fed):
    """Return microseconds per step, each of which goes on from the one before."""
    state, seconds = fed[0]["state"], []
    for one in fed:
        start = time.perf_counter()
        state, _ = session.run(["new_state", "probability"], one | {"state": state})
        seconds.append(time.perf_counter() - start)
    return 1e6 * statistics.median(seconds)


def time_tracer(tracer, session, fed):
    """Return microseconds per update and prediction of the same answers."""
    notes, live, seconds = read_notes(session), tracer.tracer(), []
    for one in fed:
        skill, correct = notes["skills"][one["skill"][0]], int(one["correct"][0])
        further = {}
        if "item" in one:
            further["item"] = notes["items"][one["item"][0]]
        start = time.perf_counter()
        live.update("ann", skill, correct, **further)
        live.predict_proba("ann")
        seconds.append(time.perf_counter() - start)
    return 1e6 * statistics.median(seconds)


if __name__ == "__main__":
    main()
