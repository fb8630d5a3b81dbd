"""Counts of practice against a double loop over rows."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks as checks

from sktrace.model_selection import StudentKFold
from sktrace.preprocessing import PriorCounts

from .._checks import DATA_FREE_CHECKS
from ..conftest import make_log


def skills_of(cell):
    return set(str(cell).split("~~"))


def count_slowly(X):
    """Count (attempts, successes, failures) of each row, for each of its skills."""
    counts = []
    for row in X.itertuples():
        own = {}
        for skill in skills_of(row.skill_name):
            earlier = [
                other.correct
                for other in X.itertuples()
                if other.user_id == row.user_id
                and other.order_id < row.order_id
                and skill in skills_of(other.skill_name)
            ]
            right, wrong = earlier.count(1), earlier.count(0)
            own[skill] = [right + wrong, right, wrong]
        counts.append(own)
    return counts


@pytest.fixture
def mixed():
    """Ties, rows without an answer and cells of several skills."""
    log = make_log(n_students=6, n_steps=15)
    rng = np.random.default_rng(0)
    log["correct"] = log["correct"].where(rng.uniform(size=len(log)) > 0.2)
    second = rng.choice(["skill 0", "skill 3"], len(log))
    joined = log["skill_name"] + "~~" + second
    log["skill_name"] = log["skill_name"].where(
        rng.uniform(size=len(log)) > 0.3, joined
    )
    return log


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_counts_are_those_of_a_double_loop(mixed, scale):
    counts = PriorCounts(scale=scale).fit_transform(mixed)
    f = np.log1p if scale == "log" else np.asarray
    expected = [sum(f(n) for n in own.values()) for own in count_slowly(mixed)]
    assert counts.dtype == np.float64
    np.testing.assert_allclose(counts, expected, rtol=1e-12)
    assert counts.max() > 2


def test_each_skill_has_columns_of_its_own(mixed):
    transformer = PriorCounts(by_skill=True).fit(mixed)
    counts = transformer.transform(mixed)
    assert sparse.issparse(counts)
    assert counts.format == "csr"
    names = transformer.get_feature_names_out()
    expected = np.zeros(counts.shape)
    column = {name: j for j, name in enumerate(names)}
    for i, own in enumerate(count_slowly(mixed)):
        for skill, numbers in own.items():
            expected[i, column[f"skill[{skill}]"]] = 1
            for name, n in zip(transformer.counts, numbers, strict=True):
                expected[i, column[f"{name}[{skill}]"]] = n
    np.testing.assert_array_equal(counts.toarray(), expected)


def test_counts_come_as_they_are_asked_for(log):
    every = PriorCounts().fit_transform(log)
    some = PriorCounts(counts=["failures", "attempts"]).fit(log)
    np.testing.assert_array_equal(some.transform(log), every[:, [2, 0]])
    assert some.get_feature_names_out().tolist() == ["failures", "attempts"]
    np.testing.assert_array_equal(every[:, 0], every[:, 1] + every[:, 2])


def test_own_tied_and_later_answers_do_not_count(log):
    flipped = log.assign(correct=log["correct"].where(log["order_id"] < 2, 0))
    before, after = (PriorCounts().fit_transform(X) for X in (log, flipped))
    seen = (log["order_id"] <= 2).to_numpy()
    np.testing.assert_array_equal(after[seen], before[seen])
    assert (after[~seen] != before[~seen]).any()


def test_row_order_means_nothing(mixed):
    rows = np.random.default_rng(0).permutation(len(mixed))
    counts = PriorCounts().fit_transform(mixed)
    np.testing.assert_array_equal(
        PriorCounts().fit_transform(mixed.iloc[rows]), counts[rows]
    )


def test_an_unseen_skill_has_no_columns_but_counts_or_is_refused(log):
    odd = log.assign(skill_name="new")
    by_skill = PriorCounts(by_skill=True).fit(log)
    assert by_skill.transform(odd).nnz == 0
    np.testing.assert_array_equal(
        PriorCounts().fit(log).transform(odd), PriorCounts().fit_transform(odd)
    )
    strict = PriorCounts(handle_unknown="error").fit(log)
    with pytest.raises(ValueError, match=r"1 skill\(s\) were not seen in fit: 'new'"):
        strict.transform(odd)


def test_frames_come_out_where_they_are_asked_for(log):
    log = log.set_axis([f"row {i}" for i in range(len(log))])
    counts = PriorCounts().set_output(transform="pandas").fit_transform(log)
    assert counts.columns.tolist() == ["attempts", "successes", "failures"]
    assert counts.index.tolist() == log.index.tolist()


@pytest.mark.parametrize("counts", [["wins"], [], ["successes", "successes"]])
def test_unknown_counts_are_refused(log, counts):
    with pytest.raises(ValueError, match=r"expected one or more of \['attempts'"):
        PriorCounts(counts=counts).fit(log)


def test_performance_factors_analysis_is_a_pipeline(log):
    counts = PriorCounts(counts=["successes", "failures"], scale="log", by_skill=True)
    pfa = make_pipeline(counts, LogisticRegression())
    scores = cross_validate(
        pfa, log, log["correct"], cv=StudentKFold(2), error_score="raise"
    )
    assert np.isfinite(scores["test_score"]).all()
    n_skills = log["skill_name"].nunique()
    assert clone(pfa).fit(log, log["correct"])[-1].coef_.shape == (1, 3 * n_skills)


def test_a_log_is_left_as_it_was(log):
    before = log.copy(deep=True)
    PriorCounts().fit_transform(log)
    pd.testing.assert_frame_equal(log, before)


@pytest.mark.parametrize(
    "check",
    [c for c in DATA_FREE_CHECKS if c != "check_decision_proba_consistency"],
)
def test_scikit_learn_checks_that_need_no_data(check):
    getattr(checks, check)("PriorCounts", PriorCounts())


def test_unseen_skills_of_a_question_are_one(frame):
    frame["correct"] = [1, 0, 1, 0]
    counts = PriorCounts().fit(frame)
    frame["skill_name"] = ["new", "new 1", "sum", "new 1~~sum~~new 2"]
    assert counts.transform(frame)[0].tolist() == [1, 0, 1]  # bob's second question
