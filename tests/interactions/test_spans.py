"""What holds after a row, skill by skill, is what the rows up to it say."""

import numpy as np
import pytest

from sktrace._interactions.columns import check_interactions
from sktrace._interactions.spans import SkillSpans
from sktrace._interactions.timeline import Timeline

from ..conftest import ROLES, make_log


@pytest.fixture(params=[0, 1])
def spans(request):
    log = make_log(n_students=6, n_skills=4, n_steps=9, seed=request.param)
    rng = np.random.default_rng(request.param)
    log["order_id"] //= 2
    log["correct"] = log["correct"].where(rng.uniform(size=len(log)) > 0.3)
    log = check_interactions(log, ROLES)
    return log, SkillSpans(log, Timeline.of(log))


def test_the_span_of_a_skill_is_that_after_its_latest_answers(spans):
    log, spans = spans
    rows = spans.timeline.rows
    correct = log.correct[rows]
    right, wrong = spans.total(correct == 1), spans.total(correct == 0)
    asked = np.random.default_rng(0).permutation(len(rows))[:15]
    found = {
        (entry, skill): (0, 0) for entry in asked for skill in range(len(log.skills))
    }
    place, span = spans.after(asked)
    for entry, own in zip(asked[place], span, strict=True):
        found[entry, spans.skill[own]] = right[own], wrong[own]
    for (entry, skill), counts in found.items():
        row = rows[entry]
        own = (log.student == log.student[row]) & (log.order <= log.order[row])
        own &= log.skill == skill
        expected = (log.correct[own] == 1).sum(), (log.correct[own] == 0).sum()
        assert counts == expected


def test_there_are_as_many_spans_as_moments_with_answers_on_a_skill(spans):
    log, spans = spans
    answered = ~np.isnan(log.correct)
    moments = np.column_stack([log.student, log.skill, log.order])[answered]
    assert len(spans.skill) == len(np.unique(moments, axis=0))
    last = spans.timeline.offsets[1:] - 1
    pairs = np.unique(moments[:, :2], axis=0)
    assert len(spans.after(last)[0]) == len(pairs)


def test_without_answers_nothing_holds(frame):
    log = check_interactions(frame.assign(correct=np.nan), ROLES)
    spans = SkillSpans(log, Timeline.of(log))
    assert [part.tolist() for part in spans.after(np.arange(4))] == [[], []]
    assert spans.total(np.ones(4)).tolist() == []
