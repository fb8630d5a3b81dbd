"""``python -m sktrace serve``: what the tutor refuses, and how it puts that."""

import asyncio
import json
import sqlite3

import pytest

from sktrace.commands._serving.app import make_app
from sktrace.commands._serving.guard import MOST_BYTES
from sktrace.live import SQLiteStore

from ._tutors import ANN, TOKEN, Client, ask, serve

STUDENT = "a text of 1 to 1,000 letters, or a number within ±(2**53 - 1); 7 and “7” are"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"student": None}, f"student: got null; expected {STUDENT}"),
        ({"student": True}, f"student: got true; expected {STUDENT}"),
        ({"student": 2**53}, f"student: got 9007199254740992; expected {STUDENT}"),
        ({"student": ""}, f'student: got ""; expected {STUDENT}'),
        ({"student": "a" * 1001}, f'student: got "{"a" * 29}…{"a" * 28}"; expected'),
        ({"student": ["ann"]}, f"student: got a list of 1; expected {STUDENT}"),
        ({"skill": []}, "skill: got a list of 0; expected the skill practised, a text"),
        ({"correct": 2}, "correct: got 2; expected 1 if right, 0 if wrong"),
        ({"correct": "1"}, 'correct: got "1"; expected 1 if right, 0 if wrong'),
        ({"skill": ["a"], "correct": [1, 0]}, "correct=[1, 0] for student 'ann'"),
        ({"number": 0}, "number: got 0; expected a whole number from 1"),
        ({"number": 1.5}, "number: got 1.5; expected a whole number from 1"),
        ({"skil": "a"}, "skil: no such field; expected those of /openapi.json."),
        ({"predict": {"skills": {}}}, "predict.skills: got an object of 0; expected a"),
    ],
)
def test_a_refusal_says_what_was_got_and_what_was_expected(tutor, change, said):
    status, detail = ask(tutor, "answer", **ANN | change)
    assert status == 422
    assert detail.startswith(said)
    assert ask(tutor, "predict", student="ann")["answers"] == 0


def test_a_batch_is_refused_as_a_whole_and_says_which_answer(tutor):
    status, said = ask(tutor, "answers", answers=[ANN, ANN | {"correct": 3}])
    assert (status, said[:28]) == (422, "answers.1.correct: got 3; ex")
    status, said = ask(tutor, "answers", answers=[ANN, "ann"])
    assert (status, said[:34]) == (422, 'answers.1: got "ann"; expected a l')
    assert ask(tutor, "answers", answers=[ANN] * 1001)[1].startswith(
        "answers: got a list of 1001; expected a list of 1 to 1,000"
    )
    assert ask(tutor, "predict", student="ann")["answers"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"[1]", 422),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"student": ' + b"[" * 900 + b"]" * 900 + b"}", 422),
        (b'{"student": "\\ud800"}', 422),
        (b'{"\\ud800": 1}', 422),
        (b'{"student": NaN}', 422),
        (b'{"student": ' + b"9" * 400 + b"}", 422),
        (b'{"student": ' + b"9" * 5000 + b"}", 400),
        (b'{"student": "\xff"}', 400),
        (b'{"student": "' + b"a" * MOST_BYTES + b'"}', 413),
    ],
)
def test_bodies_that_are_none_end_nothing(tutor, body, status):
    headers = {"content-type": "application/json"}

    async def in_chunks():
        yield body[:50]
        yield body[50:]

    for content in (body, in_chunks()):
        answer = tutor.post("/v1/predict", content=content, headers=headers)
        assert answer.status_code == status
        assert list(answer.json()) == ["detail"]
        assert len(answer.content) < 2000
    assert ask(tutor, "predict", student="ann")["answers"] == 0


def test_no_page_of_the_web_can_ask(tutor):
    body = json.dumps(ANN)
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {"content-type": kind}
        answer = tutor.post("/v1/answer", content=body, headers=headers)
        assert answer.status_code == 415
    asked = {"origin": "https://evil.test", "access-control-request-method": "POST"}
    answer = tutor.request("OPTIONS", "/v1/answer", headers=asked)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
    for host in ("evil.test", "evil.test:8000", "127.0.0.1.evil.test", ""):
        answer = tutor.get("/health", headers={"host": host})
        assert answer.status_code == 421
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000", "[::1]"):
        assert tutor.get("/health", headers={"host": host}).json()["status"] == "ready"


def test_with_a_token_nobody_asks_without_it(model):
    tutor = serve(model, token=TOKEN)
    assert tutor.get("/health").status_code == 200
    for wrong in (None, TOKEN, f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer"):
        headers = {} if wrong is None else {"authorization": wrong}
        for path in ("/v1/model", "/openapi.json"):
            answer = tutor.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    right = {"authorization": f"bearer {TOKEN}", "host": "tutor.school.test"}
    assert tutor.get("/v1/model", headers=right).status_code == 200
    schema = tutor.get("/openapi.json", headers=right).json()
    assert schema["security"] == [{"token": []}]


def test_a_store_that_fails_acknowledges_nothing(model, tmp_path, monkeypatch, caplog):
    store = SQLiteStore(tmp_path / "class.db", patience=0.05)
    with model.tracer(store=store) as tracer:
        tutor = Client(make_app(model, tracer))
        ask(tutor, "answer", **ANN)
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # somebody else writes, and does not end
        answer = tutor.post("/v1/answer", json=ANN)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["detail"] == (
            "The store failed, and nothing is acknowledged. Send it again later."
        )
        assert "locked" in caplog.text
        other.close()
        assert ask(tutor, "answer", **ANN) == {"answers": 2}


def test_a_body_that_does_not_come_ends_with_the_server(model):
    head = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/answer", "headers": head}
    sent = []

    async def send(message):
        sent.append(message)

    async def end():
        app = make_app(model, model.tracer())
        asking = asyncio.create_task(app(scope, asyncio.Event().wait, send))
        await asyncio.sleep(0)
        asking.cancel()
        await asking

    asyncio.run(end())
    assert sent[0]["status"] == 503
    assert sent[1]["body"] == b'{"detail": "The server ends. Send it again later."}'


def test_what_is_inside_stays_inside(model, monkeypatch):
    tutor = serve(model)

    def fail(*args, **kwargs):
        raise KeyError("a secret")

    monkeypatch.setattr("sktrace.live.LiveTracer.predict_proba", fail)
    answer = tutor.post("/v1/predict", json={"student": "ann"})
    assert answer.status_code == 500
    assert answer.json() == {"detail": "The tutor failed; its log says why."}
    assert tutor.get("/etc/passwd").json() == {
        "detail": "No such address; expected those of /openapi.json."
    }
