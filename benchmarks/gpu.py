"""All of sktrace on a GPU in one command: does it work, is it alike, does it pay?

    python benchmarks/gpu.py --data-home DIR --out results.json
    python benchmarks/gpu.py --data-home DIR --quick --device cpu    # tries the script
    python benchmarks/gpu.py --data-home DIR --sections 2 3 4        # some of it

Goes through nine sections, whatever fails in one of them:

1. the machine;
2. every question to every estimator, for each cell, beside the CPU's answers;
3. models read by a process that sees no GPU, and read again by one that does;
4. bits of two fits by one seed, with and without torch's deterministic algorithms;
   the GPU's numbers beside the CPU's, with and without TF32;
5. float32, TF32 and autocast: seconds, and AUC on a fold of the training students;
6. a search on one GPU, in one process and in two;
7. what is said where memory ends, and one fit on two devices;
8. ASSISTments 2009, published split, default DKT, three seeds: AUC on both devices;
9. ASSISTments 2015: seconds of an epoch and to the same validation AUC on the GPU and
   on one core, by batch size; where time goes; and pyKT's DKT, if it is installed.

Prints a table of Markdown, and writes --out anew after every line. Nothing is chosen
on test rows. --quick takes 60 students and two epochs, for which no number counts.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from _gpu_alike import determinism, files, memory, several_devices
from _gpu_common import is_cuda
from _gpu_costs import accuracy, precision, read, search, speed, train
from _gpu_report import Report, Skipped
from _gpu_works import estimators

from sktrace import DKTClassifier, show_versions


def machine(report, device):
    """Say what all of it runs on."""
    report.ask("torch", lambda: f"{torch.__version__}, CUDA {torch.version.cuda}")
    report.ask("cuDNN", lambda: str(torch.backends.cudnn.version()))
    report.ask("CPU", lambda: f"{_processor()}, {os.cpu_count()} cores")
    report.ask("device", _name, device)
    report.ask("TF32 of cuDNN by default", lambda: str(torch.backends.cudnn.allow_tf32))
    report.ask("threads of torch", lambda: str(torch.get_num_threads()))
    show_versions()


def _name(device):
    if not is_cuda(device):
        return f"{device}: no GPU, nothing here says how one fares"
    about = torch.cuda.get_device_properties(device)
    size, n = about.total_memory / 2**30, torch.cuda.device_count()
    return f"{about.name}, {size:.0f} GB, {n} of them"


def _processor():
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor()


def pykt(report, device, options):
    """Train pyKT's DKT on the same rows, and ours in its sizes."""
    learn, valid = read("2015", options, validate=True)
    python = _python_of(options.pykt)
    like_theirs = {"cell": "lstm", "embedding_size": 200, "batch_size": 256}

    def run(where):
        if python is None:
            raise Skipped("pyKT is not installed, or --pykt none")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "train.csv")
            rows = learn.sort_values(["user_id", "order_id"], kind="stable")
            for name in ("user_id", "skill_name"):
                rows[name] = rows[name].astype("category").cat.codes
            rows.to_csv(path, index=False)
            hidden = {} if is_cuda(where) else {"CUDA_VISIBLE_DEVICES": ""}
            script = Path(__file__).with_name("_gpu_pykt.py")
            done = subprocess.run(
                [python, script, path, str(min(3, options.epochs))],
                env=os.environ | {"OMP_NUM_THREADS": "1"} | hidden,
                capture_output=True,
                text=True,
            )
        if done.returncode:
            raise RuntimeError(done.stderr[-300:])
        told = json.loads(done.stdout.splitlines()[-1])
        return _per_million(told["seconds"], told["rows"], f"on {told['device']}")

    def ours(where, **params):
        found = train((learn, valid), where, options, **params)
        return _per_million(found["per_epoch"], len(learn), f"on {where}")

    for where in dict.fromkeys([device, "cpu"]):
        report.ask(f"pyKT's DKT, LSTM-200, batches of 256, {where}", run, where)
        report.ask(f"DKTClassifier in those sizes, {where}", ours, where, **like_theirs)


def _per_million(seconds, rows, where):
    return f"{seconds * 1e6 / rows:.2f} s an epoch per million rows, {where}"


def _python_of(where):
    """Return the Python that has pyKT: of `peers.py`, or as the command line says."""
    if where == "none":
        return None
    path = Path(where)
    path = path / "bin" / "python" if path.is_dir() else path
    return path if path.exists() else None


def parse():
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    parser.add_argument("--device", default="cuda", help="cuda by default")
    parser.add_argument("--quick", action="store_true", help="few students and epochs")
    parser.add_argument("--sections", type=int, nargs="+", help="some of 1 to 9")
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    parser.add_argument(
        "--pykt",
        default=".bench/pykt",
        help="an environment or a python with pyKT, or none (default: of peers.py)",
    )
    options = parser.parse_args()
    options.epochs = 2 if options.quick else DKTClassifier().max_epochs
    return options


def main():
    options = parse()
    device = options.device
    if is_cuda(device) and not torch.cuda.is_available():
        sys.exit("torch sees no GPU here; --device cpu tries the script without one")
    torch.empty(1, device=device)  # what counts memory has to be awake
    torch.set_num_threads(1)
    report = Report(options.out, set(options.sections or range(1, 10)))
    sections = [
        ("machine", machine, ()),
        ("estimators, beside the CPU (no TF32)", estimators, ()),
        ("files, with and without a GPU", files, ()),
        ("determinism, and distance from the CPU", determinism, ()),
        ("precision", precision, (options,)),
        ("a search on one device", search, (options,)),
        ("memory, several devices", memory, ()),
        ("accuracy", accuracy, (options,)),
        ("speed", speed, (options,)),
    ]
    for number, (title, run, more) in enumerate(sections, 1):
        if report.begin(number, title):
            report.guard(run, report, device, *more)
            if run is memory:
                report.guard(several_devices, report, device)
            if run is speed:
                report.guard(pykt, report, device, options)
    print(report.table())


if __name__ == "__main__":
    main()
