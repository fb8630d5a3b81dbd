"""What fit costs beside a bare torch loop, and what padding costs without care.

    python benchmarks/training_speed.py --layouts
    python benchmarks/training_speed.py --to-quality

Trains on the ASSISTments 2009 training split, on one thread. The bare loop has the
same network, optimizer, batches and epochs, on tensors padded beforehand: no skorch,
no checks, no encoding, no progress. Both are timed in turn, in one run, and each
counts by its fastest repeat. With --layouts, a second table runs the bare loop on other
layouts of the same students, on a few batches, as seconds per epoch. With --to-quality,
it tells instead the AUC on validation students of fits of 2, 4, 6 and 8 epochs, and the
CPU seconds that each took; run it in two versions to see which gets there first.
"""

import argparse
import time

import numpy as np
import torch
from accuracy import evaluate, split
from torch import nn

from sktrace import DKTClassifier
from sktrace._interactions.columns import check_interactions
from sktrace._interactions.timeline import Timeline
from sktrace._neural.answer_steps import encode_steps, n_answer_codes
from sktrace._neural.batches import Batches, StepDataset
from sktrace._tracer.questions import roles_of
from sktrace.datasets import fetch_assistments2009

RNN = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class BareDKT(nn.Module):
    """The network of `DKTClassifier`, written with nothing but torch."""

    def __init__(self, n_skills, clf):
        super().__init__()
        hidden, skill = clf.hidden_size, 64
        self.answers = nn.Embedding(n_answer_codes(n_skills), clf.embedding_size)
        self.rnn = RNN[clf.cell](clf.embedding_size, hidden, batch_first=True)
        self.dropout = nn.Dropout(clf.dropout)
        self.weight = nn.Embedding(n_skills + 1, hidden)
        self.bias = nn.Embedding(n_skills + 1, 1)
        self.mlp = None
        if clf.readout == "mlp":
            self.skill = nn.Embedding(n_skills + 1, skill)
            self.project = nn.Linear(hidden, skill)
            self.mlp = nn.Sequential(
                nn.Linear(3 * skill, skill), nn.ReLU(), nn.Linear(skill, 1)
            )

    def forward(self, answers, cells, skill, lengths=None):
        x = self.answers(answers)
        if lengths is not None:
            x = nn.utils.rnn.pack_padded_sequence(
                x, lengths, batch_first=True, enforce_sorted=False
            )
        h, _ = self.rnn(x)
        if lengths is not None:
            h, _ = nn.utils.rnn.pad_packed_sequence(h, batch_first=True)
        h = self.dropout(h.flatten(0, 1)[cells])
        logit = (h * self.weight(skill)).sum(-1) + self.bias(skill).squeeze(-1)
        if self.mlp is not None:
            z, s = self.project(h), self.skill(skill)
            logit = logit + self.mlp(torch.cat([z, s, z * s], -1)).squeeze(-1)
        return logit


def pad(batch, target):
    """Return the plain tensors of a batch whose moments hold one answer each."""
    grid = torch.zeros(len(batch.bags), dtype=torch.long)
    codes = batch.inputs["answer"]
    filled = torch.diff(batch.bags, append=torch.tensor([len(codes)])) > 0
    grid[filled] = codes
    lengths = filled.view(batch.n_windows, -1).sum(1)
    answers = grid.view(batch.n_windows, -1)
    return answers, batch.row_cell, batch.asked["skill"], target, lengths


def train(net, batches, clf, rows_per_batch, packed=False):
    """Time a bare loop over padded batches, in seconds."""
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=clf.lr, weight_decay=clf.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(batches))
    loss_of = nn.BCEWithLogitsLoss(reduction="sum")
    start = time.perf_counter()
    for answers, cells, skill, target, lengths in batches:
        optimizer.zero_grad()
        logit = net(answers, cells, skill, lengths if packed else None)
        (loss_of(logit, target) / rows_per_batch).backward()
        optimizer.step()
        schedule.step()
    return time.perf_counter() - start


def encode(X):
    """Return the steps and targets of a log, as fit lays them out."""
    log = check_interactions(X, roles_of(DKTClassifier()))
    timeline = Timeline.of(log)
    steps = encode_steps(log, timeline, len(log.skills))
    return steps, log.correct[timeline.rows], len(log.skills)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    parser.add_argument("--cell", default=DKTClassifier().cell, choices=list(RNN))
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--layouts", action="store_true", help="time layouts, too")
    parser.add_argument("--to-quality", action="store_true", help="time by AUC instead")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.to_quality:
        time_to_quality(options)
        return

    bunch = fetch_assistments2009(data_home=options.data_home, subset="train")
    X, y = bunch.data, bunch.target
    clf = DKTClassifier(
        cell=options.cell,
        batch_size=32,
        max_epochs=options.epochs,
        device="cpu",
        random_state=0,
    )
    steps, target, n_skills = encode(X)
    layout = {"batch_size": clf.batch_size, "max_length": clf.max_length}
    dataset = StepDataset(steps, target, **layout)
    rows_per_batch = len(target) / dataset.n_batches

    times = {"bare": [], "fit": []}
    for repeat in range(options.repeats):
        batches = Batches(dataset, np.random.RandomState(repeat))
        padded = [pad(*b) for _ in range(options.epochs) for b in batches]
        times["bare"].append(train(BareDKT(n_skills, clf), padded, clf, rows_per_batch))
        start = time.perf_counter()
        clf.fit(X, y)
        times["fit"].append(time.perf_counter() - start)
    fit, bare = min(times["fit"]), min(times["bare"])
    print(f"{clf.cell}-{clf.hidden_size}, {clf.readout} read-out, {len(y):,} answers, ")
    print(f"{options.epochs} epochs, fastest of {options.repeats}:")
    print(f"  bare torch loop     {bare / options.epochs:7.2f} s per epoch")
    print(f"  DKTClassifier.fit   {fit / options.epochs:7.2f} s per epoch")
    print(f"  ratio               {fit / bare:7.2f}")

    if options.layouts:
        print("\nbare loop by layout, s per epoch (random batches: from a few of them)")
        compare_layouts(clf, steps, target, n_skills)


def time_to_quality(options):
    """Print the validation AUC of fits of more and more epochs, and their CPU time."""
    train, test = split("2009", options.data_home, validate=True)
    print("epochs  CPU s, fastest   AUC, mean over seeds")
    for epochs in (2, 4, 6, 8):
        runs = [
            evaluate(
                DKTClassifier(
                    cell=options.cell, max_epochs=epochs, random_state=seed, n_threads=1
                ),
                train,
                test,
            )
            for seed in range(options.repeats)
        ]
        seconds = min(run["fit (CPU s)"] for run in runs)
        auc = np.mean([run["AUC"] for run in runs])
        print(f"{epochs:6d}{seconds:16.1f}{auc:23.4f}", flush=True)


def compare_layouts(clf, steps, target, n_skills, n_batches=6):
    """Time one optimizer step on batches of each layout, scaled to an epoch."""
    whole = {"batch_size": clf.batch_size, "max_length": None}
    cut = {"batch_size": clf.batch_size, "max_length": clf.max_length}
    layouts = {
        f"cut at {clf.max_length}, bucketed": (cut, True, False),
        "whole sequences, bucketed": (whole, True, False),
        "whole sequences, random batches": (whole, False, False),
        "whole sequences, random, packed": (whole, False, True),
    }
    base = None
    for name, (layout, bucketed, packed) in layouts.items():
        dataset = StepDataset(steps, target, **layout)
        rng = np.random.RandomState(0)
        if bucketed:
            chosen = Batches(dataset, rng).split()
        else:
            order = rng.permutation(len(dataset))
            size = clf.batch_size
            chosen = [order[i : i + size] for i in range(0, len(order), size)]
        # Buckets differ in length, so all of them are timed; random batches are alike.
        share = 1 if bucketed else n_batches / len(chosen)
        chosen = chosen if bucketed else chosen[:n_batches]
        padded = [pad(*dataset[windows]) for windows in chosen]
        seconds = train(BareDKT(n_skills, clf), padded, clf, 1000, packed) / share
        base = base or seconds
        used = sum(len(b[1]) for b in padded) / sum(b[0].numel() for b in padded)
        print(
            f"  {name:34}{seconds:8.1f}   × {seconds / base:5.1f}"
            f"   padding {1 - used:5.1%}"
        )


if __name__ == "__main__":
    main()
