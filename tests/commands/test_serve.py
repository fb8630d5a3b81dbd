"""``python -m sktrace serve``: what the tutor answers."""

import json
import re
import shlex
from pathlib import Path

import pytest

from sktrace import MeanClassifier, PFAClassifier, load
from sktrace.datasets import make_interactions
from sktrace.live import SQLiteStore

from ._tutors import ANN, ask, serve, values

PAGE = Path(__file__).parents[2] / "docs" / "deploying.md"


def test_it_answers_what_the_tracer_does(model, tutor):
    tracer = model.tracer()
    several = {"skill": ["skill 01", "skill 03"], "correct": [0, 1]}
    for number, answer in enumerate([ANN, ANN | several, ANN | {"correct": 0}], 1):
        assert ask(tutor, "answer", **answer) == {"answers": number}
        tracer.update(*answer.values())
    said = ask(tutor, "predict", student="ann")
    assert said["answers"] == 3
    assert values(said["predictions"], "skill") == model.skills_.tolist()
    assert values(said["predictions"]) == tracer.predict_proba("ann").tolist()
    some = ["skill 03", "skill 01"]
    said = ask(tutor, "predict", student="ann", skills=some)["predictions"]
    assert values(said, "skill") == some
    assert values(said) == tracer.predict_proba("ann", some).tolist()
    said = ask(tutor, "knowledge", student="ann")["knowledge"]
    assert values(said, "knowledge") == tracer.knowledge_state("ann").tolist()
    said = ask(tutor, "answer", **ANN, predict={"skills": "skill 02"})
    tracer.update("ann", "skill 01", 1)
    p = tracer.predict_proba("ann", "skill 02").item()
    assert said == {
        "answers": 4,
        "predictions": [{"skill": "skill 02", "probability": p}],
    }


def test_answers_at_once_are_answers_one_by_one(model, tutor):
    answers = [ANN, ANN | {"student": 7}, ANN | {"correct": 0, "skill": "skill 02"}]
    assert ask(tutor, "answers", answers=answers) == {"taken": 3}
    tracer = model.tracer()
    for answer in answers:
        tracer.update(*answer.values())
    for student in ("ann", 7):
        said = ask(tutor, "predict", student=student)["predictions"]
        expected = tracer.predict_proba(student).tolist()
        assert values(said) == pytest.approx(expected, abs=1e-9)


def test_an_answer_that_is_sent_again_counts_once(tutor):
    first = ANN | {"number": 1}
    for _ in range(2):
        assert ask(tutor, "answer", **first) == {"answers": 1}
    batch = [ANN | {"number": number} for number in (1, 2, 3)]
    for _ in range(2):
        assert ask(tutor, "answers", answers=batch) == {"taken": 3}
    assert ask(tutor, "answer", **ANN, number=3) == {"answers": 3}


def test_a_gap_is_a_conflict_that_says_how_many_answers_are_known(tutor):
    ask(tutor, "answer", **ANN)
    gap = tutor.post("/v1/answer", json=ANN | {"number": 3})
    assert gap.status_code == 409
    assert gap.json() == {
        "detail": "number=3 for student 'ann', of whom 1 answer(s) are known; expected "
        "2. Take in the answers in order, from that which follows `answers`.",
        "answers": 1,
    }
    batch = [ANN | {"number": 2}, ANN | {"number": 4}]
    gap = tutor.post("/v1/answers", json={"answers": batch})
    assert gap.status_code == 409
    assert gap.json()["detail"].startswith(
        "number=4 for student 'ann', of whom 1 answer(s) are known; expected 3."
    )
    assert gap.json()["answers"] == 1  # of the batch, none
    mixed = [ANN | {"number": 2}, ANN]
    assert ask(tutor, "answers", answers=mixed) == (
        422,
        "number: missing in 1 of 2 answers; expected one in each, or in none.",
    )
    assert ask(tutor, "predict", student="ann")["answers"] == 1  # none of these counts
    assert ask(tutor, "answer", **ANN, number=2) == {"answers": 2}  # as was advised


def test_students_are_forgotten_and_names_are_those_of_python(tutor):
    ask(tutor, "answer", **ANN | {"student": 7})
    ask(tutor, "answer", **ANN | {"student": "7"})
    ask(tutor, "answer", **ANN | {"student": 7.0})
    assert ask(tutor, "forget", student=7) == {"forgotten": 2}
    assert ask(tutor, "forget", student=7) == {"forgotten": 0}
    assert ask(tutor, "predict", student="7")["answers"] == 1


def test_what_cannot_be_predicted_is_refused_before_the_answer_counts(model):
    X, y = make_interactions(30, 3, n_attempts=10, random_state=0)
    strict = PFAClassifier(handle_unknown="error").fit(X, y)
    tutor = serve(strict)
    unknown = (
        422,
        "1 skill(s) were not seen in fit: 'skil 01'; expected some of the 3 that "
        "/v1/model lists. Fit on a log that has them, or pass "
        'handle_unknown="prior" to read them as the average skill.',
    )
    assert ask(tutor, "answer", **ANN | {"skill": "skil 01"}) == unknown
    assert ask(tutor, "answer", **ANN, predict={"skills": "skil 01"}) == unknown
    assert ask(tutor, "predict", student="ann")["answers"] == 0


def test_a_name_of_another_type_is_not_an_unknown_name():
    X, y = make_interactions(30, 3, n_attempts=10, random_state=0)
    numbers = {"skill 01": 7, "skill 02": 8.5, "skill 03": "9"}
    X["skill_name"] = X["skill_name"].map(numbers)
    X["problem"] = X["order_id"] % 4
    tutor = serve(PFAClassifier(item="problem").fit(X, y))
    assert tutor.get("/v1/model").json()["skills"] == [7, 8.5, "9"]
    for got, expected in (("7", "7"), ("8.5", "8.5"), (9, '"9"')):
        kind = "text" if got == 9 else "number"
        said = f"got {json.dumps(got)}; expected {expected}, which the model knows as"
        for call, field in (("answer", "skill"), ("predict", "skills")):
            answer = {"correct": 1} if call == "answer" else {}
            refused = ask(tutor, call, student=1, **{field: got}, **answer)
            assert refused == (422, f"{field}: {said} a {kind}.")
        right = json.loads(expected)
        assert ask(tutor, "predict", student=1, skills=right)["predictions"]
    refused = ask(tutor, "predict", student=1, item=[0, "1"])
    said = 'item: got "1"; expected 1, which the model knows as a number.'
    assert refused == (422, said)


def test_further_columns_are_read_as_in_python():
    X, _ = make_interactions(30, 3, n_attempts=10, random_state=0)
    X = X.assign(
        problem=X["order_id"] % 4,
        when=X["order_id"] * 3600.0,
        hints=X["order_id"] % 3,
        speed=X["order_id"] % 5,
    )
    pfa = PFAClassifier(
        item="problem", time="when", features=["hints", "speed"], past_features="speed"
    ).fit(X, X["correct"])
    tutor, tracer = serve(pfa), pfa.tracer()
    assert tutor.get("/v1/model").json()["reads"] == [
        *("item", "time", "features", "past_features")
    ]
    told = {"item": 2, "features": {"hints": 1, "speed": 3}}
    ask(tutor, "answer", **ANN, **told, time="1970-01-01T01:00:00Z", past_features=2)
    tracer.update("ann", "skill 01", 1, **told, time=3600.0, past_features=2)
    batch = [ANN | told | {"time": 7200}, ANN | {"item": 9}]
    assert ask(tutor, "answers", answers=batch) == {"taken": 2}
    tracer.update("ann", "skill 01", 1, **told, time=7200)
    tracer.update("ann", "skill 01", 1, item=9)
    asked = {"item": [1, 3], "time": 9000, "features": {"speed": 1, "hints": None}}
    said = ask(tutor, "predict", student="ann", **asked)["predictions"]
    assert values(said, "item") == [1, 3]
    asked["features"] = {"speed": 1}
    expected = tracer.predict_proba("ann", **asked).tolist()
    assert values(said) == pytest.approx(expected, abs=1e-9)
    for odd, status in (({"spead": 1}, 422), ([1, 2], 422), ({"speed": "1"}, 422)):
        assert ask(tutor, "predict", student="ann", features=odd)[0] == status
    refused = ask(serve(MeanClassifier().fit(X, X["correct"])), "answer", **ANN, item=1)
    assert refused == (
        422,
        "item: not read by this model; expected no further columns.",
    )


def test_services_may_share_a_store(model, tmp_path):
    first, second = (serve(model, SQLiteStore(tmp_path / "class.db")) for _ in range(2))
    for number in range(1, 7):
        tutor = first if number % 2 else second
        assert ask(tutor, "answer", **ANN, number=number) == {"answers": number}
    said = [ask(tutor, "predict", student="ann") for tutor in (first, second)]
    assert said[0] == said[1]


def test_every_call_is_described_with_an_example_that_works(tutor):
    schema = tutor.get("/openapi.json").json()
    assert tutor.get("/docs").status_code == 404  # it would load scripts from elsewhere
    parts, calls = schema["components"]["schemas"], 0
    for path, methods in schema["paths"].items():
        for method, call in methods.items():
            calls += 1
            assert call["summary"].endswith(".")
            assert "200" in call["responses"]
            for status in set(call["responses"]) - {"200"}:
                assert _schema(call["responses"][status])["$ref"].endswith("/Refusal")
            sent = None
            if method == "post":
                assert {"400", "413", "415", "422", "503"} <= set(call["responses"])
                sent = _example(parts, _schema(call["requestBody"]))
            answer = tutor.request(method, path, json=sent)
            assert answer.status_code == 200, answer.text
            promised = _resolve(parts, _schema(call["responses"]["200"]))
            assert set(answer.json()) <= set(promised["properties"])
    assert calls == 7


def _schema(body):
    return body["content"]["application/json"]["schema"]


def _resolve(parts, schema):
    return parts[schema["$ref"].split("/")[-1]] if "$ref" in schema else schema


def _example(parts, schema):
    schema = _resolve(parts, schema)
    assert all(field["description"] for field in schema["properties"].values())
    return schema["examples"][0]


def test_the_session_on_the_page_is_true(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    exec(re.search(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[1], {})
    tutor = serve(load("tutor.sktrace"), SQLiteStore("class.db"))
    (session,) = re.findall(r"^```console\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    calls = set()
    for call in session.strip().split("\n\n"):
        command, shown = call.removeprefix("$ curl ").splitlines()
        url, *sent = shlex.split(command)
        assert sent[:1] in ([], ["--json"])
        method, body = ("POST", json.loads(sent[1])) if sent else ("GET", None)
        answer = tutor.request(method, f"http://{url}", json=body)
        assert _rounded(answer.json()) == _rounded(json.loads(shown))
        calls.add(url.removeprefix("localhost:8000"))
    assert calls == set(tutor.get("/openapi.json").json()["paths"])
    for path in calls:  # the table below has them all
        assert f" {path}` |" in page


def _rounded(value):
    if isinstance(value, dict):
        return {k: _rounded(each) for k, each in value.items() if k != "version"}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value
