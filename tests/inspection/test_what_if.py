"""What if: what a log with one more answer of each student would say."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
)
from sktrace.inspection import what_if

from ..conftest import BELOW_HALF, CLOSE, DKTS, make_log

TRACERS = {
    "mean by student": MeanClassifier(by="student"),
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(n_restarts=2, bounds=BELOW_HALF, random_state=0),
    **DKTS,
}


@pytest.fixture(scope="module", params=TRACERS)
def traced(request):
    log = make_log()
    return clone(TRACERS[request.param]).fit(log, log["correct"])


@pytest.fixture(scope="module")
def dkt():
    log = make_log()
    return clone(DKTS["gru"]).fit(log, log["correct"])


def appended(log, skill, correct):
    """Append a row for each student, by hand."""
    last = log.groupby("user_id", as_index=False)["order_id"].max()
    last["order_id"] += 1
    return pd.concat([log, last.assign(skill_name=skill, correct=correct)])


@pytest.mark.parametrize("correct", [0, 1])
def test_it_is_what_a_longer_log_says(traced, log, correct):
    changed = what_if(traced, log, "skill 2", correct)
    before = traced.predict_next(log)
    after = traced.predict_next(appended(log, "skill 2", correct))
    assert changed.columns.tolist() == [
        "student", "skill", "correct", "on", "before", "after", "change",
    ]  # fmt: skip
    assert changed["student"].tolist() == np.repeat(before.index, 4).tolist()
    assert changed["on"].tolist() == before.columns.tolist() * len(before)
    assert set(changed["skill"]) == {"skill 2"}
    assert set(changed["correct"]) == {correct}
    np.testing.assert_array_equal(changed["before"], before.to_numpy().ravel())
    np.testing.assert_allclose(changed["after"], after.to_numpy().ravel(), **CLOSE)
    np.testing.assert_array_equal(
        changed["change"], changed["after"] - changed["before"]
    )


@pytest.mark.parametrize("name", [*DKTS, "BKT"])
def test_it_is_what_the_live_tracer_says(name, log):
    estimator = clone(TRACERS[name]).fit(log, log["correct"])
    tracer = estimator.tracer()
    for (_, student), rows in log.groupby(["order_id", "user_id"]):
        tracer.update(student, rows["skill_name"].tolist(), rows["correct"].tolist())
    changed = what_if(estimator, log, "skill 1", 1)
    for student, rows in changed.groupby("student"):
        np.testing.assert_allclose(
            rows["before"], tracer.predict_proba(student), **CLOSE
        )
        tracer.update(student, "skill 1", 1)
        np.testing.assert_allclose(
            rows["after"], tracer.predict_proba(student), **CLOSE
        )


def test_a_right_answer_speaks_better_of_a_student_than_a_wrong_one(log):
    bkt = clone(TRACERS["BKT"]).fit(log, log["correct"])
    changed = what_if(bkt, log, "skill 0", [0, 1])
    after = changed.pivot(
        index=["student", "on"], columns="correct", values="after"
    ).reset_index()
    same = after["on"] == "skill 0"
    assert (after.loc[same, 1] >= after.loc[same, 0]).all()
    assert (changed.loc[changed["on"] != "skill 0", "change"] == 0).all()


def test_answers_and_skills_are_asked_in_turn(dkt, log):
    both = what_if(dkt, log, ["skill 3", "skill 0"], [1, 0], skills=["skill 1"])
    parts = [
        what_if(dkt, log, skill, correct, skills="skill 1")
        for skill in ("skill 3", "skill 0")
        for correct in (1, 0)
    ]
    pd.testing.assert_frame_equal(both, pd.concat(parts, ignore_index=True))
    assert len(both) == 4 * log["user_id"].nunique()


@pytest.mark.parametrize(
    "change",
    {
        "index": lambda X: X.set_axis([0] * len(X)),
        "extra columns": lambda X: X.assign(hint="x", when=pd.Timestamp(0)),
        "nullable": lambda X: X.convert_dtypes(),
        "boolean answers": lambda X: X.assign(correct=X["correct"].astype(bool)),
        "categorical": lambda X: X.astype(
            {"skill_name": "category", "user_id": "category"}
        ),
        "float order": lambda X: X.assign(order_id=X["order_id"] / 10),
        "nanoseconds": lambda X: X.assign(order_id=X["order_id"] + 17 * 10**17),
        "floats without the next whole number": lambda X: X.assign(
            order_id=2.0**60 + 1024 * X["order_id"]
        ),
        "the last number of int8": lambda X: X.astype({"order_id": "int8"}).assign(
            order_id=lambda X: X["order_id"] + np.int8(127 - X["order_id"].max())
        ),
        "unsigned": lambda X: X.astype({"order_id": "uint8"}),
        "shuffled": lambda X: X.sample(frac=1, random_state=1),
    }.items(),
    ids=lambda item: item[0],
)
def test_the_form_of_the_frame_means_nothing(dkt, log, change):
    other = change[1](log)
    untouched = other.copy(deep=True)
    changed = what_if(dkt, other, "skill 2", [0, 1])
    pd.testing.assert_frame_equal(other, untouched)
    expected = what_if(dkt, log, "skill 2", [0, 1])
    pd.testing.assert_frame_equal(changed, expected, check_dtype=False, **CLOSE)


def test_a_student_alone_is_a_student_in_company(dkt, log):
    together = what_if(dkt, log, "skill 2", 1).set_index("student")
    for student, own in log.groupby("user_id"):
        alone = what_if(dkt, own, "skill 2", 1)["after"]
        np.testing.assert_allclose(alone, together.loc[[student], "after"], **CLOSE)


def test_rows_in_time_order_and_questions_without_an_answer():
    log = make_log(ties=False).sort_values("order_id")
    log["correct"] = log["correct"].where(log["order_id"] % 3 != 1)
    given = log[log["correct"].notna()]
    dkt = clone(DKTS["gru"]).fit(given, given["correct"])
    changed = what_if(dkt, log, "skill 2", 1)
    dkt.set_params(order=None)
    pd.testing.assert_frame_equal(what_if(dkt, log, "skill 2", 1), changed, **CLOSE)
    unanswered = log.assign(correct=np.nan)
    first = what_if(dkt, unanswered, "skill 2", 1)
    assert first.groupby("on")["after"].agg(np.ptp).max() < 1e-6


def test_one_skill_may_go_without_a_column(log):
    pfa = PFAClassifier(skill=None).fit(log, log["correct"])
    changed = what_if(pfa, log, "all", 1)
    longer = pfa.predict_next(appended(log, "any", 1))
    np.testing.assert_allclose(changed["after"], longer.to_numpy().ravel(), **CLOSE)
    message = (
        "skill='skill 0', but PFAClassifier was fitted with skill=None; expected its "
        "only skill, 'all'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        what_if(pfa, log, "skill 0", 1)


def test_a_question_on_several_skills_may_be_answered(dkt, log):
    changed = what_if(dkt, log, "skill 0~~skill 3", 1)
    after = dkt.predict_next(appended(log, "skill 0~~skill 3", 1))
    np.testing.assert_allclose(changed["after"], after.to_numpy().ravel(), **CLOSE)


def test_names_of_columns_and_tuples_for_skills(log):
    skills = sorted(log["skill_name"].unique())
    code = {name: (name, k) for k, name in enumerate(skills)}
    other = log.assign(skill_name=log["skill_name"].map(code).astype(object)).rename(
        columns={"user_id": "who", "skill_name": 7}
    )
    roles = {"student": "who", "skill": 7}
    pfa = PFAClassifier().fit(log, log["correct"])
    renamed = PFAClassifier(**roles).fit(other, other["correct"])
    expected = what_if(pfa, log, "skill 1", 1)
    changed = what_if(renamed, other, code["skill 1"], 1)
    assert changed["skill"].tolist() == [code["skill 1"]] * len(changed)
    assert changed["on"].tolist() == [code[name] for name in expected["on"]]
    np.testing.assert_allclose(changed["after"], expected["after"], **CLOSE)


# --- what is refused ---------------------------------------------------------------


def test_an_unseen_skill_is_the_average_one_or_refused(dkt, log):
    dkt = clone(dkt).fit(log, log["correct"])
    new, other = (what_if(dkt, log, name, 1) for name in ("new", "other"))
    np.testing.assert_array_equal(new["after"], other["after"])
    dkt.set_params(handle_unknown="error")
    with pytest.raises(ValueError, match=r"1 skill\(s\) were not seen in fit: 'new'"):
        what_if(dkt, log, "new", 1)


@pytest.mark.parametrize("correct", [2, 0.5, np.nan, None, "yes", [0, 2], []])
def test_an_answer_is_right_or_wrong(dkt, log, correct):
    message = (
        f"correct={correct!r}; expected 0 (wrong), 1 (right) or a list of them. What "
        "students would get without an answer is in estimator.predict_next(X)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        what_if(dkt, log, "skill 0", correct)


@pytest.mark.parametrize("last", [2**63 - 1, 1.7976931348623157e308])
def test_there_is_a_later_number_or_a_way_out(dkt, log, last):
    log["order_id"] = np.where(log["order_id"] == 0, last, log["order_id"])
    message = (
        f"Column 'order_id' (order) goes up to {last!r}, so no number is left for one "
        "more answer; expected smaller ones. Count instead: "
        "X['order_id'] = X['order_id'].rank()."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        what_if(dkt, log, "skill 0", 1)
    log["order_id"] = log["order_id"].rank()
    assert len(what_if(dkt, log, "skill 0", 1)) > 0


def test_several_columns_of_order_always_leave_room(log):
    pfa = PFAClassifier().fit(log, log["correct"])
    expected = what_if(pfa, log, "skill 0", 1)
    last = 2**63 - 1
    log = log.assign(day=last - log["order_id"].max() + log["order_id"], row=0)
    pfa = PFAClassifier(order=["row", "day"]).fit(log, log["correct"])
    pd.testing.assert_frame_equal(what_if(pfa, log, "skill 0", 1), expected, **CLOSE)
    dates = log.assign(order_id=pd.to_datetime(log["order_id"], unit="D"))
    pfa = PFAClassifier().fit(dates, dates["correct"])
    pd.testing.assert_frame_equal(what_if(pfa, dates, "skill 0", 1), expected, **CLOSE)


def test_dates_that_go_up_to_the_last_one_have_a_way_out(log):
    last = pd.Timestamp.max.as_unit("ns")
    log["order_id"] = last - pd.to_timedelta(log["order_id"].max() - log["order_id"])
    pfa = PFAClassifier().fit(log, log["correct"])
    with pytest.raises(ValueError, match="so no number is left for one more answer"):
        what_if(pfa, log, "skill 0", 1)
    log["order_id"] = log["order_id"].rank()
    assert len(what_if(pfa, log, "skill 0", 1)) > 0


def test_who_cannot_be_asked_and_what_is_no_log(dkt, log):
    with pytest.raises(TypeError, match="DKTClassifier has no predict_next; expected"):
        what_if(DKTClassifier(task="many-to-one"), log, "skill 0", 1)
    with pytest.raises(ValueError, match="X has no column 'skill_name'"):
        what_if(dkt, log.drop(columns="skill_name"), "skill 0", 1)
    with pytest.raises(TypeError, match="expected a pandas DataFrame"):
        what_if(dkt, log.to_numpy(), "skill 0", 1)
