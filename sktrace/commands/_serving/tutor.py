"""What the tutor does with each request, once its body is understood."""

import contextlib
import json

from ... import __version__
from ..._tracer.questions import roles_of

__all__ = ["Tutor"]

FURTHER = ("item", "time", "features", "past_features", "learn_group", "prior_group")


class Tutor:
    """Takes in answers and says what is known; each method is a call over HTTP.

    Parameters
    ----------
    classifier : fitted tracer
    tracer : LiveTracer
        Of that classifier.
    """

    def __init__(self, classifier, tracer):
        self.classifier, self.tracer = classifier, tracer
        self.skills = classifier.skills_.tolist()
        odd = [name for name in self.skills if type(name) not in (str, int, float)]
        if odd:
            raise ValueError(
                f"The model knows the skill {odd[0]!r}, which JSON cannot name; "
                "expected texts or numbers. Fit it on "
                f"X[{classifier.skill!r}].map(str)."
            )
        roles, names = roles_of(classifier), getattr(classifier, "_names_", {})
        self.roles, self.before = list(roles.further), list(roles.known_before)
        self.twins = {role: _find_twins(of.tolist()) for role, of in names.items()}
        self.twins["skill"] = self.twins["skills"] = _find_twins(self.skills)

    def answer(self, body):
        """Take in an answer.

        It is acknowledged once it stands in the store. With `predict` the student's
        next answers are predicted at once.
        """
        student, given = body.student, self._read(body, "skill", *self.roles)
        if body.predict is not None and body.predict.model_fields_set:
            self._predict(student, body.predict)  # refused, if at all, before it counts
        self.tracer.update(student, correct=body.correct, number=body.number, **given)
        taken = {"answers": self.tracer.n_answers(student)}
        if body.predict is not None:
            taken["predictions"] = self._predict(student, body.predict)
        return taken

    def answers(self, body):
        """Take in answers of any students: all, or none.

        They stand in the order in which they were given. Each has a `number`, or none.
        """
        sent, numbers = body.answers, [one.number for one in body.answers]
        if 0 < numbers.count(None) < len(numbers):
            raise ValueError(
                f"number: missing in {numbers.count(None)} of {len(numbers)} answers; "
                "expected one in each, or in none."
            )
        given = [self._read(one, "skill", *self.roles) for one in sent]
        further = {role: _gather(given, role) for role in set().union(*given)}
        self.tracer.update_many(
            [one.student for one in sent],
            further.pop("skill"),
            [one.correct for one in sent],
            numbers=None if None in numbers else numbers,
            **further,
        )
        return {"taken": len(sent)}

    def predict(self, body):
        """Predict what a student would get right now.

        One who has not answered yet is predicted as a new student; a skill that is new
        to the model as the average skill, unless it has `handle_unknown="error"`.
        """
        predictions = self._predict(body.student, body)
        n_answers = self.tracer.n_answers(body.student)
        return {"answers": n_answers, "predictions": predictions}

    def knowledge(self, body):
        """Say what a student knows of all skills.

        P(known) of a model that has it, as BKT; of others P(right).
        """
        known = self.tracer.knowledge_state(body.student).tolist()
        n_answers = self.tracer.n_answers(body.student)
        pairs = zip(self.skills, known, strict=True)
        known = [{"skill": skill, "knowledge": p} for skill, p in pairs]
        return {"answers": n_answers, "knowledge": known}

    def forget(self, body):
        """Delete all that is kept of a student."""
        n_answers = self.tracer.n_answers(body.student)
        self.tracer.forget(body.student)
        return {"forgotten": n_answers}

    def model(self):
        """Say which model predicts, and what it reads."""
        return {
            "model": type(self.classifier).__name__,
            "version": __version__,
            "classes": self.classifier.classes_.tolist(),
            "skills": self.skills,
            "reads": self.roles,
        }

    def health(self):
        """Say whether the store can be read."""
        self.tracer.n_answers("nobody")
        return {"status": "ready"}

    def _predict(self, student, ask):
        given = self._read(ask, "skills", *self.before)
        p = self.tracer.predict_proba(student, **given).tolist()
        what = "item" if "item" in given else "skill"
        names = given.get("item", given.get("skills", self.skills))
        pairs = zip(names if isinstance(names, list) else [names], p, strict=True)
        return [{what: name, "probability": value} for name, value in pairs]

    def _read(self, body, *fields):
        """Return the skill and further columns that a body names, if they are read."""
        given = {}
        for field in (fields[0], *FURTHER):
            value = getattr(body, field, None)
            if value is None:
                continue
            if field not in fields:
                raise ValueError(
                    f"{field}: not read by this model; expected "
                    f"{', '.join(fields[1:]) or 'no further columns'}."
                )
            for name in value if isinstance(value, list) else [value]:
                _refuse_twin(field, name, self.twins.get(field, {}))
            given[field] = value
        return given


def _gather(given, field):
    """Return what each of several answers tells, by column where these have names."""
    told = [one.get(field) for one in given]
    columns = dict.fromkeys(
        name for one in told if isinstance(one, dict) for name in one
    )
    if not columns:
        return told
    return {name: [(one or {}).get(name) for one in told] for name in columns}


def _find_twins(known):
    """Return what looks like a name that is known, and is another one to Python.

    >>> _find_twins([7, "8", "add"])
    {'7': 7, 8.0: '8'}
    """
    twins = {str(name): name for name in known if isinstance(name, int | float)}
    for name in known:
        with contextlib.suppress(ValueError):
            if isinstance(name, str):
                twins[float(name)] = name
    known = set(known)  # 7 and "7" may both be
    return {twin: name for twin, name in twins.items() if twin not in known}


def _refuse_twin(field, name, twins):
    if not isinstance(name, dict) and name in twins:
        known = twins[name]
        raise ValueError(
            f"{field}: got {json.dumps(name)}; expected {json.dumps(known)}, which the "
            f"model knows as a {'text' if isinstance(known, str) else 'number'}."
        )
