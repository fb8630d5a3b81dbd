"""Networks as strangers write them, each of which reads what it must not."""

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from torch import nn

__all__ = ["NETWORKS"]


class Network(ClassifierMixin, BaseEstimator):
    """A torch network over padded students, whose `read` a subclass gets wrong."""

    def __init__(self, epochs=8, size=8):
        self.epochs = epochs
        self.size = size

    def _tensors(self, X):
        code = {skill: i + 1 for i, skill in enumerate(self.skills_)}
        rows = pd.DataFrame(
            {
                "student": X["user_id"].astype(str).to_numpy(),
                "order": X["order_id"].to_numpy(),
                "skill": X["skill_name"].astype(str).map(code).fillna(0).to_numpy(int),
                "correct": X["correct"].fillna(0).to_numpy(float),
            }
        ).sort_values(["student", "order"], kind="stable")
        column = rows.groupby("student").cumcount().to_numpy()
        line = rows.groupby("student").ngroup().to_numpy()
        shape = line.max() + 1, column.max() + 1
        skill, correct, real = (torch.zeros(shape) for _ in range(3))
        skill[line, column] = torch.tensor(rows["skill"].to_numpy(np.float32))
        correct[line, column] = torch.tensor(rows["correct"].to_numpy(np.float32))
        real[line, column] = 1
        place = np.empty((len(rows), 2), dtype=int)
        place[rows.index] = np.column_stack([line, column])
        return skill.long(), correct, real.bool(), place

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        self.skills_ = sorted(X["skill_name"].astype(str).unique())
        X = X.reset_index(drop=True)
        skill, correct, real, place = self._tensors(X)
        target = torch.zeros(real.shape)
        target[place[:, 0], place[:, 1]] = torch.tensor(np.asarray(y, np.float32))
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.net_ = nn.ModuleDict(self._parts(len(self.skills_) + 1))
            adam = torch.optim.Adam(self.net_.parameters(), lr=0.02)
            for _ in range(self.epochs):
                logit = self._read(skill, correct, real)
                loss = nn.functional.binary_cross_entropy_with_logits(
                    logit[real], target[real]
                )
                adam.zero_grad()
                loss.backward()
                adam.step()
        return self

    def predict_proba(self, X):
        skill, correct, real, place = self._tensors(X.reset_index(drop=True))
        with torch.no_grad():
            p = torch.sigmoid(self._read(skill, correct, real)).numpy()
        p = p[place[:, 0], place[:, 1]].astype(float)
        return np.column_stack([1 - p, p])


class Bidirectional(Network):
    """Shifts the answers, as it should, and then reads them from both ends."""

    def _parts(self, n_skills):
        size = self.size
        return {
            "asked": nn.Embedding(n_skills, size),
            "answer": nn.Embedding(2 * n_skills, size),
            "rnn": nn.GRU(2 * size, size, batch_first=True, bidirectional=True),
            "out": nn.Linear(2 * size, 1),
        }

    def _read(self, skill, correct, real):
        answer = self.net_["answer"](2 * skill + correct.long())
        before = nn.functional.pad(answer, (0, 0, 1, 0))[:, :-1]
        both = torch.cat([before, self.net_["asked"](skill)], dim=2)
        return self.net_["out"](self.net_["rnn"](both)[0])[..., 0]


class OneStepTooFew(Bidirectional):
    """A forward network whose shift was forgotten."""

    def _parts(self, n_skills):
        size = self.size
        return super()._parts(n_skills) | {
            "rnn": nn.GRU(2 * size, size, batch_first=True),
            "out": nn.Linear(size, 1),
        }

    def _read(self, skill, correct, real):
        answer = self.net_["answer"](2 * skill + correct.long())
        both = torch.cat([answer, self.net_["asked"](skill)], dim=2)
        return self.net_["out"](self.net_["rnn"](both)[0])[..., 0]


class Attention(Network):
    """Attends to all rows of the student, for want of a mask."""

    def _parts(self, n_skills):
        size = self.size
        return {
            "asked": nn.Embedding(n_skills, size),
            "key": nn.Embedding(n_skills, size),
            "value": nn.Embedding(2 * n_skills, size),
            "out": nn.Linear(2 * size, 1),
        }

    def _mask(self, n_steps):
        return torch.zeros(n_steps, n_steps, dtype=torch.bool)

    def _read(self, skill, correct, real):
        query, key = self.net_["asked"](skill), self.net_["key"](skill)
        weight = query @ key.transpose(1, 2) / self.size**0.5
        hidden = self._mask(skill.shape[1]) | ~real[:, None, :]
        weight = torch.softmax(weight.masked_fill(hidden, -1e4), dim=2)
        value = weight @ self.net_["value"](2 * skill + correct.long())
        return self.net_["out"](torch.cat([value, query], dim=2))[..., 0]


class AttentionToItself(Attention):
    """Has a mask whose diagonal is open: a row reads its own answer."""

    def _mask(self, n_steps):
        return torch.ones(n_steps, n_steps, dtype=torch.bool).triu(1)


NETWORKS = {
    "RNN from both ends": Bidirectional(),
    "RNN without the shift": OneStepTooFew(),
    "attention without a mask": Attention(),
    "attention, diagonal open": AttentionToItself(),
}
