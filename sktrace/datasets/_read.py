"""Logs in the files that tutoring systems and spreadsheets write."""

from numbers import Real
from os import PathLike

from .._sklearn import StrOptions, validate_params
from ._read_open import open_table, refuse_unnamed
from ._read_rows import read_rows

FORMATS = [
    "auto",
    "datashop-transaction",
    "datashop-student-step",
    "assistments",
    "junyi",
    "table",
]
READING = {  # how a text file is read, by `read_interactions` and by who shards it
    "format": [StrOptions(set(FORMATS))],
    "columns": [dict, None],
    "item": [str, list, tuple, None],
    "time": [str, list, tuple, None],
    "skill_model": [str, None],
    "first_attempts": ["boolean"],
    "answers": [dict, None],
    "threshold": [Real, None],
    "time_format": [str, None],
    "time_unit": [StrOptions({"s", "ms", "us", "ns"}), None],
    "skill_sep": [str, None],
    "drop_missing": ["boolean"],
    "sep": [str, None],
    "encoding": [str, None],
    "decimal": [StrOptions({".", ","}), None],
}


@validate_params(
    {
        "path": [str, PathLike],
        **READING,
        "keep": [list, tuple],
    },
    prefer_skip_nested_validation=True,
)
def read_interactions(
    path,
    format="auto",
    *,
    columns=None,
    item="auto",
    time="auto",
    skill_model=None,
    first_attempts=True,
    answers=None,
    threshold=None,
    time_format=None,
    time_unit=None,
    skill_sep=None,
    keep=(),
    drop_missing=False,
    sep=None,
    encoding=None,
    decimal=None,
):
    """Read a log of answers from a file, as the estimators expect it.

    DataShop's exports by transaction and by student-step are known, and so are the
    files of the KDD Cup 2010, of ASSISTments 2009-10, 2012-13, 2014-15 and 2017, and of
    Junyi 2015 and 2018-19; any other table is read once its columns are named.

    Parameters
    ----------
    path : str or path-like
        A text file, JSON lines, an Excel workbook (which needs openpyxl) or a Parquet
        file (which needs pyarrow), perhaps gzipped or alone in a zip archive; what it
        is, is told by what is in it (notes, Layouts). A pipe will do, such as
        ``/dev/stdin``, or a file with a name that another program writes into.
    format : {"auto", "datashop-transaction", "datashop-student-step", \
"assistments", "junyi", "table"}, default="auto"
        What wrote the file. "auto" tells by the header; if the columns have the names
        of the result, or `columns` names those of no known export, it is a table.
    columns : dict, default=None
        The file's name of each column of the result, as in ``{"user_id": "pupil",
        "order_id": "when", "skill_name": "topic", "correct": "right"}``. One left out
        is that of the format; in a table, it has the result's own name. None for
        `order_id` says that the rows stand in time order, None for `skill_name` that
        there is one skill. Two columns may tell the order, that of the dates and that
        of the times of the day: ``"order_id": ["date", "clock"]``. A format that is
        known keeps its other rules, such as that of the first attempts;
        ``format="table"`` has none.
    item : str, list of str or None, default="auto"
        The file's column of the problem, question or step answered; several name it
        together. "auto" takes those that the format is known to have, and the column
        item_id of a table, if there is one. None reads no items.
    time : str, list of str or None, default="auto"
        The file's column of when the answer was given, or those of its date and of its
        time of the day; it may be that of the order.
        "auto" takes that which the format is known to have, and the column time of a
        table, if there is one. None reads no times.
    skill_model : str, default=None
        For DataShop: the model whose columns ``KC (model)`` name the skills. None
        means the only one, not counting Single-KC and Unique-step, which every
        data set has.
    first_attempts : bool, default=True
        For DataShop's transactions: read only the first attempt at each step, which
        decides whether the step counts as correct. If False, read every transaction;
        one without an outcome is a row without an answer.
    answers : dict, default=None
        What further values of the answers mean: 1, 0 or None, no answer; as in
        ``{"OK": 1, "BUG": 0, "hint": None}``. Goes before the meanings in the notes.
    threshold : float, default=None
        Credit from which a partly correct answer counts as correct. None refuses
        numbers other than 0 and 1.
    time_format : str, default=None
        How times are written, as in ``"%m/%d/%Y %H:%M"``. None means a number, an ISO
        8601 date, such as ``2011-09-01 12:00:00.5``, or the form that all dates of the
        column have (notes).
    time_unit : {"s", "ms", "us", "ns"}, default=None
        What the column `time` counts where it holds numbers. None tells by their size:
        seconds up to 1e11, which is the year 5138, milliseconds up to 1e14, and so on.
    skill_sep : str, default=None
        What joins several skills in a cell, such as ``;``; they are joined by ``~~``
        in the result.
    keep : list of str, default=()
        Further columns of the file to return, under their own names; as numbers where
        all are.
    drop_missing : bool, default=False
        If True, leave out rows without a student or a time rather than refuse them.
    sep : str, default=None
        What stands between two cells. None means what a line such as ``sep=;`` above
        the header says, else the one of tab, ``,``, ``;`` and ``|`` that parts most
        lines into the same number of cells.
    encoding : str, default=None
        None means the first of UTF-8 and Windows-1252 that can read the file, and
        Latin-1 where neither can; UTF-16 where the file says so. Where its letters
        look like those of another encoding, such as GB 18030, the message asks.
    decimal : {".", ","}, default=None
        What stands before the decimals of times, of answers and of columns to keep.
        None has each column tell (notes).

    Returns
    -------
    X : DataFrame of shape (n_rows, 4 to 6 + len(keep))
        One row per answer, in the order of the file: `user_id`, `order_id`,
        `skill_name` and `correct`; `item_id` and `time` where the file has them; then
        the columns of `keep`. Students, skills and items are int64 where all are whole
        numbers, else text. `correct` is 0 or 1, and NaN where there is no answer.
        `time` is in seconds, since 1970 where the file has dates, NaN where it is
        missing. The target is usually ``X["correct"]``.

    Raises
    ------
    ValueError
        If the format is not recognised, a column is missing, several models of skills
        are there to choose from, or a student, time or answer cannot be read, or may
        mean two things; if the file is broken or no table, or far larger than it seems
        (notes). All that is wrong with its columns is said at once.
    FileNotFoundError, PermissionError
        If there is no such file, or none that may be read.
    ImportError
        If the file is a Parquet file and pyarrow is not installed.

    Notes
    -----
    **Time.** `order_id` is DataShop's Time or First Transaction Time; the order_id,
    start_time, log_id or startTime of ASSISTments; the time_done or timestamp_TW of
    Junyi, which is rounded to quarters of an hour. Numbers stay as they are. Dates
    become microseconds since 1970; without a time zone they are read as UTC, and the
    column Time Zone of DataShop is not heeded. Rows of one student with the same time,
    such as two within a second, are one moment: neither sees the other's answer.
    `time` is the same column in seconds, where it tells the time: those of DataShop and
    Junyi, start_time and startTime.

    **Dates.** Whether the day or the month stands first is told by all dates of a
    column: one beyond the 12th decides, and where none does, the message asks. Months
    may have names, in English, German, French, Spanish and some others; a zone may
    follow, such as ``UTC`` or ``+02:00``; seconds, or the time of the day, may lack.

    **Decimal commas** are told by a column whose numbers have a comma and no point,
    unless commas part the cells. Where each comma has three digits behind it, as in
    1,234, it may stand between thousands, and the message asks.

    **Above the header** may stand empty lines, titles and remarks, as long as they have
    fewer cells than the table; they are skipped. So are a line of dashes below it, and
    a second line of names. Rows may begin with a number that the header has no name
    for, as R writes it.

    **Items.** `item_id` is DataShop's Problem Name and Step Name, joined by `` / ``,
    since problems share names of steps; the problem_id or problemId of ASSISTments,
    which has none in 2014-15; the upid of Junyi 2018-19. Junyi 2015 names the exercise,
    which is the skill here, and the template of its problem, problem_type: together
    they are the item, since problem_number counts the student's own attempts. Name the
    item to an estimator, ``item="item_id"``; it reads none by itself.

    **Answers.** In any case of letters, correct, right, true, yes and passed mean 1;
    incorrect, wrong, false, no, failed and hint mean 0; so do these words in two dozen
    languages, such as oui and nein. A pair of letters such as y and n is read where the
    column has these two alone. ``50%`` and ``1/2`` are partial credit, ``2/2`` is 1.
    Of 1 and 2, either may be right, and the message asks. ``-``, skipped and the like
    are no answer, and so is -1 beside 0 and 1; elsewhere it may be a wrong answer, and
    the message asks.

    **Skills.** Several on one row, in DataShop's repeated columns, are joined by
    ``~~``. A row without a skill stays, with a missing one; "noskill" of ASSISTments
    2017 stays as it is. In ASSISTments 2009-10 and 2012-13, a skill without a name goes
    by its number, skill_id. The collapsed file of 2009-10 joins the names by commas,
    which stand in names, too: there, the numbers are taken apart, and each gets the
    name that it has where it stands alone.

    **Layouts.** Beside tables with a row for each answer, these are read: a student in
    three lines (how many answers, skills, answers), in four (problems before the
    skills) or in pyKT's six; cells that hold whole sequences, such as ``1,0,1``, or
    lists, in text, JSON and Parquet; gradebooks and response matrices, with a row for
    each student and a column for each question, or the other way round, whose questions
    are taken to have been asked as they stand, and which stay as they are where
    `format` is given; tables without a header, whose columns go by their numbers, from
    "1" on.

    **Limits.** What is gzipped may be 200 times as large when unpacked, or 64 MiB if
    that is more, and never above 32 GiB; so may what is read of a Parquet file. Logs
    become 5 to 100 times as large; who trusts a file that becomes larger unpacks it
    and reads what comes out. Up to 8 GiB are read from a pipe. A header has up to
    100,000 letters.

    **Rows.** None are removed as duplicates, nor for being scaffolding: use
    ``keep=["original"]`` to choose. DataShop repeats what is in several samples: export
    one. Empty cells and those that pandas takes for missing, such as NA, are missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sktrace.datasets import read_interactions
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "log.csv"
    ...     _ = path.write_text("pupil;topic;right\\nann;add;yes\\nann;carry;no\\n")
    ...     columns = {"user_id": "pupil", "order_id": None, "skill_name": "topic"}
    ...     read_interactions(path, columns={**columns, "correct": "right"})
      user_id  order_id skill_name  correct
    0     ann         0        add        1
    1     ann         1      carry        0
    """
    layout = "auto" if format == "auto" else None
    with open_table(path, sep, encoding, layout) as table:
        refuse_unnamed(table, columns)
        return read_rows(
            table,
            format,
            columns=columns,
            item=item,
            time=time,
            skill_model=skill_model,
            first_attempts=first_attempts,
            answers=answers,
            threshold=threshold,
            time_format=time_format,
            time_unit=time_unit,
            skill_sep=skill_sep,
            keep=keep,
            drop_missing=drop_missing,
            decimal=decimal,
        )
