"""What ``python -m sktrace`` does, a command per file."""

from ._advice import as_options
from ._arguments import add_audit, add_compare, add_pretrain, add_shard, add_trace
from ._output import Screen, say_written, shorten_message

__all__ = [
    "Screen",
    "add_audit",
    "add_compare",
    "add_pretrain",
    "add_shard",
    "add_trace",
    "as_options",
    "say_written",
    "shorten_message",
]
