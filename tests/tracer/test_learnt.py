"""Who is asked about without what was learnt from, and who is not: told from hashes."""

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    MeanClassifier,
    PFAClassifier,
    TransferClassifier,
)
from sktrace._interactions.columns import check_interactions
from sktrace._tracer.learnt import Learnt
from sktrace._tracer.row_hashes import hash_names, read_times
from sktrace.model_selection import SplitStudentWarning

from ..conftest import BELOW_HALF, ROLES, make_log, small_dkt
from ._classes import fit, make_class

TRACERS = {
    "mean": MeanClassifier(),
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(n_restarts=2, bounds=BELOW_HALF, random_state=0),
    "DKT": small_dkt(),
    "transfer": TransferClassifier(),
    "blend": BlendClassifier([("one", MeanClassifier()), ("two", PFAClassifier())]),
}
reported = partial(pytest.warns, SplitStudentWarning)


@pytest.fixture
def class_log():
    return make_class()


@pytest.fixture(scope="module")
def early():
    """Return a tracer that learnt from the first halves of students."""
    log = make_class()
    return fit(MeanClassifier(), log[log["order_id"] < 10])


# --- which rows of which students --------------------------------------------------


@pytest.mark.parametrize("name", TRACERS)
def test_every_tracer_reports_other_rows_of_its_students(name):
    log = make_class(12, 8)
    late = log["order_id"] >= 4
    tracer = fit(TRACERS[name], log[~late])
    with reported(match=r"X asks about 12 of its 12 students .* such as 0, 1:") as got:
        tracer.predict_proba(log[late])
    assert len(got) == 1  # whatever it is made of
    for X in (log[~late], log, log[~late].iloc[::3], log[late].assign(user_id=-1)):
        tracer.predict_proba(X)


@pytest.mark.parametrize(
    "ask", ["predict_proba", "predict", "predict_next", "knowledge_state"]
)
def test_every_question_is_judged(ask, class_log):
    late = class_log["order_id"] >= 10
    tracer = fit(TRACERS["BKT"], class_log[~late])
    with reported() as got:
        getattr(tracer, ask)(class_log[late])
    assert len(got) == 1
    assert got[0].filename == __file__


@pytest.mark.parametrize("order", ["order_id", None])
@pytest.mark.parametrize("seed", range(5))
def test_what_was_learnt_from_and_more_is_never_reported(class_log, order, seed):
    rng = np.random.default_rng(seed)
    tracer = fit(MeanClassifier(order=order), class_log)
    later = class_log.assign(order_id=class_log["order_id"] + 20)
    new = later[rng.uniform(size=len(later)) < rng.uniform()]
    few = class_log["order_id"] < rng.integers(1, 20)
    for X in (class_log, class_log[few], pd.concat([class_log, new])):
        tracer.predict_proba(X)
    if order is not None:  # rows that are told by their time, not by their place
        part = class_log[rng.uniform(size=len(class_log)) < rng.uniform()]
        shuffled = pd.concat([new, class_log]).sample(frac=1, random_state=seed)
        for X in (part, shuffled, shuffled.set_axis([0] * len(shuffled))):
            tracer.predict_proba(X)
        earlier = new.assign(order_id=-new["order_id"])
        tracer.predict_proba(pd.concat([class_log, earlier]))


def test_only_students_of_whom_rows_are_missing_are_counted(early, class_log):
    late = class_log["order_id"] >= 10
    X = class_log[late | (class_log["user_id"] >= 3)]
    with reported(match="about 3 of its 24 students without .* such as 0, 1"):
        early.predict_proba(X)


def test_rows_without_an_answer_are_no_rows_to_score(early, class_log):
    late = class_log["order_id"] >= 10
    early.predict_proba(class_log[late].assign(correct=np.nan))
    masked = class_log["correct"].where(class_log["order_id"] < 5)
    early.predict_proba(class_log.assign(correct=masked))
    # Nor are they learnt from: that they are not asked again misses nothing.
    asked = class_log.assign(correct=class_log["correct"].where(~late))
    tracer = MeanClassifier().fit(asked, asked["correct"])
    tracer.predict_proba(pd.concat([class_log[~late], class_log[late].iloc[::2]]))


def test_another_skill_or_answer_in_the_same_row_misses_nothing(class_log):
    for log in (class_log, make_log()):
        tracer = fit(MeanClassifier(), log)
        for X in (
            log.assign(skill_name="new"),
            log.assign(skill_name=np.nan),
            log.assign(skill_name=log["skill_name"].to_numpy()[::-1]),
            log.assign(correct=1 - log["correct"]),
        ):
            tracer.predict_proba(X)


def test_joined_rows_and_rows_of_each_skill_are_the_same(class_log):
    tied = class_log.assign(order_id=class_log["order_id"] // 2)
    tied = tied.drop_duplicates(["user_id", "order_id", "skill_name"])
    joined = tied.groupby(["user_id", "order_id"], as_index=False).agg(
        {"skill_name": "~~".join, "correct": "first"}
    )
    assert joined["skill_name"].str.contains("~~").mean() > 0.5
    for learnt_from, asked in ((tied, joined), (joined, tied)):
        tracer = fit(MeanClassifier(), learnt_from)
        tracer.predict_proba(asked)
        odd = asked["order_id"] % 2 == 1
        even = learnt_from["order_id"] % 2 == 0
        with reported(match="about 24 of its 24"):
            fit(MeanClassifier(), learnt_from[even]).predict_proba(asked[odd])


def test_a_few_answers_of_a_coarse_clock_are_reported(class_log):
    days = class_log.assign(order_id=class_log["order_id"] // 10)
    rng = np.random.default_rng(0)
    test = rng.uniform(size=len(days)) < 0.2
    with reported():
        fit(MeanClassifier(), days[~test]).predict_proba(days[test])


@pytest.mark.parametrize("n", [10, 30, 100])
def test_other_rows_go_unnoticed_as_often_as_the_sketch_says(n):
    # One row of each of many students, n others of whom were learnt from.
    log = make_class(n_students=800, n_steps=n + 1)
    alone = log["order_id"] == np.random.default_rng(1).integers(0, n + 1)
    tracer = fit(MeanClassifier(), log[~alone])
    whose = check_interactions(log[alone], ROLES)
    coded = tracer._encode(whose)
    times = read_times(log[alone], "order_id", coded.student)
    found = tracer._learnt_.find_split(coded, times, "order_id").mean()
    expected = min(8 / n, 1)
    assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / 800) + 1 / n


# --- one row, in whatever form -----------------------------------------------------

DATES = pd.Timestamp("2024-02-29 12:00") + pd.to_timedelta(np.arange(20), "h")
FORMS = {
    "numbers": lambda X: X.astype({"user_id": float, "order_id": "float32"}),
    "small numbers": lambda X: X.astype({"user_id": "int8", "order_id": "uint16"}),
    "nullable": lambda X: X.convert_dtypes(),
    "names as categories": lambda X: X.astype(
        {"skill_name": "category", "user_id": "category"}
    ),
    "names as objects": lambda X: X.astype({"skill_name": object, "user_id": object}),
    "renamed": lambda X: X.set_axis([f"row {k % 7}" for k in range(len(X))]),
    "shuffled": lambda X: X.sample(frac=1, random_state=0),
}


@pytest.mark.parametrize("form", FORMS)
def test_types_of_columns_mean_nothing(form, class_log):
    late = class_log["order_id"] >= 10
    other = FORMS[form](class_log)
    tracer = fit(MeanClassifier(), class_log[~late])
    tracer.predict_proba(other)
    is_late = (other["order_id"] >= 10).to_numpy(bool)
    with reported(match="about 24 of its 24"):
        tracer.predict_proba(other[is_late])
    back = fit(MeanClassifier(), other[~is_late])
    back.predict_proba(class_log)
    with reported(match="about 24 of its 24"):
        back.predict_proba(class_log[late])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_units_and_zones_of_dates_mean_nothing(class_log, unit, zone):
    log = class_log.assign(order_id=DATES.to_numpy()[class_log["order_id"]])
    late = class_log["order_id"] >= 10
    when = log["order_id"].dt.as_unit(unit)
    if zone is not None:  # dates without one are read as UTC
        when = when.dt.tz_localize("UTC").dt.tz_convert(zone)
    other = log.assign(order_id=when)
    tracer = fit(MeanClassifier(), log[~late])
    tracer.predict_proba(other)
    with reported(match="about 24 of its 24"):
        tracer.predict_proba(other[late])


def test_several_columns_of_order_are_told_by_their_values(class_log):
    log = class_log.assign(
        day=DATES.to_numpy()[class_log["order_id"] // 4], row=class_log["order_id"] % 4
    )
    tracer = fit(MeanClassifier(order=["day", "row"]), log[log["order_id"] < 10])
    tracer.predict_proba(log[log["order_id"] < 5])  # whose ranks are others
    tracer.predict_proba(log.sample(frac=1, random_state=0))
    message = r"TimeSplit\(5, order=\['day', 'row'\]\)"
    with reported(match=message):
        tracer.predict_proba(log[log["order_id"] >= 10])


def test_names_have_hashes_of_their_own():
    names = [-2, -1, 0, 1, 2**60, 2**60 + 1, 0.5, "1", "", "a", ("a", 1), ("a", 2)]
    column = np.empty(len(names), dtype=object)
    column[:] = names
    assert len(np.unique(hash_names(column))) == len(names)
    for alike in (
        (np.array([1, 2]), np.array([1.0, 2.0]), np.array([1, 2], dtype=object)),
        (np.array([True]), np.array([1], dtype=np.uint8)),
        (np.array(DATES, "datetime64[s]"), np.array(DATES, "datetime64[ns]")),
        (np.array(["x"]), np.array(["x"], dtype=object)),
    ):
        for other in alike[1:]:
            np.testing.assert_array_equal(hash_names(alike[0]), hash_names(other))


def test_hashes_are_the_same_in_every_process():
    # Files are read by another process, whose hash("a") is another.
    found = hash_names(np.array(["a", 7], dtype=object)).tolist()
    assert found == [17730852135435886038, 639464881952108352]


# --- what is kept ------------------------------------------------------------------


def remember(X, tracer):
    log = tracer._encode(check_interactions(X, ROLES))
    return Learnt.of(log, read_times(X, "order_id", log.student), "order_id")


def test_parts_are_merged_into_what_the_whole_would_be(class_log):
    tracer = fit(MeanClassifier(), class_log)
    part = np.random.default_rng(0).uniform(size=len(class_log)) < 0.3
    part |= class_log["user_id"] == 5  # whom the other part lacks
    one, other = (remember(class_log[own], tracer) for own in (part, ~part))
    whole = remember(class_log, tracer)
    for merged in (one.merge(other), other.merge(one), whole.merge(one)):
        for got, expected in zip(merged, whole, strict=True):
            np.testing.assert_array_equal(got, expected)


def test_the_smallest_hashes_are_kept(class_log):
    tracer = fit(MeanClassifier(), class_log)
    kept = remember(class_log, tracer)
    assert (kept.sizes == 8).all()
    assert not kept.is_whole.any()
    rows = kept.row.reshape(-1, 8)
    assert (np.diff(rows.astype(np.int64), axis=1) > 0).all()
    # Of 20 uniform numbers the largest of the smallest 8 is about 8 / 21.
    assert abs(rows[:, -1].mean() / 2**32 - 8 / 21) < 0.07
    few = remember(class_log[class_log["order_id"] < 8], tracer)
    assert few.is_whole.all()
    n_bytes = sum(values.nbytes for values in kept) / len(kept.students)
    assert n_bytes < 100


def test_a_fitted_file_holds_no_names():
    log = make_class(6).assign(user_id=lambda X: "secret " + X["user_id"].astype(str))
    assert b"secret" not in pickle.dumps(fit(MeanClassifier(), log))


def test_pickles_remember_and_clones_forget(class_log):
    late = class_log["order_id"] >= 10
    tracer = fit(MeanClassifier(), class_log[~late])
    params = tracer.get_params()
    with reported():
        pickle.loads(pickle.dumps(tracer)).predict_proba(class_log[late])
    clone(tracer).fit(class_log, class_log["correct"]).predict_proba(class_log[late])
    tracer.fit(class_log, class_log["correct"]).predict_proba(class_log[late])
    assert tracer.get_params() == params
    del tracer._learnt_  # as in a file of an earlier release
    tracer.predict_proba(class_log[late].assign(order_id=-1))


def test_students_without_weight_are_strangers(class_log):
    late = class_log["order_id"] >= 10
    weight = (class_log["user_id"] < 3).to_numpy(float)[~late]
    early = class_log[~late]
    tracer = MeanClassifier().fit(early, early["correct"], sample_weight=weight)
    with reported(match="about 3 of its 24 students"):
        tracer.predict_proba(class_log[late])


def test_partial_fit_remembers_all_it_was_given(class_log):
    early = class_log["order_id"] < 7
    middle = ~early & (class_log["order_id"] < 14)
    tracer = small_dkt()
    for own in (early, middle):  # without a word
        tracer.partial_fit(class_log[own], class_log["correct"][own])
    tracer.predict_proba(class_log[early | middle])
    tracer.predict_proba(class_log[middle])
    with reported(match="about 24 of its 24"):
        tracer.predict_proba(class_log[~early & ~middle])
    del tracer._learnt_  # as in a file of an earlier release
    tracer.partial_fit(class_log[early], class_log["correct"][early])
