"""`warm_start=True`: a fit that begins with the weights of the one before."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from skorch.callbacks import Callback

from sktrace import DKTClassifier, SequenceRegressor
from sktrace.datasets import scan_interactions

from .._sequence_data import SMALL_BATCHES
from ..conftest import make_log, proba, small_dkt
from ._courses import (
    OF_OUTCOMES,
    TRACING,
    WHOLE,
    make_courses,
    make_histories,
    make_sequences,
    make_weeks,
)

WARM = {"warm_start": True, "lr_schedule": None}


class Remember(Callback):
    """Remembers the weights, the rate and the moments that a training begins with."""

    def on_train_begin(self, net, **kwargs):
        self.weights = {k: w.clone() for k, w in net.module_.named_parameters()}
        self.rates = [group["lr"] for group in net.optimizer_.param_groups]
        self.n_moments = len(net.optimizer_.state)


def weights_of(estimator):
    return dict(estimator.net_.module_.named_parameters())


def everything():
    weeks, log = make_weeks(), make_log(n_students=9)
    log["item_id"] = np.arange(len(log)) % 5
    return {
        "answers": (small_dkt(item="item_id", readout="mlp"), log, log["correct"]),
        "outcomes of numbers": (DKTClassifier(**OF_OUTCOMES), *make_courses()),
        "outcomes of answers": (DKTClassifier(**OF_OUTCOMES), *make_histories()[1:]),
        "weeks": (clone(TRACING), weeks, weeks["grade"]),
        "sequences": (clone(WHOLE), *make_sequences()),
    }


@pytest.mark.parametrize("kind", everything())
def test_a_fit_begins_where_the_one_before_ended(kind):
    estimator, X, y = everything()[kind]
    remember = Remember()
    estimator = clone(estimator).set_params(callbacks=[remember], warm_start=True)
    first = clone(estimator).set_params(warm_start=False).fit(X, y)
    estimator.fit(X, y)
    for name, weights in weights_of(first).items():  # there is nothing to begin with
        assert torch.equal(weights, weights_of(estimator)[name])
    ended = {name: w.clone() for name, w in weights_of(estimator).items()}
    before, n = estimator.history_, estimator.n_iter_
    callback = estimator.net_.callbacks_[-1][1]
    estimator.set_params(callbacks=[callback]).fit(X, y)
    assert callback.weights.keys() == ended.keys()
    assert all(torch.equal(callback.weights[name], w) for name, w in ended.items())
    assert not all(torch.equal(weights_of(estimator)[k], w) for k, w in ended.items())
    # Schedule and optimizer begin anew, the history goes on.
    assert (callback.n_moments, callback.rates) == (0, [estimator.lr])
    assert estimator.n_iter_ == len(estimator.history_) == 2 * n
    assert estimator.history_["epoch"].tolist() == list(range(1, 2 * n + 1))
    assert estimator.history_[:n].equals(before)


def test_epochs_add_up_as_they_do_in_scikit_learn(log):
    tracer = small_dkt(max_epochs=3, **WARM).fit(log, log["correct"])
    losses = [log_loss(log["correct"], proba(tracer, log))]
    for _ in range(3):
        tracer.fit(log, log["correct"])
        losses.append(log_loss(log["correct"], proba(tracer, log)))
    assert losses == sorted(losses, reverse=True)
    assert tracer.n_iter_ == 12
    net = MLPClassifier(max_iter=3, warm_start=True, tol=0, n_iter_no_change=99)
    X, y = np.arange(12.0).reshape(6, 2), [0, 1] * 3
    for _ in range(2):
        with pytest.warns(UserWarning, match="Maximum iterations"):
            net.fit(X, y)
    assert len(net.loss_curve_) == 6


def test_without_it_nothing_is_carried_over(log):
    tracer = small_dkt().fit(log, log["correct"])
    before = proba(tracer, log)
    np.testing.assert_array_equal(proba(tracer.fit(log, log["correct"]), log), before)


def test_the_best_epoch_counts_from_the_first_fit_on(log):
    tracer = small_dkt(early_stopping=True, **WARM).fit(log, log["correct"])
    tracer.set_params(lr=1e-3).fit(log, log["correct"])
    losses = tracer.history_["valid_loss"][2:]
    assert tracer.best_epoch_ == losses.idxmin() + 1 > 2


def test_another_rate_another_optimizer_and_other_students_are_fine(log):
    tracer = small_dkt(**WARM).fit(log, log["correct"])
    new = make_log(n_students=12, seed=5)
    assert set(new["skill_name"]) == set(log["skill_name"])
    tracer.set_params(lr=0.01, optimizer="sgd", batch_size=3).fit(new, new["correct"])
    assert isinstance(tracer.net_.optimizer_, torch.optim.SGD)
    fresh = small_dkt().fit(new, new["correct"])
    difficulties = [t._numbers_.skills.difficulty for t in (tracer, fresh)]
    assert vars(tracer).keys() == vars(fresh).keys()
    for one, other in zip(*map(np.ravel, difficulties), strict=True):
        assert one == other  # what is learnt beforehand is that of this log


def refit(estimator, X, y):
    """Fit to what is refused, then as the message says; return the message."""
    before = {name: w.clone() for name, w in weights_of(estimator).items()}
    with pytest.raises(ValueError, match="warm_start=True, and this fit has") as raised:
        estimator.fit(X, y)
    assert all(torch.equal(weights_of(estimator)[k], w) for k, w in before.items())
    assert "set_params(warm_start=False)" in str(raised.value)
    estimator.set_params(warm_start=False).fit(X, y).set_params(warm_start=True)
    return str(raised.value)


def test_what_weights_belong_to_must_be_the_same(log):
    log["item_id"] = np.arange(len(log)) % 5
    tracer = small_dkt(item="item_id", max_epochs=1, **WARM).fit(log, log["correct"])
    more = log.assign(skill_name=log["skill_name"].where(log.index > 8, "sum"))
    told = refit(tracer, more, log["correct"])
    assert "other skills (1 new: 'sum')" in told
    assert "other skills (1 missing: 'sum')" in refit(tracer, log, log["correct"])
    told = refit(tracer, log.assign(item_id=log["item_id"] + 1), log["correct"])
    assert "other items (1 new: 5; 1 missing: 0)" in told
    told = refit(tracer, log, log["correct"].map({0: "no", 1: "yes"}))
    assert "other classes (2 new: 'no', 'yes'; 2 missing: 0, 1)" in told
    renamed = log.rename(columns={"item_id": "problem"})
    tracer.set_params(item="problem")
    y = log["correct"].map({0: "no", 1: "yes"})
    assert "other columns (1 new: 'problem'" in refit(tracer, renamed, y)


def test_sizes_must_be_the_same(log):
    tracer = small_dkt(max_epochs=1, **WARM).fit(log, log["correct"])
    tracer.set_params(hidden_size=7)
    told = refit(tracer, log, log["correct"])
    assert "other shapes (rnn.weight_ih_l0: (18, 4) before, (21, 4) now)" in told
    tracer.set_params(num_layers=2)
    assert "none before" in refit(tracer, log, log["correct"])
    tracer.set_params(num_layers=1)
    assert "none now" in refit(tracer, log, log["correct"])


def of_items(*n_answers):
    """Return a log with so many answers on each item."""
    item = np.repeat(np.arange(len(n_answers)), n_answers)
    row = np.arange(len(item))
    log = pd.DataFrame({"user_id": row % 9, "order_id": row, "skill_name": "sum"})
    return log.assign(item_id=item, correct=row // 9 % 2)


def vectors_of(tracer):
    items = tracer.net_.module_.items
    return items.table.weight[items.place].detach().clone()


def test_vectors_stay_with_their_items_whose_answers_have_grown():
    log = of_items(200, 9, 150)
    tracer = small_dkt(item="item_id", max_epochs=1, **WARM).fit(log, log["correct"])
    before = vectors_of(tracer)
    for n_answers, same in [((150, 9, 200), [0, 2]), ((150, 150, 150), [0, 2])]:
        log = of_items(*n_answers)
        tracer.set_params(lr=1e-30).fit(log, log["correct"])
        assert torch.equal(vectors_of(tracer)[same], before[same])
    log = of_items(9, 150, 150)  # as many rows, and other items
    tracer = small_dkt(item="item_id", max_epochs=1, **WARM).fit(log, log["correct"])
    before, log = vectors_of(tracer), of_items(150, 9, 150)
    tracer.set_params(lr=1e-30).fit(log, log["correct"])
    assert torch.equal(vectors_of(tracer)[2], before[2])
    assert not torch.equal(vectors_of(tracer)[0], before[1])


def test_columns_and_targets_of_numbers_must_be_the_same():
    weeks = make_weeks()
    reg = SequenceRegressor(features=["hours"], **SMALL_BATCHES | WARM)
    reg.fit(weeks, weeks["grade"])
    reg.set_params(features=["user_id"])
    assert "other columns (1 missing: 'hours')" in refit(reg, weeks, weeks["grade"])
    told = refit(reg, weeks, weeks[["grade", "order_id"]])
    assert "other shapes (readout.weight: (1, 6) before, (2, 6) now)" in told
    X, y = make_sequences()
    whole = clone(WHOLE).set_params(warm_start=True).fit(X, y)
    assert "other shapes (rnn.weight_ih_l0" in refit(whole, X[:, :, :2], y)


def test_a_fit_for_another_task_begins_anew(log):
    X, y = make_courses(n_classes=2)
    clf = DKTClassifier(**OF_OUTCOMES | WARM).fit(X, y)
    clf.set_params(task="many-to-many").fit(log, log["correct"])
    assert clf.n_iter_ == 2


def test_portions_and_checkpoints_begin_where_the_fit_before_ended(log, tmp_path):
    pytest.importorskip("pyarrow")
    log.to_parquet(tmp_path / "log.parquet", index=False)
    X = scan_interactions(tmp_path / "log.parquet")
    folder = tmp_path / "kept"
    in_memory = small_dkt(**WARM)
    in_portions = small_dkt(checkpoint=folder, **WARM)
    again = small_dkt(checkpoint=folder, **WARM)
    weeks = make_weeks()
    reg = SequenceRegressor(features=["hours"], **SMALL_BATCHES | WARM)
    weeks.to_parquet(tmp_path / "weeks.parquet", index=False)
    of_weeks = scan_interactions(tmp_path / "weeks.parquet")
    for n in (1, 2):
        in_memory.fit(log, log["correct"])
        in_portions.fit(X, X["correct"])
        p = proba(in_memory, log)
        np.testing.assert_array_equal(proba(in_portions, log), p)
        np.testing.assert_array_equal(proba(again.fit(X, X["correct"]), log), p)
        assert len(list(folder.iterdir())) == n
        assert again.n_iter_ == reg.fit(of_weeks, of_weeks["grade"]).n_iter_ == 2 * n


def test_what_ctrl_c_interrupts_changes_nothing_of_the_fit_before(log):
    class CtrlC(Callback):
        def on_batch_end(self, net, **kwargs):
            if len(net.history) == 4:
                raise KeyboardInterrupt

    tracer = small_dkt(**WARM).fit(log, log["correct"])
    before = proba(tracer, log)
    tracer.set_params(callbacks=[CtrlC()])
    with pytest.raises(KeyboardInterrupt, match="after 1 of 2 epoch"):
        tracer.fit(log, log["correct"])
    np.testing.assert_array_equal(proba(tracer, log), before)
    assert tracer.interrupted_.n_iter_ == 3
