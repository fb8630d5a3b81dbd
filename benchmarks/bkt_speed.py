"""BKTClassifier beside pyBKT on ASSISTments 2009, in one run, on one core.

    python benchmarks/bkt_speed.py                   # 15 minutes, nearly all pyBKT's
    python benchmarks/bkt_speed.py --build compiled  # a minute

pyBKT 1.4.3 gets an environment of its own, because it does not run on current numpy and
scikit-learn. There are two of it: what pip installs (a wheel, pure Python), and what
compiling the source gives, where a compiler is at hand. Both are fitted with their
defaults, the best of 5 starts by maximum likelihood. So is BKTClassifier, without the
weak priors that it has by default. CPU seconds of fit and of predict, data in memory;
log-likelihood of the training rows under the fitted parameters, by one and the same
filter, and how many rows they rule out (p = 0, left out of it); scores of the published
split's test rows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score, root_mean_squared_error

from sktrace import BKTClassifier
from sktrace.datasets import fetch_assistments2009

OLD = ["numpy<2.4", "scikit-learn<1.8", "pandas"]
WIDTHS = [10, 10, 12, 7, 9, 9]
SOURCE = ["--no-build-isolation", "--no-binary", "pyBKT"]


def install(folder, build):
    """Make an environment with pyBKT, unless it is there; return its python."""
    python = folder / f"pybkt-{build}" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        pip = [python, "-m", "pip", "install", "--quiet"]
        # The source falls back to pure Python, silently, if its build is isolated.
        subprocess.run([*pip, *OLD, "setuptools<70", "wheel"], check=True)
        how = SOURCE if build == "compiled" else []
        subprocess.run([*pip, *how, "pyBKT==1.4.3"], check=True)
    return python


def run_pybkt(python, train, test, forget):
    """Fit and predict in pyBKT's environment."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        train.to_csv(folder / "train.csv", index=False)
        test.to_csv(folder / "test.csv", index=False)
        script = Path(__file__).with_name("_fit_pybkt.py")
        paths = [folder / name for name in ("train.csv", "test.csv", "out.json")]
        subprocess.run([python, script, *paths, "5", str(forget)], check=True)
        result = json.loads(paths[-1].read_text())
    params = pd.DataFrame(result["params"]).T
    params.index = params.index.astype(train["skill_name"].dtype)
    return result | {"params": params, "p": np.array(result["p"])}


def run_sktrace(train, test, forget):
    """Fit and predict here."""
    bkt = BKTClassifier(forget=forget, beta_prior=None, random_state=0)
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        bkt.fit(train, train["correct"])
    fitted = time.process_time()
    p = bkt.predict_proba(test)[:, 1]
    predict = time.process_time() - fitted
    return {"fit": fitted - start, "predict": predict, "params": bkt.params_, "p": p}


def report(name, result, train, test):
    """Print a line, and return the seconds of fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        bkt = BKTClassifier(fixed=result["params"]).fit(train, train["correct"])
    p = bkt.predict_proba(train)[np.arange(len(train)), train["correct"]]
    values = [
        f"{result['fit']:.2f}",
        f"{result['predict']:.2f}",
        f"{np.log(p[p > 0]).sum():.1f}",
        f"{(p == 0).sum()}",
        f"{roc_auc_score(test['correct'], result['p']):.4f}",
        f"{root_mean_squared_error(test['correct'], result['p']):.4f}",
    ]
    cells = "".join(f"{v:>{w}}" for v, w in zip(values, WIDTHS, strict=True))
    print(f"{name:32}{cells}", flush=True)
    return result["fit"]


def read(data_home):
    """Return training and test rows as pyBKT needs them; we take them, too."""
    bunch = fetch_assistments2009(data_home=data_home)
    X = bunch.frame.sort_values(["user_id", "order_id"], kind="stable")
    X = X.assign(
        order_id=np.arange(len(X)), skill_name=pd.factorize(X["skill_name"])[0]
    ).sort_index()
    is_test = bunch.split == "test"
    return X[~is_test], X[is_test]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    parser.add_argument(
        "--build", nargs="*", default=["wheel", "compiled"], help="of pyBKT"
    )
    parser.add_argument("--environments", type=Path, default=Path(".bench"))
    parser.add_argument("--forget", action="store_true")
    options = parser.parse_args()
    pythons = {b: install(options.environments.resolve(), b) for b in options.build}
    os.environ["OMP_NUM_THREADS"] = "1"
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    train, test = read(options.data_home)
    print(f"{len(train):,} training rows, {len(test):,} test rows, {options.forget=}")
    columns = ["fit", "predict", "log-lik.", "p = 0", "AUC", "RMSE"]
    print(" " * 32 + "".join(f"{c:>{w}}" for c, w in zip(columns, WIDTHS, strict=True)))
    ours = run_sktrace(train, test, options.forget)
    seconds = report("sktrace BKTClassifier", ours, train, test)
    for build, python in pythons.items():
        result = run_pybkt(python, train, test, options.forget)
        kind = "compiled" if result["compiled"] else "pure Python"
        name = f"pyBKT {result['version']}, {kind} ({build})"
        print(f"    × {report(name, result, train, test) / seconds:.1f}", flush=True)


if __name__ == "__main__":
    main()
