"""The columns that most tracers read, and the parameters that say how X is read."""

from types import MappingProxyType

from .._interactions.codes import check_categories
from .._interactions.numbers import check_features
from .._interactions.times import check_time

__all__ = ["FURTHER", "KNOWN_AFTER", "KNOWN_BEFORE", "READING"]

# Parameters that name further columns, with what judges them; see `InteractionReader`.
KNOWN_BEFORE = MappingProxyType(
    {"item": check_categories, "time": check_time, "features": check_features}
)
KNOWN_AFTER = MappingProxyType({"past_features": check_features})
# Their constraints: whether X has such columns is judged with X.
FURTHER = MappingProxyType(
    dict.fromkeys([*KNOWN_BEFORE, *KNOWN_AFTER], "no_validation")
)

# What an estimator that holds tracers tells each of them.
READING = (
    *("student", "order", "skill", "correct"),
    *FURTHER,
    *("skill_separator", "handle_unknown"),
)
