"""One fit on several devices: processes share each batch, by skorch and Accelerate.

Each process goes through all batches and takes its windows of each. Its loss is scaled
so that the mean of the gradients, which torch's `DistributedDataParallel` takes, is the
gradient of the whole batch. So all have the same weights after every step.
"""

import os
import signal
import sys
import time
from concurrent.futures import FIRST_EXCEPTION, wait
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import joblib
import torch
from joblib.externals.loky.process_executor import (
    BrokenProcessPool,
    ProcessPoolExecutor,
)
from skorch.hf import AccelerateMixin

from .._versions import require_extra
from .batches import AnswerBatch
from .net import StepNet, train
from .seeds import seeded
from .threads import thread_limit, train_threads
from .training_state import TRAINED

__all__ = ["refuse_devices", "take_part", "train_on_devices"]


class Part:
    """The windows of a batch that one process takes; as long as the whole batch.

    By their length skorch weighs the losses of batches, which are those of all parts.
    """

    def __init__(self, batch, n_rows):
        self.batch, self.n_rows = batch, n_rows

    def __len__(self):
        return self.n_rows

    def __getattr__(self, name):
        return getattr(self.batch, name)


def take_part(batch, target, rank, n_devices):
    """Return the windows of a batch, and their targets, that a process takes.

    The mean over processes of ``(loss * weight).mean()`` is that of the batch.

    Parameters
    ----------
    batch : Batch
    target : tensor of shape (n_rows, ...)
    rank, n_devices : int
        Of all processes, the one that asks.
    """
    n, share = batch.n_windows, n_devices
    first, last = rank * n // n_devices, (rank + 1) * n // n_devices
    cells, rows = _place(batch, first, last)
    if rows.start == rows.stop:  # nothing to learn, but the others wait for a gradient
        cells, rows = _place(batch, 0, n)
        first, last, share = 0, n, 0
    row_cell = batch.row_cell[rows] - cells.start
    part = {
        "row_cell": row_cell,
        "weight": batch.weight[rows] * (share * len(row_cell) / len(batch)),
        "rows": batch.rows[rows],
        "n_windows": last - first,
    }
    if isinstance(batch, AnswerBatch):
        bags = batch.bags[cells]
        end = batch.bags[cells.stop] if cells.stop < len(batch.bags) else None
        read = slice(int(bags[0]), end if end is None else int(end))
        part["bags"] = bags - bags[0]
        part["inputs"] = {name: v[read] for name, v in batch.inputs.items()}
        part["asked"] = {name: v[rows] for name, v in batch.asked.items()}
    else:
        part["numbers"] = batch.numbers[cells]
    return Part(replace(batch, **part), len(batch)), target[rows]


def _place(batch, first, last):
    """Return the cells and the rows of some windows."""
    cells = slice(first * batch.n_steps, last * batch.n_steps)
    ends = torch.tensor([cells.start, cells.stop])
    return cells, slice(*torch.searchsorted(batch.row_cell, ends).tolist())


class Parts:
    """Goes through batches, epoch after epoch, and takes a part of each."""

    def __init__(self, batches, rank, n_devices):
        self.batches, self.rank, self.n_devices = batches, rank, n_devices

    def __iter__(self):
        for batch, target in self.batches:
            yield take_part(batch, target, self.rank, self.n_devices)


class SharedNet(AccelerateMixin, StepNet):
    """A net of one process, which learns with those of the others."""

    @classmethod
    def of(cls, net, accelerator):
        """Let a net, which another process has initialised, share what it learns."""
        shared = object.__new__(cls)
        vars(shared).update(vars(net))
        shared.accelerator, shared.unwrap_after_train = accelerator, False
        shared._wrapped_with_accelerator = False
        shared.device = accelerator.device
        if not any(True for _ in net.criterion_.parameters()):
            shared._criteria = []  # which torch refuses to wrap
        for name in ("module_", "criterion_"):
            getattr(shared, name).to(accelerator.device)
        state = shared.optimizer_.state_dict()
        shared.optimizer_.load_state_dict(state)  # to where the weights are
        return shared._initialize_accelerator()

    def get_iterator(self, dataset, training=False):
        batches = StepNet.get_iterator(self, dataset, training)
        group = self.accelerator.state
        return Parts(batches, group.process_index, group.num_processes)

    def infer(self, x, **fit_params):
        # What wraps the module waits for the others, to learn; not to predict.
        learns = torch.is_grad_enabled()
        module = self.module_ if learns else self.accelerator.unwrap_model(self.module_)
        return module(x.to(self.device))

    def train_step_single(self, batch, **fit_params):
        return self._told_by_all(StepNet.train_step_single(self, batch, **fit_params))

    def validation_step(self, batch, **fit_params):
        return self._told_by_all(StepNet.validation_step(self, batch, **fit_params))

    def evaluation_step(self, batch, training=False):
        return StepNet.evaluation_step(self, batch, training)

    def _told_by_all(self, step):
        loss = self.accelerator.reduce(step["loss"].detach(), reduction="mean")
        return step | {"loss": loss}


def refuse_devices(n_devices, device):
    """Refuse more devices than there are.

    Raises
    ------
    ImportError
        Without Accelerate.
    ValueError
    """
    if n_devices == 1:
        return
    require_extra("devices", f"Training with n_devices={n_devices}")
    device = torch.device(device)
    if device.type == "cpu":
        return
    found = torch.cuda.device_count() if device.type == "cuda" else 1
    if device.type != "cuda" or device.index is not None or n_devices > found:
        raise ValueError(
            f"n_devices={n_devices} with device={str(device)!r}, of which torch finds "
            f"{found}; expected device='cuda' and at most as many as there are, or "
            f'device="cpu". Pass n_devices={found if device.index is None else 1}.'
        )


def train_on_devices(net, dataset, valid, *, n_devices, seed, n_threads, **training):
    """Train a net as `train` does, in a process for each device.

    These are new ones, which know nothing of the script that calls, and end with the
    training, or with what ends it.

    Parameters
    ----------
    net, dataset, valid
        As of `train`.
    n_devices : int
    seed : int
        Each process draws its dropout from its own: the seed and its number.
    n_threads : int or "auto"
    **training
        Further arguments of `train`.

    Returns
    -------
    best_epoch : int or None

    Raises
    ------
    ValueError
        If the optimizer takes no gradients.
    RuntimeError
        If a process ended before its training did.
    """
    if isinstance(net.optimizer_, torch.optim.LBFGS):
        raise ValueError(
            f"n_devices={n_devices} with optimizer LBFGS, which asks for several "
            "losses a step; expected one that takes gradients, for these are shared. "
            'Pass optimizer="adamw", or n_devices=1.'
        )
    env = {"OMP_NUM_THREADS": str(max(1, thread_limit() // n_devices))}
    if sys.platform == "linux":
        env["GLOO_SOCKET_IFNAME"] = "lo"  # they are all here, whatever this is called
    with TemporaryDirectory(prefix="sktrace-") as folder:
        joblib.dump((dataset, valid), Path(folder, "data"))  # which all read in place
        pool = ProcessPoolExecutor(n_devices, env=env)
        try:
            more = folder, n_devices, seed, n_threads, training
            jobs = [pool.submit(_take_part, net, k, *more) for k in range(n_devices)]
            wait(jobs, return_when=FIRST_EXCEPTION)
            _raise_error(jobs)
        finally:
            pool.shutdown(wait=True, kill_workers=True)
        learnt = torch.load(Path(folder, "learnt"), "cpu", weights_only=False)
    for name in TRAINED:
        getattr(net, name).load_state_dict(learnt[name])
    net.generator.set_state(learnt["generator"])
    net.history = learnt["history"]
    return learnt["best_epoch"]


def _raise_error(jobs):
    """Raise what ended the training, if anything did."""
    wait(jobs, timeout=1)  # that one has died is known after others have lost it
    errors = [job.exception() for job in jobs if job.done() and job.exception()]
    for error in errors:
        if isinstance(error, BrokenProcessPool):
            raise RuntimeError(
                f"A process of n_devices={len(jobs)} ended before its training did; "
                "expected that all go on. It may have been killed, or its memory may "
                "have been too small: each holds a network of its own. Pass fewer "
                "n_devices, or a smaller batch_size."
            ) from error
    for error in errors:
        raise error


def _take_part(net, rank, folder, n_devices, seed, n_threads, training):
    """Train in one of the processes; the first writes down what all have learnt."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that waits will end this
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    accelerator = _meet(rank, folder, n_devices, torch.device(net.device).type == "cpu")
    dataset, valid = joblib.load(Path(folder, "data"), mmap_mode="r")
    shared = SharedNet.of(net, accelerator)
    if rank:
        training = training | {"verbose": 0}
    with seeded(seed + rank, accelerator.device, train_threads(n_threads)):
        best_epoch, interrupt = train(shared, dataset, valid, **training)
    if interrupt is not None:  # a callback's
        raise interrupt
    shared._unwrap_accelerator()
    if rank == 0:
        learnt = {name: getattr(shared, name).state_dict() for name in TRAINED}
        learnt |= {"history": shared.history, "best_epoch": best_epoch}
        learnt["generator"] = shared.generator.get_state()
        torch.save(learnt, Path(folder, "learnt"))
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


def _end_with(parent):
    """End this process once the one that waits for it is no more."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _meet(rank, folder, n_devices, on_cpu):
    """Wait for the other processes; return what Accelerate knows of them."""
    from accelerate import Accelerator

    own = {"RANK": rank, "LOCAL_RANK": rank}
    all_ = {"WORLD_SIZE": n_devices, "LOCAL_WORLD_SIZE": n_devices}
    os.environ.update({name: str(value) for name, value in (own | all_).items()})
    store = torch.distributed.FileStore(str(Path(folder, "meeting")), n_devices)
    torch.distributed.init_process_group(
        "gloo" if on_cpu else "nccl", store=store, rank=rank, world_size=n_devices
    )
    return Accelerator(cpu=on_cpu, device_placement=False, mixed_precision="no")
