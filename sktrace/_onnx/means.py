"""Means, as formulas of a graph."""

import numpy as np

from .._means import shrink
from .step import StepModel
from .values import at

__all__ = ["MeanStep"]


class MeanStep(StepModel):
    """Counts of wrong and of right answers.

    Parameters
    ----------
    means : MeanClassifier
    """

    def __init__(self, means):
        self.by, self.answer_means = means.by, means.answer_means_
        self.skill_means = np.append(means.skill_means_, means.mean_)
        self.mean, self.strength = means.mean_, means.strength
        self.sizes = {"wrong": 1, "right": 1}
        if self.by == "item":
            self.item_means = means._item_means()
            self.n_items = len(self.item_means) - 1

    def read(self, now, answer):
        """Count an answer."""
        wrong, right = now["wrong"] + (1 - answer.right), now["right"] + answer.right
        return {"wrong": wrong, "right": right}

    def ask(self, now, skill, item):
        """Return the mean of the skill, of the item, or of the student."""
        if self.by == "student":
            if_wrong, if_right = self.answer_means
            successes = if_wrong * now["wrong"] + if_right * now["right"]
            attempts = now["wrong"] + now["right"]
            p = shrink(successes, attempts, self.mean, self.strength)
            return p + at(np.zeros(len(self.skill_means)), skill)
        p = at(self.skill_means, skill)
        if self.n_items is None or item is None:
            return p
        known = ~np.isnan(self.item_means)
        of_item = at(np.where(known, self.item_means, 0.0), item)
        return np.where(at(known, item), of_item, p)
