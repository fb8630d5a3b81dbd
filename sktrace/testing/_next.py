"""After the last answer: what students would get next, and what they know."""

import numpy as np
import pandas as pd

from ._logs import fit, join_ties, proba, write_for
from ._promises import agree, demand, need_items, need_method, refused

__all__ = [
    "check_items_are_asked_as_their_skills_are",
    "check_knowledge_state_is_rows_by_skills",
    "check_predict_next_answers_what_is_asked",
    "check_predict_next_is_a_query_one_moment_later",
]


def check_predict_next_is_a_query_one_moment_later(tracer):
    """Predict_next says what predict_proba would say of a row after all answers."""
    need_method(tracer, "predict_next")
    log = write_for(tracer)
    skills = ["skill 2", "never seen"]
    if "skill_separator" in tracer.get_params(deep=False):
        log = join_ties(log)
        skills.append("skill 1~~skill 3")
    fitted = fit(tracer, log)
    now = fitted.predict_next(log, skills)
    students = pd.DataFrame({"user_id": now.index, "order_id": 99, "correct": np.nan})
    students = students.reindex(columns=log.columns)  # what else is read is missing
    for skill in skills:
        asked = pd.concat([log, students.assign(skill_name=skill)])
        agree(
            now[skill].to_numpy(),
            proba(fitted, asked)[len(log) :],
            f"predict_next of {skill!r} is a query after all answers",
            within=1e-6,
        )


def check_predict_next_answers_what_is_asked(tracer):
    """Predict_next has a row for each student and a column for each skill asked."""
    need_method(tracer, "predict_next")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    for asked, expected in (
        (None, fitted.skills_.tolist()),
        (["skill 2", "skill 0"], ["skill 2", "skill 0"]),
        ("skill 1", ["skill 1"]),
        (("a", 1), [("a", 1)]),
        (7, [7]),
        ([], []),
    ):
        now = fitted.predict_next(log, asked)
        got = now.columns.tolist(), now.columns.name
        demand(
            got == (expected, "skill_name"),
            f"predict_next of {asked!r} has the columns {expected}, named by that of "
            f"skills; got {got}",
        )
        got = now.index.tolist(), now.index.name
        demand(
            got == (sorted(log["user_id"].unique()), "user_id"),
            f"predict_next has a row for each student, named by that column; got {got}",
        )
        p = now.to_numpy()
        demand(((p >= 0) & (p <= 1)).all(), "predict_next holds probabilities")


def check_items_are_asked_as_their_skills_are(tracer):
    """Predict_next of items is a query that names them, and their skills if known."""
    item = need_items(tracer)
    need_method(tracer, "predict_next")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    now = fitted.predict_next(log, ["skill 2", "skill 0", "new"], items=[3, 77, 1])
    got = now.columns.tolist(), now.columns.name
    demand(got == ([3, 77, 1], item), f"its columns are the items; got {got}")
    students = pd.DataFrame({"user_id": now.index, "order_id": 99, "correct": np.nan})
    students = students.reindex(columns=log.columns)
    for name, skill in ((3, "skill 2"), (77, "skill 0"), (1, "new")):
        asked = students.assign(**{"skill_name": skill, item: name})
        agree(
            now[name].to_numpy(),
            proba(fitted, pd.concat([log, asked]))[len(log) :],
            f"predict_next of item {name!r} of {skill!r} is a query after all answers",
            within=1e-6,
        )
    one = log.assign(skill_name=[f"skill {k}" for k in log[item]])  # a skill per item
    fitted = fit(tracer, one)
    agree(
        fitted.predict_next(one, items=[3, 0]).to_numpy(),
        fitted.predict_next(one, ["skill 3", "skill 0"], items=[3, 0]).to_numpy(),
        "an item is asked with the skill that it was practised with",
    )
    with refused(ValueError, "an item of which nothing is known is refused", "77"):
        fitted.predict_next(one, items=[3, 77])


def check_knowledge_state_is_rows_by_skills(tracer):
    """Knowledge_state has a row for each row of X, and a column for each skill."""
    need_method(tracer, "knowledge_state")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    for X in (log, log.set_axis([f"row {i}" for i in range(len(log))])):
        state = fitted.knowledge_state(X)
        demand(
            state.index.equals(X.index),
            f"knowledge_state has the index of X; got {state.index}",
        )
        got = state.columns.tolist(), state.columns.name
        demand(
            got == (fitted.skills_.tolist(), "skill_name"),
            f"knowledge_state has a column for each skill of skills_; got {got}",
        )
        p = state.to_numpy()
        demand(((p >= 0) & (p <= 1)).all(), "knowledge_state holds probabilities")
        demand(p.dtype == np.float64, f"knowledge_state is of float64; got {p.dtype}")
    moment = [log["user_id"], log["order_id"]]
    agree(
        p,
        state.set_axis(log.index).groupby(moment).transform("first").to_numpy(),
        "knowledge_state is what is known after the moment, alike in tied rows",
        within=1e-6,
    )
