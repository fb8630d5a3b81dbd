"""By default no skill is certain, however few or however alike its answers were."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sktrace import BKTClassifier
from sktrace._bkt.limits import NAMES, USUAL, WEAK, read_limits

from ..conftest import BELOW_HALF
from ._models import one_student

# Classes whose answers on a skill were all alike: students × answers of each.
CLASSES = [(1, 1), (3, 1), (1, 4), (1, 30), (30, 1), (5, 5), (30, 10), (1000, 1)]


def class_of_one_kind(n_students, n_answers, answer):
    """Return a class that always answers one skill alike, and another so and so."""
    students = [
        one_student([answer] * n_answers, "one kind", student=f"s{i}")
        for i in range(n_students)
    ]
    return pd.concat([*students, one_student([0, 1], "mixed")], ignore_index=True)


@pytest.mark.parametrize("forget", [False, True])
@pytest.mark.parametrize("bounds", [None, BELOW_HALF], ids=["free", "bounded"])
@pytest.mark.parametrize("answer", [0, 1])
@pytest.mark.parametrize("size", CLASSES, ids=lambda size: "{}x{}".format(*size))
def test_five_answers_change_the_mind_of_a_fit_to_one_kind(
    forget, bounds, answer, size
):
    X = class_of_one_kind(*size, answer)
    model = BKTClassifier(forget=forget, bounds=bounds, random_state=0)
    tracer = model.fit(X, X["correct"]).tracer()
    other_side = []
    for _ in range(5):
        p = tracer.predict_proba("new", "one kind").iloc[0]
        assert 0 < p < 1
        tracer.update("new", "one kind", 1 - answer)
        p = tracer.predict_proba("new", "one kind").iloc[0]
        other_side.append((p < 0.5) == answer)
    assert other_side[-1]


@pytest.mark.parametrize("forget", [False, True])
@settings(max_examples=30)
@given(
    answers=st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.integers(0, 1)),
        min_size=2,
        max_size=25,
    ).filter(lambda rows: len({answer for *_, answer in rows}) == 2)
)
def test_a_small_class_is_never_sure(forget, answers):
    X = pd.DataFrame(answers, columns=["skill_name", "user_id", "correct"])
    X["order_id"] = np.arange(len(X))
    model = BKTClassifier(forget=forget, random_state=0).fit(X, X["correct"])
    for skill in model.skills_:
        for answer in (0, 1):
            always = model.predict_proba(one_student([answer] * 60, skill))[:, 1]
            assert always.min() > 0.03
            assert always.max() < 0.97
    params = model.params_.to_numpy()[:, : 5 if forget else 4]
    assert ((params > 0) & (params < 1)).all()


def test_three_right_answers_do_not_make_a_skill_known_for_ever():
    rng = np.random.default_rng(0)
    rows = [
        (f"s{i}", t, "norm", int(rng.random() < 0.4 + 0.1 * t))
        for i in range(12)
        for t in range(5)
    ]
    rows += [(f"s{i}", 10, "easy", 1) for i in range(3)]
    rows += [(f"s{i}", 11, "hard", 0) for i in range(3)]
    X = pd.DataFrame(rows, columns=["user_id", "order_id", "skill_name", "correct"])
    tracer = BKTClassifier(random_state=0).fit(X, X["correct"]).tracer()
    for _ in range(6):
        tracer.update("new", "easy", 0)
    tracer.update("new", "hard", 1)
    assert 0.25 < tracer.predict_proba("new", "easy").iloc[0] < 0.5
    assert 0.3 < tracer.knowledge_state("new")["hard"] < 0.7


def test_a_stated_prior_replaces_its_own_and_no_other():
    stated = read_limits(["a"], True, None, {"guess": (2, 3)}, None)
    weak = read_limits(["a"], True, None, "weak", None)
    for row, name in enumerate(NAMES):
        a, b = (2, 3) if name == "guess" else USUAL[name]
        assert (stated.hits[row], stated.misses[row]) == (a - 1, b - 1)
        assert (weak.hits[row], weak.misses[row]) == (
            WEAK[name][0] - 1,
            WEAK[name][1] - 1,
        )
    assert read_limits(["a"], True, None, None, None).are_free


def test_priors_fade_where_there_are_answers(class_log):
    repeated = pd.concat(
        [class_log.assign(user_id=class_log["user_id"] + 1000 * n) for n in range(8)]
    )
    few, many = (
        [
            BKTClassifier(beta_prior=prior, bounds=BELOW_HALF, random_state=0)
            .fit(X, X["correct"])
            .params_
            for prior in ("population", None)
        ]
        for X in (class_log, repeated)
    )
    assert abs(many[0] - many[1]).max().max() < abs(few[0] - few[1]).max().max()
    assert abs(many[0] - many[1]).max().max() < 0.02
