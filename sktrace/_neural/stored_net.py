"""A trained network as plain data: weights, and what `partial_fit` goes on with.

The net itself is not kept: it is built again from the estimator's own parameters, as
fit builds it, and takes the weights. Their sizes are compared before any is allocated.
"""

import re
import warnings
from contextlib import contextmanager
from typing import NamedTuple

import torch
from sklearn.preprocessing import StandardScaler
from skorch.history import History
from torch.overrides import TorchFunctionMode

from .._plain import set_attributes, stored
from .._plain.tree import register
from .._tracer.learnt import level_of_caller
from .net import OPTIMIZERS, resolve_device, resolve_optimizer
from .training_state import KeptHistory, epoch_of, load_trained

__all__ = ["net_from_stored", "net_to_stored"]

# Further arguments of skorch that change what is computed, not what is run.
KEPT_PARAMETERS = re.compile(r"criterion(__\w+)?|optimizer__\w+")
DEVICES = re.compile(r"auto|(cpu|cuda|mps|xpu)(:\d{1,3})?")
LOSSES = {
    name: each
    for name, each in vars(torch.nn).items()
    if isinstance(each, type) and issubclass(each, torch.nn.modules.loss._Loss)
}
CLASSES = {f"torch.optim.{name}": each for name, each in OPTIMIZERS.items()}
CLASSES |= {f"torch.nn.{name}": each for name, each in LOSSES.items()}
# What gives the weights of a module that is built their values.
DRAWN = {
    *(torch.nn.init.normal_, torch.nn.init.uniform_, torch.nn.init.zeros_),
    *(torch.nn.init.kaiming_uniform_, torch.Tensor.normal_, torch.Tensor.uniform_),
    *(torch.Tensor.zero_, torch.Tensor.fill_, torch.Tensor.mul_, torch.Tensor.__imul__),
}
NAMES = {each: name for name, each in CLASSES.items()}


class SizesAlone(TorchFunctionMode):
    """Where modules are built of tensors that are nowhere: nothing is drawn for them.

    Torch would import a thousand files to draw numbers that there are not.
    """

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in DRAWN:
            return args[0] if args else kwargs["tensor"]
        if function is torch.randn:
            function = torch.empty
        return function(*args, **(kwargs or {}))


@stored
class KeptNet(NamedTuple):
    """A net without what its estimator says of it."""

    criterion: type
    weights: dict  # tensors of the module, by name
    loss: dict  # the same of the criterion
    optimizer: dict | None  # None of one that torch.optim does not have
    history: list


def net_to_stored(estimator):
    """Return the attributes of an estimator, its net as a `KeptNet`.

    A checkpoint is no part of a model: a file that is read elsewhere is not to say
    where something is written.

    Raises
    ------
    TypeError
        If a parameter is more than plain data.
    ValueError
        If parameters are not those that its net was built with.
    """
    attributes = dict(vars(estimator))
    if "checkpoint" in attributes:
        attributes["checkpoint"] = None
    _check_parameters(estimator, TypeError)
    net = attributes.get("net_")
    if net is not None:
        if net.criterion not in LOSSES.values():
            raise _refuse(TypeError, "criterion", net.criterion, "loss of torch.nn")
        _empty_module(estimator, net.module_.state_dict())
        known = type(net.optimizer_) is resolve_optimizer(estimator.optimizer)
        known &= type(net.optimizer_) in NAMES
        attributes["net_"] = KeptNet(
            criterion=net.criterion,
            weights=dict(net.module_.state_dict()),
            loss=dict(net.criterion_.state_dict()),
            optimizer=net.optimizer_.state_dict() if known else None,
            history=KeptHistory().of(net.history),
        )
    return attributes


def net_from_stored(cls, attributes):
    """Return an estimator that has its net again."""
    estimator = set_attributes(cls, attributes)
    kept = attributes.get("net_")
    estimator._validate_params()
    _check_parameters(estimator, ValueError)
    if estimator.checkpoint is not None or estimator.callbacks:
        raise ValueError(f"{cls.__name__} with a checkpoint, or with callbacks")
    if kept is None:
        return estimator
    if not isinstance(kept, KeptNet) or kept.criterion not in LOSSES.values():
        raise ValueError(f"{cls.__name__} with a {type(kept).__name__} for a net")
    _find_device(estimator)
    module = _empty_module(estimator, kept.weights).to_empty(device="cpu")
    module.load_state_dict(kept.weights)
    net = estimator._net_around(module, kept.criterion)
    load_trained(net, "criterion_", kept.loss)
    if kept.optimizer is not None:
        load_trained(net, "optimizer_", kept.optimizer)
    net.history = History(map(epoch_of, kept.history))
    estimator.net_ = net
    return estimator


def _find_device(estimator):
    """Let an estimator whose device is not here use what there is, and say so."""
    try:
        resolve_device(estimator.device)
    except ValueError:
        warnings.warn(
            f"device={str(estimator.device)!r} of this {type(estimator).__name__} is "
            'not here, so it has device="auto" now. Name another by set_params before '
            "you fit it again.",
            stacklevel=level_of_caller(),
        )
        estimator.device = "auto"


def _empty_module(estimator, weights):
    """Return the module of an estimator, of the sizes of some weights, in no memory.

    Raises
    ------
    ValueError
        If their sizes are others.
    """
    with _precision_of(weights), torch.device("meta"), SizesAlone():
        module = estimator._module()
    wanted = _sizes(module.state_dict())
    sizes = _sizes(weights)
    odd = [name for name in wanted | sizes if wanted.get(name) != sizes.get(name)]
    if odd:
        raise ValueError(
            f"weights {odd[0]!r} of {type(estimator).__name__} are {sizes.get(odd[0])},"
            f" and its parameters make them {wanted.get(odd[0])}"
        )
    return module


@contextmanager
def _precision_of(weights):
    """Let modules be made in the precision of some weights, whatever is set here."""
    here = torch.get_default_dtype()
    is_double = any(own.dtype == torch.float64 for own in weights.values())
    torch.set_default_dtype(torch.float64 if is_double else torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(here)


def _sizes(weights):
    return {name: (*own.shape, str(own.dtype)) for name, own in weights.items()}


def _check_parameters(estimator, error):
    """Refuse parameters of which more would be run than is computed."""
    for name in estimator.net_params or ():
        if not isinstance(name, str) or not KEPT_PARAMETERS.fullmatch(name):
            what = "argument of a loss or of an optimizer"
            raise _refuse(error, "net_params", name, what)
    device = str(estimator.device)
    if not DEVICES.fullmatch(device):
        raise _refuse(error, "device", device, "device of torch's own")


def _refuse(error, where, value, what):
    """Return an error about a parameter, as `sktrace._plain.models` explains it."""
    refused = error(f"{value!r:.60} is no {what}")
    refused.where = (where,)
    return refused


def _write_tensor(writer, tensor):
    try:
        return writer.write(tensor.detach().cpu().numpy())
    except (TypeError, RuntimeError) as error:  # of a dtype that numpy has not
        raise TypeError(f"a tensor of {tensor.dtype} is not kept: {error}") from error


def _read_tensor(reader, tree):
    return torch.from_numpy(reader.read(tree))


def _write_class(writer, cls):
    if cls not in NAMES:
        raise TypeError(
            f"{cls.__module__}.{cls.__qualname__} is no optimizer of torch.optim, and "
            "no loss of torch.nn"
        )
    return NAMES[cls]


def _read_class(reader, name):
    if name not in CLASSES:
        raise ValueError(f"{name!r:.60} is no class that can be read back")
    return CLASSES[name]


def _read_device(reader, name):
    if not isinstance(name, str) or not DEVICES.fullmatch(name) or name == "auto":
        raise ValueError(f"{name!r:.60} is no device")
    return torch.device(name)


register("tensor", torch.Tensor, _write_tensor, _read_tensor)
register("class", type, _write_class, _read_class)
register("device", torch.device, lambda writer, value: str(value), _read_device)
stored(StandardScaler)
