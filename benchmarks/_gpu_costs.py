"""Sections 5, 6, 8 and 9 of `gpu.py`: what is learnt on the device, and how fast."""

import time
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from _gpu_common import distance, is_cuda, peak_megabytes, tf32, wait
from _gpu_report import Skipped
from accuracy import split
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

from sktrace import DKTClassifier
from sktrace._neural.batches import Batch, StepDataset
from sktrace._neural.net import StepNet
from sktrace.model_selection import StudentKFold

__all__ = ["accuracy", "precision", "read", "search", "speed"]

SEEDS = 3
SAME_AUC = 0.0005
BATCH_SIZES = [32, 128, 512]


def read(name, options, validate):
    """Return rows to learn from and rows to score: of a fold, or of the test split."""
    parts = split(name, options.data_home, validate)
    if not options.quick:
        return parts
    few = [part["user_id"].unique()[:60] for part in parts]
    return [p[p["user_id"].isin(own)] for p, own in zip(parts, few, strict=True)]


class KeepWeights(Callback):
    """Keeps the weights of every epoch, to be scored once the clock has stopped."""

    def on_train_begin(self, net, **kwargs):
        self.kept_ = []

    def on_epoch_end(self, net, **kwargs):
        weights = net.module_.state_dict().items()
        self.kept_.append({name: w.detach().cpu().clone() for name, w in weights})


def train(parts, device, options, **params):
    """Fit DKT and score every epoch; return what it took and what it reached."""
    learn, valid = parts
    keep = KeepWeights()
    own = {"random_state": 0, "n_threads": 1, "max_epochs": options.epochs}
    params = own | params | {"device": device}
    tracer = DKTClassifier(callbacks=[keep], **params)
    with peak_megabytes(device) as peak:
        start = time.perf_counter()
        tracer.fit(learn, learn["correct"])
        wait(device)
        seconds = time.perf_counter() - start
    epochs = tracer.history_["dur"].to_numpy()
    aucs = []
    for weights in keep.kept_:
        tracer.net_.module_.load_state_dict(weights)
        aucs.append(roc_auc_score(valid["correct"], tracer.predict_proba(valid)[:, 1]))
    per_epoch = float(np.median(epochs[1:] if len(epochs) > 1 else epochs))
    text = f"{per_epoch:.2f} s an epoch, fit {seconds:.1f} s, AUC {aucs[-1]:.4f}"
    text += f", at most {peak[0]:.0f} MB" if peak else ""
    found = {"epochs": epochs.tolist(), "aucs": aucs, "seconds": seconds, "peak": peak}
    return found | {"text": text, "per_epoch": per_epoch}


def precision(report, device, options):
    """Train in float32, with TF32, and within torch's autocast, of unscaled losses."""
    parts = read("2009", options, validate=True)
    few = {"max_epochs": min(3, options.epochs)}
    for name, allowed in {"float32": False, "TF32 allowed": True}.items():
        with tf32(allowed):
            report.ask(name, train, parts, device, options, **few)
    for dtype in (torch.bfloat16, torch.float16)[: 2 if is_cuda(device) else 1]:
        name = str(dtype).removeprefix("torch.")
        with _patched(StepNet, "infer", _autocast(device, dtype)), tf32(False):
            report.ask(f"autocast, {name}", train, parts, device, options, **few)


def _autocast(device, dtype):
    """Let a net learn, but not predict, within autocast."""

    def make(infer):
        def call(*args, **kwargs):
            learns = torch.is_grad_enabled()
            with torch.autocast(torch.device(device).type, dtype, enabled=learns):
                return infer(*args, **kwargs).float()

        return call

    return make


def search(report, device, options):
    """Search over four settings, one fit at a time and two."""
    learn, _ = read("2009", options, validate=True)
    scores = []

    def run(n_jobs):
        epochs, folds = (1, 2) if options.quick else (3, 3)
        dkt = DKTClassifier(max_epochs=epochs, random_state=0, device=device)
        grid = {"hidden_size": [50, 100], "cell": ["gru", "rnn"]}
        more = {"scoring": "roc_auc", "refit": False, "error_score": "raise"}
        clf = GridSearchCV(dkt, grid, cv=StudentKFold(folds), n_jobs=n_jobs, **more)
        start = time.perf_counter()
        clf.fit(learn, learn["correct"])
        scores.append(clf.cv_results_["mean_test_score"])
        apart = distance(scores[0], scores[-1])
        text = f"{time.perf_counter() - start:.1f} s, best {clf.best_params_}"
        return apart <= 1e-4, f"{text}, scores {apart:.1e} from those of one job"

    for n_jobs in (1, 2):
        report.ask(f"GridSearchCV of 4 settings, n_jobs={n_jobs}", run, n_jobs)


def accuracy(report, device, options):
    """Score the published test rows by the default DKT, several seeds, both devices."""
    learn, test = read("2009", options, validate=False)
    found = {}

    def score(where):
        aucs = []
        for seed in range(SEEDS):
            own = {"max_epochs": options.epochs, "n_threads": 1}
            dkt = DKTClassifier(random_state=seed, device=where, **own)
            p = dkt.fit(learn, learn["correct"]).predict_proba(test)[:, 1]
            aucs.append(roc_auc_score(test["correct"], p))
        found[where] = np.array(aucs)
        return f"AUC {np.mean(aucs):.4f} ± {np.std(aucs, ddof=1):.4f}, {SEEDS} seeds"

    def compare():
        if len(found) < 2:
            raise Skipped("needs both")
        own, cpu = found[device], found["cpu"]
        apart = float(own.mean() - cpu.mean())
        error = float(np.sqrt((own.var(ddof=1) + cpu.var(ddof=1)) / SEEDS))
        text = f"{apart:+.4f}, standard error {error:.4f}"
        return abs(apart) <= max(SAME_AUC, 2 * error), text

    for where in dict.fromkeys([device, "cpu"]):
        report.ask(f"ASSISTments 2009, default DKT, {where}", score, where)
    report.ask("difference of the means", compare)


def speed(report, device, options):
    """Train on ASSISTments 2015, on the device and on one core; see where time goes.

    A fold of the training students is scored after every epoch; test rows are left
    alone.
    """
    parts = read("2015", options, validate=True)
    rows = " and ".join(f"{len(part):,}" for part in parts)
    report.ask("rows to learn from, rows to score", lambda: rows)
    of_32 = {"batch_size": 32}
    what = "one CPU core, batches of 32"
    core = report.ask(what, train, parts, "cpu", options, **of_32)
    target = core["aucs"][-1] - 0.001 if core else None
    for size in BATCH_SIZES[: 2 if options.quick else None]:
        for lr in sorted({0.003, round(0.003 * (size / 32) ** 0.5, 4)}):
            own = {"batch_size": size, "lr": lr}
            what = f"{device}, batches of {size}, lr={lr}"
            asked = report.ask(what, train, parts, device, options, **own)
            if asked and core:
                report.ask(f"{what}: beside the core", _beside, asked, core, target)
    report.ask("where time goes", _where_time_goes, parts, device)
    report.ask("kernels on the GPU", _busy, parts, device)
    report.ask("pinned memory", _pinned, parts, device)


def _reach(found, target):
    """Return seconds of training to an AUC; None if it was not reached."""
    reached = np.flatnonzero(np.array(found["aucs"]) >= target)
    return float(np.cumsum(found["epochs"])[reached[0]]) if len(reached) else None


def _beside(asked, core, target):
    text = f"an epoch × {asked['per_epoch'] / core['per_epoch']:.3f}"
    own, other = _reach(asked, target), _reach(core, target)
    if own is None:
        return f"{text}; AUC {target:.4f} not reached"
    return f"{text}; to AUC {target:.4f}: {own:.1f} s against {other:.1f} s"


@contextmanager
def _patched(owner, name, make):
    """Let a method be what `make` makes of it inside the block."""
    before = getattr(owner, name)
    setattr(owner, name, make(before))
    try:
        yield
    finally:
        setattr(owner, name, before)


def _one_epoch(parts, device, epochs=2):
    """Fit, and return seconds of the last epoch."""
    own = {"random_state": 0, "n_threads": 1, "batch_size": 32, "max_epochs": epochs}
    dkt = DKTClassifier(device=device, **own)
    return dkt.fit(parts[0], parts[0]["correct"]).history_["dur"].iloc[-1]


def _where_time_goes(parts, device):
    """Time what an epoch is made of, the device waited for after each part."""
    spent = {}

    def timed(what):
        def make(method):
            def call(*args, **kwargs):
                wait(device)
                start = time.perf_counter()
                result = method(*args, **kwargs)
                wait(device)
                spent[what] = spent.get(what, 0.0) + time.perf_counter() - start
                return result

            return call

        return make

    with (
        _patched(StepDataset, "__getitem__", timed("collating")),
        _patched(Batch, "to", timed("moving")),
        _patched(StepNet, "train_step", timed("steps")),
    ):
        epoch = _one_epoch(parts, device, epochs=1)
    spent["steps"] -= spent["moving"]
    spent["all else"] = epoch - sum(spent.values())
    text = ", ".join(f"{name} {s / epoch:.1%}" for name, s in spent.items())
    return {"text": f"{text} of {epoch:.2f} s", "epoch": epoch} | spent


def _busy(parts, device):
    """Return how much of an epoch the GPU had something to do."""
    if not is_cuda(device):
        raise Skipped("needs a GPU")
    few = parts[0]["user_id"].unique()[:1000]
    parts = [parts[0][parts[0]["user_id"].isin(few)]]
    _one_epoch(parts, device, epochs=1)
    activities = [torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=activities) as profile:
        epoch = _one_epoch(parts, device, epochs=1)
    names = (
        "self_device_time_total",
        "self_cuda_time_total",
    )  # of newer torch, of older
    on_device = [
        next(getattr(each, name) for name in names if hasattr(each, name)) / 1e6
        for each in profile.key_averages()
    ]
    n = sum(each.count for each in profile.key_averages())
    return (
        f"{sum(on_device):.2f} s of an epoch of {epoch:.2f} s, {n:,} kernels and copies"
    )


def _pinned(parts, device):
    """Move batches from pinned memory, without waiting for them."""
    if not is_cuda(device):
        raise Skipped("needs a GPU")

    def move(value, device):
        if isinstance(value, torch.Tensor):
            return value.pin_memory().to(device, non_blocking=True)
        if isinstance(value, dict):
            return {name: move(each, device) for name, each in value.items()}
        return value

    def pinned(batch, device):
        return replace(batch, **{k: move(v, device) for k, v in vars(batch).items()})

    seconds = []
    for _ in range(2):
        seconds.append([_one_epoch(parts, device)])
        with _patched(Batch, "to", lambda before: pinned):
            seconds[-1].append(_one_epoch(parts, device))
    plain, own = np.min(seconds, axis=0)
    return f"an epoch of {own:.2f} s instead of {plain:.2f} s"
