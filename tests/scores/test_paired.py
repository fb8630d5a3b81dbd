"""Whether two tracers differ: by hand, by scipy, in the limits, and of a tie."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from sktrace._scores.bootstrap import FoldRows, bootstrap_folds
from sktrace._scores.paired import (
    Chances,
    chances,
    corrected_t_test,
    judge,
    shares_of_samples,
)

D = np.array([0.012, -0.003, 0.021, 0.008, 0.015])


def test_the_corrected_t_is_that_of_nadeau_and_bengio_by_hand():
    # Mean 0.0106; squared deviations 1.96e-6, 1.8496e-4, 1.0816e-4, 6.76e-6, 1.936e-5
    # sum to 3.212e-4; s² = 8.03e-5; (1/5 + 1/4) s² = 3.6135e-5, its root 6.01124e-3.
    t, p = corrected_t_test(D, 1 / 4)
    assert t == pytest.approx(0.0106 / 6.01124e-3, rel=1e-5)
    assert p == pytest.approx(2 * stats.t.sf(t, 4), rel=1e-12)


def test_without_common_training_data_it_is_the_paired_t_test():
    t, p = corrected_t_test(D, 0)
    expected = stats.ttest_1samp(D, 0)
    assert (t, p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-12)


@pytest.mark.parametrize("rope", [0.0, 0.005, 0.02])
@pytest.mark.parametrize("share", [0.2, 0.5])  # rho, the share that is tested
def test_chances_are_masses_of_a_student_distribution(rope, share):
    found = chances(D, share / (1 - share), rope)
    scale = np.sqrt((1 / 5 + share / (1 - share)) * D.var(ddof=1))
    known = stats.t(4, loc=D.mean(), scale=scale)
    assert found.worse == pytest.approx(known.cdf(-rope), rel=1e-9)
    assert found.same == pytest.approx(known.cdf(rope) - known.cdf(-rope), abs=1e-12)
    assert found.better == pytest.approx(known.sf(rope), rel=1e-9)


def test_without_a_rope_none_are_the_same_and_in_a_wide_one_all_are():
    assert chances(D, 1 / 4, 0).same == 0
    assert chances(D, 1 / 4, np.inf) == (0, 1, 0)
    assert chances(D, 1 / 4, 10).same == pytest.approx(1, abs=1e-9)
    # Half of what the two-sided test leaves is on the other side of 0.
    _, p = corrected_t_test(D, 1 / 4)
    assert chances(D, 1 / 4, 0).worse == pytest.approx(p / 2, rel=1e-12)


def test_who_is_better_in_one_order_is_worse_in_the_other():
    found, swapped = chances(D, 1 / 4, 0.005), chances(-D, 1 / 4, 0.005)
    assert found == pytest.approx(swapped[::-1], rel=1e-12)
    t, p = corrected_t_test(D, 1 / 4)
    assert corrected_t_test(-D, 1 / 4) == (-t, p)


def test_differences_that_are_all_alike_are_certain():
    assert chances(np.zeros(5), 1 / 4, 0) == (0, 1, 0)
    assert chances(np.full(5, 0.1), 1 / 4, 0.005) == (0, 0, 1)
    assert chances(np.full(5, -0.1), 1 / 4, 0.1) == (0, 1, 0)  # the edge is within
    assert np.isnan(corrected_t_test(np.zeros(5), 1 / 4)).all()
    assert corrected_t_test(np.full(5, 0.1), 1 / 4) == (np.inf, 0)


def test_differences_by_rounding_are_none():
    rounding = np.array([1, -1, 2, 1, 1]) * 1e-16
    assert chances(rounding, 1 / 4, 0) == (0, 1, 0)


def test_folds_without_a_score_do_not_count():
    gaps = np.append(D, np.nan)
    assert chances(gaps, 1 / 4, 0.005) == chances(D, 1 / 4, 0.005)
    assert corrected_t_test(gaps, 1 / 4) == corrected_t_test(D, 1 / 4)


@pytest.mark.parametrize("differences", [[], [0.1], [0.1, np.nan]])
def test_of_fewer_than_two_folds_nothing_is_known(differences):
    assert np.isnan(chances(np.array(differences), 1 / 4, 0.005)).all()
    assert np.isnan(corrected_t_test(np.array(differences), 1 / 4)).all()


def test_of_one_split_chances_are_shares_of_samples():
    samples = np.array([-0.01, -0.006, 0.0, 0.003, 0.02, np.nan])
    assert shares_of_samples(samples, 0.005) == pytest.approx((0.4, 0.4, 0.2))
    assert np.isnan(shares_of_samples(np.array([np.nan]), 0.005)).all()


def test_what_is_likely_by_95_percent_is_sure():
    assert judge(Chances(0.95, 0.05, 0.0)) == "worse"
    assert judge(Chances(0.02, 0.03, 0.95)) == "better"
    assert judge(Chances(0.03, 0.94, 0.03)) == "not told apart"
    assert judge(Chances(np.nan, np.nan, np.nan)) == "not told apart"


def test_tracers_that_are_as_good_are_seldom_told_apart():
    """Scores of folds correlate as their training data do; the truth is a tie."""
    rng = np.random.default_rng(0)
    k, n = 5, 4000
    share = 1 / k  # the correlation of two differences
    common = np.sqrt(share) * rng.standard_normal((n, 1))
    differences = common + np.sqrt(1 - share) * rng.standard_normal((n, k))
    corrected = np.array([corrected_t_test(own, 1 / (k - 1))[1] for own in differences])
    naive = stats.ttest_1samp(differences, 0, axis=1).pvalue
    # 4,000 draws tell a rate of .05 by ± .01 (three standard errors).
    assert (corrected < 0.05).mean() == pytest.approx(0.05, abs=0.011)
    assert (naive < 0.05).mean() > 0.1


# --- samples of students -----------------------------------------------------------


def make_folds(scored_twice=False):
    """Make three folds of what two tracers predicted, with ties."""
    rng = np.random.default_rng(0)
    folds = []
    for fold in range(3):
        n = 120
        student = 10 * (0 if scored_twice else fold) + rng.integers(0, 10, n)
        target = rng.integers(0, 2, n)
        p = [np.clip(0.4 * target + rng.random(n).round(1), 0, 1) for _ in range(2)]
        folds.append(FoldRows(target, p, student))
    return folds


@pytest.mark.parametrize("scored_twice", [False, True])
def test_samples_are_those_of_rows_copied_out_and_one_draw_serves_all(scored_twice):
    folds = make_folds(scored_twice)
    classes = np.array([0, 1])
    scores, samples = bootstrap_folds(
        "roc_auc", folds, classes, None, 20, np.random.RandomState(0)
    )
    for place, fold in enumerate(folds):
        for tracer, p in enumerate(fold.p):
            expected = roc_auc_score(fold.target, p)
            assert scores[tracer, place] == pytest.approx(expected, rel=1e-12)
    rng = np.random.RandomState(0)
    names = np.unique(np.concatenate([fold.student for fold in folds]))
    for sample in samples:
        times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)))
        by_fold = []
        for fold in folds:
            rows = np.repeat(
                np.arange(len(fold.target)),
                times[np.searchsorted(names, fold.student)],
            )
            by_fold.append([roc_auc_score(fold.target[rows], p[rows]) for p in fold.p])
        np.testing.assert_allclose(sample, np.mean(by_fold, axis=0), rtol=1e-12)


def test_a_fold_that_a_sample_leaves_empty_does_not_count():
    fold = make_folds()[0]
    lone = FoldRows(np.array([0, 1]), [np.array([0.2, 0.7])] * 2, np.array([99, 99]))
    scores, samples = bootstrap_folds(
        "roc_auc", [fold, lone], np.array([0, 1]), None, 50, np.random.RandomState(0)
    )
    assert (scores[:, 1] == 1).all()
    assert np.isfinite(samples).all()
    assert (samples[:, 0] < 0.9).any()  # without the lone student


def test_copies_of_a_student_have_names_of_their_own():
    fold = make_folds()[0]
    X = pd.DataFrame({"who": fold.student, "row": np.arange(len(fold.target))})

    def count_names(estimator, X, y):
        rows = X.groupby("who")["row"]
        assert (rows.nunique() == rows.size()).all()  # no copy joins another
        assert len(X) == len(y) == len(estimator.predict_proba(X))
        return X["who"].nunique()

    fold = fold._replace(X=X)
    scores, samples = bootstrap_folds(
        count_names, [fold], np.array([0, 1]), "who", 20, np.random.RandomState(0)
    )
    assert (scores == 10).all()
    assert (samples == 10).all()  # as many as there are, drawn with replacement
    assert X["who"].max() < 10  # what is handed in is not renamed
