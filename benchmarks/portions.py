"""Seconds and peak memory of fits to logs in portions, each in a process of its own.

    python benchmarks/large_log.py --rows 1000000 --out rows6
    python benchmarks/portions.py rows6 rows7 --models bkt pfa

Logs are folders of Parquet files as `large_log.py` and `shard_interactions` write them.
Seconds are those of the processor: others may be at work. With ``--frame`` the log is
read into one frame first, as far as memory goes.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings

MODELS = {
    "mean": ("MeanClassifier", {}),
    "bkt": ("BKTClassifier", {"random_state": 0}),
    "bkt-item": ("BKTClassifier", {"item": "item_id", "random_state": 0}),
    "afm": ("AFMClassifier", {}),
    "pfa": ("PFAClassifier", {}),
    "pfa-item": ("PFAClassifier", {"item": "item_id"}),
    "rasch": ("RaschClassifier", {}),
}
COLUMNS = ("log", "model", "rows", "fit", "µs/row", "MB", "score", "auc", "± at most")


def main():
    options = read_options()
    if options.run:
        print(json.dumps(measure(options.logs[0], options.models[0], options.frame)))
        return
    print("  ".join(f"{name:>10}" for name in COLUMNS), flush=True)
    for log in options.logs:
        for model in options.models:
            command = [sys.executable, __file__, log, "--models", model, "--run"]
            command += ["--frame"] * options.frame
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            found = json.loads(done.stdout)
            print("  ".join(f"{found[name]:>10}" for name in COLUMNS), flush=True)


def read_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("logs", nargs="+", help="folders of Parquet files")
    parser.add_argument(
        "--models", nargs="+", choices=MODELS, default=["mean", "bkt", "pfa"]
    )
    parser.add_argument("--frame", action="store_true", help="fit to a frame")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(log, model, in_frame):
    """Fit, and score what was learnt on the same rows."""
    import sktrace
    from sktrace.datasets import scan_interactions
    from sktrace.metrics import score_portions

    warnings.simplefilter("ignore", UserWarning)  # of guesses above one half
    name, params = MODELS[model]
    portions = scan_interactions(log)
    n_rows, tracer = len(portions), getattr(sktrace, name)(**params)
    X = portions.to_frame() if in_frame else portions
    start = time.process_time()
    tracer.fit(X, X["correct"])
    fit = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.process_time()
    scores = score_portions(tracer, portions, portions["correct"])
    score = time.process_time() - start
    auc, error = scores["roc_auc"], scores["roc_auc_error"]
    values = (log[-10:], model, n_rows, round(fit, 1), round(fit / n_rows * 1e6, 2))
    values += (peak, round(score, 1), round(auc, 5), f"{error:.0e}")
    return dict(zip(COLUMNS, values, strict=True))


if __name__ == "__main__":
    main()
