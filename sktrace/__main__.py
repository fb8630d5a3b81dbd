"""``python -m sktrace``: knowledge tracing from the command line."""

import argparse
import contextlib
import io
import os
import signal
import sys
import threading

from .commands import (
    Screen,
    add_audit,
    add_compare,
    add_pretrain,
    add_serve,
    add_shard,
    add_trace,
    as_options,
    say_written,
    shorten_message,
)


class Ended(BaseException):
    """Somebody asks this program to end, but not by Ctrl-C."""


def main(argv=None):
    """Run the command line; return its exit status."""
    options = build_parser().parse_args(argv)
    with contextlib.ExitStack() as stack:
        for name, redirect, keep in (
            ("stdout", contextlib.redirect_stdout, "\n\t"),
            ("stderr", contextlib.redirect_stderr, "\n\t\r"),  # of progress bars
        ):
            stream = getattr(sys, name)
            if stream is None:  # it is closed, which a progress bar does not expect
                stream = stack.enter_context(open(os.devnull, "w"))
            if hasattr(stream, "reconfigure"):  # names may have letters it has not
                stream.reconfigure(errors="backslashreplace")
            stack.enter_context(redirect(Screen(stream, keep)))
        stack.enter_context(_undone_when_ended())
        return _run(options)


def _run(options):
    """Run a command; say in a line what went wrong, and what was written."""
    say_written(forget=True)
    try:
        options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads, as head does, has read enough
        _drop_output()
        return 141
    except (ImportError, MemoryError, OSError, TypeError, ValueError) as error:
        _drop_output()
        message = shorten_message(as_options(error) or type(error).__name__)
        written = say_written()
        after = "" if written.startswith("nothing") else f" ({written})"
        print(f"sktrace: {message}{after}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, Ended) as stop:
        _drop_output()
        print(f"sktrace: stopped; {say_written()}.", file=sys.stderr)
        return stop.args[0] if isinstance(stop, Ended) else 130
    except Exception:  # a fault of ours, whose report needs the traceback
        print(f"sktrace: failed; {say_written()}.", file=sys.stderr)
        raise
    return 0


def _drop_output():
    """Leave what cannot be printed unprinted, or the end of Python would try again."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, io.UnsupportedOperation):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _undone_when_ended():
    """Undo what is half done where the system or a batch queue says to end."""

    def end(number, frame):
        raise Ended(128 + number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # Windows lacks one
            number = getattr(signal, name, None)
            if number and signal.getsignal(number) == signal.SIG_DFL:  # as nohup asks
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
    add_shard(commands)
    add_serve(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
