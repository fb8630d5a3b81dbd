"""A pretrained tracer, as formulas of a graph."""

import numpy as np
from scipy.special import expit

from .._arrays import CERTAIN, log_odds
from .._transfer.inputs import means_right
from .._transfer.network import FARTHEST
from .factors import FactorStep
from .step import StepModel
from .values import FLOAT, at, put

__all__ = ["TransferStep"]


class TransferStep(StepModel):
    """The state of the factor model, and after how many answers a skill was practised.

    ``last`` is 0 of a skill that was not.

    Parameters
    ----------
    tracer : TransferClassifier
        Without times and features.
    """

    def __init__(self, tracer):
        self.factors = FactorStep(tracer.factors_)
        self.network, self.trust = tracer.network_, tracer.trust_
        self.is_right = means_right(tracer.factors_)
        self.seen = np.log1p(tracer._seen_)
        self.n_items = self.factors.n_items
        self.sizes = self.factors.sizes | {"steps": 1, "last": len(self.seen)}

    def read(self, now, answer):
        """Let the factor model read an answer, and note when it was."""
        steps = now["steps"] + 1.0
        last = put(now["last"], answer.skill, steps)
        return self.factors.read(now, answer) | {"steps": steps, "last": last}

    def ask(self, now, skill, item):
        """Correct what the factor model says."""
        columns = self._inputs(now, skill, item)
        alike = columns[0] * 0.0  # one of each student becomes one of each question
        columns = [(column + alike).unsqueeze(-1) for column in columns]
        h = (np.concatenate(columns, axis=-1) - self.network.mean) / self.network.spread
        h = np.clip(h, -FARTHEST, FARTHEST)
        *hidden, (weight, bias) = self.network.layers
        for inner, own in hidden:
            h = h @ inner.T + own
            h = h * expit(h)
        correction = (h @ weight.T + bias).squeeze(-1)
        p = expit(columns[0].squeeze(-1) + self.trust * correction)
        p = np.clip(p, CERTAIN, 1 - CERTAIN)
        return p if self.is_right else 1 - p

    def _inputs(self, now, skill, item):
        """Return what the network reads, in the order of `INPUTS`."""
        traced = self.factors.trace(now, skill, item)
        sign = 1.0 if self.is_right else -1.0
        last = at(now["last"], skill)
        first = np.equal(last, 0.0)
        # Steps from the last on the skill to the one that is asked, less one.
        since = np.log(np.where(first, 1.0, now["steps"] - last + 1.0))
        again = np.equal(now["steps"], last) & np.logical_not(first)
        return [
            sign * log_odds(traced.p),
            sign * traced.logit,
            sign * traced.mean,
            traced.variance,
            *traced.counts,
            since,
            first.astype(FLOAT),
            again.astype(FLOAT),
            np.log1p(now["steps"]),
            at(self.seen, skill),
            *(sign * average for average in traced.averages),
        ]
