"""What ``python -m sktrace`` does, a command per file."""

from ._arguments import add_audit, add_compare, add_pretrain, add_shard, add_trace
from ._output import Screen, say_written, shorten_message
from ._reading.advice import as_options

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
