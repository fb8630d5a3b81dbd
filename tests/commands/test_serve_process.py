"""``python -m sktrace serve``: when it starts, how it ends, what is there then."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sktrace import MeanClassifier, SequenceRegressor, save
from sktrace.__main__ import main
from sktrace.commands import _serve
from sktrace.datasets import make_interactions
from sktrace.live import SQLiteStore

from ._tutors import ANN, TOKEN, Client


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "--host 0.0.0.0: other machines could ask"),
        (["--host", "::"], "--host ::: other machines could ask"),
        (["--host", "tutor.test"], "expected --token-file FILE, or SKTRACE_TOKEN"),
        (["--token-file", "short"], "--token-file short: expected a token of at least"),
        (["--token-file", "none"], "No such file or directory: 'none'"),
        (["--store", "none/class.db"], "--store none/class.db: "),
        (["--store", "short"], "--store short: '{cwd}/short' is no SQLite file"),
        (["--store", "other.db"], "--store other.db: '{cwd}/other.db' holds states of"),
        (["--port", "99999"], "--port 99999: cannot listen there (bind(): port"),
        (["--port", "{port}"], "--host 127.0.0.1 --port {port}: cannot listen there ("),
    ],
)
def test_it_does_not_start_where_it_should_not(
    model, options, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SKTRACE_TOKEN", raising=False)
    monkeypatch.setattr(_serve, "run", lambda *args: pytest.fail("it starts"))
    save(model, "model.sktrace")
    Path("short").write_text("secret" * 1000 if "--store" in options else "secret")
    X, y = make_interactions(20, 2, n_attempts=5, random_state=1)
    MeanClassifier().fit(X, y).tracer(store=SQLiteStore("other.db")).close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = [option.format(port=port) for option in options]
        assert main(["serve", "model.sktrace", "--store", "class.db", *options]) == 2
    assert said.format(port=port, cwd=tmp_path) in capsys.readouterr().err


def test_it_serves_tracers_only(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["serve", "none.sktrace", "--store", "class.db"]) == 2
    assert "No such file or directory: 'none.sktrace'" in capsys.readouterr().err
    save(SequenceRegressor(), "weeks.sktrace")
    assert main(["serve", "weeks.sktrace", "--store", "class.db"]) == 2
    assert "has no predict_next; expected a fitted tracer" in capsys.readouterr().err
    save(MeanClassifier(), "new.sktrace")
    assert main(["serve", "new.sktrace", "--store", "class.db"]) == 2
    assert "not fitted" in capsys.readouterr().err
    assert not Path("class.db").exists()


def test_a_token_lets_it_start_anywhere(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SKTRACE_TOKEN", TOKEN)
    started = []
    monkeypatch.setattr(_serve, "run", lambda app, listening: started.append(app))
    save(model, "model.sktrace")
    command = ["serve", "model.sktrace", "--store", "class.db", "--port", "0"]
    assert main([*command, "--host", "0.0.0.0"]) == 0
    assert Client(started[0]).get("/v1/model").status_code == 401
    assert re.search(
        "BKTClassifier of 3 skills, 0 students in class.db\nServing at http://0.0.0.0:",
        capsys.readouterr().out,
    )
    if os.name == "posix":  # nobody else reads what students answered
        assert Path("class.db").stat().st_mode & 0o077 == 0


class Served:
    """The real command, in a process of its own."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sktrace", "serve", *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        said = "".join(self.process.stdout.readline() for _ in range(2))
        self.port = int(re.search(r"http://127.0.0.1:(\d+)", said)[1])

    def answer(self, **body):
        with closing(HTTPConnection("127.0.0.1", self.port)) as connection:
            head = {"Content-Type": "application/json"}
            connection.request("POST", "/v1/answer", json.dumps(body), head)
            return json.loads(connection.getresponse().read())

    def end(self, number):
        self.process.send_signal(number)
        with self.process.stdout as out:
            said = out.read()
        return self.process.wait(), said


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_answers_outlive_the_process(model, tmp_path):
    path, file = tmp_path / "class.db", tmp_path / "model.sktrace"
    save(model, file)
    served = Served(file, "--store", path, "--port", "0")
    assert served.answer(**ANN, number=1) == {"answers": 1}
    body = json.dumps(ANN | {"number": 2}).encode()
    with socket.create_connection(("127.0.0.1", served.port)) as begun:
        begun.sendall(
            b"POST /v1/answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
            b"application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        time.sleep(0.2)  # it is under way
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)  # and the server about to end
        begun.sendall(body)
        answer = begun.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b'{"answers":2}')
    status, said = served.end(signal.SIGTERM)
    assert (status, said) == (0, f"Stopped; all that was acknowledged is in {path}\n")
    assert sorted(tmp_path.iterdir()) == [path, file]  # nothing is left beside it

    served = Served(file, "--store", path, "--port", "0")
    assert served.answer(**ANN, number=2) == {"answers": 2}  # once more: it is there
    assert served.answer(**ANN, number=3) == {"answers": 3}
    assert served.end(signal.SIGKILL)[0] == -signal.SIGKILL
    with model.tracer(store=SQLiteStore(path)) as tracer:
        assert tracer.n_answers("ann") == 3
        alone = model.tracer()
        for _ in range(3):
            alone.update("ann", "skill 01", 1)
        assert tracer.predict_proba("ann").equals(alone.predict_proba("ann"))
