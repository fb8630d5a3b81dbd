"""A class whose laws of learning are drawn, too."""

from numbers import Integral

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.utils import check_random_state

from .._sklearn import Interval, validate_params
from ._make_curriculum import Curriculum

__all__ = ["make_classroom"]

_LONGEST = 400  # answers of a student: the few who go on for ever teach no more


@validate_params(
    {
        "n_students": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_classroom(n_students=30, *, random_state=None):
    r"""Make up a class of an unknown subject, whose laws of learning are drawn.

    `make_interactions` is one law with knobs; this is a mixture of laws, from which
    each class draws its own. A network that has seen many such classes meets a new
    subject without prejudice: see `TransferClassifier`. Drawn are

    * how many skills there are (5 to 150), how hard they are and how easy the class is,
      how many answers students give (12 to 120 on average), and in which order skills
      come: in blocks, until they are mastered, interleaved, at random or along a
      curriculum;
    * how much students differ, in all and in single skills, and questions of one skill;
    * for each skill, one of two laws. Either practice pays gradually [1]_: after
      :math:`s` right and :math:`f` wrong answers on skill :math:`k`, student :math:`i`
      is right with logit

      .. math:: z = c + a_i + b_{ik} - d_k + q + l_k \log(1 + s + w f)
          - r \log(1 + t) + m ,

      or the student comes to know the skill all at once, as in Bayesian knowledge
      tracing [2]_, and is right with a logit that is high from then on and low before.
      Here :math:`q` is the question, :math:`w` what a wrong answer teaches of what a
      right one does, and :math:`t` counts the answers since the last one on the skill;
    * whether and how fast abilities drift, skills are forgotten (:math:`r`), moods
      :math:`m` come and go, students stop trying for a while, and a question that was
      answered wrong is asked again; how often students slip and guess.

    Parameters
    ----------
    n_students : int, default=30
    random_state : int, RandomState instance or None, default=None
        Pass an int to make up the same class again.

    Returns
    -------
    X : DataFrame of shape (n_answers, 4)
        ``user_id``, ``order_id``, ``skill_name`` (numbers) and ``correct``, sorted by
        student and order.
    y : Series of shape (n_answers,)
        ``X["correct"]``.

    References
    ----------
    .. [1] Pavlik, P. I., Cen, H. and Koedinger, K. R. (2009). Performance factors
       analysis: a new alternative to knowledge tracing. Artificial Intelligence in
       Education.
    .. [2] Corbett, A. T. and Anderson, J. R. (1995). Knowledge tracing: modeling the
       acquisition of procedural knowledge. User Modeling and User-Adapted Interaction,
       4(4).

    Examples
    --------
    >>> from sktrace.datasets import make_classroom
    >>> X, y = make_classroom(n_students=20, random_state=0)
    >>> X["user_id"].nunique()
    20
    """
    seed = check_random_state(random_state).randint(2**31 - 1)
    rng = np.random.default_rng(seed)
    n_skills = int(_log_uniform(rng, 5, 150))
    n_answers = _draw_lengths(n_students, rng)
    students = Students(n_students, n_skills, rng)
    curriculum = Curriculum(n_students, n_skills, rng)
    rows = []
    for step in range(n_answers.max()):
        active = np.flatnonzero(n_answers > step)
        skill = curriculum.ask(active, students)
        rows.append((active, np.full(len(active), step), skill))
        rows[-1] += (students.answer(active, skill, step),)
    columns = map(np.concatenate, zip(*rows, strict=True))
    names = ["user_id", "order_id", "skill_name", "correct"]
    X = pd.DataFrame(dict(zip(names, columns, strict=True)))
    X = X.sort_values(["user_id", "order_id"], ignore_index=True)
    return X, X["correct"].copy()


class Students:
    """What students can, and what becomes of it with every answer.

    Attributes
    ----------
    streak : ndarray of shape (n_students,)
        Right answers in a row on the skill at hand.
    asks_again : ndarray of shape (n_students,), bool
        Whether the question just answered comes again.
    """

    def __init__(self, n_students, n_skills, rng):
        self.rng = rng
        shape = n_students, n_skills
        self.draw_levels(shape)
        self.draw_learning(shape)
        self.draw_changes(n_students)
        self.right, self.wrong = np.zeros(shape), np.zeros(shape)
        self.last = np.full(shape, -1)  # the step at which a skill was last answered
        self.streak = np.zeros(n_students, dtype=int)
        self.question = np.zeros(n_students)
        self.asks_again = np.zeros(n_students, dtype=bool)

    def draw_levels(self, shape):
        """Draw how students, skills and questions differ."""
        rng, (n_students, n_skills) = self.rng, shape
        self.level = rng.uniform(-0.2, 1.6)
        self.ability = rng.normal(0, rng.uniform(0.3, 1.3), n_students)
        self.bent = rng.normal(0, rng.uniform(0, 1.4), shape)
        self.difficulty = rng.normal(0, rng.uniform(0.3, 1.4), n_skills)
        self.question_scale = rng.uniform(0, 1.3)
        self.slip = rng.uniform(0, 0.15)
        self.guess = self.perhaps(0.25)

    def draw_learning(self, shape):
        """Draw how skills are learnt: gradually, or all at once."""
        rng, n_skills = self.rng, shape[1]
        self.rate = rng.uniform(0, 0.9) * rng.gamma(2, 0.5, n_skills)
        self.from_failure = rng.uniform(0.2, 1)
        share = rng.choice([0, 1, rng.uniform()])
        self.at_once = rng.random(n_skills) < share
        self.jump_rate = np.minimum(
            rng.beta(1.2, 6, n_skills) * rng.uniform(0.3, 1.5), 0.9
        )
        self.height = rng.uniform(1, 4)
        start = rng.normal(rng.uniform(-1, 1), 0.7, n_skills)
        start = start + 0.8 * self.ability[:, None] + 0.6 * self.bent
        self.known = self.at_once & (rng.random(shape) < expit(start))

    def draw_changes(self, n_students):
        """Draw what comes and goes: abilities, skills, moods and trying."""
        rng = self.rng
        self.drift, self.skill_drift = self.perhaps(0.07), self.perhaps(0.35)
        self.forgetting, self.repeats = self.perhaps(0.4), self.perhaps(0.5)
        self.mood_scale, self.mood_stays = self.perhaps(1.0), rng.uniform(0.3, 0.97)
        self.mood = self.mood_scale * rng.normal(size=n_students)
        self.gives_up = self.perhaps(0.05) * rng.gamma(0.7, 1 / 0.7, n_students)
        self.tries_again, self.without_trying = rng.uniform([0.05, -3], [0.4, -1])
        self.trying = np.ones(n_students, dtype=bool)

    def perhaps(self, most):
        """Draw a strength, which is nothing in every other class."""
        return self.rng.integers(2) * self.rng.uniform(0, most)

    def answer(self, who, skill, step):
        """Answer a question on a skill each, learn from it; return who is right."""
        rng = self.rng
        drawn = rng.normal(0, self.question_scale, len(who))
        self.question[who] = np.where(self.asks_again[who], self.question[who], drawn)
        p = self.guess + (1 - self.guess - self.slip) * expit(
            self.logit(who, skill, step)
        )
        is_right = rng.random(len(who)) < p
        self.learn(who, skill, step, is_right)
        self.change(who, skill)
        return is_right.astype(np.int64)

    def logit(self, who, skill, step):
        right, wrong, last = (
            v[who, skill] for v in (self.right, self.wrong, self.last)
        )
        gap = np.where(last >= 0, np.log1p(step - last - 1), 0.0)
        passing = self.question[who] + self.mood[who]
        passing = passing + np.where(self.trying[who], 0.0, self.without_trying)
        gradual = (
            self.level
            + self.ability[who]
            + self.bent[who, skill]
            - self.difficulty[skill]
            + self.rate[skill] * np.log1p(right + self.from_failure * wrong)
            - self.forgetting * gap
            + 0.8 * self.asks_again[who]
        )
        at_once = (
            0.3 * self.level
            + 0.4 * self.ability[who]
            - 0.5 * self.difficulty[skill]
            + self.height * (self.known[who, skill] - 0.5)
        )
        return passing + np.where(self.at_once[skill], at_once, gradual)

    def learn(self, who, skill, step, is_right):
        self.right[who, skill] += is_right
        self.wrong[who, skill] += ~is_right
        self.last[who, skill] = step
        self.streak[who] = np.where(is_right, self.streak[who] + 1, 0)
        rate = self.jump_rate[skill] * np.where(is_right, 1.0, self.from_failure)
        learnt = self.at_once[skill] & (self.rng.random(len(who)) < rate)
        self.known[who, skill] |= learnt
        again = self.rng.random(len(who)) < self.repeats
        self.asks_again[who] = ~is_right & again

    def change(self, who, skill):
        rng, n = self.rng, len(who)
        self.ability[who] += self.drift * rng.normal(size=n)
        self.bent[who, skill] += self.skill_drift * rng.normal(size=n)
        stays = self.mood_stays
        fresh = np.sqrt(1 - stays**2) * self.mood_scale * rng.normal(size=n)
        self.mood[who] = stays * self.mood[who] + fresh
        stops = rng.random(n) < np.minimum(self.gives_up[who], 0.5)
        starts = rng.random(n) < self.tries_again
        self.trying[who] = np.where(self.trying[who], ~stops, starts)


def _draw_lengths(n_students, rng):
    """Draw how many answers students give: skewed, as in real logs."""
    mean, spread = _log_uniform(rng, 12, 120), rng.uniform(0.5, 1.6)
    drawn = rng.lognormal(np.log(mean) - spread**2 / 2, spread, n_students)
    return np.minimum(1 + np.rint(drawn), _LONGEST).astype(int)


def _log_uniform(rng, low, high):
    return np.exp(rng.uniform(np.log(low), np.log(high)))
