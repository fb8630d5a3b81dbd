"""Sections 3, 4 and 7 of `gpu.py`: files, determinism, and where memory ends."""

import pickle
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from _gpu_common import (
    CELLS,
    close,
    distance,
    in_new_process,
    is_cuda,
    make_class,
    on_cpu,
    small,
    tf32,
)
from _gpu_report import Skipped
from _gpu_works import resume

from sktrace import load, save

__all__ = ["determinism", "files", "memory", "several_devices"]


def files(report, device):
    """Read models where there is no GPU, and again where there is one."""
    X, y = make_class()
    with tf32(False):
        tracer = small(device, item="item_id", num_layers=2).fit(X, y)
        p = tracer.predict_proba(X)
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("pickle", "sktrace.save"):
            path = Path(folder, kind)
            if report.ask(f"{kind}: write", _write, tracer, path, kind):
                what = f"{kind}: read without a GPU, used, and trained on"
                report.ask(what, _compare_read, path, kind, X, p)
                what = f"{kind}: read again, used, and trained on"
                report.ask(what, _read_again, path, kind, X, p)


def _write(tracer, path, kind):
    if kind == "pickle":
        path.write_bytes(pickle.dumps(tracer))
    else:
        save(tracer, path)
    return f"{path.stat().st_size / 1000:.0f} kB"


def _read(path, kind):
    return load(path) if kind == "sktrace.save" else pickle.loads(path.read_bytes())


def _read_without_gpu(path, kind, X):
    """Read and predict in a process that sees no GPU; say what was warned of."""
    assert not torch.cuda.is_available()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        tracer = _read(path, kind)
        p = tracer.predict_proba(X)
    live = tracer.tracer().predict_proba("ann")
    assert np.isfinite(live).all()
    tracer.set_params(device="cpu").partial_fit(X, X["correct"])
    return p, sorted({type(each.message).__name__ for each in told})


def _compare_read(path, kind, X, p):
    job = _read_without_gpu, path, kind, X
    with_out, told = in_new_process(*job, CUDA_VISIBLE_DEVICES="")
    holds, text = close(distance(with_out, p))
    return holds, f"{text}; warned of: {', '.join(told) or 'nothing'}"


def _read_again(path, kind, X, p):
    with warnings.catch_warnings(), tf32(False):
        warnings.simplefilter("error")  # cuDNN's, of weights that lie apart
        tracer = _read(path, kind)
        found = distance(tracer.predict_proba(X), p)
        tracer.partial_fit(X, X["correct"]).predict_proba(X)
    return found == 0, f"{found:.1e} from what was written"


def determinism(report, device):
    """Fit twice by one seed, here and in new processes; and by the CPU."""
    nets = {cell: {"cell": cell} for cell in CELLS}
    nets["gru, two layers, dropout between"] = {"num_layers": 2}
    nets["gru, items, mlp read-out"] = {"readout": "mlp", "item": "item_id"}
    for name, params in nets.items():
        report.ask(f"{name}: two fits, one seed", _twice, device, params)
    job = _each_twice_strictly, device, nets
    strictly = in_new_process(*job, CUBLAS_WORKSPACE_CONFIG=":4096:8")
    for name, answer in strictly.items():
        what = f"{name}: the same, use_deterministic_algorithms"
        report.ask(what, lambda answer=answer: answer)
    report.ask("gru: a fit in another process", _in_another, device)
    two = {"num_layers": 2}
    report.ask("resumed, two layers, dropout between", resume, device, "gru", **two)
    for name, allowed in {"float32": False, "TF32 allowed": True}.items():
        with tf32(allowed):
            report.ask(f"one net, GPU and CPU, {name}", _one_net, device)
            report.ask(f"two fits, GPU and CPU, no dropout, {name}", _two_fits, device)


def _fit(device, params):
    X, y = make_class()
    return small(device, **params).fit(X, y).predict_proba(X)


def _same(one, other):
    found = distance(one, other)
    return found == 0, "the same bits" if found == 0 else f"apart by {found:.1e}"


def _twice(device, params):
    return _same(_fit(device, params), _fit(device, params))


def _each_twice_strictly(device, nets):
    """Do the same where torch refuses what is not deterministic."""
    torch.use_deterministic_algorithms(True)
    found = {}
    for name, params in nets.items():
        try:
            found[name] = _twice(device, params)
        except RuntimeError as error:  # of what has no deterministic algorithm
            found[name] = False, str(error)
    return found


def _in_another(device):
    return _same(in_new_process(_fit, device, {}), _fit(device, {}))


def _one_net(device):
    X, y = make_class()
    tracer = small(device, hidden_size=200, embedding_size=100).fit(X, y)
    one, other = (each.predict_proba(X)[:, 1] for each in (tracer, on_cpu(tracer)))
    return f"at most {distance(one, other):.1e}, mean {np.abs(one - other).mean():.1e}"


def _two_fits(device):
    params = {"dropout": 0.0, "hidden_size": 200, "embedding_size": 100}
    one, other = (_fit(where, params)[:, 1] for where in (device, "cpu"))
    return f"at most {distance(one, other):.1e}, mean {np.abs(one - other).mean():.1e}"


def memory(report, device):
    """Ask what is said where memory ends, and whether all is well after that."""
    report.ask("a network that no device holds is refused", _giant, device)
    report.ask("out of memory is told in our words", _out_of_memory, device)
    report.ask("and a fit after that is as before", _after_that, device)


def _giant(device):
    try:
        _fit(device, {"hidden_size": 10**6})
    except ValueError as error:
        return "expected less than" in str(error), str(error)
    raise RuntimeError("it was fitted")


def _out_of_memory(device):
    if not is_cuda(device):
        raise Skipped("needs a GPU")
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, 3e8 / total))
    try:
        _fit(device, {"hidden_size": 2048, "batch_size": 60})
    except MemoryError as error:
        return str(device) in str(error), str(error)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
    raise RuntimeError("it was fitted in 300 MB")


def _after_that(device):
    return _twice(device, {})


def several_devices(report, device):
    """Let one fit be shared by two devices."""
    report.ask("n_devices=2: losses and predictions of one", _on_two, device)


def _on_two(device):
    if is_cuda(device) and torch.cuda.device_count() < 2:
        raise Skipped("there is one GPU")
    try:
        import accelerate  # noqa: F401
    except ImportError as error:
        raise Skipped("accelerate is not installed") from error
    params = {"dropout": 0.0, "batch_size": 8}
    with tf32(False):
        found = distance(_fit(device, params | {"n_devices": 2}), _fit(device, params))
    return found <= 1e-4, f"apart by {found:.1e}"
