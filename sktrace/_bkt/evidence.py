"""Kinds of evidence: which questions of one moment were answered, and how.

Mostly a kind is one right or one wrong answer on a skill, or on an item of the skill.
Several answers of one moment are one kind, too, and their likelihoods multiply.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.special import xlog1py, xlogy

from .._arrays import number_keys

__all__ = [
    "Evidence",
    "log_answers_if",
    "number_rows",
    "over_the_larger",
    "read_evidence",
    "sum_by",
]

MANY = 10  # answers of one moment, whose likelihoods may be too small for a float


class Evidence(NamedTuple):
    """What kinds of evidence there are. The first is none: nobody looked.

    A kind has one or several parts, which stand together: so many wrong and so many
    right answers to questions that are guessed and slipped at the same rates.
    """

    starts: np.ndarray  # (n_kinds,) first part of each kind
    guess: np.ndarray  # (n_parts,) cell of the rate
    slip: np.ndarray  # (n_parts,)
    wrong: np.ndarray  # (n_parts,) answers
    right: np.ndarray  # (n_parts,)

    def answers_if(self, rates):
        """Return P(answers of each kind | unknown) and P(... | known).

        Of many answers both are divided by the larger, whose logarithm comes third.
        """
        wrong, right = self.wrong[:, np.newaxis], self.right[:, np.newaxis]
        given = wrong, right, rates[self.guess], rates[self.slip]
        tables = _answers_if(*given)
        log_larger = np.zeros((len(self.starts), 1))
        if len(self.starts) < len(self.wrong):
            tables = [np.multiply.reduceat(p, self.starts) for p in tables]
        many = np.add.reduceat(self.wrong + self.right, self.starts) > MANY
        if many.any():
            logs = [np.add.reduceat(log, self.starts) for log in log_answers_if(*given)]
            *ratios, larger = over_the_larger(*logs)
            for table, ratio in zip(tables, ratios, strict=True):
                table[many] = ratio[many]
            log_larger = np.where(many[:, np.newaxis], larger, 0.0)
        return *tables, log_larger

    def count_in(self, n_cells):
        """Return matrices that give answers by kind to the cells of their rates.

        Returns
        -------
        guessed, guesses, slipped, slips : csr_array of shape (n_cells, n_kinds)
            Right answers and answers to the cells of guess, wrong answers and answers
            to those of slip.
        """
        sizes = np.diff(self.starts, append=len(self.wrong))
        kind = np.repeat(np.arange(len(sizes)), sizes)
        shape, both = (n_cells, len(sizes)), self.wrong + self.right
        return [
            csr_array((answers.astype(np.float64), (cell, kind)), shape=shape)
            for cell, answers in [
                (self.guess, self.right),
                (self.guess, both),
                (self.slip, self.wrong),
                (self.slip, both),
            ]
        ]


def _answers_if(wrong, right, guess, slip):
    """Return P(answers of one opportunity | unknown) and P(... | known)."""
    return guess**right * (1 - guess) ** wrong, (1 - slip) ** right * slip**wrong


def log_answers_if(wrong, right, guess, slip):
    """Return the logarithms of P(answers | unknown) and P(answers | known)."""
    return (
        xlogy(right, guess) + xlog1py(wrong, -guess),
        xlog1py(right, -slip) + xlogy(wrong, slip),
    )


def over_the_larger(log_unknown, log_known):
    """Return likelihoods divided by the larger of both, and its logarithm.

    Bayes' rule asks for no more than their ratio. Where neither state allows for the
    answers, both are 0.
    """
    larger = np.maximum(log_unknown, log_known)
    larger = np.where(np.isneginf(larger), 0.0, larger)
    return np.exp(log_unknown - larger), np.exp(log_known - larger), larger


def read_evidence(moment, n_moments, correct, guess, slip, question=None):
    """Sort the answers of moments on one skill into kinds of evidence.

    Parameters
    ----------
    moment : ndarray of shape (n_answers,)
        Of each answer that somebody looks at, in ascending order.
    n_moments : int
    correct : ndarray of shape (n_answers,)
    guess, slip : ndarray of shape (n_answers,)
        Cells of the rates at which it is guessed and slipped.
    question : ndarray of shape (n_answers,), optional
        Rows that tell of the same question are one answer; where they disagree, a
        right one and a wrong one.

    Returns
    -------
    evidence : Evidence
    kind : ndarray of shape (n_moments,)
        The kind of each moment.
    """
    right = correct == 1
    if question is not None:
        kept = _first_tellings(moment, question, right)
        moment, right, guess, slip = moment[kept], right[kept], guess[kept], slip[kept]
    # Equal parts of a moment are counted together.
    rates, pair = number_rows(guess, slip)
    if (np.diff(moment) == 0).any():
        of_moment, place = number_rows(moment, pair)
        n_right, n_wrong = (
            np.bincount(place, side, len(of_moment)).astype(np.int64)
            for side in (right, ~right)
        )
        moment, pair = of_moment.T
    else:
        n_right, n_wrong = right.astype(np.int64), (~right).astype(np.int64)
    parts, part = number_rows(pair, n_right, n_wrong)
    kind, lists = _number_lists(moment, n_moments, part)
    pair, n_right, n_wrong = parts.T
    return _list_evidence(*rates[pair].T, n_wrong, n_right, lists), kind


def _list_evidence(guess, slip, wrong, right, lists):
    """Return the evidence of no part, of each part alone, and of lists of parts."""
    n_parts = len(guess)
    listed = np.concatenate([np.arange(n_parts), *lists]).astype(np.int64)
    sizes = np.array([1] * n_parts + [len(own) for own in lists], dtype=np.int64)
    return Evidence(
        np.append(0, 1 + np.cumsum(sizes) - sizes),
        *(np.append(0, values[listed]) for values in (guess, slip, wrong, right)),
    )


def _number_lists(moment, n_moments, part):
    """Number the lists of parts that moments have; no part at all is number 0.

    Returns
    -------
    kind : ndarray of shape (n_moments,)
    lists : list of tuples of int
        Lists of several parts, sorted, whose numbers follow those of single parts.
    """
    n_own, n_parts = np.bincount(moment, minlength=n_moments), part.max(initial=-1) + 1
    kind = np.zeros(n_moments, dtype=np.int64)
    single = n_own[moment] == 1
    kind[moment[single]] = 1 + part[single]
    several, first = np.flatnonzero(n_own > 1), np.cumsum(n_own) - n_own
    own = [tuple(part[first[m] : first[m] + n_own[m]].tolist()) for m in several]
    lists = sorted(set(own))
    number = {parts: 1 + n_parts + place for place, parts in enumerate(lists)}
    kind[several] = [number[parts] for parts in own]
    return kind, lists


def merge_evidence(several):
    """Return the kinds of evidence that there are in several logs, as if in one."""
    parts = np.unique(np.concatenate([_parts(one) for one in several]), axis=0)
    lists = sorted({own for one in several for own in _lists(one, parts)})
    guess, slip, right, wrong = parts.T
    return _list_evidence(guess, slip, wrong, right, lists)


def find_kinds(evidence, merged):
    """Return the number, among merged ones, of each kind of evidence."""
    parts = _parts(merged)
    lists = _lists(merged, parts)
    number = {own: 1 + len(parts) + place for place, own in enumerate(lists)}
    singles = 1 + _find_parts(_parts(evidence), parts)
    several = [number[own] for own in _lists(evidence, parts)]
    return np.concatenate([[0], singles, several]).astype(np.int64)


def _parts(evidence):
    """Return the different parts, sorted by what they are."""
    return _columns(evidence)[1 : 1 + _count_single(evidence)]


def _lists(evidence, parts):
    """Return the kinds of several parts, as tuples of places among some parts."""
    n_single = _count_single(evidence)
    place = _find_parts(_columns(evidence)[1 + n_single :], parts)
    starts = evidence.starts[1 + n_single :] - (1 + n_single)
    own = np.split(place, starts[1:]) if len(starts) else []
    return [tuple(places.tolist()) for places in own]


def _columns(evidence):
    """Return what tells parts apart, (n_parts, 4), in the order of their numbers."""
    columns = (evidence.guess, evidence.slip, evidence.right, evidence.wrong)
    return np.column_stack(columns)


def _count_single(evidence):
    """Count the kinds of one part, which stand together behind the first kind."""
    sizes = np.diff(evidence.starts, append=len(evidence.wrong))[1:]
    return int((sizes == 1).sum())


def _find_parts(wanted, parts):
    """Return the place of each wanted part among sorted ones, which hold them all."""
    both = np.concatenate([parts, wanted])
    return np.unique(both, axis=0, return_inverse=True)[1].ravel()[len(parts) :]


def _first_tellings(moment, question, right):
    """Keep one of the rows that tell the same of the same question."""
    shared = np.bincount(moment)[moment] > 1
    kept = ~shared
    told = np.column_stack([moment, question, right])[shared]
    _, first = np.unique(told, axis=0, return_index=True)
    kept[np.flatnonzero(shared)[first]] = True
    return kept


def sum_by(codes, n_codes, values=None):
    """Return a matrix that sums over what has the same code."""
    values = np.ones(len(codes)) if values is None else values
    return csr_array((values, (codes, np.arange(len(codes)))), (n_codes, len(codes)))


def number_rows(*columns):
    """Number the distinct rows of some columns of codes, in sorted order.

    Returns
    -------
    rows : ndarray of shape (n_distinct, n_columns)
    number : ndarray of shape (n_rows,)
    """
    bases = [column.max(initial=0) + 1 for column in columns]
    key = columns[0]
    for column, base in zip(columns[1:], bases[1:], strict=True):
        key = key * base + column
    key, number = number_keys(key, math.prod(map(int, bases)))
    rows = []
    for base in bases[:0:-1]:
        key, column = np.divmod(key, base)
        rows.append(column)
    return np.column_stack([key, *rows[::-1]]), number
