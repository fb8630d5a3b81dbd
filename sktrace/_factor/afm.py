"""The additive factor model: practice makes a skill easier."""

from .._plain import stored
from .base import FactorModel

__all__ = ["AFMClassifier"]


@stored
class AFMClassifier(FactorModel):
    """Additive factor model: a skill gets easier with every attempt at it.

    A logistic regression, whose sums run over the skills that a row names::

        logit P(correct) = ability + intercept + sum (effect + slope f(attempts))

    ``attempts`` are the student's answers on the skill in strictly earlier moments,
    f(n) = log(1 + n) by default. Effects and slopes of skills, and abilities of
    students, are random effects with normal priors: the fit is the most probable one,
    and what little is known of is shrunk. A skill's slope is shrunk towards the slope
    that all skills share. How much skills and students differ is fitted, too, so that
    shrinkage adapts to the class: with few answers or alike skills there is much.

    Students to be predicted are rarely those of the training log, so their ability is
    not looked up but traced: from N(0, ``student_scale_``²) through the student's own
    earlier answers in X, by assumed-density filtering [2]_. That is what makes these
    models predict well; see ``student_effect``.

    Where `item` names a column, there is more::

        + item + slope f(attempts at the item)

    The effect of an item comes on top of that of its skill, and is N(0, ``C_item``) a
    priori: an item with three answers is nearly the average item of its skill, one
    with three hundred speaks for itself, and one that fit did not see is the average
    item.

    A second regression reads what was traced [3]_, unless ``averages=None``::

        logit P(correct) = discrimination · weight · ability + averages + all the above

    with effects fitted anew. An average tells how much better than expected the student
    did of late, on all skills or on the asked one. With r = answer - P(right at ability
    0), the average of decay d is (1 - d) (r_t + d r_(t-1) + d² r_(t-2) + ...) over
    strictly earlier moments, 0 before the first. Rows of one moment that name the same
    item are one question: one answer, however many skills it has. Discriminations are
    those of items.

    Variances are fitted by EM [4]_, as the marginal likelihood says. With V what is not
    known of the effects b of a skill, students of unknown ability included::

        1 / V = information of the answers + 1 / C      C = mean(b² + V)

    and two skills of usual size are added to the mean: they decide in a class of three
    skills. Where slopes turn out alike, C_slope falls, towards ``slopes="shared"``.

    Parameters
    ----------
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    item : str or None, default=None
        Column of the problem, question or step that was answered.
    time : str or None, default=None
        Column of when: seconds, or dates. Counts fade with time if it is named: an
        answer counts ``2 ** (-age / half_life)``. A row whose time is missing is asked
        at the time of the student's last answer.
    features : str, list of str or None, default=None
        Columns of numbers known before the answer, each with an effect in logits. They
        are scaled inside, and a missing one is 0, with an effect of being missing.
    past_features : str, list of str or None, default=None
        Columns of numbers known only after the answer: a row reads those of the
        student's last strictly earlier moment with an answer, their mean if it has
        several rows.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several: a row whose effects are summed
        and whose answer is one answer.
    counts : {"log", "linear"}, default="log"
        Whether f(n) is log(1 + n), practice that pays less and less, or n, as in [1]_.
        Linear slopes are smaller, so that the same stated ``C_slope`` shrinks them
        less.
    half_life : float, default=604800.0
        Seconds after which an answer counts half: a week. Only with `time`.
    slopes : {"per_skill", "shared"}, default="per_skill"
        Whether each skill has a slope of its own or all have the same.
    positive : bool, default=False
        Whether attempts may only help. Skills whose slope comes out negative, as where
        the weak stay longest, are refitted without one.
    item_slopes : bool, default=True
        Whether ability counts more for some items than for others, by a discrimination
        shrunk to 1. Only with `item` and an online ability.
    averages : "auto", tuple of float or None, default="auto"
        Decays of the moving averages, at least 0 and below 1. ``"auto"`` is (0.5, 0.8,
        0.95), shrunk towards what such averages count in large public logs; those of a
        tuple are shrunk to 0. ``None``, and "auto" with ``student_effect="fixed"``, is
        the classical model, without averages.
    student_effect : {"online", "fixed"} or None, default="online"
        ``"online"`` traces the ability of every student, seen in fit or not.
        ``"fixed"`` is what mixed models and earlier implementations do: a student of
        the training log keeps the ability fitted there, for ever and already in its
        first rows, whose answers that ability has seen; everybody else has ability 0.
        It serves to compare, and to describe a class. ``None``: no abilities at all.
    persistence : float or "auto", default="auto"
        Autocorrelation a, between 0 and 1, of ability from one moment with answers to
        the next: ``a · ability + sqrt(1 - a²) · student_scale_ · noise``. So answers of
        long ago weigh less; 1 is the classical ability that never changes. ``"auto"``
        is 0.98; with averages, which tell what is recent, it is 1. Only ``"online"``
        uses it.
    C_skill, C_slope : float or "auto", default="auto"
        Prior variances, in squared logits, of the effects of skills, and of the
        difference between a skill's slope and the shared one. Smaller is more
        shrinkage, as scikit-learn's C. ``"auto"`` fits them to the training log.
    C_item, C_student : float, "auto" or None, default="auto"
        Prior variances of items' effects and of ability. ``None`` is "auto".
    handle_unknown : {"prior", "error"}, default="prior"
        A skill not seen in fit is read as ``average_skill_``, with its own counts (all
        unseen skills count as one), or is refused.
    max_iter : int, default=100
        Most Newton steps of one fit of the regression.
    tol : float, default=1e-8
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
        included, of each skill: those of the first regression, by which ability is
        traced, as are all tables but `average_effects_` and discriminations.
    average_skill_ : Series
        The same of the average skill: the mean of `skill_effects_` over training rows.
    skill_scales_ : Series
        Standard deviations between skills of the same, fitted or as stated: the square
        roots of ``C_skill``, and of ``C_slope`` for each kind of slope, 0 of shared
        ones.
    items_ : DataFrame of shape (n_items, 3) or (n_items, 4)
        ``difficulty`` of each item, in logits above the average item of its skill, its
        standard error ``se`` with all else held fixed, ``n_answers``, and its
        ``discrimination`` with `item_slopes`. Only with `item`.
    item_scale_ : float
        Standard deviation of items of one skill. Only with `item`.
    item_practice_ : Series
        ``slope_attempts``, of attempts at the very item. Only with `item`.
    average_effects_ : DataFrame of shape (n_decays, 2)
        What averages of ``all_answers`` and on the ``same_skill`` count. Only with
        averages.
    feature_effects_ : DataFrame of shape (n_features, 4)
        ``effect`` of each column of features and past features, in logits per standard
        deviation, that of its being ``missing``, and the ``mean`` and ``spread`` by
        which it is scaled. Only with such columns.
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
    RaschClassifier : Ability and items, without practice.
    sktrace.preprocessing.PriorCounts : The counts, for a pipeline of one's own.

    References
    ----------
    .. [1] Cen, H., Koedinger, K. and Junker, B. (2006). Learning factors analysis: a
       general method for cognitive model evaluation and improvement. Intelligent
       Tutoring Systems.
    .. [2] Minka, T. P. (2001). A family of algorithms for approximate Bayesian
       inference. PhD thesis, MIT.
    .. [3] Averages that fade with every answer: Galyardt, A. and Goldin, I. (2015).
       Move your lamp post: recent data reflects learner knowledge better than older
       data. Journal of Educational Data Mining, 7(2).
    .. [4] Stiratelli, R., Laird, N. and Ware, J. H. (1984). Random-effects models for
       serial observations with binary response. Biometrics, 40(4).

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
