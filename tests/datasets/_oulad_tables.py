"""Open University data made up: small files by hand, and tables by chance.

Beside them stands what their weeks should hold, counted one by one.
"""

from io import BytesIO
from zipfile import ZipFile, ZipInfo

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal
from sklearn.utils import Bunch

PRESENTATION = ["code_module", "code_presentation"]
ENROLMENT = [*PRESENTATION, "id_student"]
FILE_OF = {  # each table but those of clicks
    "courses": "courses",
    "assessments": "assessments",
    "student_info": "studentInfo",
    "student_registration": "studentRegistration",
    "student_assessment": "studentAssessment",
}
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


def zipped(files, form="{}.csv", pack=str.encode):
    """Return the bytes of a zip that holds the files under names of this form."""
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(ZipInfo(form.format(name)), pack(text))  # no clock in it
    return stream.getvalue()


def assert_same_tables(bunch, other):
    assert bunch.keys() == other.keys()
    for name in bunch:
        if isinstance(bunch[name], pd.DataFrame):
            assert_frame_equal(bunch[name], other[name])
        else:
            assert bunch[name] == other[name]


# --- tables by chance --------------------------------------------------------------

# Of unequal length: the last day of the second is the first of its last week.
LENGTHS = {("AAA", "2013J"): 28, ("AAA", "2014B"): 22, ("BBB", "2013J"): 10}
WEEKS = {("AAA", "2013J"): 4, ("AAA", "2014B"): 4, ("BBB", "2013J"): 2}
N_ASSESSMENTS = 9


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
            undated = kind == "Exam" and rng.random() < 0.5
            due = np.nan if undated else rng.integers(-3, 33)
            weight = rng.choice([0.0, 0.1, 0.7, 40.0])
            assessments.append((*key, item, kind, due, weight))
        for student in rng.choice(20, 4, replace=False):
            info.append((*key, student, rng.choice(["Pass", "Fail", "Withdrawn"])))
            registered = rng.choice([-40, -1, 0, 6, 7, 20, 50, np.nan])
            left = rng.choice([-9, 13, np.nan])
            registrations.append((*key, student, registered, left))
            for item in ids[rng.random(N_ASSESSMENTS) < 0.7]:
                day = rng.choice([-5, 2, 3, 5, 9, 44])
                score = rng.choice([np.nan, 0.0, *rng.random(3)])
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


def known_by(tables, day):
    """Return the tables as they were at the end of a day, without any outcome."""
    known = dict(frames(tables))
    submitted, registered = known["student_assessment"], known["student_registration"]
    known["student_assessment"] = submitted[submitted["date_submitted"] <= day]
    later = registered["date_registration"] > day
    known["student_registration"] = registered.assign(
        date_registration=registered["date_registration"].mask(later, 10_000),
        date_unregistration=np.nan,
    )
    known["student_info"] = known["student_info"].assign(final_result="Pass")
    if tables.student_vle is not None:
        log = known["student_vle"]
        known["student_vle"] = log[log["date"] <= day]
    return changed(tables, **known)


# --- their weeks -------------------------------------------------------------------


def assert_identical(weeks, others):
    """Same to the last bit."""
    assert_frame_equal(
        weeks.reset_index(drop=True), others.reset_index(drop=True), check_exact=True
    )


def rows_by(table, columns):
    """Return the rows of a table as dicts, in lists by their keys."""
    rows = {}
    for row in table.to_dict("records"):
        rows.setdefault(tuple(row[name] for name in columns), []).append(row)
    return rows


def week_of(day):
    return max(1, day // 7 + 1)


def mean(values, if_none):
    return sum(values) / len(values) if values else if_none


def lengths_of(tables):
    return tables.courses.set_index(PRESENTATION)["module_presentation_length"]


class Definitions:
    """What the docstring of oulad_weekly promises of a week, counted one by one."""

    def __init__(self, tables):
        self.lengths = lengths_of(tables).to_dict()
        self.assessments = rows_by(tables.assessments, PRESENTATION)
        self.registrations = rows_by(tables.student_registration, ENROLMENT)
        self.results = rows_by(tables.student_assessment, ["id_student"])
        self.clicks = None
        if tables.student_vle is not None:
            self.clicks = rows_by(tables.student_vle, ENROLMENT)

    def calendar(self, key):
        """Return the assessments of a presentation, each with the week it is due."""
        last_week = week_of(self.lengths[key] - 1)
        return {
            item["id_assessment"]: item
            | {"week": last_week if np.isnan(item["date"]) else week_of(item["date"])}
            for item in self.assessments.get(key, [])
        }

    def describe(self, enrolment, week):
        calendar = self.calendar(enrolment[:2])
        due = [item for item in calendar.values() if item["week"] == week]
        done = [
            {**calendar[result["id_assessment"]], **result}
            for result in self.results.get(enrolment[2:], [])
            if result["id_assessment"] in calendar
            and week_of(result["date_submitted"]) <= week
        ]
        now = [result for result in done if week_of(result["date_submitted"]) == week]
        earned = [result for result in now if not result["is_banked"]]
        scores = [r["score"] for r in earned if not np.isnan(r["score"])]
        so_far = [r["score"] for r in done if not np.isnan(r["score"])]
        dated = [r for r in earned if not np.isnan(r["date"])]
        early = [r["date"] - r["date_submitted"] for r in dated]
        open_items = set(calendar) - {result["id_assessment"] for result in done}
        (dates,) = self.registrations[enrolment]
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
        if self.clicks is not None:
            log = self.clicks.get(enrolment, [])
            log = [click for click in log if week_of(click["date"]) == week]
            expected |= {
                "clicks": sum(click["sum_click"] for click in log),
                "days_active": len({click["date"] for click in log}),
                "n_sites": len({click["id_site"] for click in log}),
            }
        return expected | {"score": mean(scores, np.nan)}
