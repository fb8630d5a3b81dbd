"""A live tracer under thousands of calls, as a tutoring system makes them.

`Tutor` calls a live tracer at random: answers of one or several skills, further
columns or none, questions, knowledge, students who are forgotten and come back, names
in whatever type, calls that have to be refused. Beside it stands the plain log of all
answers that were taken in. What must hold:

* every probability is finite and in [0, 1];
* a refused call leaves every state as it was, in our own words;
* from time to time, and in the end: the live tracer agrees with `predict_next` on the
  plain log to 1e-6, pickled or not;
* states take no more memory after many answers than after few.
"""

import datetime
import pickle

import numpy as np
import pandas as pd

from ._outcomes import attempt

__all__ = ["Tutor", "make_class"]

COLUMNS = ["user_id", "order_id", "skill_name", "correct", "item_id", "when", "hints"]
RIGHT = (1, True, np.int8(1), np.float16(1), np.bool_(True), np.array(1))
WRONG = (0, False, np.uint8(0), 0.0, np.bool_(False), np.array(0))
SKILLS = {  # the names of a skill, which are all equal
    0: ("add", np.str_("add")),
    1: (7, 7.0, np.int16(7), np.float32(7)),
    2: (pd.Timestamp("2024-01-01"), np.datetime64("2024-01-01", "D")),
    3: (datetime.datetime(2024, 1, 1), pd.Timestamp("2024-01-01").as_unit("s")),
    4: ((1, "x"),),
    5: ("new", b"never seen", ("new", 1), frozenset()),  # unknown
    6: (None, np.nan, pd.NA, pd.NaT),  # missing
}
NAMES = ["add", 7, pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01"), (1, "x")]
STUDENTS = (
    ("ann", np.str_("ann")),
    (3, 3.0, np.int64(3), np.uint8(3)),
    (pd.Timestamp("2001-02-03"), datetime.datetime(2001, 2, 3)),
    ((1, 2),),
    (b"\xff",),
)
REFUSED = (
    {"skill": [], "correct": []},
    {"skill": "add", "correct": 2},
    {"skill": "add", "correct": None},
    {"skill": "add", "correct": np.nan},
    {"skill": "add", "correct": "1"},
    {"skill": "add", "correct": 1j},
    {"skill": ["add", 7], "correct": [1, 0, 1]},
    {"skill": "add", "correct": [[1]]},
    {"skill": "add", "correct": 1, "colour": "red"},
    {"skill": {}, "correct": 1},
)


def make_class(n_students=8, n_steps=12, seed=0):
    """Write a log with skills of several types, items, dates and numbers."""
    rng = np.random.default_rng(seed)
    n = n_students * n_steps
    skill = np.empty(n, dtype=object)
    for place, code in enumerate(rng.integers(0, len(NAMES), n)):
        skill[place] = NAMES[code]
    return pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(100, 100 + n_students), n_steps),
            "order_id": np.tile(np.arange(n_steps), n_students),
            "skill_name": pd.Series(skill, dtype=object),
            "correct": rng.integers(0, 2, n),
            "item_id": rng.integers(0, 5, n),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), "h"),
            "hints": rng.integers(0, 3, n).astype(float),
        }
    )


class Tutor:
    """Calls a live tracer, and keeps what was answered."""

    def __init__(self, fitted, seed):
        self.fitted, self.live = fitted, fitted.tracer()
        self.rng = np.random.default_rng(seed)
        self.answers = {place: [] for place in range(len(STUDENTS))}
        self.time = 0

    def pick(self, values):
        return values[self.rng.integers(len(values))]

    def call(self):
        """Make one call, whatever it is."""
        student = self.rng.integers(len(STUDENTS))
        action = self.rng.choice(
            [self.answer, self.answer, self.ask, self.know, self.refuse, self.forget],
            p=[0.35, 0.2, 0.2, 0.1, 0.1, 0.05],
        )
        action(student)

    def answer(self, student):
        self.time += 1
        codes = self.rng.integers(0, len(SKILLS), self.pick([1, 1, 1, 2, 3]))
        names = [self.pick(SKILLS[code]) for code in codes]
        right = self.rng.integers(0, 2, len(codes))
        given = [self.pick(RIGHT if own else WRONG) for own in right]
        given = [own.item() if isinstance(own, np.ndarray) else own for own in given]
        known = {"item": int(self.rng.integers(0, 6))}
        when = pd.Timestamp("2024-03-01") + pd.Timedelta(self.time, "h")
        known |= {"time": when, "features": [1.0], "past_features": [2.0]}
        known = {
            role: value
            for role, value in known.items()
            if role in self.live._writer.columns and self.rng.integers(0, 3)
        }
        name = self.pick(STUDENTS[student])
        one = len(codes) == 1 and self.rng.integers(0, 2)
        told = attempt(
            self.live.update,
            name,
            names[0] if one else names,
            given[0] if one else given,
            **known,
        )
        assert not told.refused, told.refusal
        for code, correct in zip(names, right, strict=True):
            self.answers[student].append((self.time, code, correct, known))

    def ask(self, student):
        skills = self.pick([None, ["add", 7], "new", [(1, "x")], (1, "x"), []])
        asked = attempt(self.live.predict_proba, self.pick(STUDENTS[student]), skills)
        assert not asked.refused, asked.refusal
        judge(asked.value)

    def know(self, student):
        known = attempt(self.live.knowledge_state, self.pick(STUDENTS[student]))
        assert not known.refused, known.refusal
        judge(known.value)

    def forget(self, student):
        self.live.forget(self.pick(STUDENTS[student]))
        self.answers[student] = []

    def refuse(self, student):
        before = pickle.dumps(self.live.states_)
        odd = self.pick(REFUSED)
        told = attempt(self.live.update, self.pick(STUDENTS[student]), **odd)
        assert told.refused, f"taken in: {odd}"
        assert pickle.dumps(self.live.states_) == before, f"left a trace: {odd}"

    def check(self):
        """Compare with the whole log, and pickle."""
        self.live = pickle.loads(pickle.dumps(self.live))
        log = self.log()
        for student, names in enumerate(STUDENTS):
            own = log[log["user_id"] == student]
            live = self.live.predict_proba(names[0])
            judge(live)
            if len(own) == 0:
                assert names[0] not in self.live.states_
                continue
            batch = self.fitted.predict_next(own).iloc[0]
            apart = np.abs(live.to_numpy() - batch.to_numpy()).max()
            assert apart < 1e-6, f"{names[0]!r}: live and batch are {apart:g} apart"

    def log(self):
        rows = []
        for student, answers in self.answers.items():
            for time, skill, correct, known in answers:
                when = known.get("time", pd.NaT)
                item = known.get("item", np.nan)
                hints = known.get("features", [np.nan])[0]
                past = known.get("past_features", [np.nan])[0]
                rows.append((student, time, skill, correct, item, when, hints, past))
        log = pd.DataFrame(rows, columns=[*COLUMNS, "past"])
        skill = np.empty(len(rows), dtype=object)
        for place, row in enumerate(rows):
            skill[place] = row[2]
        return log.assign(
            skill_name=pd.Series(skill, dtype=object),
            when=log["when"].astype("datetime64[us]"),
        )


def judge(p):
    p = p.to_numpy()
    assert ((p >= 0) & (p <= 1)).all(), p  # which NaN is not
