"""What ``python -m sktrace`` does, a command per file."""

from ._arguments import add_audit, add_compare, add_pretrain, add_trace, as_options

__all__ = ["add_audit", "add_compare", "add_pretrain", "add_trace", "as_options"]
