"""What if, on items: what a log with one more answer on an item would say."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import AFMClassifier, BKTClassifier, DKTClassifier, PFAClassifier
from sktrace.inspection import skill_influence, what_if

from ..conftest import BELOW_HALF, CLOSE, SMALL, make_log

ITEM = "skill 2, no. 1"
TRACERS = {
    "AFM": AFMClassifier(item="item_id"),
    "PFA": PFAClassifier(item="item_id"),
    "BKT": BKTClassifier(item="item_id", bounds=BELOW_HALF, random_state=0),
    "DKT": DKTClassifier(item="item_id", **SMALL),
}


def with_items(log):
    number = np.arange(len(log)) % 3
    items = [f"{s}, no. {k}" for s, k in zip(log["skill_name"], number, strict=True)]
    when = pd.Timestamp("2024-03-01 12:00", tz="Europe/Berlin")
    return log.assign(item_id=items, at=when + pd.to_timedelta(log["order_id"], "h"))


@pytest.fixture(scope="module")
def log():
    return with_items(make_log())


@pytest.fixture(scope="module", params=TRACERS)
def traced(request, log):
    return clone(TRACERS[request.param]).fit(log, log["correct"])


@pytest.fixture(scope="module")
def pfa(log):
    return PFAClassifier(item="item_id").fit(log, log["correct"])


def appended(log, **answer):
    """Append a row for each student, by hand."""
    last = log.groupby("user_id", as_index=False)["order_id"].max()
    return pd.concat([log, last.assign(order_id=last["order_id"] + 1, **answer)])


@pytest.mark.parametrize("asked", [None, ["skill 0, no. 0", ITEM]])
@pytest.mark.parametrize("correct", [0, 1])
def test_it_is_what_a_longer_log_says(traced, log, correct, asked):
    changed = what_if(traced, log, "skill 2", correct, item=ITEM, items=asked)
    before = traced.predict_next(log, items=asked)
    longer = appended(log, skill_name="skill 2", item_id=ITEM, correct=correct)
    after = traced.predict_next(longer, items=asked)
    assert changed.columns.tolist() == [
        "student", "skill", "item", "correct", "on", "before", "after", "change",
    ]  # fmt: skip
    assert set(changed["item"]) == {ITEM}
    assert changed["on"].tolist() == before.columns.tolist() * len(before)
    np.testing.assert_array_equal(changed["before"], before.to_numpy().ravel())
    np.testing.assert_allclose(changed["after"], after.to_numpy().ravel(), **CLOSE)


def test_it_is_what_the_live_tracer_says(traced, log):
    tracer = traced.tracer(log)
    changed = what_if(traced, log, None, 1, item=ITEM, items=[ITEM])
    for student, rows in changed.groupby("student"):
        tracer.update(student, "skill 2", 1, item=ITEM)
        p = tracer.predict_proba(student, item=ITEM)
        np.testing.assert_allclose(rows["after"], p, **CLOSE)


def test_an_answer_on_a_hard_item_tells_more_if_it_is_right(log):
    # Of a student's ability, that is, which a fixed one cannot show.
    hard = log["item_id"] == "skill 2, no. 0"
    easy = log["item_id"] == "skill 2, no. 1"
    y = np.where(hard, 0, np.where(easy, 1, log["correct"]))
    bkt = BKTClassifier(item="item_id", random_state=0)
    bkt.fit(log.assign(correct=y), y)
    items = ["skill 2, no. 0", "skill 2, no. 1"]
    changed = what_if(bkt, log, None, 1, item=items, skills="skill 2")
    mean = changed.groupby("item")["change"].mean()
    assert mean["skill 2, no. 0"] > mean["skill 2, no. 1"]


def test_items_have_the_skills_of_fit_or_those_that_are_named(pfa, log):
    items = ["skill 3, no. 0", ITEM]
    own = what_if(pfa, log, None, [1, 0], item=items)
    named = what_if(pfa, log, ["skill 3", "skill 2"], [1, 0], item=items)
    pd.testing.assert_frame_equal(own, named)
    assert own["skill"].unique().tolist() == ["skill 3", "skill 2"]
    same = what_if(pfa, log, "skill 2", 1, item=["new", ITEM])
    assert same[["skill", "item"]].drop_duplicates().to_numpy().tolist() == [
        ["skill 2", "new"],
        ["skill 2", ITEM],
    ]
    # One that fit did not see is the average item: the one that is not named.
    new = same[same["item"] == "new"].drop(columns="item")
    pd.testing.assert_frame_equal(new, what_if(pfa, log, "skill 2", 1), **CLOSE)


def test_an_item_on_several_skills_is_one_question(log):
    double = log["item_id"] == ITEM
    joined = log.assign(skill_name=log["skill_name"].where(~double, "skill 2~~skill 3"))
    afm = AFMClassifier(item="item_id").fit(joined, joined["correct"])
    changed = what_if(afm, joined, None, 1, item=ITEM)
    assert set(changed["skill"]) == {"skill 2~~skill 3"}
    rows = log.assign(skill_name=log["skill_name"].where(~double, "skill 3"))[double]
    several = pd.concat([log, rows])
    afm = AFMClassifier(item="item_id", skill_separator=None)
    afm.fit(several, several["correct"])
    message = (
        f"Item {ITEM!r} was practised with 2 skills, 'skill 2', 'skill 3', which no "
        "skill_separator joins; expected the skill that is answered: skill='skill 2'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        what_if(afm, several, None, 1, item=ITEM)
    assert len(what_if(afm, several, "skill 2", 1, item=ITEM)) > 0


@pytest.mark.parametrize(
    ("order", "later"),
    [
        (["at", "week"], {"at": pd.Timedelta(1, "us")}),
        (["week", "at"], {"week": 1}),
        ("week", {"week": 1}),
    ],
)
def test_a_column_may_be_an_order_and_a_feature(log, order, later):
    log = log.assign(week=log["order_id"] // 2)
    pfa = PFAClassifier(order=order, item="item_id", features=["week"])
    pfa.fit(log, log["correct"])
    untouched = log.copy(deep=True)
    changed = what_if(pfa, log, "skill 2", [0, 1], item=ITEM)
    pd.testing.assert_frame_equal(log, untouched)
    # Right after the last answer, in the same week where the week is not the order.
    last = log.sort_values(order).drop_duplicates("user_id", keep="last")
    last = last.assign(skill_name="skill 2", item_id=ITEM)
    last = last.assign(**{name: last[name] + step for name, step in later.items()})
    after = [
        pfa.predict_next(pd.concat([log, last.assign(correct=correct)]))
        for correct in (0, 1)
    ]
    np.testing.assert_allclose(changed["after"], np.ravel(after), **CLOSE)
    assert skill_influence(pfa).notna().all(axis=None)


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_dates_are_the_order_and_the_time(log, unit):
    log = log.assign(at=log["at"].dt.as_unit(unit))
    columns = {"item": "item_id", "order": "at", "time": "at"}
    bkt = BKTClassifier(**columns, random_state=0).fit(log, log["correct"])
    changed = what_if(bkt, log, "skill 2", 1, item=ITEM)
    last = log.groupby("user_id", as_index=False)["at"].max()
    last["at"] = (last["at"] + pd.Timedelta(1, unit)).dt.as_unit(unit)
    answer = {"skill_name": "skill 2", "item_id": ITEM, "correct": 1}
    after = bkt.predict_next(pd.concat([log, last.assign(**answer)]))
    np.testing.assert_allclose(changed["after"], after.to_numpy().ravel(), **CLOSE)
    assert skill_influence(bkt).notna().all(axis=None)


def test_a_student_stays_in_the_group_of_students(log):
    log = log.assign(school=np.where(log["user_id"] % 4 > 1, "east", "west"))
    bkt = BKTClassifier(prior_group="school", bounds=BELOW_HALF, random_state=0)
    bkt.fit(log, log["correct"])
    changed = what_if(bkt, log, "skill 2", 1)
    longer = appended(log, skill_name="skill 2", correct=1)
    school = log.groupby("user_id")["school"].first()
    after = bkt.predict_next(longer.assign(school=longer["user_id"].map(school)))
    np.testing.assert_allclose(changed["after"], after.to_numpy().ravel(), **CLOSE)


@pytest.mark.parametrize(
    "change",
    {
        "numbers": lambda log: log["item_id"].factorize(sort=True)[0],
        "floats": lambda log: log["item_id"].factorize(sort=True)[0] * 1.0,
        "categories": lambda log: log["item_id"].astype("category"),
        "tuples": lambda log: pd.Series([("p", k) for k in log["item_id"]], log.index),
        "nullable": lambda log: log["item_id"].convert_dtypes(),
    }.items(),
    ids=lambda change: change[0],
)
def test_names_of_items_may_be_anything(pfa, log, change):
    other = log.assign(item_id=change[1](log))
    name = other["item_id"].iloc[np.flatnonzero(log["item_id"] == ITEM)[0]]
    renamed = PFAClassifier(item="item_id").fit(other, other["correct"])
    changed = what_if(renamed, other, None, 1, item=[name])
    expected = what_if(pfa, log, None, 1, item=ITEM)
    assert changed["item"].tolist() == [name] * len(changed)
    np.testing.assert_allclose(changed["after"], expected["after"], **CLOSE)


# --- what is refused ---------------------------------------------------------------


def test_a_tracer_without_items_answers_none(log):
    pfa = PFAClassifier().fit(log, log["correct"])
    message = (
        f"item={ITEM!r} of PFAClassifier, which reads none; expected one that was told "
        "the column of items: pass item=... to its constructor, and fit."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        what_if(pfa, log, "skill 2", 1, item=ITEM)


@pytest.mark.parametrize(
    ("skill", "item", "message"),
    [
        (None, None, "skill=None names none; expected at least one, such as 'skill 0'"),
        ("skill 2", [], "item=[] names none; expected at least one, such as 'skill 0,"),
        (None, "new", "1 item(s) were not seen in fit: 'new'; expected some of the"),
        (
            ["skill 2", "skill 3"],
            [ITEM] * 3,
            "skill names 2 and item 3; expected one skill for all items or one for "
            "each. Pass skill=None for those of fit.",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused(pfa, log, skill, item, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        what_if(pfa, log, skill, 1, item=item)
