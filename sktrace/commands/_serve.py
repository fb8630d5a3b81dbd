"""``serve``: a tutor over HTTP, of a model in one file, and students in another."""

import contextlib
import ipaddress
import os
import signal
import socket
from pathlib import Path

from .._tracer.questions import check_method
from .._versions import require_extra
from ..live import SQLiteStore
from ..saving import load
from ._serving.app import make_app
from ._serving.guard import LOCAL

__all__ = ["serve"]

VARIABLE = "SKTRACE_TOKEN"
SHORTEST = 32  # letters of a token
MAKE_TOKEN = (
    "Make one: (umask 077; python -c 'import secrets; print(secrets.token_urlsafe())' "
    "> token)"
)
GRACE = 10  # seconds in which requests that have begun may end
IDLE = 75  # seconds: longer than a proxy keeps a connection, or it would find it closed
MOST_CONNECTIONS = 1000
PATIENCE = 2.0  # seconds for another process that writes: all who ask wait meanwhile


def serve(options):
    """Load the model, open the store, and answer until told to end."""
    require_extra("serve", "serve")
    token = read_token(options)
    if token is None and not is_local(options.host):
        raise ValueError(
            f"--host {options.host}: other machines could ask, without a token; "
            f"expected --token-file FILE, or {VARIABLE} in the environment. "
            f"{MAKE_TOKEN}"
        )
    classifier = load(options.model)
    check_method(classifier)
    with open_tracer(classifier, options) as tracer, listen(options) as listening:
        app = make_app(classifier, tracer, token, [*LOCAL, options.host])
        host, port = listening.getsockname()[:2]
        print(
            f"{type(classifier).__name__} of {len(classifier.skills_):,} skills, "
            f"{len(tracer.states_):,} students in {options.store}\n"
            f"Serving at http://{f'[{host}]' if ':' in host else host}:{port}, "
            "described by /openapi.json; Ctrl-C ends it",
            flush=True,
        )
        run(app, listening)
    print(f"Stopped; all that was acknowledged is in {options.store}")


def read_token(options):
    """Return the token of a file or of the environment, or None where none is set."""
    said, token = VARIABLE, os.environ.get(VARIABLE)
    if options.token_file is not None:
        said = f"--token-file {options.token_file}"
        token = Path(options.token_file).read_text("utf-8").strip()
    if token is None:
        return None
    if len(token) < SHORTEST or not token.isascii() or len(token.split()) > 1:
        raise ValueError(
            f"{said}: expected a token of at least {SHORTEST} letters and digits, "
            f"without spaces. {MAKE_TOKEN}"
        )
    return token


def is_local(host):
    """Tell whether an address is one that programs of this machine alone can reach."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def open_tracer(classifier, options):
    """Return a live tracer whose store nobody else may read, if it is new."""
    before = os.umask(0o077)
    try:
        store = SQLiteStore(options.store, options.synchronous, PATIENCE)
        return classifier.tracer(store=store)
    except (OSError, ValueError) as error:
        raise type(error)(f"--store {options.store}: {error}") from error
    finally:
        os.umask(before)


def listen(options):
    """Return a socket that listens; what connects from now on is answered."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # Told that it is TCP, asyncio sends small answers at once; else each waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # a port is free at once when a server has ended
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((options.host, options.port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        raise OSError(
            f"--host {options.host} --port {options.port}: cannot listen there "
            f"({reason}); name another, or --port 0 for any."
        ) from error
    return listening


def run(app, listening):
    """Answer until a signal comes, then all requests that have begun."""
    import uvicorn

    config = uvicorn.Config(
        app,
        access_log=False,
        lifespan="off",
        limit_concurrency=MOST_CONNECTIONS,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=IDLE,
        ws="none",
    )
    server = uvicorn.Server(config)

    def end(*signaled):
        server.should_exit = True

    # The server has handlers of its own, and calls these when it has ended.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
    server.run(sockets=[listening])
