"""How well the outcome is known after each step."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv, cross_validate
from sklearn.utils import check_consistent_length

from .._interactions.columns import number_moments
from .._interactions.target import as_column
from .._sequences.container import Sequences
from .._sequences.forms import check_sequences
from .._sklearn import take_samples
from .given import predict_once, score_given

__all__ = ["early_prediction_curve", "score_by_step"]


def score_by_step(
    estimator,
    X,
    y,
    scoring=None,
    steps=None,
    *,
    student="user_id",
    order="order_id",
):
    """Score a fitted estimator at each step.

    Of whole sequences, step n asks what was known after n steps: every sequence is
    cut there, and its outcome predicted. Of a long frame, step n holds the rows at
    every student's n-th moment, predicted from the moments before.

    Parameters
    ----------
    estimator : fitted estimator
    X : sequences, or DataFrame of shape (n_rows, n_columns)
        What the estimator predicts: sequences in any form, or a long frame.
    y : array of shape (n_samples,)
        Rows of a frame without a target are left out.
    scoring : str or callable, optional
        A scorer of scikit-learn; by default the estimator's own `score`.
    steps : iterable of int, optional
        Which steps, 1 being the first; all by default.
    student, order : str
        Columns of a frame; see `DKTClassifier`. A list of frames is sorted by `order`
        before it is cut, if they have it.

    Returns
    -------
    DataFrame of shape (n_steps, 2), indexed by step
        ``score``; and ``n_sequences`` that have this many steps (a shorter one is
        scored as a whole), or ``n_rows`` at the step. NaN where the targets of a
        frame's rows at a step are all alike.

    See Also
    --------
    sktrace.model_selection.early_prediction_curve : The same by cross-validation.

    Notes
    -----
    A step of an array that is missing throughout reads as padding where nothing follows
    it any more. `Sequences` keep such a step.

    Examples
    --------
    >>> import numpy as np
    >>> from sktrace import DKTClassifier
    >>> from sktrace.metrics import score_by_step
    >>> X = np.random.default_rng(0).normal(size=(30, 4, 2))  # 30 students, 4 weeks
    >>> y = (X[:, 2].sum(axis=1) > 0).astype(int)  # decided in week 3
    >>> clf = DKTClassifier(task="many-to-one", max_epochs=2, random_state=0).fit(X, y)
    >>> score_by_step(clf, X, y, "roc_auc").columns.tolist()
    ['n_sequences', 'score']
    """
    scorer = check_scoring(estimator, scoring)
    if isinstance(X, pd.DataFrame):
        return _score_rows(estimator, X, y, scorer, steps, student, order)
    check_consistent_length(X, y)
    lengths = check_sequences(X).lengths
    steps = _check_steps(steps, lengths.max())
    scores = [
        ((lengths >= n).sum(), scorer(estimator, first_steps(X, n, order), y))
        for n in steps
    ]
    index = pd.Index(steps, name="step")
    return pd.DataFrame(scores, index=index, columns=["n_sequences", "score"])


def early_prediction_curve(
    estimator,
    X,
    y,
    *,
    steps=None,
    refit=True,
    groups=None,
    cv=None,
    scoring=None,
    order="order_id",
    n_jobs=None,
):
    """Cross-validate how well the outcome is known after each step.

    Folds are the same at all steps; sequences are cut as by `score_by_step`. Whether a
    model is refitted says which question is asked: how good is the best model that
    sees n steps, or how good is one model at any time of the course?

    Parameters
    ----------
    estimator : estimator
        Reads sequences, such as ``DKTClassifier(task="many-to-one")`` or a pipeline.
    X : sequences
        In any form.
    y : array of shape (n_sequences,)
    steps : iterable of int, optional
        After how many steps to predict; all by default.
    refit : bool, default=True
        Fit a model for each step, on sequences cut there; or one for all, on
        sequences cut at the last of `steps`.
    groups : array of shape (n_sequences,), optional
        For splitters that need them; `StudentKFold` reads the ids of `Sequences`.
    cv : int, splitter or iterable, optional
        As in scikit-learn's `cross_validate`.
    scoring : str, callable, list or dict, optional
        Scorers of scikit-learn; by default the estimator's own `score`.
    order : str, default="order_id"
        Column by which a list of frames is sorted before it is cut, if they have it.
    n_jobs : int, optional
        Folds fitted at the same time.

    Returns
    -------
    DataFrame
        Columns ``step``, ``fold`` and ``score``, or one column per scorer if there
        are several. ``curve.groupby("step")["score"].agg(["mean", "std"])`` is the
        curve with its spread.

    Examples
    --------
    >>> import numpy as np
    >>> from sktrace import DKTClassifier
    >>> from sktrace.model_selection import early_prediction_curve
    >>> X = np.random.default_rng(0).normal(size=(30, 4, 2))  # 30 students, 4 weeks
    >>> y = (X[:, 2].sum(axis=1) > 0).astype(int)  # decided in week 3
    >>> clf = DKTClassifier(task="many-to-one", max_epochs=2, random_state=0)
    >>> early_prediction_curve(clf, X, y, steps=[1, 3], cv=2).shape
    (4, 3)
    """
    check_consistent_length(X, y)
    steps = _check_steps(steps, check_sequences(X).lengths.max())
    folds = check_cv(cv, y, classifier=is_classifier(estimator))
    folds = list(folds.split(X, y, groups))
    scorers = _name_scorers(estimator, scoring)
    validate = {"cv": folds, "scoring": scorers, "n_jobs": n_jobs}
    curves = []
    if not refit:
        cut = first_steps(X, max(steps), order)
        fitted = cross_validate(
            estimator, cut, y, return_estimator=True, error_score="raise", **validate
        )["estimator"]
    for n in steps:
        cut = first_steps(X, n, order)
        if refit:
            result = cross_validate(estimator, cut, y, error_score="raise", **validate)
            scores = {name: result[f"test_{name}"] for name in scorers}
        else:
            scores = {
                name: [
                    scorer(model, take_samples(cut, test), take_samples(y, test))
                    for model, (_, test) in zip(fitted, folds, strict=True)
                ]
                for name, scorer in scorers.items()
            }
        curves.append(pd.DataFrame({"step": n, "fold": range(len(folds)), **scores}))
    return pd.concat(curves, ignore_index=True)


def first_steps(X, n_steps, order=None):
    """Cut sequences in any form after their first steps; the form stays."""
    if isinstance(X, Sequences):
        return X.first(n_steps)
    if isinstance(X, (list, tuple)):
        in_time = [_sort(sequence, order) for sequence in X]
        return [getattr(own, "iloc", own)[:n_steps] for own in in_time]
    return np.asarray(X)[:, :n_steps]


def _sort(sequence, order):
    """Put the rows of one sequence in time order, where a column tells it."""
    if order is None or order not in getattr(sequence, "columns", []):
        return sequence
    return sequence.sort_values(order, kind="stable")


def _score_rows(estimator, X, y, scorer, steps, student, order):
    """Score the rows of a long frame by their student's moment."""
    check_consistent_length(X, y)
    predictions, classes = predict_once(estimator, X)
    y = np.asarray(y) if np.ndim(y) == 2 else as_column(y)
    step = number_moments(X, student, order)[1] + 1
    told = ~pd.isna(y).reshape(len(y), -1).any(axis=1)
    scores = []
    steps = _check_steps(steps, step.max())
    for n in steps:
        rows = told & (step == n)
        own = y[rows]
        if own.dtype == object:  # classes among missing ones, which are gone now
            own = pd.Series(own).infer_objects().to_numpy()
        score = np.nan
        if len(np.unique(own)) > 1:  # no score compares targets that are all alike
            score = score_given(scorer, own, predictions[rows], classes)
        scores.append((rows.sum(), score))
    index = pd.Index(steps, name="step")
    return pd.DataFrame(scores, index=index, columns=["n_rows", "score"])


def _check_steps(steps, longest):
    if steps is None:
        return list(range(1, longest + 1))
    listed = list(steps) if np.iterable(steps) else []
    if not listed or any(not isinstance(n, Integral) or n < 1 for n in listed):
        raise ValueError(
            f"steps={listed or steps!r}; expected one or more numbers of steps, each "
            "at least 1, such as range(1, 11)."
        )
    return listed


def _name_scorers(estimator, scoring):
    """Return scorers by the name of their column."""
    if isinstance(scoring, dict):
        return {name: check_scoring(estimator, s) for name, s in scoring.items()}
    if isinstance(scoring, (list, tuple, set)):
        return {name: check_scoring(estimator, name) for name in scoring}
    return {"score": check_scoring(estimator, scoring)}
