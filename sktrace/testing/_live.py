"""A live tracer says, answer by answer, what the tracer says of whole logs."""

import numpy as np
import pandas as pd

from .._tracer.learnt import without_judging
from .._tracer.questions import roles_of
from ._logs import fit, join_ties, proba, write_for
from ._promises import agree, demand, need_method

__all__ = [
    "check_live_is_batch",
    "check_live_predictions_are_a_series",
    "check_live_starts_from_a_log",
    "check_live_strangers_are_in_the_initial_state",
]


def write_live_log(tracer):
    """Write a log with rows that lack an answer, rows of unseen skills, joined ones."""
    log, rng = write_for(tracer), np.random.default_rng(0)
    log["skill_name"] = log["skill_name"].where(rng.uniform(size=len(log)) > 0.1, "new")
    if "skill_separator" in tracer.get_params(deep=False):
        some = log["user_id"] % 2 == 0
        joined = join_ties(log[some])
        log = pd.concat([log[~some], joined], ignore_index=True)
    return log.assign(correct=log["correct"].where(rng.uniform(size=len(log)) >= 0.3))


def trace(fitted, live, log):
    """Feed a log to a live tracer, moment by moment; return what it said before each.

    Returns
    -------
    ndarray of shape (n_rows,)
        P(``classes_[1]``) of each row, in the order of the log.
    """
    roles = roles_of(fitted)
    p = pd.Series(np.nan, log.index)
    for (_, student), rows in log.groupby(["order_id", "user_id"]):
        asked = _further(rows, roles.known_before)
        told = live.predict_proba(student, rows["skill_name"].tolist(), **asked)
        p[rows.index] = told.to_numpy()
        rows = rows.dropna(subset=["correct"])
        if len(rows):
            further = {**roles.known_before, **roles.known_after}
            live.update(
                student,
                rows["skill_name"].tolist(),
                rows["correct"].tolist(),
                **_further(rows, further),
            )
    return p.to_numpy()


def _further(rows, columns):
    return {role: rows[column.name].to_numpy() for role, column in columns.items()}


@without_judging()  # rows of students of fit are written over, and nothing is scored
def check_live_is_batch(tracer):
    """Fed moment by moment, it predicts each row as predict_proba, and what is next."""
    need_method(tracer, "tracer")
    fitted = fit(tracer, write_for(tracer))
    log = write_live_log(tracer)
    live = fitted.tracer()
    agree(
        trace(fitted, live, log),
        proba(fitted, log),
        "a live tracer predicts each row as predict_proba does",
        within=1e-6,
    )
    if not hasattr(fitted, "predict_next"):
        return
    for student, expected in fitted.predict_next(log).iterrows():
        agree(
            live.predict_proba(student).to_numpy(),
            expected.to_numpy(),
            f"a live tracer ends where predict_next does, for student {student}",
            within=1e-6,
        )


def check_live_starts_from_a_log(tracer):
    """A live tracer that starts from a log is one that was fed with it."""
    need_method(tracer, "tracer")
    fitted = fit(tracer, write_for(tracer))
    log = write_live_log(tracer)
    fed, started = fitted.tracer(), fitted.tracer(log)
    trace(fitted, fed, log)
    demand(
        set(started.states_) == set(fed.states_),
        "it keeps a state of those who have answered; started from the log, of "
        f"{sorted(started.states_)}, fed with it, of {sorted(fed.states_)}",
    )
    for student in log["user_id"].unique().tolist():
        agree(
            started.predict_proba(student).to_numpy(),
            fed.predict_proba(student).to_numpy(),
            f"started from a log or fed with it, it says the same of student {student}",
            within=1e-6,
        )


def check_live_strangers_are_in_the_initial_state(tracer):
    """Who has not answered yet is predicted as a first row, and leaves no state."""
    need_method(tracer, "tracer")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    live = fitted.tracer()
    skills = fitted.skills_.tolist()
    first = pd.DataFrame({"user_id": range(10**6, 10**6 + len(skills)), "order_id": 0})
    first = first.assign(skill_name=skills, correct=np.nan).reindex(columns=log.columns)
    agree(
        live.predict_proba("ann").to_numpy(),
        proba(fitted, first),
        "strangers are predicted as first rows are",
        within=1e-6,
    )
    live.knowledge_state("ann")
    demand(live.states_ == {}, "a student who was only asked about has no state")
    demand(fitted.tracer().states_ == {}, "a new live tracer knows no students")


def check_live_predictions_are_a_series(tracer):
    """Predictions, and what is known, are Series by skill."""
    need_method(tracer, "tracer")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    live = fitted.tracer(log)
    student = log["user_id"].iloc[0]
    p = live.predict_proba(student)
    known = live.knowledge_state(student)
    for what, values in {"predict_proba": p, "knowledge_state": known}.items():
        got = values.index.tolist(), values.index.name, values.dtype
        expected = fitted.skills_.tolist(), "skill_name", np.float64
        demand(got == expected, f"{what} has index, name, dtype {expected}; got {got}")
    if hasattr(fitted, "knowledge_state"):
        own = log[log["user_id"] == student].sort_values("order_id")
        expected = fitted.knowledge_state(own).iloc[-1]
        what = "the last row of knowledge_state"
    else:
        expected, what = p, "what is predicted"
    agree(
        known.to_numpy(),
        expected.to_numpy(),
        f"knowledge_state of a live tracer is {what}",
        within=1e-6,
    )
    some = live.predict_proba(student, ["skill 2", "new", "skill 0", ("a", 1)])
    got, expected = some.index.tolist(), ["skill 2", "new", "skill 0", ("a", 1)]
    demand(got == expected, f"skills are told as they are asked, {expected}; got {got}")
    agree(
        some.to_numpy()[[0, 2]],
        p[["skill 2", "skill 0"]].to_numpy(),
        "a skill is predicted alike, asked alone or with others",
        within=1e-6,
    )
    agree(some.iloc[1], some.iloc[3], "unseen skills are predicted alike", within=1e-6)
