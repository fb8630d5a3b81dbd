"""A network as a live tracer uses it."""

import copy

import numpy as np
import torch
from scipy.special import expit

from .answer_steps import answer_codes, start_code

__all__ = ["LiveNetwork"]


class LiveNetwork:
    """A network as a live tracer uses it: a state to start from, read into and ask."""

    def __init__(self, module, n_skills):
        module = copy.deepcopy(module).to("cpu").eval()
        self.module = module.requires_grad_(False)
        self.start = self.module.step(torch.tensor([start_code(n_skills)]))

    def read(self, state, codes, answers):
        """Return the state after the answers of one moment."""
        inputs = torch.from_numpy(np.sort(answer_codes(codes, answers)))
        return self.module.step(inputs, state)

    def knowledge(self, state):
        """Return P(``classes_[1]``) of every known skill."""
        return self.ask(state, np.arange(self.module.n_skills))

    def ask(self, state, codes):
        """Return P(``classes_[1]``) of skills, float64."""
        h = state[0] if isinstance(state, tuple) else state  # LSTM: (h, c)
        logits = self.module.ask(h[-1], torch.from_numpy(codes))[0]
        return expit(logits.double().numpy())
