"""Keep fitted estimators in files that run nothing when they are read."""

import os
import stat

from ._files import write_whole
from ._plain import stored
from ._plain.models import dump, undump
from ._plain.versions import OtherVersionWarning

__all__ = ["OtherVersionWarning", "load", "save", "stored"]


def save(estimator, path):
    """Write an estimator to a file that runs nothing when it is read.

    The file is a zip archive of JSON and of arrays as `numpy.save` writes them, with
    the versions that wrote it and a SHA-256 checksum. It holds parameters and all that
    was learnt, to the last bit: what `load` returns predicts the same, and goes on
    learning the same by ``partial_fit``. It is the same file for the same estimator,
    written whole or not at all, and what was there before is replaced.

    Parameters
    ----------
    estimator : estimator of sktrace
        Any tracer, or `SequenceRegressor`, fitted or not; one of yours, if its class
        is marked by `sktrace.saving.stored`.
    path : str or path
        Ends with ``.sktrace``, by custom.

    Raises
    ------
    TypeError
        If it is no such estimator, or a parameter is more than numbers and names, such
        as a list of callbacks. The message says what to call.
    ValueError
        If a parameter is one that fit refuses, or those of a network were set after
        fit.
    OSError
        If the file cannot be written.

    See Also
    --------
    load

    Notes
    -----
    A `checkpoint` is not kept, and ``pretrained`` is kept as the network it names: a
    model says nothing of other files. Pipelines and other estimators of scikit-learn
    around ours are kept by skops, see :doc:`/saving`.

    Examples
    --------
    >>> import os, tempfile
    >>> from sktrace import PFAClassifier, load, save
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=20, n_skills=3, random_state=0)
    >>> tracer = PFAClassifier().fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "class.sktrace")
    ...     save(tracer, path)
    ...     again = load(path)
    >>> bool((again.predict_proba(X) == tracer.predict_proba(X)).all())
    True
    """
    write_whole(path, dump(estimator))


def load(path):
    """Read an estimator from a file that `save` wrote.

    Nothing in the file is executed, imported or looked up elsewhere: it holds names
    of estimators, which are those of sktrace, and plain data. A file that was not
    written by `save`, or was changed since, is refused.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    estimator
        As it was saved. A network is on its ``device``, which is looked for here
        where it is "auto".

    Raises
    ------
    ValueError
        If the file is no such file, is damaged, or is of a format that this version
        cannot read. The message says what to do.
    OSError
        If there is no file, or it cannot be read.

    See Also
    --------
    save

    Notes
    -----
    Files of earlier versions are read. A file takes about twice its size in memory
    beside the estimator. Parameters are those that the file states: look at them before
    you fit again a model of somebody you do not know.

    Examples
    --------
    See `save`.
    """
    return undump(_read(path), repr(os.fspath(path)))


def _read(path):
    """Return the content of a file; a pipe or a device might never end."""
    with open(path, "rb", opener=_open) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{os.fspath(path)!r} is no file; expected a model's file.")
        return file.read()


def _open(path, flags):
    """Open a file; of a pipe, do not wait for somebody to write to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
