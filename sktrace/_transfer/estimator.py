"""A tracer that brings to a class what other classes taught."""

import warnings
from functools import cache
from importlib.resources import as_file, files
from numbers import Real
from os import PathLike
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from .._factor.pfa import PFAClassifier
from .._plain import set_attributes, stored
from .._portions.log import as_portions
from .._sklearn import Interval, StrOptions, judged
from .._tracer.base import BaseTracer
from .._tracer.reading import FURTHER, KNOWN_AFTER, KNOWN_BEFORE, READING
from .inputs import means_right, read_rows
from .live import LiveTransfer
from .network import PretrainedNetwork
from .trust import fit_trust

__all__ = ["TransferClassifier", "count_seen", "make_factors"]


@stored
class TransferClassifier(BaseTracer):
    """A factor model of this class, corrected by a network that other classes taught.

    A class of thirty has too few answers to teach a network, but how a student goes on
    after two wrong answers in a row, or after a pause, is much alike in all subjects.
    So a network that reads no names, of skills, items or students, learns it from other
    classes, and is given to this one::

        logit P(correct) = logit of PFA + trust · network(practice)

    `PFAClassifier` is fitted to the class; the network reads what it traces, such as
    ability, counts of practice and recent answers, and how much is known of the skill.
    The network was pretrained on classes that are not these; `fit` only asks the class
    how far to trust it: by folds of students, PFA is fitted without them, and trust is
    the most probable one given what they answered, with the prior Normal(1, 1/4)::

        trust = argmax sum log P(answer) - 2 (trust - 1)²,    trust >= 0

    Folds are asked one after the other until 20,000 answers were heard, and of a fold
    those students who were drawn first, as many as have 500,000 rows together. A log in
    portions, see `sktrace.datasets.scan_interactions`, teaches the same as the frame of
    its rows. Then PFA is fitted to portions, with and without those held out. In memory
    are the rows of those who are asked, and some 12 bytes for each row of the log: they
    say whose it is, and whether it teaches.

    Parameters
    ----------
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    item, time, features, past_features : str, list of str or None, default=None
        Further columns, which PFA reads; see `AFMClassifier`.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several.
    pretrained : "simulated", path or PretrainedNetwork, default="simulated"
        The network. ``"simulated"`` comes with the package and has learnt from made-up
        classes only, by `sktrace.datasets.make_classroom`. One that learnt from earlier
        classes of one's own platform knows more: see `sktrace.pretraining.pretrain`.
    trust : "auto" or float, default="auto"
        How far to trust the network; 0 is PFA alone.
    handle_unknown : {"prior", "error"}, default="prior"
        A skill not seen in fit is read as the average skill, or is refused.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Labels of y.
    skills_ : ndarray of shape (n_skills,)
        Skills seen in fit.
    factors_ : PFAClassifier
        The factor model of this class.
    network_ : PretrainedNetwork
        What other classes taught.
    trust_ : float
        How far the network is trusted.
    n_features_in_, feature_names_in_
        The columns read.

    See Also
    --------
    PFAClassifier : The factor model alone.
    sktrace.pretraining.pretrain : Learn from one's own classes.
    BlendClassifier : Weighs this and other tracers.

    References
    ----------
    .. [1] Learning what tasks have in common, from many of them: Baxter, J. (2000). A
       model of inductive bias learning. Journal of Artificial Intelligence Research,
       12. From made-up tasks: Hollmann, N. et al. (2025). Accurate predictions on small
       data with a tabular foundation model. Nature, 637.

    Examples
    --------
    >>> from sktrace import TransferClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=30, n_skills=3, random_state=0)
    >>> tracer = TransferClassifier().fit(X, y)
    >>> bool(tracer.trust_ > 0)
    True
    """

    _known_before = KNOWN_BEFORE
    _known_after = KNOWN_AFTER

    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        **FURTHER,
        "pretrained": [str, PathLike, PretrainedNetwork],
        "trust": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
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
        pretrained="simulated",
        trust="auto",
        handle_unknown="prior",
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
        self.pretrained = pretrained
        self.trust = trust
        self.handle_unknown = handle_unknown

    @judged
    def fit(self, X, y, sample_weight=None):
        """Fit the factor model of the class, and how far to trust the network.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), or log in portions
        y : array of shape (n_rows,)
            Two classes, usually ``X["correct"]``.
        sample_weight : array of shape (n_rows,), optional

        Returns
        -------
        TransferClassifier
            Itself, fitted.

        Raises
        ------
        ValueError
            If X, y or a parameter is not what the data contract says, or if all rows
            with weight are of one class.
        """
        network = self._read_network()
        portions = as_portions(X)
        X = X if portions is None else portions
        pieces = self._check_pieces(X, y, sample_weight)
        self.network_ = network
        self._seen_ = pieces.total(_count_taught, len(self.skills_))
        with warnings.catch_warnings():  # close is good enough, here
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.factors_ = make_factors(self).fit(X, y, sample_weight)
            self.trust_ = self.trust
            if isinstance(self.trust, str):  # "auto"
                self.trust_ = fit_trust(self, X, y, sample_weight)
        return self

    def _read_network(self):
        if isinstance(self.pretrained, PretrainedNetwork):
            self.pretrained.check()
            return self.pretrained
        if self.pretrained == "simulated":
            return _read_simulated()
        if not Path(self.pretrained).is_file():
            raise FileNotFoundError(
                f'pretrained={self.pretrained!r} is no file; expected "simulated", a '
                "PretrainedNetwork, or a file that PretrainedNetwork.save or "
                "`python -m sktrace pretrain` wrote."
            )
        return PretrainedNetwork.load(self.pretrained)

    def _to_stored(self):
        """Keep the network rather than the name of its file, which may be elsewhere."""
        attributes = dict(vars(self))
        if attributes["pretrained"] != "simulated":
            try:
                attributes["pretrained"] = self._read_network()
            except FileNotFoundError:
                if "network_" not in attributes:
                    raise
                attributes["pretrained"] = attributes["network_"]  # what was read then
        return attributes

    @classmethod
    def _from_stored(cls, attributes):
        tracer = set_attributes(cls, attributes)
        networks = [tracer.pretrained, getattr(tracer, "network_", "simulated")]
        for network in networks:
            if isinstance(network, PretrainedNetwork):
                network.check()
            elif network != "simulated":
                raise ValueError(f"a {type(network).__name__} is no network")
        return tracer

    def _predict_log(self, log, timeline):
        inputs = read_rows(self.factors_, self._seen_, log, timeline)
        p = self.network_.predict(inputs, self.trust_, means_right(self.factors_))
        return log.spread(p)[timeline.rows]

    def _live_model(self):
        return LiveTransfer(self)


def make_factors(estimator):
    """Return an unfitted factor model that reads the columns of an estimator."""
    stated = {name: getattr(estimator, name) for name in READING}
    return PFAClassifier(**stated)


def count_seen(log, n_skills, weight=1.0):
    """Count the answers on each skill in a training log, 0 of an unseen one."""
    told = ~np.isnan(log.correct) & (weight > 0)
    seen = np.bincount(log.skill, told, n_skills + 1)
    seen[n_skills] = 0
    return seen


def _count_taught(piece, n_skills):
    return count_seen(piece.log, n_skills, piece.weight)


@cache
def _read_simulated():
    with as_file(files(__package__) / "simulated.npz") as path:
        return PretrainedNetwork.load(path)
