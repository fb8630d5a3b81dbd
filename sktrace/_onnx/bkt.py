"""Bayesian knowledge tracing, as formulas of a graph."""

import numpy as np

from .._bkt.em import FLOOR, change_state, predict_answer, update_state
from .._bkt.limits import NAMES
from .._interactions.target import mix_targets
from .step import StepModel
from .values import FLOAT, at, put

__all__ = ["KnowledgeStep"]

# Far below the FLOOR of states: a skill has begun even if no state allows its answers.
_BEGUN = 1e-250


class KnowledgeStep(StepModel):
    """P(unknown) and P(known) of each skill after its last answer; 0 before the first.

    Parameters
    ----------
    bkt : BKTClassifier
        Without times and groups.
    """

    def __init__(self, bkt):
        cells, rates = bkt._model()
        rates, n_codes = rates[:, 0], cells.n_skills
        self.answer_means, n_items = bkt.answer_means_, len(bkt._names_.get("item", ()))
        self.own = {
            name: rates[cells.of_skill(name, np.arange(n_codes))] for name in NAMES
        }
        self.pairs = {
            name: _by_item(cells, rates, name, n_items)
            for name, role in cells.roles.items()
            if role == "item" and len(cells.codes[name])
        }
        self.sizes = {"unknown": n_codes, "known": n_codes}
        if "learn" in self.pairs:  # at what rate it is learnt from that answer on
            self.sizes["learn"] = n_codes
        if self.pairs:
            self.n_items = n_items

    def read(self, now, answer):
        """Follow Bayes' rule."""
        skill, item, right = answer.skill, answer.item, answer.right
        state = self._now(now, skill)
        guess, slip = (self._rate(name, skill, item) for name in ("guess", "slip"))
        if_unknown = right * guess + (1 - right) * (1 - guess)
        if_known = right * (1 - slip) + (1 - right) * slip
        larger = np.maximum(if_unknown, if_known)
        larger = np.where(larger > 0, larger, 1.0)
        _, *state = update_state(*state, if_unknown / larger, if_known / larger)
        state = [np.maximum(own, _BEGUN) for own in state]
        then = dict(zip(("unknown", "known"), state, strict=True))
        if "learn" in self.sizes:
            then["learn"] = self._rate("learn", skill, item)
        return {name: put(now[name], skill, own) for name, own in then.items()}

    def ask(self, now, skill, item):
        """Return P of an answer from P(known)."""
        known = self._now(now, skill)[1]
        guess, slip = (self._rate(name, skill, item) for name in ("guess", "slip"))
        return mix_targets(predict_answer(known, guess, slip), self.answer_means)

    def know(self, now):
        """Return P(known), the unknown skill's last."""
        return self._now(now, None)[1]

    def _now(self, now, skill):
        """Return P(unknown) and P(known) after what happened since the last answer."""
        unknown, known = at(now["unknown"], skill), at(now["known"], skill)
        begun = unknown + known > 0
        learn = at(now["learn"] if "learn" in now else self.own["learn"], skill)
        changed = change_state(unknown, known, learn, at(self.own["forget"], skill))
        prior = at(self.own["prior"], skill)
        first = [np.maximum(own, FLOOR) for own in (1 - prior, prior)]
        return [np.where(begun, *both) for both in zip(changed, first, strict=True)]

    def _rate(self, name, skill, item):
        """Return a rate of skills, of their items where it differs by item."""
        rate = at(self.own[name], skill)
        if item is None or name not in self.pairs:
            return rate
        skills, rates = (at(table, item) for table in self.pairs[name])
        is_own = np.equal(skills, skill.unsqueeze(-1)).astype(FLOAT)
        return np.where(is_own.sum(-1) > 0, (is_own * rates).sum(-1), rate)


def _by_item(cells, rates, name, n_items):
    """Return the skills of each item, and its rates on them.

    Returns
    -------
    skills : ndarray of shape (n_items + 1, n_most), int64
        -1 where an item has fewer skills than another, and of the unknown item.
    rates : ndarray of shape (n_items + 1, n_most)
    """
    skill, item = cells.skills[name], cells.codes[name]
    order = np.argsort(item, kind="stable")
    n_pairs = np.bincount(item, minlength=n_items + 1)
    first = np.cumsum(n_pairs) - n_pairs
    place = item[order], np.arange(len(item)) - first[item[order]]
    skills = np.full((n_items + 1, n_pairs.max()), -1)
    skills[place] = skill[order]
    found = np.zeros(skills.shape)
    found[place] = rates[cells.pairs[name]][order]
    return skills, found
