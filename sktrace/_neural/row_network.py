"""A network of rows, which corrects logits that are given: how it is trained.

Rows are drawn by the thousand from arrays of millions, so batches are taken by index
here: a data loader that meets rows one by one is a hundred times slower.
"""

import itertools

import numpy as np
import torch
from torch import nn

from .seeds import seeded

__all__ = ["train_row_network"]

_LARGEST_BATCH, _SMALLEST_BATCH, _BATCHES = 4096, 64, 100
_WARM_UP = 0.1


def train_row_network(
    inputs, offset, target, *, hidden_sizes, max_epochs, lr, weight_decay, seed
):
    """Train a network f, so that sigmoid(offset + f(inputs)) predicts targets.

    It starts with f = 0. The learning rate rises to `lr` and falls to zero.

    Parameters
    ----------
    inputs : ndarray of shape (n_rows, n_inputs), float32
        Scaled.
    offset, target : ndarray of shape (n_rows,), float32
    hidden_sizes : tuple of int
    max_epochs : int
    lr, weight_decay : float
        Of AdamW.
    seed : int

    Returns
    -------
    layers : tuple of (weight, bias)
        Arrays of shape (n_out, n_in) and (n_out,); silu between them.
    """
    inputs, offset, target = map(torch.as_tensor, (inputs, offset, target))
    with seeded(seed, "cpu"):
        network = _build(inputs.shape[1], hidden_sizes)
        size = min(max(len(target) // _BATCHES, _SMALLEST_BATCH), _LARGEST_BATCH)
        size = min(size, len(target))
        n_batches = len(target) // size
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=lr, weight_decay=weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, lr, total_steps=max_epochs * n_batches + 1, pct_start=_WARM_UP
        )
        loss_of = nn.BCEWithLogitsLoss()
        for _ in range(max_epochs):
            for rows in torch.randperm(len(target))[: n_batches * size].split(size):
                logit = offset[rows] + network(inputs[rows])[:, 0]
                optimizer.zero_grad()
                loss_of(logit, target[rows]).backward()
                optimizer.step()
                schedule.step()
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    return tuple(
        tuple(p.detach().numpy().astype(np.float64) for p in (one.weight, one.bias))
        for one in linear
    )


def _build(n_inputs, hidden_sizes):
    sizes = [n_inputs, *hidden_sizes]
    layers = []
    for size, following in itertools.pairwise(sizes):
        layers += [nn.Linear(size, following), nn.SiLU()]
    layers.append(nn.Linear(sizes[-1], 1))
    for parameter in layers[-1].parameters():
        nn.init.zeros_(parameter)
    return nn.Sequential(*layers)
