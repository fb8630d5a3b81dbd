"""What recurrent estimators share: how a network is built, seeded and trained."""

from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils import check_random_state

from .._sklearn import Interval, StrOptions
from .modules import CELLS
from .net import build_net, history_frame, seeded, train

__all__ = ["RecurrentMixin"]


# An epoch is to have enough batches to learn from, in a small class, too.
BATCHES_PER_EPOCH = 16
LARGEST_BATCH = 32

# What a fit, perhaps for another task, may have left.
LEARNT = (
    "net_",
    "history_",
    "best_epoch_",
    "n_iter_",
    "scaler_",
    "features_",
    "past_features_",
    "_reads_answers",
    "_n_read",
    "_n_asked",
)


class RecurrentMixin:
    """Builds and trains ``net_``, with the parameters of the estimator it is part of.

    Sets ``net_``, ``history_``, ``best_epoch_`` and ``n_iter_``.
    """

    _parameter_constraints = {  # noqa: RUF012
        "cell": [StrOptions(set(CELLS))],
        "hidden_size": [Interval(Integral, 1, None, closed="left")],
        "num_layers": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
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

    def __sklearn_is_fitted__(self):
        # A net fitted for one task has nothing to say under another.
        return hasattr(self, "net_") and self._fitted_task == self.task

    def _start(self):
        """Forget an earlier fit and seed all that this one draws.

        Called once everything has been judged: until then, a refused fit leaves the
        estimator as it was.
        """
        for name in LEARNT:
            vars(self).pop(name, None)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        self._random = np.random.RandomState(seed)
        self._fitted_task = self.task

    def _build_net(self, module, criterion, **sizes):
        """Return an untrained net around a module class, for a torch loss."""
        with self._seeded():
            return build_net(
                module(
                    cell=self.cell,
                    hidden_size=self.hidden_size,
                    num_layers=self.num_layers,
                    dropout=self.dropout,
                    **sizes,
                ),
                criterion=criterion,
                optimizer=self.optimizer,
                lr=self.lr,
                weight_decay=self.weight_decay,
                device=self.device,
                generator=self._random,
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

    def _hold_out(self, student):
        """Mark the rows of students held out for early stopping; none without it."""
        students = np.unique(student)
        if not self.early_stopping:
            return np.zeros(len(student), dtype=bool)
        if len(students) < 2:
            whose = "sequence" if self.task == "many-to-one" else "student"
            raise ValueError(
                f"early_stopping=True holds out whole {whose}s, got 1 {whose}; "
                "expected at least 2. Pass early_stopping=False, or fit on more "
                f"{whose}s."
            )
        n_held_out = round(self.validation_fraction * len(students))
        n_held_out = min(max(n_held_out, 1), len(students) - 1)
        chosen = self._random.choice(students, n_held_out, replace=False)
        return np.isin(student, chosen)

    def _sequences_per_batch(self, n_sequences):
        """Say how many whole sequences a batch holds: fewer where they are few."""
        if self.batch_size != "auto":
            return self.batch_size
        return min(LARGEST_BATCH, max(1, n_sequences // BATCHES_PER_EPOCH))

    def _seeded(self):
        return seeded(self._random.randint(2**31 - 1), self.device)
