"""The states of one student after the other are those of the whole table."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier, PFAClassifier
from sktrace._interactions import portions
from sktrace.datasets import make_interactions, scan_interactions
from sktrace.inspection import iter_knowledge_states

from ..conftest import BELOW_HALF, CLOSE, make_log, small_dkt


@pytest.fixture(params=["bkt", "dkt"], scope="module")
def tracer(request):
    log = make_log()
    bkt = BKTClassifier(bounds=BELOW_HALF, random_state=0)
    return (bkt if request.param == "bkt" else small_dkt()).fit(log, log["correct"])


@pytest.fixture(params=[1, 200, 10**6])
def _cells_at_once(request, monkeypatch):
    monkeypatch.setattr(portions, "CELLS_AT_ONCE", request.param)


@pytest.fixture
def shuffled():
    """Rows in any order, some tied, asked, of two skills or of a new one."""
    log = make_log().sample(frac=1, random_state=3)
    rng = np.random.default_rng(0)
    log["correct"] = log["correct"].where(rng.uniform(size=len(log)) > 0.1)
    joined = log["skill_name"].astype(str) + "~~skill 1"
    log["skill_name"] = log["skill_name"].where(
        rng.uniform(size=len(log)) > 0.2, joined
    )
    log.loc[log.index[::17], "skill_name"] = "new"
    return log.set_axis([f"row {k}" for k in range(len(log))]).rename_axis("which")


@pytest.mark.usefixtures("_cells_at_once")
def test_states_of_students_are_those_of_the_log(tracer, shuffled):
    students, states = zip(*iter_knowledge_states(tracer, shuffled), strict=True)
    assert list(students) == shuffled["user_id"].unique().tolist()
    for student, state in zip(students, states, strict=True):
        own = shuffled[shuffled["user_id"] == student]
        pd.testing.assert_index_equal(state.index, own.index)
    expected = tracer.knowledge_state(shuffled)
    found = pd.concat(states).loc[expected.index]
    pd.testing.assert_frame_equal(found, expected, **CLOSE)


def test_no_more_than_a_part_of_the_table_is_there_at_once(monkeypatch):
    monkeypatch.setattr(portions, "CELLS_AT_ONCE", 50_000)
    X, y = make_interactions(n_students=120, n_skills=300, random_state=0)
    bkt = BKTClassifier(n_restarts=1, bounds=BELOW_HALF).fit(X, y)
    table = len(X) * len(bkt.skills_) * 8
    tracemalloc.start()
    for _, state in iter_knowledge_states(bkt, X):
        assert state.shape[1] == len(bkt.skills_)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < table / 4


def test_a_log_is_judged_before_anyone_is_traced(tracer, log):
    for nobody in (None, np.nan):
        nameless = log.astype({"user_id": object})
        nameless.loc[3, "user_id"] = nobody
        with pytest.raises(ValueError, match="names no student in 1 row"):
            iter_knowledge_states(tracer, nameless)
    odd = log.assign(correct=log["correct"].where(log.index < len(log) - 1, 2))
    with pytest.raises(ValueError, match=r"holds 2\.0"):
        iter_knowledge_states(tracer, odd)
    pfa = PFAClassifier().fit(log, log["correct"])
    with pytest.raises(TypeError, match="keeps no state of every skill"):
        iter_knowledge_states(pfa, log)


def test_a_log_in_portions_is_traced_as_a_frame(tracer, log, tmp_path):
    pytest.importorskip("pyarrow")
    log["skill_name"] = log["skill_name"].astype(str)
    parts = [own.reset_index(drop=True) for _, own in log.groupby(log["user_id"] % 2)]
    for number, part in enumerate(parts):
        part.to_parquet(tmp_path / f"part-{number}.parquet")
    found = list(iter_knowledge_states(tracer, scan_interactions(tmp_path)))
    in_memory = [pair for part in parts for pair in iter_knowledge_states(tracer, part)]
    for (one, state), (other, expected) in zip(found, in_memory, strict=True):
        assert one == other
        pd.testing.assert_frame_equal(state, expected)
    log.to_parquet(tmp_path / "part-2.parquet")
    with pytest.raises(ValueError, match="stand in several portions"):
        iter_knowledge_states(tracer, scan_interactions(tmp_path))
