"""The Rasch model and its two-parameter kin: ability and items, without practice."""

from types import MappingProxyType

from .._plain import stored
from .._sklearn import StrOptions
from .base import FactorModel

__all__ = ["RaschClassifier"]

_OF_PRACTICE = {  # parameters, or of what else it does not read
    *("time", "features", "past_features", "counts", "half_life", "slopes"),
    *("positive", "item_slopes", "averages", "C_slope"),
}


@stored
class RaschClassifier(FactorModel):
    """Rasch model: a student's ability against the difficulty of an item.

    One parameter for each item [1]_, or two [2]_::

        model="1pl"    logit P(correct) = ability - difficulty
        model="2pl"    logit P(correct) = discrimination · (ability - difficulty)

    Abilities and difficulties are random effects with normal priors, whose variances
    are fitted, so that an item with three answers is nearly the average item, and one
    that fit did not see is. As in `AFMClassifier`, ability is not looked up but traced
    through the student's own earlier answers, so that students may be new. What it
    lacks is practice: an item is as hard at the tenth attempt as at the first.

    With two parameters, a second regression reads the ability that the first one has
    traced, and weighs it by item; ``discrimination`` is shrunk to 1. Then ability is
    traced and read again: the more an item discriminates, the more its answer tells.

    Parameters
    ----------
    student, order : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"`` and ``"order_id"``.
    skill : str or None, default=None
        A column of skills, whose effects items' difficulties are relative to, if X has
        one: an item with few answers is then nearly the average one of its skill.
    correct : str, default="correct"
        Column of the answer given: 0, 1 or missing.
    item : str, default="item_id"
        Column of the problem, question or step that was answered.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several.
    model : {"1pl", "2pl"}, default="1pl"
        Whether all items discriminate alike.
    student_effect, persistence : default="online" and 0.98
        How ability is traced; see `AFMClassifier`. ``persistence=1`` is the classical
        ability that never changes.
    C_skill, C_item, C_student : float or "auto", default="auto"
        Prior variances, in squared logits, of the effects of skills, of difficulties
        and of ability. ``"auto"`` fits them to the log.
    handle_unknown : {"prior", "error"}, default="prior"
        A skill not seen in fit is the average skill, or is refused.
    max_iter, tol : default=100 and 1e-6
        Most Newton steps of one fit, and where it ends; see `AFMClassifier`.

    Attributes
    ----------
    items_ : DataFrame of shape (n_items, 3) or (n_items, 4)
        ``difficulty`` of each item in logits, its standard error ``se``, ``n_answers``
        and, with two parameters, ``discrimination``.
    intercept_ : float
        Logit of a student of ability 0 at the average item.
    item_scale_ : float
        Standard deviation of difficulties.
    skill_effects_ : DataFrame of shape (n_skills, 1)
        ``intercept`` of each skill.
    skill_scales_ : Series
        Standard deviation of that between skills.
    classes_, skills_, average_skill_, student_effects_, student_scale_
        As in `AFMClassifier`, and so are `answer_means_`, `n_iter_`,
        `n_features_in_` and `feature_names_in_`.

    See Also
    --------
    AFMClassifier : Has items, and practice.

    References
    ----------
    .. [1] Rasch, G. (1960). Probabilistic models for some intelligence and attainment
       tests. Copenhagen: Danish Institute for Educational Research.
    .. [2] Birnbaum, A. (1968). Some latent trait models and their use in inferring an
       examinee's ability. In Lord, F. M. and Novick, M. R., Statistical theories of
       mental test scores. Addison-Wesley.

    Examples
    --------
    >>> from sktrace import RaschClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=50, n_skills=2, n_items=8, random_state=0)
    >>> rasch = RaschClassifier().fit(X, y)
    >>> rasch.items_.columns.tolist()
    ['difficulty', 'se', 'n_answers']
    >>> len(rasch.predict_next(X, items=["item 01", "item 02"]).columns)
    2
    """

    _known_before = MappingProxyType({"item": FactorModel._known_before["item"]})
    _known_after = MappingProxyType({})
    _parameter_constraints = {
        name: allowed
        for name, allowed in FactorModel._parameter_constraints.items()
        if name not in _OF_PRACTICE
    } | {"model": [StrOptions({"1pl", "2pl"})]}
    _weighs_evidence = True
    # What there is without practice.
    counts, half_life, slopes, positive = "log", 1.0, "shared", False
    averages, C_slope = None, 1.0

    def __init__(
        self,
        *,
        student="user_id",
        order="order_id",
        skill=None,
        correct="correct",
        item="item_id",
        skill_separator="~~",
        model="1pl",
        student_effect="online",
        persistence=0.98,
        C_skill="auto",
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
        self.skill_separator = skill_separator
        self.model = model
        self.student_effect = student_effect
        self.persistence = persistence
        self.C_skill = C_skill
        self.C_item = C_item
        self.C_student = C_student
        self.handle_unknown = handle_unknown
        self.max_iter = max_iter
        self.tol = tol

    def _discriminates(self):
        return self.model == "2pl" and self.student_effect == "online"

    def _check_parameters(self):
        if self.item is None:
            raise ValueError(
                "item=None; RaschClassifier expects the column that names the item "
                'answered, such as item="item_id". For a log without items take '
                "AFMClassifier()."
            )
        return super()._check_parameters()
