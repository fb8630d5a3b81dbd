"""What a tracer would think of students, had they given one more answer."""

import numpy as np
import pandas as pd

from .._interactions.vocabulary import as_list, is_several
from .._tracer.learnt import without_judging
from .._tracer.questions import check_method, roles_of
from .._words import first_few
from ._one_more import OneMore

__all__ = ["what_if"]


def what_if(estimator, X, skill, correct, *, skills=None, item=None, items=None):
    r"""Predict how one more answer would change what each student gets right.

    Every student of X is thought to answer `skill` once more, after all of X. With
    :math:`h` a student's answers in X and :math:`(i, a)` the answer a to skill i,

    .. math:: change_j = P(j \mid h, (i, a)) - P(j \mid h)

    which is what appending the row to X and calling ``predict_next`` again says, or
    what a `LiveTracer` says before and after ``update``.

    The change holds what the answer tells of the student as well as what practising
    teaches: it is what the tracer would think, not what a lesson would do.

    Parameters
    ----------
    estimator : fitted tracer with ``predict_next``
    X : DataFrame of shape (n_rows, n_columns)
        A log with the columns that the estimator reads; others are ignored. All
        of its students are asked.
    skill : skill, list of skills or None
        The skill answered; of a list, each in turn, by itself. A name may join several
        by the estimator's ``skill_separator``: one question that needs them all. With
        None, those that `item` was practised with in fit.
    correct : {0, 1} or list of them
        The answer: wrong, right, or each of the two in turn.
    skills : skill or list of skills, optional
        Skills to predict; all of ``estimator.skills_`` by default. Those that fit did
        not see, here and in `skill`, are read as the estimator's ``handle_unknown``
        says.
    item : item or list of items, optional
        The item answered, by a tracer that reads items; of a list, each in turn. A
        list of skills has one of each for each; one skill is that of all of them. By
        default the answer is on the average item of the skill.
    items : item or list of items, optional
        Items to predict, in place of skills; `skills` has one cell for each then, or is
        None for those of fit.

    Returns
    -------
    DataFrame of shape (n_answers * n_students * n_skills, 7)
        One row per `skill`, `correct`, student and predicted skill, in this order.

        * ``student``: as named in X
        * ``skill``, ``correct``: the answer given, 0 or 1
        * ``item``: the item answered, an eighth column if `item` is given
        * ``on``: the skill predicted, or the item
        * ``before``, ``after``: P(correct) without and with that answer;
          P(``classes_[1]``) for an estimator fitted on other labels than 0 and 1
        * ``change``: after - before

        What else the estimator reads, such as the time, is missing of that answer.

    Raises
    ------
    TypeError
        If the estimator has no ``predict_next``, or X is not a DataFrame.
    ValueError
        If `correct` is something else, if X is not what the estimator expects, if the
        estimator reads no items, or if a skill is unknown under
        ``handle_unknown="error"``.

    Examples
    --------
    >>> from sktrace import BKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.inspection import what_if
    >>> X, y = make_interactions(n_students=100, n_skills=2, random_state=0)
    >>> bkt = BKTClassifier(random_state=0).fit(X, y)
    >>> change = what_if(bkt, X, bkt.skills_[0], [0, 1])
    >>> change.groupby(["on", "correct"])["change"].mean().round(2).unstack().shape
    (2, 2)
    """
    check_method(estimator)
    answers = _check_answers(correct)
    roles = roles_of(estimator)
    asked = _pair(estimator, roles, skill, item)
    with without_judging():  # some rows are made up, and nothing is scored
        before = estimator.predict_next(X, skills, items)
        more = OneMore(X, roles)
        parts = []
        for one, on_item in asked:
            for answer in answers:
                given = {"skill": one, "item": on_item, "correct": answer}
                if item is None:
                    del given["item"]
                after = estimator.predict_next(more(**given), skills, items)
                parts.append(_tidy(before, after, given))
    return pd.concat(parts, ignore_index=True)


def _check_answers(correct):
    answers = list(correct) if isinstance(correct, tuple) else as_list(correct)
    if len(answers) == 0 or not all(answer in (0, 1) for answer in answers):
        raise ValueError(
            f"correct={correct!r}; expected 0 (wrong), 1 (right) or a list of them. "
            "What students would get without an answer is in estimator.predict_next(X)."
        )
    return [int(answer) for answer in answers]


def _pair(estimator, roles, skill, item):
    """Return what is answered, as pairs of a skill and an item, or None."""
    name = type(estimator).__name__
    if item is not None and "item" not in roles.further:
        raise ValueError(
            f"item={item!r} of {name}, which reads none; expected one that was told "
            "the column of items: pass item=... to its constructor, and fit."
        )
    items = None if item is None else as_list(item)
    if skill is None and items:
        return list(zip(_skills_of(estimator, items), items, strict=True))
    if roles.skill is None and as_list(skill) != list(estimator.skills_):
        raise ValueError(
            f"skill={skill!r}, but {name} was fitted with skill=None; expected its "
            f"only skill, {estimator.skills_[0]!r}."
        )
    asked = [] if skill is None else as_list(skill)
    if not asked or items == []:
        got, known = f"skill={skill!r}", estimator.skills_
        if asked:
            got, known = f"item={item!r}", estimator._names_["item"]
        raise ValueError(
            f"{got} names none; expected at least one, such as "
            f"{first_few(known[:1])}. What students would get without an answer is in "
            "estimator.predict_next(X)."
        )
    if items is None:
        return [(one, None) for one in asked]
    if not is_several(skill):
        asked = asked * len(items)
    if not is_several(item):
        items = items * len(asked)
    if len(asked) != len(items):
        raise ValueError(
            f"skill names {len(asked)} and item {len(items)}; expected one skill for "
            "all items or one for each. Pass skill=None for those of fit."
        )
    return list(zip(asked, items, strict=True))


def _skills_of(estimator, items):
    """Return a cell of skills for each item: those that fit saw it with."""
    _, code, sizes = estimator._item_skills_.ask(items)
    names = np.append(estimator.skills_.astype(object), np.nan)  # last: none was named
    separator, cells = estimator.skill_separator, []
    for item, own in zip(items, np.split(code, np.cumsum(sizes)[:-1]), strict=True):
        own = names[own].tolist()
        joined = separator and all(isinstance(name, str) for name in own)
        if len(own) > 1 and not joined:
            raise ValueError(
                f"Item {item!r} was practised with {len(own)} skills, "
                f"{first_few(own)}, which no skill_separator joins; expected the skill "
                f"that is answered: skill={own[0]!r}."
            )
        cells.append(separator.join(own) if len(own) > 1 else own[0])
    return cells


def _tidy(before, after, given):
    n_students, n_asked = before.shape
    frame = pd.DataFrame(
        {
            "student": before.index.repeat(n_asked),
            **{
                name: pd.Index([value], tupleize_cols=False).repeat(before.size)
                for name, value in given.items()
            },
            "on": before.columns.take(np.tile(np.arange(n_asked), n_students)),
            "before": before.to_numpy().ravel(),
            "after": after.to_numpy().ravel(),
        }
    )
    return frame.assign(change=frame["after"] - frame["before"])
