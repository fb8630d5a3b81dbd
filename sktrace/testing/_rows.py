"""Rows, students and queries: what they mean to each other."""

import numpy as np
import pandas as pd

from .._tracer.questions import roles_of
from ._logs import fit, fresh, proba, write_for
from ._promises import agree, demand, each_row

__all__ = [
    "check_a_student_alone_is_a_student_in_company",
    "check_first_rows_of_new_students_depend_on_their_skill",
    "check_fit_does_not_depend_on_the_order_of_rows",
    "check_predictions_do_not_depend_on_the_order_of_rows",
    "check_queries_leave_no_trace",
    "check_questions_may_come_before_any_answer",
    "check_rows_in_time_order_need_no_order_column",
]


def check_predictions_do_not_depend_on_the_order_of_rows(tracer):
    """Shuffled rows are predicted as they were, to the last bit."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    before = proba(fitted, log)
    for seed in range(3):
        rows = np.random.default_rng(seed).permutation(len(log))
        agree(
            proba(fitted, log.iloc[rows]),
            before[rows],
            "predictions do not depend on the order of rows",
        )


def check_fit_does_not_depend_on_the_order_of_rows(tracer):
    """Shuffled rows teach what they taught, of whatever types names are, to 1e-12."""
    log = write_for(tracer)
    log["user_id"] = [u if u % 2 else f"student {u}" for u in log["user_id"]]
    shuffled = log.sample(frac=1, random_state=1)
    agree(
        proba(fit(tracer, shuffled), log),
        proba(fit(tracer, log), log),
        "fit does not depend on the order of rows",
        within=1e-12,
    )


def check_rows_in_time_order_need_no_order_column(tracer):
    """Under order=None rows are moments, one after the other."""
    log = write_for(tracer, ties=False).sort_values(["order_id"])
    agree(
        proba(fit(tracer, log, order=None), log),
        proba(fit(tracer, log), log),
        "order=None reads the rows as they stand",
        within=1e-6,
    )


def check_a_student_alone_is_a_student_in_company(tracer):
    """What is predicted for a student does not depend on who else is in X."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    together = proba(fitted, log)
    for student, own in log.groupby("user_id"):
        agree(
            proba(fitted, own),
            together[own.index],
            f"student {student} is predicted alone as in the company of others",
            within=1e-6,
        )


def check_queries_leave_no_trace(tracer):
    """A row without an answer is forecast, as if it was answered, and never read."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    log["correct"] = log["correct"].astype(float)
    rows = [0, 3, 5]
    query = log.iloc[rows].assign(correct=np.nan)
    p = proba(fitted, pd.concat([log, query]))
    each_row(np.isfinite(p), "rows without an answer are forecast")
    agree(
        p[: len(log)],
        proba(fitted, log),
        "rows without an answer leave no trace on others",
        within=1e-6,
    )
    agree(
        p[len(log) :],
        p[rows],
        "asked the same at the same moment, a row without an answer is predicted as "
        "one that has it",
        within=1e-6,
    )


def check_questions_may_come_before_any_answer(tracer):
    """A log without a single answer is forecast from the initial state."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    queries = log.assign(correct=np.nan)
    p = proba(fitted, queries)
    inside = (p >= 0) & (p <= 1)
    each_row(inside, "a log without an answer is forecast")
    first = (log["order_id"] == 0).to_numpy()
    agree(
        p[first],
        proba(fitted, log)[first],
        "first rows are forecast without answers as with them",
        within=1e-6,
    )
    for method in ("predict_next", "knowledge_state"):
        if hasattr(fitted, method):
            told = getattr(fitted, method)(queries).to_numpy()
            demand(
                np.isfinite(told).all(),
                f"{method} of a log without an answer holds numbers",
            )


def check_first_rows_of_new_students_depend_on_their_skill(tracer):
    """A student whom fit did not see starts from the state that all of them do."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    new = log[log["order_id"] == 0].assign(user_id=log["user_id"] + 10**6)
    for column in roles_of(fresh(tracer)).known_before.values():
        new[column.name] = 1
    p = pd.Series(proba(fitted, new), new.index)
    agree(
        p,
        p.groupby(new["skill_name"]).transform("first"),
        "first rows of new students depend on their skill alone",
        within=1e-6,
    )
    one = new.iloc[:1].assign(user_id=10**9)
    agree(
        proba(fitted, one),
        p.iloc[:1],
        "a new student of a single row is predicted as all new ones are",
        within=1e-6,
    )
