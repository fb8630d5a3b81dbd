"""What ``python -m sktrace`` does, a command per file."""

from ._arguments import add_audit, add_compare, add_pretrain, add_shard, add_trace
from ._output import Screen, say_written, shorten_message
from ._reading.advice import as_options
from ._serving.arguments import add_serve

__all__ = [
    "Screen",
    "add_audit",
    "add_compare",
    "add_pretrain",
    "add_serve",
    "add_shard",
    "add_trace",
    "as_options",
    "say_written",
    "shorten_message",
]
