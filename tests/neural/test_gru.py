"""The GRU that is trained here and that of torch: one number by two routes."""

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck

from sktrace._neural import gru as gru_room
from sktrace._neural.gru import Inputs, is_gru_on_cpu, run_gru


@pytest.fixture
def small_blocks(monkeypatch):
    """Let a block hold two steps of three windows of five numbers."""
    monkeypatch.setattr(gru_room, "BLOCK", 30)


def make(n_inputs=4, hidden_size=5, dtype=torch.float64, **layers):
    torch.manual_seed(0)
    return nn.GRU(n_inputs, hidden_size, **layers).to(dtype)


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize(("n_steps", "n_windows"), [(7, 3), (1, 3), (6, 1)])
def test_states_and_gradients_are_those_of_torch(
    small_blocks, num_layers, n_steps, n_windows
):
    gru = make(num_layers=num_layers)
    x = torch.randn(n_steps, n_windows, 4, dtype=torch.float64, requires_grad=True)
    by_states = torch.randn(n_steps, n_windows, 5, dtype=torch.float64)
    expected, own = gru(x)[0], run_gru(gru, Inputs.of(x))
    torch.testing.assert_close(own, expected, rtol=0, atol=1e-14)
    wanted = [x, *gru.parameters()]
    torch.testing.assert_close(
        torch.autograd.grad(own, wanted, by_states),
        torch.autograd.grad(expected, wanted, by_states),
        rtol=0,
        atol=1e-13,
    )


def test_gradients_are_differences_of_states(small_blocks):
    gru = make(n_inputs=2, hidden_size=5)
    x = torch.randn(5, 3, 2, dtype=torch.float64, requires_grad=True)
    assert gradcheck(
        lambda x, *weights: run_gru(gru, Inputs.of(x)), (x, *gru.parameters())
    )
    squared = run_gru(gru, Inputs.of(x)).square().sum()
    (slope,) = torch.autograd.grad(squared, x, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiate twice"):  # rather than wrong
        slope.sum().backward()


def test_inputs_may_be_rows_of_a_table_and_numbers(small_blocks):
    gru = make()
    rows = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    into = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    numbers = torch.randn(7, 3, 2, dtype=torch.float64)
    index, wanted = torch.randint(3, (7, 3)), [rows, into]
    inputs, x = Inputs(rows, index, numbers, into), rows[index] + numbers @ into
    own, expected = run_gru(gru, inputs), gru(x)[0]
    torch.testing.assert_close(own, expected, rtol=0, atol=1e-14)
    torch.testing.assert_close(
        torch.autograd.grad(own.square().sum(), wanted),
        torch.autograd.grad(expected.square().sum(), wanted),
        rtol=0,
        atol=1e-13,
    )


def test_a_table_longer_than_what_is_read_gives_its_rows_alone():
    rows = torch.randn(50, 4, dtype=torch.float64, requires_grad=True)
    index = torch.randint(50, (7, 3))
    inputs = Inputs(rows, index, torch.randn(7, 3, 2), torch.randn(2, 4))
    short = inputs.gather()
    assert len(short.rows) == 21
    assert short.gather() is short
    assert torch.equal(short.rows[short.index], rows[index])


def test_inputs_without_gradient_get_none(small_blocks):
    gru = make()
    x = torch.randn(5, 3, 4, dtype=torch.float64)
    run_gru(gru, Inputs.of(x)).sum().backward()
    assert x.grad is None
    assert all(weights.grad is not None for weights in gru.parameters())


def test_blocks_do_not_matter(monkeypatch):
    gru, x = make(dtype=torch.float32), torch.randn(40, 3, 4)
    whole = run_gru(gru, Inputs.of(x))
    monkeypatch.setattr(gru_room, "BLOCK", 1)
    torch.testing.assert_close(run_gru(gru, Inputs.of(x)), whole, rtol=0, atol=1e-6)


def test_dropout_between_layers_is_for_training():
    gru, x = make(num_layers=2, dropout=0.5), torch.randn(6, 3, 4, dtype=torch.float64)
    assert not torch.equal(run_gru(gru, Inputs.of(x)), run_gru(gru, Inputs.of(x)))
    gru.eval()
    torch.testing.assert_close(
        run_gru(gru, Inputs.of(x)), gru(x)[0], rtol=0, atol=1e-14
    )


def test_it_is_for_a_gru_on_a_cpu():
    assert is_gru_on_cpu(make())
    assert not is_gru_on_cpu(nn.LSTM(4, 5))
    assert not is_gru_on_cpu(nn.RNN(4, 5))
    assert not is_gru_on_cpu(nn.GRU(4, 5, device="meta"))
