"""Who may see what: nothing that is known only after a row is asked."""

from unittest import SkipTest

import numpy as np
import pandas as pd

from .._tracer.questions import roles_of
from ._logs import fit, flip, fresh, proba, write_for
from ._promises import agree, need_method

__all__ = [
    "check_further_columns_known_after_are_invisible",
    "check_further_columns_known_before_are_of_their_own_row",
    "check_knowledge_state_does_not_see_later_answers",
    "check_later_rows_are_invisible",
    "check_own_tied_and_later_answers_are_invisible",
]


def check_own_tied_and_later_answers_are_invisible(tracer):
    """A row is predicted to the last bit alike, whatever is answered from it on."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    before = proba(fitted, log)
    for moment in (0, 1, 2):
        seen = (log["order_id"] <= moment).to_numpy()
        flipped = flip(log, log["order_id"] >= moment)
        agree(
            proba(fitted, flipped)[seen],
            before[seen],
            f"rows up to moment {moment} do not see the answers of it, their own and "
            "tied ones, and of later ones",
        )


def check_further_columns_known_after_are_invisible(tracer):
    """What is known only after an answer is unknown to own, tied and earlier rows."""
    roles = roles_of(fresh(tracer))
    if not roles.known_after:
        raise SkipTest("it reads no further column that is known only after the answer")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    before = proba(fitted, log)
    for moment in (0, 1, 2):
        seen = (log["order_id"] <= moment).to_numpy()
        hidden = log["order_id"] >= moment
        for role, column, other in _change(roles, roles.known_after, log, hidden):
            agree(
                proba(fitted, other)[seen],
                before[seen],
                f"rows up to moment {moment} do not see {column!r} ({role}) of it, "
                "their own and tied values, and of later ones",
            )


def check_further_columns_known_before_are_of_their_own_row(tracer):
    """What is known before an answer is unknown to tied and earlier rows."""
    roles = roles_of(fresh(tracer))
    if not roles.known_before:
        raise SkipTest("it reads no further column that is known before the answer")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    before = proba(fitted, log)
    for moment in (0, 1, 2):
        now = log["order_id"] == moment
        own = now & ~log[now].duplicated("user_id").reindex(log.index, fill_value=False)
        seen = ((log["order_id"] <= moment) & ~own).to_numpy()
        hidden = own | (log["order_id"] > moment)
        for role, column, other in _change(roles, roles.known_before, log, hidden):
            agree(
                proba(fitted, other)[seen],
                before[seen],
                f"rows up to moment {moment} do not see {column!r} ({role}) of rows "
                "that tie with them or are later",
            )


def _change(roles, further, log, hidden):
    """Yield a log for each further column with other values, or none, where hidden."""
    for role in further:
        for column in roles.columns_of(role):
            values = log[column]
            for other in (values.where(~hidden, 3 - values), values.where(~hidden)):
                yield role, column, log.assign(**{column: other})


def check_later_rows_are_invisible(tracer):
    """Later rows may be answered or not, on any skill, or not be there at all."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    before = proba(fitted, log)
    rng = np.random.default_rng(0)
    for moment in (0, 1, 2):
        later = (log["order_id"] > moment).to_numpy()
        changed = log.copy()
        hidden = (log["order_id"] >= moment).to_numpy()
        answers = log["correct"].to_numpy(float)
        answers[hidden] = rng.choice([0.0, 1.0, np.nan], hidden.sum())
        changed["correct"] = answers
        changed.loc[later, "skill_name"] = "skill 0"
        agree(
            proba(fitted, changed)[~later],
            before[~later],
            f"rows up to moment {moment} do not see what is answered from it on, or "
            "whether it is, nor which skills are practised later",
            within=1e-6,
        )
        agree(
            proba(fitted, log[~later]),
            before[~later],
            f"rows up to moment {moment} do not see whether there are later ones",
            within=1e-6,
        )


def check_knowledge_state_does_not_see_later_answers(tracer):
    """What is known after a row's moment does not depend on later answers."""
    need_method(tracer, "knowledge_state")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    before = fitted.knowledge_state(log).to_numpy()
    for moment in (0, 1):
        seen = (log["order_id"] <= moment).to_numpy()
        state = fitted.knowledge_state(flip(log, log["order_id"] > moment))
        agree(
            state.to_numpy()[seen],
            before[seen],
            f"knowledge_state up to moment {moment} does not see later answers",
        )
    rows = pd.Series(range(len(log))).sample(frac=1, random_state=0).to_numpy()
    agree(
        fitted.knowledge_state(log.iloc[rows]).to_numpy(),
        before[rows],
        "knowledge_state does not depend on the order of rows",
        within=1e-6,
    )
