"""Scores that scikit-learn's scorers do not have: by question, by skill, by step.

Everything here takes any ``scoring`` of scikit-learn, a name such as ``"roc_auc"`` or a
scorer, and any fitted estimator with ``predict_proba``: a tracer, a search or a stack.
Rows whose y is missing are left out.
"""

import warnings

import numpy as np
import pandas as pd
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import get_scorer
from sklearn.utils import check_consistent_length

from ._interactions.codes import check_categories
from ._interactions.columns import check_frame, number_moments
from ._interactions.log import Column, Roles
from ._interactions.practice import entries_by_skill
from ._interactions.target import as_column, encode_target
from ._scores.by_step import score_by_step
from ._scores.given import score_given
from ._scores.portions import score_portions
from ._scores.questions import label_questions, merge_questions

__all__ = [
    "question_level",
    "question_scorer",
    "score_by_skill",
    "score_by_step",
    "score_portions",
    "skill_scorer",
]


def question_level(X, y, p, *, student="user_id", order="order_id", item=None):
    """Merge the rows of each question into one target and one prediction.

    Logs write a question on several skills as rows that tie in ``order``, all with one
    answer. Scored by row, it counts as often as it has skills; here it counts once.
    Clocks are coarse, though, and rows of different questions may tie, too.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    y : array of shape (n_rows,)
        Targets 0 and 1; rows where it is missing are left out.
    p : array of shape (n_rows,)
        Predicted probability of 1.
    student : str
        Column of X.
    order : str, list of str or None
        Column of X, or several; rows of a student that tie in it may be one question.
        With ``order=None`` every row is one.
    item : str, optional
        Column of X that names what was answered. Rows that tie are one question if
        they name the same item; those that name none, if their targets agree.

    Returns
    -------
    y : ndarray of shape (n_questions,)
        The least target among a question's rows: right if all of them are.
    p : ndarray of shape (n_questions,)
        Mean prediction of a question's rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktrace.metrics import question_level
    >>> X = pd.DataFrame({"user_id": [1, 1, 1], "order_id": [0, 0, 1]})
    >>> y, p = question_level(X, [1, 1, 0], [0.75, 0.25, 0.4])
    >>> y.tolist(), p.tolist()
    ([1, 0], [0.5, 0.4])
    """
    students, moment = number_moments(X, student, order)
    named = np.full(len(X), -1)
    if item is not None:
        check_frame(X, Roles(known_before={"item": Column(item, check_categories)}))
        named = check_categories(X[item], item, "item").codes
    check_consistent_length(X, y, p)
    y, p = as_column(y), np.asarray(p)
    told = ~pd.isna(y)
    question = label_questions(students[told], moment[told], named[told], y[told])
    return merge_questions(question, y[told], p[told])


def question_scorer(
    scoring="roc_auc", *, student="user_id", order="order_id", item=None
):
    """Make a scorer that counts every question once; see `question_level`.

    Parameters
    ----------
    scoring : str or callable, default="roc_auc"
        A scorer of scikit-learn.
    student, order, item : str
        Columns of X, as in `question_level`.

    Returns
    -------
    callable
        ``scorer(estimator, X, y)``, for ``scoring=`` of cross-validation and searches.
        It knows no sample weights; right is the second of the estimator's classes.
    """
    return _QuestionScorer(get_scorer(scoring), student, order, item)


def score_by_skill(
    estimator, X, y, scoring="roc_auc", *, skill="skill_name", skill_separator="~~"
):
    """Score the predictions of each skill by themselves.

    An AUC over all rows rewards a model for knowing which skills are hard; within a
    skill it has to know the students.

    Parameters
    ----------
    estimator : fitted estimator with ``predict_proba``
    X : DataFrame of shape (n_rows, n_columns)
    y : array of shape (n_rows,)
    scoring : str or callable, default="roc_auc"
        A scorer of scikit-learn.
    skill : str, default="skill_name"
        Column of X.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several, a row of each of them.

    Returns
    -------
    DataFrame of shape (n_skills, 2)
        ``n_rows`` and ``score`` by skill; NaN where all targets are alike. Rows that
        name no skill are left out.
    """
    check_frame(X, Roles(skill=skill))
    y, p = as_column(y), estimator.predict_proba(X)
    check_consistent_length(X, y)
    row, code, skills = entries_by_skill(X[skill], skill_separator)
    scorer, scores = get_scorer(scoring), []
    for _, own in pd.Series(row).groupby(code):
        rows = own.to_numpy()
        rows = rows[~pd.isna(y[rows])]
        score = np.nan
        if len(np.unique(y[rows])) > 1:
            score = score_given(scorer, y[rows], p[rows], estimator.classes_)
        scores.append((len(rows), score))
    index = pd.Index(skills, name=skill, tupleize_cols=False)
    return pd.DataFrame(scores, index=index, columns=["n_rows", "score"])


def skill_scorer(
    scoring="roc_auc", *, skill="skill_name", skill_separator="~~", weighted=False
):
    """Make a scorer that averages over skills; see `score_by_skill`.

    Parameters
    ----------
    scoring : str or callable, default="roc_auc"
        A scorer of scikit-learn.
    skill, skill_separator : str
        As in `score_by_skill`.
    weighted : bool, default=False
        Whether a skill counts by its rows, or every skill the same.

    Returns
    -------
    callable
        ``scorer(estimator, X, y)``, without sample weights; skills whose targets are
        all alike do not count, and where that is all of them, the score is NaN.
    """
    return _SkillScorer(get_scorer(scoring), skill, skill_separator, weighted)


class _QuestionScorer:
    def __init__(self, scorer, student, order, item):
        self.scorer = scorer
        self.columns = {"student": student, "order": order, "item": item}

    def __call__(self, estimator, X, y):
        y, p = as_column(y), estimator.predict_proba(X)[:, 1]
        told, classes = ~pd.isna(y), estimator.classes_
        code = encode_target(y, told, classes)[told]
        code, p = question_level(X[told], code, p[told], **self.columns)
        p = np.column_stack([1 - p, p])
        return score_given(self.scorer, classes[code], p, classes)

    def __repr__(self):
        return f"question_scorer({self.scorer!r})"


class _SkillScorer:
    def __init__(self, scorer, skill, skill_separator, weighted):
        self.scorer = scorer
        self.skill = skill
        self.skill_separator = skill_separator
        self.weighted = weighted

    def __call__(self, estimator, X, y):
        skills = score_by_skill(
            estimator,
            X,
            y,
            self.scorer,
            skill=self.skill,
            skill_separator=self.skill_separator,
        ).dropna()
        if skills.empty:
            warnings.warn(
                "No skill has targets of both classes, so there is no score by skill; "
                "the score is NaN.",
                UndefinedMetricWarning,
                stacklevel=2,
            )
            return np.nan
        return np.average(skills["score"], weights=skills["n_rows"] ** self.weighted)

    def __repr__(self):
        return f"skill_scorer({self.scorer!r}, weighted={self.weighted})"
