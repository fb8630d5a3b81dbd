"""What TrainingDisplay draws is the history, and the epoch that was restored."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from skorch.callbacks import Callback, EpochScoring

from sktrace import DKTClassifier, SequenceRegressor
from sktrace.datasets import make_course
from sktrace.display import TrainingDisplay

from ..conftest import SMALL, make_log

mpl.use("agg")


class Valid(Callback):
    """Keeps the data held out."""

    def on_epoch_begin(self, net, dataset_valid=None, **kwargs):
        self.data = dataset_valid


def auc(net, data, y):
    return roc_auc_score(data.target, net.predict_rows(data))


def error(net, data, y):
    return -np.mean((net.predict_rows(data) > 0) != data.target)


def scoring(function, name, **options):
    return EpochScoring(
        function, name=name, lower_is_better=False, use_caching=False, **options
    )


def build(**params):
    params = SMALL | {"lr": 0.1, "lr_schedule": None, "dropout": 0} | params
    return DKTClassifier(**params)


def fit_noise(**params):
    """Fit noise, so that the best epoch is an early one."""
    log = make_log(n_students=30, seed=1)
    params = {"max_epochs": 40, "early_stopping": True} | params
    return build(validation_fraction=0.2, **params).fit(log, log["correct"])


@pytest.fixture(scope="module")
def stopped():
    return fit_noise()


@pytest.fixture(scope="module")
def scored():
    callbacks = [
        scoring(auc, "valid_roc_auc"),
        scoring(auc, "train_roc_auc", on_train=True),
        scoring(error, "neg_error_rate"),
    ]
    return fit_noise(callbacks=callbacks)


def label(panel):
    return panel.get_ylabel()


# --- the restored epoch ------------------------------------------------------------


def test_the_best_epoch_is_the_one_whose_weights_the_network_has():
    valid = Valid()
    tracer = fit_noise(callbacks=[valid])
    p = expit(tracer.net_.predict_rows(valid.data))
    losses = tracer.history_.set_index("epoch")["valid_loss"]
    assert tracer.best_epoch_ == losses.idxmin() < tracer.n_iter_
    loss = log_loss(valid.data.target, p)
    np.testing.assert_allclose(loss, losses[tracer.best_epoch_], rtol=1e-5)


def test_without_early_stopping_there_is_no_best_epoch(log):
    tracer = build(early_stopping=True).fit(log, log["correct"])
    assert tracer.best_epoch_ in (1, 2)
    tracer.set_params(early_stopping=False).fit(log, log["correct"])
    assert tracer.best_epoch_ is None
    assert build().partial_fit(log, log["correct"]).best_epoch_ is None
    display = TrainingDisplay.from_estimator(tracer)
    assert list(display.lines_) == ["train_loss"]
    assert not list(display.ax_.texts)


def test_partial_fit_goes_on_from_the_best_epoch_and_keeps_it():
    tracer, log = fit_noise(), make_log(n_students=30, seed=1)
    best, n_epochs = tracer.best_epoch_, tracer.n_iter_
    tracer.partial_fit(log, log["correct"])
    assert (tracer.best_epoch_, tracer.n_iter_) == (best, n_epochs + 1)
    display = TrainingDisplay.from_estimator(tracer)
    assert display.ax_.texts[0].get_text() == f"epoch {best}, restored"
    assert np.isnan(display.lines_["valid_loss"].get_ydata()[-1])


def test_a_line_through_all_panels_marks_the_restored_epoch(scored):
    display = TrainingDisplay.from_estimator(scored)
    for panel in display.axes_:
        assert panel.lines[-1].get_xdata() == [scored.best_epoch_] * 2
    texts = [text.get_text() for panel in display.axes_ for text in panel.texts]
    assert texts == [f"epoch {scored.best_epoch_}, restored"]


def test_nothing_was_restored_where_the_last_epoch_is_the_best(stopped):
    best = stopped.best_epoch_
    display = TrainingDisplay(stopped.history_[:best], best_epoch=best).plot()
    assert display.ax_.texts[0].get_text() == f"epoch {best}, the best"


# --- losses and scores -------------------------------------------------------------


def test_lines_are_the_history(scored):
    history = scored.history_
    before = history.copy()
    display = TrainingDisplay.from_estimator(scored)
    signs = {"neg_error_rate": -1}
    assert set(display.lines_) == set(history) - {"epoch", "dur"}
    for name, line in display.lines_.items():
        np.testing.assert_array_equal(line.get_xdata(), history["epoch"])
        expected = signs.get(name, 1) * history[name]
        np.testing.assert_array_equal(line.get_ydata(), expected)
    assert history.equals(before)


def test_scores_of_one_unit_share_a_panel(scored):
    display = TrainingDisplay.from_estimator(scored)
    assert [label(panel) for panel in display.axes_] == [
        "log loss (nats per answer)",
        "ROC AUC",
        "error rate (lower is better)",
    ]
    assert display.ax_ is display.axes_[0]
    keys = [text.get_text() for text in display.axes_[1].get_legend().get_texts()]
    assert keys == ["training", "held out"]
    colours = [
        display.lines_[name].get_color() for name in ("train_loss", "train_roc_auc")
    ]
    assert colours[0] == colours[1] != display.lines_["valid_loss"].get_color()


def test_events_and_columns_without_numbers_are_no_scores(stopped):
    history = stopped.history_.assign(event_lr=0.1, best=True, note="x", auc=np.nan)
    display = TrainingDisplay(history).plot()
    assert list(display.lines_) == ["train_loss", "valid_loss"]


def test_chosen_scores(scored):
    display = TrainingDisplay.from_estimator(scored, scores=["valid_roc_auc"])
    assert len(display.axes_) == 2
    assert len(TrainingDisplay.from_estimator(scored, scores=[]).axes_) == 1
    with pytest.raises(
        ValueError, match=r"history has no score 'auc'; expected some of \['valid_roc"
    ):
        TrainingDisplay.from_estimator(scored, scores=["auc"])


def test_one_score_goes_by_its_name_and_a_name_may_be_a_number(scored):
    display = TrainingDisplay.from_estimator(scored, scores="valid_roc_auc")
    assert label(display.axes_[1]) == "ROC AUC"
    history = pd.DataFrame({"epoch": [1, 2], "train_loss": [0.6, 0.5], 7: [0.1, 0.2]})
    display = TrainingDisplay(history).plot()
    assert list(display.lines_) == ["train_loss", 7]
    assert label(display.axes_[1]) == "7"


def test_losses_have_units():
    weeks, passed = make_course(n_students=20, n_weeks=4, random_state=0)
    grades = weeks["quiz_grade"]
    params = {"order": "week", "features": ["study_hours"], "max_epochs": 1}
    labels = {
        "squared_error": "mean squared error (y standardised)",
        "absolute_error": "mean absolute error (y standardised)",
        "huber": "mean Huber loss (y standardised)",
    }
    for loss, expected in labels.items():
        reg = SequenceRegressor(loss=loss, **params).fit(weeks, grades)
        assert label(TrainingDisplay.from_estimator(reg).ax_) == expected
    reg = SequenceRegressor(standardize=False, **params)
    assert reg.loss_label == "mean squared error (y as given)"
    X = np.zeros((20, 4, 1))
    clf = DKTClassifier(task="many-to-one", max_epochs=1).fit(X, passed)
    assert label(TrainingDisplay.from_estimator(clf).ax_) == (
        "log loss (nats per sequence)"
    )
    for estimator in (clf, reg):  # nobody knows the unit of a criterion of one's own
        estimator.set_params(net_params={"criterion": object})
        assert estimator.loss_label == "loss"


# --- axes and errors -----------------------------------------------------------------


def test_axes_may_be_given(scored):
    figure, panels = plt.subplots(3)
    display = TrainingDisplay.from_estimator(scored, ax=list(panels))
    assert list(display.axes_) == list(panels)
    assert display.figure_ is figure
    _, ax = plt.subplots()
    display = TrainingDisplay.from_estimator(scored, ax=ax)  # losses only
    assert display.ax_ is ax
    assert list(display.lines_) == ["train_loss", "valid_loss"]
    with pytest.raises(ValueError, match=r"ax holds 2 axes; expected 3, one for each"):
        TrainingDisplay.from_estimator(scored, ax=panels[:2])


def test_ink_follows_the_style(stopped):
    for style, colour in (("default", "black"), ("dark_background", "white")):
        with plt.style.context(style):
            display = TrainingDisplay.from_estimator(stopped)
        assert display.ax_.texts[0].get_color() == colour
        assert display.ax_.lines[-1].get_color() == colour


def test_what_has_no_history_is_refused_with_a_way_out(log):
    with pytest.raises(NotFittedError):
        TrainingDisplay.from_estimator(build())
    other = LogisticRegression().fit([[0], [1]], [0, 1])
    with pytest.raises(TypeError, match=r"LogisticRegression has no history_ .*\[-1\]"):
        TrainingDisplay.from_estimator(other)
    halted = build(max_epochs=1).fit(log, log["correct"])
    halted.history_ = halted.history_[:0]
    with pytest.raises(ValueError, match="history_ has 0 epochs; expected at least"):
        TrainingDisplay.from_estimator(halted)
