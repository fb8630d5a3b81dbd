"""Items and times of made-up answers."""

import numpy as np
import pandas as pd

# Spread of the logarithm of how often an item is given: in ASSISTments 2009 the mean is
# 16 answers of a problem and the median 10, which is 1 here.
_POPULARITY_SPREAD = 1.0

_SESSION = 20  # mean number of answers in one sitting
_ANSWER = (30.0, 0.8)  # median seconds from answer to answer, spread of the logarithm
_BREAK = (86_400.0, 1.5)  # the same from sitting to sitting
_FIRST_DAYS = 30 * 86_400.0  # in which all students begin


def draw_items(rng, skill, skill_names, n_items, scale, discrimination_scale):
    """Draw items, each of one skill, and the item of each row.

    Parameters
    ----------
    rng : RandomState
    skill : ndarray of shape (n_rows,)
        Number of the skill of each row.
    skill_names : list of str
    n_items : int
        At least one for each skill.
    scale, discrimination_scale : float
        Standard deviations of the difficulties and of the discriminations' logarithms.

    Returns
    -------
    item : ndarray of shape (n_rows,), int64
        Number of the item of each row.
    items : DataFrame of shape (n_items, 3)
        `skill_name`, `difficulty` and `discrimination`, by `item_id`.
    """
    n_skills = len(skill_names)
    skill_of = np.sort(np.arange(n_items) % n_skills)  # the first skills may have more
    difficulty = scale * rng.standard_normal(n_items)
    discrimination = np.exp(discrimination_scale * rng.standard_normal(n_items))
    weight = np.exp(_POPULARITY_SPREAD * rng.standard_normal(n_items))
    # Items lie side by side on a line, each as long as its weight; a row's item is the
    # one on which a random point of its skill's stretch falls.
    end = np.cumsum(weight)
    first = np.searchsorted(skill_of, np.arange(n_skills), side="left")
    last = np.searchsorted(skill_of, np.arange(n_skills), side="right") - 1
    begin = np.append(0, end)[first]
    point = begin[skill] + rng.uniform(size=skill.size) * (end[last] - begin)[skill]
    item = np.searchsorted(end, point, side="right")
    item = np.clip(item, first[skill], last[skill])  # against the last bit
    items = pd.DataFrame(
        {
            "skill_name": pd.Categorical.from_codes(skill_of, skill_names),
            "difficulty": difficulty,
            "discrimination": discrimination,
        },
        index=pd.Index(number_names("item", n_items), name="item_id"),
    )
    return item.astype(np.int64), items


def draw_times(rng, student, step):
    """Draw when each answer was given, in seconds after the course began.

    Parameters
    ----------
    rng : RandomState
    student, step : ndarray of shape (n_rows,)
        Number of the student, and the student's step, 0 where one begins.

    Returns
    -------
    time : ndarray of shape (n_rows,), float64
        Later than the row before, for the same student; whole milliseconds.
    """
    n_rows = step.size
    rests = rng.uniform(size=n_rows) * _SESSION < 1
    luck = rng.standard_normal(n_rows)
    start = _FIRST_DAYS * rng.uniform(size=n_rows)
    gap = np.where(
        rests,
        _BREAK[0] * np.exp(_BREAK[1] * luck),
        _ANSWER[0] * np.exp(_ANSWER[1] * luck),
    )
    gap = np.maximum(gap, 0.001)  # no two answers of a student at one moment
    gap = np.where(step == 0, start, gap).round(3)
    return pd.Series(gap).groupby(student).cumsum().round(3).to_numpy()


def days_since(time, pair):
    """Return the days since the row before of the same pair, 0 at its first."""
    by_pair = np.argsort(pair, kind="stable")
    gap = np.diff(time[by_pair], prepend=0)
    gap[np.diff(pair[by_pair], prepend=-1) != 0] = 0
    days = np.empty_like(time)
    days[by_pair] = gap / 86_400
    return days


def number_names(what, count):
    """Name things so that they sort by number."""
    width = max(2, len(str(count)))
    return [f"{what} {number:0{width}d}" for number in range(1, count + 1)]
