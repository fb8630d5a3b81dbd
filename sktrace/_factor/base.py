"""What factor models share: parameters, tables of effects, predictions."""

from numbers import Integral, Real
from operator import attrgetter

import numpy as np
import pandas as pd
from scipy.special import expit

from .._interactions.practice import SCALES
from .._interactions.target import answer_means, sum_targets
from .._sklearn import Interval, StrOptions, judged
from .._tracer.base import BaseTracer
from .._tracer.reading import FURTHER, KNOWN_AFTER, KNOWN_BEFORE
from .ability import predict_from_ability
from .design import choose_rows, know
from .effects import Trace
from .live import LiveFactors
from .looking import Looking, look_back, trace_rows
from .regression import Regression
from .rows import Reading, Rows, Scaling
from .tables import average_table, feature_table, item_table, student_table

__all__ = ["FactorModel"]

_POSITIVE = Interval(Real, 0, None, closed="neither")
# Decays of averages, and what those of all answers and on the asked skill count a
# priori: the mean of what two large public logs say, in which ability counts less, too.
_AVERAGES = {0.5: (0.15, 0.4), 0.8: (0.7, -0.4), 0.95: (0.35, 1.7)}
_WEIGHT = 0.75
_DRIFTS = 0.98  # persistence of ability without averages, which tell what is recent


class FactorModel(BaseTracer):
    """A logistic model of counts of practice, with a student's ability or without.

    A subclass names the counts: `_counts`, the first of which is what `positive`
    keeps from having negative slopes. `_weighs_evidence` says whether an answer tells
    more of ability, the more its item discriminates, where averages do not tell it.
    """

    _counts = ()
    _weighs_evidence = False
    _known_before = KNOWN_BEFORE
    _known_after = KNOWN_AFTER

    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        **FURTHER,
        "counts": [StrOptions(set(SCALES))],
        "half_life": [_POSITIVE],
        "slopes": [StrOptions({"per_skill", "shared"})],
        "positive": ["boolean"],
        "item_slopes": ["boolean"],
        "averages": [StrOptions({"auto"}), "array-like", None],
        "student_effect": [StrOptions({"online", "fixed"}), None],
        "persistence": [Interval(Real, 0, 1, closed="both"), StrOptions({"auto"})],
        "C_skill": [_POSITIVE, StrOptions({"auto"})],
        "C_slope": [_POSITIVE, StrOptions({"auto"})],
        "C_item": [_POSITIVE, StrOptions({"auto"}), None],
        "C_student": [_POSITIVE, StrOptions({"auto"}), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [_POSITIVE],
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
        features=None,
        past_features=None,
        skill_separator="~~",
        counts="log",
        half_life=604_800.0,
        slopes="per_skill",
        positive=False,
        item_slopes=True,
        averages="auto",
        student_effect="online",
        persistence="auto",
        C_skill="auto",
        C_slope="auto",
        C_item="auto",
        C_student="auto",
        handle_unknown="prior",
        max_iter=100,
        tol=1e-8,
    ):
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct
        self.item = item
        self.time = time
        self.features = features
        self.past_features = past_features
        self.skill_separator = skill_separator
        self.counts = counts
        self.half_life = half_life
        self.slopes = slopes
        self.positive = positive
        self.item_slopes = item_slopes
        self.averages = averages
        self.student_effect = student_effect
        self.persistence = persistence
        self.C_skill = C_skill
        self.C_slope = C_slope
        self.C_item = C_item
        self.C_student = C_student
        self.handle_unknown = handle_unknown
        self.max_iter = max_iter
        self.tol = tol

    @judged
    def fit(self, X, y, sample_weight=None):
        """Fit the effects of skills, items, counts and students.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
        y : array of shape (n_rows,)
            Two classes, usually ``X["correct"]``.
        sample_weight : array of shape (n_rows,), optional
            How many answers each row counts for.

        Returns
        -------
        AFMClassifier, PFAClassifier or RaschClassifier
            Itself, fitted.

        Raises
        ------
        ValueError
            If X, y or a parameter is not what the data contract says, or if all rows
            with weight are of one class.
        """
        decays = self._check_parameters()
        pieces = self._check_pieces(X, y, sample_weight)
        self.answer_means_ = answer_means(pieces.total(sum_targets))
        self._decays_, self._persistence_ = decays, self.persistence
        if isinstance(self.persistence, str):  # "auto"
            self._persistence_ = 1.0 if len(decays) else _DRIFTS
        n_seen = pieces.total(_weigh_skills, len(self.skills_))
        with_students = self.student_effect is not None
        rows = pieces.keep(choose_rows, self._reading, with_students)
        self._refuse_one_class(rows)
        self._scaling_ = Scaling.of(rows)
        rows = rows.keep(know, self._scaling_)
        regression = Regression(self, rows).fit()
        self._keep(regression, n_seen, rows)
        if self._reads_out():
            self._fit_readout(regression, rows, n_seen)
        return self

    @property
    def _reading(self):
        """How rows are read."""
        n_items = len(self._names_["item"]) if self.item is not None else 0
        return Reading(self._counts, self.counts, self.half_life, n_items)

    def _refuse_one_class(self, rows):
        """Refuse rows with weight that are all of one class."""
        found = np.unique(np.concatenate(rows.map(_find_targets)))
        if len(found) == 1:
            only = self.classes_.tolist()[int(found[0])]
            raise ValueError(
                f"All rows with weight are of class {only!r}; {type(self).__name__} "
                "needs right and wrong answers. Fit on more students, or give weight "
                "to rows of the other class."
            )

    def _check_parameters(self):
        """Judge what constraints cannot; return the decays of averages."""
        if self.averages is None:
            return np.empty(0)
        fixed = self.student_effect == "fixed"
        if isinstance(self.averages, str):  # "auto"
            return np.array([] if fixed else [*_AVERAGES])
        decays = np.asarray(self.averages, dtype=float)
        if decays.ndim != 1 or not ((decays >= 0) & (decays < 1)).all():
            raise ValueError(
                f"averages={self.averages!r}; expected decays of at least 0 and below "
                "1, such as averages=(0.5, 0.8, 0.95), or averages=None."
            )
        if fixed and len(decays):
            raise ValueError(
                f'averages={self.averages!r} with student_effect="fixed", which has '
                "seen the answers that they average; expected averages=None, or "
                'student_effect="online".'
            )
        return decays

    def _expected(self):
        """Return what ability and averages count a priori."""
        if isinstance(self.averages, str) and len(self._decays_):  # "auto"
            return _WEIGHT, np.array([*_AVERAGES.values()]).T.ravel()
        return 1.0, np.zeros(2 * len(self._decays_))

    def _reads_out(self):
        """Say whether a second regression reads what was traced."""
        return bool(len(self._decays_)) or self._discriminates()

    def _discriminates(self):
        return (
            self.item_slopes
            and self.item is not None
            and self.student_effect == "online"
        )

    def _keep(self, regression, n_seen, rows):
        """Store what was fitted, in the tables that predict."""
        effects = self._effects_ = regression.effects(_average_by(n_seen))
        self._readout_ = None
        self.intercept_ = effects.intercept
        self.n_iter_ = regression.n_iter
        columns = ["intercept", *(f"slope_{name}" for name in self._counts)]
        self.skill_effects_ = pd.DataFrame(
            effects.skills[:-1], index=self._skill_index(self.skills_), columns=columns
        )
        self.average_skill_ = pd.Series(effects.skills[-1], columns)
        scales = {name: scale.values for name, scale in regression.scales.items()}
        self.skill_scales_ = pd.Series(
            np.append(scales["skills"], np.zeros(len(columns) - len(scales["skills"]))),
            columns,
        )
        if self.item is not None:
            self.item_scale_ = float(scales["items"][0])
            self.items_ = item_table(regression, self._item_index())
            if self._counts:
                self.item_practice_ = pd.Series(effects.item_counts, columns[1:])
        if self._scaling_ is not None:
            self.feature_effects_ = feature_table(
                effects.features, self._scaling_, self._roles
            )
        if self.student_effect is not None:
            self.student_scale_ = float(scales["students"][0])
            students = np.concatenate(rows.map(attrgetter("students")))
            index = pd.Index(students, name=self.student, tupleize_cols=False)
            self.student_effects_ = student_table(regression, index)

    def _fit_readout(self, regression, rows, n_seen):
        """Fit effects anew, beside ability and averages as they are traced.

        Effects that were fitted beside abilities which have seen all answers cannot
        say how much traced ones are worth, and a row's own answer is in its item's
        effect; so all is fitted again.
        """
        slopes = None
        for _ in range(1 + (self._weighs_evidence and self._discriminates())):
            traced = rows.keep(trace_rows, self._effects_, self._looking(slopes))
            regression = regression.beside(
                traced, *self._expected(), self._discriminates()
            ).fit()
            self.n_iter_ += regression.n_iter
            readout = regression.readout(_average_by(n_seen))
            self._readout_ = readout._replace(slopes=slopes)
            if readout.discriminations is not None:
                slopes = np.maximum(readout.discriminations, 0.0)
        if self._readout_.discriminations is not None:
            self.items_["discrimination"] = self._readout_.discriminations[:-1]
        if len(self._decays_):
            averages = self._readout_.averages
            self.average_effects_ = average_table(averages, self._decays_)

    def _predict_log(self, log, timeline):
        return log.spread(self._trace(Rows(self._reading, log, timeline)).p)[
            timeline.rows
        ]

    def _trace(self, rows):
        """Return what is known and traced of rows, and what it predicts."""
        known = rows.known(self._scaling_)
        logit = self._effects_.logit(known)
        readout = self._readout_
        slopes = None if readout is None else readout.slopes
        mean, variance, averages = look_back(rows, logit, self._looking(slopes))
        if self.student_effect == "fixed":
            effects = self.student_effects_["effect"].to_dict()
            students = pd.Index(rows.log.students, tupleize_cols=False)  # no integers
            fixed = np.array([effects.get(student, 0.0) for student in students])
            p = expit(logit + fixed[rows.log.first(rows.log.student)])
        elif readout is not None:
            p = readout.predict(known, mean, variance, averages)
        elif self.student_effect is None:
            p = expit(logit)
        else:
            p = predict_from_ability(logit, mean, variance)
        return Trace(known, logit, mean, variance, averages, p)

    def _looking(self, slopes=None):
        """How the past is looked at; `slopes` are those of items."""
        online = self.student_effect == "online"
        scale = self.student_scale_ if online else None
        means, decays = self.answer_means_, self._decays_
        return Looking(means, decays, scale, self._persistence_, slopes)

    def _live_model(self):
        return LiveFactors(self)


def _average_by(n_seen):
    """Return what averages effects over the rows that name each skill."""

    def average(skills):
        known = skills[:-1]
        # That of the prior, where no row with weight names a skill.
        return n_seen @ known / n_seen.sum() if n_seen.any() else skills[-1]

    return average


def _weigh_skills(piece, n_skills):
    """Sum up the weights of rows by skill."""
    return np.bincount(piece.log.skill, piece.weight, n_skills + 1)[:-1]


def _find_targets(rows):
    return np.unique(rows.target)
