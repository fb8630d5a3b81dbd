"""Predictions of a log in portions, written as they are made."""

import hashlib
import io
import json
from functools import partial
from pathlib import Path

from .._files import write_whole
from .._portions.log import need_portions
from .._versions import require_extra
from ..datasets._scan import scan_interactions
from .learnt import without_judging
from .portions import ask_portions, refuse_split

__all__ = ["write_predictions"]

NOTE = "predictions.json"  # what a folder's predictions are of
OF_A_FRAME = (
    "Predictions of a frame are written by "
    'pd.DataFrame({"p": tracer.predict_proba(X)[:, 1]}).to_parquet(path).'
)
HEAD = 1000  # rows whose predictions tell tracers, and logs, apart


def write_predictions(tracer, X, folder, *, columns=None, overwrite=False):
    """Predict a log portion by portion, and write a Parquet file for each.

    A file appears when it is whole. So a run that was ended, by whatever it was, goes
    on where it stopped if it is called again with the same arguments: portions whose
    file is there are not predicted again. Files of X that have changed since, in size
    or time, are another log.

    Parameters
    ----------
    tracer : fitted tracer
    X : Portions, pyarrow.dataset.Dataset or dask.dataframe.DataFrame
        See `sktrace.datasets.scan_interactions`.
    folder : path
        ``part-00000.parquet`` and so on are written there, one for each portion of X,
        with a row for each of its rows, in their order. Made if it is not there.
    columns : list, optional
        Columns of X to stand beside ``p``, P(``classes_[1]``); by default those of the
        student and of the order. ``[]``: none.
    overwrite : bool, default=False
        Write all anew, where the folder holds predictions of another log or tracer.

    Returns
    -------
    Portions
        The folder, opened by `scan_interactions`.

    Raises
    ------
    TypeError
        If X is no log in portions.
    ValueError
        If `columns` names what X does not have.
    FileExistsError
        If the folder holds other predictions, or other files.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sktrace import MeanClassifier
    >>> from sktrace.datasets import make_interactions, scan_interactions
    >>> from sktrace.inspection import write_predictions
    >>> log, y = make_interactions(n_students=40, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     log.to_parquet(f"{folder}/log.parquet")
    ...     X = scan_interactions(f"{folder}/log.parquet")
    ...     tracer = MeanClassifier().fit(X, X["correct"])
    ...     written = write_predictions(tracer, X, f"{folder}/predicted")
    ...     written.to_frame().columns.tolist(), len(written) == len(log)
    (['user_id', 'order_id', 'p'], True)
    """
    portions, folder = need_portions(X, OF_A_FRAME), Path(folder)
    require_extra("parquet", "Writing Parquet")
    if columns is None:
        order = tracer.order if isinstance(tracer.order, list) else [tracer.order]
        columns = [tracer.student, *(name for name in order if name is not None)]
    _check_columns(columns, portions)
    refuse_split(portions, tracer.student)
    note = _describe(tracer, portions, columns)
    _open_folder(folder, note, overwrite)
    paths = [folder / f"part-{k:05d}.parquet" for k in range(portions.n_portions)]
    done = {k for k, path in enumerate(paths) if path.exists()}
    left = portions.without(done)
    if left.present:
        write, own = partial(_write, columns=columns), [paths[k] for k in left.present]
        ask_portions(tracer, left, write, each=own, columns=columns)
    return scan_interactions(folder)


def _check_columns(columns, portions):
    """Refuse what are no columns of X, or would not be them in the files."""
    if isinstance(columns, str):
        raise TypeError(
            f"columns={columns!r}; expected a list of names: columns={[columns]!r}."
        )
    odd = [name for name in columns if name not in portions.columns]
    if odd:
        raise ValueError(
            f"columns names {odd[0]!r}; expected names among {portions.columns}."
        )
    if "p" in columns or len(set(columns)) < len(columns):
        raise ValueError(
            f"columns={columns!r}; expected each name once, and none of them 'p', as "
            "the predictions are named. Leave it out."
        )


def _write(X, p, path, columns):
    """Write what is predicted of the rows of a portion; return nothing."""
    content = io.BytesIO()
    X[columns].assign(p=p).to_parquet(content, index=False)
    write_whole(path, content.getvalue())


def _describe(tracer, portions, columns):
    """Say what is predicted: by which columns, of which rows, and what comes out."""
    head = portions.head(HEAD)
    with without_judging():
        p = tracer.predict_proba(head)
    told = hashlib.sha256(p.tobytes())
    log = [columns, portions.sizes.tolist(), portions.parts.stamps()]
    told.update(json.dumps(log, default=str).encode())
    return {"of": told.hexdigest(), "columns": [str(name) for name in columns]}


def _open_folder(folder, note, overwrite):
    """Make a folder for predictions, or see that it holds the same ones."""
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(
            f"{str(folder)!r} is a file; expected a folder, new or empty. Name another."
        )
    folder.mkdir(parents=True, exist_ok=True)
    path, files = folder / NOTE, sorted(folder.iterdir())
    try:
        known = path.exists() and json.loads(path.read_text("utf-8")) == note
    except ValueError:  # somebody else's, or broken
        known = False
    if files and not known:
        if not (overwrite and path.exists()):
            raise FileExistsError(
                f"{str(folder)!r} holds other files, such as {files[0].name!r}; "
                "expected an empty folder, or one where the same predictions were "
                "begun. Name another folder; or, where they are of another log or "
                "tracer and may go: overwrite=True."
            )
        overwrite = True
    if overwrite and path.exists():
        for file in folder.glob("part-*.parquet"):
            file.unlink()
    write_whole(path, json.dumps(note).encode())
