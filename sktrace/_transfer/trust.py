"""How far a class trusts what other classes taught."""

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import clone

from .._interactions.target import encode_target
from .._tracer.held_out import Examples, Students
from .inputs import means_right, read_rows

__all__ = ["fit_trust", "most_probable_trust"]

_N_FOLDS = 5
_ENOUGH = 20_000  # held-out answers: folds after them would tell nothing new
_PRIOR_MEAN, _PRIOR_VARIANCE = 1.0, 0.25
_CLOSE, _MOST_STEPS = 1e-10, 50


def fit_trust(tracer, X, y, sample_weight):
    """Ask the students of a class, who are held out fold by fold.

    No more of them are asked than `Students.divide` says, and no further fold after
    20,000 answers. So it holds little of a log in portions: PFA is fitted to portions,
    and the rows of those who are asked are a frame.

    Parameters
    ----------
    tracer : TransferClassifier
        Which knows its skills, classes and network.
    X, y, sample_weight
        As in fit.

    Returns
    -------
    float
    """
    examples = Examples.of(X, y, sample_weight)
    students = Students.of(examples, tracer.student, tracer.classes_)
    # Skills that only those have who are held out are no error.
    own = {"pretrained": tracer.network_, "handle_unknown": "prior"}
    without = clone(tracer).set_params(trust=0.0, **own)
    found, n_found = [], 0
    for held_out in _folds(students):
        rows = students.divide(held_out)
        if rows is None:
            continue
        others, asked = rows
        without.fit(*examples.take(others))
        X, y, weight = examples.read(asked, list(dict.fromkeys(tracer._roles.columns)))
        test = weight > 0
        inputs = read_rows(without.factors_, without._seen_, *without._read(X))[test]
        is_second = encode_target(y[test], pd.notna(y[test]), tracer.classes_) == 1
        is_right = is_second == means_right(without.factors_)
        correction = tracer.network_.correct(inputs)
        found.append((inputs[:, 0], correction, is_right, weight[test]))
        n_found += len(inputs)
        if n_found > _ENOUGH:
            break
    if not found:
        return _PRIOR_MEAN
    found = [np.concatenate(values) for values in zip(*found, strict=True)]
    order = np.lexsort(found)  # for the last bit of sums, however rows stand
    return most_probable_trust(*(values[order] for values in found))


def most_probable_trust(logit, correction, target, weight):
    """Return the trust that explains answers best, and is likely itself.

    Parameters
    ----------
    logit, correction, weight : ndarray of shape (n_rows,)
    target : ndarray of shape (n_rows,)
        0 or 1.

    Returns
    -------
    float
        At least 0; found by Newton's method, as the posterior has one peak.
    """
    trust = _PRIOR_MEAN
    for _ in range(_MOST_STEPS):
        p = expit(logit + trust * correction)
        slope = np.sum(weight * correction * (target - p))
        slope = slope - (trust - _PRIOR_MEAN) / _PRIOR_VARIANCE
        bend = np.sum(weight * correction**2 * p * (1 - p)) + 1 / _PRIOR_VARIANCE
        step = max(slope / bend, -trust)
        trust += step
        if abs(step) < _CLOSE:
            break
    return float(trust)


def _folds(students):
    """Return the students of each fold, of those who teach."""
    who = np.flatnonzero(students.weight)
    drawn = who[np.argsort(np.random.default_rng(0).permutation(len(who)))]
    return [drawn[k::_N_FOLDS] for k in range(min(_N_FOLDS, len(who)))]
