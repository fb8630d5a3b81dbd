"""``python -m sktrace``: knowledge tracing from the command line."""

import argparse
import os
import sys

from .commands import add_audit, add_compare, add_pretrain, add_trace, as_options


def main(argv=None):
    """Run the command line; return its exit status."""
    options = build_parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name may have letters that it has not
            stream.reconfigure(errors="replace")
    try:
        options.run(options)
    except BrokenPipeError:  # who reads, as head does, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (ImportError, OSError, TypeError, ValueError) as error:
        print(f"sktrace: {as_options(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("sktrace: stopped; nothing was written.", file=sys.stderr)
        return 130
    return 0


def build_parser():
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m sktrace", description="Knowledge tracing from a log of answers."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    add_compare(commands)
    add_trace(commands)
    add_audit(commands)
    add_pretrain(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
