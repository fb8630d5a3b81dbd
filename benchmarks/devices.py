"""What n_devices gains on a CPU: one fit in two processes beside one in one.

    python benchmarks/devices.py
    python benchmarks/devices.py --hidden-sizes 400 --students 2000

Fits DKT to a made-up log by one process and by two in turn, one thread each. Seconds
are medians over repeats: of an epoch, and of all of fit, which starts the processes.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from sktrace import DKTClassifier
from sktrace.datasets import make_interactions


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hidden-sizes", type=int, nargs="+", default=[64, 200, 400])
    parser.add_argument("--students", type=int, default=600)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()

    X, y = make_interactions(options.students, n_skills=20, random_state=0)
    load = Path("/proc/loadavg")
    print(f"{len(X):,} answers, batches of {options.batch_size}")
    for hidden_size in options.hidden_sizes:
        dkt = DKTClassifier(
            hidden_size=hidden_size,
            batch_size=options.batch_size,
            max_epochs=options.epochs,
            n_threads=1,
            device="cpu",
            random_state=0,
        )
        times = {1: [], 2: []}
        for _ in range(options.repeats):
            for n_devices, own in times.items():
                start = time.perf_counter()
                dkt.set_params(n_devices=n_devices).fit(X, y)
                seconds = time.perf_counter() - start
                own.append([dkt.history_["dur"].median(), seconds])
        one, two = (np.median(times[n], axis=0) for n in times)
        print(
            f"hidden_size={hidden_size:<4} epoch {one[0]:6.2f} s, two processes "
            f"{two[0]:6.2f} s, × {two[0] / one[0]:.2f};  fit {one[1]:6.2f} s, "
            f"{two[1]:6.2f} s, × {two[1] / one[1]:.2f}",
            f" load {load.read_text().split()[0]}" if load.exists() else "",
            flush=True,
        )


if __name__ == "__main__":
    main()
