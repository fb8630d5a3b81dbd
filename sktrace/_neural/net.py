"""The seeded skorch net that trains a module on batches: the only import of skorch."""

import inspect
import warnings
from contextlib import contextmanager

import numpy as np
import pandas as pd
import torch
from scipy.special import expit
from skorch import NeuralNet
from skorch.callbacks import Callback, EarlyStopping, LRScheduler
from skorch.dataset import unpack_data
from skorch.helper import predefined_split
from skorch.utils import noop
from torch.optim.lr_scheduler import CosineAnnealingLR

from .batches import Batches

__all__ = [
    "StepNet",
    "build_net",
    "history_frame",
    "resolve_device",
    "resolve_optimizer",
    "seeded",
    "train",
]

# State-skill pairs read out at once: 2**16 inputs of 192 float32 are 50 MB.
STATE_SKILL_PAIRS = 2**16

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

    def get_iterator(self, dataset, training=False):
        return Batches(dataset, self.generator if training else None)

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

    def predict_rows(self, dataset):
        """Return the module's output for every row of a dataset, float64."""
        outputs = None
        for batch in self.get_iterator(dataset):
            # On the CPU first: not every accelerator has double precision.
            own = self.evaluation_step(batch).cpu().double().numpy()
            if outputs is None:
                outputs = np.empty((len(dataset.target), *own.shape[1:]))
            outputs[batch[0].rows] = own
        return outputs

    def predict_every(self, dataset, asked):
        """Ask the state of every row each of some questions; return P(1), float64.

        `asked` is a function of rows to what their questions ask for by name, such as
        codes by ``"skill"``.
        """
        n_questions = len(asked(np.arange(0))["skill"])
        p = np.empty((len(dataset.target), n_questions))
        rows_at_once = max(1, STATE_SKILL_PAIRS // max(1, n_questions))
        self._set_training(False)
        with torch.no_grad():
            for batch, _ in self.get_iterator(dataset):
                on_device = batch.to(self.device)
                states = self.module_.states(on_device)[on_device.row_cell]
                for first in range(0, len(states), rows_at_once):
                    chunk = slice(first, first + rows_at_once)
                    rows = batch.rows[chunk]
                    questions = {k: v.to(self.device) for k, v in asked(rows).items()}
                    logits = self.module_.ask(states[chunk], questions)
                    p[rows] = expit(logits.cpu().double().numpy())
        return p


class Progress(Callback):
    """One bar over the epochs with the losses beside it; a widget in a notebook."""

    def __init__(self, epochs):
        self.epochs = epochs

    def on_train_begin(self, net, **kwargs):
        with warnings.catch_warnings():
            # In a notebook without ipywidgets it warns, and draws a good bar of text.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm
        # Under another bar, such as one over folds, it goes when it is done.
        self.bar_ = tqdm(total=self.epochs, unit="epoch", desc="training", leave=None)

    def on_epoch_end(self, net, **kwargs):
        epoch = net.history[-1]
        losses = {
            key: epoch[key] for key in ("train_loss", "valid_loss") if key in epoch
        }
        self.bar_.set_postfix(losses, refresh=False)
        self.bar_.update()

    def on_train_end(self, net, **kwargs):
        self.bar_.close()
        del self.bar_  # it holds a stream, which cannot be pickled


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
    if "reduction" in inspect.signature(params["criterion"]).parameters:
        params["criterion__reduction"] = "none"
    net = StepNet(module, **(params | net_params)).initialize()
    for group in net.optimizer_.param_groups:  # net_params may set rates of its own
        group["share_of_lr"] = group["lr"] / lr
    return net


def train(net, dataset, valid, *, epochs, lr, anneal, patience, verbose):
    """Train for some epochs; Ctrl-C ends early and keeps what was learnt.

    With held-out students `valid`, training stops once their loss has not fallen for
    `patience` epochs, and the weights of the best epoch are restored, in memory.
    Returns that epoch's number; None without held-out students.
    """
    for group in net.optimizer_.param_groups:  # an earlier call annealed them away
        group["lr"] = group["initial_lr"] = lr * group["share_of_lr"]
    net.train_split = None if valid is None else predefined_split(valid)
    theirs = net.callbacks_
    ours = _callbacks(epochs, dataset.n_batches, anneal, patience, valid, verbose)
    net.callbacks_ = theirs + [(type(c).__name__, c.initialize()) for c in ours]
    try:
        net.partial_fit(dataset, epochs=epochs)
    finally:
        # What trained the net must not travel with it: one holds data, one weights.
        net.train_split, net.callbacks_ = None, theirs
    if net.history and "train_loss" not in net.history[-1]:
        net.history.pop()  # an epoch that Ctrl-C cut short
    return None if valid is None else ours[-1].best_epoch_ or None


def _callbacks(epochs, n_batches, anneal, patience, valid, verbose):
    """Make the callbacks of one call of `train`."""
    callbacks = []
    if anneal:
        annealing = LRScheduler(
            CosineAnnealingLR,
            T_max=epochs * n_batches,
            last_epoch=-1,
            step_every="batch",
        )
        callbacks.append(annealing)
    if verbose:
        callbacks.append(Progress(epochs))
    if valid is not None:  # the last: it may end training before those behind it ran
        stopping = EarlyStopping(
            patience=patience, threshold=0, load_best=True, sink=noop
        )
        callbacks.append(stopping)
    return callbacks


@contextmanager
def seeded(seed, device):
    """Seed torch inside the block; outside, its generators are as they were."""
    kind = torch.device(resolve_device(device)).type
    if kind == "cpu":  # torch.manual_seed would seed the accelerators, too
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            yield
    else:
        devices = range(getattr(torch, kind).device_count())
        with torch.random.fork_rng(devices, device_type=kind):
            torch.manual_seed(seed)
            yield


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
    if isinstance(optimizer, type) and issubclass(optimizer, torch.optim.Optimizer):
        return optimizer
    by_name = {
        name.lower(): value
        for name, value in vars(torch.optim).items()
        if isinstance(value, type) and value is not torch.optim.Optimizer
    }
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
