"""What estimators with a network share: how it is built, seeded and trained."""

from abc import abstractmethod
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils import check_random_state

from .._sklearn import Interval, StrOptions
from .batches import StepDataset
from .modules import CELLS
from .net import build_net, history_frame, seeded, train

__all__ = ["LARGEST_BATCH", "RECURRENT", "TrainedNetwork", "recurrent_sizes"]

# An epoch is to have enough batches to learn from, in a small class, too.
BATCHES_PER_EPOCH = 16
LARGEST_BATCH = 32

# Constraints of the parameters that recurrent modules have in common.
RECURRENT = {
    "cell": [StrOptions(set(CELLS))],
    "hidden_size": [Interval(Integral, 1, None, closed="left")],
    "num_layers": [Interval(Integral, 1, None, closed="left")],
    "dropout": [Interval(Real, 0, 1, closed="left")],
}


def recurrent_sizes(estimator):
    """Return the values of these parameters by name."""
    return {name: getattr(estimator, name) for name in RECURRENT}


class TrainedNetwork:
    """An estimator with a network ``net_``, trained by skorch.

    A subclass stores the parameters of training in its constructor, and has one hook,
    `_module`. What it fits are sequences: `_fit_net` holds some of them out, builds the
    net and trains it. Sets ``net_``, ``history_``, ``best_epoch_`` and ``n_iter_``.
    """

    _parameter_constraints = {
        "lr": [Interval(Real, 0, None, closed="neither")],
        "lr_schedule": [StrOptions({"cosine"}), None],
        "optimizer": [str, type],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
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
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "callbacks": [list, tuple, None],
        "net_params": [dict, None],
    }

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
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        self._random_ = np.random.RandomState(seed)

    def _fit_net(self, steps, target, weight, taught, criterion, **batching):
        """Train a new net on sequences; return what it was trained on.

        Parameters
        ----------
        steps : AnswerSteps or NumberSteps
        target, weight : ndarray of shape (n_rows,) or (n_rows, n_targets)
        taught : ndarray of shape (n_sequences,), bool
            Sequences to learn from, or to hold out.
        criterion : class
            A loss of torch.
        **batching
            ``batch_size`` and ``max_length`` of a `StepDataset`.

        Returns
        -------
        StepDataset
        """
        held_out = self._hold_out(taught)
        training = StepDataset(
            steps, target, weight, chosen=taught & ~held_out, **batching
        )
        valid = None
        if held_out.any():
            valid = StepDataset(steps, target, weight, chosen=held_out)
        net = self._build_net(criterion)
        self._train_net(net, training, valid, self.max_epochs)
        return training

    def _build_net(self, criterion):
        """Return an untrained net around the module, for a loss of torch."""
        with self._seeded():
            return build_net(
                self._module(),
                criterion=criterion,
                optimizer=self.optimizer,
                lr=self.lr,
                weight_decay=self.weight_decay,
                device=self.device,
                generator=self._random_,
                callbacks=self.callbacks,
                net_params=self.net_params,
            )

    def _train_net(self, net, training, valid, epochs):
        """Train a net and keep it, with its history; a net that failed is not kept."""
        with self._seeded():
            best_epoch = train(
                net,
                training,
                valid,
                epochs=epochs,
                lr=self.lr,
                anneal=self.lr_schedule == "cosine",
                patience=self.patience,
                verbose=self.verbose,
            )
        if not all(p.isfinite().all() for p in net.module_.parameters()):
            vars(self).pop("net_", None)
            raise ValueError(
                f"Training diverged: weights are not finite after {len(net.history)} "
                f"epochs with lr={self.lr!r}. Lower lr, and fit again."
            )
        self.net_ = net
        self.history_ = history_frame(net)
        if valid is not None or not hasattr(self, "best_epoch_"):
            self.best_epoch_ = best_epoch  # partial_fit goes on from it, and keeps it
        self.n_iter_ = len(self.history_)

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
        return seeded(self._random_.randint(2**31 - 1), self.device)
