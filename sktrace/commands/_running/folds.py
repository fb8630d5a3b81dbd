"""Folds of students, predicted by tracers fitted without them, several at once."""

import time
import warnings
from concurrent.futures.process import BrokenProcessPool

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from tqdm import tqdm

from .cost import Cost
from .kept_folds import Fold

__all__ = ["check_folds", "predict_folds", "silence"]


def check_folds(folds, y):
    """Refuse folds whose training answers are all alike."""
    for number, (train, _) in enumerate(folds, start=1):
        if y.iloc[train].nunique() < 2:
            raise ValueError(
                f"Without the students of fold {number} of {len(folds)}, all answers "
                "are alike; expected right and wrong ones to train on. Make more "
                "folds, --folds, or others, --seed."
            )


def predict_folds(tracers, X, folds, *, n_jobs=1, quiet=False, kept=None):
    """Fit every tracer without each fold, and predict it.

    Parameters
    ----------
    tracers : dict of {str: classifier}
    X : DataFrame
    folds : list of (array, array)
        Rows to train on, and rows to predict.
    n_jobs : int, default=1
        Processes that share the folds.
    quiet : bool, default=False
        Whether not to show how far it is.
    kept : KeptFolds, default=None
        What an earlier run has kept, and where this one keeps its own.

    Returns
    -------
    done : dict of {str: list of Fold}
        By tracer, those that failed left out.
    failed : dict of {str: str}
        What went wrong, by tracer.
    """
    cost, failed = Cost(tracers, len(X)), {}
    done = {name: _read_kept(kept, name, folds) for name in tracers}
    with tqdm(
        total=sum(map(cost.of, tracers)) * len(folds),
        disable=quiet,
        dynamic_ncols=True,
        bar_format="{desc}{percentage:3.0f}%|{bar}| {elapsed}<{remaining}",
    ) as bar:
        tasks = []
        for name, own in done.items():
            lacking = [number for number, fold in enumerate(own) if fold is None]
            tasks += [(name, number) for number in lacking]
            _advance(bar, cost.of(name) * (len(own) - len(lacking)))
        if n_jobs == 1:
            made = _run_here(tracers, X, folds, tasks, bar)
        else:  # the longest first, lest one is left over at the end
            tasks.sort(key=lambda task: -cost.of(task[0]))
            bar.set_description(f"{n_jobs} processes")
            made = _run_beside(tracers, X, folds, tasks, n_jobs)
        for name, number, fold in made:
            _advance(bar, cost.of(name))
            if isinstance(fold, str):
                failed.setdefault(name, fold)
                continue
            done[name][number] = fold
            if kept is not None:
                kept.keep(name, number + 1, fold)
            bar.set_description(f"{name}, fold {number + 1} of {len(folds)}")
    return {name: own for name, own in done.items() if name not in failed}, failed


def _advance(bar, seconds):
    """Count some seconds of work as done; rounded, they are not more than all."""
    bar.update(min(seconds, bar.total - bar.n))


def _read_kept(kept, name, folds):
    """Return the folds of a tracer that were kept, None for others."""
    if kept is None:
        return [None] * len(folds)
    return [kept.read(name, n, len(test)) for n, (_, test) in enumerate(folds, start=1)]


def _run_here(tracers, X, folds, tasks, bar):
    """Yield the tracer, the fold and what it predicted of it, one after the other."""
    failed = {}
    for name, number in tasks:
        if name not in failed:  # else the other folds would be for nothing
            bar.set_description(f"{name}, fold {number + 1} of {len(folds)}")
            fold = _try_fold(clone(tracers[name]), X, *folds[number])
        if isinstance(fold, str):
            failed[name] = fold
        yield name, number, failed.get(name, fold)


def _run_beside(tracers, X, folds, tasks, n_jobs):
    """Yield the same from several processes, as they come."""
    work = (
        delayed(_try_task)(name, number, silence(tracers[name]), X, *folds[number])
        for name, number in tasks
    )
    try:
        yield from Parallel(n_jobs=n_jobs, return_as="generator_unordered")(work)
    except BrokenProcessPool as error:
        raise MemoryError(
            f"One of {n_jobs} processes was ended from without, as systems do where "
            "memory is short. Repeat the command with fewer: --jobs 1 --resume."
        ) from error


def silence(tracer):
    """Return a clone that draws no bar: of several at once, they cross each other."""
    tracer = clone(tracer)
    bars = [name for name in tracer.get_params() if name.split("__")[-1] == "verbose"]
    return tracer.set_params(**dict.fromkeys(bars, 0))


def _try_task(name, number, *task):
    return name, number, _try_fold(*task)


def _try_fold(tracer, X, train, test):
    """Predict a fold; return what went wrong, if anything, as text."""
    try:
        return _predict_fold(tracer, X.iloc[train], X.iloc[test])
    except OSError:  # such as of the progress bar
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _predict_fold(tracer, train, test):
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        p = tracer.fit(train, train["correct"]).predict_proba(test)[:, 1]
    if not np.isfinite(p).all():
        raise ValueError(f"{(~np.isfinite(p)).sum():,} predictions are not finite")
    texts = dict.fromkeys(str(warning.message) for warning in caught)
    return Fold(p.astype(np.float64), time.perf_counter() - start, list(texts))
