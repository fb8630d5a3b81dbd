"""What ``serve`` is called with. Nothing else is imported before it runs."""

from .._arguments import at_least

__all__ = ["add_serve"]


def add_serve(commands):
    """Describe the command."""
    command = commands.add_parser(
        "serve",
        help="answer a tutoring system over HTTP: take in answers, predict",
        description="Load a model that sktrace.save wrote, and answer over HTTP: take "
        "in answers, predict, say what is known, forget. What students answered is in "
        "a SQLite file before it is acknowledged. The interface is described by "
        "/openapi.json. Ctrl-C or SIGTERM ends it, once all requests are answered.",
    )
    command.add_argument("model", help="a file of sktrace.save, fitted")
    command.add_argument(
        "--store",
        required=True,
        metavar="FILE",
        help="the SQLite file that keeps the students, made if there is none",
    )
    command.add_argument(
        "--synchronous",
        choices=["NORMAL", "FULL"],
        default="NORMAL",
        help="FULL waits for the disk at every answer, so that answers outlive a loss "
        "of power, not only the end of the process (%(default)s)",
    )
    command.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen at; any but one of this machine alone needs a token "
        "(%(default)s)",
    )
    command.add_argument(
        "--port", type=at_least(0), default=8000, help="0: any free one (%(default)s)"
    )
    command.add_argument(
        "--token-file",
        metavar="FILE",
        help="file with the token that all who ask must send; or it is in the "
        "environment, as SKTRACE_TOKEN",
    )
    command.set_defaults(run=_serve)


def _serve(options):
    from .._serve import serve

    serve(options)
