"""The files by which a training that was killed goes on: one for each training."""

import os
import warnings
from pathlib import Path

import numpy as np
import torch

from .. import __version__
from .._files import check_place, write_whole
from .._plain import pack, unpack
from .._tracer.learnt import level_of_caller
from .fingerprints import fingerprint
from .net import resolve_device
from .threads import train_threads
from .training_state import KeptHistory, read_state, write_state

__all__ = ["Checkpoint"]

# Parameters by which a training does not differ: what it draws counts by its seed, what
# it begins with by its weights.
NO_MATTER = {"checkpoint", "random_state", "verbose", "warm_start"}
# What a file holds, beside the best epoch.
KINDS = {"name": str, "seed": int, "start": str, "is_done": bool, "net": dict}


class Checkpoint:
    """The file of one training, in a folder of them.

    It is named by a fingerprint of all that decides a bit of what is learnt, but for
    what ``random_state=None`` draws: that stands in the file. So a file is never that
    of other data or of other parameters, and nothing of use is ever overwritten.

    Parameters
    ----------
    path : Path
    state : dict or None
        What the file held, if there was one.
    seed : int
        Of all that the training draws.
    """

    def __init__(self, path, state, seed):
        self.path, self.state, self.seed = path, state, seed
        self.has_warned = False

    @classmethod
    def of(cls, estimator, seed, *data):
        """Find the file of the training that an estimator begins, or its place.

        Parameters
        ----------
        estimator : TrainedNetwork
        seed : int
            Drawn from its ``random_state``.
        *data : object
            What it learns from, and the weights that it begins with.

        Raises
        ------
        OSError
            If no file can be written there.
        ValueError
            If there is one that is not a checkpoint of this training.
        """
        draws_anew = estimator.random_state is None
        params = estimator.get_params(deep=False)
        name = fingerprint(
            type(estimator),
            {name: params[name] for name in params.keys() - NO_MATTER},
            str(resolve_device(estimator.device)),
            train_threads(estimator.n_threads),
            [__version__, np.__version__, str(torch.__version__)],
            str(torch.get_default_dtype()),
            None if draws_anew else seed,
            *data,
        )
        name = f"{type(estimator).__name__}-{name}.checkpoint"
        path = _find_place(estimator.checkpoint, name)
        state = _read(path)
        if draws_anew and state is not None:
            if state["is_done"]:  # the next one is another
                state = None
            else:
                seed = state["seed"]
        return cls(path, state, seed)

    def compare_start(self, net):
        """Refuse a net that does not begin as the one in the file did."""
        self.start = fingerprint(net.module_.state_dict())
        if self.state is not None and self.state["start"] != self.start:
            raise _refuse(self.path, "its training began with other weights")

    @property
    def is_done(self):
        """Whether the training in the file has ended."""
        return self.state is not None and self.state["is_done"]

    def restore(self, net):
        """Let a net be as it was when the file was written.

        Returns
        -------
        bool
            Whether there was a file.
        """
        if self.state is None:
            return False
        try:
            write_state(net, self.state["net"])
        except Exception as error:  # whatever torch makes of what is not its own
            raise _refuse(self.path, f"it fits no such network: {error}") from error
        self.state = None
        return True

    def restore_end(self, net):
        """Let a net be as it was when training had ended; return the best epoch."""
        best_epoch = self.state["best_epoch"]
        self.restore(net)
        return best_epoch

    def write(self, net, epochs):
        """Keep a net in training, with its history as a `KeptHistory`.

        If the disk takes no more, this is said, and training goes on.
        """
        self._write(net, epochs, is_done=False, best_epoch=None)

    def write_end(self, net, best_epoch):
        """Keep a net whose training has ended; `best_epoch` may be None."""
        self._write(net, KeptHistory(), is_done=True, best_epoch=best_epoch)

    def _write(self, net, epochs, **how):
        state = {"name": self.path.name, "seed": self.seed, "start": self.start, **how}
        state["net"] = read_state(net, epochs)
        if hasattr(net, "accelerator") and net.accelerator.process_index > 0:
            return  # the first of several processes writes for all
        content = pack(state)
        try:
            write_whole(self.path, content)
        except OSError as error:
            if self.has_warned:
                return
            self.has_warned = True
            warnings.warn(
                f"No checkpoint was written after epoch {len(net.history)}, for "
                f"{str(self.path.parent)!r} takes no more ({error.strerror or error}). "
                "Training goes on; a kill would lose what came after the checkpoint "
                "before. Make room there.",
                stacklevel=level_of_caller(),
            )


def _find_place(folder, name):
    """Return the path of a file in a folder, which is made; refuse what is none."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_place(folder / name)
    except OSError as error:
        raise type(error)(
            f"checkpoint={os.fspath(folder)!r} takes no files "
            f"({error.strerror or error}); expected a folder that may be written to, "
            "which is made if there is none. Name another, or pass checkpoint=None."
        ) from error
    return folder / name


def _read(path):
    """Return what a file holds, None if there is none; never run what stands in it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        state = unpack(content)
        types = {name: type(state[name]) for name in KINDS}
    except (ValueError, KeyError, TypeError) as error:
        raise _refuse(path, str(error)) from error
    if types != KINDS or state["name"] != path.name:
        raise _refuse(path, "it has the name of another")
    return state


def _refuse(path, why):
    return ValueError(
        f"{str(path)!r} is no checkpoint of this training: {why}. Expected what fit "
        "writes there. Remove the file, and fit again: training begins anew."
    )
