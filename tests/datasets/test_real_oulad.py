"""The real Open University tables and their weeks; skipped where they are missing."""

import time

import numpy as np
import pytest

from sktrace.datasets import (
    OULAD_ACTIVITY,
    OULAD_CALENDAR,
    fetch_oulad,
    oulad_weekly,
)

from ._oulad_tables import (
    ENROLMENT,
    FILE_OF,
    PRESENTATION,
    Definitions,
    assert_identical,
    known_by,
    lengths_of,
)


@pytest.fixture(scope="module")
def real(data):
    return fetch_oulad(data / "oulad", clicks=False)


@pytest.fixture(scope="module")
def real_weeks(real):
    start = time.process_time()
    weeks, enrolments = oulad_weekly(real)
    return weeks, enrolments, time.process_time() - start


def test_the_real_tables_are_those_of_the_paper(real):
    assert {name: len(real[name]) for name in FILE_OF} == {
        "courses": 22,
        "assessments": 206,
        "student_info": 32_593,
        "student_registration": 32_593,
        "student_assessment": 173_912,
    }
    assert real.student_info["id_student"].nunique() == 28_785
    assert real.student_info["final_result"].value_counts().to_dict() == {
        "Pass": 12_361, "Withdrawn": 10_156, "Fail": 7_052, "Distinction": 3_024,
    }  # fmt: skip
    assert real.assessments["assessment_type"].value_counts().to_dict() == {
        "TMA": 106, "CMA": 76, "Exam": 24,
    }  # fmt: skip
    assert real.assessments["date"].isna().sum() == 11
    assert real.student_info["imd_band"].isna().sum() == 1_111
    assert real.student_registration.isna().sum().tolist() == [0, 0, 0, 45, 22_521]
    assert real.student_assessment["score"].isna().sum() == 173
    assert real.student_assessment["score"].between(0, 100).sum() == 173_739
    banked = real.student_assessment.query("is_banked == 1")
    assert len(banked) == 1_909
    assert (banked["date_submitted"] == -1).all()
    undated = real.student_registration["date_registration"].isna()
    info = real.student_info.merge(real.student_registration[undated])
    assert (info["final_result"] == "Withdrawn").sum() == 39


def test_real_weeks_with_clicks_are_known_and_do_not_look_ahead(data):
    tables = fetch_oulad(data / "oulad")
    weeks, enrolments = oulad_weekly(tables)
    assert len(enrolments) == 32_593
    assert enrolments["final_result"].value_counts().to_dict() == {
        "Pass": 12_361, "Withdrawn": 10_156, "Fail": 7_052, "Distinction": 3_024,
    }  # fmt: skip
    assert weeks.drop(columns="score").notna().all(axis=None)
    assert (weeks["n_overdue"] >= 0).all()
    known, _ = oulad_weekly(known_by(tables, 7 * 10 - 1))
    seen = weeks["week"] <= 10
    assert_identical(known[seen], weeks[seen])


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
    assert np.isfinite(weeks[[*OULAD_CALENDAR, *OULAD_ACTIVITY]].to_numpy()).all()
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
    definitions = Definitions(real)
    for key in enrolments.sample(8, random_state=0).index:
        found = weeks.loc[[key]].set_index("week")
        for week in [1, 5, 20, len(found)]:
            expected = definitions.describe(key, week)
            row = found.loc[week]
            np.testing.assert_allclose(row[list(expected)], list(expected.values()))


@pytest.mark.parametrize("week", [1, 20])
def test_real_weeks_do_not_look_ahead(real, real_weeks, week):
    known, _ = oulad_weekly(known_by(real, 7 * week - 1), n_weeks=week)
    weeks, _, _ = real_weeks
    assert_identical(known, weeks[weeks["week"] <= week])
