"""How able students, and how hard skills and items are: a regression on a large log.

It goes through the pieces of a log again and again, but through cells only, in which
the answers of a student on an item are added up. What is kept in memory are the
effects: of each student six numbers, see `N_FITS`, and as many of each skill and item.
"""

from typing import NamedTuple

import numpy as np

from .._portions.pieces import InMemory

__all__ = ["N_FOLDS", "Cells", "Effects", "fit_effects"]

N_FOLDS = 5
N_FITS = N_FOLDS + 1  # each without the students of a fold, and the last with all
EM_STEPS = 40
LARGEST_STEP = 1.0  # in logits; a first step of Newton's may be too long
LEAST_WEIGHT = 1e-12  # so that nothing divided by nothing is nothing
LARGEST_IN_MEMORY = 2**26  # bytes of cells
MEAN = None  # the kind of effect that all answers share


class Cells(NamedTuple):
    """The answers of a piece of a log: one cell for those that share all effects.

    Cells stand by the fold of their student, and so do students.
    """

    students: np.ndarray  # (N_FOLDS + 1,) where the students of each fold begin
    cells: np.ndarray  # (N_FOLDS + 1,) where the cells of each fold begin
    codes: tuple  # of arrays of shape (n_cells,): student, ..., item
    weight: np.ndarray  # (n_cells,)
    right: np.ndarray  # (n_cells,) the weight of the right answers among them
    n_answers: np.ndarray  # (n_items,) float64, parts of a question add up to one

    @classmethod
    def of(cls, folds, codes, answer, weight, part, n_items):
        """Add up answers.

        Parameters
        ----------
        folds : ndarray of shape (n_students,)
            Of the students in order of their codes, each of whom has an answer.
        codes : tuple of ndarray of shape (n_answers,)
            Of the student, ..., of the item of each answer.
        answer, weight, part : ndarray of shape (n_answers,)
            Whether it is right, what it weighs, and which part of one it is.
        n_items : int
        """
        n_answers = np.bincount(codes[-1], part, n_items)
        by_fold = np.argsort(folds, kind="stable")
        place = np.empty_like(by_fold)
        place[by_fold] = np.arange(len(by_fold))
        codes = (place[codes[0]], *codes[1:])
        order = np.lexsort(codes[::-1])
        codes = [code[order] for code in codes]
        new = np.any([np.diff(code, prepend=-1) != 0 for code in codes], axis=0)
        cell = np.cumsum(new) - 1
        codes = tuple(code[new].astype(np.int32) for code in codes)
        bounds = np.arange(N_FOLDS + 1)
        students = np.searchsorted(folds[by_fold], bounds)
        return cls(
            students,
            np.searchsorted(codes[0], students),
            codes,
            np.bincount(cell, weight[order]),
            np.bincount(cell, (weight * answer)[order]),
            n_answers,
        )

    def parts(self):
        """Go through the cells of each fold: its number, codes, weights, right ones."""
        for fold in range(N_FOLDS):
            own = slice(*self.cells[fold : fold + 2])
            codes = [code[own].astype(np.intp) for code in self.codes]
            yield fold, codes, self.weight[own], self.right[own]


class Effects(NamedTuple):
    """Effects under each of the fits, in logits."""

    mean: np.ndarray  # (N_FITS,)
    named: list  # of ndarrays of shape (N_FITS, n_names), such as skill and item
    variances: np.ndarray  # (N_FITS, n_kinds) of the priors, that of students first
    sds: np.ndarray  # (N_FITS, n_items)


def fit_effects(pieces, sizes):
    """Fit P(right) = sigmoid(m + ability_student + ... + ease_item), fold by fold.

    Each kind of effects has a normal prior. In each of `EM_STEPS` turns every kind
    takes a step of Newton's, given the others, and the variance of its prior one of
    EM: the mean of effect² + sd². All fits go through the pieces together: once a
    turn for the mean, once for students and the kind that follows them, and once for
    each further kind.

    Parameters
    ----------
    pieces : Pieces of Cells
    sizes : list of int
        How many names there are of each kind that follows the students; items last.

    Returns
    -------
    effects : Effects
    n_answers : ndarray of shape (n_items,), float64
    """
    students, weight, n_cells, n_answers, n_bytes = pieces.total(_count, sizes)
    if n_bytes <= LARGEST_IN_MEMORY:  # sooner gone through than asked for
        pieces = InMemory(pieces)
    scale = n_answers.sum() / (weight or 1.0)  # weights are 1 in the mean
    taught = _outside_each_fold(students)  # students of each fit
    present = [_outside_each_fold(n) > 0 for n in n_cells]

    abilities = pieces.map(_start)
    effects = Effects(
        np.zeros(N_FITS),
        [np.zeros((N_FITS, n)) for n in sizes],
        np.ones((N_FITS, 1 + len(sizes))),
        np.ones((N_FITS, sizes[-1])),
    )
    for _ in range(EM_STEPS):
        pull, precision = pieces.total(_pull, effects, MEAN, each=abilities) * scale
        step = pull[:, 0] / (precision[:, 0] + LEAST_WEIGHT)
        mean = effects.mean + np.clip(step, -LARGEST_STEP, LARGEST_STEP)
        effects = effects._replace(mean=mean)
        traced = pieces.map(_trace_students, effects, scale, each=abilities)
        abilities, *sums = zip(*traced, strict=True)
        squares, pulls = map(sum, sums)
        variances = effects.variances.copy()
        variances[:, 0] = _divide(squares, taught, variances[:, 0])
        named = list(effects.named)
        for kind, has_cell in enumerate(present):
            if kind:
                moved = effects._replace(named=named)
                pulls = pieces.total(_pull, moved, kind + 1, each=abilities)
            named[kind], sds = _step(named[kind], pulls * scale, variances[:, kind + 1])
            squares = (named[kind] ** 2 + sds**2) * has_cell
            variances[:, kind + 1] = _divide(
                squares.sum(axis=1), has_cell.sum(axis=1), variances[:, kind + 1]
            )
        effects = effects._replace(named=named, variances=variances, sds=sds)
    return effects, n_answers


def _count(cells, sizes):
    """Count what a piece holds: students of each fold, cells of each fold and name."""
    codes = [[] for _ in sizes]
    for _, own, _, _ in cells.parts():
        for kind, n in enumerate(sizes):
            codes[kind].append(np.bincount(own[kind + 1], minlength=n))
    n_cells = tuple(np.array(counts) for counts in codes)
    n_bytes = sum(part.nbytes for part in (*cells.codes, cells.weight, cells.right))
    return (
        np.diff(cells.students),
        cells.weight.sum(),
        n_cells,
        cells.n_answers,
        n_bytes,
    )


def _start(cells):
    return np.zeros((N_FITS, cells.students[-1]))


def _outside_each_fold(counts):
    """Return sums over folds: all but each, and all."""
    everyone = counts.sum(axis=0)
    return np.concatenate([everyone - counts, [everyone]])


def _trace_students(cells, ability, effects, scale):
    """Let the students of a piece take their step, and pull on the kind behind them.

    Returns
    -------
    ability : ndarray of shape (N_FITS, n_students)
        Of the students of the piece.
    squares : ndarray of shape (N_FITS,)
        Sums of effect² + sd² over the students that a fit learns from.
    pulls : ndarray of shape (2, N_FITS, n_names)
    """
    pulls = scale * _pull(cells, ability, effects, kind=0)
    ability, sds = _step(ability, pulls, effects.variances[:, 0])
    squares = ability**2 + sds**2
    for fold in range(N_FOLDS):
        squares[fold, slice(*cells.students[fold : fold + 2])] = 0.0
    return ability, squares.sum(axis=1), _pull(cells, ability, effects, kind=1)


def _pull(cells, ability, effects, kind):
    """Return first and minus second derivatives by the effects of a kind.

    Returns
    -------
    ndarray of shape (2, N_FITS, n_effects)
    """
    tables = [ability, *effects.named]
    n = 1 if kind is MEAN else tables[kind].shape[1]
    pulls = np.zeros((2, N_FITS, n))
    for fold, codes, weight, right in cells.parts():
        for fit in range(N_FITS) if len(weight) else ():
            if fit == fold:
                continue
            logit = effects.mean[fit] + ability[fit].take(codes[0])
            for table, code in zip(effects.named, codes[1:], strict=True):
                logit += table[fit].take(code)
            p = _sigmoid(logit)
            expected = weight * p
            for own, values in zip(
                pulls, (right - expected, expected * (1 - p)), strict=True
            ):
                if kind is MEAN:
                    own[fit] += values.sum()
                else:
                    own[fit] += np.bincount(codes[kind], values, n)
    return pulls


def _sigmoid(logits):
    """Return what scipy's expit does, in their place, and in a third of its time.

    After `EM_STEPS` steps no logit is so far from 0 that its exponential is infinite.
    """
    np.exp(np.negative(logits, out=logits), out=logits)
    logits += 1
    return np.divide(1, logits, out=logits)


def _step(effects, pulls, variances):
    """Take a step of Newton's; return the effects and their standard deviations."""
    pull, precision = pulls[0] - effects / variances[:, None], pulls[1]
    precision = precision + 1 / variances[:, None]
    step = np.clip(pull / precision, -LARGEST_STEP, LARGEST_STEP)
    return effects + step, precision**-0.5


def _divide(squares, n, variances):
    """Return mean squares, or the variances until now where there are none."""
    return np.where(n > 0, squares / np.maximum(n, 1), variances)
