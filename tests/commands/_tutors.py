"""Tutors over HTTP that are asked without a socket, for tests."""

import asyncio

import httpx

from sktrace.commands._serving.app import make_app

TOKEN = "0123456789abcdefghijklmnopqrstuvwxyz"
ANN = {"student": "ann", "skill": "skill 01", "correct": 1}


class Client:
    """Asks a tutor without a socket."""

    def __init__(self, app):
        self.door = httpx.ASGITransport(app, raise_app_exceptions=False)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, **more):
        return self.request("POST", path, **more)

    def request(self, method, path, **more):
        async def send():
            async with httpx.AsyncClient(
                transport=self.door, base_url="http://localhost:8000"
            ) as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())


def serve(model, store=None, token=None):
    return Client(make_app(model, model.tracer(store=store), token))


def ask(tutor, call, **body):
    """Return what is answered, or the status and the sentence of a refusal."""
    answer = tutor.post(f"/v1/{call}", json=body)
    if answer.status_code == 200:
        return answer.json()
    assert set(answer.json()) <= {"detail", "answers"}
    return answer.status_code, answer.json()["detail"]


def values(listed, what="probability"):
    return [each[what] for each in listed]
