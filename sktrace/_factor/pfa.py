"""Performance factors analysis: successes and failures are counted apart."""

from .._plain import stored
from .base import FactorModel

__all__ = ["PFAClassifier"]


@stored
class PFAClassifier(FactorModel):
    """Performance factors analysis: right and wrong answers teach differently.

    As `AFMClassifier`, with successes and failures counted apart [1]_::

        logit P(correct) = ability + intercept
                           + sum (effect + slope f(successes) + slope' f(failures))

    The classical model has no ability, because what a student got right and wrong tells
    of it; so says ``student_effect=None``. Ability is more than that, though: it
    is shared by all skills, and "online" it is learnt from the answers on all of them.
    Moving averages of the student's answers tell what is recent.

    With `item`, each item has an effect and a discrimination, and successes and
    failures on the very item are counted, too; all as in `AFMClassifier`. Counts that
    fade with `time` are those of [2]_.

    Parameters
    ----------
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    item, time, features, past_features : str, list of str or None, default=None
        Further columns: the item answered, when, and numbers known before the answer
        or only after it; see `AFMClassifier`. An item is one column, and so is time.
    skill_separator, counts, half_life, slopes, handle_unknown, max_iter, tol
        As in `AFMClassifier`, and with the same defaults.
    positive : bool, default=False
        Whether successes may only help. Failures may harm: they tell of who fails.
    item_slopes, averages : default=True and "auto"
        Whether items discriminate, and decays of moving averages; see `AFMClassifier`.
    student_effect, persistence : default="online" and "auto"
        How ability is traced; see `AFMClassifier`.
    C_skill, C_slope, C_item, C_student : float or "auto", default="auto"
        Prior variances of effects, of slopes' differences from the shared ones, of
        items and of ability. ``"auto"`` fits them to the training log.

    Attributes
    ----------
    skill_effects_ : DataFrame of shape (n_skills, 3)
        ``intercept``, ``slope_successes`` and ``slope_failures`` of each skill.
    skill_scales_ : Series
        Standard deviations of these between skills, fitted or as stated.
    item_practice_ : Series
        ``slope_successes`` and ``slope_failures`` of those on the very item. Only with
        `item`.
    items_, item_scale_, average_effects_, feature_effects_
        As in `AFMClassifier`.
    classes_, skills_, intercept_, average_skill_, student_effects_, student_scale_
        As in `AFMClassifier`, and so are `answer_means_`, `n_iter_`,
        `n_features_in_` and `feature_names_in_`.

    See Also
    --------
    AFMClassifier : Counts attempts alone.
    RaschClassifier : Ability and items, without practice.

    References
    ----------
    .. [1] Pavlik, P. I., Cen, H. and Koedinger, K. R. (2009). Performance factors
       analysis: a new alternative to knowledge tracing. Artificial Intelligence in
       Education.
    .. [2] Gong, Y., Beck, J. E. and Heffernan, N. T. (2011). How to construct more
       accurate student models: comparing and optimizing knowledge tracing and
       performance factor analysis. International Journal of Artificial Intelligence in
       Education, 21.

    Examples
    --------
    >>> from sktrace import PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=50, n_skills=3, random_state=0)
    >>> pfa = PFAClassifier().fit(X, y)
    >>> pfa.skill_effects_.columns.tolist()
    ['intercept', 'slope_successes', 'slope_failures']
    """

    _counts = ("successes", "failures")
