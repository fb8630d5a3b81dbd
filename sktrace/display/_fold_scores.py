"""From scikit-learn's results of cross-validation to one tidy frame."""

import numpy as np
import pandas as pd

__all__ = ["collect_scores"]


def collect_scores(results, metrics=None):
    """Write the results of several tracers, on the same folds, as a tidy frame."""
    if not results:
        raise ValueError(
            f"results={results!r}; expected at least one tracer, such as "
            '{"DKT": cross_validate(DKTClassifier(), X, y, ...)}.'
        )
    first = next(iter(results))
    if metrics is None:
        keys = [key for key in results[first] if key.startswith("test_")]
        metrics = [key.removeprefix("test_") for key in keys]
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
    return len(scores[0]) if scores else 0
