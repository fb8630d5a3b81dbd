"""Which tracer is better: the numbers, and the sentence that follows from them."""

import re

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_validate

from sktrace import MeanClassifier, PFAClassifier
from sktrace.datasets import make_interactions
from sktrace.metrics import question_scorer, skill_scorer
from sktrace.model_selection import (
    StudentKFold,
    StudentShuffleSplit,
    TracerComparison,
    compare_tracers,
)

from .conftest import small_dkt

from_predictions = TracerComparison.from_predictions
FEW = {"n_bootstraps": 50, "random_state": 0}
TRACERS = {"PFA": PFAClassifier(), "mean": MeanClassifier()}


@pytest.fixture(scope="module")
def course():
    """Sixty students, and what the law of their answers says of each."""
    return make_interactions(60, 4, return_proba=True, random_state=0)


@pytest.fixture(scope="module")
def found(course):
    X, y, _ = course
    return compare_tracers(TRACERS, X, y, **FEW)


# --- numbers -----------------------------------------------------------------------


def test_scores_are_those_of_cross_validate_on_the_same_folds(course):
    X, y, _ = course
    before = X.copy()
    cv = StudentKFold(3, shuffle=True, random_state=0)
    for scoring in ("roc_auc", "f1", question_scorer("neg_log_loss"), skill_scorer()):
        found = compare_tracers(
            TRACERS, X, y, cv=3, scoring=scoring, n_bootstraps=0, random_state=0
        )
        for name, own in found.scores.groupby("tracer"):
            expected = cross_validate(TRACERS[name], X, y, cv=cv, scoring=scoring)
            assert own["fold"].tolist() == [0, 1, 2]
            np.testing.assert_allclose(own["score"], expected["test_score"], rtol=1e-12)
    assert X.equals(before)
    assert not hasattr(TRACERS["PFA"], "classes_")  # clones were fitted


def test_every_row_is_predicted_by_a_fold_that_did_not_see_it(course, found):
    X, y, _ = course
    assert found.predictions.index.equals(X.index)
    assert list(found.predictions) == ["PFA", "mean"]
    train, test = next(StudentKFold(5, shuffle=True, random_state=0).split(X))
    expected = PFAClassifier().fit(X.iloc[train], y[train]).predict_proba(X.iloc[test])
    np.testing.assert_array_equal(found.predictions["PFA"].iloc[test], expected[:, 1])
    half = compare_tracers(TRACERS, X, y, cv=[(train, test)], **FEW).predictions
    assert half.iloc[test].notna().all(axis=None)
    assert half.iloc[train].isna().all(axis=None)


def test_all_ordered_pairs_are_there_and_the_two_orders_say_the_same(found):
    pairs = found.pairs.set_index(["tracer", "other"])
    one, other = pairs.loc[("PFA", "mean")], pairs.loc[("mean", "PFA")]
    assert len(pairs) == 2
    for key, sign in (("difference", -1), ("std", 1), ("t", -1), ("p", 1), ("same", 1)):
        assert one[key] == pytest.approx(sign * other[key], abs=1e-12)
    assert one["worse"] == pytest.approx(other["better"])
    assert (one["low"], one["high"]) == pytest.approx((-other["high"], -other["low"]))
    assert one["low"] < one["difference"] < one["high"]
    by_fold = found.scores.pivot(index="fold", columns="tracer", values="score")
    difference = by_fold["PFA"] - by_fold["mean"]
    assert one["difference"] == pytest.approx(difference.mean())
    assert one["std"] == pytest.approx(difference.std())


def test_the_order_of_rows_does_not_matter(course, found):
    X, y, _ = course
    order = np.random.default_rng(0).permutation(len(X))
    again = compare_tracers(TRACERS, X.iloc[order], y[order], **FEW)
    close = {"rtol": 0, "atol": 1e-6}
    pd.testing.assert_frame_equal(again.pairs, found.pairs, **close)
    pd.testing.assert_frame_equal(
        again.tracers.drop(columns="seconds"),
        found.tracers.drop(columns="seconds"),
        **close,
    )
    assert again.verdict() == found.verdict()


def test_predictions_at_hand_give_the_same(course, found):
    X, y, _ = course
    cv = StudentKFold(5, shuffle=True, random_state=0)
    p = found.predictions
    again = from_predictions(p, X, y, cv=cv, baselines="mean", **FEW)
    pd.testing.assert_frame_equal(again.pairs, found.pairs)
    assert again.verdict() == found.verdict()
    of_two = {name: np.column_stack([1 - own, own]) for name, own in p.items()}
    again = from_predictions(of_two, X, y, cv=cv, **FEW)
    pd.testing.assert_frame_equal(again.pairs, found.pairs)


def test_fits_side_by_side_change_nothing(course, found):
    X, y, _ = course
    with parallel_config("threading"):
        again = compare_tracers(TRACERS, X, y, n_jobs=2, **FEW)
    pd.testing.assert_frame_equal(again.pairs, found.pairs)


def test_labels_may_be_words(course, found):
    X, y, _ = course
    named = np.array(["no", "yes"])[y]
    pd.testing.assert_frame_equal(
        compare_tracers(TRACERS, X, named, **FEW).pairs, found.pairs
    )


def test_rows_without_a_target_are_predicted_and_not_scored(course):
    X, y, p = course
    asked = np.arange(len(X)) % 4 > 0
    some = np.where(asked, y, np.nan)
    q = {"truth": p, "noise": np.linspace(0, 1, len(p))}
    found = from_predictions(q, X, some, **FEW)
    expected = from_predictions(
        {name: own[asked] for name, own in q.items()}, X[asked], y[asked], **FEW
    )
    pd.testing.assert_frame_equal(found.pairs, expected.pairs)
    blank = X.assign(correct=X["correct"].where(asked))
    predictions = compare_tracers(TRACERS, blank, some, **FEW).predictions
    assert predictions.notna().all(axis=None)


def test_of_one_split_the_samples_of_students_decide(course):
    X, y, _ = course
    cv = StudentShuffleSplit(1, test_size=0.5, random_state=0)
    found = compare_tracers(TRACERS, X, y, cv=cv, **FEW)
    pair = found.pairs.iloc[0]
    assert np.isnan(pair[["std", "t", "p"]].astype(float)).all()
    assert pair["worse"] + pair["same"] + pair["better"] == pytest.approx(1)
    assert pair["verdict"] == "better"
    found = compare_tracers(TRACERS, X, y, cv=cv, n_bootstraps=0)
    assert found.pairs["verdict"].unique().tolist() == ["not told apart"]
    assert found.pairs["low"].isna().all()


def test_a_student_of_several_folds_is_drawn_alike_in_each(course):
    """The same split twice knows no more than once."""
    X, y, p = course
    q = {"truth": p, "noise": np.random.default_rng(0).random(len(p))}
    once = from_predictions(q, X, y, **FEW)
    fold = (np.arange(0), np.arange(len(p)))
    twice = from_predictions(q, X, y, cv=[fold, fold], **FEW)
    np.testing.assert_allclose(once.tracers["low"], twice.tracers["low"], rtol=1e-9)


def test_the_mean_of_samples_is_the_score(course):
    """Else an AUC would lie near the upper end of its own interval."""
    X, y, p = course
    cv = StudentKFold(10)
    found = from_predictions({"truth": p}, X, y, cv=cv, **(FEW | {"n_bootstraps": 200}))
    own = found.tracers.loc["truth"]
    middle = (own["low"] + own["high"]) / 2
    assert abs(own["score"] - middle) < 0.15 * (own["high"] - own["low"])


def test_a_scorer_that_joins_rows_keeps_copies_of_a_student_apart(course):
    """Without ties every row is a question, however often it is drawn."""
    X, y, p = course
    q = {"truth": p, "noise": np.random.default_rng(0).random(len(p))}
    by_row = from_predictions(q, X, y, **FEW)
    by_question = from_predictions(q, X, y, scoring=question_scorer(), **FEW)
    pd.testing.assert_frame_equal(by_question.pairs, by_row.pairs)


def test_other_estimators_and_samples_without_students():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    y = (X[:, 0] + rng.normal(size=120) > 0).astype(int)
    models = {"sharp": LogisticRegression(), "blunt": LogisticRegression(C=1e-6)}
    found = compare_tracers(models, X, y, cv=KFold(3), scoring="neg_log_loss", **FEW)
    assert found.ranking == ["sharp", "blunt"]
    assert found.standing["blunt"] == "worse"


# --- what is true is found ---------------------------------------------------------


def test_a_tracer_and_itself_from_another_seed_are_never_better(course):
    X, y, _ = course
    few = (X["user_id"] < 10).to_numpy()
    twins = {f"seed {seed}": small_dkt(random_state=seed) for seed in (0, 1)}
    found = compare_tracers(twins, X[few], y[few], cv=3, **FEW)
    assert set(found.pairs["verdict"]) <= {"same", "not told apart"}
    twins = {"one": PFAClassifier(), "two": PFAClassifier()}
    found = compare_tracers(twins, X, y, **FEW)
    assert (
        found.pairs[["worse", "same", "better"]].to_numpy().tolist() == [[0, 1, 0]] * 2
    )
    assert (found.pairs[["low", "high"]] == 0).all(axis=None)
    assert found.pairs[["t", "p"]].isna().all(axis=None)


def test_the_truth_is_better_than_the_mean_of_the_skill(course):
    X, y, p = course
    mean = MeanClassifier().fit(X, y).predict_proba(X)  # the strongest mean there is
    cv = StudentKFold(5, shuffle=True, random_state=0)
    for scoring in ("roc_auc", "neg_log_loss", "neg_brier_score"):
        both = {"truth": p, "mean": mean}
        found = from_predictions(both, X, y, cv=cv, scoring=scoring, **FEW)
        assert found.standing.to_dict() == {"truth": "best", "mean": "worse"}


def test_coin_tosses_are_not_predicted(course):
    X, _, _ = course
    tossed = np.random.default_rng(0).integers(0, 2, len(X))
    X = X.assign(correct=tossed)
    found = compare_tracers(TRACERS, X, tossed, **FEW)
    assert found.tracers["guesses"].all()
    found = compare_tracers(TRACERS, X, tossed, scoring="neg_log_loss", **FEW)
    assert found.verdict().startswith("No tracer predicts better than guessing: the lo")


def test_without_samples_the_folds_say_who_guesses(course, found):
    X, y, _ = course
    assert not found.tracers["guesses"].any()
    quick = compare_tracers(TRACERS, X, y, n_bootstraps=0, random_state=0)
    assert not quick.tracers["guesses"].any()
    assert quick.verdict() == re.sub(r" \(95 %.*?\)", "", found.verdict())


def test_folds_without_an_auc_are_left_out(course):
    X, y, p = course
    easy = (X["user_id"] < 12).to_numpy()
    y = np.where(easy, 1, y)
    fold = np.minimum(X["user_id"].to_numpy() // 12, 4)
    cv = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(5)]
    q = {"truth": p, "noise": np.random.default_rng(0).random(len(p))}
    found = from_predictions(q, X, y, cv=cv, **FEW)
    assert found.n_folds == 4
    assert found.scores["score"].isna().sum() == 2
    expected = [roc_auc_score(y[test], p[test]) for _, test in cv[1:]]
    assert found.tracers.loc["truth", "score"] == pytest.approx(np.mean(expected))
    sure = from_predictions(q, X, y, cv=cv, scoring="neg_log_loss", **FEW)
    assert sure.n_folds == 5  # of which a log loss has no need


def test_the_summary_stands_in_the_order_of_the_ranking(found):
    table = found.summary()
    assert table.index.tolist() == found.ranking == ["PFA", "mean"]
    assert table["difference"].tolist()[0] == 0
    assert table["standing"].tolist() == ["best", "worse"]
    assert table["seconds"].gt(0).all()
    assert (
        "seconds"
        not in from_predictions(
            {"a": [0.1, 0.9]}, pd.DataFrame({"user_id": [0, 1]}), [0, 1], **FEW
        ).summary()
    )


# --- refusals ----------------------------------------------------------------------


def test_what_cannot_be_compared_is_refused(course):
    X, y, p = course
    with pytest.raises(TypeError, match="Got a list; expected a dict of one or"):
        compare_tracers([PFAClassifier()], X, y)
    with pytest.raises(TypeError, match="Got a dict of nothing; expected a dict"):
        from_predictions({}, X, y)
    with pytest.raises(TypeError, match="A tracer is named 1; expected strings"):
        compare_tracers({1: PFAClassifier()}, X, y)
    with pytest.raises(TypeError, match="'p' is a ndarray, without fit and predict_pr"):
        compare_tracers({"p": p}, X, y)
    with pytest.raises(ValueError, match="baselines names 'mean'; expected some of"):
        compare_tracers({"PFA": PFAClassifier()}, X, y, baselines=["mean"])
    with pytest.raises(ValueError, match=r"'p' predicted has shape \(3,\); expec"):
        from_predictions({"p": p[:3]}, X, y)
    with pytest.raises(ValueError, match=r"'p' predicted -1\.0 in 1 row \(the fir"):
        from_predictions({"p": np.append(-1, p[1:])}, X, y)
    with pytest.raises(ValueError, match="y holds one class only, 0; a comparison of"):
        from_predictions({"p": p}, X, np.zeros(len(X), dtype=int))
    with pytest.raises(ValueError, match="rope"):
        compare_tracers(TRACERS, X, y, rope=-1)


def test_folds_that_leave_one_class_are_refused_with_others_that_work():
    X = pd.DataFrame({"user_id": [0, 0, 1, 1], "order_id": [0, 1, 0, 1]})
    X = X.assign(skill_name="a", correct=[1, 1, 0, 0])
    with pytest.raises(ValueError, match="one class only"):
        compare_tracers({"PFA": PFAClassifier()}, X, X["correct"], cv=2)
