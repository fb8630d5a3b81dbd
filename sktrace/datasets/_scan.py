"""Open a log that is larger than memory, to be read portion by portion."""

import os
from os import PathLike
from pathlib import Path

from .._portions.arrow import ArrowParts
from .._portions.log import Portions, as_portions
from .._versions import require_extra
from ._scan_files import open_files

__all__ = ["scan_interactions"]


def scan_interactions(source):
    """Open a log that is read in portions, each of them of whole students.

    Nothing is read yet but what the columns are called. What is returned stands where a
    frame does: in ``fit(X, X["correct"])``, ``predict_proba(X)``, `write_predictions`,
    ``cross_validate(..., cv=StudentKFold())``. Tracers take a dataset of pyarrow and a
    Dask DataFrame as they are, too; scikit-learn does not.

    Parameters
    ----------
    source : path, list of paths, pyarrow.dataset.Dataset or dask.dataframe.DataFrame
        A Parquet file, a folder of them, in hive partitions or not. A file is a
        portion; so are all files of one partition, such as those in ``part=3/``, and
        each partition of a Dask DataFrame. All rows of a student have to be in one:
        `shard_interactions` writes such a folder. A portion is read into memory whole,
        so a million rows are a good size.

    Returns
    -------
    Portions
        With the attributes ``columns``, ``shape`` and ``sizes``, the number of rows of
        each portion. ``X["correct"]`` is a column, ``X.portion(0)`` a frame,
        ``X.to_frame()`` all of it.

    Raises
    ------
    TypeError
        If the source is none of these.
    ValueError
        If a file is no Parquet, or a column has types that do not go together, such as
        numbers in one file and text in another.
    FileNotFoundError
        If there is no such file or folder, or no Parquet file in it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sktrace import BKTClassifier
    >>> from sktrace.datasets import make_interactions, scan_interactions
    >>> from sktrace.datasets import shard_interactions
    >>> log, y = make_interactions(n_students=40, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     _ = shard_interactions([log], f"{folder}/log", n_parts=3)
    ...     X = scan_interactions(f"{folder}/log")
    ...     bkt = BKTClassifier(random_state=0).fit(X, X["correct"])
    ...     X.n_portions, X.shape == log.shape
    (3, True)
    """
    portions = as_portions(source)
    if portions is not None:
        return portions
    paths = source if isinstance(source, list | tuple) else [source]
    if not paths or not all(isinstance(path, str | PathLike) for path in paths):
        raise TypeError(
            f"source is {type(source).__name__!r}; expected the path of a Parquet file "
            "or of a folder of them, a pyarrow dataset or a Dask DataFrame. Write a "
            "frame, or a file of another kind, by shard_interactions(source, folder)."
        )
    require_extra("parquet", "Reading Parquet")
    files = [file for path in paths for file in _find_files(Path(path))]
    return Portions(ArrowParts.of(open_files(files, _find_root(paths))))


def _find_files(path):
    """Return the Parquet files of a path, sorted."""
    if path.is_file():
        return [os.path.abspath(path)]
    if not path.is_dir():
        raise FileNotFoundError(
            f"{str(path)!r} is neither a file nor a folder; expected Parquet files. "
            "Name the folder that they are in, or list them."
        )
    files = sorted(
        os.path.abspath(file)
        for file in path.rglob("*.parquet")
        if not any(part.startswith(("_", ".")) for part in file.relative_to(path).parts)
    )
    if not files:
        raise FileNotFoundError(
            f"The folder {str(path)!r} holds no file *.parquet; expected a log in "
            "parts. Write one: shard_interactions(source, folder)."
        )
    return files


def _find_root(paths):
    """Return the folder behind which names such as ``part=3`` are of partitions."""
    return os.path.commonpath(
        [path if path.is_dir() else path.parent for path in map(_resolve, paths)]
    )


def _resolve(path):
    return Path(os.path.abspath(path))
