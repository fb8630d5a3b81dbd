"""Weeks of every enrolment of the Open University data, each as it was known then."""

import numpy as np
import pandas as pd

ENROLMENT = ["code_module", "code_presentation", "id_student"]
# Known before a week begins: what the calendar says.
CALENDAR = ("tma_due", "cma_due", "exam_due", "weight_due")
# Known when a week ends: what the student has done.
ACTIVITY = (
    "n_submitted",
    "n_scored",
    "mean_score",
    "days_early",
    "n_banked",
    "n_overdue",
    "registered",
    "days_registered",
)
CLICK_ACTIVITY = ("clicks", "days_active", "n_sites")

_DAYS = 7


def oulad_weekly(tables, *, n_weeks=None):
    """Write the Open University data as weeks: one row per enrolment and week.

    Week w holds the days 7 (w - 1) to 7 w - 1 of a presentation; week 1 also holds all
    that happened before its first day. Every number is known by the end of its week,
    and those of `CALENDAR` before it begins. Every enrolment has all weeks of its
    presentation, whether or not the student has left: no feature, and not even the
    number of rows, tells how it ended. Dates of unregistration are returned, but are
    no feature.

    Parameters
    ----------
    tables : Bunch
        What `fetch_oulad` returns.
    n_weeks : int, optional
        Weeks to keep; all by default, 34 to 39.

    Returns
    -------
    weeks : DataFrame
        Sorted by ``code_module``, ``code_presentation``, ``id_student`` and ``week``
        (from 1), with the columns

        * ``tma_due``, ``cma_due``, ``exam_due``: assessments due in the week, marked by
          the tutor, by computer, or exams (at the end, where no date is given);
          ``weight_due``: their weights, in percent of the final mark;
        * ``n_submitted``: submissions in the week; ``n_scored``: those with a score;
        * ``score``: mean score of these, 0 to 100; NaN where there is none. A score is
          taken as known on the day of submission: the data does not say when it was
          marked;
        * ``mean_score``: mean of all scores so far, banked ones included; 0 before
          the first;
        * ``days_early``: mean days between submission and due date, negative if late; 0
          where nothing was submitted;
        * ``n_banked``: results carried over from an earlier presentation;
        * ``n_overdue``: assessments due so far and not submitted so far;
        * ``registered``: 1 if registered by the end of the week; ``days_registered``:
          for how many days by then, 0 if not yet;
        * with the click log, ``clicks``; ``days_active``, days with a click; and
          ``n_sites``, different pages visited.
    enrolments : DataFrame
        Indexed by the three keys in the order of `weeks`: ``final_result``; ``passed``,
        1 for Pass and Distinction, 0 for Fail and Withdrawn; and ``week_unregistered``
        (0: before the first; NaN: never), to choose who is still there, never to
        predict by.

    See Also
    --------
    sktrace.Sequences.from_frame : Gathers the weeks of each enrolment.

    Notes
    -----
    The constants are importable from `sktrace.datasets`: ``OULAD_CALENDAR`` for
    ``features`` and ``OULAD_ACTIVITY`` for ``past_features`` of `SequenceRegressor`.
    """
    enrolments, lengths = _list_enrolments(tables, n_weeks)
    grid = _Grid(lengths)
    assessments = _date_assessments(tables)
    weeks = enrolments.index.to_frame(index=False).take(grid.enrolment)
    weeks = weeks.reset_index(drop=True)
    weeks["week"] = grid.week
    code = _Codes(enrolments.index)
    weeks = weeks.assign(
        **_calendar(grid, assessments, enrolments.index),
        **_registration(grid, tables, code),
    )
    weeks = weeks.assign(**_submissions(grid, tables, assessments, code, weeks))
    clicked = []
    if tables.student_vle is not None:
        weeks = weeks.assign(**_clicks(grid, tables.student_vle, code))
        clicked = CLICK_ACTIVITY
    columns = [*ENROLMENT, "week", *CALENDAR, *ACTIVITY, *clicked, "score"]
    return weeks[columns], enrolments


class _Grid:
    """Rows of the weeks of every enrolment, one enrolment after the other."""

    def __init__(self, lengths):
        self.lengths = lengths
        self.first = np.append(0, np.cumsum(lengths))
        self.enrolment = np.repeat(np.arange(len(lengths)), lengths)
        self.week = np.arange(self.first[-1]) - self.first[self.enrolment] + 1

    def rows(self, enrolment, week):
        """Return the row of each event, and which events fall into some week."""
        inside = (enrolment >= 0) & (week <= self.lengths[enrolment])
        return self.first[enrolment[inside]] + week[inside] - 1, inside

    def count(self, enrolment, week, values=None):
        """Sum values, or count events, by row."""
        rows, inside = self.rows(enrolment, week)
        values = None if values is None else np.asarray(values, dtype=float)[inside]
        return np.bincount(rows, values, minlength=self.first[-1]).astype(float)

    def so_far(self, values):
        """Sum values over a row's week and the earlier ones of its enrolment."""
        total = np.append(0, np.cumsum(values))
        return total[1:] - total[self.first[self.enrolment]]


class _Codes:
    """The position of an enrolment from its keys; -1 for one that is not listed."""

    def __init__(self, index):
        modules, presentations, students = (index.get_level_values(k) for k in range(3))
        self.presentations = pd.MultiIndex.from_arrays(
            [modules, presentations]
        ).unique()
        number = self._number(modules, presentations)
        self.index = pd.Index(self._join(number, students.to_numpy()))

    def of(self, frame):
        """Return the position of the enrolment of each row."""
        number = self._number(frame["code_module"], frame["code_presentation"])
        keys = self._join(number, frame["id_student"].to_numpy())
        return self.index.get_indexer(pd.Index(keys))

    def _number(self, modules, presentations):
        pairs = pd.DataFrame(
            {"module": np.asarray(modules), "presentation": np.asarray(presentations)}
        )
        return self.presentations.get_indexer(pd.MultiIndex.from_frame(pairs))

    def _join(self, number, student):
        return number.astype(np.int64) * 2**40 + student.astype(np.int64)


def _week_of(day):
    """Return the week of a day; all before the first day is in week 1."""
    return np.maximum(np.floor_divide(day, _DAYS) + 1, 1).astype(np.int64)


def _list_enrolments(tables, n_weeks):
    """Return who enrolled and how it ended, and the weeks of each."""
    if n_weeks is not None and n_weeks < 1:
        raise ValueError(f"n_weeks={n_weeks!r}; expected at least 1, or None for all.")
    info = tables.student_info[[*ENROLMENT, "final_result"]]
    twice = info.duplicated(ENROLMENT)
    if twice.any():
        raise ValueError(
            f"student_info lists {twice.sum()} enrolment(s) twice; expected each once: "
            f"tables.student_info.drop_duplicates({ENROLMENT})."
        )
    registration = tables.student_registration[[*ENROLMENT, "date_unregistration"]]
    info = info.merge(registration, on=ENROLMENT, how="left", validate="one_to_one")
    info = info.merge(tables.courses, on=ENROLMENT[:2], how="left")
    info = info.sort_values(ENROLMENT).set_index(ENROLMENT)
    unlisted = info["module_presentation_length"].isna()
    if unlisted.any():
        raise ValueError(
            f"courses lacks the presentation {unlisted.idxmax()[:2]}; expected all "
            "that student_info names."
        )
    lengths = -(-info["module_presentation_length"].to_numpy(np.int64) // _DAYS)
    if n_weeks is not None:
        lengths = lengths.clip(max=n_weeks)
    left = np.floor_divide(info["date_unregistration"], _DAYS) + 1
    enrolments = pd.DataFrame(
        {
            "final_result": info["final_result"],
            "passed": info["final_result"].isin(["Pass", "Distinction"]).astype(int),
            "week_unregistered": left.clip(lower=0),
        }
    )
    return enrolments, lengths


def _date_assessments(tables):
    """Return assessments with the week they are due: exams without a date, the last."""
    due = tables.assessments.merge(tables.courses, on=ENROLMENT[:2], how="left")
    last_day = due["module_presentation_length"] - 1
    return due.assign(due_week=_week_of(due["date"].fillna(last_day)))


def _calendar(grid, assessments, index):
    """Count what is due in each week."""
    presentation = index.droplevel(2)
    counts = {}
    kinds = {f"{kind.lower()}_due": kind for kind in ("TMA", "CMA", "Exam")}
    for column, kind in {**kinds, "weight_due": None}.items():
        own = assessments
        if kind is not None:
            own = own[own["assessment_type"] == kind].assign(weight=1.0)
        total = own.groupby([*ENROLMENT[:2], "due_week"])["weight"].sum()
        keys = presentation.take(grid.enrolment).to_frame(index=False)
        keys["week"] = grid.week
        counts[column] = (
            total.reindex(pd.MultiIndex.from_frame(keys)).fillna(0.0).to_numpy()
        )
    return counts


def _registration(grid, tables, code):
    """Say since when a student has been registered; nothing before that day."""
    day = np.full(len(grid.lengths), np.inf)
    own = code.of(tables.student_registration)
    day[own[own >= 0]] = tables.student_registration["date_registration"][own >= 0]
    day = np.where(np.isnan(day), np.inf, day)[grid.enrolment]
    last_day = _DAYS * grid.week - 1
    registered = day <= last_day
    return {
        "registered": registered.astype(float),
        "days_registered": np.where(registered, last_day - day, 0.0),
    }


def _submissions(grid, tables, assessments, code, weeks):
    """Count and average what was submitted in each week."""
    events = tables.student_assessment.merge(
        assessments[[*ENROLMENT[:2], "id_assessment", "date", "due_week"]],
        on="id_assessment",
    )
    enrolment = code.of(events)
    week = _week_of(events["date_submitted"].to_numpy())
    score = events["score"].to_numpy()
    banked = events["is_banked"].to_numpy() == 1
    scored, dated = ~np.isnan(score), ~events["date"].isna().to_numpy() & ~banked
    early = events["date"].fillna(0).to_numpy() - events["date_submitted"].to_numpy()

    def total(which, values=None, week=week):
        values = None if values is None else values[which]
        return grid.count(enrolment[which], week[which], values)

    n_scored = total(scored & ~banked)
    sums, counts = grid.so_far(total(scored, score)), grid.so_far(total(scored))
    n_dated = total(dated)
    due_and_done = np.maximum(week, events["due_week"].to_numpy())
    due = weeks["tma_due"] + weeks["cma_due"] + weeks["exam_due"]
    done = total(np.ones(len(events), dtype=bool), week=due_and_done)
    with np.errstate(invalid="ignore"):
        mean = total(scored & ~banked, score) / n_scored  # NaN where there is none
    return {
        "n_submitted": total(~banked),
        "n_scored": n_scored,
        "score": mean,
        "mean_score": sums / np.maximum(counts, 1),
        "days_early": total(dated, early) / np.maximum(n_dated, 1),
        "n_banked": total(banked),
        "n_overdue": grid.so_far(due.to_numpy()) - grid.so_far(done),
    }


def _clicks(grid, log, code):
    """Count the clicks of each week, and the days and sites they fell on."""
    rows, inside = grid.rows(code.of(log), _week_of(log["date"].to_numpy()))
    log = log[["id_site", "date", "sum_click"]][inside]

    def distinct(column):
        pairs = pd.DataFrame({"row": rows, "value": log[column].to_numpy()})
        pairs = pairs.drop_duplicates()
        return np.bincount(pairs["row"], minlength=grid.first[-1]).astype(float)

    return {
        "clicks": np.bincount(rows, log["sum_click"], minlength=grid.first[-1]),
        "days_active": distinct("date"),
        "n_sites": distinct("id_site"),
    }
