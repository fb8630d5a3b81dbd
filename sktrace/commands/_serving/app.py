"""The tutor as a web application."""

import inspect

from ... import __version__
from .bodies import make_bodies
from .guard import LOCAL, Guard
from .refusals import REFUSALS, add_refusals
from .tutor import Tutor

__all__ = ["make_app"]

ABOUT = """\
Whatever names a student is a POST with a JSON body, so that no student stands in an
address, which servers and proxies write into their logs. Names are texts or numbers.
An answer is acknowledged, by status 200, once it stands in the store.
"""
CALLS = {  # path: what is sent, and what is answered
    "/v1/answer": ("Answer", "Taken"),
    "/v1/answers": ("Answers", "TakenAnswers"),
    "/v1/predict": ("Question", "Predictions"),
    "/v1/knowledge": ("Student", "Knowledge"),
    "/v1/forget": ("Student", "Forgotten"),
    "/v1/model": (None, "Model"),
    "/health": (None, "Health"),
}


def make_app(classifier, tracer, token=None, hosts=LOCAL):
    """Return the application, an ASGI one.

    Parameters
    ----------
    classifier : fitted tracer
    tracer : LiveTracer
        Of that classifier.
    token : str, optional
        What all who ask must tell.
    hosts : sequence of str
        What they may call this machine, where there is no token.
    """
    from fastapi import FastAPI

    tutor, bodies = Tutor(classifier, tracer), make_bodies()
    # The pages of FastAPI load scripts from elsewhere.
    app = FastAPI(
        title="A tutor",
        version=__version__,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Guard, token=token, hosts=hosts)
    for path, (sent, answered) in CALLS.items():
        method = getattr(tutor, path.rpartition("/")[2])
        summary, _, more = inspect.getdoc(method).partition("\n\n")
        refusals = (503, 401 if token else 421)
        if sent:
            refusals += (400, 413, 415, 422) + (409,) * path.startswith("/v1/answer")
        app.add_api_route(
            path,
            _as_endpoint(method, sent and getattr(bodies, sent)),
            methods=["POST" if sent else "GET"],
            operation_id=method.__name__,
            summary=summary,
            description=more,
            response_model=getattr(bodies, answered),
            response_model_exclude_none=True,
            responses={
                status: {"model": bodies.Refusal, "description": REFUSALS[status]}
                for status in sorted(refusals)
            },
        )
    add_refusals(app)
    if token is not None:
        schema = app.openapi()  # kept, and shown as it is changed here
        bearer = {"token": {"type": "http", "scheme": "bearer"}}
        schema["components"]["securitySchemes"] = bearer
        schema["security"] = [{"token": []}]
    return app


def _as_endpoint(method, sent):
    """Return a function whose signature says what is sent.

    It runs in the thread of the event loop: the store takes one transaction at a time
    anyway, and to hand a request to another thread costs more than to answer it.
    """

    async def ask():
        return method()

    async def tell(body):
        return method(body)

    tell.__annotations__["body"] = sent
    return tell if sent else ask
