"""What every tracer must pass. A new tracer joins by one line in `TRACERS`.

The contract itself is public, `sktrace.testing`; here it is asked of our tracers, and
what follows it is ours alone.
"""

import copy
import warnings
from unittest import SkipTest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
    TransferClassifier,
)
from sktrace.testing import _driven, _forms, tracer_checks
from sktrace.testing._logs import join_ties

from . import conftest
from .conftest import BELOW_HALF, SMALL, proba

FEW_STEPS = SMALL | {"batch_size": 6}  # by default, a class this small has more
TRACERS = {
    "mean by skill": MeanClassifier(),
    "mean by student": MeanClassifier(by="student"),
    "mean by item": MeanClassifier(by="item", item="item_id"),
    "AFM": AFMClassifier(),
    "AFM without students": AFMClassifier(student_effect=None, slopes="shared"),
    "PFA": PFAClassifier(),
    "PFA fixed students": PFAClassifier(student_effect="fixed", positive=True),
    "PFA with items": PFAClassifier(item="item_id"),
    "Rasch": RaschClassifier(skill="skill_name", model="2pl"),
    "BKT": BKTClassifier(n_restarts=2, bounds=BELOW_HALF, random_state=0),
    "BKT with forgetting": BKTClassifier(
        forget=True, n_restarts=3, bounds=BELOW_HALF, random_state=0
    ),
    "BKT with items": BKTClassifier(
        item="item_id", n_restarts=2, bounds=BELOW_HALF, random_state=0
    ),
    "DKT gru": DKTClassifier(cell="gru", **FEW_STEPS),
    "DKT lstm": DKTClassifier(
        cell="lstm", readout="linear", num_layers=2, early_stopping=True, **FEW_STEPS
    ),
    "transfer": TransferClassifier(),
    "blend": BlendClassifier(
        [("mean", MeanClassifier()), ("own_mean", MeanClassifier(by="student"))],
        n_folds=2,
    ),
}
# A parameter of each tracer with two values, for searches.
GRIDS = {
    MeanClassifier: {"strength": [1.0, 9.0]},
    AFMClassifier: {"C_skill": [0.1, 1.0]},
    PFAClassifier: {"counts": ["linear", "log"]},
    RaschClassifier: {"model": ["1pl", "2pl"]},
    BKTClassifier: {"forget": [False, True]},
    TransferClassifier: {"trust": [0.0, 1.0]},
    DKTClassifier: {"cell": ["gru", "rnn"]},
    BlendClassifier: {"mean__strength": [1.0, 9.0]},
}


FACTOR_MODELS = AFMClassifier | PFAClassifier | RaschClassifier
UPON_LOGITS = FACTOR_MODELS | TransferClassifier | BlendClassifier


def make_log(seed=0, **sizes):
    """Write a log as others do, with items, which some tracers read."""
    log = conftest.make_log(seed=seed, **sizes)
    return log.assign(item_id=np.random.default_rng(seed + 1).integers(0, 4, len(log)))


@pytest.fixture
def log():
    return make_log()


@pytest.fixture(scope="module")
def fitted():
    log = make_log()
    return {name: clone(t).fit(log, log["correct"]) for name, t in TRACERS.items()}


@pytest.fixture(params=TRACERS)
def trained(request, fitted):
    return copy.deepcopy(fitted[request.param])


# How a frame is dressed, and what drives a tracer, are alike in a family: one of each
# does. What a row may see, and what a student's state is, every variant is asked.
ALIKE = {*_driven.__all__, *_forms.__all__}
FAMILIES = {type(tracer): name for name, tracer in TRACERS.items()}
CASES = [
    (name, check)
    for name, tracer in TRACERS.items()
    for check in tracer_checks()
    if check not in ALIKE or FAMILIES[type(tracer)] == name
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_contract(name, check):
    tracer = clone(TRACERS[name])
    skip = may_skip(tracer, check)
    try:
        tracer_checks(GRIDS[type(tracer)])[check](tracer)
    except SkipTest as skipped:
        pytest.skip(str(skipped)) if skip else pytest.fail(f"skipped: {skipped}")


def may_skip(tracer, check):
    """Say whether one of our tracers may skip a check: nothing else goes unasked."""
    stateless = isinstance(tracer, MeanClassifier | UPON_LOGITS)
    return (
        "further_columns" in check
        or ("items" in check and not has_items(tracer))
        or ("knowledge_state" in check and stateless)
    )


# --- who may see what, in any log --------------------------------------------------


def others(log):
    """Name students whom no tracer was fitted on."""
    return -log["user_id"]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    moment=st.integers(0, 4),
    name=st.sampled_from([*TRACERS]),
)
def test_future_is_invisible_in_any_log(fitted, seed, moment, name):
    log = make_log(n_students=5, seed=seed).assign(user_id=others)
    changed = log.copy()
    rng = np.random.default_rng(seed)
    hidden = (log["order_id"] >= moment).to_numpy()
    changed.loc[hidden, "correct"] = rng.choice([0.0, 1.0, np.nan], hidden.sum())
    later = (log["order_id"] > moment).to_numpy()
    changed.loc[later, "skill_name"] = "skill 0"
    before, after = proba(fitted[name], log), proba(fitted[name], changed)
    np.testing.assert_allclose(after[~later], before[~later], atol=1e-6, rtol=0)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), name=st.sampled_from([*TRACERS]))
def test_row_order_means_nothing(fitted, seed, name):
    log = make_log(seed=seed).assign(user_id=others)
    rows = np.random.default_rng(seed).permutation(len(log))
    np.testing.assert_array_equal(
        proba(fitted[name], log.iloc[rows]), proba(fitted[name], log)[rows]
    )


# --- what not every tracer promises ------------------------------------------------


def test_earlier_answers_are_seen(trained, log):
    if getattr(trained, "by", "student") != "student":
        pytest.skip("the mean of a skill or an item reads no history")
    if type(trained) is AFMClassifier and trained.student_effect is None:
        pytest.skip("it counts earlier answers, right or wrong")
    flipped = log.assign(correct=1 - log["correct"])
    later = (log["order_id"] > 0).to_numpy()
    assert (proba(trained, flipped) != proba(trained, log))[later].any()


def test_a_first_interaction_depends_on_its_skill_alone(trained, log):
    if getattr(trained, "student_effect", None) == "fixed":
        pytest.skip("students of the training log keep the ability found there")
    first = log[log["order_id"] == 0].assign(p=lambda X: proba(trained, X))
    known = ["skill_name", "item_id"] if has_items(trained) else "skill_name"
    spread = first.groupby(known)["p"].agg(np.ptp)
    assert spread.max() < 1e-6


def has_items(tracer):
    return getattr(tracer, "item", None) is not None


def test_an_unseen_skill_is_refused_by_name_once_so_told(trained, log):
    odd = log.assign(skill_name=log["skill_name"].where(log["order_id"] > 0, "new"))
    missing = log.assign(skill_name=log["skill_name"].where(log["order_id"] > 0))
    trained.set_params(handle_unknown="error")
    with pytest.raises(ValueError, match=r"1 skill\(s\) were not seen in fit: 'new'"):
        trained.predict_proba(odd)
    with pytest.raises(ValueError, match="names no skill in"):
        trained.predict_proba(missing)


def unroll(joined):
    """Write a question as tied rows, one per skill."""
    names = joined["skill_name"].str.split("~~")
    return joined.assign(skill_name=names).explode("skill_name")


def test_a_cell_is_the_average_of_tied_rows_or_one_logit(trained, log):
    joined = join_ties(log)
    several = joined["skill_name"].str.contains("~~")
    assert several.mean() > 0.3
    rows = unroll(joined)
    p = proba(trained, joined)
    each = pd.Series(proba(trained, rows), rows.index).groupby(level=0).mean()
    if isinstance(trained, UPON_LOGITS):
        assert (abs(p - each)[several] > 1e-6).any()  # logits add up
    elif getattr(trained, "by", None) == "student":
        first = (joined["order_id"] == 0).to_numpy()  # later, a row is one answer
        np.testing.assert_allclose(p[first], each[first], atol=1e-6, rtol=0)
    else:
        np.testing.assert_allclose(p, each, atol=1e-6, rtol=0)


def test_the_scale_of_weights_means_nothing_when_shrinkage_is_none(log):
    weight = np.random.default_rng(0).uniform(0.5, 2, len(log))
    tracer = DKTClassifier(**SMALL)
    p = proba(clone(tracer).fit(log, log["correct"], sample_weight=weight), log)
    q = proba(clone(tracer).fit(log, log["correct"], sample_weight=8 * weight), log)
    np.testing.assert_allclose(p, q, atol=1e-6, rtol=0)


def test_tracers_are_interchangeable(log):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shapes = {
            name: clone(t).fit(log, log["correct"]).predict_proba(log).shape
            for name, t in TRACERS.items()
        }
    assert set(shapes.values()) == {(len(log), 2)}
    assert not caught
