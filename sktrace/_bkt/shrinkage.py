"""The M-step: the rates that explain expected counts best, and are likely themselves.

A rate of a skill with an item, or with a group, is the skill's own, moved by b on the
scale of logits. What is maximized is the log-likelihood of the answers plus ::

    sum over skills of (a - 1) log r + (b - 1) log(1 - r)        r ~ Beta(a, b)
    - sum over pairs of b' V^-1 b / 2                            b ~ Normal(0, V)

where a move has the variance spread², and those of one item's guess and of its slip the
correlation -`ALIKE`: an item is easy for those who know as for those who do not.
Given the counts, this is a logistic regression for each skill: concave, with one peak.
"""

import numpy as np
from scipy.special import expit, log_expit, logit

from .evidence import sum_by
from .limits import NAMES

__all__ = ["ALIKE", "EDGE", "USUAL_SPREAD", "MaximizationRule"]

TINY = np.finfo(np.float64).tiny
EDGE = 1e-9  # the logits of rates end here
# What correlation of an item's two moves predicts best, on validation folds: from 0.8
# to 1 hardly matters, 0 is far worse, also where items have a hundred answers.
ALIKE = 0.9
NEWTON_STEPS = 3  # of one M-step; the next begins where it ended
HALVINGS = 8
SMALL_GAIN = 1e-6  # of the log-likelihood of any skill: more steps are not worth it
ROUNDING = 1e-13
USUAL_SPREAD = 1.0
# A spread is fitted as if one pair had been seen before, half a logit from its skill.
PAIRS_BEFORE, SPREAD_BEFORE = 1, 0.5
LEAST_SPREAD, MOST_SPREAD = 0.01, 3.0
SPREAD_STEPS = 100
SOFT = 1e-12  # what no answer tells of stays where it is


class MaximizationRule:
    """How rates follow from counts.

    Parameters
    ----------
    cells : Cells
    limits : Limits
        Of the skills' own rates.
    spread : float
    """

    def __init__(self, cells, limits, spread):
        self.cells, self.limits = cells, limits
        self.by_skill = sum_by(cells.skill, cells.n_skills)
        self.low, self.high, self.hits, self.misses = (
            limit.reshape(-1, 1) for limit in limits
        )
        self.families = [
            Family(names, cells, limits, spread) for names in _coupled(cells)
        ]

    @property
    def nothing_to_fit(self):
        """Whether all rates are stated."""
        return self.limits.held.all() and not self.cells.is_split

    def clip(self, rates):
        """Move the skills' own rates to the nearest ones that are allowed."""
        n_own = self.cells.n_own
        return np.concatenate(
            [np.clip(rates[:n_own], self.low, self.high), rates[n_own:]]
        )

    def penalty(self, rates):
        """Return what is added to the log-likelihood of each skill and start."""
        theta = rates[: self.cells.n_own].reshape(len(NAMES), -1, rates.shape[1])
        penalty = self.limits.log_prior(theta)
        for family in self.families:
            _, moves = family.moves(rates[:, 0])
            penalty[family.skills, 0] -= family.cost(moves)
        return penalty

    def maximize(self, hits, trials, rates):
        """Return better rates, where so much is expected to have happened.

        Parameters
        ----------
        hits, trials, rates : ndarray of shape (n_cells, n_starts)
            With pairs there is one start.

        Returns
        -------
        ndarray of shape (n_cells, n_starts)
            The best, where there are no pairs; with pairs, no worse than before.
        """
        n_own = self.cells.n_own
        happened = hits[:n_own] + self.hits
        possible = trials[:n_own] + self.hits + self.misses
        own = np.where(
            possible > TINY, happened / np.maximum(possible, TINY), rates[:n_own]
        )
        # Each parameter's expected log-likelihood has one peak, so the nearest that is
        # allowed is the best that is allowed.
        better = np.concatenate([np.clip(own, self.low, self.high), rates[n_own:]])
        for family in self.families:
            family.improve(better[:, 0], rates[:, 0], hits[:, 0], trials[:, 0])
        return better

    @property
    def spread(self):
        """How far pairs may move, by parameter."""
        return {
            name: family.spread for family in self.families for name in family.names
        }

    def fit_spread(self, hits, trials, rates, share_told):
        """Set the spreads to what pairs show, and return the rates that follow.

        So much is expected to have happened; this is the M-step of what is likeliest of
        a spread when moves are averaged over (empirical Bayes).

        Parameters
        ----------
        hits, trials, rates : ndarray of shape (n_cells, 1)
        share_told : float
            How much answers tell of guess and slip, of what they would tell if it were
            seen who knows the skill.
        """
        for _ in range(SPREAD_STEPS):
            rates = self.maximize(hits, trials, rates)
            factors = [
                family.fit_spread(rates[:, 0], trials[:, 0], share_told)
                for family in self.families
            ]
            if max(factors) < 1.001:
                break
        return rates


def _coupled(cells):
    """Sort the parameters that are split by what moves together."""
    both = [name for name in ("guess", "slip") if name in cells.roles]
    return [both] * bool(both) + [[n] for n in cells.roles if n not in both]


class Family:
    """Rates of pairs that move together about those of their skills.

    Arrays have a row for each of the parameters, of which there are one or two.

    Attributes
    ----------
    skills : ndarray of shape (n_skills,)
        Skills that have pairs.
    skill : ndarray of shape (n_pairs,)
        Which of them each pair is of.
    own : ndarray of shape (n_parameters, n_skills)
        Cells of the skills' own rates.
    of_pair : ndarray of shape (n_parameters, n_pairs)
        Cells of the rates of pairs.
    """

    def __init__(self, names, cells, limits, spread):
        self.skills, self.skill = np.unique(cells.skills[names[0]], return_inverse=True)
        self.own = np.array([cells.of_skill(name, self.skills) for name in names])
        places = [cells.pairs[name] for name in names]
        self.of_pair = np.array([np.arange(p.start, p.stop) for p in places])
        # Who slips less there guesses better there.
        correlation = np.array([[1, -ALIKE], [-ALIKE, 1]])[: len(names), : len(names)]
        self.precision = np.linalg.inv(correlation)
        self.names = names
        self.set_spread(spread)
        self.low, self.high, self.hits, self.misses = (
            limit.reshape(-1)[self.own] for limit in limits
        )
        self.edges = _logit(self.low), _logit(self.high)

    def set_spread(self, spread):
        """Say how far pairs may move: their standard deviation."""
        self.spread = spread
        self.stiff = self.precision.diagonal()[:, np.newaxis] / spread**2
        self.joint = self.precision[0, -1] / spread**2 if len(self.names) == 2 else 0.0

    def moves(self, rates):
        """Return the logits of the skills' own rates, and the moves of the pairs."""
        own = _logit(rates[self.own])
        return own, _logit(rates[self.of_pair]) - own[:, self.skill]

    def sum(self, values):
        """Sum over the pairs of each skill."""
        return np.bincount(self.skill, values, len(self.skills))

    def cost(self, moves):
        """Return how unlikely moves are, summed by skill."""
        joint = 2 * self.joint * moves.prod(axis=0) if len(moves) == 2 else 0.0
        return self.sum((self.stiff * moves**2).sum(axis=0) + joint) / 2

    def improve(self, better, rates, hits, trials):
        """Write rates that explain counts better than `rates` do.

        Parameters
        ----------
        better, rates, hits, trials : ndarray of shape (n_cells,)
        """
        state = self.moves(rates)
        own = (hits[self.own] + self.hits, trials[self.own] + self.hits + self.misses)
        counts = own, (hits[self.of_pair], trials[self.of_pair])
        value = self._value(state, counts)
        for _ in range(NEWTON_STEPS):
            step = self._newton_step(state, counts)
            share = np.ones(len(self.skills))
            for _ in range(HALVINGS):
                new_state = self._go(state, step, share)
                new_value = self._value(new_state, counts)
                worse = new_value < value - ROUNDING * np.abs(value)
                if not worse.any():
                    break
                share[worse] /= 2
            share[worse] = 0
            state = self._go(state, step, share)
            gain, value = new_value - value, np.maximum(value, new_value)
            if gain.max(initial=0) < SMALL_GAIN:
                break
        own, moves = state
        better[self.own] = np.clip(expit(own), self.low, self.high)
        better[self.of_pair] = expit(own[:, self.skill] + moves)

    def fit_spread(self, rates, trials, share_told):
        """Set the spread to that of the moves; return by which factor it changes.

        Of one item, it is the difficulty that tells, half the difference of its moves.
        A move is normal about its best value, with the bend there (Laplace), and what
        is expected of its square is averaged over pairs.
        """
        own, moves = self.moves(rates)
        rate = expit(own[:, self.skill] + moves)
        bend = trials[self.of_pair] * rate * (1 - rate)
        told = share_told if self.names[0] in ("guess", "slip") else 1.0
        stiff = self.stiff + told * bend
        if len(self.names) == 2:
            direction, unit = np.array([[-0.5], [0.5]]), (1 + ALIKE) / 2
        else:
            direction, unit = np.ones((1, 1)), 1.0
        direction = direction + np.zeros_like(moves)
        found = (direction * moves).sum(axis=0) ** 2
        unsure = (direction * _solve(stiff, self.joint, direction)).sum(axis=0)
        total = (found + unsure).sum() / unit + PAIRS_BEFORE * SPREAD_BEFORE**2
        spread = np.sqrt(total / (len(self.skill) + PAIRS_BEFORE))
        spread = float(np.clip(spread, LEAST_SPREAD, MOST_SPREAD))
        factor = max(spread / self.spread, self.spread / spread)
        self.set_spread(spread)
        return factor

    def _go(self, state, step, share):
        own, moves = state
        own = np.clip(own + share * step[0], *self.edges)
        return own, moves + share[self.skill] * step[1]

    def _value(self, state, counts):
        """Return what is maximized, by skill, but for what rates do not change."""
        own, moves = state
        (happened, possible), (hits, trials) = counts
        logits = own[:, self.skill] + moves
        of_pairs = self.sum((hits * logits + trials * log_expit(-logits)).sum(axis=0))
        of_own = (happened * own + possible * log_expit(-own)).sum(axis=0)
        return of_own + of_pairs - self.cost(moves)

    def _newton_step(self, state, counts):
        """Return the step to where a parabola of the same slope and bend has its top.

        A skill's own rates move all its pairs, which move each by itself: so pairs are
        eliminated from the equations of the skill first (Schur's complement).
        """
        own, moves = state
        (happened, possible), (hits, trials) = counts
        rate, pair_rate = expit(own), expit(own[:, self.skill] + moves)
        slope = hits - trials * pair_rate
        bend = trials * pair_rate * (1 - pair_rate)
        stiff = bend + self.stiff
        pull = slope - self.stiff * moves - self.joint * moves[::-1]
        taken = bend * _solve(stiff, self.joint, pull)
        total = happened - possible * rate
        total = total + np.array([self.sum(v) for v in slope - taken])
        through, across = _eliminate(bend, stiff, self.joint)
        firm = possible * rate * (1 - rate) + SOFT
        firm = firm + np.array([self.sum(v) for v in through])
        cross = self.sum(across)
        low, high = self.edges
        free = (low < high) & ~(
            (own <= low) & (total < 0) | (own >= high) & (total > 0)
        )
        step = _solve(np.where(free, firm, 1), cross * free.all(axis=0), total * free)
        step = np.clip(own + step, low, high) - own
        return step, _solve(stiff, self.joint, pull - bend * step[:, self.skill])


def _logit(rates):
    return logit(np.clip(rates, EDGE, 1 - EDGE))


def _solve(diagonal, off, right):
    """Solve many symmetric systems of one equation or two."""
    if len(diagonal) == 1:
        return right / diagonal
    determinant = diagonal[0] * diagonal[1] - off**2
    return (diagonal[::-1] * right - off * right[::-1]) / determinant


def _eliminate(bend, stiff, joint):
    """Return B - B (B + P)^-1 B of each pair: its diagonal, and what is off it."""
    if len(bend) == 1:
        return bend - bend**2 / stiff, np.zeros(bend.shape[1])
    determinant = stiff[0] * stiff[1] - joint**2
    through = bend - bend**2 * stiff[::-1] / determinant
    return through, bend[0] * bend[1] * joint / determinant
