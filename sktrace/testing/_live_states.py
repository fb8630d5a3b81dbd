"""What a live tracer keeps of students: one state each, which nobody else touches."""

import pickle

import numpy as np
from sklearn.exceptions import NotFittedError

from .._tracer.learnt import without_judging
from ._live import trace, write_live_log
from ._logs import fit, flip, fresh, proba, write_for
from ._promises import agree, demand, each_row, need_method, need_parameter, refused

__all__ = [
    "check_fitting_again_leaves_live_tracers",
    "check_live_answers_are_right_or_wrong",
    "check_live_joined_names_are_one_question",
    "check_live_lists_of_skills_are_one_question",
    "check_live_states_do_not_grow",
    "check_live_students_are_independent",
    "check_pickled_live_tracers_go_on",
]


def _start(tracer):
    need_method(tracer, "tracer")
    log = write_for(tracer)
    return fit(tracer, log), log


def _ask(live, student):
    return live.predict_proba(student).to_numpy()


def check_live_students_are_independent(tracer):
    """Students do not disturb each other, and one who is forgotten is a stranger."""
    fitted, _ = _start(tracer)
    live, alone = fitted.tracer(), fitted.tracer()
    stranger = _ask(live, "ann")
    for step in range(5):
        live.update("ann", "skill 0", step % 2)
        alone.update("ann", "skill 0", step % 2)
        live.update("bob", "skill 1", 1)
        live.predict_proba("ann")
    ann, bob = _ask(live, "ann"), _ask(live, "bob")
    agree(ann, _ask(alone, "ann"), "students do not disturb each other")
    demand(set(live.states_) == {"ann", "bob"}, "each who has answered has a state")
    live.forget("ann")
    live.forget("cid")
    agree(_ask(live, "ann"), stranger, "a forgotten student is a stranger")
    agree(_ask(live, "bob"), bob, "to forget a student leaves the others")
    agree(_ask(alone, "ann"), ann, "live tracers of one tracer share no students")


def check_live_lists_of_skills_are_one_question(tracer):
    """A list of skills is one moment, with one answer for all or one for each."""
    fitted, _ = _start(tracer)

    def after(skill, correct):
        live = fitted.tracer()
        live.update("ann", skill, correct)
        return _ask(live, "ann")

    for skills, answers in (([2, 0, 1], [0, 1, 0]), ([2, 1, 0], [0, 0, 1])):
        agree(
            after([f"skill {k}" for k in skills], answers),
            after(["skill 0", "skill 1", "skill 2"], [1, 0, 0]),
            "skills of one question have no order",
        )
    agree(
        after(["skill 0", "skill 1"], [True, 1.0]),
        after(["skill 0", "skill 1"], 1),
        "one answer counts for all skills of a question",
    )
    agree(
        after(["skill 0"], [0]),
        after("skill 0", 0),
        "a list of one skill is that skill",
    )


@without_judging()  # rows of students of fit are written over, and nothing is scored
def check_live_joined_names_are_one_question(tracer):
    """A joined name is asked as the one question that it is of predict_next."""
    need_parameter(tracer, "skill_separator")
    need_method(tracer, "predict_next")
    fitted, _ = _start(tracer)
    log = write_live_log(tracer)
    live = fitted.tracer(log)
    student, joined = log["user_id"].iloc[0], "skill 1~~skill 3"
    agree(
        live.predict_proba(student, [joined, "skill 3~~skill 1"]).to_numpy(),
        fitted.predict_next(log, [joined] * 2).loc[student].to_numpy(),
        "a joined name asks the question that predict_next asks by it",
        within=1e-6,
    )


def check_live_states_do_not_grow(tracer):
    """A state takes as much after many answers as after few."""
    fitted, _ = _start(tracer)
    live, sizes = fitted.tracer(), []
    for n_answers in (30, 200):
        for step in range(n_answers):
            live.update("ann", f"skill {step % 4}", step % 2)
        sizes.append(len(pickle.dumps(live.states_)))
    few, many = sizes
    demand(
        many <= 1.1 * few,
        f"a state does not grow; it takes {few} bytes after 30 answers and {many} "
        "after 230",
    )


def check_pickled_live_tracers_go_on(tracer):
    """Pickled midway, a live tracer goes on where it was."""
    fitted, log = _start(tracer)
    live = fitted.tracer()
    early = (log["order_id"] < 2).to_numpy()
    trace(fitted, live, log[early])
    copied = pickle.loads(pickle.dumps(live))
    demand(copied.states_.keys() == live.states_.keys(), "students are pickled, too")
    p = trace(fitted, live, log[~early])
    agree(trace(fitted, copied, log[~early]), p, "a pickled live tracer goes on alike")
    agree(
        p,
        proba(fitted, log)[~early],
        "a live tracer goes on as predict_proba does",
        within=1e-6,
    )


def check_fitting_again_leaves_live_tracers(tracer):
    """A live tracer is a copy: what happens to its tracer does not change it."""
    fitted, log = _start(tracer)
    live = fitted.tracer()
    live.update("ann", "skill 0", 1)
    before = _ask(live, "ann")
    other = flip(log)[log["user_id"] % 2 == 0].assign(skill_name="other")
    fitted.fit(other, other["correct"])
    if "handle_unknown" in fitted.get_params(deep=False):
        fitted.set_params(handle_unknown="error")
    agree(_ask(live, "ann"), before, "fitting again does not change a live tracer")
    p = live.predict_proba("ann", ["new"]).to_numpy()
    each_row(np.isfinite(p), "settings made later do not change a live tracer")


def check_live_answers_are_right_or_wrong(tracer):
    """Answers other than 0 and 1, or of another number than skills, are refused."""
    fitted, _ = _start(tracer)
    with refused(NotFittedError, "a live tracer of an unfitted tracer is refused"):
        fresh(tracer).tracer()
    live = fitted.tracer()
    skills = ["skill 0", "skill 1"]
    for skill, correct in [
        *((skills, odd) for odd in (2, 0.5, np.nan, None, "yes", [1, 2], [1, 0, 1])),
        ("skill 0", [1, 0]),
    ]:
        promise = f"an update with the answer {correct!r} on {skill!r} is refused"
        with refused(ValueError, promise, "correct="):
            live.update("ann", skill, correct)
    with refused(ValueError, "an update that names no skill is refused", "skill=[]"):
        live.update("ann", [], [])
    demand(live.states_ == {}, "what was refused leaves no state")
