"""What comes back: one prediction per row, in the order of the rows."""

import numpy as np

from ._logs import fit, proba, write_for
from ._promises import agree, demand, each_row

__all__ = [
    "check_fitted_attributes",
    "check_one_prediction_per_row",
    "check_predict_is_the_more_probable_class",
    "check_string_labels",
]


def check_one_prediction_per_row(tracer):
    """Rows in are rows out: float64, shape (n_rows, 2), probabilities that sum to 1."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    for X in (log, log.iloc[:1]):
        p = fitted.predict_proba(X)
        demand(isinstance(p, np.ndarray), f"predict_proba is an array; got {type(p)}")
        demand(
            p.shape == (len(X), 2),
            f"predict_proba has shape (n_rows, 2) = {(len(X), 2)}; got {p.shape}",
        )
        demand(p.dtype == np.float64, f"predict_proba is of float64; got {p.dtype}")
        agree(p.sum(axis=1), np.ones(len(X)), "probabilities sum to 1")
        inside = ((p >= 0) & (p <= 1)).all(axis=1)
        each_row(inside, "probabilities lie between 0 and 1")
        agree(fitted.predict_proba(X), p, "predicted again, a row is predicted alike")


def check_fitted_attributes(tracer):
    """Fit returns its tracer, with classes, skills and the columns read, by role."""
    log = write_for(tracer)
    unfitted = fit(tracer, log)
    fitted = unfitted.fit(log, log["correct"])
    demand(fitted is unfitted, "fit returns the tracer itself")
    for name, expected in {
        "classes_": [0, 1],
        "skills_": sorted(log["skill_name"].unique()),
        "feature_names_in_": log.columns.tolist(),
    }.items():
        got = getattr(fitted, name)
        demand(
            isinstance(got, np.ndarray) and got.tolist() == expected,
            f"{name} is the array {expected}; got {got!r}",
        )
    demand(
        fitted.n_features_in_ == len(log.columns),
        f"n_features_in_ is {len(log.columns)}; got {fitted.n_features_in_!r}",
    )


def check_predict_is_the_more_probable_class(tracer):
    """Predict names the class that predict_proba holds for more probable."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    expected = (proba(fitted, log) > 0.5).astype(int)
    agree(fitted.predict(log), expected, "predict is the more probable class")
    agree(
        fitted.score(log, log["correct"]),
        (expected == log["correct"]).mean(),
        "score is the share of rows whose class predict names",
    )


def check_string_labels(tracer):
    """Any two labels do: classes_ sorts them, and predict returns them."""
    log = write_for(tracer)
    numbered = fit(tracer, log)
    named = fit(tracer, log, np.array(["no", "yes"])[log["correct"]])
    demand(
        named.classes_.tolist() == ["no", "yes"],
        f"classes_ are the labels of y, sorted; got {named.classes_!r}",
    )
    agree(
        named.predict_proba(log),
        numbered.predict_proba(log),
        "labels 'no' and 'yes' are predicted as 0 and 1 are",
    )
    agree(
        named.predict(log) == "yes",
        numbered.predict(log) == 1,
        "predict returns labels as y has them",
    )
    boolean = fit(tracer, log, log["correct"].astype(bool))
    agree(
        boolean.predict_proba(log),
        numbered.predict_proba(log),
        "labels False and True are predicted as 0 and 1 are",
    )
