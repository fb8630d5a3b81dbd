"""All families of what is fuzzed: the strategy of their cases, and what is asked."""

from . import _families, _sequencing, _tools, _tracing

__all__ = ["FAMILIES"]

FAMILIES = {
    family: (_tracing.cases(family), _tracing.check_case)
    for family in _families.FAMILIES
} | {
    "sequences": (_sequencing.whole_cases(), _sequencing.check_whole),
    "tools": (_tools.tool_cases(), _tools.check_tool),
    "frames of numbers": (_sequencing.frame_cases(), _sequencing.check_frame),
}
