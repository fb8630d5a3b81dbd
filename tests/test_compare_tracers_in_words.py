"""What a comparison says in words: each kind of outcome, word for word."""

import numpy as np
import pandas as pd
import pytest

from sktrace import AFMClassifier, MeanClassifier, PFAClassifier
from sktrace.datasets import make_interactions
from sktrace.model_selection import StudentKFold, TracerComparison, compare_tracers

from_predictions = TracerComparison.from_predictions
FEW = {"n_bootstraps": 50, "random_state": 0}
TRACERS = {"PFA": PFAClassifier(), "mean": MeanClassifier()}


@pytest.fixture(scope="module")
def course():
    """Sixty students, and what the law of their answers says of each."""
    return make_interactions(60, 4, return_proba=True, random_state=0)


def say(**differences):
    """Return the verdict on tracers that differ from "A" by so much in each fold."""
    return compare_at(**differences).verdict()


def compare_at(**differences):
    """Make up 50 students in 5 folds, and tracers of which A puts most in order.

    Each other tracer predicts what A does, but for a share of the rows in each fold,
    of which it knows nothing.
    """
    n, k = 2000, 5
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"user_id": np.arange(n) % 50})
    y = rng.integers(0, 2, n)
    a = np.clip(0.5 + 0.15 * (2 * y - 1) + 0.2 * rng.standard_normal(n), 0.001, 0.999)
    fold = X["user_id"].to_numpy() % k
    cv = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(k)]
    means = [name for name in differences if "mean" in name]
    predictions = {"A": a}
    for name, by_fold in differences.items():
        p = a.copy()
        for (_, test), share in zip(cv, np.broadcast_to(by_fold, k), strict=True):
            chosen = test[: round(share * len(test))]
            p[chosen] = rng.random(len(chosen))
        predictions[name] = p
    return from_predictions(predictions, X, y, cv=cv, baselines=means, **FEW)


def of(found, name="A"):
    own = found.tracers.loc[name]
    return "{:.3f} (95 % interval {:.3f} to {:.3f})".format(
        *own[["score", "low", "high"]]
    )


def test_who_is_better_than_all_others_predicts_best():
    found = compare_at(B=0.3)
    assert found.verdict() == (
        f"A predicts best, with an AUC of {of(found)}; B is worse."
    )
    found = compare_at(B=0.3, C=0.4)
    assert found.verdict().endswith("; both others are worse.")


def test_who_is_not_told_apart_and_who_is_the_same_are_named():
    unsteady = (0.0, 0.1, 0.0, 0.12, 0.01)
    found = compare_at(B=unsteady, C=0.0, D=0.4)
    assert found.verdict() == (
        f"A leads, with an AUC of {of(found)}: B cannot be told apart from it; C is "
        "practically the same (within 0.005); D is worse."
    )
    many = compare_at(**dict.fromkeys("BCDEFG", 0.0), X=0.4, Y=0.4, Z=0.4).verdict()
    assert ": B, C, D and 3 others are practically the same (within 0.005)" in many
    assert many.endswith("; 3 others are worse.")


def test_whether_anything_beats_the_means_is_said():
    assert say(B=0.0, mean=0.4).endswith("; mean is worse. Both models beat mean.")
    two = {"mean of one": 0.4, "mean of two": 0.4}
    assert say(B=0.0, **two).endswith(" are worse. Both models beat the means.")
    assert say(B=0.4, mean=0.4).endswith(" worse. Of 2 models, 1 beats mean.")
    assert say(mean=0.4).endswith("; mean is worse.")  # what more is there to say?
    assert say(mean=0.0).endswith(" No tracer beats mean by more than 0.005.")
    unsteady = (0.0, 0.1, 0.0, 0.12, 0.01)
    assert say(mean=unsteady).endswith(" No tracer is sure to beat mean.")


def test_a_mean_that_leads_is_not_beaten(course):
    X, y, p = course
    q = {"the mean": p, "DKT": np.random.default_rng(0).random(len(p))}
    found = from_predictions(q, X, y, baselines=["the mean"], **FEW)
    assert found.verdict() == (
        f"the mean predicts best, with an AUC of {of(found, 'the mean')}; DKT is "
        "worse. No tracer beats it."
    )


def test_when_all_guess_nothing_else_is_said(course):
    X, y, p = course
    noise = np.random.default_rng(0).random((2, len(p)))
    found = from_predictions(dict(zip("AB", noise, strict=True)), X, y, **FEW)
    best = found.ranking[0]
    assert found.verdict() == (
        "No tracer predicts better than guessing: the highest AUC is "
        f"{of(found, best)}, of {best}."
    )


def test_the_best_of_many_that_guess_was_lucky(course):
    """Of a hundred coins some interval lies above one half; none is sure to."""
    X, y, _ = course
    rng = np.random.default_rng(2)
    coins = {f"coin {number}": rng.random(len(y)) for number in range(100)}
    found = from_predictions(coins, X, y, n_bootstraps=200, random_state=0)
    best = found.ranking[0]
    assert not found.tracers["guesses"].all()
    assert not found.tracers.loc[best, "guesses"]
    assert found.verdict() == (
        "No tracer is sure to predict better than guessing: the highest AUC is "
        f"{of(found, best)}, of {best}, the best of 100."
    )


def test_one_alone_has_its_score_only(course):
    X, y, p = course
    found = from_predictions({"A": p}, X, y, **FEW)
    assert found.verdict() == (
        f"A has an AUC of {of(found)}; there is no other to compare it with."
    )
    assert len(found.pairs) == 0
    assert found.summary()["standing"].tolist() == ["leads"]


def test_a_loss_is_positive_in_words_and_the_lowest_leads(course):
    X, y, p = course
    q = {"flat": np.full(len(p), y.mean()), "truth": p}
    found = from_predictions(q, X, y, scoring="neg_log_loss", **FEW)
    own = found.tracers.loc["truth"]
    assert own["score"] < 0
    assert found.verdict() == (
        f"truth predicts best, with a log loss of {-own['score']:.3f} (95 % interval "
        f"{-own['high']:.3f} to {-own['low']:.3f}); flat is worse."
    )


def test_two_folds_tell_little(course):
    X, y, _ = course
    tracers = TRACERS | {"AFM": AFMClassifier()}
    found = compare_tracers(tracers, X, y, cv=2, **FEW)
    pair = found.pairs.set_index(["tracer", "other"]).loc[("PFA", "AFM")]
    assert pair["verdict"] in ("same", "not told apart")
    assert found.verdict()


def test_where_no_fold_has_an_auc_that_is_said(course):
    X, y, p = course
    y = (X["user_id"] % 2).to_numpy()
    q = {"a": p, "b": 1 - p}
    found = from_predictions(q, X, y, cv=StudentKFold(60), **FEW)
    assert found.verdict() == "No fold has an AUC: the answers of each are all alike."
    assert repr(found) == f"<TracerComparison: {found.verdict()}>"
