"""What a file of a step says of itself, and what cannot be one."""

import numpy as np
import onnx
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from sktrace import (
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    SequenceRegressor,
    TransferClassifier,
    to_onnx,
)
from sktrace.datasets import make_interactions

from ..conftest import BELOW_HALF, SMALL
from ._steps import Driven


@pytest.fixture(scope="module")
def log():
    sizes = {"n_students": 20, "n_skills": 3, "n_attempts": 12, "n_items": 6}
    return make_interactions(**sizes, random_state=0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "step.onnx"


class OwnMeans(MeanClassifier):
    """Means by formulas of somebody's own."""

    def _predict_log(self, log, timeline):
        return np.sqrt(super()._predict_log(log, timeline))


class RenamedMeans(MeanClassifier):
    """Means, and nothing else."""


def test_inputs_and_outputs_are_those_of_the_documentation(log, path):
    to_onnx(PFAClassifier(item="item_id").fit(*log), path)
    session = Driven(path).session
    inputs = {own.name: (own.type, own.shape) for own in session.get_inputs()}
    assert inputs.pop("state") == ("tensor(double)", ["students", 39])
    assert inputs == {
        "skill": ("tensor(int64)", ["students"]),
        "item": ("tensor(int64)", ["students"]),
        "correct": ("tensor(int64)", ["students"]),
        "ask_skill": ("tensor(int64)", ["students", "questions"]),
        "ask_item": ("tensor(int64)", ["students", "questions"]),
    }
    outputs = {own.name: (own.type, own.shape) for own in session.get_outputs()}
    assert outputs == {
        "new_state": ("tensor(double)", ["students", 39]),
        "probability": ("tensor(double)", ["students", 4]),
        "asked": ("tensor(double)", ["students", "questions"]),
    }


@pytest.mark.parametrize("number", [0, 1, 7])
def test_as_many_questions_as_one_likes(log, path, number):
    to_onnx(MeanClassifier(by="item", item="item_id").fit(*log), path)
    driven, questions = Driven(path), np.arange(number)[np.newaxis]
    told = driven.step(driven.start(), [0], [-1], [0], (questions % 3, questions % 6))
    assert told["asked"].shape == (1, number)


def test_metadata_tell_what_codes_and_states_mean(log, path):
    bkt = BKTClassifier(bounds=BELOW_HALF, n_restarts=1, item="item_id", random_state=0)
    to_onnx(bkt.fit(log[0], np.where(log[1] == 1, "right", "wrong")), path)
    driven = Driven(path)
    assert driven.notes.pop("sktrace_version")
    assert driven.notes == {
        "skills": bkt.skills_.tolist(),
        "items": bkt.items_.index.tolist(),
        "classes": ["right", "wrong"],
        "state": [
            {"name": "unknown", "start": 0, "stop": 4},
            {"name": "known", "start": 4, "stop": 8},
        ],
        "tracer": "BKTClassifier",
    }
    assert "all zeros" in onnx.load(path).doc_string
    state = driven.step(driven.start(), [2], [1], [0])["new_state"][0]
    unknown, known = (state[driven.fields[name]] for name in ("unknown", "known"))
    assert unknown[2] + known[2] == pytest.approx(1)
    assert not unknown[:2].any()


def test_names_of_any_type_become_json(log, path):
    X, y = log
    names = dict(zip(X["skill_name"].unique(), [("a", 1), np.inf, 3], strict=True))
    dates = pd.to_datetime(["2026-01-01"] * len(X))
    tracer = MeanClassifier(by="item", item="item_id", skill_separator=None)
    cells = pd.Series([names[name] for name in X["skill_name"]], dtype=object)
    X = X.assign(skill_name=cells, item_id=dates)
    to_onnx(tracer.fit(X, y), path)
    notes = Driven(path).notes
    assert notes["skills"] == [3, "inf", "(a, 1)"]
    assert notes["items"] == ["2026-01-01T00:00:00"]


@pytest.mark.parametrize(
    "tracer",
    [
        PFAClassifier(),
        MeanClassifier(by="student"),
        BKTClassifier(bounds=BELOW_HALF, n_restarts=1, random_state=0),
        TransferClassifier(trust=1.0),
    ],
)
def test_answers_count_as_the_target_says(log, path, tracer):
    X, _ = log
    # The second class is a wrong answer, as a rule.
    y = np.random.default_rng(0).uniform(size=len(X)) < 0.8 - 0.6 * X["correct"]
    to_onnx(tracer.fit(X, y), path)
    driven, live = Driven(path), tracer.tracer()
    state = driven.start()
    for skill, correct in ((0, 1), (1, 0), (0, 0)):
        told = driven.step(state, [skill], [correct])
        state = told["new_state"]
        live.update("ann", tracer.skills_[skill], correct)
    expected = live.predict_proba("ann")
    np.testing.assert_allclose(told["probability"][0, :-1], expected, atol=1e-12)


def test_a_small_network_does_not_hold_what_it_does_not_read(log, path):
    dkt = DKTClassifier(**SMALL | {"hidden_size": 5, "max_epochs": 1}).fit(*log)
    to_onnx(dkt, path)
    numbers = sum(p.numel() for p in dkt.net_.module_.parameters())
    assert path.stat().st_size < 8 * numbers + 15_000


@pytest.mark.parametrize("fitted", [MeanClassifier, RenamedMeans])
def test_a_subclass_that_changes_no_formula_is_what_it_is(log, path, fitted):
    to_onnx(fitted().fit(*log), path)
    assert Driven(path).notes["tracer"] == fitted.__name__


def test_other_formulas_are_refused(log, path):
    said = "OwnMeans predicts by formulas of its own; expected a fitted tracer"
    with pytest.raises(TypeError, match=f"^to_onnx got OwnMeans: {said}"):
        to_onnx(OwnMeans().fit(*log), path)
    blend = BlendClassifier([("own", OwnMeans())], weights=None).fit(*log)
    with pytest.raises(TypeError, match=f"BlendClassifier with member 'own': {said}"):
        to_onnx(blend, path)
    assert not path.exists()


def test_what_is_no_tracer_is_refused(log, path):
    outcomes = DKTClassifier(task="many-to-one", **SMALL)
    for model, got in {
        MeanClassifier: "got the class MeanClassifier; expected a fitted tracer",
        SequenceRegressor(): "got SequenceRegressor; expected a fitted tracer",
        make_pipeline(MeanClassifier()): r"got Pipeline; .* pipeline\[-1\]",
        MeanClassifier().fit(*log).tracer(): "got LiveTracer; expected a fitted",
        outcomes: "got DKTClassifier, and task='many-to-one' predicts one outcome",
    }.items():
        with pytest.raises(TypeError, match=got):
            to_onnx(model, path)
    with pytest.raises(NotFittedError, match="This PFAClassifier instance is not"):
        to_onnx(PFAClassifier(), path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("tracer", "read"),
    [
        (PFAClassifier(time="t", past_features=["f"]), "time='t', past_features="),
        (BKTClassifier(bounds=BELOW_HALF, learn_group="g"), "learn_group='g'"),
        (
            BlendClassifier([("afm", PFAClassifier())], weights=None, features="f"),
            "features='f'",
        ),
    ],
)
def test_what_is_no_input_of_a_step_is_refused_with_the_repair(log, path, tracer, read):
    X, y = log
    rng = np.random.default_rng(0)
    X = X.assign(t=X["order_id"] * 60.0, f=rng.normal(size=len(X)), g="here")
    fitted = tracer.fit(X, y)
    with pytest.raises(ValueError, match=f"with {read}") as error:
        to_onnx(fitted, path)
    _, _, repair = str(error.value).partition("Fit one without: ")
    assert repair.startswith("clone(tracer).set_params(")
    names = {"clone": clone, "tracer": tracer, "X": X, "y": y}
    to_onnx(eval(repair.rstrip("."), names), path)
    assert path.exists()


def test_what_was_there_stays_where_writing_fails(log, tmp_path):
    with pytest.raises(FileNotFoundError):
        to_onnx(MeanClassifier().fit(*log), tmp_path / "nowhere" / "step.onnx")
    assert not list(tmp_path.iterdir())


def test_without_the_extra_its_name_is_told(log, path, monkeypatch):
    monkeypatch.setattr("sktrace._versions.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"Writing ONNX needs onnx.*\[onnx\]"):
        to_onnx(MeanClassifier().fit(*log), path)
