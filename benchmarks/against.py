"""How long fits and predictions take in this version and in an earlier one.

    python benchmarks/against.py REVISION --data-home DIR --jobs "fit PFA" "predict DKT"

Both versions take turns, each in a process of its own on one thread, on the training
students of ASSISTments 2009; a job is run once to warm up. A line says the fastest and
the median CPU seconds of each version, how often the earlier one's the fastest is, and
how far what came out differs. REVISION is checked out to a temporary folder. All jobs:
--list.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parents[1]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main():
    from _jobs import JOBS  # of this version, by name

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("revision", nargs="?", help="of git, such as HEAD~3 or v0.9")
    parser.add_argument("--jobs", nargs="+", default=list(JOBS), metavar="JOB")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    parser.add_argument("--list", action="store_true", help="only name the jobs")
    options = parser.parse_args()
    if options.list or options.revision is None:
        print("\n".join(JOBS))
        return
    with tempfile.TemporaryDirectory() as folder:
        earlier = Path(folder, "earlier")
        git("worktree", "add", "--detach", str(earlier), options.revision)
        try:
            compare(options, earlier)
        finally:
            git("worktree", "remove", "--force", str(earlier))


def git(*arguments):
    """Run git in this repository."""
    subprocess.run(("git", "-C", HERE, *arguments), check=True, capture_output=True)


def compare(options, earlier):
    """Print a line for each job."""
    print(f"{'CPU s, fastest (median)':26}{'earlier':>18}{'now':>18}  ratio  differs")
    for job in options.jobs:
        workers = [Worker(path, job, options.data_home) for path in (earlier, HERE)]
        try:
            for worker in workers:
                worker.run()
            runs = [[w.run() for w in workers] for _ in range(options.repeats)]
        finally:
            for worker in workers:
                worker.end()
        seconds, results = np.moveaxis(np.array(runs), 2, 0)
        fastest, median = seconds.min(axis=0), np.median(seconds, axis=0)
        told = "".join(
            f"{f'{a:.3f} ({b:.3f})':>18}" for a, b in zip(fastest, median, strict=True)
        )
        differs = np.abs(results[:, 0] - results[:, 1]).max()
        print(f"{job:26}{told}{fastest[0] / fastest[1]:7.2f}{differs:9.1e}", flush=True)


class Worker:
    """A process in which one version does a job whenever it is told to."""

    def __init__(self, path, job, data_home):
        environment = os.environ | dict.fromkeys(THREADS, "1")
        environment["PYTHONPATH"] = str(path)
        self.process = subprocess.Popen(
            (sys.executable, HERE / "benchmarks" / "_jobs.py", job, data_home or ""),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=path,
            text=True,
        )

    def run(self):
        """Do the job once; return its CPU seconds, and a number that it came to."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        told = self.process.stdout.readline().split()
        if len(told) != 2:
            raise RuntimeError(f"A job ended with {self.process.wait()}; see above.")
        return float(told[0]), float(told[1])

    def end(self):
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()


if __name__ == "__main__":
    main()
