"""The tables of the Open University data, and the weeks made of them."""

import gzip
import re
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils import Bunch

from sktrace import Sequences
from sktrace.datasets import OULAD_ACTIVITY, OULAD_CALENDAR, fetch_oulad, oulad_weekly

KEYS = ["code_module", "code_presentation", "id_student"]
FILES = {
    "courses": """\
code_module,code_presentation,module_presentation_length
AAA,2013J,28
AAA,2014J,22
""",
    "assessments": """\
code_module,code_presentation,id_assessment,assessment_type,date,weight
AAA,2013J,1,TMA,10,40
AAA,2013J,2,CMA,13,10
AAA,2013J,3,Exam,?,50
AAA,2014J,4,TMA,14,100
""",
    "studentInfo": """\
code_module,code_presentation,id_student,gender,region,highest_education,imd_band,\
age_band,num_of_prev_attempts,studied_credits,disability,final_result
AAA,2013J,11,M,Wales,HE Qualification,?,55<=,0,60,N,Pass
AAA,2013J,12,F,Wales,HE Qualification,10-20,0-35,0,60,N,Withdrawn
AAA,2014J,11,M,Wales,HE Qualification,?,55<=,1,60,N,Distinction
AAA,2014J,13,F,Wales,HE Qualification,?,0-35,0,60,N,Fail
""",
    "studentRegistration": """\
code_module,code_presentation,id_student,date_registration,date_unregistration
AAA,2013J,11,-20,?
AAA,2013J,12,9,16
AAA,2014J,11,?,?
AAA,2014J,13,-5,-2
""",
    "studentAssessment": """\
id_assessment,id_student,date_submitted,is_banked,score
1,11,8,0,80
2,11,15,0,60
1,12,-1,1,70
4,11,30,0,90
4,13,6,0,?
""",
}
CLICKS = {
    "vle": """\
id_site,code_module,code_presentation,activity_type,week_from,week_to
5,AAA,2013J,resource,?,?
6,AAA,2013J,forumng,1,2
""",
    "studentVle": """\
code_module,code_presentation,id_student,id_site,date,sum_click
AAA,2013J,11,5,-3,4
AAA,2013J,11,5,6,1
AAA,2013J,11,6,6,2
AAA,2013J,12,6,20,9
AAA,2014J,13,5,40,1
""",
}


def write(folder, files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture
def tables(tmp_path):
    return fetch_oulad(write(tmp_path / "tables", FILES))


@pytest.fixture
def clicked(tmp_path):
    return fetch_oulad(write(tmp_path / "clicked", FILES | CLICKS))


def enrolment(weeks, *key):
    return weeks.set_index([*KEYS, "week"]).loc[key]


# --- tables ------------------------------------------------------------------------


def test_missing_cells_are_missing(tables):
    assert tables.student_info["imd_band"].isna().tolist() == [True, False, True, True]
    assert tables.student_registration["date_unregistration"].tolist()[1] == 16
    assert np.isnan(tables.assessments["date"][2])
    assert tables.student_vle is None
    assert "CC BY 4.0" in tables.DESCR


def test_zip_folder_and_compressed_files_hold_the_same(tables, tmp_path):
    with ZipFile(tmp_path / "official.zip", "w") as archive:
        for name, text in FILES.items():
            archive.writestr(f"anonymisedData/{name}.csv", text)
    compressed = tmp_path / "compressed"
    compressed.mkdir()
    for name, text in FILES.items():
        (compressed / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    emptied = {name: text.replace("?", "") for name, text in FILES.items()}
    for other in (
        tmp_path / "official.zip",
        str(compressed),
        write(tmp_path / "empty", emptied),
    ):
        found = fetch_oulad(other)
        for name, table in tables.items():
            if isinstance(table, pd.DataFrame):
                pd.testing.assert_frame_equal(found[name], table)


def test_the_click_log_is_optional(clicked, tables, tmp_path):
    assert clicked.student_vle["sum_click"].sum() == 17
    assert fetch_oulad(tmp_path / "clicked", clicks=False).student_vle is None
    with pytest.raises(OSError, match=r"Found no vle.csv, studentVle.csv; got"):
        fetch_oulad(tmp_path / "tables", clicks=True)


def test_tables_in_the_data_folder_need_no_network(tables, tmp_path):
    write(tmp_path / "oulad", FILES)
    found = fetch_oulad(data_home=tmp_path, download_if_missing=False)
    pd.testing.assert_frame_equal(found.courses, tables.courses)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(OSError, match=r"anonymisedData\.zip"):
        fetch_oulad(data_home=tmp_path, download_if_missing=False)
    with pytest.raises(OSError, match="expected the official zip or a folder"):
        fetch_oulad(tmp_path / "nowhere")
    (tmp_path / "no.zip").write_text("text")
    with pytest.raises(OSError, match="is no zip"):
        fetch_oulad(tmp_path / "no.zip")
    some = write(tmp_path / "some", {"courses": FILES["courses"]})
    with pytest.raises(OSError, match=re.escape("got the tables ['courses']")):
        fetch_oulad(some)
    odd = FILES | {"courses": "code_module,length\nAAA,3\n"}
    with pytest.raises(ValueError, match=r"courses\.csv is not as published"):
        fetch_oulad(write(tmp_path / "odd", odd))


# --- weeks -------------------------------------------------------------------------


def test_every_enrolment_has_all_weeks_of_its_presentation(tables):
    weeks, enrolments = oulad_weekly(tables)
    sizes = weeks.groupby(KEYS).size()
    assert sizes.tolist() == [4, 4, 4, 4]  # 28 days are 4 weeks, and 22 are begun ones
    assert sizes.index.equals(enrolments.index)
    assert enrolments["passed"].tolist() == [1, 0, 1, 0]
    np.testing.assert_array_equal(
        enrolments["week_unregistered"], [np.nan, 3, np.nan, 0]
    )
    X = Sequences.from_frame(weeks, by=KEYS, order="week")
    assert X.ids.equals(enrolments.index)


def test_every_number_by_hand(tables):
    weeks, _ = oulad_weekly(tables)
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
    own = enrolment(weeks, "AAA", "2013J", 11)
    assert own.columns.tolist() == list(expected)
    np.testing.assert_array_equal(own.to_numpy().T, list(expected.values()))


def test_banked_results_are_known_at_once_and_were_not_earned_now(tables):
    own = enrolment(oulad_weekly(tables)[0], "AAA", "2013J", 12)
    assert own["n_banked"].tolist() == [1, 0, 0, 0]
    assert own["mean_score"].tolist() == [70] * 4
    assert own["n_overdue"].tolist() == [0, 1, 1, 2]  # the banked one is done
    for column in ("n_submitted", "n_scored", "days_early"):
        assert (own[column] == 0).all()
    assert own["score"].isna().all()


def test_who_registers_late_is_not_registered_before(tables):
    weeks, _ = oulad_weekly(tables)
    late = enrolment(weeks, "AAA", "2013J", 12)
    assert late["registered"].tolist() == [0, 1, 1, 1]
    assert late["days_registered"].tolist() == [0, 4, 11, 18]


def test_a_missing_date_of_registration_does_not_show(tables):
    """Nearly all who have none withdrew; they look as 99 % do."""
    weeks, _ = oulad_weekly(tables)
    own = enrolment(weeks, "AAA", "2014J", 11)
    assert own["registered"].tolist() == [1, 1, 1, 1]
    assert own["days_registered"].tolist() == [6, 13, 20, 27]


def test_a_submission_without_a_score_and_one_after_the_end(tables):
    weeks, _ = oulad_weekly(tables)
    unscored = enrolment(weeks, "AAA", "2014J", 13)
    assert unscored["n_submitted"].tolist() == [1, 0, 0, 0]
    assert unscored["n_scored"].sum() == 0
    assert unscored["days_early"].tolist() == [8, 0, 0, 0]
    after = enrolment(weeks, "AAA", "2014J", 11)  # on day 30 of 22
    assert after["n_submitted"].sum() == 0
    assert after["n_overdue"].tolist() == [0, 0, 1, 1]


def test_clicks(clicked, tables):
    weeks, _ = oulad_weekly(clicked)
    own = enrolment(weeks, "AAA", "2013J", 11)
    assert own["clicks"].tolist() == [7, 0, 0, 0]
    assert own["days_active"].tolist() == [2, 0, 0, 0]
    assert own["n_sites"].tolist() == [2, 0, 0, 0]
    assert enrolment(weeks, "AAA", "2013J", 12)["clicks"].tolist() == [0, 0, 9, 0]
    without = weeks.drop(columns=["clicks", "days_active", "n_sites"])
    pd.testing.assert_frame_equal(without, oulad_weekly(tables)[0])


def test_n_weeks_are_the_first_weeks(clicked):
    weeks, _ = oulad_weekly(clicked)
    first, _ = oulad_weekly(clicked, n_weeks=2)
    expected = weeks[weeks["week"] <= 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, expected)
    with pytest.raises(ValueError, match="n_weeks=0; expected at least 1"):
        oulad_weekly(clicked, n_weeks=0)


# --- who may see what --------------------------------------------------------------


def up_to(tables, day):
    """Return the tables as they were at the end of a day, without any outcome."""
    cut = Bunch(**tables)
    submitted = cut.student_assessment
    cut.student_assessment = submitted[submitted["date_submitted"] <= day]
    registered = cut.student_registration
    later = registered["date_registration"] > day
    cut.student_registration = registered.assign(
        date_registration=registered["date_registration"].mask(later, 10_000),
        date_unregistration=np.nan,
    )
    cut.student_info = cut.student_info.assign(final_result="Pass")
    if cut.student_vle is not None:
        cut.student_vle = cut.student_vle[cut.student_vle["date"] <= day]
    return cut


def assert_blind(tables, n_weeks):
    """What comes after a week, and how it ended, changes nothing up to it."""
    weeks, _ = oulad_weekly(tables)
    cut, _ = oulad_weekly(up_to(tables, 7 * n_weeks - 1))
    seen = weeks["week"] <= n_weeks
    pd.testing.assert_frame_equal(cut[seen], weeks[seen], check_exact=True)


@pytest.mark.parametrize("n_weeks", [1, 2, 3, 4])
def test_no_feature_looks_past_its_week(clicked, n_weeks):
    assert_blind(clicked, n_weeks)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n_weeks=st.integers(1, 4))
def test_no_feature_looks_past_its_week_in_any_course(seed, n_weeks):
    rng = np.random.default_rng(seed)
    students = rng.choice(100, 6, replace=False)
    keys = {"code_module": "AAA", "code_presentation": "2013J"}
    tables = Bunch(
        courses=pd.DataFrame({**keys, "module_presentation_length": [30]}),
        assessments=pd.DataFrame(
            {
                **keys,
                "id_assessment": range(4),
                "assessment_type": ["TMA", "CMA", "TMA", "Exam"],
                "date": [*rng.integers(0, 30, 3).astype(float), np.nan],
                "weight": [25.0] * 4,
            }
        ),
        student_info=pd.DataFrame(
            {
                **keys,
                "id_student": students,
                "final_result": rng.choice(["Pass", "Fail", "Withdrawn"], 6),
            }
        ),
        student_registration=pd.DataFrame(
            {
                **keys,
                "id_student": students,
                "date_registration": rng.integers(-30, 20, 6).astype(float),
                "date_unregistration": rng.choice([np.nan, -3.0, 12.0], 6),
            }
        ),
        student_assessment=pd.DataFrame(
            {
                "id_assessment": np.tile(range(4), 6),
                "id_student": np.repeat(students, 4),
                "date_submitted": rng.integers(-1, 45, 24),
                "is_banked": rng.integers(0, 2, 24),
                "score": rng.choice([np.nan, 0.0, 55.0, 100.0], 24),
            }
        ).sample(frac=0.7, random_state=seed),
        student_vle=None,
    )
    assert_blind(tables, n_weeks)
    weeks, enrolments = oulad_weekly(tables)
    shuffled = Bunch(
        **{
            name: None if table is None else table.sample(frac=1, random_state=seed)
            for name, table in tables.items()
        }
    )
    again = oulad_weekly(shuffled)
    pd.testing.assert_frame_equal(again[0], weeks)
    pd.testing.assert_frame_equal(again[1], enrolments)
    known = weeks[[*OULAD_CALENDAR, *OULAD_ACTIVITY]]
    assert np.isfinite(known.to_numpy()).all()
    assert (weeks["n_overdue"] >= 0).all()


def test_odd_tables_are_refused(tables):
    twice = Bunch(**tables)
    twice.student_info = pd.concat([tables.student_info] * 2)
    with pytest.raises(ValueError, match=r"lists 4 enrolment\(s\) twice"):
        oulad_weekly(twice)
    unknown = Bunch(**tables)
    unknown.courses = tables.courses[:1]
    with pytest.raises(ValueError, match=r"lacks the presentation \('AAA', '2014J'\)"):
        oulad_weekly(unknown)


# --- the real tables ---------------------------------------------------------------


def test_the_real_tables(data):
    tables = fetch_oulad(data / "oulad")
    assert len(tables.student_info) == 32_593
    assert len(tables.student_assessment) == 173_912
    weeks, enrolments = oulad_weekly(tables)
    assert len(enrolments) == 32_593
    assert enrolments["final_result"].value_counts().to_dict() == {
        "Pass": 12_361,
        "Withdrawn": 10_156,
        "Fail": 7_052,
        "Distinction": 3_024,
    }
    assert weeks.drop(columns="score").notna().all(axis=None)
    assert (weeks["n_overdue"] >= 0).all()
    assert_blind(tables, 10)
