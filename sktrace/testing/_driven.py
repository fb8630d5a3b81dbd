"""scikit-learn drives a tracer as any of its own classifiers.

Whatever it is put into, folds are folds of students. The routing of metadata is off for
some of it and on for the rest, so that either meets validation, a search and a wrapper.
"""

import warnings

import numpy as np
import sklearn
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

from .._means import MeanClassifier
from ..model_selection import SplitStudentWarning, StudentKFold
from ._logs import fit, fresh, proba, write_for
from ._promises import agree, demand, need_weights

__all__ = [
    "check_calibration_and_stacking",
    "check_cross_validation_with_any_scorer",
    "check_folds_recode_labels",
    "check_permutation_importance",
    "check_pipeline_behind_a_transformer",
    "check_searches_with_folds_of_students",
    "check_two_jobs_find_what_one_finds",
    "check_weights_are_routed",
]

# A parameter that every tracer has, with values that make a difference.
GRID = {"skill": ["skill_name", None]}


def check_cross_validation_with_any_scorer(tracer):
    """Cross-validated on folds of students, it is scored by any scorer."""
    log = write_for(tracer, n_students=9)
    scoring = ["roc_auc", "neg_log_loss", "accuracy", "neg_brier_score"]
    for routing in (False, True):
        with sklearn.config_context(enable_metadata_routing=routing):
            scores = cross_validate(
                fresh(tracer),
                log,
                log["correct"],
                cv=StudentKFold(2),
                scoring=scoring,
                error_score="raise",
            )
        for name in scoring:
            got = scores[f"test_{name}"]
            demand(np.isfinite(got).all(), f"{name} is a number; got {got}")


def check_searches_with_folds_of_students(tracer, grid=None):
    """Grids and random searches find a setting, and predict by it."""
    log, grid = write_for(tracer, n_students=9), grid or GRID
    for search, options, routing in (
        (GridSearchCV, {}, False),
        (RandomizedSearchCV, {"n_iter": 2, "random_state": 0}, True),
    ):
        with sklearn.config_context(enable_metadata_routing=routing):
            found = search(
                fresh(tracer),
                grid,
                cv=StudentKFold(2),
                scoring="roc_auc",
                error_score="raise",
                **options,
            ).fit(log, log["correct"])
            p = found.predict_proba(log)
        demand(
            found.best_params_.keys() == grid.keys(),
            f"{search.__name__} chooses {list(grid)}; got {found.best_params_}",
        )
        demand(
            p.shape == (len(log), 2),
            f"{search.__name__} predicts each row; got shape {p.shape}",
        )


def check_two_jobs_find_what_one_finds(tracer, grid=None):
    """A search in two processes finds the scores that it finds in one."""
    log, grid = write_for(tracer, n_students=9), grid or GRID
    scores = [
        GridSearchCV(
            fresh(tracer),
            grid,
            cv=StudentKFold(2),
            scoring="neg_log_loss",
            error_score="raise",
            n_jobs=n_jobs,
        )
        .fit(log, log["correct"])
        .cv_results_["mean_test_score"]
        for n_jobs in (1, 2)
    ]
    within = 1e-6 * abs(scores[0]).min()
    agree(scores[1], scores[0], "two jobs find what one finds", within=within)


def check_folds_recode_labels(tracer):
    """Labels come back from cross_val_predict as y has them."""
    log = write_for(tracer, n_students=9)
    y = np.where(log["correct"] == 1, "right", "wrong")  # sorted, right comes first
    folds = {"cv": StudentKFold(2)}
    p = cross_val_predict(fresh(tracer), log, y, method="predict_proba", **folds)
    demand(p.shape == (len(log), 2), f"each row is predicted; got shape {p.shape}")
    labels = cross_val_predict(fresh(tracer), log, y, **folds)
    agree(
        labels == "right",
        p[:, 0] >= p[:, 1],
        "cross_val_predict names the more probable label",
    )
    demand(
        set(labels) <= {"right", "wrong"}, f"labels are those of y; got {set(labels)}"
    )


def check_pipeline_behind_a_transformer(tracer):
    """Behind a transformer that keeps names of columns, it predicts the same."""
    log = write_for(tracer, n_students=9)
    encode = make_column_transformer(
        (OrdinalEncoder(), ["skill_name"]),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    pipeline = make_pipeline(encode, fresh(tracer)).fit(log, log["correct"])
    agree(
        proba(pipeline, log),
        proba(fit(tracer, log), log),
        "behind an encoder of skills, predictions are the same",
    )


def check_calibration_and_stacking(tracer):
    """It can be calibrated, and stacked with another tracer."""
    log = write_for(tracer, n_students=9)
    y = log["correct"]
    calibrated = CalibratedClassifierCV(fresh(tracer), cv=StudentKFold(2))
    stack = StackingClassifier(
        [("tracer", fresh(tracer)), ("mean", MeanClassifier())],
        final_estimator=LogisticRegression(),
        cv=StudentKFold(2),
    )
    for whole, routing in ((calibrated, False), (stack, True)):
        with sklearn.config_context(enable_metadata_routing=routing):
            p = whole.fit(log, y).predict_proba(log)
        demand(
            p.shape == (len(log), 2) and np.isfinite(p).all(),
            f"{type(whole).__name__} predicts each row; got shape {p.shape}",
        )


def check_permutation_importance(tracer):
    """Permuting a column, be it that of students, is survived."""
    log = write_for(tracer, n_students=9)
    with warnings.catch_warnings():
        # Whose rows are others', when students are permuted, is right to be reported.
        warnings.simplefilter("ignore", SplitStudentWarning)
        found = permutation_importance(
            fit(tracer, log), log, log["correct"], n_repeats=2, random_state=0
        )
    got = found.importances
    demand(
        got.shape == (log.shape[1], 2) and np.isfinite(got).all(),
        f"each column has an importance; got {got}",
    )


def check_weights_are_routed(tracer):
    """Weights that fit and score request reach them."""
    need_weights(tracer)
    log = write_for(tracer)
    kept = (log["user_id"] % 2 == 0).to_numpy(float)
    scores = []
    for weight in (np.ones(len(log)), kept):
        with sklearn.config_context(enable_metadata_routing=True):
            asking = fresh(tracer).set_fit_request(sample_weight=True)
            asking.set_score_request(sample_weight=True)
            told = cross_validate(
                asking,
                log,
                log["correct"],
                cv=StudentKFold(2),
                params={"sample_weight": weight},
                error_score="raise",
                return_estimator=True,
            )
        demand(
            np.isfinite(told["test_score"]).all(),
            f"scores with weights are numbers; got {told['test_score']}",
        )
        scores.append([proba(fitted, log) for fitted in told["estimator"]])
    demand(
        not np.array_equal(*scores),
        "weights that are routed to fit reach it",
    )
