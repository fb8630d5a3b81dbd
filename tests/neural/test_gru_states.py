"""The GRU that is asked is torch's, as far as anything is asked of it."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from sktrace._neural import gru_states
from sktrace._neural.gru import Inputs
from sktrace._neural.gru_states import count_read, read_gru


@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("block", [1, 40, 10**6])
def test_states_are_those_of_torch_until_nothing_is_asked(
    num_layers, block, monkeypatch
):
    monkeypatch.setattr(gru_states, "BLOCK", block)
    n_read = [4, 4, 3, 3, 3, 1, 1]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        gru = torch.nn.GRU(3, 5, num_layers, batch_first=True).double()
        rows, numbers = torch.randn(6, 3).double(), torch.randn(7, 4, 2).double()
        into, index = torch.randn(2, 3).double(), torch.randint(6, (7, 4))
    found = read_gru(gru, Inputs(rows, index, numbers, into), n_read)
    x = rows[index] + numbers @ into
    expected = gru(x.transpose(0, 1))[0].detach()
    for step, n in enumerate(n_read):
        torch.testing.assert_close(found[:n, step], expected[:n, step])
        assert (found[n:, step] == 0).all()


def test_autocast_changes_no_state():
    gru, x = torch.nn.GRU(3, 5), torch.randn(7, 4, 3)
    expected = gru(x)[0].detach().transpose(0, 1)
    with torch.autocast("cpu"):
        found = read_gru(gru, Inputs.of(x), [4] * 7)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_a_window_is_read_until_it_and_those_behind_it_were_asked(seed):
    rng, n_windows, n_steps = np.random.default_rng(seed), 5, 6
    asked = rng.uniform(size=(n_windows, n_steps)) < seed / 10  # none at all first
    batch = SimpleNamespace(
        row_cell=torch.from_numpy(np.flatnonzero(asked)),
        n_windows=n_windows,
        n_steps=n_steps,
    )
    n_read = count_read(batch)
    for step, n in enumerate(n_read):
        later = asked[:, step:].any(axis=1)
        assert n == (np.flatnonzero(later)[-1] + 1 if later.any() else 0)
