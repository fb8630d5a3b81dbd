"""What is sent back where a request is refused: a status, and one sentence."""

import json
import logging
import sqlite3

from ..._tracer.batch import GapError
from ..._words import cut_middle, showable
from .bodies import MEANINGS

__all__ = ["REFUSALS", "add_refusals"]

REFUSALS = {
    400: "The body is no JSON.",
    401: "The token is missing, or wrong.",
    409: "`number` would leave a gap; `answers` says how many are known.",
    413: "The body is larger than 1 MiB.",
    415: "The header Content-Type does not say application/json.",
    421: "The header Host names another machine.",
    422: "A field is not as described, or the model refuses it.",
    503: "The store failed, and nothing is acknowledged. Send it again later.",
}
HERE = {  # what messages of the library call, and what is called here
    "call predict_proba": "ask /v1/predict",
    "in skills_": "that /v1/model lists",
    "n_answers(student)": "`answers`",
}
LONGEST = 600  # letters of a sentence
_log = logging.getLogger("uvicorn.error")


def add_refusals(app):
    """Let an application say why it refuses, and nothing of its insides."""
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse

    def put(status, detail, headers=None, **more):
        detail = cut_middle(showable(detail), LONGEST)
        return JSONResponse({"detail": detail, **more}, status, headers)

    @app.exception_handler(RequestValidationError)
    async def refuse_body(request, error):
        fault = error.errors()[0]
        if fault["type"] == "json_invalid":
            return put(400, f"The body is no JSON: {fault['ctx']['error']}.")
        return put(422, _describe(fault))

    @app.exception_handler(400)  # deep, not UTF-8, or of a number without end
    async def refuse_what_is_none(request, error):
        return put(400, REFUSALS[400])

    @app.exception_handler(404)
    async def refuse_address(request, error):
        return put(404, "No such address; expected those of /openapi.json.")

    @app.exception_handler(GapError)
    async def refuse_gap(request, error):
        return put(409, _say_here(error), answers=error.n_answers)

    @app.exception_handler(TypeError)
    @app.exception_handler(ValueError)
    async def refuse_values(request, error):
        if isinstance(error.__cause__, sqlite3.Error):  # the file is damaged
            return await say_store_failed(request, error)
        return put(422, _say_here(error))

    @app.exception_handler(OSError)
    async def say_store_failed(request, error):
        _log.error("The store failed: %s", error)
        return put(503, REFUSALS[503], {"Retry-After": "1"})

    @app.exception_handler(Exception)
    async def say_failed(request, error):  # the server logs the traceback
        return put(500, "The tutor failed; its log says why.")


def _say_here(error):
    """Return the message of an error of the library, in words of this interface."""
    detail = str(error)
    for there, here in HERE.items():
        detail = detail.replace(there, here)
    return detail


def _describe(fault):
    """Say what pydantic found in a body, and what was expected."""
    place = fault["loc"][1:]
    if fault["type"] == "extra_forbidden":
        where = ".".join(map(str, place))
        return f"{where}: no such field; expected those of /openapi.json."
    fields = [part for part in place if part in MEANINGS]
    if not fields:
        return "The body is not an object with the fields of this call."
    # The field, in a batch after the number of the answer; then parts of its type.
    where = ".".join(str(p) for p in place if p in MEANINGS or isinstance(p, int))
    got = "missing" if fault["type"] == "missing" else f"got {_show(fault['input'])}"
    return f"{where}: {got}; expected {MEANINGS[fields[-1]]}."


def _show(value):
    """Write what was sent as JSON, or what kind it is: it may be deep."""
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    return cut_middle(json.dumps(value), 60)
