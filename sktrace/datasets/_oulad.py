"""The tables of the Open University data: whence they come, how they are read."""

from importlib import resources
from numbers import Integral, Real
from os import PathLike
from pathlib import Path

import pandas as pd
from sklearn.datasets import get_data_home
from sklearn.utils import Bunch

from .._sklearn import Interval, StrOptions, validate_params
from ._download import Source, fetch_files
from ._oulad_files import list_files, read_table

OULAD = Source(
    name="oulad",
    base_url="https://schools.stem.open.ac.uk/cdn/files/",
    sha256={
        "anonymisedData.zip": (
            "90dda45037939953f979072fa70a809ebe07e90ec783c408762af7698a3825ec"
        )
    },
)

_PRESENTATION = {"code_module": "str", "code_presentation": "str"}
_ENROLMENT = {**_PRESENTATION, "id_student": "int64"}
# What is read of each file, and as what; a number that may be missing is a float.
TABLES = {
    "courses": {**_PRESENTATION, "module_presentation_length": "int64"},
    "assessments": {
        **_PRESENTATION,
        "id_assessment": "int64",
        "assessment_type": "str",
        "date": "float64",
        "weight": "float64",
    },
    "studentInfo": {
        **_ENROLMENT,
        "gender": "str",
        "region": "str",
        "highest_education": "str",
        "imd_band": "str",
        "age_band": "str",
        "num_of_prev_attempts": "int64",
        "studied_credits": "int64",
        "disability": "str",
        "final_result": "str",
    },
    "studentRegistration": {
        **_ENROLMENT,
        "date_registration": "float64",
        "date_unregistration": "float64",
    },
    "studentAssessment": {
        "id_assessment": "int64",
        "id_student": "int64",
        "date_submitted": "int64",
        "is_banked": "int64",
        "score": "float64",
    },
}
CLICKS = {
    "vle": {
        "id_site": "int64",
        **_PRESENTATION,
        "activity_type": "str",
        "week_from": "float64",
        "week_to": "float64",
    },
    "studentVle": {
        "code_module": "category",
        "code_presentation": "category",
        "id_student": "int32",
        "id_site": "int32",
        "date": "int16",
        "sum_click": "int32",
    },
}
# What a row of a table is, and which columns tell it from all others. The click log
# has no such columns: a student can visit a site several times on one day.
_KEYS = {
    "courses": ("presentation", list(_PRESENTATION)),
    "assessments": ("assessment", ["id_assessment"]),
    "student_info": ("enrolment", list(_ENROLMENT)),
    "student_registration": ("enrolment", list(_ENROLMENT)),
    "student_assessment": ("submission", ["id_assessment", "id_student"]),
}
_NAMES = {  # of the files, and of what is returned
    "studentInfo": "student_info",
    "studentRegistration": "student_registration",
    "studentAssessment": "student_assessment",
    "studentVle": "student_vle",
}


@validate_params(
    {
        "path": [str, PathLike, None],
        "data_home": [str, PathLike, None],
        "clicks": ["boolean", StrOptions({"auto"})],
        "download_if_missing": ["boolean"],
        "n_retries": [Interval(Integral, 0, None, closed="left")],
        "delay": [Interval(Real, 0, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def fetch_oulad(
    path=None,
    *,
    data_home=None,
    clicks="auto",
    download_if_missing=True,
    n_retries=3,
    delay=1.0,
):
    """Load the tables of the Open University Learning Analytics Dataset.

    32,593 enrolments of 28,785 students in 22 presentations of 7 modules, with 173,912
    submissions, their scores, final results and 10.7 million daily click counts [1]_.
    The bunch's `DESCR` says more. CC BY 4.0.

    The first call downloads 47 MB, which needs pooch:
    ``pip install pooch``. The zip must have the known SHA-256; of tables that
    `path` names, or that you put into the data folder, columns and keys are verified.

    Parameters
    ----------
    path : str or path-like, optional
        The official zip, or a folder with its tables as ``.csv`` or ``.csv.gz``. By
        default, the folder ``oulad`` below `data_home`, to which the zip is downloaded
        unless either is there.
    data_home : str or path-like, default=None
        The folder for data sets; None means scikit-learn's.
    clicks : bool or "auto", default="auto"
        Whether to read the click log; "auto" does if it is there.
    download_if_missing : bool, default=True
        If False, raise an OSError rather than download what is not there.
    n_retries : int, default=3
        How often a failed download is tried again.
    delay : float, default=1.0
        Seconds between two tries.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        courses, assessments, student_info : DataFrame
            The tables as they are, columns included; ``?`` and empty cells are missing.
        student_registration, student_assessment : DataFrame
            Likewise.
        vle, student_vle : DataFrame or None
            Sites, and clicks by student, site and day.
        DESCR : str
            Size, columns, source and terms of the data.

    Raises
    ------
    OSError
        If tables are missing and cannot, or must not, be downloaded, or are damaged.
    ImportError
        If the zip has to be downloaded and pooch is not installed.
    ValueError
        If a table lacks a column, holds what it should not, or has a row twice.

    See Also
    --------
    oulad_weekly : Weeks of every enrolment, ready for a model.

    References
    ----------
    .. [1] Kuzilek, J., Hlosta, M. and Zdrahal, Z. (2017). Open University Learning
       Analytics dataset. Scientific Data 4, 170171.

    Examples
    --------
    >>> from sktrace.datasets import fetch_oulad, oulad_weekly
    >>> weeks, enrolments = oulad_weekly(fetch_oulad())  # doctest: +SKIP
    """
    place = _locate(path, data_home, download_if_missing, n_retries, delay)
    files = list_files(place, [*TABLES, *CLICKS])
    missing = [name for name in TABLES if name not in files]
    if clicks is True:
        missing += [name for name in CLICKS if name not in files]
    if missing:
        raise OSError(
            f"Found no {', '.join(f'{name}.csv' for name in missing)}; got the tables "
            f"{sorted(files)}. Point path to the official zip, or to a folder with its "
            "tables as .csv or .csv.gz."
        )
    wanted = dict(TABLES)
    if clicks is True or (clicks == "auto" and all(name in files for name in CLICKS)):
        wanted |= CLICKS
    tables = {_NAMES.get(n, n): read_table(n, files[n], wanted[n]) for n in wanted}
    descr = resources.files("sktrace.datasets") / "descr" / "oulad.rst"
    dataset = Bunch(
        **({"vle": None, "student_vle": None} | tables),
        DESCR=descr.read_text(encoding="utf-8"),
    )
    check_keys(dataset)
    return dataset


def check_keys(dataset):
    """Raise if a table is not there, or has a row twice: counts would be wrong."""
    if not isinstance(dataset, Bunch):
        raise TypeError(
            f"Got the tables as {type(dataset).__name__}; expected the Bunch that "
            "fetch_oulad() returns."
        )
    missing = [
        name for name in _KEYS if not isinstance(dataset.get(name), pd.DataFrame)
    ]
    if missing:
        raise ValueError(
            f"Got a Bunch without the table(s) {missing}; expected those that "
            f"fetch_oulad() returns, {list(_KEYS)}."
        )
    for name, (row, key) in _KEYS.items():
        n_twice = dataset[name].duplicated(key).sum()
        if n_twice:
            raise ValueError(
                f"{name} lists {n_twice} {row}(s) twice; expected each once. Choose "
                f"which to keep, for instance by {name}.drop_duplicates({key})."
            )


def _locate(path, data_home, download_if_missing, n_retries, delay):
    """Return the zip or the folder that holds the tables."""
    if path is not None:
        path = Path(path)
        if not path.exists():
            raise OSError(
                f"There is no {str(path)!r}; expected the official zip or a folder."
            )
        return path
    folder = Path(get_data_home(data_home)) / OULAD.name
    if folder.is_dir() and set(TABLES) <= set(list_files(folder, TABLES)):
        return folder
    (name,) = OULAD.sha256
    return (
        fetch_files(
            OULAD,
            data_home=data_home,
            download_if_missing=download_if_missing,
            n_retries=n_retries,
            delay=delay,
        )
        / name
    )
