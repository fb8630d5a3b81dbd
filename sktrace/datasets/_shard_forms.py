"""In which form the values of a file are written, told by all rows of a large one."""

from .._words import quote
from ._read_answers import Answers
from ._read_dates import (
    MOST_DATES,
    ask_which,
    best_format,
    choose_format,
    describe_form,
    read_dates,
)
from ._read_decimals import Marks
from ._read_forms import Forms, describe_commas, list_numbers
from ._read_moments import take_apart
from ._read_problems import Problems, ReadingError
from ._read_values import as_numbers, is_text

__all__ = ["tell_forms"]


def tell_forms(blocks, plan, kept, table, reading):
    """Return the forms of a file, all of whose rows have been looked at.

    Parameters
    ----------
    blocks : iterable of DataFrame
        The rows to read, some at a time.
    plan : Plan
    kept : dict
        Name to position of further columns.
    table : TextTable
    reading : dict
        Arguments of `read_rows`.

    Returns
    -------
    Forms

    Raises
    ------
    ReadingError
        If several forms fit all rows.
    """
    header = table.header
    answers = Answers(
        header[plan.correct], reading.get("answers"), reading.get("threshold")
    )
    marks = {
        position: Marks(header[position], role, table.sep)
        for position, role in list_numbers(plan, kept).items()
    }
    dates = {} if reading.get("time_format") else _list_dates(plan, header)
    for cells in blocks:
        answers.add(cells[plan.correct])
        for position, each in marks.items():
            each.add(cells[position])
        for position, each in dates.items():
            each.add(cells[position], cells[plan.student])
    return _settle(answers, marks, dates, plan, reading)


class _Dates:
    """The dates of a column, some rows at a time."""

    def __init__(self, name, role):
        self.name, self.role = name, role
        self._dates, self._unusual = {}, False
        self.values = None  # the first of them, and whose rows they are

    def add(self, values, students):
        """Take some cells into account."""
        there = values.notna()
        if not there.any() or not is_text(as_numbers(values)):
            return
        values = values[there]
        if len(self._dates) <= MOST_DATES:
            uniques = values.drop_duplicates().tolist()
            self._dates |= dict.fromkeys(take_apart(text).date for text in uniques)
        if not self._unusual and read_dates(values).isna().any():
            self._unusual, self.values, self._students = True, values, students[there]

    def tell(self):
        """Return the form of all dates; None if they are as usual, or none."""
        if not self._unusual:
            return None
        dates = list(self._dates)
        forms = choose_format(dates)
        if len(forms) > 1:
            ask_which(forms, self.values, self.name, self.role, self._students)
        if not forms:
            self._refuse_several(dates)
        return forms[0] if forms else None

    def _refuse_several(self, dates):
        """Refuse dates of two forms; what is no date is said where it is read."""
        _, fits = best_format(dates)
        odd = [date for date, fit in fits.items() if not fit]
        if odd and any(fits.values()) and any(best_format(odd)[1].values()):
            good = next(date for date, fit in fits.items() if fit)
            raise ReadingError(
                f"Column {quote(self.name)} ({self.role}) holds dates such as "
                f"{quote(good)} and such as {quote(odd[0])}; expected one form "
                "throughout. Write all of them alike."
            )


def _list_dates(plan, header):
    roles = {plan.time: "time", plan.order: "order"}
    return {at: _Dates(header[at], r) for at, r in roles.items() if at is not None}


def _settle(answers, marks, dates, plan, reading):
    """Decide; say all that cannot be decided at once."""
    forms, problems, decimal = Forms(), Problems(), reading.get("decimal")
    for position, each in marks.items():
        with problems.collect():
            forms.commas[position] = each.tell() if decimal is None else decimal == ","
    for position, each in dates.items():
        with problems.collect():
            if form := each.tell():
                forms.dates[position] = form
                forms.notes += describe_form(each.name, form, each.values.iloc[0])
    problems.refuse()
    if decimal is None and any(forms.commas.values()):
        names = [marks[at].name for at, comma in forms.commas.items() if comma]
        forms.notes.append(describe_commas(names))
    if forms.commas[plan.correct]:
        answers.write_points()
    answers.tell()
    forms.answers = answers
    forms.notes += answers.notes
    return forms
