"""How well an outcome is known after each step, against scores made by hand."""

import copy
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    log_loss,
    make_scorer,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)
from sklearn.model_selection import (
    GroupKFold,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedKFold,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sktrace import DKTClassifier, MeanClassifier, SequenceRegressor, Sequences
from sktrace._scores.by_step import first_steps
from sktrace._sequences.forms import as_sequences
from sktrace.metrics import score_by_step
from sktrace.model_selection import StudentKFold, early_prediction_curve
from sktrace.preprocessing import PerStep

from .._sequence_data import ONE_EPOCH, make_forms, make_padded
from ..conftest import CLOSE, make_log

NAN = np.nan
TWO_EPOCHS = ONE_EPOCH | {"max_epochs": 2, "lr": 0.05}
N = 24


def averages(X):
    """One row per sequence, of plain numbers, for any classifier of scikit-learn."""
    return np.array([np.nanmean(np.asarray(own, float), axis=0) for own in X])


DKT = DKTClassifier(task="many-to-one", **TWO_EPOCHS)
FLAT = make_pipeline(FunctionTransformer(averages), LogisticRegression())
ESTIMATORS = {
    "DKT": DKT,
    "DKT behind PerStep": make_pipeline(PerStep(StandardScaler()), DKT),
    "averages": FLAT,
}


def make_courses(seed=0):
    X, _ = make_padded(seed, n=N, n_steps=4)
    y = np.arange(N) % 2
    X[:, 1:, 1] += y[:, None]
    return X, y


def cut(X, n):
    """Cut a padded array by a mask instead of a slice."""
    return np.where(np.arange(X.shape[1])[:, None] < n, X, NAN)


@pytest.fixture(scope="module", params=ESTIMATORS)
def fitted(request):
    return clone(ESTIMATORS[request.param]).fit(*make_courses())


@pytest.fixture(params=ESTIMATORS)
def estimator(request):
    return clone(ESTIMATORS[request.param])


# --- whole sequences ---------------------------------------------------------------


@pytest.mark.parametrize("scoring", [None, "roc_auc", "neg_log_loss", "callable"])
def test_each_cut_is_scored_as_by_hand(fitted, scoring):
    X, y = make_courses(seed=1)
    by_hand = {
        None: lambda Z: accuracy_score(y, fitted.predict(Z)),
        "roc_auc": lambda Z: roc_auc_score(y, fitted.predict_proba(Z)[:, 1]),
        "neg_log_loss": lambda Z: -log_loss(y, fitted.predict_proba(Z)),
        "callable": lambda Z: -brier_score_loss(y, fitted.predict_proba(Z)[:, 1]),
    }[scoring]
    if scoring == "callable":
        scoring = make_scorer(
            brier_score_loss, greater_is_better=False, response_method="predict_proba"
        )
    scores = score_by_step(fitted, X, y, scoring)
    assert scores.index.tolist() == [1, 2, 3, 4]
    assert scores.index.name == "step"
    assert scores.columns.tolist() == ["n_sequences", "score"]
    expected = [by_hand(cut(X, n)) for n in scores.index]
    np.testing.assert_allclose(scores["score"], expected, **CLOSE)
    lengths = Sequences.from_padded(X).lengths
    assert scores["n_sequences"].tolist() == [
        (lengths >= n).sum() for n in (1, 2, 3, 4)
    ]
    last = scores["score"].iloc[-1]
    assert last == pytest.approx(by_hand(X), abs=1e-6)


def test_numbers_are_scored_as_outcomes_are():
    X, _ = make_courses()
    y = np.arange(N, dtype=float)
    reg = SequenceRegressor(task="many-to-one", **TWO_EPOCHS).fit(X, y)
    scores = score_by_step(reg, X, pd.Series(y, index=[3] * N))
    expected = [r2_score(y, reg.predict(cut(X, n))) for n in range(1, 5)]
    np.testing.assert_allclose(scores["score"], expected, **CLOSE)
    several = clone(reg).fit(X, pd.DataFrame({"a": y, "b": -y}))
    scores = score_by_step(several, X, np.column_stack([y, -y]), "r2", steps=[2])
    assert np.isfinite(scores["score"]).all()


def test_all_forms_have_the_same_scores():
    X, y = make_courses()
    clf = clone(DKT).fit(X, y)
    named = clone(DKT).fit(make_forms(X)["list of frames"], y)
    expected = score_by_step(clf, X, y, "neg_log_loss")
    for name, form in make_forms(X).items():
        estimator = named if "rames" in name or "a frame" in name else clf
        scores = score_by_step(estimator, form, y, "neg_log_loss")
        pd.testing.assert_frame_equal(
            scores, expected, check_dtype=False, rtol=0, atol=1e-6, obj=name
        )


def test_sequences_keep_a_step_at_which_a_student_did_nothing():
    X, y = make_courses()
    X[:, 3] = 0.5
    X[0, 0] = NAN  # nothing in the first week
    X = Sequences.from_padded(X)
    fill = PerStep(SimpleImputer(add_indicator=True))
    pipeline = make_pipeline(fill, DKT).fit(X, y)
    scores = score_by_step(pipeline, X, y, "neg_log_loss")
    assert np.isfinite(scores["score"]).all()


@pytest.mark.parametrize("steps", [[3, 1], range(2, 4), np.array([1, 2]), (4, 2)])
def test_some_steps_are_those_of_all(fitted, steps):
    X, y = make_courses()
    every = score_by_step(fitted, X, y, "roc_auc")
    some = score_by_step(fitted, X, y, "roc_auc", iter(steps))
    assert len(some) == 2
    pd.testing.assert_frame_equal(some, every.loc[some.index], rtol=0, atol=1e-6)


def test_steps_behind_the_longest_score_whole_sequences(fitted):
    X, y = make_courses()
    scores = score_by_step(fitted, X, y, "roc_auc", steps=[4, 99])
    assert scores["n_sequences"].tolist()[1] == 0
    assert scores["score"].loc[4] == pytest.approx(scores["score"].loc[99], abs=1e-6)


@pytest.mark.parametrize("steps", [[], [0], [1, -2], [1.5], 3, ["a"]])
@pytest.mark.parametrize("call", [score_by_step, early_prediction_curve])
def test_steps_that_are_refused(call, steps):
    X, y = make_courses()
    clf = clone(FLAT).fit(X, y)
    message = (
        f"steps={steps!r}; expected one or more numbers of steps, each at least 1, "
        "such as range(1, 11)."
    )
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call(clf, X, y, steps=steps)


@pytest.mark.parametrize("call", [score_by_step, early_prediction_curve])
def test_sequences_that_are_refused(call):
    X, y = make_courses()
    clf = clone(DKT).fit(X, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        call(clf, X, y[1:])
    with pytest.raises(ValueError, match=re.escape("X holds 0 sequences")):
        call(clf, Sequences.from_padded(X)[:0], [])
    with pytest.raises(ValueError, match=re.escape("X holds 0 sequences")):
        call(clf, [], [])


def test_a_frame_is_no_whole_sequences_to_draw_a_curve_of(log):
    with pytest.raises(TypeError, match=re.escape("Sequences.from_frame(X, by=...)")):
        early_prediction_curve(DKT, log, log["correct"])


def make_histories():
    log = make_log(n_students=N, n_steps=5, ties=False)
    X = Sequences.from_frame(log, by="user_id", order="order_id")
    return log, X, (X.ids.to_numpy() // 7) % 2


def test_of_interactions_the_first_answers_are_scored():
    log, X, y = make_histories()
    clf = DKTClassifier(embedding_size=4, task="many-to-one", **TWO_EPOCHS).fit(X, y)
    scores = score_by_step(clf, X, y, "roc_auc")
    for n, score in scores["score"].items():
        early = log[log["order_id"] < n]
        p = clf.predict_proba(Sequences.from_frame(early, "user_id", "order_id"))
        assert score == pytest.approx(roc_auc_score(y, p[:, 1]), abs=1e-6)


def test_frames_of_interactions_may_stand_in_any_row_order():
    """Their first answers are the earliest ones, not those of the first rows."""
    log, X, y = make_histories()
    clf = DKTClassifier(embedding_size=4, task="many-to-one", **TWO_EPOCHS).fit(X, y)
    frames = [log[log["user_id"] == student] for student in X.ids]  # shuffled rows
    np.testing.assert_allclose(clf.predict_proba(frames), clf.predict_proba(X), **CLOSE)
    np.testing.assert_allclose(
        score_by_step(clf, frames, y, "neg_log_loss")["score"],
        score_by_step(clf, X, y, "neg_log_loss")["score"],
        **CLOSE,
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6))
def test_first_steps_are_slices_and_the_form_stays(seed, n):
    X, _ = make_padded(seed, n_features=1)
    expected = np.concatenate([own[:n] for own in Sequences.from_padded(X)])
    for name, form in make_forms(X).items():
        some = first_steps(form, n)
        assert isinstance(some, list if isinstance(form, tuple) else type(form))
        assert len(some) == len(form)
        if isinstance(form, list):
            assert {type(own) for own in some} == {type(own) for own in form}
        steps = as_sequences(some).steps
        np.testing.assert_array_equal(steps, expected, err_msg=name)


@pytest.mark.parametrize(
    "index",
    [
        np.arange(4) + 10.0,
        np.arange(4) / 10,
        pd.Index([9, 9, 8, 8]),
        pd.Index(list("abcd")),
        pd.date_range("2024", periods=4),
        pd.Index([3, 2, 1, 0], dtype="Int64"),
    ],
    ids=lambda index: str(index.dtype) + str(index[0]),
)
def test_first_steps_are_rows_whatever_the_index(index):
    """Pandas 2 reads ``frame[:2]`` by label if the index holds floats."""
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}, index=index)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (some,) = first_steps([frame], 2)
        pd.testing.assert_frame_equal(some, frame.iloc[:2])
        (some,) = first_steps([frame["a"]], 2)
    np.testing.assert_array_equal(some, [1, 2])


# --- long frames -------------------------------------------------------------------


def score_slowly(X, y, p, score):
    """Group rows by the number of their student's moment."""
    moment = X.groupby("user_id")["order_id"].rank("dense").astype(int).to_numpy()
    y, told = np.asarray(y), pd.notna(y)
    rows = {n: np.flatnonzero(told & (moment == n)) for n in range(1, moment.max() + 1)}
    return pd.DataFrame(
        {
            "n_rows": {n: len(own) for n, own in rows.items()},
            "score": {n: score(y[own], p[own]) for n, own in rows.items()},
        }
    ).rename_axis("step")


def auc_or_nan(y, p):
    return roc_auc_score(y, p[:, 1]) if len(set(y)) > 1 else NAN


TRACERS = {
    "mean": MeanClassifier(),
    "DKT": DKTClassifier(embedding_size=4, **TWO_EPOCHS),
}


@pytest.fixture(scope="module", params=TRACERS)
def tracer(request):
    log = make_log(20)
    return clone(TRACERS[request.param]).fit(log, log["correct"])


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), ties=st.booleans(), name=st.sampled_from([*TRACERS]))
def test_rows_are_scored_by_their_students_moment(tracers, seed, ties, name):
    log = make_log(8, seed=seed, ties=ties)
    log["order_id"] = log["order_id"] * 3 + log["user_id"]  # only the rank counts
    scores = score_by_step(tracers[name], log, log["correct"], "roc_auc")
    p = tracers[name].predict_proba(log)
    expected = score_slowly(log, log["correct"], p, auc_or_nan)
    pd.testing.assert_frame_equal(scores, expected, check_index_type=False)


@pytest.fixture(scope="module")
def tracers():
    log = make_log(20)
    return {name: clone(t).fit(log, log["correct"]) for name, t in TRACERS.items()}


def test_rows_that_tie_are_one_step(tracer):
    log = make_log(20).assign(order_id=5)
    scores = score_by_step(tracer, log, log["correct"])
    assert scores.index.tolist() == [1]
    assert scores["n_rows"].tolist() == [len(log)]
    assert scores["score"].tolist() == [tracer.score(log, log["correct"])]


def test_rows_in_time_order_need_no_order(tracer):
    log = make_log(20, ties=False).sort_values("order_id")
    scores = score_by_step(tracer, log, log["correct"], "roc_auc")
    untimed = score_by_step(tracer, log, log["correct"], "roc_auc", order=None)
    pd.testing.assert_frame_equal(untimed, scores, check_index_type=False)


def test_times_may_be_large_numbers(tracer):
    """Nanoseconds since 1970 are beyond what a float tells apart."""
    log = make_log(20)
    late = log.assign(order_id=log["order_id"] + 2**60)
    pd.testing.assert_frame_equal(
        score_by_step(tracer, late, log["correct"], "roc_auc"),
        score_by_step(tracer, log, log["correct"], "roc_auc"),
    )


TARGETS = {
    "floats": lambda y: y,
    "array": lambda y: y.to_numpy(),
    "list": lambda y: y.tolist(),
    "Int64": lambda y: y.astype("Int64"),
    "Float32": lambda y: y.astype("Float32"),
    "boolean": lambda y: y.astype("Int64").astype("boolean"),
    "objects": lambda y: y.astype(object),
    "None": lambda y: y.astype(object).where(y.notna(), None),
    "bool and NaN": lambda y: y.map({0: False, 1: True}),
    "category": lambda y: y.astype("category"),
    "odd index": lambda y: y.set_axis([3] * len(y)),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_rows_without_a_target_are_left_out(tracer, kind):
    """They still count as moments."""
    log = make_log(20)
    y = log["correct"].where(np.arange(len(log)) % 5 > 0)
    expected = score_slowly(log, y, tracer.predict_proba(log), auc_or_nan)
    scores = score_by_step(tracer, log, TARGETS[kind](y), "roc_auc")
    pd.testing.assert_frame_equal(scores, expected, check_index_type=False)
    assert scores["n_rows"].sum() == y.notna().sum()
    hits = score_by_step(tracer, log, TARGETS[kind](y))["score"]
    accuracy = score_slowly(
        log, y, tracer.predict_proba(log), lambda y, p: (y == (p[:, 1] > 0.5)).mean()
    )["score"]
    mixed = expected["score"].notna()
    np.testing.assert_allclose(hits[mixed], accuracy[mixed])


def test_labels_may_be_strings(log):
    y = log["correct"].where(np.arange(len(log)) % 4 > 0)
    named = y.map({0: "no", 1: "yes"})
    tracer = MeanClassifier().fit(log, log["correct"])
    other = MeanClassifier().fit(log, log["correct"].map({0: "no", 1: "yes"}))
    expected = score_by_step(tracer, log, y, "roc_auc")
    for target in (named, named.astype(object), named.astype("category")):
        scores = score_by_step(other, log, target, "roc_auc")
        pd.testing.assert_frame_equal(scores, expected)


def test_steps_whose_targets_are_alike_have_no_score(tracer, log):
    y = log["correct"].where(log["order_id"] > 0, 1)
    for scoring in (None, "roc_auc", "neg_log_loss"):
        scores = score_by_step(tracer, log, y, scoring)
        assert np.isnan(scores["score"].loc[1])
        assert scores["n_rows"].loc[1] == (log["order_id"] == 0).sum()
    beyond = score_by_step(tracer, log, y, steps=[2, 99])
    assert beyond["n_rows"].tolist() == [(log["order_id"] == 1).sum(), 0]
    assert np.isnan(beyond["score"].loc[99])


@pytest.fixture(scope="module")
def weeks():
    rng = np.random.default_rng(0)
    weeks = make_log(15, ties=False).drop(columns=["skill_name", "correct"])
    weeks["hours"] = rng.normal(size=len(weeks))
    weeks["grade"] = weeks["hours"] + rng.normal(size=len(weeks))
    return weeks


def test_numbers_at_every_step(weeks):
    y = weeks["grade"].where(np.arange(len(weeks)) % 4 > 0)
    reg = SequenceRegressor(features=["hours"], **TWO_EPOCHS).fit(weeks, y)
    scores = score_by_step(reg, weeks, y, "neg_mean_squared_error")
    p = reg.predict(weeks)
    expected = score_slowly(
        weeks, y, p, lambda y, p: -mean_squared_error(y, p) if len(y) else NAN
    )
    pd.testing.assert_frame_equal(scores, expected, check_index_type=False)
    both = pd.DataFrame({"grade": y, "other": weeks["grade"] * 2})
    reg.fit(weeks, both)
    scores = score_by_step(reg, weeks, both, "neg_mean_squared_error")
    assert scores["n_rows"].sum() == y.notna().sum()


def test_a_step_of_one_row_has_no_explained_variance(weeks):
    """The longest student is often alone; that is no reason to warn."""
    reg = SequenceRegressor(features=["hours"], **TWO_EPOCHS)
    reg.fit(weeks, weeks["grade"])
    lengths = weeks.groupby("user_id").size()
    longest = weeks["user_id"].map(lengths) == lengths.max()
    alone = weeks[~longest | (weeks["user_id"] == lengths.idxmax())]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UndefinedMetricWarning)
        scores = score_by_step(reg, alone, alone["grade"])
    assert scores["n_rows"].iloc[-1] == 1
    assert np.isnan(scores["score"].iloc[-1])


def test_columns_may_have_other_names(tracer):
    log = make_log(20)
    other = log.assign(who=log["user_id"], when=log["order_id"])
    there = score_by_step(tracer, other, log["correct"], student="who", order="when")
    pd.testing.assert_frame_equal(there, score_by_step(tracer, log, log["correct"]))
    with pytest.raises(ValueError, match=r"X has no column 'nobody' \(student\)"):
        score_by_step(tracer, log, log["correct"], student="nobody")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        score_by_step(tracer, log, log["correct"][1:])


def test_a_log_is_left_as_it_was(tracer):
    log = make_log(20)
    before = log.copy(deep=True)
    score_by_step(tracer, log, log["correct"])
    pd.testing.assert_frame_equal(log, before)


# --- the curve of early predictions ------------------------------------------------

METRICS = ["accuracy", "roc_auc", "neg_log_loss"]


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_refitted_curve_is_cross_validation_of_cut_sequences(estimator, n_jobs):
    X, y = make_courses()
    curve = early_prediction_curve(
        estimator, X, y, steps=[1, 3], cv=3, scoring=METRICS, n_jobs=n_jobs
    )
    assert curve.columns.tolist() == ["step", "fold", *METRICS]
    assert curve["fold"].tolist() == [0, 1, 2] * 2
    for n in (1, 3):
        scores = cross_validate(estimator, cut(X, n), y, cv=3, scoring=METRICS)
        own = curve[curve["step"] == n]
        for name in METRICS:
            np.testing.assert_allclose(own[name], scores[f"test_{name}"], **CLOSE)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_without_refit_one_model_is_scored_at_all_steps(estimator, n_jobs):
    X, y = make_courses()
    folds = list(StratifiedKFold(3).split(X, y))
    curve = early_prediction_curve(
        estimator,
        X,
        y,
        steps=[3, 1],
        refit=False,
        cv=3,
        scoring="roc_auc",
        n_jobs=n_jobs,
    )
    assert curve.columns.tolist() == ["step", "fold", "score"]
    assert curve["step"].tolist() == [3, 3, 3, 1, 1, 1]
    models = [clone(estimator).fit(cut(X[train], 3), y[train]) for train, _ in folds]
    for row in curve.itertuples():
        test = folds[row.fold][1]
        p = models[row.fold].predict_proba(cut(X[test], row.step))
        expected = roc_auc_score(y[test], p[:, 1])
        assert row.score == pytest.approx(expected, abs=1e-6)


def sum_of_targets(estimator, X, y):
    return float(np.sum(y))


@pytest.mark.parametrize("refit", [True, False])
def test_folds_are_the_same_at_all_steps(refit):
    """Whatever the splitter draws, it draws once."""
    X, _ = make_courses()
    y = 2.0 ** np.arange(N)  # a fold's sum says who is in it
    for cv in (ShuffleSplit(3), (fold for fold in ShuffleSplit(3).split(X))):
        curve = early_prediction_curve(
            DummyRegressor(), X, y, cv=cv, scoring=sum_of_targets, refit=refit
        )
        table = curve.pivot(index="step", columns="fold", values="score")
        assert table.shape == (4, 3)
        assert (table == table.iloc[0]).all(axis=None)
        assert table.iloc[0].nunique() == 3


@pytest.mark.parametrize("refit", [True, False])
def test_students_of_several_sequences_stay_on_one_side(refit):
    X, y = make_courses()
    ids = pd.MultiIndex.from_arrays(
        [np.arange(N) % 8, np.arange(N) // 8], names=["user_id", "course"]
    )
    courses = Sequences.from_padded(X, ids)
    y = 2.0 ** (np.arange(N) % 8 * 3)  # a student's three sequences sum up
    curve = early_prediction_curve(
        DummyRegressor(),
        courses,
        y,
        steps=[1, 2],
        cv=StudentKFold(4),
        scoring=sum_of_targets,
        refit=refit,
    )
    assert len(curve) == 8
    for total in curve["score"]:
        assert set(np.base_repr(int(total), 8)) <= {"0", "3"}
    with pytest.raises(ValueError, match="The ids of these Sequences are named"):
        early_prediction_curve(FLAT, Sequences.from_padded(X), y > 1, cv=StudentKFold())


def test_splitters_that_need_groups_get_them():
    X, y = make_courses()
    groups = np.arange(N) % 3
    curve = early_prediction_curve(
        FLAT, X, y, steps=[2], groups=groups, cv=GroupKFold(3)
    )
    there = early_prediction_curve(FLAT, X, y, steps=[2], cv=PredefinedSplit(groups))
    assert sorted(curve["score"]) == sorted(there["score"])


def test_folds_are_stratified_by_default():
    X, _ = make_courses()
    y = (np.arange(N) < 6).astype(int)  # plain folds would hold one class
    curve = early_prediction_curve(FLAT, X, y, steps=[1, 2], scoring="roc_auc")
    assert len(curve) == 10
    assert curve["score"].notna().all()


@pytest.mark.parametrize("refit", [True, False])
def test_scorers_by_name_list_and_dict_agree(refit):
    X, y = make_courses()
    options = {"steps": [1, 4], "cv": 3, "refit": refit}

    def curve(scoring):
        return early_prediction_curve(FLAT, X, y, scoring=scoring, **options)

    expected = curve("accuracy")["score"].tolist()
    assert curve(None)["score"].tolist() == expected
    assert curve(make_scorer(accuracy_score))["score"].tolist() == expected
    for scoring in (["accuracy", "roc_auc"], ("accuracy", "roc_auc"), {"accuracy"}):
        assert curve(scoring)["accuracy"].tolist() == expected
    named = curve({"hits": "accuracy", "area": make_scorer(accuracy_score)})
    assert named.columns.tolist() == ["step", "fold", "hits", "area"]
    assert named["hits"].tolist() == named["area"].tolist() == expected
    with pytest.raises(ValueError, match="roc_acu"):
        curve("roc_acu")


@pytest.mark.parametrize("refit", [True, False])
def test_all_forms_and_targets_have_the_same_curve(refit):
    X, y = make_courses()
    options = {"steps": [2], "cv": 2, "scoring": "neg_log_loss", "refit": refit}
    expected = early_prediction_curve(DKT, X, y, **options)
    forms = make_forms(X)
    for name in ("wider array", "list of lists", "list of frames", "Sequences"):
        curve = early_prediction_curve(DKT, forms[name], y, **options)
        pd.testing.assert_frame_equal(curve, expected, atol=1e-5, rtol=0, obj=name)
    named = np.array(["fail", "pass"])[y]
    for target in (
        y.tolist(),
        pd.Series(y, index=np.arange(N)[::-1] * 2),
        pd.Series(named, index=[5] * N, dtype="category"),
    ):
        curve = early_prediction_curve(DKT, X, target, **options)
        pd.testing.assert_frame_equal(curve, expected, atol=1e-6, rtol=0)


def test_later_steps_are_not_seen():
    X, y = make_courses()
    blind = X.copy()
    blind[:, 2:] *= 100
    for refit in (True, False):
        options = {"steps": [1, 2], "cv": 3, "scoring": "neg_log_loss", "refit": refit}
        pd.testing.assert_frame_equal(
            early_prediction_curve(DKT, blind, y, **options),
            early_prediction_curve(DKT, X, y, **options),
        )


def test_sequences_and_estimator_are_left_as_they_were():
    X, y = make_courses()
    clf = clone(FLAT)
    for form in (X, Sequences.from_padded(X), list(X)):
        before = copy.deepcopy(form)
        early_prediction_curve(clf, form, y, steps=[1], cv=2)
        early_prediction_curve(clf, form, y, steps=[1], cv=2, refit=False)
        score_by_step(clone(clf).fit(form, y), form, y)
        for own, copied in zip(form, before, strict=True):
            np.testing.assert_array_equal(own, copied)
    assert not hasattr(clf[-1], "coef_")


def test_what_fails_in_a_fold_is_said():
    X, y = make_courses()
    X[3, 0, 0] = np.inf
    for refit in (True, False):
        with pytest.raises(ValueError, match="X contains infinity"):
            early_prediction_curve(DKT, X, y, steps=[1], cv=2, refit=refit)
