"""Which items do not behave like the others of their skill."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.special import log_ndtr

from .._scores.intervals import wilson
from .._sklearn import Interval, validate_params
from ._item_answers import fit_curves, mean_squares
from ._item_questions import read_questions
from ._odd_ones import adjust, compare_with_others

__all__ = ["item_fit"]

_TESTS = 2  # of each item: its shift and its slope
_SURELY = 1.645  # standard errors, on one side


@validate_params(
    {
        "min_answers": [Interval(Integral, 1, None, closed="left")],
        "rate": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def item_fit(
    estimator,
    X,
    y,
    *,
    item=None,
    min_answers=10,
    rate=0.05,
    student=None,
    order=None,
    skill=None,
    skill_separator=None,
):
    r"""Find the items that do not behave like the others of their skill.

    An item whose answers do not follow what is expected of the students may have a
    wrong key, an unclear text or the wrong skill. Of each item that a tracer predicts
    with p, a curve is fitted to the answers y,

    .. math:: P(y = 1) = \sigma(m - harder + discrimination \, (logit(p) - m))

    with m the mean of logit(p) over the item's answers, weighted by p (1 - p), and
    priors :math:`harder \sim N(0, 2^2)` and :math:`discrimination \sim N(1, 0.5^2)`,
    which draw items with few answers to what was expected. Both numbers are
    standardized by those of the other items of the skill; see Notes.

    Parameters
    ----------
    estimator : fitted estimator with ``predict_proba``, or array of probabilities
        A tracer, a search or a stack, fitted on **other students** than those of X: on
        the rows that it was trained on, an item's own answers have drawn the
        predictions to them, and hide the misfit. Or probabilities of the rows of X, of
        shape (n_rows,) or (n_rows, 2), such as
        ``cross_val_predict(..., method="predict_proba")``.
    X : DataFrame of shape (n_rows, n_columns)
        Rows that tie in `order` and name the same item are one question and count
        once. Rows that name no item are predicted, and left out.
    y : array of shape (n_rows,)
        Two classes, the second of which is right; rows where it is missing are left
        out.
    item : str, optional
        Column of X that names the item; that of the estimator by default, if it reads
        one. Any estimator will do: of one that reads none, ``harder`` is the item's
        difficulty beyond its skill's.
    min_answers : int, default=10
        Items with fewer answers get numbers, but no verdict.
    rate : float, default=0.05
        Share of the odd items that may be odd by chance.
    student, order, skill, skill_separator : str, optional
        Columns of X, and what joins the skills of a question; those of the estimator
        by default, and of what is no tracer ``"user_id"``, ``"order_id"``,
        ``"skill_name"`` and ``"~~"``.

    Returns
    -------
    DataFrame of shape (n_items, 18), indexed by item, the oddest first
        ``skill``
            The one that the item is most often practised with.
        ``n_answers``
            Questions answered.
        ``observed``, ``low``, ``high``, ``predicted``
            The share right with Wilson's 95 % interval, and the mean of p.
        ``infit``, ``outfit``
            Mean squares of Rasch measurement [1]_, 1 if answers are as random as they
            should be: ``outfit`` is the mean of (y - p)² / (p (1 - p)), ``infit`` the
            sum of (y - p)² over the sum of p (1 - p).
        ``infit_z``, ``outfit_z``
            :math:`(\sqrt[3]{fit} - 1) \cdot 3 / s + s / 3` with s the standard
            deviation of the mean square [1]_: about normal [2]_, above 0 where answers
            surprise too often.
        ``harder``, ``harder_se``
            In logits, for the students who met the item; below 0 where it is easier
            than predicted. Its 95 % interval is ± 1.96 ``harder_se``. Right is the
            second of the classes, as everywhere in scores.
        ``discrimination``, ``discrimination_se``
            1 if answers go with p as they should, 0 if they do not go with it at all.
        ``harder_z``, ``discrimination_z``
            Both, standardized by the other items of the skill.
        ``p_adjusted``
            Of the odder of the two, for all items [3]_; NaN below `min_answers`.
        ``verdict``
            * ``"backwards"``: discriminates less than the others, and below 0 by more
              than 1.64 standard errors: weaker students do better
            * ``"too noisy"``: discriminates less than the others
            * ``"too hard"``, ``"too easy"``: for what is predicted, unlike the others
            * ``"like the others"``
            * ``"too few answers"``

    Raises
    ------
    TypeError
        If X is not a DataFrame, or `estimator` has no probabilities.
    ValueError
        If a column is missing, y does not fit X or the classes, probabilities do not
        fit X, or no column of items is named.

    See Also
    --------
    calibration_by_skill : Whether a whole skill is easier than predicted.
    sktrace.display.ItemDisplay : Difficulty against discrimination.

    Notes
    -----
    The others of an item are all items of its skill with `min_answers`, or of the log
    where the skill has fewer than three others. With :math:`v_i` a number of item i,
    its prior taken off, and :math:`s_i` its standard error,

    .. math:: z_i = \frac{v_i - \bar v_{-i}}{\sqrt{s_i^2 + \tau^2 + Var(\bar v_{-i})}}

    where :math:`\bar v_{-i}` is the mean of the others, weighted by precision, in which
    none counts as further than two standard deviations from their weighted median, and
    :math:`\tau` is how much items differ anyway, beyond chance: items that a tracer
    knows nothing of differ by a logit or so, and are odd only where they differ by far
    more. It is one for all skills, such that half of all z lie within 0.674. Of three
    items or fewer, z is 0.

    An item's p-value is the smaller of that of ``harder_z``, on both sides, and of
    ``discrimination_z``, below 0, times two. Over items the rule of Benjamini and
    Hochberg [3]_ keeps the expected share of false ones among the odd at `rate`.

    The verdict does not rest on infit and outfit, which mix the two: infit - 1 is the
    sum of (y - p) (1 - 2p) over that of p (1 - p), and grows as well where an item is
    too hard for students who were sure of it. They are given since the field reads
    them. Probabilities are kept within 0.001 to 0.999, or one wrong answer to a sure
    prediction would be all that an item has to say.

    References
    ----------
    .. [1] Wright and Masters (1982). Rating Scale Analysis. MESA Press, chapter 5.
    .. [2] Wilson and Hilferty (1931). The distribution of chi-square. Proceedings of
       the National Academy of Sciences 17, 684-688.
    .. [3] Benjamini and Hochberg (1995). Controlling the false discovery rate. Journal
       of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sktrace.inspection import item_fit
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"user_id": range(2000), "order_id": 0, "skill_name": "sum"})
    >>> X["item_id"] = [f"p{k % 8}" for k in range(2000)]
    >>> p = rng.uniform(0.2, 0.95, size=2000)
    >>> y = (rng.uniform(size=2000) < p).astype(int)
    >>> y = np.where(X["item_id"] == "p3", 1 - y, y)  # a wrong key
    >>> item_fit(p, X, y, item="item_id")["verdict"].head(2).to_dict()
    {'p3': 'backwards', 'p2': 'like the others'}
    """
    found = read_questions(
        estimator,
        X,
        y,
        "item_fit",
        item=item,
        student=student,
        order=order,
        skill=skill,
        skill_separator=skill_separator,
    )
    answers = found.item, found.y, found.p, len(found.items)
    shift, slope = fit_curves(*answers)
    table = _describe(found, mean_squares(*answers))
    table["harder"], table["harder_se"] = -shift.value, shift.se
    table["discrimination"], table["discrimination_se"] = slope.value, slope.se
    judged = (table["n_answers"] >= min_answers).to_numpy()
    return _judge(table, judged, found.skill, shift, slope, rate)


def _describe(found, fit):
    """Return what is counted, and the mean squares."""
    sizes = np.bincount(found.item)
    observed = np.bincount(found.item, found.y) / sizes
    low, high = wilson(observed, sizes)
    skills = np.append(found.skills.astype(object), np.nan)  # code -1: none is named
    return pd.DataFrame(
        {
            "skill": pd.Index(skills, tupleize_cols=False).take(found.skill),
            "n_answers": sizes,
            "observed": observed,
            "low": low,
            "high": high,
            "predicted": np.bincount(found.item, found.p) / sizes,
            **{name: fit[name] for name in ("infit", "outfit", "infit_z", "outfit_z")},
        },
        index=found.items,
    )


def _judge(table, judged, skill, shift, slope, rate):
    """Compare items with the others of their skill, and sort them."""
    group = np.unique(skill[judged], return_inverse=True)[1]
    z, log_p = np.full((2, len(table)), np.nan), np.full((2, len(table)), np.nan)
    for number, estimate in enumerate((shift, slope)):
        z[number, judged] = compare_with_others(
            estimate.alone[judged], estimate.alone_se[judged], group
        )
    log_p[0], log_p[1] = np.log(2) + log_ndtr(-np.abs(z[0])), log_ndtr(z[1])
    log_p = np.minimum(np.log(_TESTS) + log_p, 0)  # of an item, by Bonferroni
    odder = log_p.min(axis=0)
    adjusted = np.full(len(table), np.nan)
    adjusted[judged] = adjust(np.exp(odder[judged]))
    odd = adjusted <= rate
    # The p-value at which the rule stopped says which of the two numbers are odd.
    last = odder[odd].max() if odd.any() else -np.inf
    table["harder_z"], table["discrimination_z"] = -z[0], z[1]
    table["p_adjusted"] = adjusted
    below_0 = slope.alone + _SURELY * slope.alone_se < 0
    table["verdict"] = np.select(
        [
            ~judged,
            (log_p[1] <= last) & below_0,
            log_p[1] <= last,
            (log_p[0] <= last) & (z[0] < 0),
            log_p[0] <= last,
        ],
        ["too few answers", "backwards", "too noisy", "too hard", "too easy"],
        "like the others",
    )
    return table.iloc[np.argsort(odder, kind="stable")]  # NaN last
