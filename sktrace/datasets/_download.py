"""Bring the files of a public data set into the data folder, whole and unchanged."""

import hashlib
import time
from pathlib import Path
from typing import NamedTuple

from sklearn.datasets import get_data_home


class Source(NamedTuple):
    """Where the files of a data set come from, and what they must be.

    Attributes
    ----------
    name : str
        Name of the data set and of its folder below `data_home`.
    base_url : str
        What stands before a file's name in its address, the last slash included.
    sha256 : dict of str to str
        The SHA-256 of every file, by file name.
    """

    name: str
    base_url: str
    sha256: dict


def fetch_files(source, *, data_home, download_if_missing, n_retries, delay):
    """Make sure that all files of `source` lie on this machine.

    Files that are there with the right SHA-256 are left alone, so a folder filled by
    hand needs neither a network nor pooch. A file that is there with another SHA-256
    is fetched again. A file gets its name only after its SHA-256 was found right:
    nothing half-written is ever left under it.

    Parameters
    ----------
    source : Source
        What to fetch.
    data_home : str, path-like or None
        Parent of the data set's folder; None = that of scikit-learn.
    download_if_missing : bool
        Whether the network may be used.
    n_retries : int
        How often a failed download is tried again.
    delay : float
        Seconds between two tries.

    Returns
    -------
    folder : Path
        The folder in which all files of `source` lie.

    Raises
    ------
    OSError
        If a file is missing or damaged and could not, or must not, be downloaded.
    ImportError
        If a file has to be downloaded and pooch is not installed.
    """
    folder = Path(get_data_home(data_home)) / source.name
    wanted = [name for name in source.sha256 if not _is_intact(source, folder, name)]
    if wanted and not download_if_missing:
        raise OSError(
            f"Data not found, and download_if_missing={download_if_missing!r}.\n"
            + _advice(source, folder)
        )
    for name in wanted:
        _download(source, folder, name, n_retries, delay)
    return folder


def _download(source, folder, name, n_retries, delay):
    """Download one file, check its SHA-256, then move it into place."""
    try:
        import pooch
        from requests import RequestException  # pooch cannot download without it
    except ImportError as error:
        raise ImportError(
            f"To download {source.name}, sktrace needs pooch: run "
            "pip install pooch.\n" + _advice(source, folder)
        ) from error
    url = source.base_url + name
    for tries_left in range(n_retries, -1, -1):
        try:
            path = pooch.retrieve(url, f"sha256:{source.sha256[name]}", name, folder)
            # pooch makes files that only their owner may read; a class shares them.
            Path(path).chmod(0o644)
            return
        except (RequestException, ValueError) as error:  # ValueError: another SHA-256
            if not tries_left:
                raise OSError(
                    f"Could not download {url}: {error}\n" + _advice(source, folder)
                ) from error
        time.sleep(delay)


def _is_intact(source, folder, name):
    """Tell whether the file is there and is the very file we know."""
    return _sha256(folder / name) == source.sha256[name]


def _sha256(path):
    """Compute the SHA-256 of a file, or None where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _advice(source, folder):
    """Say how to go on without a download: which files are wanted, and where."""
    lines = [
        f"You can put the files below into the folder {folder} yourself (create it "
        "where it does not exist); nothing else is needed."
    ]
    for name, expected in source.sha256.items():
        found = _sha256(folder / name)
        if found != expected:
            state = "missing" if found is None else f"there, but with SHA-256 {found}"
            lines += [f"  {source.base_url}{name}", f"    SHA-256 {expected} ({state})"]
    return "\n".join(lines)
