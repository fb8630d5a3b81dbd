"""Folds of a comparison, kept as they finish, so that another run goes on from them."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import stat
import sys
import zipfile
import zlib
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from ..._files import write_whole
from .._output import forget_kept, remember_kept

__all__ = ["Fold", "KeptFolds"]

_SETTINGS = "settings.json"
_UNREADABLE = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error),
    *(ValueError, KeyError, TypeError, AttributeError, RuntimeError),
)


class Fold(NamedTuple):
    """What one tracer predicted of one fold."""

    p: np.ndarray
    seconds: float
    warned: list  # texts


class KeptFolds:
    """A folder beside the page, with a file for each fold of each tracer.

    Files hold numbers and texts, and reading them executes nothing. What depends on
    other settings, another log or other versions has a folder of its own, so that no
    fold is ever taken for one of another run.

    Parameters
    ----------
    path : Path
        Of the page.
    settings : dict of {str: str}
        All that predictions depend on.
    resume : bool
        Whether to go on from what is kept, or to begin anew.
    """

    def __init__(self, path, settings, resume):
        self.settings = settings
        self.resume = resume
        self.home = path.with_name(f"{path.name}.partial")
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
        self.folder = self.home / digest.hexdigest()[:16]
        self._n_kept = 0
        self._failed = False

    def begin(self):
        """Say what there is to go on from, or refuse to go on from something else.

        Returns
        -------
        str
            Empty if there is nothing to say.
        """
        n_kept = len(list(self.folder.glob("*.npz")))
        if n_kept and self.resume:
            return f"Going on from {n_kept} folds kept in {self.home}."
        if n_kept:
            return (
                f"! {n_kept} folds of an unfinished run with these settings are kept "
                f"in {self.home}. They are made anew; to go on from them, --resume."
            )
        if not self.resume:
            return ""
        if others := self._list_others():
            raise ValueError(
                f"--resume: the folds kept in {self.home} are of another run: "
                f"{'; or '.join(others)}. Repeat that command with --resume, or leave "
                "it out to begin anew."
            )
        return f"No folds are kept in {self.home}; all are made."

    def _list_others(self):
        """Say in what the runs that have left folds differ from this one."""
        others = []
        for path in sorted(self.home.glob(f"*/{_SETTINGS}")):
            with contextlib.suppress(*_UNREADABLE):
                theirs = json.loads(path.read_text("utf-8"))
                others.append(
                    ", ".join(
                        f"{label} was {theirs.get(label)}, now {mine}"
                        for label, mine in self.settings.items()
                        if theirs.get(label) != mine
                    )
                )
        return others

    def read(self, tracer, number, n_rows):
        """Return a fold that was kept, or None where it has to be made."""
        if not self.resume:
            return None
        try:
            self._check_owner()
            content = io.BytesIO(self._path(tracer, number).read_bytes())
            with np.load(content, allow_pickle=False) as kept:
                fold = Fold(
                    kept["p"], float(kept["seconds"]), json.loads(str(kept["warned"]))
                )
                own = str(kept["of"]) == self._path(tracer, number).stem
        except _UNREADABLE:
            return None
        if not own or fold.p.shape != (n_rows,) or fold.p.dtype != np.float64:
            return None
        self._remember()
        return fold

    def keep(self, tracer, number, fold):
        """Keep a fold; where there is no room to, training is not to end for it."""
        path, content = self._path(tracer, number), io.BytesIO()
        warned = json.dumps(fold.warned)
        np.savez(content, of=path.stem, p=fold.p, seconds=fold.seconds, warned=warned)
        try:
            for folder in (self.home, self.folder):
                folder.mkdir(mode=0o700, exist_ok=True)
            self._check_owner()
            write_whole(path, content.getvalue())
            settings = self.folder / _SETTINGS
            if not settings.exists():
                write_whole(settings, json.dumps(self.settings).encode())
        except OSError as error:
            if not self._failed:
                why = error.strerror or error
                text = f"! Folds cannot be kept in {self.home} ({why}): --resume would "
                tqdm.write(f"{text}have to make them again.", file=sys.stderr)
            self._failed = True
            _remove_empty(self.folder, self.home)
        else:
            self._remember()

    def remove(self):
        """Remove what was kept, now that it is in the page."""
        shutil.rmtree(self.folder, ignore_errors=True)
        _remove_empty(self.home)
        forget_kept()

    def _path(self, tracer, number):
        return self.folder / f"{tracer}, fold {number}.npz"

    def _check_owner(self):
        """Refuse a folder that somebody else has put where ours would be."""
        for folder in (self.home, self.folder):
            status = os.lstat(folder)
            own = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
            if not stat.S_ISDIR(status.st_mode) or not own:
                raise PermissionError(f"{folder} is not a folder of yours")

    def _remember(self):
        self._n_kept += 1
        folds = "1 fold is" if self._n_kept == 1 else f"{self._n_kept} folds are"
        remember_kept(
            f"{folds} kept in {self.home}, and the same command with --resume goes on "
            "from there"
        )


def _remove_empty(*folders):
    for folder in folders:
        with contextlib.suppress(OSError):  # there are other folds in it
            folder.rmdir()
