"""Dropout leaves a share of the numbers, and their mean."""

import pytest
import torch

from sktrace._neural.dropout import Dropout, drop


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_a_share_is_dropped_and_the_mean_stays(p):
    torch.manual_seed(0)
    dropped = drop(torch.ones(10**5, dtype=torch.float64), p)
    share = (dropped == 0).double().mean().item()
    assert share == pytest.approx(p, abs=4 * (p * (1 - p) / 1e5) ** 0.5)
    left = dropped[dropped != 0]
    torch.testing.assert_close(left, torch.full_like(left, 1 / (1 - p)))


def test_the_gradient_is_dropped_as_the_number_is():
    x = torch.ones(100, requires_grad=True)
    dropped = drop(x, 0.5)
    dropped.sum().backward()
    assert torch.equal(x.grad, dropped.detach())


def test_nothing_is_dropped_without_probability_or_in_prediction():
    x = torch.randn(10)
    assert torch.equal(drop(x, 0), x)
    assert torch.equal(Dropout(0.5).eval()(x), x)
