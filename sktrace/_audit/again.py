"""What an estimator says of the same rows, asked again and otherwise."""

from .company import check_company
from .findings import LOOK, UNCHECKED, Finding
from .prefix import check_prefix_invariance, read_at_own_row
from .probe import Probe

__all__ = ["ask_again", "attempt"]


def ask_again(subject, students, tolerance, rng):
    """Return findings about some students, and the columns that a row reads of itself.

    Of predictions alone there are no such columns, None, for nobody can be asked.
    """
    if subject.estimator is None:
        said = "Predictions alone cannot be asked again: pass the estimator."
        checks = ("prefix invariance", "company")
        return [Finding(check, UNCHECKED, said) for check in checks], None
    try:
        probe = Probe.of(subject, students, tolerance)
    except Exception as error:  # whatever a stranger's estimator raises
        return [_refused(error)], []
    found = [*check_prefix_invariance(probe, rng), *check_company(probe, rng)]
    return found, read_at_own_row(probe, subject.columns.others(probe.X), rng)


def attempt(check, *args):
    """Yield what a check finds; or that it could not be made."""
    try:
        yield from check(*args)
    except Exception as error:  # whatever a stranger's estimator raises
        yield _refused(error)


def _refused(error):
    said = f"{type(error).__name__}: {str(error)[:200]}"
    return Finding(
        "other rows",
        LOOK,
        f"It predicts the rows as they are, and no others: {said}",
        repair="Let fit and predict_proba take any rows of the log. What knows but one "
        "set of rows may hold their answers.",
    )
