"""Factor models: logistic regressions on how often each skill was practised."""

from .base import FactorModel

__all__ = ["AFMClassifier", "PFAClassifier"]


class AFMClassifier(FactorModel):
    """Additive factor model: a skill gets easier with every attempt at it.

    A logistic regression, whose sums run over the skills that a row names::

        logit P(correct) = ability + intercept + sum (effect + slope f(attempts))

    ``attempts`` are the student's answers on the skill in strictly earlier moments,
    f(n) = log(1 + n) by default. Effects and slopes of skills, and abilities of
    students, are random effects with normal priors: the fit is the most probable one,
    and what little is known of is shrunk. A skill's slope is shrunk towards the slope
    that all skills share.

    Students to be predicted are rarely those of the training log, so their ability is
    not looked up but traced: from N(0, ``student_scale_``²) through the student's own
    earlier answers in X, by assumed-density filtering [2]_. That is what makes these
    models predict well; see ``student_effect``.

    Parameters
    ----------
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several: a row whose effects are summed
        and whose answer is one answer.
    counts : {"log", "linear"}, default="log"
        Whether f(n) is log(1 + n), practice that pays less and less, or n, as in [1]_.
        Linear slopes are smaller, so that the same ``C_slope`` shrinks them less.
    slopes : {"per_skill", "shared"}, default="per_skill"
        Whether each skill has a slope of its own or all have the same.
    positive : bool, default=False
        Whether attempts may only help. Skills whose slope comes out negative, as where
        the weak stay longest, are refitted without one.
    student_effect : {"online", "fixed"} or None, default="online"
        ``"online"`` traces the ability of every student, seen in fit or not.
        ``"fixed"`` is what mixed models and earlier implementations do: a student of
        the training log keeps the ability fitted there, for ever and already in its
        first rows, whose answers that ability has seen; everybody else has ability 0.
        It serves to compare, and to describe a class. ``None``: no abilities at all.
    persistence : float, default=0.98
        Autocorrelation a, between 0 and 1, of ability from one moment with answers to
        the next: ``a · ability + sqrt(1 - a²) · student_scale_ · noise``. So answers of
        long ago weigh less; 1 is the classical ability that never changes. Only
        ``"online"`` uses it.
    C_skill, C_slope : float, default=1.0 and 0.04
        Prior variances, in squared logits, of the effects of skills, and of the
        difference between a skill's slope and the shared one. Smaller is more
        shrinkage, as scikit-learn's C.
    C_student : float or None, default=None
        Prior variance of ability. ``None`` fits it to the training log.
    handle_unknown : {"prior", "error"}, default="prior"
        A skill not seen in fit is read as ``average_skill_``, with its own counts (all
        unseen skills count as one), or is refused.
    max_iter : int, default=100
        Most Newton steps of one fit of the regression.
    tol : float, default=1e-6
        Such a fit ends where no entry of the gradient, per row, is larger.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Labels of y.
    skills_ : ndarray of shape (n_skills,)
        Skills seen in fit.
    intercept_ : float
        Logit of a student of ability 0 at a skill of effect 0.
    skill_effects_ : DataFrame of shape (n_skills, 2)
        ``intercept``, the effect, and ``slope_attempts``, its whole slope, shared part
        included, of each skill.
    average_skill_ : Series
        The same of the average skill: the mean of `skill_effects_` over training rows.
    student_effects_ : DataFrame of shape (n_students, 3)
        ``effect``, its standard deviation ``sd`` with skills held fixed, and
        ``n_answers`` of each training student; one ability for the whole log. Not if
        ``student_effect=None``.
    student_scale_ : float
        Standard deviation of ability between students, too small where most students
        have but a few answers. Not if ``student_effect=None``.
    answer_means_ : ndarray of shape (2,)
        Mean target of rows answered wrong and right, as which tracing reads answers: 0
        and 1, unless y is something else than the answer.
    n_iter_ : int
        Newton steps in all.
    n_features_in_, feature_names_in_
        The columns read.

    Warns
    -----
    ConvergenceWarning
        If `max_iter` was not enough.

    See Also
    --------
    PFAClassifier : Counts successes and failures apart.
    sktrace.preprocessing.PriorCounts : The counts, for a pipeline of one's own.

    References
    ----------
    .. [1] Cen, H., Koedinger, K. and Junker, B. (2006). Learning factors analysis: a
       general method for cognitive model evaluation and improvement. Intelligent
       Tutoring Systems.
    .. [2] Minka, T. P. (2001). A family of algorithms for approximate Bayesian
       inference. PhD thesis, MIT.

    Examples
    --------
    >>> from sktrace import AFMClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=50, n_skills=3, random_state=0)
    >>> afm = AFMClassifier().fit(X, y)
    >>> afm.skill_effects_.columns.tolist()
    ['intercept', 'slope_attempts']
    >>> afm.predict_proba(X).shape == (len(X), 2)
    True
    """

    _counts = ("attempts",)


class PFAClassifier(FactorModel):
    """Performance factors analysis: right and wrong answers teach differently.

    As `AFMClassifier`, with successes and failures counted apart [1]_::

        logit P(correct) = ability + intercept
                           + sum (effect + slope f(successes) + slope' f(failures))

    The classical model has no ability, because what a student got right and wrong tells
    of it; so says ``student_effect=None``. Ability is more than that, though: it
    is shared by all skills, and "online" it is learnt from the answers on all of them.

    Parameters
    ----------
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    skill_separator, counts, slopes, handle_unknown, max_iter, tol
        As in `AFMClassifier`, and with the same defaults.
    positive : bool, default=False
        Whether successes may only help. Failures may harm: they tell of who fails.
    student_effect, persistence, C_student : default="online", 0.98 and None
        How ability is traced and its prior variance; see `AFMClassifier`.
    C_skill, C_slope : float, default=1.0 and 0.04
        Prior variances of effects and of slopes' differences from the shared ones.

    Attributes
    ----------
    skill_effects_ : DataFrame of shape (n_skills, 3)
        ``intercept``, ``slope_successes`` and ``slope_failures`` of each skill.
    classes_, skills_, intercept_, average_skill_, student_effects_, student_scale_
        As in `AFMClassifier`, and so are `answer_means_`, `n_iter_`,
        `n_features_in_` and `feature_names_in_`.

    See Also
    --------
    AFMClassifier : Counts attempts alone.

    References
    ----------
    .. [1] Pavlik, P. I., Cen, H. and Koedinger, K. R. (2009). Performance factors
       analysis: a new alternative to knowledge tracing. Artificial Intelligence in
       Education.

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
