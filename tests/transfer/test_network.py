"""The pretrained network: what it computes, and the file it is kept in."""

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from sktrace._transfer.inputs import INPUTS
from sktrace._transfer.network import PretrainedNetwork


@pytest.fixture
def network():
    rng = np.random.default_rng(0)
    n = len(INPUTS)
    layers = (
        (rng.normal(size=(5, n)), rng.normal(size=5)),
        (rng.normal(size=(1, 5)), rng.normal(size=1)),
    )
    return PretrainedNetwork(rng.normal(size=n), np.full(n, 2.0), layers, "a test")


def test_it_is_the_formula(network):
    x = np.random.default_rng(1).normal(size=(3, len(INPUTS)))
    (inner, own), (weight, bias) = network.layers
    z = (x - network.mean) / network.spread @ inner.T + own
    expected = (z * expit(z)) @ weight[0] + bias
    np.testing.assert_allclose(network.correct(x), expected, rtol=1e-12)


def test_a_row_is_corrected_alike_in_any_company(network):
    x = np.random.default_rng(1).normal(size=(700, len(INPUTS)))
    every = network.correct(x)
    assert network.correct(x[513:514]) == every[513]
    np.testing.assert_array_equal(network.correct(x[::-1])[::-1], every)


def test_no_row_is_no_correction(network):
    assert network.correct(np.empty((0, len(INPUTS)))).shape == (0,)


def test_far_away_it_does_not_extrapolate(network):
    x = network.mean + 6 * network.spread
    assert network.correct(x[None]) == network.correct(100 * x[None] + 1000)


def test_a_file_keeps_it(network, tmp_path):
    path = tmp_path / "network.npz"
    network.save(path)
    again = PretrainedNetwork.load(path)
    x = np.random.default_rng(1).normal(size=(9, len(INPUTS)))
    np.testing.assert_allclose(again.correct(x), network.correct(x), rtol=1e-4)
    assert again.learnt_from == "a test"
    assert path.stat().st_size < 50_000


@pytest.mark.parametrize("content", [b"", b"student,correct\n1,1\n", b"PK\x03\x04"])
def test_another_file_is_refused(content, tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"log\.csv.* is no pretrained network"):
        PretrainedNetwork.load(path)


def test_other_arrays_are_refused(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, weight_0=np.ones(3))
    with pytest.raises(ValueError, match="python -m sktrace pretrain"):
        PretrainedNetwork.load(path)
    np.savez(path, format=1, inputs=np.array(["ability"]))
    with pytest.raises(ValueError, match="its inputs are others"):
        PretrainedNetwork.load(path)


def test_what_is_no_network_of_these_inputs_is_refused(network, tmp_path):
    path = tmp_path / "network.npz"
    n = len(INPUTS)
    for broken, match in [
        (replace(network, layers=network.layers[:1]), "layers are of shapes"),
        (replace(network, mean=np.zeros(3)), r"it scales \(3,\) inputs"),
        (replace(network, mean=np.full(n, np.nan)), "not finite"),
        (replace(network, spread=np.zeros(n)), "a spread is not positive"),
    ]:
        broken.save(path)
        with pytest.raises(ValueError, match=match):
            PretrainedNetwork.load(path)


def test_a_damaged_file_is_refused_or_read_never_a_riddle(network, tmp_path):
    path, rng = tmp_path / "network.npz", np.random.default_rng(0)
    network.save(path)
    content = path.read_bytes()
    for _ in range(60):
        damaged = bytearray(content)
        damaged[rng.integers(len(content))] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(damaged))
        with contextlib.suppress(ValueError):
            PretrainedNetwork.load(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    with pytest.raises(ValueError, match="is no pretrained network"):
        PretrainedNetwork.load(path.with_suffix(".npy"))
