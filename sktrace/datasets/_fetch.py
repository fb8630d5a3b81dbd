"""Public logs of real students, in the manner of scikit-learn's fetchers."""

from importlib import resources
from numbers import Integral, Real
from os import PathLike

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .._sklearn import Interval, StrOptions, validate_params
from ._assistments import (
    ASSISTMENTS2009,
    ASSISTMENTS2015,
    INTERACTION,
    read_assistments2009,
    read_assistments2015,
)
from ._assistments_problems import (
    ASSISTMENTS2009_PROBLEMS,
    ASSISTMENTS2017,
    read_assistments2009_problems,
    read_assistments2017,
)
from ._download import fetch_files

_SUBSET = {"subset": [StrOptions({"all", "train", "test"})]}
_FETCH_PARAMETERS = {
    "data_home": [str, PathLike, None],
    "download_if_missing": ["boolean"],
    "return_X_y": ["boolean"],
    "as_frame": ["boolean"],
    "n_retries": [Interval(Integral, 0, None, closed="left")],
    "delay": [Interval(Real, 0, None, closed="left")],
}


@validate_params(
    {"items": ["boolean"]} | _SUBSET | _FETCH_PARAMETERS,
    prefer_skip_nested_validation=True,
)
def fetch_assistments2009(
    *,
    items=False,
    data_home=None,
    subset="all",
    download_if_missing=True,
    return_X_y=False,
    as_frame=True,
    n_retries=3,
    delay=1.0,
):
    """Load the ASSISTments 2009-2010 log that the DKVMN paper uses, or AKT's.

    4,151 students, 110 skills, 325,637 answers, 65.8 % of them correct, with the split
    into training and test students and the five validation folds of the paper [1]_.
    Scores on this version are flattered by questions with several skills; see the
    bunch's `DESCR`, which also states the terms of use.

    With ``items=True``, the version of the AKT paper [2]_, which names the problems:
    4,150 students, 110 skills, 16,891 problems, 274,537 questions in 325,589 rows, in
    five folds of students. Rows that tie in `order_id` are the skills of one question,
    so that none sees another's answer: score by question, `question_scorer`.

    The first call downloads 2.7 MB, or 3.3 MB with items, which needs pooch:
    ``pip install pooch``.

    Parameters
    ----------
    items : bool, default=False
        Whether to load the log that names problems.
    data_home : str or path-like, default=None
        The folder for data sets; None means scikit-learn's, ``~/scikit_learn_data``
        unless the environment variable SCIKIT_LEARN_DATA names another. The files go
        to ``assistments2009`` below it, or to ``assistments2009_problems``.
    subset : {"all", "train", "test"}, default="all"
        Which students to load: 4,151, 2,921 or 1,230. The log with items has folds and
        no such split: choose by `fold`.
    download_if_missing : bool, default=True
        If False, raise an OSError rather than download what is not there.
    return_X_y : bool, default=False
        Return ``(data, target)`` rather than a bunch.
    as_frame : bool, default=True
        If True, `data` is a DataFrame, which the estimators of sktrace need, and
        `target` a Series; if False, both are arrays, and `frame` is None.
    n_retries : int, default=3
        How often a failed download is tried again.
    delay : float, default=1.0
        Seconds between two tries.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        data : DataFrame of shape (n_rows, 4), or ndarray of dtype object
            One row per answer, students one after the other, each in time order:
            `user_id`, `order_id`, `skill_name` and `correct`, as the estimators expect
            them by default. With items, `item_id` is a fifth column, for their
            parameter ``item="item_id"``, and all are int64.
        target : Series or ndarray of shape (n_rows,), int64
            The answers again: 0 or 1.
        frame : DataFrame of shape (n_rows, 6) or None
            `data` with two more columns: `split` ("train" or "test") and `fold` (1 to
            5 in training, 0 in test). With items, `fold` (1 to 5) alone.
        split, fold : ndarray of shape (n_rows,)
            The same two columns as arrays; no `split` with items.
        feature_names : list of str
            The columns of `data`.
        target_names : list of str
            ``["correct"]``.
        DESCR : str
            Size, columns, pitfalls, source and terms of the data.
    (data, target) : tuple, if ``return_X_y=True``

    Raises
    ------
    OSError
        If files are missing or damaged and cannot, or must not, be downloaded; the
        message says which files to put where by hand.
    ImportError
        If files have to be downloaded and pooch is not installed.
    ValueError
        If `subset` is none of the three, or is not "all" with items.

    References
    ----------
    .. [1] Zhang, J., Shi, X., King, I. and Yeung, D.-Y. (2017). Dynamic key-value
       memory networks for knowledge tracing. WWW 2017, 765-774.
    .. [2] Ghosh, A., Heffernan, N. and Lan, A. S. (2020). Context-aware attentive
       knowledge tracing. KDD 2020, 2330-2339.

    Examples
    --------
    >>> from sktrace.datasets import fetch_assistments2009
    >>> X, y = fetch_assistments2009(return_X_y=True)  # doctest: +SKIP
    >>> X.shape  # doctest: +SKIP
    (325637, 4)
    >>> log = fetch_assistments2009(items=True).frame  # doctest: +SKIP
    >>> train, test = log[log["fold"] > 1], log[log["fold"] == 1]  # doctest: +SKIP
    """
    if items and subset != "all":
        raise ValueError(
            f"subset={subset!r} was given with items=True, a log of five folds without "
            'such a split; expected subset="all". Choose students by their fold, as in '
            'frame[frame["fold"] != 1].'
        )
    source = ASSISTMENTS2009_PROBLEMS if items else ASSISTMENTS2009
    folder = fetch_files(
        source,
        data_home=data_home,
        download_if_missing=download_if_missing,
        n_retries=n_retries,
        delay=delay,
    )
    if items:
        frame = read_assistments2009_problems(folder)
        return _give(frame, source, return_X_y, as_frame)
    frame = read_assistments2009(folder)
    return _give(frame, source, return_X_y, as_frame, frame["split"], subset)


@validate_params(_SUBSET | _FETCH_PARAMETERS, prefer_skip_nested_validation=True)
def fetch_assistments2015(
    *,
    data_home=None,
    subset="all",
    download_if_missing=True,
    return_X_y=False,
    as_frame=True,
    n_retries=3,
    delay=1.0,
):
    """Load the ASSISTments 2014-2015 log with the split of pyKT.

    19,093 students, 100 skills, 682,797 answers, 73.2 % of them correct, with the
    split into training and test students and the five validation folds of pyKT [1]_.
    Skills are numbers; there are no names. The bunch's `DESCR` states the terms of use.

    The first call downloads 4.4 MB, which needs pooch:
    ``pip install pooch``.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder for data sets; None means scikit-learn's, ``~/scikit_learn_data``
        unless the environment variable SCIKIT_LEARN_DATA names another. The files go
        to ``assistments2015`` below it.
    subset : {"all", "train", "test"}, default="all"
        Which students to load: 19,093, 15,275 or 3,818.
    download_if_missing : bool, default=True
        If False, raise an OSError rather than download what is not there.
    return_X_y : bool, default=False
        Return ``(data, target)`` rather than a bunch.
    as_frame : bool, default=True
        If True, `data` is a DataFrame, which the estimators of sktrace need, and
        `target` a Series; if False, both are arrays, and `frame` is None.
    n_retries : int, default=3
        How often a failed download is tried again.
    delay : float, default=1.0
        Seconds between two tries.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        data : DataFrame or ndarray of shape (n_rows, 4), int64
            One row per answer, students one after the other, each in time order:
            `user_id`, `order_id`, `skill_name` and `correct`, as the estimators expect
            them by default.
        target : Series or ndarray of shape (n_rows,), int64
            The answers again: 0 or 1.
        frame : DataFrame of shape (n_rows, 5) or None
            `data` with one more column: `fold` (0 to 4 in training, -1 in test).
        split, fold : ndarray of shape (n_rows,)
            "train" or "test", and the fold, of every row.
        feature_names : list of str
            The columns of `data`.
        target_names : list of str
            ``["correct"]``.
        DESCR : str
            Size, columns, source and terms of the data.
    (data, target) : tuple, if ``return_X_y=True``

    Raises
    ------
    OSError
        If files are missing or damaged and cannot, or must not, be downloaded; the
        message says which files to put where by hand.
    ImportError
        If files have to be downloaded and pooch is not installed.
    ValueError
        If `subset` is none of the three.

    References
    ----------
    .. [1] Liu, Z. et al. (2022). pyKT: a Python library to benchmark deep learning
       based knowledge tracing models. NeurIPS 2022, Datasets and Benchmarks.

    Examples
    --------
    >>> from sktrace.datasets import fetch_assistments2015
    >>> X, y = fetch_assistments2015(return_X_y=True)  # doctest: +SKIP
    >>> X.shape  # doctest: +SKIP
    (682797, 4)
    """
    folder = fetch_files(
        ASSISTMENTS2015,
        data_home=data_home,
        download_if_missing=download_if_missing,
        n_retries=n_retries,
        delay=delay,
    )
    frame = read_assistments2015(folder)
    split = pd.Series(np.where(frame["fold"] < 0, "test", "train"))
    return _give(frame, ASSISTMENTS2015, return_X_y, as_frame, split, subset)


@validate_params(_FETCH_PARAMETERS, prefer_skip_nested_validation=True)
def fetch_assistments2017(
    *,
    data_home=None,
    download_if_missing=True,
    return_X_y=False,
    as_frame=True,
    n_retries=3,
    delay=1.0,
):
    """Load the ASSISTments 2017 log, with problems, in the version of the AKT paper.

    1,705 students, 102 skills, 3,162 problems, 941,502 answers, in five folds of
    students [1]_. A problem that follows itself was tried again: about half of the rows
    are further attempts. Skills and problems are numbers; there are no names. The
    bunch's `DESCR` states the terms of use.

    The first call downloads 8.5 MB, which needs pooch:
    ``pip install pooch``.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder for data sets; None means scikit-learn's, ``~/scikit_learn_data``
        unless the environment variable SCIKIT_LEARN_DATA names another. The files go
        to ``assistments2017`` below it.
    download_if_missing : bool, default=True
        If False, raise an OSError rather than download what is not there.
    return_X_y : bool, default=False
        Return ``(data, target)`` rather than a bunch.
    as_frame : bool, default=True
        If True, `data` is a DataFrame, which the estimators of sktrace need, and
        `target` a Series; if False, both are arrays, and `frame` is None.
    n_retries : int, default=3
        How often a failed download is tried again.
    delay : float, default=1.0
        Seconds between two tries.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        data : DataFrame or ndarray of shape (n_rows, 5), int64
            One row per answer, students one after the other, each in time order:
            `user_id`, `order_id`, `skill_name`, `correct` and `item_id`, the problem,
            for the estimators' parameter ``item="item_id"``.
        target : Series or ndarray of shape (n_rows,), int64
            The answers again: 0 or 1.
        frame : DataFrame of shape (n_rows, 6) or None
            `data` with one more column: `fold` (1 to 5).
        fold : ndarray of shape (n_rows,)
            The fold of every row.
        feature_names : list of str
            The columns of `data`.
        target_names : list of str
            ``["correct"]``.
        DESCR : str
            Size, columns, pitfalls, source and terms of the data.
    (data, target) : tuple, if ``return_X_y=True``

    Raises
    ------
    OSError
        If files are missing or damaged and cannot, or must not, be downloaded; the
        message says which files to put where by hand.
    ImportError
        If files have to be downloaded and pooch is not installed.

    References
    ----------
    .. [1] Ghosh, A., Heffernan, N. and Lan, A. S. (2020). Context-aware attentive
       knowledge tracing. KDD 2020, 2330-2339.

    Examples
    --------
    >>> from sktrace.datasets import fetch_assistments2017
    >>> log = fetch_assistments2017().frame  # doctest: +SKIP
    >>> train, test = log[log["fold"] > 1], log[log["fold"] == 1]  # doctest: +SKIP
    """
    folder = fetch_files(
        ASSISTMENTS2017,
        data_home=data_home,
        download_if_missing=download_if_missing,
        n_retries=n_retries,
        delay=delay,
    )
    return _give(read_assistments2017(folder), ASSISTMENTS2017, return_X_y, as_frame)


def _give(frame, source, return_X_y, as_frame, split=None, subset="all"):
    """Choose the rows of `subset` and hand them out in scikit-learn's manner."""
    if subset != "all":
        chosen = split == subset
        frame = frame[chosen].reset_index(drop=True)
        split = split[chosen]
    names = [name for name in [*INTERACTION, "item_id"] if name in frame]
    data, target = frame[names], frame["correct"]
    if not as_frame:
        data, target = data.to_numpy(), target.to_numpy()
    if return_X_y:
        return data, target
    descr = resources.files("sktrace.datasets") / "descr" / f"{source.name}.rst"
    splits = {} if split is None else {"split": split.to_numpy(dtype=object)}
    return Bunch(
        data=data,
        target=target,
        frame=frame if as_frame else None,
        **splits,
        fold=frame["fold"].to_numpy(),
        feature_names=names,
        target_names=["correct"],
        DESCR=descr.read_text(encoding="utf-8"),
    )
