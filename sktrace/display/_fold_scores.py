"""From results of cross-validation, of several models, to one tidy frame."""

import numpy as np
import pandas as pd

__all__ = ["check_names", "collect_curves", "collect_scores"]


def check_names(models):
    """Refuse names of models that a column of a frame cannot hold, one in each row."""
    odd = [n for n in models if not pd.api.types.is_scalar(n) or pd.isna(n)]
    if odd:
        raise TypeError(
            f"A model is named {odd[0]!r}; expected strings, such as 'DKT'. Rename it: "
            "a dict's keys are the names."
        )


def collect_scores(results, metrics=None):
    """Write the results of several tracers, on the same folds, as a tidy frame."""
    if not results:
        raise ValueError(
            f"results={results!r}; expected at least one tracer, such as "
            '{"DKT": cross_validate(DKTClassifier(), X, y, ...)}.'
        )
    check_names(results)
    first = next(iter(results))
    if metrics is None:
        keys = [key for key in results[first] if key.startswith("test_")]
        metrics = [key.removeprefix("test_") for key in keys]
    metrics = [metrics] if isinstance(metrics, str) else list(dict.fromkeys(metrics))
    if not metrics:
        raise ValueError(
            f"There is no metric to show: metrics={metrics!r}, and the results of "
            f"{first!r} have {list(results[first])}; expected scores such as "
            "'test_roc_auc'. Make results with sklearn.model_selection.cross_validate."
        )
    scores = []
    for tracer, result in results.items():
        _check_folds(tracer, result, first, results[first])
        for metric in metrics:
            own = _read_metric(tracer, result, metric)
            named = {"tracer": tracer, "metric": metric, "fold": range(len(own))}
            scores.append(pd.DataFrame({**named, "score": own}))
    return pd.concat(scores, ignore_index=True)


def _read_metric(tracer, result, metric):
    """Return one tracer's scores by a metric, or refuse them."""
    if f"test_{metric}" not in result:
        known = [key for key in result if key.startswith("test_")]
        raise ValueError(
            f"The results of {tracer!r} lack 'test_{metric}', they have {known}; "
            "expected the same metrics of all tracers. Pass the same scoring=... to "
            "every cross_validate, or choose by metrics=[...]."
        )
    scores = np.asarray(result[f"test_{metric}"], dtype=float)
    if scores.ndim != 1 or len(scores) == 0:
        raise ValueError(
            f"'test_{metric}' of {tracer!r} is {result[f'test_{metric}']!r}; expected "
            "a list of the scores of one or more folds. Make results with "
            "sklearn.model_selection.cross_validate."
        )
    if np.isnan(scores).any():
        raise ValueError(
            f"{metric!r} of {tracer!r} is missing in fold "
            f"{np.flatnonzero(np.isnan(scores))[0]}; expected a score in each, since a "
            'mean over other folds compares nothing. Pass error_score="raise" to '
            "cross_validate to see what failed."
        )
    return scores


def _check_folds(tracer, result, first, reference):
    """Refuse a tracer that was not scored on the folds of the first."""
    n_folds, expected = _count_folds(result), _count_folds(reference)
    same = n_folds == expected
    if same and "indices" in result and "indices" in reference:
        tests = zip(
            result["indices"]["test"], reference["indices"]["test"], strict=True
        )
        same = all(np.array_equal(own, other) for own, other in tests)
    if not same:
        raise ValueError(
            f"{tracer!r} was scored on {n_folds} folds, other than the {expected} of "
            f"{first!r}; expected the same folds for all. Make them once, "
            "folds = list(StudentKFold(5).split(X)), and pass cv=folds to every "
            "cross_validate."
        )


def _count_folds(result):
    scores = [value for key, value in result.items() if key.startswith("test_")]
    return np.size(scores[0]) if scores else 0


def collect_curves(curve, metric=None):
    """Write early prediction curves as a tidy frame; return it, and their metric."""
    named = curve if isinstance(curve, dict) else {"": curve}
    if not named:
        raise ValueError(
            "curve={}; expected at least one curve, such as "
            '{"DKT": early_prediction_curve(...)}.'
        )
    check_names(named)
    curves = []
    for name, own in named.items():
        column = _find_score(own, name, metric)
        metric = column if metric is None else metric
        own = own[["step", "fold", column]]
        own.columns = ["step", "fold", "score"]
        curves.append(own.assign(model=name))
    curves = pd.concat(curves, ignore_index=True)
    return curves[["model", "step", "fold", "score"]], metric


def _find_score(curve, name, metric):
    """Return the column of a curve that holds the score, or refuse the curve."""
    of_whom = f"The curve of {name!r}" if name else "The curve"
    missing = [column for column in ("step", "fold") if column not in curve]
    if missing:
        raise ValueError(
            f"{of_whom} has columns {list(curve)}; expected {missing} among them. "
            "Make it with sktrace.model_selection.early_prediction_curve."
        )
    scores = [column for column in curve if column not in ("step", "fold")]
    for column in (metric, "score"):
        if column in scores:
            return column
    if metric is None and len(scores) == 1:
        return scores[0]
    raise ValueError(
        f"{of_whom} has the scores {scores}, and metric={metric!r}; expected one of "
        "them. Pass metric=..."
    )
