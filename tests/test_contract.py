"""What every tracer must pass. A new tracer joins by one line in `TRACERS`."""

import copy
import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import StackingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils import estimator_checks as checks

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
)
from sktrace.model_selection import StudentKFold

from ._checks import DATA_FREE_CHECKS
from .conftest import BELOW_HALF, SMALL, make_log, proba

TRACERS = {
    "mean by skill": MeanClassifier(),
    "mean by student": MeanClassifier(by="student"),
    "AFM": AFMClassifier(),
    "AFM without students": AFMClassifier(student_effect=None, slopes="shared"),
    "PFA": PFAClassifier(),
    "PFA fixed students": PFAClassifier(student_effect="fixed", positive=True),
    "BKT": BKTClassifier(n_restarts=2, bounds=BELOW_HALF, random_state=0),
    "BKT with forgetting": BKTClassifier(
        forget=True, n_restarts=3, bounds=BELOW_HALF, random_state=0
    ),
    "DKT gru": DKTClassifier(cell="gru", **SMALL),
    "DKT lstm": DKTClassifier(cell="lstm", readout="linear", num_layers=2, **SMALL),
    "DKT rnn": DKTClassifier(cell="rnn", early_stopping=True, **SMALL),
}
# A parameter of each tracer with two values, for searches.
GRIDS = {
    MeanClassifier: {"strength": [1.0, 9.0]},
    AFMClassifier: {"C_skill": [0.1, 1.0]},
    PFAClassifier: {"counts": ["linear", "log"]},
    BKTClassifier: {"forget": [False, True]},
    DKTClassifier: {"cell": ["gru", "rnn"]},
}


@pytest.fixture(params=TRACERS)
def tracer(request):
    return clone(TRACERS[request.param])


@pytest.fixture(scope="module")
def fitted():
    log = make_log()
    return {name: clone(t).fit(log, log["correct"]) for name, t in TRACERS.items()}


@pytest.fixture(params=TRACERS)
def trained(request, fitted):
    return copy.deepcopy(fitted[request.param])


# --- scikit-learn's own checks ---------------------------------------------------


@pytest.mark.parametrize("check", DATA_FREE_CHECKS)
def test_scikit_learn_checks_that_need_no_data(tracer, check):
    getattr(checks, check)(type(tracer).__name__, tracer)


def test_html_repr(trained):
    assert type(trained).__name__ in trained._repr_html_()


# --- one prediction per row --------------------------------------------------------


def test_rows_in_are_rows_out(trained, log):
    p = trained.predict_proba(log)
    assert p.shape == (len(log), 2)
    assert p.dtype == np.float64
    np.testing.assert_array_equal(p.sum(axis=1), 1)
    assert ((p >= 0) & (p <= 1)).all()


def test_fitted_attributes(trained, log):
    assert trained.classes_.tolist() == [0, 1]
    assert trained.skills_.tolist() == sorted(log["skill_name"].unique())
    assert trained.n_features_in_ == 4
    assert trained.feature_names_in_.tolist() == log.columns.tolist()


def test_predict_is_the_more_probable_class(trained, log):
    expected = (proba(trained, log) > 0.5).astype(int)
    np.testing.assert_array_equal(trained.predict(log), expected)
    assert trained.score(log, log["correct"]) == (expected == log["correct"]).mean()


# --- who may see what --------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 1, 2])
def test_own_tied_and_later_answers_are_invisible(trained, log, order):
    flipped = log.copy()
    hidden = log["order_id"] >= order
    flipped.loc[hidden, "correct"] = 1 - log.loc[hidden, "correct"]
    seen = (log["order_id"] <= order).to_numpy()
    np.testing.assert_array_equal(
        proba(trained, flipped)[seen], proba(trained, log)[seen]
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    moment=st.integers(0, 4),
    name=st.sampled_from([*TRACERS]),
)
def test_future_is_invisible_in_any_log(fitted, seed, moment, name):
    log = make_log(n_students=5, seed=seed)
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
    log = make_log(seed=seed)
    rows = np.random.default_rng(seed).permutation(len(log))
    np.testing.assert_array_equal(
        proba(fitted[name], log.iloc[rows]), proba(fitted[name], log)[rows]
    )


def test_fit_does_not_depend_on_row_order(tracer, log):
    shuffled = log.sample(frac=1, random_state=1)
    p = proba(clone(tracer).fit(log, log["correct"]), log)
    q = proba(clone(tracer).fit(shuffled, shuffled["correct"]), log)
    np.testing.assert_allclose(q, p, atol=1e-12, rtol=0)


def test_rows_in_time_order_need_no_order_column(tracer):
    log = make_log(ties=False).sort_values(["order_id"])
    p = proba(clone(tracer).fit(log, log["correct"]), log)
    q = clone(tracer).set_params(order=None).fit(log, log["correct"])
    np.testing.assert_allclose(proba(q, log), p, atol=1e-6, rtol=0)


def test_earlier_answers_are_seen(trained, log):
    if getattr(trained, "by", None) == "skill":
        pytest.skip("a skill's mean reads no history")
    if type(trained) is AFMClassifier and trained.student_effect is None:
        pytest.skip("it counts earlier answers, right or wrong")
    flipped = log.assign(correct=1 - log["correct"])
    later = (log["order_id"] > 0).to_numpy()
    assert (proba(trained, flipped) != proba(trained, log))[later].any()


def test_a_student_alone_is_a_student_in_company(trained, log):
    together = proba(trained, log)
    for _, own in log.groupby("user_id"):
        alone = proba(trained, own)
        np.testing.assert_allclose(alone, together[own.index], atol=1e-6, rtol=0)


def test_a_query_is_forecast_and_leaves_no_trace(trained, log):
    log["correct"] = log["correct"].astype(float)
    query = log.iloc[[0, 3, 5]].assign(correct=np.nan)
    p = proba(trained, pd.concat([log, query]))
    assert np.isfinite(p).all()
    np.testing.assert_allclose(p[: len(log)], proba(trained, log), atol=1e-6, rtol=0)
    # Asked the same at the same moment, a query and a question get one prediction.
    np.testing.assert_allclose(p[len(log) :], p[[0, 3, 5]], atol=1e-6, rtol=0)


def test_a_first_interaction_depends_on_its_skill_alone(trained, log):
    if getattr(trained, "student_effect", None) == "fixed":
        pytest.skip("students of the training log keep the ability found there")
    first = log[log["order_id"] == 0].assign(p=lambda X: proba(trained, X))
    spread = first.groupby("skill_name")["p"].agg(np.ptp)
    assert spread.max() < 1e-6


# --- what is survived --------------------------------------------------------------


def test_unseen_student_and_student_of_one_row(trained, log):
    new = log.iloc[:1].assign(user_id=10**9)
    assert proba(trained, new).shape == (1,)


def test_unseen_skill_is_the_prior_or_refused(trained, log):
    odd = log.assign(skill_name=log["skill_name"].where(log["order_id"] > 0, "new"))
    assert np.isfinite(proba(trained, odd)).all()
    missing = log.assign(skill_name=log["skill_name"].where(log["order_id"] > 0))
    np.testing.assert_array_equal(proba(trained, missing), proba(trained, odd))
    trained.set_params(handle_unknown="error")
    with pytest.raises(ValueError, match=r"1 skill\(s\) were not seen in fit: 'new'"):
        trained.predict_proba(odd)
    with pytest.raises(ValueError, match="names no skill in"):
        trained.predict_proba(missing)


def test_string_labels(tracer, log):
    y = np.array(["no", "yes"])[log["correct"]]
    named = clone(tracer).fit(log, y)
    numbered = clone(tracer).fit(log, log["correct"])
    np.testing.assert_array_equal(named.predict_proba(log), numbered.predict_proba(log))
    assert set(named.predict(log)) <= {"no", "yes"}


@pytest.mark.parametrize(
    "change",
    {
        "duplicate index": lambda X: X.set_axis([0] * len(X)),
        "string index": lambda X: X.set_axis([f"row {i}" for i in range(len(X))]),
        "extra columns": lambda X: X.assign(hint="x", when=pd.Timestamp(0)),
        "columns reordered": lambda X: X[X.columns[::-1]],
        "nullable": lambda X: X.convert_dtypes(),
        "boolean answers": lambda X: X.assign(correct=X["correct"].astype(bool)),
        "categorical": lambda X: X.astype(
            {"skill_name": "category", "user_id": "category"}
        ),
        "object": lambda X: X.astype({"skill_name": object, "user_id": object}),
        "float order": lambda X: X.assign(order_id=X["order_id"] / 10),
        "int8": lambda X: X.astype({"correct": "int8", "order_id": "int16"}),
    }.items(),
    ids=lambda item: item[0],
)
def test_the_form_of_the_frame_means_nothing(tracer, log, change):
    p = proba(clone(tracer).fit(log, log["correct"]), log)
    other = change[1](log)
    q = proba(tracer.fit(other, other["correct"]), other)
    np.testing.assert_allclose(q, p, atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    "skills",
    [[1, 2, 3, 4], [("a", 1), ("a", 2), ("b", 1), ("b", 2)], [1, "b", 2.5, "d"]],
)
def test_skills_may_be_anything_hashable(trained, log, skills):
    code = dict(zip(trained.skills_, skills, strict=True))
    names = pd.Series([code[name] for name in log["skill_name"]], dtype=object)
    other = log.assign(skill_name=names)
    again = clone(trained).fit(other, other["correct"])
    assert set(again.skills_.tolist()) == set(skills)
    if again.skills_.tolist() == skills:  # else the seed's weights go to other skills
        np.testing.assert_allclose(
            proba(again, other), proba(trained, log), atol=1e-12, rtol=0
        )


def test_the_frame_is_left_as_it_was(tracer, log):
    for column in log:
        log[column].to_numpy().flags.writeable = False
    before = log.copy(deep=True)
    y = log["correct"].copy()
    tracer.fit(log, y).predict_proba(log)
    pd.testing.assert_frame_equal(log, before)
    pd.testing.assert_series_equal(y, before["correct"])


def test_one_skill_needs_no_skill_column(tracer, log):
    p = proba(clone(tracer).set_params(skill=None).fit(log, log["correct"]), log)
    q = proba(
        clone(tracer).fit(log.assign(skill_name="a"), log["correct"]),
        log.assign(skill_name="a"),
    )
    np.testing.assert_allclose(p, q, atol=1e-12, rtol=0)


def test_columns_may_have_other_names(tracer, log):
    names = {"user_id": "who", "order_id": 2, "skill_name": "what", "correct": "ok"}
    renamed = log.rename(columns=names)
    roles = dict(
        zip(["student", "order", "skill", "correct"], names.values(), strict=True)
    )
    p = proba(clone(tracer).fit(log, log["correct"]), log)
    q = proba(clone(tracer).set_params(**roles).fit(renamed, renamed["ok"]), renamed)
    np.testing.assert_array_equal(p, q)


# --- questions on several skills ---------------------------------------------------


def join_ties(log):
    """Write a question as one row whose cell names all its skills."""
    cells = log.drop_duplicates(["user_id", "order_id", "skill_name"]).groupby(
        ["user_id", "order_id"], as_index=False
    )
    return cells.agg({"skill_name": "~~".join, "correct": "first"})


@pytest.fixture
def joined(log):
    joined = join_ties(log)
    assert joined["skill_name"].str.contains("~~").mean() > 0.3
    return joined


def unroll(joined):
    """Write a question as tied rows, one per skill."""
    names = joined["skill_name"].str.split("~~")
    return joined.assign(skill_name=names).explode("skill_name")


def test_skills_of_cells_are_skills(tracer, joined):
    fitted = clone(tracer).fit(joined, joined["correct"])
    assert fitted.skills_.tolist() == [f"skill {k}" for k in range(4)]
    whole = clone(tracer).set_params(skill_separator=None)
    whole.fit(joined, joined["correct"])
    assert whole.skills_.tolist() == sorted(joined["skill_name"].unique())


def test_a_question_on_several_skills_is_one_row_and_one_moment(trained, joined):
    p = proba(trained, joined)
    assert p.shape == (len(joined),)
    flipped = joined.assign(correct=joined["correct"].where(joined["order_id"] < 1, 0))
    seen = (joined["order_id"] <= 1).to_numpy()
    np.testing.assert_array_equal(proba(trained, flipped)[seen], p[seen])
    by_row = clone(trained).set_params(order=None).fit(joined, joined["correct"])
    first = ~joined.duplicated("user_id").to_numpy()
    flipped = joined.assign(correct=1 - joined["correct"])
    np.testing.assert_array_equal(
        proba(by_row, flipped)[first], proba(by_row, joined)[first]
    )


def test_skills_of_a_cell_have_no_order_and_come_once(trained, joined):
    names = joined["skill_name"].str.split("~~")
    turned = joined.assign(skill_name=names.map(lambda n: "~~".join([*n[::-1], n[0]])))
    np.testing.assert_allclose(
        proba(trained, turned), proba(trained, joined), atol=1e-12, rtol=0
    )


def test_separators_at_the_ends_and_names_given_twice_mean_nothing(tracer, log):
    p = proba(clone(tracer).fit(log, log["correct"]), log)
    for change in ("{}~~", "~~{}", "{0}~~{0}"):
        names = log["skill_name"].map(change.format)
        odd = log.assign(skill_name=names.where(log["order_id"] > 0, log["skill_name"]))
        for X in (odd, log.assign(skill_name=names)):
            fitted = clone(tracer).fit(X, X["correct"])
            assert fitted.skills_.tolist() == sorted(log["skill_name"].unique())
            np.testing.assert_allclose(proba(fitted, X), p, atol=1e-12, rtol=0)


def test_a_cell_is_the_average_of_tied_rows_or_one_logit(trained, joined):
    rows = unroll(joined)
    p = proba(trained, joined)
    each = pd.Series(proba(trained, rows), rows.index).groupby(level=0).mean()
    if isinstance(trained, AFMClassifier | PFAClassifier):
        several = joined["skill_name"].str.contains("~~")
        assert (abs(p - each)[several] > 1e-6).any()  # logits add up
    elif getattr(trained, "by", None) == "student":
        first = (joined["order_id"] == 0).to_numpy()  # later, a row is one answer
        np.testing.assert_allclose(p[first], each[first], atol=1e-6, rtol=0)
    else:
        np.testing.assert_allclose(p, each, atol=1e-6, rtol=0)


def test_questions_can_be_asked_before_any_answer(trained, log):
    queries = log.assign(correct=np.nan)
    p = pd.Series(proba(trained, queries))
    assert p.between(0, 1).all()
    first = log["order_id"] == 0
    asked_first = pd.Series(proba(trained, log))[first]
    np.testing.assert_allclose(p[first], asked_first, atol=1e-6, rtol=0)
    assert np.isfinite(trained.predict_next(queries)).all().all()
    if hasattr(trained, "knowledge_state"):
        assert np.isfinite(trained.knowledge_state(queries)).all().all()


def test_the_next_question_is_a_query_after_all_answers(trained, joined):
    skills = ["skill 2", "skill 1~~skill 3", "never seen"]
    now = trained.predict_next(joined, skills)
    assert now.columns.tolist() == skills
    assert now.columns.name == "skill_name"
    assert now.index.tolist() == sorted(joined["user_id"].unique())
    students = pd.DataFrame({"user_id": now.index, "order_id": 99, "correct": np.nan})
    for skill in skills:
        asked = pd.concat([joined, students.assign(skill_name=skill)])
        expected = proba(trained, asked)[-len(now) :]
        np.testing.assert_allclose(now[skill], expected, atol=1e-6, rtol=0)


def test_the_next_answer_on_every_skill(trained, log):
    now = trained.predict_next(log)
    assert now.columns.tolist() == trained.skills_.tolist()
    assert trained.predict_next(log, "skill 1").columns.tolist() == ["skill 1"]
    assert trained.predict_next(log, ("a", 1)).columns.tolist() == [("a", 1)]
    assert trained.predict_next(log, 7).columns.tolist() == [7]
    assert trained.predict_next(log, []).shape == (log["user_id"].nunique(), 0)


# --- weights -----------------------------------------------------------------------


def test_students_of_zero_weight_are_as_if_absent(tracer, log):
    kept = (log["user_id"] % 2 == 0).to_numpy()
    present = clone(tracer).fit(log, log["correct"], sample_weight=kept.astype(float))
    absent = clone(tracer).fit(log[kept], log.loc[kept, "correct"])
    np.testing.assert_allclose(proba(present, log), proba(absent, log), atol=1e-6)


def test_targets_of_zero_weight_have_no_influence(tracer, log):
    weight = (log["order_id"] != 1).astype(float)
    y = log["correct"].where(weight > 0, 1 - log["correct"])
    p = proba(clone(tracer).fit(log, log["correct"], sample_weight=weight), log)
    q = proba(clone(tracer).fit(log, y, sample_weight=weight), log)
    np.testing.assert_allclose(p, q, atol=1e-12, rtol=0)


def test_the_scale_of_weights_means_nothing_when_shrinkage_is_none(log):
    weight = np.random.default_rng(0).uniform(0.5, 2, len(log))
    tracer = DKTClassifier(**SMALL)
    p = proba(clone(tracer).fit(log, log["correct"], sample_weight=weight), log)
    q = proba(clone(tracer).fit(log, log["correct"], sample_weight=8 * weight), log)
    np.testing.assert_allclose(p, q, atol=1e-6, rtol=0)


# --- copies ------------------------------------------------------------------------


def test_same_seed_same_result(tracer, log):
    p = proba(clone(tracer).fit(log, log["correct"]), log)
    q = proba(clone(tracer).fit(log, log["correct"]), log)
    np.testing.assert_array_equal(p, q)
    refitted = tracer.fit(log, log["correct"]).fit(log, log["correct"])
    np.testing.assert_array_equal(proba(refitted, log), p)


def test_pickle_and_joblib_keep_predictions(trained, log, tmp_path):
    p = proba(trained, log)
    np.testing.assert_array_equal(proba(pickle.loads(pickle.dumps(trained)), log), p)
    joblib.dump(trained, tmp_path / "tracer.joblib")
    np.testing.assert_array_equal(
        proba(joblib.load(tmp_path / "tracer.joblib"), log), p
    )


def test_unfitted_is_refused(tracer, log):
    with pytest.raises(sklearn.exceptions.NotFittedError):
        tracer.predict_proba(log)


# --- scikit-learn drives it --------------------------------------------------------


@pytest.fixture(params=[False, True], ids=["no routing", "routing"])
def routing(request):
    with sklearn.config_context(enable_metadata_routing=request.param):
        yield


@pytest.mark.usefixtures("routing")
def test_cross_validation_with_any_scorer(tracer, log):
    scoring = ["roc_auc", "neg_log_loss", "accuracy", "neg_brier_score"]
    scores = cross_validate(
        tracer,
        log,
        log["correct"],
        cv=StudentKFold(3),
        scoring=scoring,
        error_score="raise",
    )
    for name in scoring:
        assert np.isfinite(scores[f"test_{name}"]).all()


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("search", [GridSearchCV, RandomizedSearchCV])
def test_searches_with_folds_of_students(tracer, log, search):
    options = {"n_iter": 2} if search is RandomizedSearchCV else {}
    found = search(
        tracer,
        GRIDS[type(tracer)],
        cv=StudentKFold(2),
        scoring="roc_auc",
        error_score="raise",
        **options,
    ).fit(log, log["correct"])
    assert found.best_params_.keys() == GRIDS[type(tracer)].keys()
    assert found.predict_proba(log).shape == (len(log), 2)


def test_two_jobs_find_what_one_finds(tracer, log):
    found = [
        GridSearchCV(
            tracer,
            GRIDS[type(tracer)],
            cv=StudentKFold(2),
            scoring="neg_log_loss",
            n_jobs=n,
        )
        .fit(log, log["correct"])
        .cv_results_["mean_test_score"]
        for n in (1, 2)
    ]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


def test_cross_val_predict_recodes_labels(tracer, log):
    y = np.where(log["correct"] == 1, "right", "wrong")  # sorted, right comes first
    p = cross_val_predict(tracer, log, y, cv=StudentKFold(3), method="predict_proba")
    assert p.shape == (len(log), 2)
    p = cross_val_predict(tracer, log, y, cv=StudentKFold(3))
    assert set(p) <= {"right", "wrong"}


def test_pipeline_behind_a_column_transformer(tracer, log):
    encode = make_column_transformer(
        (OrdinalEncoder(), ["skill_name"]),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    pipeline = make_pipeline(encode, clone(tracer)).fit(log, log["correct"])
    direct = clone(tracer).fit(log, log["correct"])
    np.testing.assert_array_equal(proba(pipeline, log), proba(direct, log))


@pytest.mark.usefixtures("routing")
def test_calibration_and_stacking(tracer, log):
    y = log["correct"]
    calibrated = CalibratedClassifierCV(tracer, cv=StudentKFold(2)).fit(log, y)
    assert calibrated.predict_proba(log).shape == (len(log), 2)
    stack = StackingClassifier(
        [("tracer", tracer), ("mean", MeanClassifier())],
        final_estimator=LogisticRegression(),
        cv=StudentKFold(2),
    ).fit(log, y)
    assert stack.predict_proba(log).shape == (len(log), 2)


def test_permutation_importance(trained, log):
    result = permutation_importance(trained, log, log["correct"], n_repeats=2)
    assert result.importances.shape == (4, 2)


def test_weights_are_routed(tracer, log):
    weight = np.ones(len(log))
    with sklearn.config_context(enable_metadata_routing=True):
        requesting = clone(tracer).set_fit_request(sample_weight=True)
        requesting.set_score_request(sample_weight=True)
        scores = cross_validate(
            requesting,
            log,
            log["correct"],
            cv=StudentKFold(2),
            params={"sample_weight": weight},
            error_score="raise",
        )
    assert np.isfinite(scores["test_score"]).all()


def test_tracers_are_interchangeable(log):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shapes = {
            name: clone(t).fit(log, log["correct"]).predict_proba(log).shape
            for name, t in TRACERS.items()
        }
    assert set(shapes.values()) == {(len(log), 2)}
    assert not caught
