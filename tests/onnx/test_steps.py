"""In ONNX Runtime, a step gives the numbers of the live tracer, family by family."""

import warnings

import numpy as np
import onnx
import pytest

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

from ..conftest import BELOW_HALF, SMALL
from ._steps import Driven, drive

ITEMS = {"item": "item_id"}
NAMED = {"skill": "skill_name"}
BKT = {"bounds": BELOW_HALF, "n_restarts": 1, "random_state": 0}
DKT = SMALL | {"max_epochs": 1, "lr": 0.1}
TRACERS = {
    "mean of the skill": MeanClassifier(),
    "mean of the student": MeanClassifier(by="student"),
    "mean of the item": MeanClassifier(by="item", **ITEMS),
    "AFM": AFMClassifier(),
    "AFM, linear, without ability": AFMClassifier(
        counts="linear", slopes="shared", student_effect=None
    ),
    "AFM, classical": AFMClassifier(averages=None, persistence=0.9),
    "PFA of items": PFAClassifier(averages=(0.3,), **ITEMS),
    "PFA of items, classical": PFAClassifier(
        averages=None, item_slopes=False, student_effect=None, **ITEMS
    ),
    "PFA, fixed": PFAClassifier(student_effect="fixed"),
    "Rasch": RaschClassifier(),
    "2PL": RaschClassifier(model="2pl", **NAMED),
    "Rasch, fixed": RaschClassifier(student_effect="fixed"),
    "Rasch, without ability": RaschClassifier(student_effect=None),
    "BKT": BKTClassifier(**BKT),
    "BKT that forgets": BKTClassifier(forget=True, **BKT),
    "BKT of items": BKTClassifier(item_params=("guess", "slip"), **ITEMS, **BKT),
    "BKT of items that learns": BKTClassifier(item_params=["learn"], **ITEMS, **BKT),
    "BKT that is certain": BKTClassifier(
        fixed={"prior": 0.0, "learn": 0.0, "guess": 0.0, "slip": 0.0}, **BKT
    ),
    "transfer": TransferClassifier(trust=1.0),
    "transfer of items": TransferClassifier(trust=1.0, **ITEMS),
    "DKT": DKTClassifier(**DKT),
    "DKT of items": DKTClassifier(readout="mlp", **ITEMS, **DKT),
    "DKT of items, skills as names": DKTClassifier(
        cell="rnn", skill_numbers=False, num_layers=2, **ITEMS, **DKT
    ),
    "DKT, LSTM, 2 layers": DKTClassifier(cell="lstm", num_layers=2, **DKT),
    "DKT, RNN, as in the paper": DKTClassifier(
        cell="rnn", skill_numbers=False, readout="mlp", **DKT
    ),
    "blend": BlendClassifier(
        [("pfa", PFAClassifier()), ("mean", MeanClassifier()), ("no", "drop")],
        weights=[0.7, 0.5, 0.0],
    ),
    "blend of blends, with items": BlendClassifier(
        [
            ("bkt", BKTClassifier(bounds=BELOW_HALF, n_restarts=1)),
            ("inner", BlendClassifier([("afm", AFMClassifier())], weights=None)),
            ("dkt", DKTClassifier(**DKT)),
        ],
        weights=None,
        **ITEMS,
    ),
}


@pytest.fixture(scope="module")
def log():
    X, y = make_interactions(30, 3, n_attempts=16, random_state=0)
    # Items of several skills, few enough that they have vectors: 240 answers each.
    return X.assign(item_id=X["order_id"] % 2), y


@pytest.fixture(scope="module", params=TRACERS)
def tracer(request, log):
    with warnings.catch_warnings():  # of fits that are as small as can be
        warnings.simplefilter("ignore")
        return TRACERS[request.param].fit(*log)


@pytest.fixture(scope="module")
def exported(tracer, tmp_path_factory):
    path = tmp_path_factory.mktemp("exported") / "step.onnx"
    to_onnx(tracer, path)
    return path


def start(driven, tracer, n=2):
    """Return the states of new students; of those with a known ability, this."""
    state = driven.start(n)
    if getattr(tracer, "student_effect", None) == "fixed":
        ability = tracer.student_effects_["effect"].reindex(range(n)).to_numpy()
        state[:, driven.fields["ability"]] = ability[:, np.newaxis]
    return state


def test_predictions_are_those_of_the_live_tracer(tracer, exported):
    driven = Driven(exported)
    found = drive(driven, tracer.tracer(), start(driven, tracer), n_answers=60)
    got, expected = map(np.concatenate, zip(*found, strict=True))
    assert np.ptp(expected) > 0.01
    # Networks compute in single precision, all others in double.
    single = any(size.data_type == 1 for size in onnx.load(exported).graph.initializer)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6 if single else 1e-12)


def test_students_in_one_call_are_as_students_alone(tracer, exported):
    driven, rng = Driven(exported), np.random.default_rng(1)
    n = 5
    together = driven.start(n)
    alone = [driven.start() for _ in range(n)]
    for _ in range(6):
        skill, item, correct = rng.integers(0, (3, 2, 2), size=(n, 3)).T
        told = driven.step(together, skill, correct, item)
        together = told["new_state"]
        for student in range(n):
            own = slice(student, student + 1)
            one = driven.step(alone[student], skill[own], correct[own], item[own])
            alone[student] = one["new_state"]
            p = told["probability"][own]
            np.testing.assert_allclose(one["probability"], p, rtol=0, atol=1e-6)


def test_asking_leaves_the_state_as_it_is(tracer, exported):
    driven = Driven(exported)
    first = driven.step(start(driven, tracer, 1), [0], [1], [0])
    for skill, nothing in ((0, -1), (99, 2), (-5, -1)):
        asked = driven.step(first["new_state"], [skill], [nothing], [skill])
        for name in asked:
            np.testing.assert_array_equal(asked[name], first[name])


def test_the_model_is_valid_by_shapes_and_types(exported):
    model = onnx.load(exported)
    onnx.checker.check_model(model, full_check=True)
    assert [(own.domain, own.version) for own in model.opset_import] == [("", 17)]
    assert model.ir_version == 8


def test_nothing_is_computed_for_nobody(exported):
    # ONNX Runtime up to 1.18 takes memory of others for it, and returns wrong numbers.
    graph = onnx.load(exported).graph
    read = {name for node in graph.node for name in node.input}
    read |= {output.name for output in graph.output}
    assert not {name for node in graph.node for name in node.output} - read
    assert not {constant.name for constant in graph.initializer} - read


def test_the_same_model_gives_the_same_bytes(tracer, exported, tmp_path):
    to_onnx(tracer, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == exported.read_bytes()
