"""What ``python -m sktrace`` does, a command per file."""

from ._compare import add_compare
from ._trace import add_trace

__all__ = ["add_compare", "add_trace"]
