"""Bayesian knowledge tracing as a scikit-learn classifier."""

import warnings
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from .._interactions.target import answer_means, mix_targets
from .._interactions.timeline import Timeline
from .._sklearn import Interval, judged
from .._tracer.base import BaseTracer
from .._words import first_few
from .em import filter_known, log_likelihood, maximize, predict_answer
from .histories import grow_histories
from .limits import NAMES, draw_starts, name_states, read_limits
from .live import LiveKnowledge

__all__ = ["BKTClassifier"]


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
    accelerated, from several starts. Skills do not see each other: a skill's parameters
    do not depend on which others are in the log. Rows of one moment on one skill are
    one opportunity with several answers; a row without an answer is none.

    Parameters
    ----------
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several; predictions are averaged over
        them, and its answer is evidence on each.
    forget : bool, default=False
        Whether what is known can be forgotten; if not, ``forget`` is 0.
    n_restarts : int, default=5
        Starts of EM per skill: one where skills change slowly, one where they come and
        go, and the others at random. After 24 steps the most likely goes on alone.
    tol : float, default=1e-4
        EM of a skill stops when three steps together gain less log-likelihood.
    max_iter : int, default=1000
        Most EM steps, looked at every third step, and after the short run of several
        starts.
    bounds : dict or None, default=None
        Range of parameters by name, such as ``{"guess": (0, 0.5), "slip": (0, 0.5)}``.
    beta_prior : dict or None, default=None
        Beta(a, b) prior of parameters by name, such as ``{"guess": (2, 5)}``, with a
        and b at least 1; the fit is then the most probable instead of the most likely
        one. Beta(1, 1) changes nothing; Beta(a, b) weighs as much as a - 1 cases in
        which it happened and b - 1 in which it did not.
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
    log_likelihood_ : Series of shape (n_skills,)
        Log-likelihood of each skill's training answers.
    n_iter_ : int
        EM steps of the skill that took most.
    answer_means_ : ndarray of shape (2,)
        Mean target of rows answered wrong and right: 0 and 1, unless y is something
        else than the answer. P(``classes_[1]``) is their mixture by P(correct).
    n_features_in_, feature_names_in_
        The columns read.

    Warns
    -----
    UserWarning
        If a fitted guess or slip is above 0.5, so that "known" means less; `bounds` and
        `beta_prior` avoid it. If `fixed` names none of the skills in X.
    ConvergenceWarning
        If `max_iter` was not enough.

    References
    ----------
    Corbett and Anderson (1995). Knowledge tracing: Modeling the acquisition of
    procedural knowledge. User Modeling and User-Adapted Interaction 4, 253-278.

    Examples
    --------
    >>> from sktrace import BKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=200, n_skills=3, random_state=0)
    >>> bkt = BKTClassifier(random_state=0).fit(X, y)
    >>> bkt.params_.columns.tolist()
    ['prior', 'learn', 'guess', 'slip', 'forget']
    """

    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        "forget": ["boolean"],
        "n_restarts": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "bounds": [dict, None],
        "beta_prior": [dict, None],
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
        skill_separator="~~",
        forget=False,
        n_restarts=5,
        tol=1e-4,
        max_iter=1000,
        bounds=None,
        beta_prior=None,
        fixed=None,
        handle_unknown="prior",
        random_state=None,
    ):
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct
        self.skill_separator = skill_separator
        self.forget = forget
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
            If X or y cannot be read, or `bounds`, `beta_prior` and `fixed` name what
            does not exist or state what cannot be. The message says what to call.
        """
        log, target, weight = self._check_fit(X, y, sample_weight)
        skills = self.skills_.tolist()
        limits = read_limits(
            skills, self.forget, self.bounds, self.beta_prior, self.fixed
        )
        self.answer_means_ = answer_means(log.correct, target, weight * log.opens_row)
        histories = self._read_answers(log, weight)
        starts = draw_starts(
            self.n_restarts, len(skills), check_random_state(self.random_state)
        )
        theta, self.n_iter_, converged = maximize(
            histories, starts, limits, self.tol, self.max_iter
        )
        if limits.are_free:  # with forgetting, that is
            theta = name_states(theta)
        self._keep(theta, histories, limits)
        self._warn(converged, limits)
        return self

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
            ``skills_``. It takes 8 bytes a cell: trace the students you need.
        """
        log, timeline = self._read(X)
        histories, _, after = self._grow(log, timeline)
        known = filter_known(histories, self._theta())[:, 0]
        last = self._last_practised(log.skill[timeline.rows], timeline)
        node = np.where(last < 0, np.arange(len(self.skills_)), after[last])
        state = log.first(timeline.restore(known[node]))
        return pd.DataFrame(
            state, index=X.index, columns=self._skill_index(self.skills_)
        )

    def _last_practised(self, skill, timeline):
        """Return the last entry of each skill up to each entry's moment; -1 if none."""
        entries = np.arange(len(skill))
        last = np.full((len(skill), len(self.skills_) + 1), -1, dtype=np.int32)
        last[entries, skill] = entries
        last = np.maximum.accumulate(last, axis=0)[:, :-1]
        moment_ends = np.append(timeline.moment_starts[1:], len(skill)) - 1
        last = last[moment_ends[timeline.moment]]
        first = timeline.offsets[timeline.student, np.newaxis]
        return np.where(last < first, -1, last)  # what others practised does not count

    def _predict_log(self, log, timeline):
        theta = self._theta()
        histories, before, _ = self._grow(log, timeline)
        known = filter_known(histories, theta)[before, 0]
        _, _, guess, slip, _ = theta[:, log.skill[timeline.rows], 0]
        return mix_targets(predict_answer(known, guess, slip), self.answer_means_)

    def _grow(self, log, timeline):
        return grow_histories(log, timeline, len(self.skills_) + 1)

    def _theta(self):
        """Return all parameters, the unknown skill's last, as EM shapes them."""
        theta = np.column_stack([self.params_.to_numpy().T, self._average_])
        return theta[:, :, np.newaxis]

    def _live_model(self):
        return LiveKnowledge(self._theta()[:, :, 0], self.answer_means_)

    def _read_answers(self, log, weight):
        """Return the histories of the skills that fit learns about."""
        used = (log.skill < len(self.skills_)) & ~np.isnan(log.correct)
        if not (weight[used] > 0).any():
            raise ValueError(
                f"Column {self.correct!r} (correct) holds no answer that counts; "
                f"{type(self).__name__} learns from the answers in X. Fit on rows that "
                "have answers."
            )
        log, weight = log.take(used), weight[used]
        timeline = Timeline.of(log)
        histories, _, _ = grow_histories(log, timeline, len(self.skills_), weight)
        return histories

    def _keep(self, theta, histories, limits):
        """Store parameters; a skill that nobody practised has the average ones."""
        n_skills = len(self.skills_)
        practised = np.bincount(
            histories.skill[n_skills:], histories.weight[n_skills:], n_skills
        )
        self._average_ = theta @ practised / practised.sum()
        average = limits.clip(self._average_[:, np.newaxis, np.newaxis])[:, :, 0]
        theta = np.where(practised > 0, theta, average)
        skills = self._skill_index(self.skills_)
        self.params_ = pd.DataFrame(theta.T, index=skills, columns=list(NAMES))
        value = log_likelihood(histories, theta[:, :, np.newaxis])[:, 0]
        self.log_likelihood_ = pd.Series(value, index=skills, name="log_likelihood")

    def _warn(self, converged, limits):
        """Warn of skills whose fit is not what its parameters are called."""
        if not converged.all():
            names = first_few(self.skills_[~converged].tolist())
            warnings.warn(
                f"EM has not converged after {self.n_iter_} steps for "
                f"{(~converged).sum()} skill(s): {names}. Raise max_iter or tol.",
                ConvergenceWarning,
                stacklevel=3,
            )
        high = (self.params_.to_numpy().T > 0.5) & ~limits.held[:, :, 0]
        degenerate = high[NAMES.index("guess")] | high[NAMES.index("slip")]
        if degenerate.any():
            names = first_few(self.skills_[degenerate].tolist())
            warnings.warn(
                f"guess or slip is above 0.5 for {degenerate.sum()} skill(s): {names}. "
                "There, to know is not to answer right; see params_. Keep below by "
                'bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, or by a beta_prior.',
                UserWarning,
                stacklevel=3,
            )
