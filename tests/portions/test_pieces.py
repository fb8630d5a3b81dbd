"""What is computed piece by piece does not depend on where the pieces are."""

import gc
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import pytest

from sktrace._portions import pieces as portions
from sktrace._portions.pieces import AT_ONCE, InMemory, OnDisk, total

NUMBERS = [np.arange(3) + 10 * k for k in range(2 * AT_ONCE + 1)]


def scaled(piece, factor):
    return piece * factor


def moved(piece, own, factor):
    return piece * factor + own


def halves(piece):
    return [piece[:2], piece[2:]]


def put_together(lists):
    return np.concatenate(lists)


def differ(pair):
    return pair[0] - pair[1]


def return_it(piece):
    return piece


@pytest.fixture(params=["in memory", "held", "on disk"])
def pieces(request, monkeypatch):
    if request.param == "in memory":
        return InMemory(NUMBERS)
    if request.param == "on disk":
        monkeypatch.setattr(portions, "HELD", 0)
    return OnDisk([partial(return_it, piece) for piece in NUMBERS])


def test_functions_are_called_in_order(pieces):
    found = pieces.map(scaled, 2)
    np.testing.assert_array_equal(found, [2 * piece for piece in NUMBERS])
    own = list(range(len(pieces)))
    found = pieces.map(moved, 2, each=own)
    np.testing.assert_array_equal(
        found, [2 * piece + k for k, piece in enumerate(NUMBERS)]
    )


def test_what_is_kept_can_be_asked_again(pieces):
    kept = pieces.keep(scaled, 3)
    assert len(kept) == len(pieces)
    np.testing.assert_array_equal(list(kept), [3 * piece for piece in NUMBERS])
    twice = kept.keep(moved, 1, each=[5] * len(kept))
    np.testing.assert_array_equal(twice.map(return_it)[1], 3 * NUMBERS[1] + 5)
    np.testing.assert_array_equal(list(kept), [3 * piece for piece in NUMBERS])


def test_totals_are_sums_of_arrays_and_of_tuples(pieces):
    np.testing.assert_array_equal(pieces.total(scaled, 1), sum(NUMBERS))
    ones, twos = total([(1, np.ones(2)), (2, np.ones(2))])
    assert ones == 3
    assert twos.tolist() == [2, 2]


def test_pieces_are_exchanged_chosen_and_paired(pieces):
    exchanged = pieces.exchange(halves, 2)
    first, second = exchanged.map(put_together)
    np.testing.assert_array_equal(first, np.concatenate([p[:2] for p in NUMBERS]))
    np.testing.assert_array_equal(second, np.concatenate([p[2:] for p in NUMBERS]))
    chosen = pieces.choose([k % 2 == 0 for k in range(len(pieces))])
    np.testing.assert_array_equal(list(chosen), NUMBERS[::2])
    pairs = pieces.beside(pieces.keep(scaled, 3))
    np.testing.assert_array_equal(pairs.map(differ), [-2 * piece for piece in NUMBERS])


def test_files_go_with_the_last_who_reads_them(monkeypatch):
    monkeypatch.setattr(portions, "HELD", 0)
    pieces = OnDisk([partial(return_it, piece) for piece in NUMBERS])
    kept = pieces.keep(scaled, 3)
    folder = kept.folders[0].path
    chosen = kept.choose([True] * len(kept)).beside(kept)
    del kept
    gc.collect()
    assert len(chosen.map(differ)) == len(NUMBERS)
    del chosen
    gc.collect()
    assert not Path(folder).exists()


def test_processes_of_joblib_take_part():
    pieces = OnDisk([partial(return_it, piece) for piece in NUMBERS[:4]])
    with joblib.parallel_config(n_jobs=2):
        kept = pieces.keep(scaled, 3)
        np.testing.assert_array_equal(kept.total(scaled, 1), 3 * sum(NUMBERS[:4]))
