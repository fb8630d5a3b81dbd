"""Whether a state moves as answers say, and how much it moves otherwise."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from .._interactions.portions import split_students
from .._tracer.learnt import without_judging
from .._tracer.questions import check_method

__all__ = ["consistency_report"]

_SAME = 1e-6  # what single precision leaves of two equal probabilities
_OF_RIGHT = ("P(correct)", "P(known)")
_COLUMNS = [
    "n_right",
    "n_wrong",
    "fall_after_right",
    "rise_after_wrong",
    "mean_fall",
    "mean_rise",
    "m1",
    "m2",
    "n_steps",
    "w1",
    "w2",
    "auc_current",
]


def consistency_report(estimator, X, by=None):
    r"""Measure two faults of deep knowledge tracing: contradiction and waviness.

    The prediction of a skill may fall after a right answer on it and rise after a
    wrong one; and the predictions of all skills may jump at every answer, those of
    skills that it says nothing of included [1]_. With :math:`y_t` the predictions of
    all M skills after moment t of a student, :math:`q_t` the skill practised there
    and :math:`a_t` the answer,

    .. math::

        m_1 &= mean_t \; \pm sgn(y_t(q_t) - y_{t-1}(q_t)) \\
        m_2 &= mean_t \; \pm (y_t(q_t) - y_{t-1}(q_t)) \\
        w_1 &= mean_t \; \|y_t - y_{t-1}\|_1 / M \\
        w_2^2 &= mean_t \; \|y_t - y_{t-1}\|_2^2 / M

    where the sign is that of a right (+) or wrong (-) answer and means run over the
    moments of all students, their first ones left out. A perfectly consistent model
    has :math:`m_1 = 1`; :math:`w_1` and :math:`w_2` are 0 if nothing ever changes, so
    that they are worth comparing between models that predict alike.

    Parameters
    ----------
    estimator : fitted tracer with ``knowledge_state``
        Such as `DKTClassifier` or `BKTClassifier`, fitted on answers 0 and 1.
    X : DataFrame of shape (n_rows, n_columns)
        A log, best of other students than those of fit. Rows without an answer leave
        no trace and do not count.
    by : {None, "skill", "student"}, default=None
        One line for all, or a line for each skill in ``skills_`` or student in X.

    Returns
    -------
    DataFrame of shape (1, 12), (n_skills, 12) or (n_students, 12)
        ``n_right``, ``n_wrong``
            Answers that follow a state of their student: one per moment and skill,
            unless it has both right and wrong ones, or the skill is not in
            ``skills_``.
        ``fall_after_right``, ``rise_after_wrong``
            The shares of those after which the prediction of the skill moved the
            wrong way, by more than 1e-6.
        ``mean_fall``, ``mean_rise``
            How far it moved then, on average, as a positive number.
        ``m1``, ``m2``
            As above: 1 if every answer moved the prediction the right way.
        ``n_steps``
            Changes of state: moments with an answer, but for each student's first.
        ``w1``, ``w2``
            As above, in units of probability; of one skill, M = 1.
        ``auc_current``
            AUC(C) of [1]_: of the state *after* each answer as a prediction of that
            answer, first moments included. 1 if states tell what was answered.

        NaN where there is nothing to count.

    Raises
    ------
    TypeError
        If `estimator` has no ``knowledge_state``, or X is not a DataFrame.
    ValueError
        If X cannot be read or holds no answer, `by` is something else, or the states
        are of another class than right answers.

    Notes
    -----
    The prediction of BKT is P(known), which includes what is learnt *from* the answer:
    without forgetting it never falls after a right answer as long as guess + slip < 1,
    and may rise after a wrong one, not by mistake but because one learns from it.

    The state before a student's first answer is the same for all. As in [1]_, the
    change from there does not count.

    Students are traced in portions, so that memory does not grow with rows times
    skills.

    References
    ----------
    .. [1] Yeung and Yeung (2018). Addressing two problems in deep knowledge tracing via
       prediction-consistent regularization. Learning at Scale, article 5: its
       regularizers (w1, w2) and measures of consistency (m1, m2).

    Examples
    --------
    >>> from sktrace import BKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.inspection import consistency_report
    >>> X, y = make_interactions(n_students=50, n_skills=2, random_state=0)
    >>> bkt = BKTClassifier(bounds={"guess": (0, 0.4), "slip": (0, 0.4)}).fit(X, y)
    >>> consistency_report(bkt, X)["fall_after_right"].tolist()
    [0.0]
    """
    _check(estimator, by)
    log, _ = estimator._read_asked(X)
    answered = ~np.isnan(log.first(log.correct))
    if not answered.any():
        raise ValueError(
            f"Column {estimator.correct!r} (correct) holds no answer; expected some to "
            "see how states follow them. Pass rows that have been answered."
        )
    X, student = X[answered], log.first(log.student)[answered]
    whose, student = np.unique(student, return_inverse=True)
    with without_judging():  # X has been judged as a whole
        answers, by_student, by_skill = zip(
            *(
                _trace(estimator, X.iloc[rows], student[rows])
                for rows in split_students(student, len(estimator.skills_))
            ),
            strict=True,
        )
    answers, moves = pd.concat(answers, ignore_index=True), pd.concat(by_student)
    if by == "skill":
        moves = sum(by_skill).assign(n_steps=moves["n_steps"].sum())
        index = estimator._skill_index(estimator.skills_)
    elif by == "student":
        names = log.students[whose]
        index = pd.Index(names, name=estimator.student, tupleize_cols=False)
    else:
        moves, index = moves.sum().to_frame().T, pd.Index(["all"])
    group = answers[by] if by else pd.Series(0, answers.index)
    return _summarize(answers, group, moves).set_axis(index)


def _check(estimator, by):
    check_method(estimator, "knowledge_state")
    if by not in (None, "skill", "student"):
        raise ValueError(
            f"by={by!r}; expected None for one line, or 'skill' or 'student' for a "
            "line of each."
        )
    if estimator.knowledge_label not in _OF_RIGHT:
        raise ValueError(
            f"The states of this {type(estimator).__name__} are "
            f"{estimator.knowledge_label}, of classes {estimator.classes_.tolist()}; "
            f"expected {' or '.join(_OF_RIGHT)}. Fit on the answers themselves: "
            f"fit(X, X[{estimator.correct!r}])."
        )


def _trace(estimator, X, student):
    """Return answers with the changes they made, and moves by student and by skill."""
    log, timeline = estimator._read(X)
    row = log.row[timeline.rows[timeline.moment_starts]]
    state, student = estimator.knowledge_state(X).to_numpy()[row], student[row]
    follows = np.append(False, student[1:] == student[:-1])
    answers = _list_answers(log, timeline, len(estimator.skills_))
    moment, skill = answers["moment"].to_numpy(), answers["skill"].to_numpy()
    after, before = state[moment, skill], state[moment - 1, skill]
    answers = answers.assign(
        student=student[moment],
        after=after,
        change=np.where(follows[moment], after - before, np.nan),
    )
    moved = np.abs(np.diff(state, axis=0)[follows[1:]])
    by_student, by_skill = (
        pd.DataFrame({"absolute": absolute, "squared": squared})
        for absolute, squared in (
            (moved.mean(axis=1), (moved**2).mean(axis=1)),
            (moved.sum(axis=0), (moved**2).sum(axis=0)),
        )
    )
    by_student = by_student.assign(n_steps=1).groupby(student[follows]).sum()
    return answers, by_student.reindex(np.unique(student), fill_value=0), by_skill


def _list_answers(log, timeline, n_skills):
    """List moments and skills that were answered, all right or all wrong."""
    answers = pd.DataFrame(
        {
            "moment": timeline.moment,
            "skill": log.skill[timeline.rows],
            "right": log.correct[timeline.rows],
        }
    )
    answers = answers[answers["skill"] < n_skills].drop_duplicates()
    return answers[~answers.duplicated(["moment", "skill"], keep=False)]


def _summarize(answers, group, moves):
    """Return the table, a line for each of `moves`."""
    right = answers["right"] == 1
    toward = answers["change"].where(right, -answers["change"])  # the answer
    toward = toward.mask(toward.abs() <= _SAME, 0)[toward.notna()]
    table = pd.DataFrame(columns=_COLUMNS, index=moves.index)
    for answer, way, among in (("right", "fall", right), ("wrong", "rise", ~right)):
        own = toward[among[toward.index]]
        table[f"n_{answer}"] = own.groupby(group).size()
        table[f"{way}_after_{answer}"] = (own < 0).groupby(group).mean()
        table[f"mean_{way}"] = -own[own < 0].groupby(group).mean()
    table["m1"] = np.sign(toward).groupby(group).mean()
    table["m2"] = toward.groupby(group).mean()
    table["n_steps"] = moves["n_steps"]
    n_steps = moves["n_steps"].where(moves["n_steps"] > 0)  # else there is no mean
    table["w1"] = moves["absolute"] / n_steps
    table["w2"] = np.sqrt(moves["squared"] / n_steps)
    table["auc_current"] = pd.Series(
        {key: _auc(own) for key, own in answers.groupby(group)}, dtype=float
    )
    counts = ["n_right", "n_wrong", "n_steps"]
    return (
        table.astype(float)
        .fillna(dict.fromkeys(counts, 0))
        .astype(dict.fromkeys(counts, int))
    )


def _auc(answers):
    if answers["right"].nunique() < 2:
        return np.nan
    return roc_auc_score(answers["right"], answers["after"])
