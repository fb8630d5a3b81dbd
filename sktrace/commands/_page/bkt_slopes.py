"""What each student's answers on a skill say of BKT's parameters: slopes."""

from typing import NamedTuple

import numpy as np

from ..._bkt.evidence import log_answers_if, over_the_larger

__all__ = ["RATES", "Chains", "read_chains"]

RATES = ("prior", "learn", "guess", "slip")
PRIOR, LEARN, GUESS, SLIP = range(len(RATES))


class Chains(NamedTuple):
    """The opportunities of each student on each skill, the first ones first."""

    wrong: np.ndarray  # (n_opportunities,) answers
    right: np.ndarray
    chain: np.ndarray  # (n_opportunities,) code of the student and skill
    ends: np.ndarray  # (longest,) of the first opportunities, the second, and so on
    skill: np.ndarray  # (n_chains,) code

    def slopes(self, rates):
        """Return the slope of the log-likelihood of each chain.

        The filter of BKT, each step of which is derived by the logit of each rate.

        Parameters
        ----------
        rates : ndarray of shape (4, n_skills)

        Returns
        -------
        ndarray of shape (4, n_chains)
        """
        own = rates[:, self.skill]
        known = own[PRIOR].copy()
        tangent = np.zeros(own.shape)  # of `known`
        tangent[PRIOR] = known * (1 - known)
        slopes = np.zeros(own.shape)
        start = 0
        for end in self.ends:
            here = slice(start, end)
            chain, start = self.chain[here], end
            wrong, right = self.wrong[here], self.right[here]
            slopes[:, chain] += _step(known, tangent, own, chain, wrong, right)
        return slopes


def _step(known, tangent, rates, chain, wrong, right):
    """Go on to the next opportunity in place, and return the slopes of log P."""
    _, learn, guess, slip = rates[:, chain]
    if_unknown, if_known, _ = over_the_larger(
        *log_answers_if(wrong, right, guess, slip)
    )
    before, moved = known[chain], tangent[:, chain]
    in_known, in_unknown = before * if_known, (1 - before) * if_unknown
    p = in_known + in_unknown
    by_slip = wrong * (1 - slip) - right * slip  # slope of log P(answers | known)
    by_guess = right * (1 - guess) - wrong * guess
    of_known = moved * if_known
    of_known[SLIP] += in_known * by_slip
    of_unknown = -moved * if_unknown
    of_unknown[GUESS] += in_unknown * by_guess
    slope = (of_known + of_unknown) / p
    after = in_known / p
    moved = (of_known / p - after * slope) * (1 - learn)
    moved[LEARN] += (1 - after) * learn * (1 - learn)
    known[chain], tangent[:, chain] = after + (1 - after) * learn, moved
    return slope


def read_chains(practice):
    """Return the chains of a log; answers that tie are one opportunity.

    Parameters
    ----------
    practice : Practice
    """
    pairs, chain = np.unique(practice.pairs, return_inverse=True)
    entries = practice.entries
    opportunity = entries["opportunity"].to_numpy()
    opens = (np.diff(chain, prepend=-1) != 0) | (np.diff(opportunity, prepend=0) != 0)
    place = np.cumsum(opens) - 1
    n = np.bincount(place)
    right = np.bincount(place, entries["correct"])
    by_time = np.argsort(opportunity[opens], kind="stable")
    ends = np.cumsum(np.bincount(opportunity[opens])[1:])
    return Chains(
        (n - right)[by_time],
        right[by_time],
        chain[opens][by_time],
        ends,
        pairs % len(practice.skills),
    )
