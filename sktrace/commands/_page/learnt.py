"""How much easier practice makes each skill, by the additive factor model."""

import warnings

import numpy as np
import pandas as pd
from scipy.special import expit

from ... import AFMClassifier
from ..._factor.columns import Columns, Group
from ..._factor.curvature import Curvature
from ..._factor.scales import held_on_skills
from .._reading.items import ITEM

__all__ = ["tabulate_learning"]

# Slopes of skills vary by about 0.3 in public logs. To find that in a small log is to
# find 0 as often as not, and intervals that are much too narrow.
C_SLOPE = 0.1
SHARED = np.array([0.0, 1.0])  # precision of the mean effect, and of the mean slope


def tabulate_learning(X, practice, later):
    """Return how likely a right answer is at first, and later, by skill.

    That is of a student of middling ability, on the average item. The additive factor
    model says it, with one ability for each student: who goes on practising is not who
    has stopped, and a curve of shares would mix that with what is learnt. Where
    students stop once they have mastered a skill, the model mixes it a little, too, and
    the gain is too small. That of the students who got so far is too large there, since
    they are those who failed at first. What both say is so.

    Effect and slope b of a skill are drawn from those of all, N(m, D), m not being
    known. With A what answers hold on b where students' ability is not known either ::

        V = (A + D^-1)^-1
        Var(b) = V + V D^-1 Var(m) D^-1 V

    which gives the error of the gain by its slopes (the delta method).

    Parameters
    ----------
    X : DataFrame
        An answer in every row.
    practice : Practice
        Of X.
    later : int
        Which opportunity is later.

    Returns
    -------
    DataFrame of shape (n_skills, 6), indexed by code of skill
        ``first`` and ``later``, P(right) at both; ``gain``, their difference, and its
        standard error ``gain_se``; ``same``, by how much the students who got so far
        were better there than at first, and ``same_se``. NaN of a skill that fewer than
        two students have answered twice, or so often.
    """
    item = ITEM if ITEM in X else None
    afm = AFMClassifier(
        item=item, averages=None, student_effect="fixed", C_slope=C_SLOPE
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of predicting what was learnt from
        p = afm.fit(X, X["correct"]).predict_proba(X)[:, 1]
    skills = pd.Index(practice.skills, tupleize_cols=False)
    effects = afm.skill_effects_.iloc[afm.skill_effects_.index.get_indexer(skills)]
    effect, slope = effects.to_numpy().T
    gained = np.log(later)  # of log(1 + attempts)
    first = expit(afm.intercept_ + effect)
    then = expit(afm.intercept_ + effect + slope * gained)
    bend = then * (1 - then)
    by = np.stack([bend - first * (1 - first), bend * gained], axis=1)
    variance = np.einsum("si,sij,sj->s", by, _variances(practice, p, afm), by)
    table = pd.DataFrame(
        {
            "first": first,
            "later": then,
            "gain": then - first,
            "gain_se": np.sqrt(variance),
        }
    )
    again = practice.entries[practice.entries["attempts"] > 0]
    n_students = again.groupby("skill")["student"].nunique()
    table = table.loc[n_students.index[n_students > 1]].reindex(table.index)
    return table.join(compare_same_students(practice, later))


def compare_same_students(practice, later):
    """Return the mean gain of those who got so far, and its error, by skill."""
    entries = practice.entries[["student", "skill", "opportunity", "correct"]]
    at = [entries[entries["opportunity"] == n] for n in (1, later)]
    first, then = (e.groupby(["skill", "student"])["correct"].mean() for e in at)
    gains = (then - first).dropna().groupby(level="skill")
    error = gains.sem()
    # Of few who all gained the same, no error is known.
    return pd.DataFrame({"same": gains.mean(), "same_se": error.where(error > 0)})


def _variances(practice, p, afm):
    """Return the variance of effect and slope of each skill, (n_skills, 2, 2)."""
    entries = practice.entries.sort_values("row", kind="stable")
    n_skills = len(practice.skills)
    row, skill = entries["row"].to_numpy(), entries["skill"].to_numpy()
    columns = np.stack([np.ones(len(row)), np.log1p(entries["attempts"])])
    student = np.zeros(len(p), dtype=np.int64)
    student[row] = entries["student"]
    places = np.arange(2 * n_skills).reshape(2, n_skills)
    columns = Columns([Group(row, skill, columns, places)], len(p), places.size)
    told = Curvature(columns, student, student.max() + 1).of(p * (1 - p))
    held = held_on_skills(told, afm.student_scale_**-2.0, 2, n_skills)
    drawn = afm.skill_scales_.to_numpy() ** -2.0
    within = np.linalg.inv(held + np.diag(drawn))
    pull = within * drawn  # V D^-1
    of_mean = np.diag(SHARED) + (np.diag(drawn) - drawn[:, np.newaxis] * pull).sum(0)
    return within + pull @ np.linalg.inv(of_mean) @ pull.swapaxes(1, 2)
