"""Fast scores of samples of students against scikit-learn's."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer

from sktrace._scores import bootstrap
from sktrace._scores.bootstrap import bootstrap_scores

FAST = ["roc_auc", "neg_log_loss", "neg_brier_score", "accuracy"]


@pytest.mark.parametrize("name", FAST)
def test_a_sample_is_scored_as_its_rows_copied_and_as_weights(name, monkeypatch):
    rng = np.random.default_rng(0)
    n = 400
    student = np.append(np.arange(15), rng.integers(0, 15, n - 15))
    target, p = rng.integers(0, 2, n), rng.integers(0, 21, n) / 20  # ties, 0 and 1
    classes = np.array(["no", "yes"])
    args = (target, p, classes, student, 12, np.random.RandomState(0))
    score, fast = bootstrap_scores([name], *args)
    monkeypatch.setattr(bootstrap, "_FAST", {})
    args = (*args[:-1], np.random.RandomState(0))
    _, copied = bootstrap_scores([name], *args)
    np.testing.assert_allclose(fast, copied, rtol=1e-12)

    class Given(ClassifierMixin, BaseEstimator):
        classes_ = np.arange(2)

        def predict_proba(self, X):
            return np.column_stack([1 - p, p])

        def predict(self, X):
            return (p > 0.5).astype(int)

    draws = np.random.RandomState(0)
    for sample in fast[:, 0]:
        weight = draws.multinomial(15, np.full(15, 1 / 15))[student]
        weighted = get_scorer(name)(
            Given(), np.empty((n, 0)), target, sample_weight=weight
        )
        assert sample == pytest.approx(weighted, rel=1e-12)
    once = get_scorer(name)(Given(), np.empty((n, 0)), target)
    assert score[0] == pytest.approx(once, rel=1e-12)
