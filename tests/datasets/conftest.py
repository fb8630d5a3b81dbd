"""A server on this machine, and made-up logs and Open University tables as read."""

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sktrace.datasets import fetch_oulad, read_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_rows import read_rows

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


@pytest.fixture
def read(tmp_path):
    """Write a text, or bytes, to a file and read it as a log."""

    def read(text, *args, name="log.csv", **options):
        data = text if isinstance(text, bytes) else text.encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return read_interactions(path, *args, **options)

    return read


@pytest.fixture
def read_noted(tmp_path):
    """Read a log as a command does; returns it, and what was remarked."""

    def read(text, sep=None, **options):
        path = tmp_path / "log.csv"
        path.write_bytes(text.encode())
        with open_table(path, sep, None) as table:
            return read_rows(table, **options), table.notes

    return read


@pytest.fixture
def look(tmp_path):
    """Write a text, and return its rows by their names, and the notes."""

    def look(text, name="log.csv", **options):
        path = tmp_path / name
        path.write_text(text)
        with open_table(path, None, None, **options) as table:
            cells = table.read(range(len(table.header)))
        return cells.set_axis(table.header, axis=1), table.notes

    return look
