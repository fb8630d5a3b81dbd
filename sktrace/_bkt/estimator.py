"""Bayesian knowledge tracing as a scikit-learn classifier."""

from numbers import Integral, Real
from types import MappingProxyType

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from .._interactions.codes import check_categories
from .._interactions.target import answer_means, mix_targets, sum_targets
from .._interactions.times import check_time
from .._plain import stored
from .._sklearn import Interval, StrOptions, judged
from .._tracer.base import BaseTracer
from .cells import Cells
from .em import Filter, predict_answer
from .fitting import fit_rates, warn_of_fit
from .forest import Forest, take_answers
from .histories import grow_histories
from .knowledge import know_after
from .limits import NAMES, draw_starts, read_limits, read_split
from .live import LiveKnowledge
from .opportunities import check_groups
from .population import which_are_learnt
from .tables import write_tables

__all__ = ["BKTClassifier"]


@stored
class BKTClassifier(BaseTracer):
    """Bayesian knowledge tracing: each skill is either known or not yet.

    Every skill is a hidden Markov model of two states. A student knows it from the
    start with probability ``prior``; at each opportunity, one who knows it fails with
    probability ``slip``, one who does not succeeds with probability ``guess``; after
    each opportunity it is learnt with probability ``learn`` and, if ``forget=True``,
    lost with probability ``forget``::

        P(correct) = P(known) (1 - slip) + (1 - P(known)) guess
        P(known | correct) = P(known) (1 - slip) / P(correct)
        P(known | wrong) = P(known) slip / (1 - P(correct))
        P(known next) = P(known | answer) (1 - forget) + (1 - P(known | answer)) learn

    Parameters are fitted per skill, to the answers in X, by exact EM (Baum-Welch),
    accelerated, from several starts. Rows of one moment on one skill are one
    opportunity with several answers; a row without an answer is none. Rates are drawn
    from a population of skills, Beta(mean * cases, (1 - mean) * cases), which is found
    in the log (empirical Bayes): a skill with few answers is nearly the average one.

    With ``item``, guess and slip differ between the items of a skill (KT-IDEM)::

        logit(guess of item) = logit(guess of skill) + b_guess        b ~ Normal(0, V)
        logit(slip of item) = logit(slip of skill) + b_slip

    where V has the variance of `spread`, squared, and the correlation -0.9: what is
    easy is easy for all. EM maximizes the likelihood times the densities of b and of
    `beta_prior`, so an item with few answers is nearly its skill, and one not seen in
    fit is it.

    Parameters
    ----------
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    item : str or None, default=None
        Column of the problem, question or step answered. Rows of one moment that name
        the same item are one question. Without one seen in fit, it is an average item.
    time : str or None, default=None
        Column of when, in seconds or as dates: a skill is forgotten only where
        `forget_gap` seconds or more have passed since its last opportunity (KT-Forget),
        and not where the time is missing.
    learn_group : str or None, default=None
        Column of groups of rows, such as the tutor's condition or the kind of item: by
        group, ``learn`` after the row differs, as guess and slip of items do.
    prior_group : str or None, default=None
        Column of groups of students, by which ``prior`` differs.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several; predictions are averaged over
        them, and its answer is evidence on each.
    forget : bool, default=False
        Whether what is known can be forgotten; if not, ``forget`` is 0.
    forget_gap : float, default=43200
        Seconds, half a day: a night lies between. Of no effect without `time`.
    item_params : tuple of {"guess", "slip", "learn"}, default=("guess", "slip")
        Parameters that differ between items.
    spread : float or "auto", default="auto"
        Standard deviation, in logits, of items and groups about their skill. By default
        it is found in the log (empirical Bayes), by kind; see ``spread_``.
    n_restarts : int, default=5
        Starts of EM per skill: one where skills change slowly, one where they come and
        go, and the others at random. After 24 steps the most likely goes on alone.
    tol : float, default=1e-4
        EM of a skill stops when three steps together gain less log-likelihood.
    max_iter : int, default=1000
        Most EM steps, of skills and again of items and groups.
    bounds : dict or None, default=None
        Range of skills' parameters, such as ``{"guess": (0, 0.5), "slip": (0, 0.5)}``.
    beta_prior : "population", "weak", dict or None, default="population"
        Beta(a, b) prior of parameters by name, such as ``{"guess": (2, 5)}``, with a
        and b at least 1; the fit is then the most probable instead of the most likely
        one. Beta(a, b) weighs as much as a - 1 cases in which it happened and b - 1 in
        which it did not; Beta(1, 1) changes nothing. ``"population"`` is learn (3, 19)
        and forget (2, 20), and finds in the log how often, on average over skills, one
        knows at first, guesses and slips. ``"weak"`` is the same for every log: prior
        (2, 2), learn (2, 10), guess (4, 7), slip (3, 11) and forget (2, 20). A dict
        replaces those of the population that it names. ``None`` is maximum likelihood,
        as other tools fit; by all others no fit of a few answers is certain.
    fixed : dict, DataFrame or None, default=None
        Parameters that are stated, not fitted: ``{"slip": 0.1}`` for every skill,
        ``{"slip": {"addition": 0.1}}`` for some, or a table like ``params_``, whose
        missing values are fitted. A rate of forgetting may be stated without
        ``forget=True``. What is stated of skills that X does not have is left aside.
    handle_unknown : {"prior", "error"}, default="prior"
        A skill not seen in fit has the average parameters of the training rows, or is
        refused.
    random_state : int, RandomState instance or None, default=None
        Seed of the random starts.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Labels of y.
    skills_ : ndarray of shape (n_skills,)
        Skills seen in fit.
    params_ : DataFrame of shape (n_skills, 5)
        ``prior``, ``learn``, ``guess``, ``slip`` and ``forget`` of each skill.
    population_ : DataFrame of shape (5, 4)
        ``mean`` of each parameter, the ``cases`` that its prior weighs as much as, and
        ``a`` and ``b``, which `beta_prior` takes for another class.
    items_ : DataFrame of shape (n_items, 5)
        Of items: ``difficulty``, the logits by which P(correct) of one who knows as
        likely as not is below that of the skill; its standard error ``se``;
        ``n_answers``; ``guess`` and ``slip``, and ``learn`` if that differs. An item of
        several skills has the mean over its answers. Set with `item` only.
    learn_groups_, prior_groups_ : DataFrame of shape (n_skills, n_groups)
        ``learn`` and ``prior`` by skill and group. Set with groups only.
    spread_ : dict of str to float
        The spread of each parameter that differs by item or group.
    log_likelihood_ : Series of shape (n_skills,)
        Log-likelihood of each skill's training answers.
    n_iter_ : int
        EM steps of the skill that took most; with items or groups, of all runs.
    answer_means_ : ndarray of shape (2,)
        Mean target of rows answered wrong and right: 0 and 1, unless y is something
        else than the answer. P(``classes_[1]``) is their mixture by P(correct).
    n_features_in_, feature_names_in_
        The columns read.

    Warns
    -----
    UserWarning
        If a guess or slip is fitted above 0.5. If `fixed` names none of the skills.
    ConvergenceWarning
        If `max_iter` was not enough.

    References
    ----------
    Corbett and Anderson (1995). Knowledge tracing: Modeling the acquisition of
    procedural knowledge. User Modeling and User-Adapted Interaction 4, 253-278.
    Pardos and Heffernan (2011). KT-IDEM: Introducing item difficulty to the knowledge
    tracing model. UMAP 2011. Qiu, Qi, Lu, Pardos and Heffernan (2011). Does time
    matter? Modeling the effect of time with Bayesian knowledge tracing. EDM 2011.

    Examples
    --------
    >>> from sktrace import BKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=200, n_skills=3, random_state=0)
    >>> bkt = BKTClassifier(random_state=0).fit(X, y)
    >>> bkt.params_.columns.tolist()
    ['prior', 'learn', 'guess', 'slip', 'forget']
    """

    _known_before = MappingProxyType(
        {
            "item": check_categories,
            "time": check_time,
            "learn_group": check_categories,
            "prior_group": check_categories,
        }
    )

    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        **dict.fromkeys(_known_before, "no_validation"),
        "forget": ["boolean"],
        "forget_gap": [Interval(Real, 0, None, closed="left")],
        "item_params": [tuple, list],
        "spread": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "n_restarts": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "bounds": [dict, None],
        "beta_prior": [dict, StrOptions({"population", "weak"}), None],
        "fixed": [dict, pd.DataFrame, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        item=None,
        time=None,
        learn_group=None,
        prior_group=None,
        skill_separator="~~",
        forget=False,
        forget_gap=43200.0,
        item_params=("guess", "slip"),
        spread="auto",
        n_restarts=5,
        tol=1e-4,
        max_iter=1000,
        bounds=None,
        beta_prior="population",
        fixed=None,
        handle_unknown="prior",
        random_state=None,
    ):
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct
        self.item = item
        self.time = time
        self.learn_group = learn_group
        self.prior_group = prior_group
        self.skill_separator = skill_separator
        self.forget = forget
        self.forget_gap = forget_gap
        self.item_params = item_params
        self.spread = spread
        self.n_restarts = n_restarts
        self.tol = tol
        self.max_iter = max_iter
        self.bounds = bounds
        self.beta_prior = beta_prior
        self.fixed = fixed
        self.handle_unknown = handle_unknown
        self.random_state = random_state

    @judged
    def fit(self, X, y, sample_weight=None):
        """Learn the parameters of every skill.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
            Interactions; BKT learns from the answers in X.
        y : array of shape (n_rows,)
            Two classes, usually ``X["correct"]``.
        sample_weight : array of shape (n_rows,), optional
            A student's answers on a skill count by their mean weight. An answer of
            weight 0 is an opportunity to learn, but the answer is not looked at.

        Returns
        -------
        BKTClassifier
            Itself, fitted.

        Raises
        ------
        TypeError
            If X is not a DataFrame.
        ValueError
            If X or y cannot be read, a student is in two groups, or `bounds`,
            `beta_prior`, `fixed` and `item_params` name what does not exist or state
            what cannot be. The message says what to call.
        """
        split_by = read_split(
            self.item, self.item_params, self.learn_group, self.prior_group
        )
        pieces = self._check_pieces(X, y, sample_weight)
        limits = read_limits(
            self.skills_.tolist(), self.forget, self.bounds, self.beta_prior, self.fixed
        )
        self.answer_means_ = answer_means(pieces.total(sum_targets))
        pieces = self._answers_of(pieces)
        self._cells_ = Cells.seen_in(pieces, len(self.skills_), split_by)
        random = check_random_state(self.random_state)
        fitted = fit_rates(
            lambda cells: Forest.grow(pieces, cells, self._gap),
            self._cells_,
            limits,
            which_are_learnt(self.beta_prior),
            draw_starts(self.n_restarts, len(self.skills_), random),
            self.spread,
            self.tol,
            self.max_iter,
        )
        self._keep(fitted, limits)
        indexes = {
            role: pd.Index(names, name=getattr(self, role), tupleize_cols=False)
            for role, names in self._names_.items()
        }
        tables = write_tables(
            indexes, self.params_, fitted, self._cells_, pieces, self._gap
        )
        for name, table in tables.items():
            setattr(self, name, table)
        warn_of_fit(self.params_, fitted, limits)
        return self

    def _refuse_answers(self, log):
        super()._refuse_answers(log)
        check_groups(log, self.prior_group, self.student)

    def _encode(self, log):
        check_groups(log, self.prior_group, self.student)
        return super()._encode(log)

    @property
    def knowledge_label(self):
        """What `knowledge_state` holds, for pictures."""
        return "P(known)"

    def knowledge_state(self, X):
        """Return P(known) of every skill after each row.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)

        Returns
        -------
        DataFrame of shape (n_rows, n_skills)
            Probability that the student knows each skill right after the row's moment,
            what was learnt from it included; X's index, one column per skill in
            ``skills_``. It takes 8 bytes a cell; some students at a time:
            `sktrace.inspection.iter_knowledge_states`.
        """
        return self._trace_skills(X)

    def _knowledge_after(self, entries, places, log, timeline):
        cells, rates = self._model()
        histories, grown = self._grow(log, timeline, cells)
        always = self._gap is None  # else nothing has been forgotten yet
        model = cells, rates, histories, grown.after, always
        return know_after(entries, places, log, timeline, *model)

    def _predict_log(self, log, timeline):
        cells, rates = self._model()
        histories, places = self._grow(log, timeline, cells)
        known = Filter(histories, rates).known_next(places.before, places.forgets)
        log = log.take(timeline.rows)
        guess, slip = (
            rates[cells.of_entries(name, log.skill, log.known_before), 0]
            for name in ("guess", "slip")
        )
        p = predict_answer(known[:, 0], guess, slip)
        return mix_targets(p, self.answer_means_)

    @property
    def _gap(self):
        """Seconds from which a skill may be forgotten; None if it always may."""
        return None if self.time is None else self.forget_gap

    def _grow(self, log, timeline, cells):
        return grow_histories(log, timeline, cells, gap=self._gap)

    def _model(self):
        """Return cells, and their rates, the unknown skill's last of the skills'."""
        theta = np.column_stack([self.params_.to_numpy().T, self._average_])
        rates = np.append(theta, self._pair_rates_)[:, np.newaxis]
        return self._cells_.with_unknown_skill(), rates

    def _live_model(self):
        cells, rates = self._model()
        return LiveKnowledge(cells, rates[:, 0], self._gap, self.answer_means_)

    def _answers_of(self, pieces):
        """Return the part of a log that fit learns about: answers, and weights."""
        pieces, counts = take_answers(pieces, len(self.skills_))
        if not counts:
            raise ValueError(
                f"Column {self.correct!r} (correct) holds no answer that counts; "
                f"{type(self).__name__} learns from the answers in X. Fit on rows that "
                "have answers."
            )
        return pieces

    def _keep(self, fitted, limits):
        """Store rates; a skill that nobody practised has the average ones."""
        theta, practised = fitted.theta, fitted.forest.practised
        self._average_ = theta @ practised / practised.sum()
        average = limits.clip(self._average_[:, np.newaxis, np.newaxis])[:, :, 0]
        theta = np.where(practised > 0, theta, average)
        skills = self._skill_index(self.skills_)
        self.params_ = pd.DataFrame(theta.T, index=skills, columns=list(NAMES))
        self._pair_rates_ = fitted.pairs
        value = fitted.log_likelihood(theta)
        self.log_likelihood_ = pd.Series(value, index=skills, name="log_likelihood")
        self.n_iter_, self.spread_ = fitted.n_iter, fitted.spread
