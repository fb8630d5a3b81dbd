"""Fits that two tracers of a comparison share: members of a blend, and these alone."""

import time
import warnings
from contextlib import contextmanager
from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.base import clone

from ... import BlendClassifier
from .kept_folds import Fold

__all__ = ["Fit", "Task", "find_twins", "join_blends", "plan_tasks", "predict_fold"]


class Task(NamedTuple):
    """A fold of a tracer, to be fitted and predicted in some process."""

    name: str
    number: int  # of the fold, from 0 on
    elsewhere: dict  # members of a blend that are fitted as tracers, to their names
    is_member: bool = False  # of a blend that waits for it


class Fit(NamedTuple):
    """What was fitted for another process."""

    fitted: object  # a tracer; of a blend, it and its other members by name
    seconds: float
    warned: list  # texts


def find_twins(tracers):
    """Find the tracers that members of blends are: same class, parameters and seed.

    Returns
    -------
    dict of {str: dict of {str: str}}
        Blend to member to tracer.
    """
    twins = {}
    for name, blend in tracers.items():
        if isinstance(blend, BlendClassifier) and _is_seeded(blend):
            twins[name] = {
                member: other
                for member, own in _list_members(blend).items()
                for other, tracer in tracers.items()
                if _learn_the_same(own, tracer)
            }
    return twins


def _list_members(blend):
    """Return members that may have twins: no blends, which wait for members, too."""
    try:
        members = blend._list_members().items()
    except (TypeError, ValueError):  # as its fit will say, and fail by itself
        return {}
    return {name: m for name, m in members if not isinstance(m, BlendClassifier)}


def _learn_the_same(one, other):
    """Tell whether two tracers would learn the same of a log, to the last bit."""
    if type(one) is not type(other) or not _is_seeded(one):
        return False
    one, other = (tracer.get_params(deep=False) for tracer in (one, other))
    return all(
        name == "verbose" or value is other[name] or np.array_equal(value, other[name])
        for name, value in one.items()
    )


def _is_seeded(tracer):
    return isinstance(tracer.get_params(deep=False).get("random_state", 0), Integral)


def plan_tasks(lacking, cost, n_jobs):
    """Return tasks in the order in which they are begun.

    In several processes the longest come first, lest one is left over at the end. The
    members of a blend stand with it, fold by fold, so that few fits wait for others,
    and what is kept of an unfinished run is whole.

    Parameters
    ----------
    lacking : list of (str, int)
        Tracers and folds.
    cost : Cost
    n_jobs : int
    """
    blends, tasks = {}, []
    for name, number in lacking:
        twins = cost.twins.get(name, {}).items()
        own = {member: twin for member, twin in twins if (twin, number) in lacking}
        blends |= {(twin, number): name for twin in own.values()}
        tasks.append(Task(name, number, own))
    tasks = [task._replace(is_member=task[:2] in blends) for task in tasks]
    if n_jobs == 1:
        return tasks

    def place(task):
        leader = blends.get(task[:2], task.name)
        return -cost.of(leader), task.number, -cost.beside(task.name, task.elsewhere)

    return sorted(tasks, key=place)


def predict_fold(task, tracer, X, train, test):
    """Fit a tracer to some rows and predict others.

    Returns
    -------
    fold : Fold
        None of a blend that waits for members.
    fit : Fit
        None where nobody waits for it.
    """
    tracer, train = clone(tracer), X.iloc[train]
    with _timed() as of_fit:
        if task.elsewhere:
            others = tracer._fit_others([*task.elsewhere], train, train["correct"])
        else:
            tracer.fit(train, train["correct"])
    if task.elsewhere:
        return None, Fit((tracer, others), *of_fit())
    fold = _predict(tracer, X.iloc[test], [of_fit()])
    return fold, Fit(tracer, *of_fit()) if task.is_member else None


def join_blends(made, X, folds):
    """Yield tracer, number and `Fold` of what is made, blends once members are fitted.

    Parameters
    ----------
    made : iterable of (Task, (fold, fit) or str)
        As `predict_fold` returns them, or what went wrong.
    X : DataFrame
    folds : list of (array, array)
    """
    fits, waiting = {}, []
    for task, own in made:
        failed = isinstance(own, str)
        fold, fit = (own, own) if failed else own
        if task.is_member:
            fits[task.name, task.number] = fit
        if fold is None:
            waiting.append((task.name, task.number, task.elsewhere, fit))
        else:
            yield task.name, task.number, fold
        for blend, number, members, of_blend in [*waiting]:
            if all((twin, number) in fits for twin in members.values()):
                waiting.remove((blend, number, members, of_blend))
                own = {member: fits[twin, number] for member, twin in members.items()}
                test = X.iloc[folds[number][1]]
                yield blend, number, _join(of_blend, own, test)


def _join(fit, members, test):
    """Predict a fold by a blend, given `Fit`, or what went wrong, of its members."""
    blend, others = fit.fitted
    counting = {name: own for name, own in members.items() if blend.weights_[name] > 0}
    for own in counting.values():
        if isinstance(own, str):
            return own
    try:
        blend._hold(others | {name: own.fitted for name, own in counting.items()})
        return _predict(blend, test, [own[1:] for own in (fit, *counting.values())])
    except Exception as error:
        return say_error(error)


def say_error(error):
    """Say what went wrong in a fold."""
    return f"{type(error).__name__}: {error}"


def _predict(tracer, test, before):
    """Return the fold that a fitted tracer predicts; what was `before` counts, too."""
    with _timed() as own:
        p = tracer.predict_proba(test)[:, 1]
    if not np.isfinite(p).all():
        raise ValueError(f"{(~np.isfinite(p)).sum():,} predictions are not finite")
    seconds, warned = zip(*before, own(), strict=True)
    texts = dict.fromkeys(text for texts in warned for text in texts)
    return Fold(p.astype(np.float64), sum(seconds), list(texts))


@contextmanager
def _timed():
    """Measure seconds and gather warnings; what is yielded returns them afterwards."""
    start, spent = time.perf_counter(), []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield lambda: (spent[0], [str(warning.message) for warning in caught])
    spent.append(time.perf_counter() - start)
