"""Which number is true: a tracer, or its predictions, looked at from all sides."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state

from .._audit.again import ask_again, attempt
from .._audit.features import check_features
from .._audit.findings import tabulate
from .._audit.overlap import check_both_sides, check_what_it_holds
from .._audit.padding import check_padding
from .._audit.parts import check_calibration, check_missing_predictions, check_parts
from .._audit.questions import check_rows_and_questions, check_unrolled_questions
from .._audit.randomised import check_randomised_answers
from .._sklearn import Interval, StrOptions, validate_params
from .._tracer.learnt import without_judging
from ._audited import make_subject

__all__ = ["audit"]


@validate_params(
    {
        "n_students": [Interval(Integral, 1, None, closed="left")],
        "n_repeats": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "tolerance": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def audit(
    estimator,
    X,
    y,
    *,
    X_train=None,
    y_train=None,
    cv=None,
    item=None,
    past_features=None,
    student=None,
    order=None,
    skill=None,
    correct=None,
    n_students=100,
    n_repeats="auto",
    tolerance=1e-5,
    random_state=0,
):
    r"""Ask whether a score is true, and what it is made of.

    Most scores of knowledge tracing that nobody can reproduce come from a few mistakes:
    rows that see later ones, answers that see each other, students on both sides,
    columns that know the answer, padding that is scored. Each check here makes one of
    them visible, in any estimator, or, as far as that goes, in predictions alone.

    Parameters
    ----------
    estimator : estimator, callable, or array of probabilities
        Anything with ``fit(X, y)`` and ``predict_proba(X)`` on frames: a tracer, a
        pipeline, a search, a network of yours within a class. It is cloned and fitted;
        one that is fitted and shall stay so is passed as
        ``sklearn.frozen.FrozenEstimator``. Or a function ``f(X_train, y_train, X)``
        that returns P(right) of the rows of X: a whole procedure, with its own choices
        of epochs and settings. Or P(right) of the rows of X, of shape (n_rows,) or
        (n_rows, 2), NaN where none was predicted.
    X : DataFrame of shape (n_rows, n_columns)
        Interactions, with the columns that the estimator reads. What it is scored on,
        if `X_train` or an array of probabilities is passed; else it is split by `cv`.
    y : array of shape (n_rows,)
        Two classes, the second of which is right; rows where it is missing are not
        scored.
    X_train, y_train : DataFrame and array, optional
        What to learn from, or, of probabilities, what was learnt from.
    cv : int, splitter or iterable of splits, optional
        How you split, as in `cross_val_score`: all its splits are looked at, and the
        first is fitted. By default five folds of students, dealt at random. Of
        probabilities, the splits they were made by.
    item : str, optional
        Column that names the problem, question or step. Named by the estimator if it
        reads one.
    past_features : str or list of str, optional
        Columns that are known only after the answer, such as the time it took.
    student, order, skill, correct : str, optional
        Columns of X: as the estimator calls them, or else ``"user_id"``,
        ``"order_id"``, ``"skill_name"``, ``"correct"``. Rows stand in time order where
        there is no order.
    n_students : int, default=100
        Students who are asked again and again, drawn from the test.
    n_repeats : int or "auto", default="auto"
        How often answers are tossed anew. By default as often as 200,000 rows, and a
        minute of fits, allow, from once to ten times.
    tolerance : float, default=1e-5
        How far a probability may move that should not, beyond twice what it moves if
        asked again about the same rows.
    random_state : int, RandomState instance or None, default=0
        Seed of splits, tosses and changes.

    Returns
    -------
    DataFrame of shape (n_findings, 6)
        ``check``; ``verdict``: ``"fault"``, ``"look"`` (at what may be one),
        ``"passed"``, ``"note"`` (a number that is nobody's fault), ``"not checked"``;
        ``size``, a probability, share or AUC, as the ``finding`` says in a sentence;
        ``rows``, labels of up to five rows to look at, the first first; ``repair``.

        * *randomised answers*: fitted and scored on coin tosses, one per row, it must
          know nothing of them, within 4 standard deviations [1]_.
        * *prefix invariance*: with own, tied and later answers swapped, with
          `past_features` of these rows, or skills, items and other columns of later
          rows exchanged, or later rows left out, no prediction moves.
        * *company*: a student alone, in another order of rows, or beside a longer
          history is predicted alike.
        * *students*, *rows* and *items on both sides*, *rows inside the estimator*.
        * *AUC by row* and *by question*, *unrolled questions*, *padding*.
        * *AUC between students*, *within student*, *within skill*, *of first rows*,
          *of first attempts*, *of repeated rows*; calibration.
        * *targets in the features*, *scaled on all rows*: columns that alone say the
          answer, encodings of answers that include those tested, and columns that are
          read in their own row though their name says that they are known only later.

    Raises
    ------
    TypeError
        If X is not a DataFrame, or `estimator` is none of what is expected.
    ValueError
        If a column is missing, or probabilities do not fit X.

    See Also
    --------
    sktrace.testing.check_tracer : The whole contract of a tracer, on made-up logs.
    sktrace.model_selection.compare_tracers : Whether one is better than another.

    Notes
    -----
    With :math:`P` pairs of a right and a wrong row, of which :math:`P_s` are of one
    student, the AUC is :math:`(P_s A_s + (P - P_s) A_b) / P`, the mean of that within
    students and that between them.

    What passes has not been proven right: a check sees what it was made to see. Of
    probabilities alone, a network that sees the future looks like a good one.

    References
    ----------
    .. [1] Ojala and Garriga (2010). Permutation tests for studying classifier
       performance. Journal of Machine Learning Research 11, 1833-1863.
    .. [2] Kaufman, Rosset, Perlich and Stitelman (2012). Leakage in data mining:
       formulation, detection, and avoidance. ACM Transactions on Knowledge Discovery
       from Data 6(4).

    Examples
    --------
    >>> from sktrace import PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.inspection import audit
    >>> X, y = make_interactions(n_students=40, random_state=0)
    >>> report = audit(PFAClassifier(), X, y, n_students=10, n_repeats=1)
    >>> report["verdict"].isin(["fault", "look"]).any()
    np.False_
    >>> seen = audit(PFAClassifier(), X, y, cv=5, n_students=10, n_repeats=1)
    >>> seen.loc[seen["verdict"] == "fault", "check"].tolist()
    ['students on both sides']
    """
    given = {
        "student": student,
        "order": order,
        "skill": skill,
        "correct": correct,
        "item": item,
        "past_features": past_features,
    }
    random = check_random_state(random_state)
    seed = random.randint(2**31 - 1)
    rng = np.random.default_rng(seed)
    with without_judging():  # findings say it
        subject = make_subject(estimator, X, y, X_train, y_train, cv, given, seed)
        return tabulate(_ask_all(subject, n_students, n_repeats, tolerance, rng))


def _ask_all(subject, n_students, n_repeats, tolerance, rng):
    """Yield what every check finds."""
    yield from attempt(check_randomised_answers, subject, n_repeats, rng)
    found, read = ask_again(subject, _draw(subject, n_students, rng), tolerance, rng)
    yield from found
    yield from check_both_sides(subject)
    yield from check_what_it_holds(subject)
    yield from check_missing_predictions(subject)
    yield from check_rows_and_questions(subject)
    yield from check_unrolled_questions(subject)
    yield from check_padding(subject)
    yield from check_features(subject, read)
    yield from check_parts(subject)
    yield from check_calibration(subject)


def _draw(subject, n_students, rng):
    """Return the codes of some students, but not of all, if there are enough."""
    present = np.unique(subject.place(subject.X)[0])
    n_drawn = min(n_students, max(len(present) - 1, 1))
    return rng.choice(present, n_drawn, replace=False)
