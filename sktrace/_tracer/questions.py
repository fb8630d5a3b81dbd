"""Who can be asked what a student would get next, of which skills, by which columns."""

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from .._interactions.columns import refuse_several
from .._interactions.log import Column, Roles
from .._interactions.numbers import check_features
from .._interactions.vocabulary import as_list, is_several
from .._words import first_few

__all__ = ["UNWRAP", "check_method", "check_skills", "roles_of", "write_log"]

UNWRAP = (
    "Of a pipeline, pass its last step, pipeline[-1]; of a search, "
    "search.best_estimator_."
)
WITHOUT = {  # a method: what is wrong, and who is right
    "predict_next": "has no predict_next; expected a fitted tracer, such as "
    'DKTClassifier (task="many-to-many"), BKTClassifier or PFAClassifier.',
    "knowledge_state": "keeps no state of every skill; expected a fitted tracer with "
    'knowledge_state, DKTClassifier (task="many-to-many") or BKTClassifier. What '
    "others expect of students now is in estimator.predict_next(X).",
}


def check_method(estimator, method="predict_next"):
    """Refuse what cannot say what a student would get next, or what the student knows.

    Raises
    ------
    TypeError
        If the estimator has no such method.
    NotFittedError
        If it was not fitted.
    """
    if not hasattr(estimator, method):
        raise TypeError(f"{type(estimator).__name__} {WITHOUT[method]} {UNWRAP}")
    check_is_fitted(estimator, "skills_")


def check_skills(estimator, skills, otherwise=""):
    """Return a choice among the skills of fit, each once; None chooses all of them.

    Raises
    ------
    ValueError
        If fit did not see one, or there is none; `otherwise` says what else to call.
    """
    known = dict.fromkeys(estimator.skills_.tolist())
    skills = list(known) if skills is None else as_list(skills)
    unseen = [skill for skill in skills if skill not in known]
    if unseen or not skills:
        got = f"{len(unseen)} skill(s) were not seen in fit: {first_few(unseen)}"
        raise ValueError(
            f"{got if skills else 'skills=[] names none at all'}; expected some "
            f"of the {len(known)} in estimator.skills_, such as "
            f"{first_few(list(known)[:1])}.{otherwise}"
        )
    return list(dict.fromkeys(skills))


def roles_of(estimator):
    """Return which columns play which part for an estimator."""
    order, further = estimator.order, {"known_before": {}, "known_after": {}}
    for known, columns in further.items():
        for role, check in getattr(estimator, f"_{known}", {}).items():
            name = _name_columns(getattr(estimator, role), role, check)
            if name is not None and name != []:
                columns[role] = Column(name, check)
    return Roles(
        student=estimator.student,
        order=list(order) if is_several(order) else order,
        skill=estimator.skill,
        correct=estimator.correct,
        **further,
    )


def _name_columns(name, role, check):
    """Return the name of a column as it is, and names of several as a list."""
    if not is_several(name):
        return name
    if check is not check_features:
        refuse_several(name, role)
    return list(name)


def write_log(roles, *, student, order, skill, correct, **further):
    """Write a log by hand, with the columns that a tracer reads and no others.

    Parameters
    ----------
    roles : Roles
    student : array or Series of shape (n_rows,)
        Whose type the column has.
    order : array of shape (n_rows,), or number
    skill : list of length n_rows
    correct : array of shape (n_rows,)
    **further : array of shape (n_rows,), or frame of shape (n_rows, n_columns)
        Further columns by role; those that are not given are missing in all rows.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
    """
    written = {"student": student, "order": order, "correct": correct, **further}
    # As objects: a skill may be a tuple, which pandas would take apart.
    written["skill"] = pd.Series(list(skill), dtype=object)
    frame = pd.DataFrame(index=range(len(student)))
    for role, column in roles.items():
        values = written.get(role, np.nan)
        if role == "order" and column != roles.columns_of("order")[0]:
            values = 0  # the first of several columns tells the time
        if isinstance(values, pd.DataFrame):
            values = values[column]
        frame[column] = getattr(values, "array", values)
    return frame
