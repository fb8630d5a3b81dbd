"""Many answers in one call are what they are one by one, and none counts twice."""

from .._tracer.questions import roles_of
from ._live import write_live_log
from ._logs import fit, write_for
from ._promises import agree, demand, need_method, refused

__all__ = [
    "check_live_answers_count_once",
    "check_live_answers_in_one_call_are_those_one_by_one",
]


def check_live_answers_in_one_call_are_those_one_by_one(tracer):
    """Answers of many students in one call leave what they leave one by one."""
    need_method(tracer, "tracer")
    fitted = fit(tracer, write_for(tracer))
    each, many = fitted.tracer(), fitted.tracer()
    need_method(many, "update_many")
    log = write_live_log(tracer).dropna(subset=["correct"])
    log = log.sort_values("order_id", kind="stable")
    columns = {role: column.name for role, column in roles_of(fitted).further.items()}
    for _, row in log.iterrows():
        further = {role: row[name] for role, name in columns.items()}
        each.update(row["user_id"], row["skill_name"], row["correct"], **further)
    half = len(log) // 2
    for part in (log[:half], log[half:]):
        many.update_many(
            part["user_id"],
            part["skill_name"],
            part["correct"],
            **{role: part[name].to_numpy() for role, name in columns.items()},
        )
    for student in log["user_id"].unique().tolist():
        agree(
            many.predict_proba(student).to_numpy(),
            each.predict_proba(student).to_numpy(),
            f"told in one call or one by one, it says the same of student {student}",
            within=1e-6,
        )
        n_answers = many.n_answers(student), each.n_answers(student)
        demand(
            n_answers[0] == n_answers[1] == (log["user_id"] == student).sum(),
            f"n_answers counts the answers of student {student}; got {n_answers}",
        )
    none = fitted.tracer()
    promise = "a call with an odd answer is refused"
    with refused(ValueError, promise, "correct[1]="):
        none.update_many(["ann", "bob"], ["skill 0"] * 2, [1, 2])
    demand(len(none.states_) == 0, "of a call that is refused, no answer is taken in")


def check_live_answers_count_once(tracer):
    """An answer that is told again with its number is not taken in twice."""
    need_method(tracer, "tracer")
    fitted = fit(tracer, write_for(tracer))
    once, again = fitted.tracer(), fitted.tracer()
    need_method(once, "n_answers")
    for number, correct in enumerate([1, 0, 0], start=1):
        once.update("ann", "skill 0", correct)
        for _ in range(2):
            again.update("ann", "skill 0", correct, number=number)
    agree(
        again.predict_proba("ann").to_numpy(),
        once.predict_proba("ann").to_numpy(),
        "answers told twice, with their numbers, leave what they leave told once",
    )
    demand(
        again.n_answers("ann") == 3,
        f"three answers, told twice, are 3; got {again.n_answers('ann')}",
    )
    with refused(ValueError, "a number that leaves a gap is refused", "number=5"):
        again.update("ann", "skill 0", 1, number=5)
