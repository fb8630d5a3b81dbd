"""Learn from other classes what a new one can be told."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from .._interactions.columns import check_interactions
from .._neural.row_network import train_row_network
from .._sklearn import Interval, validate_params
from .._tracer.reading import READING
from .._words import first_few
from ..datasets import make_classroom
from .estimator import TransferClassifier, count_seen, make_factors
from .inputs import read_rows
from .network import PretrainedNetwork

__all__ = ["pretrain", "simulate_logs"]

_SMALLEST, _LARGEST = 20, 1000  # students of a class
_PREDICTED, _MOST_ROWS = 150, 8000  # others, by whom a class teaches, and their rows
# Of a log a class is drawn for so many students: more would teach the same again.
_STUDENTS_PER_CLASS, _FEWEST_CLASSES, _MOST_CLASSES = 100, 2, 60
_HIDDEN_SIZES, _MAX_EPOCHS, _LR, _WEIGHT_DECAY = (64, 64), 6, 3e-3, 1e-4


@validate_params(
    {"learnt_from": [str], "random_state": ["random_state"]},
    prefer_skip_nested_validation=True,
)
def pretrain(logs, *, learnt_from="", random_state=None, **columns):
    """Learn from classes of any subject how students go on.

    Of each log, classes of 20 to 1,000 students are drawn. `PFAClassifier` is fitted to
    each, and predicts other students of the log; the network learns, from all classes
    together, what to add to its logits::

        minimize the mean of log loss(answer, sigmoid(logit + network(inputs)))

    So it learns what a class of that size can be told. What it reads names nothing, so
    it serves classes of other subjects, too.

    Parameters
    ----------
    logs : DataFrame, or iterable of DataFrames
        Long frames with answers, each of four students or more: logs of fewer, or whose
        answers are all alike, are left out. An iterable is read once, a log at a time.
    learnt_from : str, default=""
        A note for those who find the file: what was learnt from.
    random_state : int, RandomState instance or None, default=None
        Draws classes and trains the network.
    **columns
        Parameters of `TransferClassifier` that name columns of the logs, such as
        ``student="pupil"`` or ``item="problem"``.

    Returns
    -------
    PretrainedNetwork
        For ``TransferClassifier(pretrained=...)``; keep it by its ``save``.

    Raises
    ------
    TypeError
        If a keyword is no column, or logs are not frames.
    ValueError
        If there is no log from which a class can be drawn, or a log is not what the
        data contract says.

    Examples
    --------
    >>> from sktrace import TransferClassifier
    >>> from sktrace.datasets import make_classroom
    >>> from sktrace.pretraining import pretrain
    >>> logs = (make_classroom(60, random_state=seed)[0] for seed in range(3))
    >>> network = pretrain(logs, random_state=0)
    >>> TransferClassifier(pretrained=network).pretrained.layers[0][0].shape
    (64, 17)
    """
    odd = sorted(set(columns) - set(READING))
    if odd:
        raise TypeError(
            f"pretrain got {first_few(odd)}; expected parameters of TransferClassifier "
            f"that name columns: {', '.join(READING)}."
        )
    logs = [logs] if isinstance(logs, pd.DataFrame) else logs
    reader = TransferClassifier(**columns)
    random = check_random_state(random_state)
    rng = np.random.default_rng(random.randint(2**31 - 1))
    taught = [lesson for X in logs for lesson in draw_lessons(reader, X, rng)]
    if not taught:
        raise ValueError(
            "No class could be drawn from the logs; expected at least one log of four "
            "students or more, with right and wrong answers."
        )
    inputs, target = map(np.concatenate, zip(*taught, strict=True))
    offset, mean = inputs[:, 0], inputs.mean(axis=0)
    spread = np.maximum(inputs.std(axis=0), 1e-6)
    scaled = ((inputs - mean) / spread).astype(np.float32)
    layers = train_row_network(
        scaled,
        offset.astype(np.float32),
        target.astype(np.float32),
        hidden_sizes=_HIDDEN_SIZES,
        max_epochs=_MAX_EPOCHS,
        lr=_LR,
        weight_decay=_WEIGHT_DECAY,
        seed=int(rng.integers(2**31)),
    )
    return PretrainedNetwork(
        mean.astype(float), spread.astype(float), layers, learnt_from
    )


@validate_params(
    {
        "n_logs": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def simulate_logs(n_logs, random_state=None):
    """Yield made-up logs, each of a class with its own laws.

    Parameters
    ----------
    n_logs : int
    random_state : int, RandomState instance or None, default=None

    Yields
    ------
    DataFrame
        Of 40 to 1,150 students; see `sktrace.datasets.make_classroom`.
    """
    random = check_random_state(random_state)
    fewest, most = 2 * _SMALLEST, _LARGEST + _PREDICTED
    for seed in random.randint(2**31 - 1, size=n_logs):
        rng = np.random.default_rng(seed)
        n_students = _draw_size(rng, fewest, most)
        yield make_classroom(n_students, random_state=int(seed))[0]


def draw_lessons(reader, X, rng):
    """Yield what rows of a log teach: inputs and targets, of a class at a time.

    Parameters
    ----------
    reader : TransferClassifier
        Whose columns are read.
    X : DataFrame
    rng : Generator
    """
    if not isinstance(X, pd.DataFrame):
        raise TypeError(
            f"A log is a {type(X).__name__}; expected DataFrames, one or an iterable "
            "of them: pretrain([X_2024, X_2025]). Read files by "
            "sktrace.datasets.read_interactions."
        )
    log = check_interactions(X, reader._roles)
    student, n_students = log.student, len(log.students)
    n_predicted = min(_PREDICTED, n_students // 2)
    largest = min(_LARGEST, n_students - n_predicted)
    if n_predicted < 2:
        return
    n_classes = n_students // _STUDENTS_PER_CLASS
    for _ in range(np.clip(n_classes, _FEWEST_CLASSES, _MOST_CLASSES)):
        order = rng.permutation(n_students)
        size = _draw_size(rng, min(_SMALLEST, largest), largest)
        others = _most_rows(order[:n_predicted], student)
        chosen = np.isin(student, order[n_predicted : n_predicted + size])
        if len(np.unique(log.correct[chosen & ~np.isnan(log.correct)])) == 2:
            yield _read_lesson(reader, X[chosen], X[np.isin(student, others)])


def _read_lesson(reader, X, others):
    """Fit the factor model to a class; return what others' rows read, and answers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close is good enough
        factors = make_factors(reader).fit(X, X[reader.correct])
    seen = count_seen(factors._read(X)[0], len(factors.skills_))
    log, timeline = factors._read(others)
    answer = log.first(log.correct)
    answered = ~np.isnan(answer)
    inputs = read_rows(factors, seen, log, timeline)[answered].astype(np.float32)
    # Rows are drawn by their place in training, which shall not be their place in X.
    order = np.lexsort((answer[answered], *inputs.T))
    return inputs[order], answer[answered][order]


def _most_rows(students, student):
    """Return as many of some students as have no more rows than a class teaches by."""
    n_rows = np.bincount(student)[students].cumsum()
    return students[: max(1, np.searchsorted(n_rows, _MOST_ROWS))]


def _draw_size(rng, low, high):
    return round(np.exp(rng.uniform(np.log(low), np.log(high))))
