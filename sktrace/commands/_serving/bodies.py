"""What is sent to the tutor, and what it answers."""

from datetime import datetime
from types import SimpleNamespace
from typing import Annotated, Any, Literal

__all__ = ["MEANINGS", "make_bodies"]

LARGEST = 2**53 - 1  # beyond, JavaScript takes several whole numbers for one
LONGEST = 1000  # letters of a name
MOST = 1000  # names in a list
MOST_ANSWERS = 1000  # of a batch, while which others wait
MEANINGS = {  # what a field is, and what is expected where it is refused
    "student": "a text of 1 to 1,000 letters, or a number within ±(2**53 - 1); 7 and "
    "“7” are two students",
    "skill": "the skill practised, a text or a number; or, but in a batch, a list, of "
    "one question on several",
    "correct": "1 if right, 0 if wrong; for a list of skills one for all, or a list of "
    "one for each",
    "number": "a whole number from 1: which answer of this student it is. It may be "
    "sent again then, and counts once; one that would leave a gap is refused (409)",
    "item": "a text or a number, or a list of them",
    "time": "seconds since 1970, or a date such as 2026-03-01T09:30:00Z",
    "features": "numbers known before the answer: an object, by their columns, or the "
    "number of the only one",
    "past_features": "numbers known only after it: an object, by their columns, or the "
    "number of the only one",
    "learn_group": "a text or a number",
    "prior_group": "a text or a number",
    "skills": "a skill, or a list of 1 to 1,000; all by default",
    "predict": "an object: what to predict after the answer, {} for all skills",
    "answers": f"a list of 1 to {MOST_ANSWERS:,}, of any students, in time order",
}
_ANN = {"student": "ann"}
_ANSWER = {**_ANN, "skill": "fractions", "correct": 1, "number": 1}
EXAMPLES = {
    "Student": _ANN,
    "Question": {**_ANN, "skills": ["fractions", "sums"]},
    "Answer": {**_ANSWER, "predict": {}},
    "OneAnswer": _ANSWER,
    "Answers": {"answers": [_ANSWER, {**_ANSWER, "student": 7, "correct": 0}]},
}


def make_bodies():
    """Return the pydantic models of all bodies, by name."""
    known = _make_questions() | _make_answers()
    return SimpleNamespace(
        **{n: own for n, own in known.items() if isinstance(own, type)}
    )


def _make_questions():
    """Return the models of what is sent."""
    from pydantic import BaseModel, Field, Strict

    def told(name, default=None):
        return Field(default, description=MEANINGS[name])

    def example(name):
        return {"examples": [EXAMPLES[name]]}

    def some(each, most=MOST):
        return Annotated[list[each], Field(min_length=1, max_length=most)]

    text = Annotated[str, Field(min_length=1, max_length=LONGEST)]
    whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
    number = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
    name, right = text | whole | number, Literal[0, 1]
    numbers = number | dict[text, number | None]

    class Sent(BaseModel, extra="forbid", strict=True):
        pass

    class Student(Sent, json_schema_extra=example("Student")):
        student: name = told("student", ...)

    class KnownBefore(Sent):
        item: name | some(name) | None = told("item")
        time: number | Annotated[datetime, Strict(False)] | None = told("time")
        features: numbers | None = told("features")
        learn_group: name | None = told("learn_group")
        prior_group: name | None = told("prior_group")

    class Ask(KnownBefore):
        skills: name | some(name) | None = told("skills")

    class Question(Ask, Student, json_schema_extra=example("Question")):
        pass

    class OneAnswer(KnownBefore, Student, json_schema_extra=example("OneAnswer")):
        past_features: numbers | None = told("past_features")
        number: Annotated[int, Field(ge=1, le=LARGEST)] | None = told("number")
        item: name | None = told("item")
        skill: name = told("skill", ...)
        correct: right = told("correct", ...)

    class Answer(OneAnswer, json_schema_extra=example("Answer")):
        item: name | some(name) | None = told("item")
        skill: name | some(name) = told("skill", ...)
        correct: right | some(right) = told("correct", ...)
        predict: Ask | None = told("predict")

    class Answers(Sent, json_schema_extra=example("Answers")):
        answers: some(OneAnswer, MOST_ANSWERS) = told("answers", ...)

    return locals()


def _make_answers():
    """Return the models of what is sent back."""
    from pydantic import BaseModel, Field

    class OfSkill(BaseModel):
        skill: str | int | float | None = Field(None, examples=["fractions"])
        item: str | int | float | None = None

    class Prediction(OfSkill):
        probability: float = Field(description="P(right), were it asked now")

    class Known(OfSkill):
        knowledge: float = Field(description="P(known), or P(right) where no such is")

    class Counted(BaseModel):
        answers: int = Field(description="answers of this student so far", examples=[1])

    class Predictions(Counted):
        predictions: list[Prediction]

    class Taken(Counted):
        predictions: list[Prediction] | None = None

    class Knowledge(Counted):
        knowledge: list[Known]

    class Forgotten(BaseModel):
        forgotten: int = Field(description="answers that were", examples=[1])

    class TakenAnswers(BaseModel):
        taken: int = Field(description="answers that were sent", examples=[1])

    class Model(BaseModel):
        model: str = Field(examples=["DKTClassifier"])
        version: str = Field(description="of sktrace")
        classes: list[Any] = Field(description="of which the second is predicted")
        skills: list[str | int | float]
        reads: list[str] = Field(description="further columns", examples=[["item"]])

    class Health(BaseModel):
        status: Literal["ready"]

    class Refusal(BaseModel):
        detail: str = Field(description="what was got, what was expected")
        answers: int | None = Field(None, description="of a gap: answers so far")

    return locals()
