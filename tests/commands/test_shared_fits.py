"""What is a tracer, and a member of a blend, too, is fitted once; nothing changes."""

import numpy as np
import pytest
from sklearn.base import clone

from sktrace import BlendClassifier, DKTClassifier, MeanClassifier
from sktrace.commands._running.cost import Cost
from sktrace.commands._running.folds import predict_folds
from sktrace.commands._running.shared_fits import find_twins, plan_tasks
from sktrace.commands._running.tracers import make_tracers
from sktrace.model_selection import StudentKFold

from ..conftest import make_log
from ._odd_tracers import Refusing
from .test_compare import make_blend  # what a blend is made of, whatever others patch


class Counted(MeanClassifier):
    """Means, which note the rows that they are fitted to."""

    sizes = []

    def fit(self, X, y, sample_weight=None):
        Counted.sizes.append(len(X))
        return super().fit(X, y, sample_weight)


class TooLarge(MeanClassifier):
    """Means that cannot be fitted to many rows, such as all rows of a fold."""

    def fit(self, X, y, sample_weight=None):
        if len(X) > 160:
            raise MemoryError("so many")
        return super().fit(X, y, sample_weight)


class Kept:
    """Some folds of an earlier run, in memory."""

    def __init__(self, folds):
        self.folds = folds

    def read(self, name, number, n_rows):
        return self.folds.get((name, number))

    def keep(self, name, number, fold):
        self.folds[name, number] = fold


@pytest.fixture(scope="module")
def X():
    return make_log(n_students=40, n_steps=12)


@pytest.fixture(scope="module")
def folds(X):
    return list(StudentKFold(3).split(X))


def compare(first):
    """Return two tracers, and a blend of the same."""
    own = MeanClassifier(by="student")
    blend = BlendClassifier([("one", first), ("two", own)], random_state=0)
    return {"first": clone(first), "own": own, "blend": blend}


def alone(tracer, X, folds):
    fits = (clone(tracer).fit(X.iloc[own], X["correct"].iloc[own]) for own, _ in folds)
    pairs = zip(fits, folds, strict=True)
    return [fit.predict_proba(X.iloc[test])[:, 1] for fit, (_, test) in pairs]


def test_members_of_the_blend_are_tracers_of_the_comparison():
    tracers = make_tracers(3, 2) | {"blend": make_blend(3, 2)}
    twins = {"transfer": "transfer", "bkt": "BKT", "dkt": "DKT"}
    assert find_twins(tracers) == {"blend": twins}
    other = tracers | {"blend": make_blend(4, 2)}
    assert find_twins(other) == {"blend": {"transfer": "transfer"}}
    tracers["DKT"].set_params(hidden_size=10)
    assert set(find_twins(tracers)["blend"]) == {"transfer", "bkt"}


def test_what_is_left_to_chance_has_no_twin():
    dkt = DKTClassifier()
    tracers = {"DKT": dkt, "blend": BlendClassifier([("dkt", dkt)], random_state=0)}
    assert find_twins(tracers) == {"blend": {}}
    assert find_twins({"blend": BlendClassifier()}) == {}


def test_a_blend_in_a_blend_is_fitted_there(X, folds):
    tracers = compare(MeanClassifier())
    inner = clone(tracers["blend"])
    outer = BlendClassifier([("own", tracers["own"]), ("inner", inner)], random_state=1)
    tracers["outer"] = outer
    assert find_twins(tracers)["outer"] == {"own": "own"}
    done, failed = predict_folds(tracers, X, folds, quiet=True)
    assert failed == {}
    for fold, p in zip(done["outer"], alone(outer, X, folds), strict=True):
        np.testing.assert_array_equal(fold.p, p)


def test_a_blend_that_cannot_be_fitted_fails_alone(X, folds):
    tracers = compare(MeanClassifier(student="who"))
    tracers["first"] = MeanClassifier()
    done, failed = predict_folds(tracers, X, folds, quiet=True)
    assert list(done) == ["first", "own"]
    assert failed["blend"].startswith("ValueError: Member 'one' states student='who'")


def test_each_predicts_what_it_predicts_alone(X, folds):
    tracers = compare(MeanClassifier())
    done, failed = predict_folds(tracers, X, folds, quiet=True)
    assert failed == {}
    for name, tracer in tracers.items():
        for fold, p in zip(done[name], alone(tracer, X, folds), strict=True):
            np.testing.assert_array_equal(fold.p, p)
    for own, blend in zip(done["first"], done["blend"], strict=True):
        assert 0 < own.seconds < 2 * blend.seconds  # whose fit is among those of both


def test_a_member_is_fitted_once_unless_its_fold_was_kept(X, folds, monkeypatch):
    monkeypatch.setattr(Counted, "sizes", [])
    tracers = compare(Counted())
    kept = Kept({})
    done, _ = predict_folds(tracers, X, folds, quiet=True, kept=kept)
    sizes = [len(train) for train, _ in folds]
    assert [size for size in Counted.sizes if size in sizes] == sizes
    n_all = len(Counted.sizes)
    del kept.folds["blend", 1], kept.folds["blend", 2], kept.folds["first", 2]
    Counted.sizes.clear()
    again, _ = predict_folds(tracers, X, folds, quiet=True, kept=kept)
    for name in tracers:
        for one, other in zip(done[name], again[name], strict=True):
            np.testing.assert_array_equal(one.p, other.p)
    assert [size for size in Counted.sizes if size in sizes] == sizes[1:2] + sizes[:1]
    assert len(Counted.sizes) < n_all


def test_what_a_member_says_in_failing_the_blend_says(X, folds):
    done, failed = predict_folds(compare(TooLarge()), X, folds, quiet=True)
    assert list(done) == ["own"]
    assert failed == dict.fromkeys(["first", "blend"], "MemoryError: so many")


def test_a_blend_does_not_need_a_member_of_no_weight(X, folds):
    tracers = compare(Refusing())
    tracers["blend"].set_params(weights=[0, 1])
    done, failed = predict_folds(tracers, X, folds, quiet=True)
    assert list(failed) == ["first"]
    for fold, own in zip(done["blend"], done["own"], strict=True):
        np.testing.assert_allclose(fold.p, own.p, atol=1e-6)


def test_processes_begin_with_a_blend_and_its_members_fold_by_fold():
    tracers = make_tracers(0, 8) | {"blend": make_blend(0, 8)}
    lacking = [(name, number) for name in tracers for number in range(2)]
    cost = Cost(tracers, 10**5)
    tasks = plan_tasks(lacking, cost, 2)
    assert [task[:2] for task in tasks if task.is_member or task.elsewhere] == [
        (name, number)
        for number in range(2)
        for name in ("blend", "DKT", "transfer", "BKT")
    ]
    assert tasks[-1].name.endswith(("mean", "mean so far"))
    assert [task[:2] for task in plan_tasks(lacking, cost, 1)] == lacking
    assert cost.of_task("blend") < cost.of("blend") - cost.of("DKT")
