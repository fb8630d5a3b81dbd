"""A tracer that blends others, by weights learnt on students they have not seen."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.utils import Bunch, check_random_state
from sklearn.utils.metaestimators import available_if

from .._interactions.timeline import Timeline
from .._plain import set_attributes, stored
from .._portions.log import as_portions
from .._sklearn import Composition, Interval, StrOptions, judged_around_another
from .._tracer.base import BaseTracer
from .._tracer.questions import roles_of
from .._tracer.reading import FURTHER, KNOWN_AFTER, KNOWN_BEFORE
from .live import LiveBlend, columns_of
from .members import default_members, fit_members, named_members, tell
from .strangers import Strangers
from .weights import blend_predictions

__all__ = ["BlendClassifier"]


def _as_numbers(weights, names):
    """Return weights as an array, empty if they are no numbers; by name of a Series."""
    if isinstance(weights, pd.Series) and set(weights.index) == set(names):
        weights = weights[names]
    try:
        return np.asarray(weights, dtype=float)
    except (TypeError, ValueError):
        return np.empty(0)


def _members_serve_tutors(blend):
    members = getattr(blend, "estimators_", [])
    return all(hasattr(member, "_live_model") for member in members)


@stored
class BlendClassifier(Composition, BaseTracer):
    r"""Blend tracers: their logits are added up, by weights learnt out of sample.

    .. math:: \mathrm{logit}\, P = \sum_i w_i \, \mathrm{logit}\, p_i, \quad w_i \ge 0

    with p the members' predictions of a row. A regression and a network err in
    different ways, so their blend is better than either, and where the log is too
    small for one of them, its weight goes to zero.

    Weights are learnt inside `fit`. A fifth of the students is held out, members are
    fitted on the others, and what they predict of those held out is weighed by a
    penalized logistic regression. Then members are fitted on everyone. In a class of
    less than 500 students, one fifth after the other is held out until a hundred
    students were, which may be all of them. Of a fifth those students who were drawn
    first are asked, as many as have 500,000 rows together.

    A log in portions, see `sktrace.datasets.scan_interactions`, teaches the same as the
    frame of its rows, where its members do. They are fitted to portions, with and
    without those held out. In memory are what a member needs, the rows of those who are
    asked, and some 12 bytes for each row of the log: they say whose it is, and whether
    it teaches. Weights of rows take 8 more.

    Parameters
    ----------
    estimators : list of (str, tracer), default=None
        Names, and unfitted tracers of any kind, which are cloned. ``"drop"`` in place
        of one leaves it out. None blends `TransferClassifier`, called
        ``"transfer"``, `BKTClassifier`, ``"bkt"``, and `DKTClassifier`, ``"dkt"``.
    weights : "auto", array-like of shape (n_estimators,) or None, default="auto"
        ``"auto"`` learns them. Others are taken as the formula has them, so
        ``[0.5, 0.5]`` is the mean; None is the mean, too. Then nothing is held out.
    n_folds : int, default=5
        Into how many parts students are divided, to learn the weights. One part is
        held out if it holds 100 students; of smaller parts as many, one after the
        other, as hold these, or all.
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. They, and the
        parameters to ``handle_unknown``, are said once, to the blend: members that
        have the parameter are told, and one that states something else is refused.
    item, time, features, past_features : str, or lists of str; default=None
        Further columns, which the members read that know how; see `DKTClassifier`.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several.
    handle_unknown : {"prior", "error"}, default="prior"
        What is done with skills that fit did not see; see `DKTClassifier`.
    n_jobs : int, default=None
        How many members are fitted at a time; as in scikit-learn.
    random_state : int, RandomState instance or None, default=None
        Draws who is held out, and seeds members whose own is None.

    Attributes
    ----------
    weights_ : Series of shape (n_estimators,)
        Weight of each member, by its name; not below 0, and of a sum near 1.
    estimators_ : list of tracers
        Members as fitted on all students; those of weight 0 and those that are dropped
        are not among them.
    named_estimators_ : Bunch
        All members by name, ``"drop"`` in place of those that are not fitted.
    n_held_out_ : int
        How many students taught the weights; 0 if these were stated.
    classes_ : ndarray of shape (2,)
        Labels of y.
    skills_ : ndarray of shape (n_skills,)
        Skills seen in fit.
    n_features_in_, feature_names_in_
        The columns read.

    See Also
    --------
    sklearn.ensemble.VotingClassifier : Averages probabilities by stated weights.
    sklearn.ensemble.StackingClassifier : Fits every member once more for each fold.

    References
    ----------
    Bordley (1982). A multiplicative formula for aggregating probability assessments.
    Management Science 28.

    Breiman (1996). Stacked regressions. Machine Learning 24: weights that are not
    negative.

    Examples
    --------
    >>> from sktrace import BKTClassifier, BlendClassifier, PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=30, n_skills=3, random_state=0)
    >>> below_half = {"guess": (0, 0.5), "slip": (0, 0.5)}
    >>> blend = BlendClassifier(
    ...     [("pfa", PFAClassifier()), ("bkt", BKTClassifier(bounds=below_half))],
    ...     random_state=0,
    ... ).fit(X, y)
    >>> blend.weights_.index.tolist()
    ['pfa', 'bkt']
    >>> blend.predict_proba(X).shape == (len(X), 2)
    True
    """

    _known_before = KNOWN_BEFORE
    _known_after = KNOWN_AFTER
    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        **FURTHER,
        "estimators": [list, None],
        "weights": [StrOptions({"auto"}), "array-like", None],
        "n_folds": [Interval(Integral, 2, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimators=None,
        *,
        weights="auto",
        n_folds=5,
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        item=None,
        time=None,
        features=None,
        past_features=None,
        skill_separator="~~",
        handle_unknown="prior",
        n_jobs=None,
        random_state=None,
    ):
        self.estimators = estimators
        self.weights = weights
        self.n_folds = n_folds
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct
        self.item = item
        self.time = time
        self.features = features
        self.past_features = past_features
        self.skill_separator = skill_separator
        self.handle_unknown = handle_unknown
        self.n_jobs = n_jobs
        self.random_state = random_state

    def get_params(self, deep=True):
        """Return parameters by name; of members, too, as ``dkt__hidden_size``.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        dict
        """
        return self._get_params("estimators", deep=deep)

    def set_params(self, **params):
        """Set parameters, replace members by name, or set their parameters.

        Parameters
        ----------
        **params
            Such as ``weights=None``, ``bkt="drop"`` or ``dkt__hidden_size=50``.

        Returns
        -------
        BlendClassifier
            Itself.
        """
        named = {name.partition("__")[0] for name in params}
        if self.estimators is None and named & {name for name, _ in default_members()}:
            self.estimators = default_members()
        return self._set_params("estimators", **params)

    @judged_around_another
    def fit(self, X, y, sample_weight=None):
        """Fit members, and learn how much each of them counts.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), or log in portions
            Interactions, in any row order.
        y : array of shape (n_rows,)
            Two classes, usually ``X["correct"]``.
        sample_weight : array of shape (n_rows,), optional
            Passed on to members, and weights of the answers that are held out.

        Returns
        -------
        BlendClassifier
            Itself, fitted.

        Raises
        ------
        TypeError
            If X is neither a DataFrame nor a log in portions, or a member no tracer.
        ValueError
            If X, y or a parameter is not what the data contract says, or a member
            states another column than the blend.
        """
        return self._hold(self._fit_others((), X, y, sample_weight))

    def _fit_others(self, elsewhere, X, y, sample_weight=None):
        """Learn the weights, and fit the members but those that are fitted elsewhere.

        Returns
        -------
        dict of str to tracer
            The others, as far as they count.
        """
        portions = as_portions(X)
        X = X if portions is None else portions
        named = named_members(self)
        stated = self._stated_weights(named)
        random = check_random_state(self.random_state)
        members = self._list_members(random)
        own = {name: m for name, m in members.items() if name not in elsewhere}
        self._check_pieces(X, y, sample_weight)
        log = X, y, sample_weight
        self.n_held_out_, fitted = 0, {}
        if stated is None:
            # Weights of 0 are rare: who works side by side does not wait for them.
            beside = portions is None and effective_n_jobs(self.n_jobs) > 1
            strangers = Strangers.of(self, log, random)
            p, fitted = strangers.ask(members, self.n_jobs, own if beside else {})
            learnt, self.n_held_out_ = self._learn_weights(members, strangers, p)
            stated = [learnt.get(name, 0.0) for name in named]
        index = pd.Index(list(named), name="member")
        self.weights_ = pd.Series(stated, index, dtype=float, name="weight")
        lacking = {n: m for n, m in own.items() if self.weights_[n] and n not in fitted}
        return fitted | fit_members(lacking, *log, self.n_jobs)

    def _hold(self, fitted):
        """Take in fitted members, those of weight 0 left out."""
        names = self.weights_.index[self.weights_ > 0]
        fitted = {name: fitted[name] for name in names}
        for name, member in fitted.items():
            self._check_names(name, member)
        self.estimators_ = list(fitted.values())
        dropped = dict.fromkeys(self.weights_.index, "drop")
        self.named_estimators_ = Bunch(**(dropped | fitted))
        self._weights = self.weights_[names].to_numpy()
        return self

    def _list_members(self, random=None):
        """Return members as they are fitted, those that are dropped left out."""
        named = named_members(self)
        random = check_random_state(self.random_state) if random is None else random
        seeds = random.randint(2**31 - 1, size=len(named)).tolist()
        return {
            name: tell(self, name, member, seed)
            for (name, member), seed in zip(named.items(), seeds, strict=True)
            if not isinstance(member, str)
        }

    def _stated_weights(self, named):
        """Return a weight per member, 0 of those that are dropped; None: learn them."""
        kept = np.array([not isinstance(member, str) for member in named.values()])
        if self.weights is None:
            return kept / kept.sum()
        if isinstance(self.weights, str):  # "auto"
            return None if kept.sum() > 1 else kept.astype(float)
        weights = _as_numbers(self.weights, list(named))
        if (
            weights.shape != kept.shape
            or not (np.isfinite(weights) & (weights >= 0)).all()
            or not (weights * kept).any()
        ):
            raise ValueError(
                f"weights={self.weights!r}; expected {len(kept)} finite numbers of at "
                f"least 0, not all of them 0, one for each of {list(named)}, or "
                'weights="auto".'
            )
        return weights * kept

    def _learn_weights(self, members, strangers, p):
        """Return weights by member, and from how many students they are learnt."""
        if strangers.parts:
            weights, n_students = strangers.learn_weights(p, self)
            return dict(zip(members, weights, strict=True)), n_students
        warnings.warn(
            "Members have equal weights: no student can be held out so that the "
            "others give right and wrong answers, by whom to learn better ones. "
            "Fit on more students, or state weights=[...].",
            UserWarning,
            stacklevel=5,  # to the caller of fit, which is decorated
        )
        return dict.fromkeys(members, 1 / len(members)), 0

    def _check_names(self, name, member):
        """Refuse a member that codes skills or items otherwise than the blend."""
        own = {"skill": member.skills_, **member._names_}
        ours = {"skill": self.skills_, **self._names_}
        odd = [role for role in own if own[role].tolist() != ours[role].tolist()]
        if odd or not np.array_equal(member.classes_, self.classes_):
            raise ValueError(
                f"Member {name!r} learnt other names of {odd[0] if odd else 'classes'} "
                "than the blend; expected a tracer that learns them by _check_fit of "
                "BaseTracer, on all of X."
            )

    def _to_stored(self):
        attributes = dict(vars(self))
        if "named_estimators_" in attributes:  # each stands in a file once
            places = {id(member): k for k, member in enumerate(self.estimators_)}
            named = self.named_estimators_.items()
            attributes["named_estimators_"] = {n: places.get(id(m)) for n, m in named}
        return attributes

    @classmethod
    def _from_stored(cls, attributes):
        blend = set_attributes(cls, attributes)
        if hasattr(blend, "named_estimators_"):
            members = {None: "drop", **dict(enumerate(blend.estimators_))}
            named = blend.named_estimators_.items()
            blend.named_estimators_ = Bunch(**{n: members[k] for n, k in named})
        return blend

    @available_if(_members_serve_tutors)
    def _live_model(self):
        return LiveBlend(self)

    def _predict_log(self, log, timeline):
        p = [
            member._predict_rows(own, Timeline.of(own))
            for member, own, _ in self._read_by_members(log)
        ]
        return log.spread(blend_predictions(p, self._weights))[timeline.rows]

    def _predict_next(self, log, timeline, asked):
        p = []
        for member, own, roles in self._read_by_members(log):
            part = asked._replace(further=columns_of(asked.further, roles))
            p.append(member._predict_next(own, Timeline.of(own), part))
        return blend_predictions(p, self._weights)

    def _read_by_members(self, log):
        """Yield each member, the log with no other columns than it reads, and these."""
        for member in self.estimators_:
            roles = set(roles_of(member).further)
            own = log._replace(
                known_before=columns_of(log.known_before, roles),
                known_after=columns_of(log.known_after, roles),
                names=columns_of(log.names, roles),
            )
            yield member, own, roles
