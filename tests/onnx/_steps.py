"""Exported steps, as somebody drives them who knows codes and states alone."""

import json

import numpy as np
import onnxruntime

__all__ = ["Driven", "drive", "open_session"]


def open_session(path):
    """Open a model on one thread of the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )


class Driven:
    """A session, with its metadata read."""

    def __init__(self, path):
        self.session = open_session(path)
        notes = self.session.get_modelmeta().custom_metadata_map
        self.notes = {name: json.loads(note) for name, note in notes.items()}
        self.skills, self.items = self.notes["skills"], self.notes.get("items")
        self.size = self.session.get_inputs()[0].shape[1]
        self.fields = {
            field["name"]: slice(field["start"], field["stop"])
            for field in self.notes["state"]
        }

    def start(self, n=1):
        return np.zeros((n, self.size))

    def step(self, state, skill, correct, item=None, questions=None):
        """Run a step of some students; return outputs by name."""
        n = len(state)
        fed = {"state": state, "skill": skill, "correct": correct}
        if self.items is not None:
            ask_skill, ask_item = questions or np.full((2, n, 1), -1)
            fed |= {"item": item, "ask_skill": ask_skill, "ask_item": ask_item}
        fed = {k: np.asarray(v, None if k == "state" else int) for k, v in fed.items()}
        names = [output.name for output in self.session.get_outputs()]
        return dict(zip(names, self.session.run(None, fed), strict=True))


def drive(driven, tracer, state, n_answers, seed=0, n_questions=4):
    """Let a model and a live tracer take in the same answers, two students at once.

    A tenth of the skills and items are unknown, and a tenth of the answers missing.

    Returns
    -------
    list of (got, expected)
        Predictions of both, of some questions and of every skill, after the first
        steps, and then after every eighth.
    """
    rng, (n, _) = np.random.default_rng(seed), state.shape
    n_skills, n_items = len(driven.skills), len(driven.items or ())
    found = []

    def draw(n_names, *shape):
        code = rng.integers(0, max(n_names, 1), shape)
        return np.where(rng.uniform(size=shape) < 0.1, n_names, code)

    def name(names, codes):
        return [[*names, "never seen"][code] for code in codes]

    for k in range(n_answers):
        skill, item, correct = draw(n_skills, n), draw(n_items, n), draw(2, n)
        correct = np.where(correct == 2, -1, correct)
        if k < 40:  # all is right, then all is wrong
            correct = np.where(correct < 0, -1, k < 20)
        questions = draw(n_skills, n, n_questions), draw(n_items, n, n_questions)
        told = driven.step(state, skill, correct, item, questions)
        state = told["new_state"]
        for student in range(n):
            (own,) = name(driven.skills, skill[[student]])
            further = {}
            if driven.items is not None:
                further["item"] = name(driven.items, item[[student]])[0]
            if correct[student] >= 0:
                tracer.update(student, own, int(correct[student]), **further)
            if k > 1 and k % 8:
                continue
            every = tracer.predict_proba(student, [*driven.skills, "never seen"])
            found.append((told["probability"][student], every))
            if driven.items is not None:
                skills, items = (
                    name(names, codes[student])
                    for names, codes in zip(
                        (driven.skills, driven.items), questions, strict=True
                    )
                )
                asked = tracer.predict_proba(student, skills, item=items)
                found.append((told["asked"][student], asked))
            if "known" in told:
                known = tracer.knowledge_state(student)
                found.append((told["known"][student, :-1], known))
    return found
