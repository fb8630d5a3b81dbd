"""Which skill speaks for which: the influence of Deep Knowledge Tracing."""

import numpy as np
import pandas as pd

from .._tracer.learnt import without_judging
from .._tracer.questions import check_method, check_skills, roles_of, write_log

__all__ = ["skill_influence"]


def skill_influence(estimator, skills=None):
    r"""Measure how a right answer on one skill bears on every other.

    The influence of skill i on skill j, as Deep Knowledge Tracing defines it for every
    directed pair, is

    .. math:: J_{ij} = \frac{y(j \mid i)}{\sum_k y(j \mid k)}

    where :math:`y(j \mid i)` is the probability that a student whose first and only
    answer is a right one on i answers j correctly next. The sum goes over all skills k
    of fit, j itself among them, so the influences on one j sum to 1.

    With K skills :math:`J_{ij}` is about 1 / K, whatever the tracer has found. Its
    ``lift`` :math:`K J_{ij}` does not shrink: 1.3 says that j is right 1.3 times as
    often after a right answer on i as it is, on average, after one on any skill.

    It says what the tracer expects, not what teaching i would cause: answers tell of a
    student's ability, too. And it expects something of pairs of skills that no student
    ever met together; look at pairs that your log has.

    Parameters
    ----------
    estimator : fitted tracer with ``predict_next``
        Such as `DKTClassifier`. A tracer that keeps skills apart, such as
        `BKTClassifier`, has influence of a skill on itself only.
    skills : skill or list of skills, optional
        Pairs of these only; all of ``estimator.skills_`` by default. A choice leaves
        the numbers as they are: the sum goes over all skills in any case.

    Returns
    -------
    DataFrame of shape (n_skills ** 2, 6)
        One row per pair, sorted as the skills are: by ``skill``, then ``on``.

        * ``skill``: i, the one answered right
        * ``on``: j, the one asked next; i itself is among them
        * ``p_before``: P(correct) of j for a student without answers
        * ``p_after``: :math:`y(j \mid i)`
        * ``influence``: :math:`J_{ij}`; NaN if j is right after no skill at all
        * ``lift``: influence times the number of skills of fit

        For an estimator fitted on other labels than 0 and 1, P(correct) stands for
        P(``classes_[1]``).

    Raises
    ------
    TypeError
        If the estimator has no ``predict_next``.
    ValueError
        If it was fitted with ``skill=None``, or did not see one of `skills`.

    References
    ----------
    Piech et al. (2015). Deep Knowledge Tracing. NeurIPS 28, section 4.2, equation 4.

    Examples
    --------
    >>> from sktrace import PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.inspection import skill_influence
    >>> X, y = make_interactions(n_students=30, n_skills=3, random_state=0)
    >>> influence = skill_influence(PFAClassifier().fit(X, y))
    >>> len(influence)
    9
    >>> influence.groupby("on")["influence"].sum().round(6).tolist()
    [1.0, 1.0, 1.0]
    """
    check_method(estimator)
    names = estimator.skills_.tolist()
    if estimator.skill is None:
        raise ValueError(
            f"{type(estimator).__name__} was fitted with skill=None, which makes all "
            "rows one skill; expected several, to influence each other. Fit it with "
            "skill=..., the column that names them."
        )
    place = {name: k for k, name in enumerate(names)}
    kept = np.array([place[name] for name in check_skills(estimator, skills)])
    # All skills are asked of, whatever the choice: a number depends on its pair alone.
    p = _ask_after_one_right_answer(estimator, names)[:, kept]
    before, after = p[-1], p[:-1]
    named = pd.Index(names, tupleize_cols=False)
    with np.errstate(invalid="ignore"):
        influence = (after / after.sum(axis=0))[kept]
    return pd.DataFrame(
        {
            "skill": named.take(np.repeat(kept, len(kept))),
            "on": named.take(np.tile(kept, len(kept))),
            "p_before": np.tile(before, len(kept)),
            "p_after": after[kept].ravel(),
            "influence": influence.ravel(),
            "lift": influence.ravel() * len(names),
        }
    )


def _ask_after_one_right_answer(estimator, names):
    """Return P(correct) of all skills after each of them; the last row: after none.

    All students are made up and asked in one call. One of them has no answer, and a
    row without an answer leaves no trace.
    """
    roles = roles_of(estimator)
    # No student of the training log has such a name, and so none a known ability.
    students = [f"made up by skill_influence, no. {k}" for k in range(len(names))]
    students.append("made up by skill_influence, without answers")
    X = write_log(
        roles,
        student=students,
        order=0,
        skill=[*names, names[0]],
        correct=np.append(np.ones(len(names)), np.nan),
    )
    for column in roles.columns_of("order"):
        X[column] = 0  # also where it is read as the time, which is not given
    with without_judging():
        return estimator.predict_next(X).loc[students].to_numpy()
