"""Answers drawn from a known model of learning."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.utils import check_random_state

from .._sklearn import Interval, StrOptions, validate_params
from ._make_items import days_since, draw_items, draw_times, number_names

# Spread of the logarithm of a student's number of answers. Real logs are skewed:
# in ASSISTments 2009 the mean is 78 answers and the median 23, which is 1.6 here;
# 1 keeps the size of a small class predictable.
_LENGTH_SPREAD = 1.0


_COUNT = Interval(Integral, 1, None, closed="left")
_SCALE = Interval(Real, 0, np.inf, closed="left")
_MEAN_COUNT = Interval(Real, 1, np.inf, closed="left")
_PROBABILITY = Interval(Real, 0, 1, closed="left")


@validate_params(
    {
        "n_students": [_COUNT],
        "n_skills": [_COUNT],
        "n_attempts": [_MEAN_COUNT],
        "ability_scale": [_SCALE],
        "profile_scale": [_SCALE],
        "difficulty_scale": [_SCALE],
        "learning": [_SCALE],
        "slip": [_PROBABILITY],
        "guess": [_PROBABILITY],
        "skill_order": [StrOptions({"blocked", "interleaved", "random"})],
        "block_length": [_MEAN_COUNT],
        "n_items": [_COUNT, None],
        "item_scale": [_SCALE],
        "discrimination_scale": [_SCALE],
        "times": ["boolean"],
        "forgetting": [_SCALE],
        "return_proba": ["boolean"],
        "return_items": ["boolean"],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_interactions(
    n_students=200,
    n_skills=10,
    *,
    n_attempts=50,
    ability_scale=2.0,
    profile_scale=1.0,
    difficulty_scale=1.5,
    learning=0.7,
    slip=0.1,
    guess=0.15,
    skill_order="blocked",
    block_length=5,
    n_items=None,
    item_scale=1.0,
    discrimination_scale=0.3,
    times=False,
    forgetting=0.0,
    return_proba=False,
    return_items=False,
    random_state=None,
):
    r"""Make up the answers of students who differ and who learn by practice.

    Student :math:`i` brings an ability :math:`a_i` and a personal bent
    :math:`b_{ik}` for each skill; skill :math:`k` has a difficulty :math:`d_k` and
    a learning rate :math:`l_k`. After :math:`n` earlier answers on the skill, the
    student masters the next question with logit

    .. math:: z = a_i + b_{ik} - d_k + l_k \log(1 + n)

    and answers it correctly with probability

    .. math:: p = guess + (1 - guess - slip) \, / \, (1 + e^{-z}).

    So the odds of mastery grow as a power of practice, by the factor
    :math:`(1 + n)^{l_k}` [1]_. Whether an answer was right or wrong teaches nothing: it
    only tells an observer about :math:`a_i` and :math:`b_{ik}`.

    All are independent: :math:`a_i`, :math:`b_{ik}` and :math:`d_k` are normal with
    mean 0 and the standard deviations given below, :math:`l_k` is uniform between
    half and one and a half times `learning`.

    With `n_items`, a question is one of the items of its skill. Item :math:`j` has a
    difficulty :math:`\delta_j` of its own, which adds to the skill's, and a
    discrimination :math:`\alpha_j`, by which it tells apart those who know more and
    less, as in the two-parameter logistic model [3]_:

    .. math:: z = \alpha_j \, (a_i + b_{ik} + l_k \log(1 + n) - f \log(1 + t))
        - d_k - \delta_j ,

    where :math:`\delta_j` is normal, and so is :math:`\log \alpha_j`, both with mean 0.
    The last term in brackets is there with `times` only: :math:`t` are the days since
    the student's last answer on the skill, 0 before the first, and :math:`f` is
    `forgetting`, so that the odds of mastery fall as a power of time [4]_.

    Parameters
    ----------
    n_students : int, default=200
        Number of students, at least 1.
    n_skills : int, default=10
        Number of skills, at least 1. A skill that no student reaches has no rows.
    n_attempts : float, default=50
        Mean number of answers of a student, at least 1. The numbers are skewed: one
        plus a rounded log-normal number, so that most students stay below the mean
        and a few answer many times as much. The frame has about
        ``n_students * n_attempts`` rows.
    ability_scale : float, default=2.0
        Standard deviation of the students' abilities, in logits.
    profile_scale : float, default=1.0
        Standard deviation of a student's bent for single skills, in logits.
    difficulty_scale : float, default=1.5
        Standard deviation of the skills' difficulties, in logits.
    learning : float, default=0.7
        Mean learning rate of a skill, in logits per unit of ``log(1 + practice)``;
        0 means that nobody learns.
    slip : float, default=0.1
        Probability of a wrong answer despite mastery; ``slip + guess < 1``.
    guess : float, default=0.15
        Probability of a correct answer without mastery.
    skill_order : {"blocked", "interleaved", "random"}, default="blocked"
        In which order a student meets the skills. "blocked" stays on a skill for a
        while (AAABBB) and "interleaved" changes at every step (ABCABC): both go
        through the skills by number, from a random first one, and start again after
        the last. "random" draws the skill of every step afresh.
    block_length : float, default=5
        Mean number of answers in a row on one skill, at least 1, for
        ``skill_order="blocked"``; the lengths follow a geometric distribution.
    n_items : int, default=None
        Number of items, at least `n_skills`. Each belongs to one skill, which has as
        many as another or one more. Some are given more often than others, by a
        log-normal law. None makes up no items.
    item_scale : float, default=1.0
        Standard deviation of the items' own difficulties, in logits.
    discrimination_scale : float, default=0.3
        Standard deviation of the logarithm of the items' discriminations; 0 makes all
        of them 1.
    times : bool, default=False
        Whether to make up when each answer was given. A student begins within 30 days,
        answers every half minute or so (median of a log-normal law), and after one
        answer in 20 takes a break of a day or so.
    forgetting : float, default=0.0
        What a break costs, in logits per unit of ``log(1 + days)``; above 0, it needs
        ``times=True``.
    return_proba : bool, default=False
        Whether to return the true probabilities `p` too.
    return_items : bool, default=False
        Whether to return the truth about the items too; needs `n_items`.
    random_state : int, RandomState instance or None, default=None
        Same int, same frame, on every machine; None draws anew at each call. NumPy's
        global generator is never touched. Calls that differ only in the scales,
        `learning`, `slip`, `guess`, `times` or `forgetting` share students, skills,
        items and luck: what changes in the answers is then due to the parameter alone.
        Calls with and without items share all but the items.

    Returns
    -------
    X : DataFrame of shape (n_rows, 4)
        One row per answer, students one after the other, each in time order:
        `user_id` (0, 1, ...), `order_id` (the student's step: 0, 1, ...),
        `skill_name` (categorical: "skill 01", "skill 02", ...) and `correct`
        (0 or 1). With `n_items` also `item_id` (categorical: "item 01", ...), with
        `times` also `time` (seconds since the course began, float64).
    y : ndarray of shape (n_rows,), int64
        The answers again: ``X["correct"]``.
    p : ndarray of shape (n_rows,), float64
        Probability that the answer is correct, for one who knows every hidden
        parameter. No model can predict better; only with ``return_proba=True``.
    items : DataFrame of shape (n_items, 3)
        `skill_name`, `difficulty` :math:`\delta_j` and `discrimination`
        :math:`\alpha_j` of each item, by `item_id`; only with ``return_items=True``.

    Raises
    ------
    ValueError
        If a parameter is of the wrong kind or out of its range, or needs another.

    Notes
    -----
    Slip and guess are those of Bayesian knowledge tracing [2]_, here around a mastery
    that comes by degrees.

    With the defaults the true probabilities reach an AUC of about 0.80 (0.78 to 0.83
    from seed to seed). In comparison: the mean of each skill 0.65, the student's mean
    so far 0.69.

    References
    ----------
    .. [1] Newell, A. and Rosenbloom, P. S. (1981). Mechanisms of skill acquisition
       and the law of practice. In: Cognitive skills and their acquisition.
    .. [2] Corbett, A. T. and Anderson, J. R. (1995). Knowledge tracing: modeling the
       acquisition of procedural knowledge. User Modeling and User-Adapted
       Interaction 4, 253-278.
    .. [3] Birnbaum, A. (1968). Some latent trait models and their use in inferring an
       examinee's ability. In: Lord, F. M. and Novick, M. R., Statistical theories of
       mental test scores.
    .. [4] Wixted, J. T. and Ebbesen, E. B. (1991). On the form of forgetting.
       Psychological Science 2, 409-415.

    Examples
    --------
    >>> from sktrace.datasets import make_interactions
    >>> X, y, p = make_interactions(100, 5, return_proba=True, random_state=0)
    >>> list(X.columns)
    ['user_id', 'order_id', 'skill_name', 'correct']
    >>> bool((y == X["correct"]).all()), bool(((0.15 <= p) & (p <= 0.9)).all())
    (True, True)

    With items and times:

    >>> X, y, items = make_interactions(
    ...     n_items=40, times=True, return_items=True, random_state=0
    ... )
    >>> list(X.columns[4:]), list(items.columns)
    (['item_id', 'time'], ['skill_name', 'difficulty', 'discrimination'])
    """
    _check(n_skills, slip, guess, n_items, times, forgetting, return_items)
    # check_random_state(None) would be NumPy's global generator.
    seed = np.random.RandomState() if random_state is None else random_state
    rng = check_random_state(seed)

    # What is drawn, and in which order, must not depend on the size of an effect:
    # that is what makes two calls with one seed a controlled experiment.
    ability = ability_scale * rng.standard_normal(n_students)
    difficulty = difficulty_scale * rng.standard_normal(n_skills)
    rate = learning * rng.uniform(0.5, 1.5, n_skills)
    n_answers = _draw_n_answers(rng, n_students, n_attempts)
    student = np.repeat(np.arange(n_students, dtype=np.int64), n_answers)
    step = _count_within(student)
    skill = _draw_skills(rng, student, step, n_skills, skill_order, block_length)
    pair, practice = _count_practice(student, skill, n_skills)
    bent = profile_scale * rng.standard_normal(pair.max() + 1)
    luck = rng.uniform(size=student.size)
    names = number_names("skill", n_skills)
    columns = {
        "user_id": student,
        "order_id": step,
        "skill_name": pd.Categorical.from_codes(skill, names),
        "correct": None,  # holds the place
    }

    known = ability[student] + bent[pair]
    hard = difficulty[skill]
    gained = rate[skill] * np.log1p(practice)
    if n_items is not None:
        item, items = draw_items(
            rng, skill, names, n_items, item_scale, discrimination_scale
        )
        columns["item_id"] = pd.Categorical.from_codes(item, items.index)
    if times:
        columns["time"] = draw_times(rng, student, step)
        gained -= forgetting * np.log1p(days_since(columns["time"], pair))
    if n_items is not None:
        discrimination = items["discrimination"].to_numpy()[item]
        known, gained = discrimination * known, discrimination * gained
        hard = hard + items["difficulty"].to_numpy()[item]
    p = guess + (1 - guess - slip) * expit(known - hard + gained)
    y = (luck < p).astype(np.int64)
    X = pd.DataFrame(columns | {"correct": y})
    return (X, y, *[p] * return_proba, *([items] if return_items else []))


def _check(n_skills, slip, guess, n_items, times, forgetting, return_items):
    """Refuse values that do not go together."""
    if slip + guess >= 1:
        raise ValueError(
            f"slip + guess must be below 1, got slip={slip!r} and guess={guess!r}."
        )
    if n_items is not None and n_items < n_skills:
        raise ValueError(
            f"n_items={n_items!r} is below n_skills={n_skills!r}; expected an item for "
            f"each skill at least: n_items={n_skills!r} or more."
        )
    if return_items and n_items is None:
        raise ValueError(
            "return_items=True was given without items; say how many: n_items="
            f"{10 * n_skills!r}."
        )
    if forgetting > 0 and not times:
        raise ValueError(
            f"forgetting={forgetting!r} needs to know when answers were given; call "
            "with times=True."
        )


def _draw_n_answers(rng, n_students, mean):
    """Draw each student's number of answers: skewed, at least 1."""
    spread = _LENGTH_SPREAD * rng.standard_normal(n_students)
    skewed = np.exp(spread - _LENGTH_SPREAD**2 / 2)  # log-normal with mean 1
    return 1 + np.rint((mean - 1) * skewed).astype(np.int64)


def _draw_skills(rng, student, step, n_skills, skill_order, block_length):
    """Draw the number of the skill practised in each row."""
    n_rows = student.size
    if skill_order == "random":
        return rng.randint(n_skills, size=n_rows, dtype=np.int64)
    first = rng.randint(n_skills, size=student[-1] + 1, dtype=np.int64)
    if skill_order == "interleaved":
        return (first[student] + step) % n_skills
    # Leaving a skill with a constant probability makes blocks of geometric length.
    blocks_left = np.cumsum((rng.uniform(size=n_rows) * block_length < 1) & (step > 0))
    blocks_left -= blocks_left[np.flatnonzero(step == 0)][student]
    return (first[student] + blocks_left) % n_skills


def _count_practice(student, skill, n_skills):
    """Number the pairs of student and skill, and count a pair's earlier rows."""
    key = student * n_skills + skill
    by_pair = np.argsort(key, kind="stable")  # stable: a pair's rows stay in time order
    sorted_key = key[by_pair]
    pair, practice = np.empty_like(key), np.empty_like(key)
    pair[by_pair] = np.cumsum(np.diff(sorted_key, prepend=sorted_key[0]) != 0)
    practice[by_pair] = _count_within(sorted_key)
    return pair, practice


def _count_within(group):
    """Count 0, 1, ... along each run of equal values."""
    row = np.arange(group.size, dtype=np.int64)
    starts = np.diff(group, prepend=group[0] - 1) != 0
    return row - np.maximum.accumulate(np.where(starts, row, 0))
