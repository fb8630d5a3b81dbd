"""Who can be asked what a student would get next, and which columns that needs."""

from sklearn.utils.validation import check_is_fitted

from .._validation import Roles

__all__ = ["check_tracer", "roles_of"]


def check_tracer(estimator):
    """Refuse what cannot say what a student would get next."""
    if not hasattr(estimator, "predict_next"):
        raise TypeError(
            f"{type(estimator).__name__} has no predict_next; expected a fitted tracer "
            'of skills, such as DKTClassifier (task="many-to-many"), BKTClassifier or '
            "PFAClassifier."
        )
    check_is_fitted(estimator, "skills_")


def roles_of(estimator):
    """Return which columns play which part for an estimator."""
    return Roles(estimator.student, estimator.order, estimator.skill, estimator.correct)
