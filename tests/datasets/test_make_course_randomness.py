"""What one seed of make_course repeats, and what it shares between settings."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal

from sktrace.datasets import make_course

from ._course import ACTIVITY, draw


def test_same_seed_same_course():
    first, second = make_course(random_state=5), make_course(random_state=5)
    assert_frame_equal(first[0], second[0])
    assert_series_equal(first[1], second[1])
    assert not make_course(random_state=6)[0].equals(first[0])


def test_a_generator_moves_on_from_call_to_call():
    rng = np.random.RandomState(5)
    first, second = make_course(random_state=rng), make_course(random_state=rng)
    assert_frame_equal(first[0], make_course(random_state=5)[0])
    assert not first[0].equals(second[0])


def test_numpys_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = make_course()[0], make_course()[0]
    make_course(random_state=0)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert not first.equals(second)


def test_a_longer_course_begins_with_the_same_weeks():
    longer, _, _ = draw(n_weeks=10)
    shorter, _, _ = draw(n_weeks=5)
    begin = longer[longer["week"] <= 5].reset_index(drop=True)
    assert_frame_equal(begin, shorter)


@pytest.mark.parametrize(
    ("changed", "affected"),
    [
        ({"noise": 3}, {"expected_grade", "quiz_grade"}),
        ({"missing": 0.4}, {"quiz_grade"}),
        ({"learning": 2}, {"knowledge", "expected_grade", "quiz_grade"}),
        ({"ability_scale": 0}, {"knowledge", "expected_grade", "quiz_grade"}),
        (
            {"engagement_scale": 2},
            {*ACTIVITY, "engagement", "knowledge", "expected_grade", "quiz_grade"},
        ),
        (
            {"persistence": 0.1},
            {*ACTIVITY, "engagement", "knowledge", "expected_grade", "quiz_grade"},
        ),
    ],
)
def test_one_seed_makes_a_controlled_experiment(changed, affected):
    (before, *_), (after, *_) = draw(), draw(**changed)
    differs = {column for column in before if not before[column].equals(after[column])}
    assert differs == affected


def test_one_seed_shares_luck():
    # The same students are the engaged ones, only more so, and nobody's luck changes.
    once, twice = draw()[0], draw(engagement_scale=2)[0]
    assert_allclose(twice["engagement"], 2 * once["engagement"])
    up = once["engagement"] > 0
    for column in ACTIVITY:
        assert (twice[column] >= once[column])[up].all()
        assert (twice[column] <= once[column])[~up].all()
    often, seldom = draw(missing=0.4)[0], draw(missing=0.1)[0]
    missed = seldom["quiz_grade"].isna()
    assert often["quiz_grade"][missed].isna().all()
    taken = often["quiz_grade"].notna()
    assert_array_equal(often["quiz_grade"][taken], seldom["quiz_grade"][taken])


@pytest.mark.parametrize("changed", [{"learning": 1}, {"n_weeks": 14}])
def test_one_seed_shares_luck_in_the_exam(changed):
    _, passed, p = draw()
    _, passed_then, p_then = draw(**changed)
    better = p_then >= p
    assert (passed_then >= passed)[better].all()
    assert (passed_then <= passed)[~better].all()
    assert 0 < better.mean() < 1
