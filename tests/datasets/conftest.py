"""A server on this machine, and the made-up Open University tables as they are read."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sktrace.datasets import fetch_oulad

from ._oulad_tables import CLICKS, FILES, write


class Handler(SimpleHTTPRequestHandler):
    """Serve a folder; fail or cut short as often as the server is told to."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.server.failures:
            self.server.failures -= 1
            self.send_error(503)
        elif self.server.cuts_short:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half a file")
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def serve(monkeypatch):
    """Serve a folder on a free port of this machine; returns server and address."""
    # A proxy, where one is set, would not find this machine's own server.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(folder):
        handler = partial(Handler, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.asked, server.failures, server.cuts_short = [], 0, False
        threading.Thread(target=server.serve_forever, args=[0.01]).start()
        servers.append(server)
        return server, f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def oulad(tmp_path):
    """All seven tables, read from plain files."""
    return fetch_oulad(write(tmp_path / "oulad tables", FILES | CLICKS))


@pytest.fixture
def oulad_without_clicks(tmp_path):
    """The five tables of which the click log is none."""
    return fetch_oulad(write(tmp_path / "oulad without clicks", FILES))
