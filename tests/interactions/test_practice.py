"""Practice, counted by loops over rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from sktrace._interactions.practice import (
    count_practice,
    entries_by_skill,
    number_opportunities,
    split_by_skill,
)
from sktrace._interactions.timeline import Timeline

from .test_timeline import logs, precedes


def earlier_answers(log, row):
    """Return the rows of a student's earlier answers on the skill of a row."""
    return [
        other
        for other in range(len(log.skill))
        if log.skill[other] == log.skill[row]
        and not np.isnan(log.correct[other])
        and precedes(log, other, row)
    ]


def code(log):
    """Read rows that name no skill as one unknown skill, as estimators do."""
    return log._replace(skill=np.where(log.skill < 0, 3, log.skill))


@given(logs())
def test_attempts_are_earlier_answers_on_the_skill(log):
    log = code(log)
    counts = count_practice(log, Timeline.of(log))
    for row in range(len(log.skill)):
        earlier = log.correct[earlier_answers(log, row)]
        assert counts["attempts"][row] == len(earlier)
        assert counts["successes"][row] == (earlier == 1).sum()
        assert counts["failures"][row] == (earlier == 0).sum()


@given(logs())
def test_an_opportunity_is_a_moment_with_an_answer_on_the_skill(log):
    log = code(log)
    time = np.arange(len(log.skill)) if log.order is None else log.order
    number = number_opportunities(log, Timeline.of(log))
    for row in range(len(log.skill)):
        assert number[row] == len(set(time[earlier_answers(log, row)])) + 1


@given(logs())
def test_split_by_skill_a_pair_is_whoever_practises(log):
    log = code(log)
    on_skill = split_by_skill(log, Timeline.of(log))
    pairs = np.column_stack([log.student, log.skill])
    for pair, own in enumerate(np.split(on_skill.rows, on_skill.offsets[1:-1])):
        assert len(np.unique(pairs[own], axis=0)) == 1
        assert (on_skill.student[on_skill.offsets[pair] :][: len(own)] == pair).all()
    # As if each pair were a student of its own.
    log = log._replace(student=np.unique(pairs, axis=0, return_inverse=True)[1].ravel())
    expected = Timeline.of(log)
    for name in ("rows", "offsets", "student", "moment"):
        np.testing.assert_array_equal(getattr(on_skill, name), getattr(expected, name))


@pytest.mark.parametrize(
    ("separator", "entries", "skills"),
    [
        ("~~", [(0, "cut"), (1, "sum"), (1, "cut"), (3, "sum")], ["cut", "sum"]),
        (None, [(0, "cut"), (1, "sum~~cut"), (3, "sum")], ["cut", "sum", "sum~~cut"]),
    ],
)
def test_a_row_has_an_entry_for_each_skill_that_it_names(separator, entries, skills):
    cells = pd.Series(["cut", "sum~~cut", None, "sum"], index=[5, 5, 6, 7])
    row, skill, names = entries_by_skill(cells, separator)
    assert names.tolist() == skills
    assert [*zip(row.tolist(), names[skill].tolist(), strict=True)] == entries


def test_skills_may_be_tuples_and_rows_may_name_none():
    cells = pd.Series([("a", 1), None, ("a", 0)], dtype=object)
    row, skill, names = entries_by_skill(cells, "~~")
    assert (row.tolist(), skill.tolist()) == ([0, 2], [1, 0])
    assert names.tolist() == [("a", 0), ("a", 1)]
    row, skill, names = entries_by_skill(cells[1:2], "~~")
    assert (len(row), len(skill), len(names)) == (0, 0, 0)


def test_a_cell_that_cannot_be_hashed_is_refused_with_its_column():
    with pytest.raises(TypeError, match=r"Column 'topic' .*cannot be hashed"):
        entries_by_skill(pd.Series([["cut"]], name="topic"), "~~")
