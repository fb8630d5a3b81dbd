"""Weeks of every enrolment of the Open University data, each as it was known then."""

from numbers import Integral

import numpy as np
import pandas as pd

from ._oulad import check_keys

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
_KINDS = {"tma_due": "TMA", "cma_due": "CMA", "exam_due": "Exam"}
_PASSED = {"Pass": 1, "Distinction": 1, "Fail": 0, "Withdrawn": 0}


def oulad_weekly(tables, *, n_weeks=None):
    """Write the Open University data as weeks: one row per enrolment and week.

    Week w holds the days 7 (w - 1) to 7 w - 1 of a presentation; week 1 also holds all
    that happened before its first day. Every number is known by the end of its week,
    and those of `CALENDAR` before it begins. Every enrolment has all weeks of its
    presentation, whether or not the student has left: no feature, and not even the
    number of rows, tells how it ended. No table is changed.

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
          ``weight_due``: sum of their weights, in percent; exams count apart, so that
          most presentations sum to 200;
        * ``n_submitted``: submissions in the week, without banked ones; ``n_scored``:
          those with a score;
        * ``score``: mean score of these, 0 to 100; NaN where there is none. A score is
          taken as known on the day of submission: the data does not say when it was
          marked;
        * ``mean_score``: mean of all scores so far, banked ones included, each with
          the same weight; 0 before the first;
        * ``days_early``: mean of due date minus submission in days, negative if late,
          over what has a due date; 0 where nothing was submitted;
        * ``n_banked``: results carried over from an earlier presentation;
        * ``n_overdue``: assessments due so far and not submitted so far;
        * ``registered``: 1 if registered by the end of the week; ``days_registered``:
          for how many days of the presentation by then, 0 if not yet. A missing date
          counts as one before the first day, which 99 % have: nearly all who have none
          withdrew, which must not show;
        * with the click log, ``clicks``; ``days_active``, days with a click; and
          ``n_sites``, different pages visited.
    enrolments : DataFrame
        Indexed by the three keys in the order of `weeks`: ``final_result``; ``passed``,
        1 for Pass and Distinction, 0 for Fail and Withdrawn; and ``week_unregistered``
        (0: before the first; NaN: never), to choose who is still there: no feature.

    Raises
    ------
    ValueError
        If `n_weeks` is no whole number from 1, a row is there twice, `student_info` is
        empty, or a presentation, result or type of assessment is unknown.

    See Also
    --------
    sktrace.Sequences.from_frame : Gathers the weeks of each enrolment.

    Notes
    -----
    The constants are importable from `sktrace.datasets`: ``OULAD_CALENDAR`` for
    ``features`` and ``OULAD_ACTIVITY`` for ``past_features`` of `SequenceRegressor`.
    With the click log, ``OULAD_CLICKS`` join the latter.
    """
    whole = isinstance(n_weeks, Integral) and not isinstance(n_weeks, bool)
    if n_weeks is not None and not (whole and n_weeks >= 1):
        raise ValueError(f"n_weeks={n_weeks!r}; expected at least 1, or None for all.")
    check_keys(tables)
    enrolments, lengths = _list_enrolments(tables, n_weeks)
    grid = _Grid(lengths)
    assessments = _date_assessments(tables)
    weeks = enrolments.index.take(grid.enrolment).to_frame(index=False)
    weeks["week"] = grid.week
    code = _Codes(enrolments.index)
    weeks = weeks.assign(**_calendar(grid, assessments, enrolments.index))
    weeks = weeks.assign(**_registration(grid, tables, code))
    weeks = weeks.assign(**_submissions(grid, tables, assessments, code, weeks))
    if tables.get("student_vle") is not None:
        weeks = weeks.assign(**_clicks(grid, tables.student_vle, code))
    columns = [*ENROLMENT, "week", *CALENDAR, *ACTIVITY, *CLICK_ACTIVITY, "score"]
    return weeks[[name for name in columns if name in weeks]], enrolments


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
        # Not the difference of two sums over all rows: its rounding would depend on
        # other students, and on what comes later.
        return pd.Series(values).groupby(self.enrolment).cumsum().to_numpy()

    def count_distinct(self, rows, values):
        """Count the different values by row."""
        # One sorted array of whole numbers: the click log has ten million rows.
        code, different = pd.factorize(values)
        pairs = rows * len(different) + code
        pairs.sort()
        first = np.diff(pairs, prepend=-1) != 0
        pairs = pairs[first] // max(len(different), 1)
        return np.bincount(pairs, minlength=self.first[-1]).astype(float)


class _Codes:
    """The position of an enrolment from its keys; -1 for one that is not listed."""

    def __init__(self, index):
        keys = index.to_frame(index=False)
        self.known = {name: pd.Index(keys[name].unique()) for name in ENROLMENT[:2]}
        self.index = pd.Index(self._join(keys))

    def of(self, frame):
        """Return the position of the enrolment of each row."""
        return self.index.get_indexer(self._join(frame))

    def _join(self, frame):
        """Write the three keys as one whole number; negative if one is unknown."""
        number = np.zeros(len(frame), dtype=np.int64)
        for name, known in self.known.items():
            # Looks up each name once, not once a row.
            own = frame[name].astype("category").cat
            code = np.append(known.get_indexer(own.categories), -1)[own.codes]
            number = np.where((number < 0) | (code < 0), -1, number * len(known) + code)
        student = frame["id_student"].to_numpy(np.int64)
        return np.where(number < 0, -1, number * 2**40 + student)


def _week_of(day):
    """Return the week of a day; all before the first day is in week 1."""
    return np.maximum(np.floor_divide(day, _DAYS) + 1, 1).astype(np.int64)


def _list_enrolments(tables, n_weeks):
    """Return who enrolled and how it ended, and the number of weeks of each."""
    info = tables.student_info[[*ENROLMENT, "final_result"]]
    if info.empty:
        raise ValueError("student_info has no rows; expected at least one enrolment.")
    _check_known(info["final_result"], _PASSED)
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
            "passed": info["final_result"].map(_PASSED).astype(np.int64),
            "week_unregistered": left.clip(lower=0),
        }
    )
    return enrolments, lengths


def _check_known(values, known):
    """Raise if there are values that we do not know."""
    unknown = values[~values.isin(list(known))]
    if len(unknown):
        raise ValueError(
            f"{values.name} is {unknown.iloc[0]!r} in one of {len(unknown)} unknown "
            f"row(s); expected {list(known)}. Correct these rows, or leave them out."
        )


def _date_assessments(tables):
    """Return assessments with the week they are due: exams without a date, the last."""
    _check_known(tables.assessments["assessment_type"], _KINDS.values())
    # In order of their numbers, so that sums do not depend on the order of the rows.
    due = tables.assessments.sort_values("id_assessment")
    due = due.merge(tables.courses, on=ENROLMENT[:2])
    last_day = due["module_presentation_length"] - 1
    return due.assign(due_week=_week_of(due["date"].fillna(last_day)))


def _calendar(grid, assessments, index):
    """Count what is due in each week."""
    keys = index.droplevel(2).take(grid.enrolment).to_frame(index=False)
    rows = pd.MultiIndex.from_frame(keys.assign(week=grid.week))
    counts = {}
    for column, kind in {**_KINDS, "weight_due": None}.items():
        own = assessments
        if kind is not None:
            own = own[own["assessment_type"] == kind].assign(weight=1.0)
        total = own.groupby([*ENROLMENT[:2], "due_week"])["weight"].sum()
        counts[column] = total.reindex(rows).fillna(0.0).to_numpy()
    return counts


def _registration(grid, tables, code):
    """Say since when a student has been registered; nothing before that day."""
    dated = tables.student_registration.dropna(subset="date_registration")
    own = code.of(dated)
    # Where no date is, nearly all withdrew, and the gap must not show. So it is day 0,
    # and so is every day before it: hardly anybody registered on that very day.
    day = np.zeros(len(grid.lengths))
    day[own[own >= 0]] = dated["date_registration"][own >= 0].clip(lower=0)
    day = day[grid.enrolment]
    last_day = _DAYS * grid.week - 1
    registered = day <= last_day
    return {
        "registered": registered.astype(float),
        "days_registered": np.where(registered, last_day - day, 0.0),
    }


def _submissions(grid, tables, assessments, code, weeks):
    """Count and average what was submitted in each week."""
    due = assessments[[*ENROLMENT[:2], "id_assessment", "date", "due_week"]]
    # In a fixed order, so that sums do not depend on the order of the rows.
    events = tables.student_assessment.sort_values(["id_assessment", "id_student"])
    events = events.merge(due, on="id_assessment")
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
    due_and_done = np.maximum(week, events["due_week"].to_numpy())
    n_due = weeks[list(_KINDS)].sum(axis=1).to_numpy()
    done = total(np.ones(len(events), dtype=bool), week=due_and_done)
    with np.errstate(invalid="ignore"):
        mean = total(scored & ~banked, score) / n_scored  # NaN where there is none
    return {
        "n_submitted": total(~banked),
        "n_scored": n_scored,
        "score": mean,
        "mean_score": sums / np.maximum(counts, 1),
        "days_early": total(dated, early) / np.maximum(total(dated), 1),
        "n_banked": total(banked),
        "n_overdue": grid.so_far(n_due) - grid.so_far(done),
    }


def _clicks(grid, log, code):
    """Count the clicks of each week, and the days and sites they fell on."""
    rows, inside = grid.rows(code.of(log), _week_of(log["date"].to_numpy()))
    log = log[["id_site", "date", "sum_click"]][inside]
    return {
        "clicks": np.bincount(rows, log["sum_click"], minlength=grid.first[-1]),
        "days_active": grid.count_distinct(rows, log["date"].to_numpy()),
        "n_sites": grid.count_distinct(rows, log["id_site"].to_numpy()),
    }
