"""The networks: tensors in, flat outputs out. Torch only.

Deep knowledge tracing (Piech et al., 2015, equations 1-4): a recurrent network reads
the student's answers, and its state is read out for the skill that is asked. Outcomes
and numbers are read out of a state by a linear layer.
"""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import embedding_bag

from .answer_steps import n_answer_codes
from .dropout import Dropout
from .gru import LEAST_STEPS, Inputs, is_gru_on_cpu, run_gru
from .gru_states import LEAST_NUMBERS, count_read, read_gru
from .item_vectors import ItemVectors, NumberInput, number_slopes
from .skill_tables import SkillTable

__all__ = [
    "CELLS",
    "READOUTS",
    "DKTModule",
    "LinearReadout",
    "MLPReadout",
    "NumberModule",
    "OutcomeModule",
]

# Rows that name no skill teach what an unknown skill is like, but a handful of them
# would only exchange a good prior, the average skill, for an embedding hardly trained.
ROWS_THAT_TEACH_UNKNOWN = 100

# States that are asked at once, so that they and what asks them are in the cache.
ROWS_AT_ONCE = 2**12

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class LinearReadout(nn.Module):
    """``logit = w_skill · h + b_skill``: only the asked skill's row is gathered."""

    is_exact = True  # a row's output is to the last bit its own, wherever it stands

    def __init__(self, n_skills, hidden_size, share=None):
        super().__init__()
        self.weight = SkillTable(n_skills + 1, hidden_size, share)
        self.bias = SkillTable(n_skills + 1, 1, share)
        self.weight.scale(hidden_size**-0.5)
        self.bias.scale(0)

    def forward(self, h, skill):
        """Ask each state for its own skill, shape (n_rows,)."""
        return (h * self.weight(skill)).sum(-1) + self.bias(skill).squeeze(-1)

    def every(self, h, skills):
        """Ask each state for all of some skills, shape (n_states, n_skills)."""
        return h @ self.weight(skills).T + self.bias(skills).squeeze(-1)


class MLPReadout(nn.Module):
    """A linear read-out plus a small network of state, skill and their product."""

    is_exact = False

    def __init__(self, n_skills, hidden_size, share=None, skill_size=64):
        super().__init__()
        self.linear = LinearReadout(n_skills, hidden_size, share)
        self.skill = SkillTable(n_skills + 1, skill_size, share)
        self.project = nn.Linear(hidden_size, skill_size)
        self.mlp = nn.Sequential(
            nn.Linear(3 * skill_size, skill_size), nn.ReLU(), nn.Linear(skill_size, 1)
        )

    def forward(self, h, skill):
        """Ask each state for its own skill, shape (n_rows,)."""
        return self.linear(h, skill) + self._join(self.project(h), self.skill(skill))

    def every(self, h, skills):
        """Ask each state for all of some skills, shape (n_states, n_skills)."""
        z, s = torch.broadcast_tensors(self.project(h)[:, None], self.skill(skills))
        return self.linear.every(h, skills) + self._join(z, s)

    def _join(self, z, s):
        return self.mlp(torch.cat([z, s, z * s], dim=-1)).squeeze(-1)


READOUTS = {"linear": LinearReadout, "mlp": MLPReadout}


class RecurrentModule(nn.Module):
    """Inputs → recurrent states → outputs of the states that rows ask.

    A subclass says how a batch is read, by `read` and `inputs`, and has a `readout` of
    states.
    """

    def _recur(self, input_size, cell, hidden_size, num_layers, dropout):
        self.dropout = Dropout(dropout)
        self.rnn = CELLS[cell](
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
        )

    def forward(self, batch):
        """Return the outputs of every row of a batch, shape (n_rows, n_outputs)."""
        h = self.states(batch)[batch.row_cell]  # (n_rows, hidden_size)
        return self.readout(self.dropout(h))

    def states(self, batch):
        """Return the state in every cell of a batch's grid."""
        own, trains = is_gru_on_cpu(self.rnn), torch.is_grad_enabled()
        n_numbers = batch.n_windows * self.rnn.hidden_size
        if own and trains and batch.n_steps >= LEAST_STEPS:
            h = run_gru(self.rnn, self.inputs(batch)).transpose(0, 1)
        elif own and not trains and n_numbers >= LEAST_NUMBERS:
            h = read_gru(self.rnn, self.inputs(batch), count_read(batch))
        else:
            x = self.read(batch)  # (windows * steps, input)
            h, _ = self.rnn(_by_window(x, batch))  # (windows, steps, hidden)
        return h.flatten(0, 1)  # (windows * steps, hidden)


class AnswerModule(RecurrentModule):
    """A recurrent module that reads embedded answers; the last is the start token."""

    def _embed(self, n_skills, embedding_size, share=None):
        self.n_skills = n_skills
        if share is not None:  # of a wrong and of a right answer; the start is its own
            share = np.append(np.repeat(share, 2), 1.0)
        n_codes = n_answer_codes(n_skills)
        self.answers = SkillTable(n_codes, embedding_size, share, n_kinds=2)

    def read(self, batch):
        """Return what every cell's inputs say; 0 where there is none."""
        return self.embed(batch.inputs, batch.bags)

    def embed(self, inputs, bags):
        """Return the mean embedding of the answers in each bag, (n_bags, embedding)."""
        return embedding_bag(inputs["answer"], self.answers.rows, bags, mode="mean")

    def inputs(self, batch):
        """Return what every cell reads: a row of the answers, or one of its own."""
        answer, bags, rows = batch.inputs["answer"], batch.bags, self.answers.rows
        n_codes = len(rows)
        sizes = torch.diff(bags, append=bags.new_tensor([len(answer)]))
        # In padding there is nothing to read: it has the row of zeros behind the codes.
        index = answer[bags.clamp(max=len(answer) - 1)].masked_fill(sizes == 0, n_codes)
        several = sizes > 1
        own = sizes[several]
        index[several] = n_codes + 1 + torch.arange(len(own))
        among = answer[several.repeat_interleave(sizes)]
        means = embedding_bag(among, rows, own.cumsum(0) - own, mode="mean")
        rows = torch.cat([rows, torch.zeros_like(rows[:1]), means])
        numbers, into = self._numbers(batch)
        index, numbers = (
            _by_window(v, batch).transpose(0, 1) for v in (index, numbers)
        )
        return Inputs(rows, index, numbers, into).gather()

    def _numbers(self, batch):
        """Return the numbers that every cell reads, too, and what maps them."""
        rows = self.answers.weight
        return rows.new_zeros(len(batch.bags), 0), rows.new_zeros(0, rows.shape[1])

    @torch.no_grad()
    def fill_unread(self, n_read):
        """Let answers that training never read be the average of those it did.

        Parameters
        ----------
        n_read : tensor of shape (2 * (n_skills + 1),)
            How often each answer code, the start aside, was read.
        """
        for answer in (0, 1):  # the average wrong answer, and the average right one
            _fill(self.answers, slice(answer, -1, 2), n_read[answer::2])


class DKTModule(AnswerModule):
    """Answers → embeddings → recurrent states → logits of the asked skills.

    Parameters
    ----------
    n_skills : int
        Known skills; one more code stands for an unknown skill.
    cell : {"rnn", "lstm", "gru"}
    hidden_size, embedding_size, num_layers : int
    dropout : float
        Probability of dropping an entry of a state, between layers and before it is
        read out, while training.
    readout : {"linear", "mlp"}
    n_before, n_after : int, default=0
        Numbers of each row that are known before its answer, and only after it.
    n_answers : ndarray of shape (n_items,), optional
        Training answers of each item, where items are read.
    share : ndarray of shape (n_skills + 1,), optional
        How far the rows of a skill in tables are its own, see `SkillTable`.
    """

    def __init__(
        self,
        n_skills,
        cell,
        hidden_size,
        embedding_size,
        num_layers,
        dropout,
        readout,
        n_before=0,
        n_after=0,
        n_answers=None,
        share=None,
    ):
        super().__init__()
        self._embed(n_skills, embedding_size, share)
        self._recur(embedding_size, cell, hidden_size, num_layers, dropout)
        self.readout = READOUTS[readout](n_skills, hidden_size, share)
        self.items = ItemVectors.of(n_answers)
        n_before += 0 if self.items is None else self.items.size
        self.read_numbers = self.slopes = None
        if n_before + n_after:
            self.read_numbers = NumberInput(n_before + n_after, embedding_size)
        if n_before:
            self.slopes = number_slopes(hidden_size, n_before)

    def embed(self, inputs, bags):
        """Return the mean embedding of the answers in each bag, (n_bags, embedding)."""
        x = super().embed(inputs, bags)
        if self.read_numbers is None:
            return x
        return x + self.read_numbers.linear(self._average_numbers(inputs, bags))

    def _numbers(self, batch):
        """Return the numbers that every cell reads, too, and what maps them."""
        if self.read_numbers is None:
            return super()._numbers(batch)
        numbers = self._average_numbers(batch.inputs, batch.bags)
        return numbers, self.read_numbers.linear.weight.T

    def _average_numbers(self, inputs, bags):
        """Return the mean of the numbers in each bag, (n_bags, 2 * n_numbers)."""
        numbers = torch.cat([inputs["after"], self._before(inputs)], dim=1)
        # The start token has no numbers: they are missing, and read as 0.
        numbers = numbers.nan_to_num(nan=0.0)
        return self.read_numbers.average(numbers, inputs["answer"] % 2, bags)

    def forward(self, batch):
        """Return the logit of every row of a batch, shape (n_rows,)."""
        states = self.states(batch)
        cell, skill = batch.row_cell, batch.asked["skill"]
        if self.training:
            h = self.dropout(states[cell])  # (n_rows, hidden_size)
            logit = self.readout(h, skill)
        elif self.readout.is_exact:
            parts = (part.split(ROWS_AT_ONCE) for part in (cell, skill))
            logit = [self.readout(states[c], s) for c, s in zip(*parts, strict=True)]
            logit = torch.cat(logit)
        else:
            logit = self._ask_pairs(states, cell, skill)
        if self.slopes is None:
            return logit
        # A prediction is mapped by cell, for the same reason as pairs are.
        slopes = self.slopes(h) if self.training else self.slopes(states)[cell]
        return logit + (slopes * self._before(batch.asked)).sum(-1)

    def _ask_pairs(self, states, cell, skill):
        """Ask each state that rows read for their skill, once for each pair of these.

        The rounding of a product of matrices depends on where a row stands, and rows
        of one moment are sorted by their answers; pairs are sorted by what is known.
        """
        n = self.n_skills + 1
        pairs, place = torch.unique(cell * n + skill, return_inverse=True)
        return self.readout(states[pairs // n], pairs % n)[place]

    def ask(self, h, asked):
        """Ask every state each of some questions, (n_states, n_questions) logits."""
        logits = self.readout.every(h, asked["skill"])
        if self.slopes is None:
            return logits
        before = self._before(asked)
        if before.ndim == 2:  # the same numbers for all states
            return logits + self.slopes(h) @ before.T
        return logits + (before @ self.slopes(h)[:, :, None]).squeeze(-1)

    def _before(self, known):
        """Return the numbers known before an answer, the item's vector last."""
        if self.items is None:
            return known["before"]
        before, items = known["before"], self.items(known["item"])
        return torch.cat([before, items.expand(*before.shape[:-1], -1)], dim=-1)

    def step(self, inputs, memory=None):
        """Read the inputs of one moment; return the memory to carry on from."""
        x = self.embed(inputs, inputs["answer"].new_zeros(1))  # (1, embedding)
        return self.rnn(x.unsqueeze(0), memory)[1]  # (num_layers, 1, hidden), or two

    def state(self, memory):
        """Return the state that a memory leaves, (1, hidden), to be asked."""
        h = memory[0] if isinstance(memory, tuple) else memory  # LSTM: (h, c)
        return h[-1]

    @torch.no_grad()
    def fill_untaught(self, n_read, n_asked):
        """Let what training never taught be the average of what it taught.

        An answer's embedding is taught by being read, a skill's row of the read-out by
        being asked. The average is weighted by how often each came.

        Parameters
        ----------
        n_read : tensor of shape (2 * (n_skills + 1),)
            How often each answer code, the start aside, was read.
        n_asked : tensor of shape (n_skills + 1,)
            Training rows of each skill that have a target.
        """
        self.fill_unread(n_read)
        for table in self.readout.modules():
            if isinstance(table, SkillTable):
                _fill(table, slice(None), n_asked)


class OutcomeModule(AnswerModule):
    """Answers → embeddings → recurrent states → outputs of the asked states.

    Parameters are those of `DKTModule`, but for ``n_outputs``: logits of classes.
    """

    def __init__(
        self,
        n_skills,
        cell,
        hidden_size,
        embedding_size,
        num_layers,
        dropout,
        n_outputs,
    ):
        super().__init__()
        self._embed(n_skills, embedding_size)
        self._recur(embedding_size, cell, hidden_size, num_layers, dropout)
        self.readout = nn.Linear(hidden_size, n_outputs)


class NumberModule(RecurrentModule):
    """Numbers → recurrent states → outputs of the asked states.

    Parameters
    ----------
    n_features, n_outputs : int
    cell : {"rnn", "lstm", "gru"}
    hidden_size, num_layers : int
    dropout : float
    """

    def __init__(self, n_features, cell, hidden_size, num_layers, dropout, n_outputs):
        super().__init__()
        self._recur(n_features, cell, hidden_size, num_layers, dropout)
        self.readout = nn.Linear(hidden_size, n_outputs)

    def read(self, batch):
        """Return the numbers of every cell; 0 where there is none."""
        return batch.numbers

    def inputs(self, batch):
        """Return what every cell reads, by steps."""
        return Inputs.of(_by_window(batch.numbers, batch).transpose(0, 1))


def _by_window(cells, batch):
    """Return what stands in cells as (n_windows, n_steps, ...)."""
    return cells.unflatten(0, (batch.n_windows, batch.n_steps))


def _fill(table, own, count):
    """Overwrite rows of a table that were not taught; the last is the unknown skill."""
    taught = count > 0
    taught[-1] = count[-1] >= ROWS_THAT_TEACH_UNKNOWN
    rows = table.rows[own]
    known = count[:-1].to(rows)
    average = (known / known.sum().clamp(min=1)) @ rows[:-1]
    table.weight[own][~taught] = average.to(rows)
    if table.share is not None:
        table.share[own][~taught] = 1.0
