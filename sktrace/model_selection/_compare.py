"""Several tracers on the same folds, compared in one call."""

import time
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed

from .._means import MeanClassifier
from .._scores.paired import ROPE
from .._sequences.container import Sequences
from .._sklearn import take_samples, validate_params
from ._comparison import COMPARING, TracerComparison, check_baselines, check_names
from ._paired_folds import code_rows, compare_folds
from ._students import StudentKFold

__all__ = ["compare_tracers"]

_SUCH = '{"PFA": PFAClassifier(), "BKT": BKTClassifier()}'


@validate_params(COMPARING, prefer_skip_nested_validation=True)
def compare_tracers(
    estimators,
    X,
    y,
    *,
    groups=None,
    cv=None,
    scoring="roc_auc",
    rope=ROPE,
    baselines=None,
    n_bootstraps=500,
    student=None,
    random_state=None,
    n_jobs=None,
    verbose=0,
):
    """Cross-validate tracers on the same folds of students, and say which is better.

    A higher mean is not yet a better tracer. Two questions are asked of each pair:

    * Would the difference be there with other training and test students? The
      correlated Bayesian t-test [2]_ [3]_ answers with three chances, that the one is
      worse than the other by more than `rope`, the same within it, or better by more.
      What is at least 95 % likely is the verdict, else the two are not told apart.
      The corrected resampled t-test [1]_ is beside it, with the same variance.
    * Would these very models differ on other students? The 95 % interval of the
      bootstrap over test students answers, the same samples for both.

    **The first decides**, since it includes what the second leaves out, that a tracer
    fitted on other students would be another one. An interval without 0 and the verdict
    ``"same"`` mean that the one is ahead, by what makes no difference. Of one split,
    such as ``StudentShuffleSplit(1)``, there is no spread over folds: its chances are
    the shares of samples of the bootstrap.

    Parameters
    ----------
    estimators : dict of {str: estimator}
        Classifiers by name; they are cloned.
    X : DataFrame of shape (n_rows, n_columns), or sequences
    y : array of shape (n_rows,)
        Two classes, the second of which is right; rows where it is missing have no
        score.
    groups : array of shape (n_rows,), optional
        For splitters that need them.
    cv : int, splitter or iterable, optional
        The folds, which are made once. A number asks for that many folds of students.
        By default ``StudentKFold(5, shuffle=True, random_state=random_state)``.
    scoring : str or callable, default="roc_auc"
        The scorer of scikit-learn that decides. ``"roc_auc"``, ``"neg_log_loss"``,
        ``"neg_brier_score"`` and ``"accuracy"`` are resampled in milliseconds, others
        take what they take, `n_bootstraps` times for each tracer and fold: minutes by
        question, of 50,000 rows. None may ask for more than probabilities. One that
        reads columns of X, such as `sktrace.metrics.question_scorer`, is given those of
        the sample, in which the copies of one student have names of their own.
    rope : float, default=0.005
        What makes no difference, in units of the score: 0.005 of an AUC or an accuracy,
        or 0.005 nats of a log loss. With 0 none are the same.
    baselines : list of str, optional
        Names of those that the others have to beat; by default all `MeanClassifier`.
    n_bootstraps : int, default=500
        Samples of students; 0 for no intervals.
    student : str, optional
        Column of X; by default that of the first estimator, or ``"user_id"``. Where X
        is neither a frame nor `Sequences`, each sample is a student.
    random_state : int, RandomState instance or None, default=None
        Seed of the default folds and of the samples.
    n_jobs : int, optional
        How many fits run at the same time.
    verbose : int, default=0
        As in scikit-learn's `cross_validate`.

    Returns
    -------
    TracerComparison
        ``verdict()`` says it in a sentence, ``summary()`` in a table, ``pairs`` for any
        two.

    Raises
    ------
    TypeError
        If `estimators` is no dict of classifiers by name.
    ValueError
        If y has other than two classes, or a baseline is not among the estimators.

    See Also
    --------
    TracerComparison.from_predictions : The same of predictions at hand.
    sktrace.display.TracerComparisonDisplay : Draws the scores of several metrics.

    Notes
    -----
    To guess is to predict each row by the share of right answers among training rows.
    A tracer whose interval of the difference to that includes 0 guesses; for an AUC,
    that is an interval of the score that includes 0.5. The best of many has to be
    farther above it, by Bonferroni, to be sure not to guess.

    Intervals are percentiles 2.5 and 97.5 of samples of all test students, moved so
    that the mean of the samples is the score. An AUC of samples is lower than it, since
    who is drawn twice is paired with himself: unmoved, intervals held the expected
    score of made-up classes of 30 to 100 students in 67 to 93 % of cases, and moved in
    93 to 99 %. For the same reason the AUC of small folds is lower than that of large
    ones: compare scores by the same number of folds.

    A fold whose targets are all alike has no AUC, for no tracer, and does not count.

    The leader is the best of several, and so was lucky, too: with many tracers that are
    alike, its own score is a little too high. Score it on students that were kept out.

    References
    ----------
    .. [1] Nadeau and Bengio (2003). Inference for the generalization error. Machine
       Learning 52, 239-281.
    .. [2] Corani and Benavoli (2015). A Bayesian approach for comparing cross-validated
       algorithms on multiple data sets. Machine Learning 100, 285-304.
    .. [3] Benavoli, Corani, Demšar and Zaffalon (2017). Time for a change: a tutorial
       for comparing multiple classifiers through Bayesian analysis. Journal of Machine
       Learning Research 18 (77), 1-36.

    Examples
    --------
    >>> from sktrace import AFMClassifier, MeanClassifier, PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.model_selection import compare_tracers
    >>> X, y = make_interactions(n_students=60, n_skills=4, random_state=0)
    >>> tracers = {"PFA": PFAClassifier(), "skill's mean": MeanClassifier()}
    >>> found = compare_tracers(tracers, X, y, n_bootstraps=100, random_state=0)
    >>> found.standing.to_dict()
    {'PFA': 'best', "skill's mean": 'worse'}
    """
    names = check_names(estimators, _SUCH)
    for name, estimator in estimators.items():
        _check_classifier(name, estimator)
    first = next(iter(estimators.values()))
    check_scoring(first, scoring)
    student = student or getattr(first, "student", "user_id")
    rows = code_rows(X, y, student)
    if baselines is None:
        means = estimators.items()
        baselines = [name for name, e in means if isinstance(e, MeanClassifier)]
    baselines = check_baselines(baselines, names)
    cv = _choose_folds(cv, X, y, student, random_state)
    folds = list(cv.split(X, y, groups))  # once: a splitter may draw at random
    predicted, seconds = _predict_by_folds(
        estimators, X, y, folds, rows.classes, n_jobs, verbose
    )
    rng = check_random_state(random_state)
    found = compare_folds(predicted, folds, rows, scoring, rope, n_bootstraps, rng)
    found["tracers"]["seconds"] = seconds
    return TracerComparison(**found, rope=rope, baselines=baselines)


def _check_classifier(name, estimator):
    if not hasattr(estimator, "fit") or not hasattr(estimator, "predict_proba"):
        raise TypeError(
            f"{name!r} is a {type(estimator).__name__}, without fit and predict_proba; "
            "expected a classifier that states probabilities. Probabilities at hand "
            "are compared by TracerComparison.from_predictions; regressors are drawn "
            "by TracerComparisonDisplay.from_estimators."
        )


def _choose_folds(cv, X, y, student, random_state):
    """Return a splitter, by default one of students."""
    of_students = isinstance(X, pd.DataFrame | Sequences)
    if (cv is None or isinstance(cv, Integral)) and of_students:
        n_folds = 5 if cv is None else int(cv)
        return StudentKFold(
            n_folds, shuffle=True, random_state=random_state, student=student
        )
    return check_cv(cv, y, classifier=True)


def _predict_by_folds(estimators, X, y, folds, classes, n_jobs, verbose):
    """Return what each tracer predicts of each fold, and the seconds it took."""
    done = Parallel(n_jobs=n_jobs, verbose=verbose)(
        delayed(_fit_and_predict)(name, estimator, X, y, *fold, classes)
        for name, estimator in estimators.items()
        for fold in folds
    )
    p, seconds = zip(*done, strict=True)
    n = len(folds)
    predicted = {name: p[n * k : n * k + n] for k, name in enumerate(estimators)}
    return predicted, np.reshape(seconds, (-1, n)).sum(axis=1)


def _fit_and_predict(name, estimator, X, y, train, test, classes):
    """Fit on the one side, and return P(right) of the other, and the seconds."""
    start = time.perf_counter()
    fitted = clone(estimator).fit(take_samples(X, train), take_samples(y, train))
    p = fitted.predict_proba(take_samples(X, test))
    seconds = time.perf_counter() - start
    if not np.array_equal(fitted.classes_, classes):
        raise ValueError(
            f"{name!r} was fitted on the classes {fitted.classes_.tolist()} in one of "
            f"the folds; expected {classes.tolist()}, both in the training rows of "
            "each. Make other folds: StudentKFold(2, shuffle=True, random_state=1)."
        )
    return p[:, 1], seconds
