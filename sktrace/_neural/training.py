"""What estimators with a network share: how it is built, seeded and trained."""

import copy
import os
from abc import abstractmethod
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import torch
from sklearn.utils import check_random_state

from .._plain.versions import VersionedPickle
from .._sklearn import Interval, StrOptions
from .answer_steps import n_answer_codes
from .batches import StepDataset
from .checkpoints import Checkpoint
from .devices import refuse_devices, train_on_devices
from .memory import count_weights, memory_told, refuse_giant
from .modules import CELLS
from .net import build_net, copy_net, history_frame, resolve_device, train
from .seeds import seeded
from .stored_net import net_from_stored, net_to_stored
from .threads import given_threads, train_threads
from .warm_start import carry_over, refuse_others

__all__ = ["LARGEST_BATCH", "RECURRENT", "TrainedNetwork", "recurrent_sizes"]

# An epoch is to have enough batches to learn from, in a small class, too.
BATCHES_PER_EPOCH = 16
LARGEST_BATCH = 32

# So that steps are numbers of float32, however an optimizer scales them.
LARGEST = 1e30

# Constraints of the parameters that recurrent modules have in common.
RECURRENT = {
    "cell": [StrOptions(set(CELLS))],
    "hidden_size": [Interval(Integral, 1, None, closed="left")],
    # Torch takes hours to stack more, and none has been of use.
    "num_layers": [Interval(Integral, 1, 1000, closed="both")],
    "dropout": [Interval(Real, 0, 1, closed="left")],
}


def recurrent_sizes(estimator):
    """Return the values of these parameters by name."""
    sizes = {name: getattr(estimator, name) for name in RECURRENT}
    # Torch takes no integers of numpy, such as those of a search.
    return sizes | {name: int(sizes[name]) for name in ("hidden_size", "num_layers")}


class Beginning(NamedTuple):
    """Where a training begins, if not with weights that it draws, in epoch 1."""

    earlier: object = None  # of `warm_start`, the estimator as an earlier fit left it
    checkpoint: Checkpoint | None = None


class TrainedNetwork(VersionedPickle):
    """An estimator with a network ``net_``, trained by skorch.

    A subclass stores the parameters of training in its constructor, and has one hook,
    `_module`. What it fits are sequences: `_fit_net` holds some of them out, builds the
    net and trains it. Sets ``net_``, ``history_``, ``best_epoch_`` and ``n_iter_``;
    and after Ctrl-C, ``interrupted_``.
    """

    _parameter_constraints = {
        "lr": [Interval(Real, 0, LARGEST, closed="right")],
        "lr_schedule": [StrOptions({"cosine"}), None],
        "optimizer": [str, type],
        "weight_decay": [Interval(Real, 0, LARGEST, closed="both")],
        "batch_size": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "max_length": [Interval(Integral, 1, None, closed="left"), None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "device": [str, torch.device],
        "n_threads": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "n_devices": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "callbacks": [list, tuple, None],
        "net_params": [dict, None],
        "checkpoint": [str, os.PathLike, None],
        "warm_start": ["boolean"],
    }

    # Of files that are older than these parameters.
    n_threads, n_devices, checkpoint, warm_start = "auto", 1, None, False

    def _to_stored(self):
        return net_to_stored(self)

    @classmethod
    def _from_stored(cls, attributes):
        return net_from_stored(cls, attributes)

    @abstractmethod
    def _module(self):
        """Return an untrained torch module, of the sizes that fit has learnt."""

    @property
    @abstractmethod
    def _loss_name(self):
        """What the losses of ``history_`` are, under the loss that fit chooses."""

    @property
    def loss_label(self):
        """What ``history_`` holds as losses, for pictures."""
        own = "criterion" in (self.net_params or {})
        return "loss" if own else self._loss_name

    def _seed(self):
        """Seed all that this fit draws; called once everything has been judged."""
        self._random_ = np.random.RandomState(self._draw_seed())

    def _draw_seed(self):
        return check_random_state(self.random_state).randint(2**31 - 1)

    def _begin(self, earlier, *data):
        """Seed all that this fit draws, and say where it begins.

        Parameters
        ----------
        earlier : estimator or None
            What `earlier_solution` returns.
        *data : object
            All that is learnt from, before some of it is held out.

        Returns
        -------
        Beginning
        """
        if earlier is not None:
            refuse_others(self, earlier)
        if self.checkpoint is None:
            self._seed()
            return Beginning(earlier)
        if earlier is not None:
            net = earlier.net_
            data += net.module_.state_dict(), net.criterion_.state_dict()
            data += (len(net.history),)
        checkpoint = Checkpoint.of(self, self._draw_seed(), *data)
        self._random_ = np.random.RandomState(checkpoint.seed)
        return Beginning(earlier, checkpoint)

    def _fit_net(self, earlier, steps, target, weight, taught, criterion, **batching):
        """Train a net on sequences.

        Parameters
        ----------
        earlier : estimator or None
            What `earlier_solution` returns.
        steps : AnswerSteps or NumberSteps
        target, weight : ndarray of shape (n_rows,) or (n_rows, n_targets)
        taught : ndarray of shape (n_sequences,), bool
            Sequences to learn from, or to hold out.
        criterion : class
            A loss of torch.
        **batching
            ``batch_size`` and ``max_length`` of a `StepDataset`.
        """
        beginning = self._begin(earlier, steps, target, weight, taught, batching)
        held_out = self._hold_out(taught)
        training = StepDataset(
            steps, target, weight, chosen=taught & ~held_out, **batching
        )
        valid = None
        if held_out.any():
            valid = StepDataset(steps, target, weight, chosen=held_out)
        self._fit_datasets(beginning, training, valid, criterion)

    def _fit_datasets(self, beginning, training, valid, criterion):
        """Train a net on a `StepDataset` or `StepStream`; `valid` may be None."""
        net = self._build_net(criterion)
        if beginning.earlier is not None:
            carry_over(beginning.earlier.net_, net)
        kept = beginning.checkpoint
        self._train_net(net, training, valid, self.max_epochs, checkpoint=kept)

    def _build_net(self, criterion):
        """Return an untrained net around the module, for a loss of torch."""
        self._refuse_giant()
        refuse_devices(self.n_devices, resolve_device(self.device))
        with self._seeded(), self._memory_told("the network was built"):
            return self._net_around(self._module(), criterion)

    def _net_around(self, module, criterion):
        """Return a net around a module, trained by the parameters as they are."""
        return build_net(
            module,
            criterion=criterion,
            optimizer=self.optimizer,
            lr=self.lr,
            weight_decay=self.weight_decay,
            device=self.device,
            generator=self._random_,
            callbacks=self.callbacks,
            net_params=self.net_params,
        )

    def _copy_net(self):
        """Return a copy of the net, to go on with; the other stays as it is."""
        refuse_devices(self.n_devices, self.net_.device)
        self._random_ = copy.deepcopy(self._random_)
        with self._memory_told("the network was copied"):
            return copy_net(self.net_, self._random_)

    def _train_net(self, net, training, valid, epochs, checkpoint=None):
        """Train a net and keep it, with its history; after Ctrl-C, in a copy.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C. An estimator that has learnt from the epochs until then is
            `interrupted_`, if there was a whole one.
        """
        n_before = len(net.history)
        how = {
            "epochs": epochs,
            "lr": self.lr,
            "anneal": self.lr_schedule == "cosine",
            "patience": self.patience,
            "verbose": self.verbose,
        }
        with self._memory_told("the network was trained"):
            best_epoch, interrupt = self._train(net, training, valid, checkpoint, how)
        n_epochs = len(net.history) - n_before
        if interrupt is not None and n_epochs == 0:
            raise interrupt
        if not all(p.isfinite().all() for p in net.module_.parameters()):
            raise ValueError(
                f"Training diverged: weights are not finite after {len(net.history)} "
                f"epochs with {self._moved_by()}, and fit again."
            )
        self.net_ = net
        self.history_ = history_frame(net)
        if valid is not None or not hasattr(self, "best_epoch_"):
            self.best_epoch_ = best_epoch  # partial_fit goes on from it, and keeps it
        self.n_iter_ = len(self.history_)
        with given_threads(1):
            self._fill_untaught(training)
        if interrupt is not None:
            self.interrupted_ = copy.copy(self)
            raise KeyboardInterrupt(
                f"Training was interrupted after {n_epochs} of {epochs} epoch(s). What "
                f"these taught is in interrupted_, another {type(self).__name__}; this "
                "one is as it was before."
            ) from interrupt

    def _train(self, net, training, valid, checkpoint, how):
        """Train a net, here or on several devices; return what `train` returns.

        What a checkpoint holds is not trained again; of a training that has ended that
        is all, and no callback is called.
        """
        if checkpoint is not None:
            checkpoint.compare_start(net)
            if checkpoint.is_done:
                with self._seeded():
                    return checkpoint.restore_end(net), None
        how = how | {"checkpoint": checkpoint}
        if self.n_devices == 1:
            with self._seeded():
                best_epoch, interrupt = train(net, training, valid, **how)
        else:
            how |= {"n_devices": int(self.n_devices), "n_threads": self.n_threads}
            seed, interrupt = self._random_.randint(2**31 - 1), None
            best_epoch = train_on_devices(net, training, valid, seed=seed, **how)
        if checkpoint is not None and interrupt is None:
            checkpoint.write_end(net, best_epoch)
        return best_epoch, interrupt

    def _moved_by(self):
        """Say what moves weights: the loss, and, where it is much, their decay."""
        if self.weight_decay < 1:
            return f"lr={self.lr!r}. Lower lr"
        return (
            f"lr={self.lr!r}, weight_decay={self.weight_decay!r}. Lower weight_decay "
            "or lr"
        )

    def _fill_untaught(self, training):
        """Let what training did not hold be the average of what it held."""

    def _refuse_giant(self):
        """Refuse sizes that the device has no memory for."""
        if not hasattr(self, "cell"):
            return
        sizes = {name: getattr(self, name) for name in ("hidden_size", "num_layers")}
        codes = {}
        if hasattr(self, "skills_"):
            sizes["embedding_size"] = self.embedding_size
            codes = {
                "n_codes": n_answer_codes(len(self.skills_)),
                "embedding_size": self.embedding_size,
            }
        n_weights = count_weights(self.cell, self.hidden_size, self.num_layers, **codes)
        device = resolve_device(self.device)
        refuse_giant(n_weights, device, sizes)

    def _memory_told(self, doing):
        names = ("hidden_size", "num_layers", "batch_size", "max_length")
        stated = {name: getattr(self, name) for name in names if hasattr(self, name)}
        stated = ", ".join(f"{name}={value!r}" for name, value in stated.items())
        return memory_told(
            self.device, doing, f"Got {stated}: pass smaller ones, or another device."
        )

    def _hold_out(self, taught):
        """Mark the sequences held out for early stopping; none without it."""
        held_out = np.zeros(len(taught), dtype=bool)
        if not self.early_stopping:
            return held_out
        candidates = np.flatnonzero(taught)
        if len(candidates) < 2:
            task = getattr(self, "task", "many-to-many")
            whose = "sequence" if task == "many-to-one" else "student"
            raise ValueError(
                f"early_stopping=True holds out whole {whose}s, got 1 {whose}; "
                "expected at least 2. Pass early_stopping=False, or fit on more "
                f"{whose}s."
            )
        n_held_out = round(self.validation_fraction * len(candidates))
        n_held_out = min(max(n_held_out, 1), len(candidates) - 1)
        held_out[self._random_.choice(candidates, n_held_out, replace=False)] = True
        return held_out

    def _sequences_per_batch(self, n_sequences):
        """Say how many whole sequences a batch holds: fewer where they are few."""
        if self.batch_size != "auto":
            return self.batch_size
        return min(LARGEST_BATCH, max(1, n_sequences // BATCHES_PER_EPOCH))

    def _seeded(self):
        seed = self._random_.randint(2**31 - 1)
        n_threads = train_threads(self.n_threads)
        return seeded(seed, resolve_device(self.device), n_threads)
