"""A tracer that sees what it was fitted on before the rows it is asked about."""

from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._plain import stored
from .._plain.versions import VersionedPickle
from .._sklearn import HasMethods, judged_around_another
from .._tracer.base import traces
from .._tracer.questions import roles_of
from ._earlier_rows import put_behind

__all__ = ["HistoryClassifier"]


def _has(method):
    """Tell scikit-learn whether what is wrapped has a method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), method)
        return True

    return check


@stored
class HistoryClassifier(
    MetaEstimatorMixin, VersionedPickle, ClassifierMixin, BaseEstimator
):
    """Let a tracer see the training rows of the students that it is asked about.

    A tracer knows of a student what stands in the X that it is given, and nothing else.
    That is right for students whom it has not met. Rows of students of the training log
    that came later, as `TimeSplit` tests them, need their earlier rows in X. This puts
    them there: it keeps the training frame, asks the tracer about the training rows of
    the students of X and X itself, and returns what it says of X. So a tracer can be
    evaluated over time by every tool of scikit-learn.

    A training row that X holds itself, of the same student, order and skill, is not
    taken twice. With ``order=None``, the training rows of a student go before those of
    X, unless these begin with all of them.

    Parameters
    ----------
    estimator : tracer
        Unfitted, or a pipeline or search that ends in one.

    Attributes
    ----------
    estimator_ : tracer
        Fitted.
    classes_ : ndarray of shape (2,)
        Labels of y.
    n_features_in_, feature_names_in_
        The columns read, where the estimator has them.

    See Also
    --------
    TimeSplit : Splits of which this is fitted on the past and asked about the future.

    Examples
    --------
    >>> from sktrace import PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.model_selection import HistoryClassifier
    >>> X, y = make_interactions(n_students=30, random_state=0)
    >>> early = X["order_id"] < 10
    >>> tracer = HistoryClassifier(PFAClassifier()).fit(X[early], y[early])
    >>> p = tracer.predict_proba(X[~early])
    >>> bool((p == tracer.estimator_.predict_proba(X)[~early]).all())
    True
    """

    _parameter_constraints = {"estimator": [HasMethods(["fit", "predict_proba"])]}

    def __init__(self, estimator):
        self.estimator = estimator

    @judged_around_another
    def fit(self, X, y, sample_weight=None):
        """Fit the tracer, and keep the rows that it was fitted on.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
        y : array of shape (n_rows,)
            Two classes, usually ``X["correct"]``.
        sample_weight : array of shape (n_rows,), optional
            Passed on. Rows without weight teach nothing, and are history.

        Returns
        -------
        HistoryClassifier
            Itself, fitted.

        Raises
        ------
        TypeError
            If the estimator is no tracer, nor ends in one, or as it raises itself.
        ValueError
            As the estimator raises.
        """
        tracer = find_tracer(self.estimator)
        weight = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.estimator_ = clone(self.estimator).fit(X, y, **weight)
        self.classes_ = self.estimator_.classes_
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        columns = [*X.columns]  # what leads to a tracer may read more than it does
        if tracer is self.estimator:
            columns = list(dict.fromkeys(roles_of(tracer).columns))
        self._history_ = X[columns].copy()
        return self

    def predict_proba(self, X):
        """Predict each row of X from all strictly earlier ones, of X and of fit.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)

        Returns
        -------
        ndarray of shape (n_rows, 2), float64
            Probability of ``classes_[0]`` and ``classes_[1]``, in X's row order.

        Raises
        ------
        TypeError, ValueError
            As the estimator does.

        Warns
        -----
        SplitStudentWarning
            If fit learnt from rows of a student that are later than rows of X.
        """
        rows, n_before = self._put_behind_history(X)
        return self.estimator_.predict_proba(rows)[n_before:]

    def predict(self, X):
        """Predict the class of each row of X.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        rows, n_before = self._put_behind_history(X)
        return self.estimator_.predict(rows)[n_before:]

    @available_if(_has("predict_next"))
    def predict_next(self, X, skills=None, **asked):
        """Predict what each student of X would get after all rows, of X and of fit.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
        skills : skill or list of skills, optional
            As in ``predict_next`` of the estimator.
        **asked
            What else it takes, such as ``items``.

        Returns
        -------
        DataFrame of shape (n_students, n_skills) or (n_students, n_items)
        """
        rows, _ = self._put_behind_history(X)
        return self.estimator_.predict_next(rows, skills, **asked)

    @available_if(_has("knowledge_state"))
    def knowledge_state(self, X):
        """Return what is known after each row of X, and all earlier ones.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)

        Returns
        -------
        DataFrame of shape (n_rows, n_skills)
            With X's index.
        """
        rows, n_before = self._put_behind_history(X)
        return self.estimator_.knowledge_state(rows).iloc[n_before:].set_axis(X.index)

    def _put_behind_history(self, X):
        """Return the history of X's students with X behind it, and where X begins."""
        check_is_fitted(self)
        return put_behind(self._history_, X, roles_of(find_tracer(self.estimator_)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        tags.classifier_tags.multi_class = False
        return tags


def find_tracer(estimator):
    """Return the tracer that a pipeline or a search ends in, or that is given.

    Raises
    ------
    TypeError
        If there is none.
    """
    within = estimator
    while not hasattr(within, "student"):
        if hasattr(within, "steps"):
            within = within.steps[-1][1]
        elif hasattr(within, "best_estimator_"):
            within = within.best_estimator_
        elif hasattr(within, "estimator"):
            within = within.estimator
        else:
            raise TypeError(
                f"estimator={estimator!r} names no column of students; expected a "
                "tracer, or a pipeline or search that ends in one: "
                "HistoryClassifier(PFAClassifier())."
            )
    try:
        traces(within)
    except AttributeError as error:
        raise TypeError(str(error)) from None
    return within
