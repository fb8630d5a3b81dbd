"""A column beside the four is carried by its name through all that a tracer does.

The tracer here reads two made-up columns: how hard a row is said to be, known before
the answer, and how many seconds the answer took, known only after it.
"""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn.functional import embedding_bag

from sktrace import DKTClassifier
from sktrace._interactions.numbers import check_numbers
from sktrace._neural.modules import DKTModule
from sktrace._neural.training import recurrent_sizes
from sktrace.inspection import skill_influence, what_if

from ..conftest import CLOSE, make_log, proba


class ColumnModule(DKTModule):
    def __init__(self, n_skills, embedding_size, **sizes):
        super().__init__(n_skills, embedding_size=embedding_size, **sizes)
        self.numbers = nn.Linear(2, embedding_size)
        self.harder = nn.Linear(1, 1)

    def embed(self, inputs, bags):
        numbers = torch.stack([inputs["hardness"], inputs["seconds"]], dim=1)
        numbers = self.numbers(numbers.nan_to_num())
        each = torch.arange(len(numbers))
        return super().embed(inputs, bags) + embedding_bag(
            each, numbers, bags, mode="mean"
        )

    def forward(self, batch):
        return super().forward(batch) + self._shift(batch.asked)

    def ask(self, h, asked):
        return super().ask(h, asked) + self._shift(asked)

    def _shift(self, asked):
        return self.harder(asked["hardness"].nan_to_num()[:, None])[:, 0]


class ColumnTracer(DKTClassifier):
    _known_before = {"hardness": check_numbers}
    _known_after = {"seconds": check_numbers}
    _parameter_constraints = {
        **DKTClassifier._parameter_constraints,
        "hardness": "no_validation",
        "seconds": "no_validation",
    }

    def __init__(self, *, hardness=None, seconds=None, order="order_id"):
        super().__init__(
            order=order,
            hidden_size=6,
            embedding_size=4,
            max_epochs=2,
            lr=0.1,
            random_state=0,
        )
        self.hardness = hardness
        self.seconds = seconds

    def _module(self):
        return ColumnModule(
            n_skills=len(self.skills_),
            embedding_size=self.embedding_size,
            readout=self.readout,
            **recurrent_sizes(self),
        )


@pytest.fixture
def log():
    log, rng = make_log(), np.random.default_rng(0)
    log["said"] = rng.normal(size=len(log))
    log["took"] = rng.exponential(size=len(log)) * (1 + log["correct"])
    log.loc[rng.uniform(size=len(log)) < 0.2, ["said", "took"]] = np.nan
    return log


@pytest.fixture
def tracer(log):
    return ColumnTracer(hardness="said", seconds="took").fit(log, log["correct"])


def test_the_columns_are_those_that_are_read(tracer, log):
    assert tracer.feature_names_in_.tolist() == log.columns.tolist()
    for column in ("said", "took"):
        role = {"said": "hardness", "took": "seconds"}[column]
        with pytest.raises(ValueError, match=rf"no column '{column}' \({role}\)"):
            tracer.predict_proba(log.drop(columns=column))
    with pytest.raises(ValueError, match=r"Column 'said' \(hardness\) has dtype"):
        tracer.predict_proba(log.assign(said="easy"))
    with pytest.raises(ValueError, match=r"Column 'took' \(seconds\) is infinite in 1"):
        tracer.predict_proba(log.assign(took=[np.inf] + [1.0] * (len(log) - 1)))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_own_tied_and_later_values_of_the_past_are_invisible(tracer, log, order):
    changed = log.copy()
    hidden = log["order_id"] >= order
    changed.loc[hidden, "took"] = 99.0
    seen = (log["order_id"] <= order).to_numpy()
    p, q = proba(tracer, log), proba(tracer, changed)
    np.testing.assert_array_equal(q[seen], p[seen])
    assert (q != p)[~seen].any()


def test_own_values_that_are_known_before_are_seen_and_later_ones_are_not(tracer, log):
    now = (log["order_id"] == 1).to_numpy()
    before = (log["order_id"] < 1).to_numpy()
    p, q = proba(tracer, log), proba(tracer, log.assign(said=log["said"] + 9 * now))
    np.testing.assert_array_equal(q[before], p[before])
    assert (q != p)[now].sum() == log["said"].notna()[now].sum()


def test_rows_of_any_order_agree_to_the_last_bit(tracer, log):
    # Some tied rows agree in skill and answer, and differ in what they took.
    log = pd.concat([log, log.assign(took=log["took"] * 2)], ignore_index=True)
    rows = np.random.default_rng(0).permutation(len(log))
    np.testing.assert_array_equal(
        proba(tracer, log.iloc[rows]), proba(tracer, log)[rows]
    )


def test_live_predictions_are_those_of_the_log(tracer, log):
    live, p = tracer.tracer(), pd.Series(np.nan, log.index)
    for (_, student), rows in log.groupby(["order_id", "user_id"]):
        skills, said = rows["skill_name"].tolist(), rows["said"].tolist()
        p[rows.index] = live.predict_proba(student, skills, hardness=said).to_numpy()
        answers, took = rows["correct"].tolist(), rows["took"].tolist()
        live.update(student, skills, answers, hardness=said, seconds=took)
    np.testing.assert_allclose(p, proba(tracer, log), **CLOSE)
    replayed = tracer.tracer(log)
    for student, expected in tracer.predict_next(log).iterrows():
        np.testing.assert_allclose(live.predict_proba(student), expected, **CLOSE)
        np.testing.assert_allclose(replayed.predict_proba(student), expected, **CLOSE)


def test_live_columns_that_are_not_read_are_refused(tracer):
    live = tracer.tracer()
    with pytest.raises(
        TypeError, match=r"'hint' is no further column .*'hardness', 's"
    ):
        live.update("ann", "skill 0", 1, hint=3)
    with pytest.raises(
        TypeError, match=r"'seconds' is no further column .*hardness'\]"
    ):
        live.predict_proba("ann", "skill 0", seconds=3)
    with pytest.raises(ValueError, match=r"hardness=\[1.0\]; expected one value for"):
        live.update("ann", ["skill 0", "skill 1"], 1, hardness=[1.0])
    with pytest.raises(ValueError, match=r"Column 'said' \(hardness\) has dtype"):
        live.update("ann", "skill 0", 1, hardness="easy")
    assert live.states_ == {}
    log = make_log()
    plain = DKTClassifier(hidden_size=2, max_epochs=1).fit(log, log["correct"]).tracer()
    with pytest.raises(TypeError, match=r"'hardness' is no further column .* none"):
        plain.update("ann", "skill 0", 1, hardness=1)


def test_values_may_miss_come_as_arrays_or_not_at_all(tracer, log):
    live = tracer.tracer()
    nothing = live.predict_proba("ann", "skill 0")
    for value in (None, pd.NA, np.nan, [None], np.array([np.nan])):
        told = live.predict_proba("ann", "skill 0", hardness=value)
        pd.testing.assert_series_equal(told, nothing)
        live.update("bob", "skill 0", 1, hardness=value, seconds=value)
    listed, array = (
        live.predict_proba("ann", ["skill 0", "skill 1"], hardness=kind([1.0, 2.0]))
        for kind in (list, np.array)
    )
    pd.testing.assert_series_equal(listed, array)
    assert live.predict_proba("ann", []).empty
    yes = log.assign(said=log["said"] > 0)
    told = what_if(tracer, yes, "skill 0", 1)
    expected = what_if(tracer, yes.astype({"said": float}), "skill 0", 1)
    pd.testing.assert_frame_equal(told, expected)


def test_questions_by_hand_leave_further_columns_missing(tracer, log):
    asked = log.assign(order_id=99, correct=np.nan, said=np.nan, took=np.nan)
    asked = asked.drop_duplicates("user_id").assign(skill_name="skill 1")
    expected = proba(tracer, pd.concat([log, asked]))[len(log) :]
    now = tracer.predict_next(log, "skill 1")["skill 1"]
    np.testing.assert_allclose(now[asked["user_id"]], expected, **CLOSE)
    state = tracer.knowledge_state(log).loc[log.groupby("user_id")["order_id"].idxmax()]
    last = log.loc[state.index, "user_id"]
    np.testing.assert_allclose(state["skill 1"], now[last], **CLOSE)
    more = what_if(tracer, log, "skill 0", 1, skills="skill 1").set_index("student")
    row = asked.assign(order_id=50, skill_name="skill 0", correct=1.0)
    after = tracer.predict_next(pd.concat([log, row]), "skill 1")["skill 1"]
    np.testing.assert_allclose(more["after"], after[more.index], **CLOSE)
    influence = skill_influence(tracer)
    np.testing.assert_allclose(influence.groupby("on")["influence"].sum(), 1)


def test_columns_that_are_not_named_are_not_read(log):
    class Deaf(ColumnModule):
        def embed(self, inputs, bags):
            assert set(inputs) == {"answer", "hardness", "before", "after"}
            n = len(inputs["answer"])
            return super().embed({**inputs, "seconds": torch.zeros(n)}, bags)

    class DeafTracer(ColumnTracer):
        def _module(self):
            sizes = recurrent_sizes(self)
            return Deaf(len(self.skills_), 4, readout="linear", **sizes)

    tracer = DeafTracer(hardness="said").fit(log, log["correct"])
    assert "took" not in tracer.feature_names_in_
    changed = log.assign(took=0.0)
    np.testing.assert_array_equal(proba(tracer, changed), proba(tracer, log))
