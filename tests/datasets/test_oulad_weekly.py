"""The weeks of the Open University data, by hand and against their definitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sktrace import Sequences
from sktrace.datasets import (
    OULAD_ACTIVITY,
    OULAD_CALENDAR,
    OULAD_CLICKS,
    fetch_oulad,
    oulad_weekly,
)

from ._oulad_tables import (
    CLICKS,
    ENROLMENT,
    FILE_OF,
    FILES,
    PRESENTATION,
    WEEKS,
    Definitions,
    assert_identical,
    changed,
    frames,
    known_by,
    make_tables,
    shuffled,
    write,
)

seeds = st.integers(0, 2**31)
few = settings(max_examples=8, deadline=None)


def weeks_of(weeks, *enrolment):
    return weeks.set_index([*ENROLMENT, "week"]).loc[enrolment]


# --- by hand -----------------------------------------------------------------------


def test_enrolments_say_how_it_ended_and_have_all_weeks_of_their_presentation(
    oulad_without_clicks,
):
    weeks, enrolments = oulad_weekly(oulad_without_clicks)
    sizes = weeks.groupby(ENROLMENT).size()
    assert sizes.tolist() == [4, 4, 4, 4]  # 28 days are 4 weeks, and 22 are begun ones
    assert sizes.index.equals(enrolments.index)
    assert enrolments.index.names == ENROLMENT
    assert enrolments["final_result"].tolist() == [
        "Pass", "Withdrawn", "Distinction", "Fail",
    ]  # fmt: skip
    assert enrolments["passed"].tolist() == [1, 0, 1, 0]
    left = enrolments["week_unregistered"].tolist()
    np.testing.assert_array_equal(left, [np.nan, 3, np.nan, 0])  # days 16 and -2
    X = Sequences.from_frame(weeks, by=ENROLMENT, order="week")
    assert X.ids.equals(enrolments.index)


def test_every_number_by_hand(oulad_without_clicks):
    weeks, _ = oulad_weekly(oulad_without_clicks)
    expected = {  # two assessments in week 2, an exam at the end
        "tma_due": [0, 1, 0, 0],
        "cma_due": [0, 1, 0, 0],
        "exam_due": [0, 0, 0, 1],
        "weight_due": [0, 50, 0, 50],
        "n_submitted": [0, 1, 1, 0],
        "n_scored": [0, 1, 1, 0],
        "mean_score": [0, 80, 70, 70],
        "days_early": [0, 2, -2, 0],
        "n_banked": [0, 0, 0, 0],
        "n_overdue": [0, 1, 0, 1],
        "registered": [1, 1, 1, 1],
        "days_registered": [6, 13, 20, 27],  # since the first day
        "score": [np.nan, 80, 60, np.nan],
    }
    own = weeks_of(weeks, "AAA", "2013J", 11)
    assert own.columns.tolist() == list(expected)
    np.testing.assert_array_equal(own.to_numpy().T, list(expected.values()))


def test_banked_results_are_known_at_once_and_were_not_earned_now(oulad_without_clicks):
    own = weeks_of(oulad_weekly(oulad_without_clicks)[0], "AAA", "2013J", 12)
    assert own["n_banked"].tolist() == [1, 0, 0, 0]
    assert own["mean_score"].tolist() == [70] * 4
    assert own["n_overdue"].tolist() == [0, 1, 1, 2]  # the banked one is done
    for column in ("n_submitted", "n_scored", "days_early"):
        assert (own[column] == 0).all()
    assert own["score"].isna().all()


def test_who_registers_late_is_not_registered_before(oulad_without_clicks):
    weeks, _ = oulad_weekly(oulad_without_clicks)
    late = weeks_of(weeks, "AAA", "2013J", 12)
    assert late["registered"].tolist() == [0, 1, 1, 1]
    assert late["days_registered"].tolist() == [0, 4, 11, 18]


def test_a_missing_date_of_registration_does_not_show(oulad_without_clicks):
    """Nearly all who have none withdrew; they look as 99 % do."""
    weeks, _ = oulad_weekly(oulad_without_clicks)
    own = weeks_of(weeks, "AAA", "2014J", 11)
    assert own["registered"].tolist() == [1, 1, 1, 1]
    assert own["days_registered"].tolist() == [6, 13, 20, 27]


def test_a_submission_without_a_score_and_one_after_the_end(oulad_without_clicks):
    weeks, _ = oulad_weekly(oulad_without_clicks)
    unscored = weeks_of(weeks, "AAA", "2014J", 13)
    assert unscored["n_submitted"].tolist() == [1, 0, 0, 0]
    assert unscored["n_scored"].sum() == 0
    assert unscored["days_early"].tolist() == [8, 0, 0, 0]
    after = weeks_of(weeks, "AAA", "2014J", 11)  # on day 30 of 22
    assert after["n_submitted"].sum() == 0
    assert after["n_overdue"].tolist() == [0, 0, 1, 1]


def test_clicks(oulad, oulad_without_clicks):
    weeks, _ = oulad_weekly(oulad)
    own = weeks_of(weeks, "AAA", "2013J", 11)
    assert own["clicks"].tolist() == [7, 0, 0, 0]
    assert own["days_active"].tolist() == [2, 0, 0, 0]
    assert own["n_sites"].tolist() == [2, 0, 0, 0]
    assert weeks_of(weeks, "AAA", "2013J", 12)["clicks"].tolist() == [0, 0, 9, 0]
    without = weeks.drop(columns=["clicks", "days_active", "n_sites"])
    assert_frame_equal(without, oulad_weekly(oulad_without_clicks)[0])


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


# --- the definitions ---------------------------------------------------------------


@few
@given(seed=seeds, clicks=st.booleans())
def test_every_number_is_what_its_definition_says(seed, clicks):
    tables = make_tables(seed, clicks=clicks)
    weeks, enrolments = oulad_weekly(tables)
    keys = sorted(tables.student_info[ENROLMENT].itertuples(index=False, name=None))
    assert enrolments.index.tolist() == keys
    definitions = Definitions(tables)
    expected = [
        {**dict(zip(ENROLMENT, key, strict=True)), "week": week}
        | definitions.describe(key, week)
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
    features = [*OULAD_CALENDAR, *OULAD_ACTIVITY, *OULAD_CLICKS]
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
    by_week = weeks.groupby([*PRESENTATION, "week"])[list(OULAD_CALENDAR)]
    assert (by_week.nunique() == 1).all(axis=None)
    nothing = changed(
        tables,
        student_assessment=tables.student_assessment[:0],
        student_vle=tables.student_vle[:0],
    )
    idle, _ = oulad_weekly(nothing)
    assert_identical(idle[list(OULAD_CALENDAR)], weeks[list(OULAD_CALENDAR)])
    activity = ["n_submitted", "n_scored", "mean_score", "n_banked", *OULAD_CLICKS]
    assert (idle[activity] == 0).all(axis=None)
    assert idle["score"].isna().all()


# --- who may see what --------------------------------------------------------------


@few
@given(seed=seeds, week=st.integers(1, 4), clicks=st.booleans())
def test_what_comes_after_a_week_changes_nothing_up_to_it(seed, week, clicks):
    tables = make_tables(seed, clicks=clicks)
    weeks, _ = oulad_weekly(tables)
    known, _ = oulad_weekly(known_by(tables, 7 * week - 1))
    seen = weeks["week"] <= week
    assert_identical(known[seen], weeks[seen])


@pytest.mark.parametrize("week", [1, 2, 3, 4])
def test_no_week_made_by_hand_looks_ahead(oulad, week):
    weeks, _ = oulad_weekly(oulad)
    known, _ = oulad_weekly(known_by(oulad, 7 * week - 1))
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
    message = f"^n_weeks={n_weeks!r}; expected at least 1, or None"
    with pytest.raises(ValueError, match=message):
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


@pytest.mark.parametrize("name", FILE_OF)
def test_rows_that_are_there_twice(name):
    tables = make_tables(0)
    table = tables[name]
    for n in (1, len(table)):
        twice = changed(tables, **{name: pd.concat([table, table[:n]])})
        message = rf"^{name} lists {n} \w+\(s\) twice; expected"
        with pytest.raises(ValueError, match=message):
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
    courses = tables.courses.query("code_presentation != '2014B'")
    message = r"courses lacks the presentation \('AAA', '2014B'\); expected"
    with pytest.raises(ValueError, match=message):
        oulad_weekly(changed(tables, courses=courses))
