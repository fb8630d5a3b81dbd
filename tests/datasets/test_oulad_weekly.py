"""The weeks of the Open University data against their definitions, written out."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.utils import Bunch

from sktrace.datasets._oulad import fetch_oulad
from sktrace.datasets._oulad_weekly import (
    ACTIVITY,
    CALENDAR,
    CLICK_ACTIVITY,
    ENROLMENT,
    oulad_weekly,
)

from .test_oulad_files import CLICKS, FILES, write

PRESENTATION = ENROLMENT[:2]
# Of unequal length: the last day of the second is the first of its last week.
LENGTHS = {("AAA", "2013J"): 28, ("AAA", "2014B"): 22, ("BBB", "2013J"): 10}
WEEKS = {("AAA", "2013J"): 4, ("AAA", "2014B"): 4, ("BBB", "2013J"): 2}
N_ASSESSMENTS = 9
seeds = st.integers(0, 2**31)
few = settings(max_examples=25, deadline=None)


def keyed(rows, *columns):
    return pd.DataFrame(rows, columns=[*PRESENTATION, *columns])


def make_tables(seed, clicks=True):
    """Make up three presentations in which anything may happen, in shuffled rows.

    Scores have many digits: sums of them tell in which order they were added.
    """
    rng = np.random.default_rng(seed)
    courses, assessments, info, registrations, submissions, log = ([] for _ in range(6))
    for number, (key, length) in enumerate(LENGTHS.items()):
        courses.append((*key, length))
        ids = np.arange(N_ASSESSMENTS) + 10 * number
        for item in ids:
            kind = rng.choice(["TMA", "CMA", "Exam"])
            due = (
                np.nan
                if kind == "Exam" and rng.random() < 0.5
                else rng.integers(-3, 33)
            )
            assessments.append(
                (*key, item, kind, due, rng.choice([0.0, 0.1, 0.7, 40.0]))
            )
        for student in rng.choice(20, 4, replace=False):
            info.append((*key, student, rng.choice(["Pass", "Fail", "Withdrawn"])))
            registered = rng.choice([-40, -1, 0, 6, 7, 20, 50, np.nan])
            left = rng.choice([-9, 13, np.nan])
            registrations.append((*key, student, registered, left))
            for item in ids[rng.random(N_ASSESSMENTS) < 0.7]:
                day, score = (
                    rng.choice([-5, 2, 3, 5, 9, 44]),
                    rng.choice([np.nan, *rng.random(3)]),
                )
                submissions.append((item, student, day, rng.integers(2), 100 * score))
            log += [
                (*key, student, rng.integers(3), rng.integers(-15, 40), rng.integers(9))
                for _ in range(rng.integers(12))
            ]
    log.append(("BBB", "2013J", 99, 0, 1, 5))  # of nobody who is enrolled
    log.append(("CCC", "2013J", info[0][2], 0, 1, 5))
    results = ["id_assessment", "id_student", "date_submitted", "is_banked", "score"]
    dates = ["id_student", "date_registration", "date_unregistration"]
    items = ["id_assessment", "assessment_type", "date", "weight"]
    tables = Bunch(
        courses=keyed(courses, "module_presentation_length"),
        assessments=keyed(assessments, *items),
        student_info=keyed(info, "id_student", "final_result"),
        student_registration=keyed(registrations, *dates),
        student_assessment=pd.DataFrame(submissions, columns=results),
        vle=None,
        student_vle=keyed(log, "id_student", "id_site", "date", "sum_click"),
    )
    tables = shuffled(tables, seed)
    if not clicks:
        tables.student_vle = None
    return tables


def frames(tables):
    return {n: t for n, t in tables.items() if isinstance(t, pd.DataFrame)}


def changed(tables, **new):
    return Bunch(**{**tables, **new})


def shuffled(tables, seed):
    new = {n: t.sample(frac=1, random_state=seed) for n, t in frames(tables).items()}
    return changed(tables, **new)


def assert_identical(weeks, others):
    """Same to the last bit."""
    assert_frame_equal(
        weeks.reset_index(drop=True), others.reset_index(drop=True), check_exact=True
    )


def rows_of(table, **keys):
    for name, value in keys.items():
        table = table[table[name] == value]
    return table.to_dict("records")


def week_of(day):
    return max(1, day // 7 + 1)


def mean(values, if_none):
    return sum(values) / len(values) if values else if_none


def describe_week(tables, key, student, week):
    """Return what the docstring promises of one week, counted one by one."""
    own = dict(zip(PRESENTATION, key, strict=True))
    calendar = {
        item["id_assessment"]: item for item in rows_of(tables.assessments, **own)
    }
    for item in calendar.values():
        item["week"] = week_of(lengths_of(tables)[key] - 1)
        if not np.isnan(item["date"]):
            item["week"] = week_of(item["date"])
    due = [item for item in calendar.values() if item["week"] == week]
    done = [
        {**calendar[result["id_assessment"]], **result}
        for result in rows_of(tables.student_assessment, id_student=student)
        if result["id_assessment"] in calendar
        and week_of(result["date_submitted"]) <= week
    ]
    now = [result for result in done if week_of(result["date_submitted"]) == week]
    earned = [result for result in now if not result["is_banked"]]
    scores = [r["score"] for r in earned if not np.isnan(r["score"])]
    so_far = [r["score"] for r in done if not np.isnan(r["score"])]
    early = [r["date"] - r["date_submitted"] for r in earned if not np.isnan(r["date"])]
    open_items = set(calendar) - {result["id_assessment"] for result in done}
    (dates,) = rows_of(tables.student_registration, **own, id_student=student)
    since = 7 * week - 1 - max(0, np.nan_to_num(dates["date_registration"]))
    kinds = [item["assessment_type"] for item in due]
    expected = {
        "tma_due": kinds.count("TMA"),
        "cma_due": kinds.count("CMA"),
        "exam_due": kinds.count("Exam"),
        "weight_due": sum(item["weight"] for item in due),
        "n_submitted": len(earned),
        "n_scored": len(scores),
        "mean_score": mean(so_far, 0),
        "days_early": mean(early, 0),
        "n_banked": len(now) - len(earned),
        "n_overdue": sum(calendar[item]["week"] <= week for item in open_items),
        "registered": since >= 0,
        "days_registered": since if since >= 0 else 0,
    }
    if tables.student_vle is not None:
        log = rows_of(tables.student_vle, **own, id_student=student)
        log = [click for click in log if week_of(click["date"]) == week]
        expected |= {
            "clicks": sum(click["sum_click"] for click in log),
            "days_active": len({click["date"] for click in log}),
            "n_sites": len({click["id_site"] for click in log}),
        }
    return expected | {"score": mean(scores, np.nan)}


def lengths_of(tables):
    return tables.courses.set_index(PRESENTATION)["module_presentation_length"]


# --- the definitions ---------------------------------------------------------------


@few
@given(seed=seeds, clicks=st.booleans())
def test_every_number_is_what_its_definition_says(seed, clicks):
    tables = make_tables(seed, clicks=clicks)
    weeks, enrolments = oulad_weekly(tables)
    keys = sorted(tables.student_info[ENROLMENT].itertuples(index=False, name=None))
    assert enrolments.index.tolist() == keys
    expected = [
        {**dict(zip(ENROLMENT, key, strict=True)), "week": week}
        | describe_week(tables, key[:2], key[2], week)
        for key in keys
        for week in range(1, WEEKS[key[:2]] + 1)
    ]
    assert weeks.columns.tolist() == list(expected[0])
    assert_frame_equal(weeks, pd.DataFrame(expected), check_dtype=False, rtol=1e-12)


@few
@given(seed=seeds)
def test_columns_are_those_of_the_constants_and_all_numbers(seed):
    tables = make_tables(seed)
    weeks, _ = oulad_weekly(tables)
    features = [*CALENDAR, *ACTIVITY, *CLICK_ACTIVITY]
    assert weeks.columns.tolist() == [*ENROLMENT, "week", *features, "score"]
    assert (weeks.dtypes[[*features, "score"]] == np.float64).all()
    assert np.isfinite(weeks[features].to_numpy()).all()
    assert weeks["score"].isna().equals(weeks["n_scored"] == 0)
    assert (weeks.drop(columns=[*ENROLMENT, "days_early", "score"]) >= 0).all(axis=None)


@few
@given(seed=seeds)
def test_the_calendar_is_the_same_for_all_of_a_presentation(seed):
    tables = make_tables(seed)
    weeks, _ = oulad_weekly(tables)
    by_week = weeks.groupby([*PRESENTATION, "week"])[list(CALENDAR)]
    assert (by_week.nunique() == 1).all(axis=None)
    nothing = changed(
        tables,
        student_assessment=tables.student_assessment[:0],
        student_vle=tables.student_vle[:0],
    )
    idle, _ = oulad_weekly(nothing)
    assert_identical(idle[list(CALENDAR)], weeks[list(CALENDAR)])
    activity = ["n_submitted", "n_scored", "mean_score", "n_banked", *CLICK_ACTIVITY]
    assert (idle[activity] == 0).all(axis=None)
    assert idle["score"].isna().all()


def test_enrolments_say_how_it_ended_and_when(tmp_path):
    _, enrolments = oulad_weekly(fetch_oulad(write(tmp_path / "tables", FILES)))
    assert enrolments.index.names == ENROLMENT
    assert enrolments["final_result"].tolist() == [
        "Pass", "Withdrawn", "Distinction", "Fail",
    ]  # fmt: skip
    assert enrolments["passed"].tolist() == [1, 0, 1, 0]
    left = enrolments["week_unregistered"].tolist()
    np.testing.assert_array_equal(left, [np.nan, 3, np.nan, 0])  # days 16 and -2


@pytest.mark.parametrize(
    ("day", "week"), [(-20, 1), (-1, 1), (0, 1), (6, 1), (7, 2), (27, 4), (28, None)]
)
def test_the_week_of_a_day(tmp_path, day, week):
    """A submission, a click and a due date of one day all fall into its week."""
    files = FILES | CLICKS
    submitted = (
        f"id_assessment,id_student,date_submitted,is_banked,score\n2,11,{day},0,50"
    )
    clicked = CLICKS["studentVle"].splitlines()[0] + f"\nAAA,2013J,11,5,{day},3"
    files |= {"studentAssessment": submitted, "studentVle": clicked}
    files["assessments"] = files["assessments"].replace("2,CMA,13", f"2,CMA,{day}")
    weeks, _ = oulad_weekly(fetch_oulad(write(tmp_path / "tables", files)))
    own = weeks.query("code_presentation == '2013J' and id_student == 11")
    expected = [int(number == week) for number in (1, 2, 3, 4)]
    for column in ["n_submitted", "n_scored", "cma_due", "days_active", "n_sites"]:
        assert own[column].tolist() == expected, column
    assert own["clicks"].tolist() == [3 * number for number in expected]
    assert (own["days_early"] == 0).all()


# --- who may see what --------------------------------------------------------------


def forget_after(tables, day):
    """Return the tables as they would be at the end of a day."""
    known = dict(frames(tables))
    submitted, registered = known["student_assessment"], known["student_registration"]
    known["student_assessment"] = submitted[submitted["date_submitted"] <= day]
    later = registered["date_registration"] > day
    known["student_registration"] = registered.assign(
        date_registration=registered["date_registration"].mask(later, 10_000)
    )
    if tables.student_vle is not None:
        log = known["student_vle"]
        known["student_vle"] = log[log["date"] <= day]
    return changed(tables, **known)


@few
@given(seed=seeds, week=st.integers(1, 4))
def test_what_comes_after_a_week_changes_nothing_up_to_it(seed, week):
    tables = make_tables(seed)
    weeks, _ = oulad_weekly(tables)
    known, _ = oulad_weekly(forget_after(tables, 7 * week - 1))
    seen = weeks["week"] <= week
    assert_identical(known[seen], weeks[seen])


@few
@given(seed=seeds)
def test_no_number_tells_how_it_ended(seed):
    tables = make_tables(seed)
    weeks, _ = oulad_weekly(tables)
    rng = np.random.default_rng(seed)
    info, registered = tables.student_info, tables.student_registration
    results = rng.choice(["Pass", "Distinction", "Fail", "Withdrawn"], len(info))
    left = rng.choice([np.nan, -100.0, 0.0, 11.0], len(info))
    other = changed(
        tables,
        student_info=info.assign(final_result=results),
        student_registration=registered.assign(date_unregistration=left),
    )
    again, enrolments = oulad_weekly(other)
    assert_identical(again, weeks)
    assert sorted(enrolments["final_result"]) == sorted(results)


@few
@given(seed=seeds, day=st.sampled_from([-300.0, -40.0, -1.0, 0.0]))
def test_a_missing_date_of_registration_is_one_before_the_first_day(seed, day):
    tables = make_tables(seed)
    registered = tables.student_registration
    filled = registered["date_registration"].fillna(day)
    filled = registered.assign(date_registration=filled)
    weeks, _ = oulad_weekly(changed(tables, student_registration=filled))
    assert_identical(weeks, oulad_weekly(tables)[0])


@few
@given(seed=seeds)
def test_the_order_of_rows_does_not_matter(seed):
    tables = make_tables(seed)
    weeks, enrolments = oulad_weekly(tables)
    other_weeks, other_enrolments = oulad_weekly(shuffled(tables, seed + 1))
    assert_identical(other_weeks, weeks)
    assert_frame_equal(other_enrolments, enrolments)


@few
@given(seed=seeds)
def test_a_student_does_not_depend_on_others(seed):
    tables = make_tables(seed)
    weeks, enrolments = oulad_weekly(tables)
    some = tables.student_info.sample(5, random_state=seed)
    alone_weeks, alone = oulad_weekly(changed(tables, student_info=some))
    chosen = pd.MultiIndex.from_frame(weeks[ENROLMENT]).isin(alone.index)
    assert_identical(alone_weeks, weeks[chosen])
    assert_frame_equal(alone, enrolments[enrolments.index.isin(alone.index)])


@few
@given(seed=seeds, n_weeks=st.integers(1, 6))
def test_fewer_weeks_are_the_first_ones(seed, n_weeks):
    tables = make_tables(seed)
    weeks, enrolments = oulad_weekly(tables)
    first, same = oulad_weekly(tables, n_weeks=n_weeks)
    assert_identical(first, weeks[weeks["week"] <= n_weeks])
    assert_frame_equal(same, enrolments)
    sizes = first.groupby(PRESENTATION)["week"].max().to_dict()
    assert sizes == {key: min(n, n_weeks) for key, n in WEEKS.items()}


def test_how_the_names_in_the_click_log_are_stored_does_not_matter():
    tables = make_tables(0)
    log = tables.student_vle.astype(dict.fromkeys(PRESENTATION, "category"))
    weeks, _ = oulad_weekly(changed(tables, student_vle=log))
    assert_identical(weeks, oulad_weekly(tables)[0])


def test_nothing_is_changed():
    tables = make_tables(0)
    before = {name: table.copy() for name, table in frames(tables).items()}
    oulad_weekly(tables, n_weeks=3)
    assert frames(tables).keys() == before.keys()
    for name, table in before.items():
        assert_frame_equal(tables[name], table, check_exact=True)


# --- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize("n_weeks", [0, -1, 2.5, "3", True])
def test_numbers_of_weeks_that_are_none(n_weeks):
    with pytest.raises(ValueError, match=r"^n_weeks=.*; expected at least 1, or None"):
        oulad_weekly(make_tables(0), n_weeks=n_weeks)


def test_something_else_than_the_tables():
    with pytest.raises(
        TypeError, match=r"as DataFrame; expected the Bunch that fetch_"
    ):
        oulad_weekly(make_tables(0).student_info)


@pytest.mark.parametrize("odd", [None, {}, [1]])
def test_a_bunch_without_a_table(odd):
    tables = make_tables(0)
    message = r"^Got a Bunch without the table\(s\) \['assessments'\]; expected those"
    with pytest.raises(ValueError, match=message):
        oulad_weekly(changed(tables, assessments=odd))
    del tables["assessments"]
    with pytest.raises(ValueError, match=message):
        oulad_weekly(tables)


@pytest.mark.parametrize(
    "name",
    [
        "courses",
        "assessments",
        "student_info",
        "student_registration",
        "student_assessment",
    ],
)
def test_rows_that_are_there_twice(name):
    tables = make_tables(0)
    twice = changed(tables, **{name: pd.concat([tables[name], tables[name][:1]])})
    with pytest.raises(ValueError, match=rf"^{name} lists 1 \w+\(s\) twice; expected"):
        oulad_weekly(twice)


def test_unknown_words_and_empty_tables():
    tables = make_tables(0)
    info, items = tables.student_info, tables.assessments
    odd = changed(tables, student_info=info.assign(final_result="passed"))
    with pytest.raises(
        ValueError, match=r"final_result is 'passed' .* expected \['Pass"
    ):
        oulad_weekly(odd)
    odd = changed(tables, assessments=items.assign(assessment_type="quiz"))
    with pytest.raises(ValueError, match=r"assessment_type is 'quiz' .* expected"):
        oulad_weekly(odd)
    with pytest.raises(ValueError, match="student_info has no rows; expected at least"):
        oulad_weekly(changed(tables, student_info=info[:0]))
    with pytest.raises(ValueError, match=r"courses lacks the presentation \('AAA', "):
        oulad_weekly(
            changed(tables, courses=tables.courses.query("code_module != 'AAA'"))
        )


# --- the real tables ---------------------------------------------------------------


@pytest.fixture(scope="module")
def real(data):
    return fetch_oulad(data / "oulad", clicks=False)


@pytest.fixture(scope="module")
def real_weeks(real):
    start = time.process_time()
    weeks, enrolments = oulad_weekly(real)
    return weeks, enrolments, time.process_time() - start


def test_real_weeks_are_whole(real, real_weeks):
    weeks, enrolments, seconds = real_weeks
    assert seconds < 20  # it takes about one and a half
    assert weeks.shape == (1_212_577, 17)
    assert weeks.select_dtypes("number").to_numpy().nbytes < 2e8
    lengths = -(-lengths_of(real) // 7)
    sizes = weeks.groupby(ENROLMENT)["week"].agg(["size", "max", "nunique"])
    assert sizes.index.equals(enrolments.index)
    for column in sizes:  # the same for who passed and who withdrew
        own = lengths.loc[sizes.index.droplevel(2)].to_numpy()
        np.testing.assert_array_equal(sizes[column], own)
    assert lengths.between(34, 39).all()
    assert enrolments["passed"].sum() == 12_361 + 3_024
    assert enrolments["week_unregistered"].notna().sum() == 32_593 - 22_521


def test_real_numbers_add_up(real, real_weeks):
    weeks, _, _ = real_weeks
    assert np.isfinite(weeks[[*CALENDAR, *ACTIVITY]].to_numpy()).all()
    results = real.student_assessment.merge(real.assessments, on="id_assessment")
    results = results.merge(real.courses)
    length = results["module_presentation_length"]
    inside = results["date_submitted"] < 7 * np.ceil(length / 7)
    earned = results[inside & (results["is_banked"] == 0)]
    assert weeks["n_banked"].sum() == 1_909
    assert weeks["n_submitted"].sum() == len(earned)
    assert weeks["n_scored"].sum() == earned["score"].notna().sum()
    scores = (weeks["score"] * weeks["n_scored"]).sum()
    np.testing.assert_allclose(scores, earned["score"].sum(), rtol=1e-12)
    one = weeks.drop_duplicates([*PRESENTATION, "week"]).groupby(PRESENTATION)
    weights = real.assessments.groupby(PRESENTATION)["weight"].sum()
    assert one["weight_due"].sum().equals(weights.astype(float))
    assert (weeks["mean_score"].between(0, 100)).all()


def test_a_missing_real_date_of_registration_is_one_of_many(real, real_weeks):
    weeks, _, _ = real_weeks
    first = weeks[weeks["week"] == 1].set_index(ENROLMENT)
    dates = real.student_registration.set_index(ENROLMENT)["date_registration"]
    undated = dates.isna().loc[first.index]
    assert undated.sum() == 45
    assert (first.loc[undated, "registered"] == 1).all()
    assert (first.loc[undated, "days_registered"] == 6).all()
    assert (first.loc[~undated, "days_registered"] == 6).mean() > 0.99


def test_some_real_enrolments_one_by_one(real, real_weeks):
    weeks, enrolments, _ = real_weeks
    weeks = weeks.set_index(ENROLMENT).sort_index()
    for key in enrolments.sample(8, random_state=0).index:
        found = weeks.loc[[key]].set_index("week")
        for week in [1, 5, 20, len(found)]:
            expected = describe_week(real, key[:2], key[2], week)
            row = found.loc[week]
            np.testing.assert_allclose(row[list(expected)], list(expected.values()))


@pytest.mark.parametrize("week", [1, 20])
def test_real_weeks_do_not_look_ahead(real, real_weeks, week):
    known, _ = oulad_weekly(forget_after(real, 7 * week - 1), n_weeks=week)
    weeks, _, _ = real_weeks
    assert_identical(known, weeks[weeks["week"] <= week])
