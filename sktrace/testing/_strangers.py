"""Students and skills that fit did not see, and what no tracer can read."""

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError

from ._logs import fit, fresh, proba, write_for
from ._promises import agree, each_row, need_items, need_parameter, refused

__all__ = [
    "check_unfitted_is_refused",
    "check_unreadable_frames_are_refused",
    "check_unreadable_targets_are_refused",
    "check_unseen_items_are_average_items",
    "check_unseen_skills_are_predicted",
    "check_unseen_skills_are_refused_if_so_told",
    "check_unseen_students_are_predicted",
]


def check_unseen_students_are_predicted(tracer):
    """A student whom fit did not see is traced like everyone."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    for X in (log.iloc[:1].assign(user_id=10**9), log.assign(user_id="new")):
        p = proba(fitted, X)
        each_row(np.isfinite(p), "rows of new students are predicted")


def check_unseen_items_are_average_items(tracer):
    """An item that fit did not see is predicted as a row that names none."""
    item = need_items(tracer)
    log = write_for(tracer)
    fitted = fit(tracer, log)
    later = log["order_id"] > 0
    nameless = log.assign(**{item: log[item].where(later)})
    for name in ("new", ("a", 1), 99):
        cells = [
            seen if known else name
            for seen, known in zip(log[item], later, strict=True)
        ]
        cells = pd.Series(cells, log.index, dtype=object)
        agree(
            proba(fitted, log.assign(**{item: cells}))[~later],
            proba(fitted, nameless)[~later],
            f"a row of an item that fit did not see, {name!r}, is one that names none",
        )


def check_unseen_skills_are_predicted(tracer):
    """A skill that fit did not see is predicted, and so is a row that names none."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    later = log["order_id"] > 0
    for name in ("new", ("a", 1), 7):
        cells = [
            seen if known else name
            for seen, known in zip(log["skill_name"], later, strict=True)
        ]
        cells = pd.Series(cells, log.index, dtype=object)  # tuples are not taken apart
        p = proba(fitted, log.assign(skill_name=cells))
        each_row(np.isfinite(p), "rows of unseen skills are predicted")
        nameless = proba(fitted, log.assign(skill_name=log["skill_name"].where(later)))
        agree(
            nameless,
            p,
            f"a row that names no skill is one of an unseen skill, {name!r}",
        )


def check_unseen_skills_are_refused_if_so_told(tracer):
    """Under handle_unknown="error" unseen skills are refused, and so is none."""
    need_parameter(tracer, "handle_unknown")
    log = write_for(tracer)
    fitted = fit(tracer, log, handle_unknown="error")
    later = log["order_id"] > 0
    agree(
        proba(fitted, log),
        proba(fit(tracer, log), log),
        'handle_unknown="error" changes nothing for skills that were seen',
    )
    with refused(ValueError, 'handle_unknown="error" refuses unseen skills', "'new'"):
        fitted.predict_proba(
            log.assign(skill_name=log["skill_name"].where(later, "new"))
        )
    with refused(ValueError, 'handle_unknown="error" refuses rows that name no skill'):
        fitted.predict_proba(log.assign(skill_name=log["skill_name"].where(later)))


def check_unfitted_is_refused(tracer):
    """Whoever asks before fit is told so by NotFittedError."""
    log = write_for(tracer)
    unfitted = fresh(tracer)
    for method in ("predict_proba", "predict", "predict_next", "knowledge_state"):
        if hasattr(unfitted, method):
            with refused(NotFittedError, f"{method} before fit is refused"):
                getattr(unfitted, method)(log)


def check_unreadable_frames_are_refused(tracer):
    """What is no frame, or lacks what a role needs, is refused by fit and predict."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    missing = np.arange(len(log)) == 1
    refusals = {
        "an array": (TypeError, log.to_numpy(), "DataFrame"),
        "a frame without rows": (ValueError, log.iloc[:0], ""),
        **{
            f"a frame without {column!r}": (
                ValueError,
                log.drop(columns=column),
                column,
            )
            for column in log
        },
        "a column twice": (
            ValueError,
            log.loc[:, [*log.columns, "user_id"]],
            "user_id",
        ),
        "a row without a student": (
            ValueError,
            log.assign(user_id=log["user_id"].mask(missing)),
            "user_id",
        ),
        "a row without an order": (
            ValueError,
            log.assign(order_id=log["order_id"].mask(missing)),
            "order_id",
        ),
        "an order that is no number": (
            ValueError,
            log.assign(order_id=log["order_id"].astype(str)),
            "order_id",
        ),
        "an answer of 2": (
            ValueError,
            log.assign(correct=log["correct"].mask(missing, 2)),
            "correct",
        ),
    }
    for what, (error, X, names) in refusals.items():
        with refused(error, f"predict_proba refuses {what}", names):
            fitted.predict_proba(X)
        with refused(error, f"fit refuses {what}", names):
            fresh(tracer).fit(X, log["correct"])


def check_unreadable_targets_are_refused(tracer):
    """A y of another length, of one class, or of three, is refused."""
    log = write_for(tracer)
    y = log["correct"].to_numpy()
    for what, target in {
        "y of another length": y[:-1],
        "y of one class": np.zeros_like(y),
        "y of three classes": np.where(log["order_id"] == 0, 2, y),
    }.items():
        with refused(ValueError, f"fit refuses {what}", "y"):
            fresh(tracer).fit(log, target)
    with refused(
        ValueError, "fit refuses a target that lacks where there is an answer"
    ):
        fresh(tracer).fit(log, np.where(np.arange(len(y)) == 1, np.nan, y))
