"""Folds of students, predicted by tracers fitted without them, several at once."""

from concurrent.futures.process import BrokenProcessPool

from joblib import Parallel, delayed
from sklearn.base import clone
from tqdm import tqdm

from .cost import Cost
from .shared_fits import join_blends, plan_tasks, predict_fold, say_error

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

    What is a tracer and a member of a blend, too, is fitted once. Both count its
    seconds, which are those that each of them would take alone.

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
    spent = dict(zip(tracers, map(cost.of_task, tracers), strict=True))
    with tqdm(
        total=sum(spent.values()) * len(folds),
        disable=quiet,
        dynamic_ncols=True,
        bar_format="{desc}{percentage:3.0f}%|{bar}| {elapsed}<{remaining}",
    ) as bar:
        lacking = []
        for name, own in done.items():
            numbers = [number for number, fold in enumerate(own) if fold is None]
            lacking += [(name, number) for number in numbers]
            _advance(bar, spent[name] * (len(own) - len(numbers)))
        tasks = plan_tasks(lacking, cost, n_jobs)
        if n_jobs == 1:
            made = _run_here(tracers, X, folds, tasks, bar)
        else:
            bar.set_description(f"{n_jobs} processes")
            made = _run_beside(tracers, X, folds, tasks, n_jobs)
        for name, number, fold in join_blends(made, X, folds):
            _advance(bar, spent[name])
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
    """Yield each task, and what `predict_fold` returns of it, one after the other."""
    failed = {}
    for task in tasks:
        if task.name not in failed:  # else the other folds would be for nothing
            bar.set_description(f"{task.name}, fold {task.number + 1} of {len(folds)}")
            made = _try_fold(task, tracers[task.name], X, *folds[task.number])
            if isinstance(made, str):
                failed[task.name] = made
        yield task, failed.get(task.name, made)


def _run_beside(tracers, X, folds, tasks, n_jobs):
    """Yield the same from several processes, as they come."""
    work = (
        delayed(_try_task)(task, silence(tracers[task.name]), X, *folds[task.number])
        for task in tasks
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


def _try_task(task, *work):
    return task, _try_fold(task, *work)


def _try_fold(task, *work):
    """Predict a fold; return what went wrong, if anything, as text."""
    try:
        return predict_fold(task, *work)
    except OSError:  # such as of the progress bar
        raise
    except Exception as error:
        return say_error(error)
