"""Practice so far as numbers: the features of factor models, as a transformer."""

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._interactions.columns import check_interactions
from .._interactions.practice import COUNTS, SCALES, count_features, skill_columns
from .._plain import stored
from .._sklearn import StrOptions, judged
from .._tracer.base import InteractionReader

__all__ = ["PriorCounts"]


@stored
class PriorCounts(TransformerMixin, InteractionReader):
    """Count what a student has done before on the skill of each row.

    A row gets the number of its student's earlier answers on its skill: all of them
    (``attempts``), the right ones (``successes``), the wrong ones (``failures``).
    Earlier means in a strictly earlier moment: a row counts neither its own answer nor
    one that ties with it in order. Rows without an answer count nothing.

    These are the features of factor models. With ``by_skill=True`` each skill has
    columns of its own, so that a logistic regression behind it is one: performance
    factors analysis [2]_ on successes and failures, an additive factor model [1]_ but
    for its student effect on attempts. `PFAClassifier` and `AFMClassifier` add to these
    an ability that is traced.

    Parameters
    ----------
    counts : sequence of {"attempts", "successes", "failures"}, default=all three
        What is counted; one column each.
    scale : {"linear", "log"}, default="linear"
        Whether the count n or log(1 + n) is returned.
    by_skill : bool, default=False
        Whether each skill has columns of its own: an indicator, and one per count. If
        not, counts of a row that names several skills are summed over them, after
        scaling.
    student, order, skill, correct : str
        Columns of X that play these roles; see `DKTClassifier`. By default
        ``"user_id"``, ``"order_id"``, ``"skill_name"`` and ``"correct"``.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several; its answer counts for each.
    handle_unknown : {"prior", "error"}, default="prior"
        A skill not seen in fit has no columns of its own, or is refused. All unseen
        skills count as one.

    Attributes
    ----------
    skills_ : ndarray of shape (n_skills,)
        Skills seen in fit.
    n_features_in_, feature_names_in_
        The columns read.

    References
    ----------
    .. [1] Cen, H., Koedinger, K. and Junker, B. (2006). Learning factors analysis: a
       general method for cognitive model evaluation and improvement. Intelligent
       Tutoring Systems.
    .. [2] Pavlik, P. I., Cen, H. and Koedinger, K. R. (2009). Performance factors
       analysis: a new alternative to knowledge tracing. Artificial Intelligence in
       Education.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktrace.preprocessing import PriorCounts
    >>> log = pd.DataFrame(
    ...     {
    ...         "user_id": ["ann", "ann", "ann", "ann"],
    ...         "order_id": [1, 2, 3, 4],
    ...         "skill_name": ["add", "add", "carry", "add"],
    ...         "correct": [1, 0, 1, 1],
    ...     }
    ... )
    >>> PriorCounts().fit_transform(log)
    array([[0., 0., 0.],
           [1., 1., 0.],
           [0., 0., 0.],
           [2., 1., 1.]])

    Performance factors analysis is two steps:

    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> counts = PriorCounts(counts=["successes", "failures"], by_skill=True)
    >>> pfa = make_pipeline(counts, LogisticRegression()).fit(log, log["correct"])
    >>> pfa[0].get_feature_names_out()[:4].tolist()
    ['skill[add]', 'skill[carry]', 'successes[add]', 'successes[carry]']
    """

    _parameter_constraints = {
        **InteractionReader._parameter_constraints,
        "counts": ["array-like"],
        "scale": [StrOptions(set(SCALES))],
        "by_skill": ["boolean"],
    }

    def __init__(
        self,
        *,
        counts=COUNTS,
        scale="linear",
        by_skill=False,
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        skill_separator="~~",
        handle_unknown="prior",
    ):
        self.counts = counts
        self.scale = scale
        self.by_skill = by_skill
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct
        self.skill_separator = skill_separator
        self.handle_unknown = handle_unknown

    @judged
    def fit(self, X, y=None):
        """Learn which skills there are.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
        y : ignored

        Returns
        -------
        PriorCounts
            Itself, fitted.
        """
        self._check_counts()
        self._learn_skills(check_interactions(X, self._roles))
        return self

    def transform(self, X):
        """Count, for each row, the answers of strictly earlier moments in X.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
            Interactions, in any row order.

        Returns
        -------
        ndarray of shape (n_rows, n_counts) or csr_matrix, float64
            In X's row order; sparse, of shape (n_rows, (1 + n_counts) * n_skills), if
            ``by_skill``.
        """
        log, timeline = self._read(X)
        features = count_features(log, timeline, self.counts, self.scale)
        if self.by_skill:
            return skill_columns(log, features, len(self.skills_))
        return np.column_stack([log.sum(feature) for feature in features])

    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns: counts, or counts and skills.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        if not self.by_skill:
            return np.array(self.counts, dtype=object)
        return np.array(
            [f"{name}[{k}]" for name in ("skill", *self.counts) for k in self.skills_],
            dtype=object,
        )

    def _check_counts(self):
        counts = list(self.counts)
        unknown = [name for name in counts if name not in COUNTS]
        if unknown or not counts or len(set(counts)) < len(counts):
            raise ValueError(
                f"counts={self.counts!r}; expected one or more of {list(COUNTS)}, each "
                'once, such as counts=["successes", "failures"].'
            )
