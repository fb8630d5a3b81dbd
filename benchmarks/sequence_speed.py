"""What fit costs on whole sequences beside a bare torch loop, in time and memory.

    python benchmarks/sequence_speed.py
    python benchmarks/sequence_speed.py --sequences 12500 25000 50000   # memory, too

Trains `SequenceRegressor(task="many-to-one")` on made-up sequences of 40 steps and 42
features, float32, on one thread. The bare loop has the same network, optimizer, batch
size and epochs, on one padded tensor: no skorch, no checks, no scaling. Both are timed
in turn and each counts by its fastest repeat. Memory is the largest the process held
while fitting, beyond what it held before, in a process of its own for each size.
"""

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
import torch
from torch import nn

from sktrace import SequenceRegressor

RNN = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class BareNet(nn.Module):
    """The network of `SequenceRegressor`, written with nothing but torch."""

    def __init__(self, n_features, reg):
        super().__init__()
        self.rnn = RNN[reg.cell](n_features, reg.hidden_size, batch_first=True)
        self.dropout = nn.Dropout(reg.dropout)
        self.readout = nn.Linear(reg.hidden_size, 1)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.readout(self.dropout(h[:, -1])).squeeze(-1)


def make_data(n_sequences, n_steps, n_features):
    """Return sequences without padding, and the mean of their first feature."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_sequences, n_steps, n_features), dtype=np.float32)
    return X, X[:, :, 0].mean(axis=1)


def train_bare(X, y, reg):
    """Time a bare loop, in seconds."""
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    start = time.perf_counter()
    net = BareNet(X.shape[2], reg)
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=reg.lr, weight_decay=reg.weight_decay
    )
    n_batches = -(-len(X) // reg.batch_size) * reg.max_epochs
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_batches)
    for _ in range(reg.max_epochs):
        for rows in torch.randperm(len(X)).split(reg.batch_size):
            optimizer.zero_grad()
            nn.functional.mse_loss(net(X[rows]), y[rows]).backward()
            optimizer.step()
            schedule.step()
    return time.perf_counter() - start


def compare(X, y, reg, repeats):
    """Print the times of both and their ratio."""
    times = {"bare": [], "fit": []}
    for _ in range(repeats):
        times["bare"].append(train_bare(X, y, reg))
        start = time.perf_counter()
        reg.fit(X, y)
        times["fit"].append(time.perf_counter() - start)
    bare, fit = min(times["bare"]), min(times["fit"])
    print(f"{reg.cell}-{reg.hidden_size}, batches of {reg.batch_size}, {X.shape}, ")
    print(f"{reg.max_epochs} epochs, fastest of {repeats}:")
    print(f"  bare torch loop        {bare:7.2f} s")
    print(f"  SequenceRegressor.fit  {fit:7.2f} s")
    print(f"  ratio                  {fit / bare:7.2f}")


def measure_memory(n_sequences, options):
    """Print the memory that fit adds, from a fresh process."""
    command = [sys.executable, __file__, "--one-size", str(n_sequences)]
    command += ["--hidden-size", str(options.hidden_size)]
    added, data = map(float, subprocess.check_output(command, text=True).split())
    print(
        f"{n_sequences:8,} sequences: data {data:6.0f} MB, fit adds {added:6.0f} MB, "
        f"{added / data:.2f} × the data",
        flush=True,
    )


def print_memory(n_sequences, options):
    """Fit once and print what it added to the largest size of this process, in MB."""
    make_regressor(options).fit(*make_data(64, 40, 42))  # what torch itself needs
    X, y = make_data(n_sequences, 40, 42)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    make_regressor(options).fit(X, y)
    added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(added / 1024, X.nbytes / 2**20)


def make_regressor(options):
    return SequenceRegressor(
        task="many-to-one",
        cell=options.cell,
        hidden_size=options.hidden_size,
        batch_size=options.batch_size,
        max_epochs=options.epochs,
        device="cpu",
        random_state=0,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cell", default=SequenceRegressor().cell, choices=list(RNN))
    parser.add_argument("--hidden-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sequences", type=int, nargs="+", default=[50_000])
    parser.add_argument("--one-size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.one_size:
        print_memory(options.one_size, options)
        return
    for n_sequences in options.sequences:
        measure_memory(n_sequences, options)
    X, y = make_data(max(options.sequences), 40, 42)
    compare(X, y, make_regressor(options), options.repeats)


if __name__ == "__main__":
    main()
