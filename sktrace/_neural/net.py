"""The seeded skorch net that trains a module on batches: the only import of skorch."""

import copy
import inspect

import numpy as np
import pandas as pd
import torch
from skorch import NeuralNet
from skorch.callbacks import EarlyStopping, LRScheduler
from skorch.dataset import unpack_data
from skorch.helper import predefined_split
from skorch.utils import noop
from torch.optim.lr_scheduler import CosineAnnealingLR

from .batches import Batches
from .epochs import KeepEpochs, Progress, WholeEpochs
from .memory import memory_told
from .threads import each_batch, predict_threads
from .training_state import TRAINED

__all__ = [
    "OPTIMIZERS",
    "StepNet",
    "build_net",
    "copy_net",
    "history_frame",
    "resolve_device",
    "resolve_optimizer",
    "train",
]

# State-skill pairs read out at once: 2**16 inputs of 192 float32 are 50 MB.
STATE_SKILL_PAIRS = 2**16

# Steps of a schedule that float counts.
LONGEST = 2**53

# The base of all, and one for gradients that are sparse, which none of ours is.
NO_OPTIMIZERS = (torch.optim.Optimizer, torch.optim.SparseAdam)
OPTIMIZERS = {
    name: value
    for name, value in vars(torch.optim).items()
    if isinstance(value, type) and value not in NO_OPTIMIZERS
}

# Arguments of skorch that fit decides, and what of ours to use instead.
OWN_PARAMETERS = {
    "batch_size": "batch_size of the estimator",
    "callbacks": "callbacks of the estimator",
    "criterion__reduction": "sample_weight of fit, which averages the losses,",
    "device": "device of the estimator",
    "max_epochs": "max_epochs of the estimator",
    "optimizer": "optimizer of the estimator",
    "train_split": "early_stopping and validation_fraction of the estimator",
}


class StepNet(NeuralNet):
    """A `NeuralNet` whose batches are `Batch` objects and whose loss counts rows.

    Batches of sequences of similar length differ a hundredfold in rows. With a mean
    loss per batch, a row of a short sequence would weigh a hundred times as much as
    one of a long sequence; here each batch counts by its share of all rows, so that
    every row weighs the same over an epoch.
    """

    def __init__(self, *args, generator=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.generator = generator

    def __setstate__(self, state):
        super().__setstate__(state)
        if self.initialized_:
            _lay_out_weights(self)

    def get_iterator(self, dataset, training=False):
        return dataset.batches(self.generator if training else None)

    def infer(self, x, **fit_params):
        return self.module_(x.to(self.device))

    def get_loss(self, y_pred, y_true, X=None, training=False):
        loss = super().get_loss(y_pred, y_true, X, training)
        if loss.shape != X.weight.shape:
            raise ValueError(
                f"{type(self.criterion_).__name__} returned losses of shape "
                f"{tuple(loss.shape)}; expected {tuple(X.weight.shape)}, one per "
                "target, so that each can be weighed. Pass a criterion that does not "
                "average them."
            )
        return (loss * X.weight.to(loss.device)).mean()

    def train_step_single(self, batch, **fit_params):
        self._set_training(True)
        Xi, yi = unpack_data(batch)
        y_pred = self.infer(Xi)
        loss = self.get_loss(y_pred, yi, X=Xi, training=True)
        (loss * Xi.share).backward()
        return {"loss": loss, "y_pred": y_pred}

    def predict_rows(self, dataset, n_threads="auto"):
        """Return the module's output for every row of a dataset, float64."""

        def predict(windows):
            batch = dataset[windows]
            # On the CPU first: not every accelerator has double precision.
            return batch[0].rows, self.evaluation_step(batch).cpu().double().numpy()

        parts = self._each_batch(predict, dataset, n_threads)
        outputs = np.empty((len(dataset.target), *parts[0][1].shape[1:]))
        for rows, own in parts:
            outputs[rows] = own
        return outputs

    def predict_every(self, dataset, asked, places, n_threads="auto"):
        """Ask the state of every row each of some questions; return P(1), float64.

        `asked` is a function of rows to what their questions ask for by name, such as
        codes by ``"skill"``; `places` says where each row stands in what is returned.
        """
        n_questions = len(asked(np.arange(0))["skill"])
        p = np.empty((len(dataset.target), n_questions))
        rows_at_once = max(1, STATE_SKILL_PAIRS // max(1, n_questions))

        @torch.no_grad()
        def predict(windows):
            batch, _ = dataset[windows]
            on_device = batch.to(self.device)
            states = self.module_.states(on_device)[on_device.row_cell]
            for first in range(0, len(states), rows_at_once):
                chunk = slice(first, first + rows_at_once)
                rows = batch.rows[chunk]
                questions = {k: v.to(self.device) for k, v in asked(rows).items()}
                logits = self.module_.ask(states[chunk], questions)
                p[places[rows]] = torch.sigmoid(logits.cpu().double()).numpy()

        self._set_training(False)
        self._each_batch(predict, dataset, n_threads)
        return p

    def _each_batch(self, predict, dataset, n_threads):
        batches = Batches(dataset).split()
        recurrent = getattr(self.module_, "rnn", self.module_)
        n_weights = sum(weights.numel() for weights in recurrent.parameters())
        n_products = n_weights * int(dataset.lengths.sum())
        n_threads = predict_threads(n_threads, self.device, n_products)
        with self._predicting():
            return each_batch(predict, batches, n_threads)

    def _predicting(self):
        return memory_told(
            self.device,
            "rows were predicted",
            "Predict fewer students at a time, or longer sequences by themselves.",
        )


def build_net(
    module,
    *,
    criterion,
    optimizer,
    lr,
    weight_decay,
    device,
    generator,
    callbacks,
    net_params,
):
    """Assemble and initialise the net of an estimator.

    `net_params` are arguments of `skorch.NeuralNet` and override ours. An optimizer
    that has no weight decay, such as Rprop, gets none.
    """
    stated = {
        "optimizer": optimizer,
        "callbacks": callbacks,
        "net_params": net_params,
    }
    net_params = dict(net_params or {})
    for name in net_params.keys() & OWN_PARAMETERS.keys():
        raise ValueError(
            f"net_params holds {name!r}, which fit decides; expected other arguments "
            f"of skorch.NeuralNet. Set {OWN_PARAMETERS[name]} instead."
        )
    params = {
        "criterion": net_params.pop("criterion", criterion),
        "optimizer": resolve_optimizer(optimizer),
        "lr": lr,
        "device": resolve_device(device),
        "train_split": None,
        "callbacks": callbacks,
        "callbacks__print_log": None,
        "verbose": 0,
        "generator": generator,
    }
    if "weight_decay" in inspect.signature(params["optimizer"]).parameters:
        params["optimizer__weight_decay"] = weight_decay
    try:
        if "reduction" in inspect.signature(params["criterion"]).parameters:
            params["criterion__reduction"] = "none"
        net = StepNet(module, **(params | net_params)).initialize()
    except (TypeError, ValueError, AttributeError) as error:
        stated = ", ".join(f"{name}={value!r}" for name, value in stated.items())
        raise ValueError(
            f"No net can be made of {stated}; expected an optimizer that takes weights "
            "of all shapes, callbacks of skorch, and further arguments of "
            f"skorch.NeuralNet. Leave out what is wrong: {error}"
        ) from error
    for group in net.optimizer_.param_groups:  # net_params may set rates of its own
        group["share_of_lr"] = group["lr"] / lr
    return net


def copy_net(net, generator):
    """Return a net to train on, so that what trains it does not change the other.

    Callbacks are those of the user, and stay the same.
    """
    other = object.__new__(type(net))
    vars(other).update(vars(net))
    # Together, so that the optimizer holds the weights of this module.
    vars(other).update(copy.deepcopy({name: getattr(net, name) for name in TRAINED}))
    other.history = copy.copy(net.history)
    other.generator = generator
    _lay_out_weights(other)
    return other


def _lay_out_weights(net):
    """Lay weights that were copied one by one out in a block, as cuDNN wants them.

    It would do so at every call, and warn. On a CPU they stay where they are.
    """
    for module in net.module_.modules():
        if isinstance(module, torch.nn.RNNBase):
            module.flatten_parameters()


def train(
    net, dataset, valid, *, epochs, lr, anneal, patience, verbose, checkpoint=None
):
    """Train for some epochs; those that stand in a `Checkpoint` are not repeated.

    With held-out students `valid`, training stops once their loss has not fallen for
    `patience` epochs, and the weights of the best epoch are restored, in memory.

    Returns
    -------
    best_epoch : int or None
        That epoch's number; None without held-out students.
    interrupt : KeyboardInterrupt or None
        Ctrl-C, which skorch would swallow. The net is what whole epochs made of it, or
        the best of them; it has learnt nothing where there is no such epoch.
    """
    for group in net.optimizer_.param_groups:  # an earlier call annealed them away
        group["lr"] = group["initial_lr"] = lr * group["share_of_lr"]
    net.train_split = None if valid is None else predefined_split(valid)
    theirs, n_before, interrupt = net.callbacks_, len(net.history), None
    ours = _callbacks(epochs, dataset.n_batches, anneal, patience, valid, verbose)
    if checkpoint is not None:
        ours.append(KeepEpochs(checkpoint))
    net.callbacks_ = theirs + [(type(c).__name__, c.initialize()) for c in ours]
    try:
        net.notify("on_train_begin", X=dataset, y=None)
        if checkpoint is not None and checkpoint.restore(net):
            epochs -= _go_on(net, n_before, ours)
        try:
            net.fit_loop(dataset, epochs=epochs)
        except KeyboardInterrupt as raised:
            if not _lost_patience(net):
                interrupt = raised
                _of(ours, WholeEpochs).restore(net, n_before)
        if net.history:
            net.notify("on_train_end", X=dataset, y=None)
    finally:
        # What trained the net must not travel with it: one holds data, one weights.
        net.train_split, net.callbacks_ = None, theirs
        for callback in ours:
            if hasattr(callback, "bar_"):
                callback.bar_.close()
    best_epoch = None if valid is None else _of(ours, EarlyStopping).best_epoch_
    return best_epoch or None, interrupt


def _go_on(net, n_before, callbacks):
    """Tell callbacks how many epochs a checkpoint held; return that."""
    n_epochs = len(net.history) - n_before
    for callback in callbacks:
        if isinstance(callback, WholeEpochs):
            callback.n_epochs = n_epochs - 1
            callback.on_epoch_end(net)
        elif isinstance(callback, Progress):
            callback.bar_.update(n_epochs)
    return n_epochs


def _lost_patience(net):
    """Say whether training was stopped by skorch's early stopping, ours or a user's.

    It raises KeyboardInterrupt, too.
    """
    return any(
        isinstance(callback, EarlyStopping) and callback.misses_ >= callback.patience
        for _, callback in net.callbacks_
    )


def _of(callbacks, kind):
    return next(callback for callback in callbacks if isinstance(callback, kind))


def _callbacks(epochs, n_batches, anneal, patience, valid, verbose):
    """Make the callbacks of one call of `train`."""
    callbacks = []
    if anneal:
        annealing = LRScheduler(
            CosineAnnealingLR,
            T_max=min(epochs * n_batches, LONGEST),
            last_epoch=-1,
            step_every="batch",
        )
        callbacks.append(annealing)
    if verbose:
        callbacks.append(Progress(epochs))
    callbacks.append(WholeEpochs())
    if valid is not None:  # late: it may end training before those behind it ran
        stopping = EarlyStopping(
            patience=patience, threshold=0, load_best=True, sink=noop
        )
        callbacks.append(stopping)
    return callbacks


def resolve_device(device):
    """Turn ``"auto"`` into the accelerator at hand, or the CPU; refuse what is not."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError) as error:  # not compiled, not there, ...
        found = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
        found += ["mps"] * torch.backends.mps.is_available()
        raise ValueError(
            f"device={str(device)!r} cannot be used; expected 'auto' or one of those "
            f"that torch finds here, {['cpu', *found]}. An accelerator needs its "
            "build of torch, and its driver."
        ) from error
    return device


def resolve_optimizer(optimizer):
    """Return a torch optimizer class, given as itself or by its name in any case."""
    is_class = isinstance(optimizer, type) and optimizer not in NO_OPTIMIZERS
    if is_class and issubclass(optimizer, torch.optim.Optimizer):
        return optimizer
    by_name = {name.lower(): value for name, value in OPTIMIZERS.items()}
    if not isinstance(optimizer, str) or optimizer.lower() not in by_name:
        raise ValueError(
            f"optimizer={optimizer!r} is not known; expected the name of an optimizer "
            'of torch.optim, such as "adamw", "adam" or "sgd", or its class, such as '
            "torch.optim.AdamW."
        )
    return by_name[optimizer.lower()]


def history_frame(net):
    """Return what skorch recorded, one row per epoch, without its book-keeping."""
    epochs = pd.DataFrame(
        {key: value for key, value in epoch.items() if key != "batches"}
        for epoch in net.history
    )
    return epochs.drop(columns=epochs.filter(regex="_best$|_batch_count$").columns)
