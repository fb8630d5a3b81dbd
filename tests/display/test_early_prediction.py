"""What EarlyPredictionDisplay draws are the means and deviations of the curve."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold

from sktrace import DKTClassifier
from sktrace.display import EarlyPredictionDisplay
from sktrace.model_selection import early_prediction_curve

mpl.use("agg")


def make_curve(n_folds=4, steps=(1, 2, 5), seed=0, **shift):
    """Draw scores at random; columns are named and shifted as told."""
    index = pd.MultiIndex.from_product([steps, range(n_folds)], names=["step", "fold"])
    scores = np.random.default_rng(seed).uniform(0.5, 0.8, len(index))
    columns = {name: scores + own for name, own in (shift or {"score": 0}).items()}
    return pd.DataFrame(columns, index=index).reset_index()


def legend(display):
    found = display.ax_.get_legend()
    return found.get_title().get_text(), [t.get_text() for t in found.get_texts()]


def points(display):
    """Return the folds drawn, and not the bands."""
    return [
        own.get_offsets()
        for own in display.ax_.collections
        if isinstance(own, mpl.collections.PathCollection)
    ]


# --- numbers -----------------------------------------------------------------------


def test_lines_and_bands_are_means_and_deviations():
    curve = make_curve()
    before = curve.copy()
    display = EarlyPredictionDisplay.from_curve(curve, metric="roc_auc")
    scores = curve["score"].to_numpy().reshape(3, 4)
    mean, std = scores.mean(axis=1), scores.std(axis=1, ddof=1)
    (line,) = display.lines_.values()
    np.testing.assert_array_equal(line.get_xdata(), [1, 2, 5])
    np.testing.assert_allclose(line.get_ydata(), mean)
    band = display.ax_.collections[0].get_paths()[0].vertices
    for step, low, high in zip([1, 2, 5], mean - std, mean + std, strict=True):
        drawn = band[band[:, 0] == step, 1]
        np.testing.assert_allclose([drawn.min(), drawn.max()], [low, high])
    np.testing.assert_allclose(points(display)[0], curve[["step", "score"]])
    assert curve.equals(before)
    assert display.ax_.get_ylabel() == "ROC AUC"


def test_the_summary_has_every_model_after_every_step():
    curves = {"b": make_curve(seed=1), "a": make_curve(steps=[5, 1], n_folds=2)}
    summary = EarlyPredictionDisplay.from_curve(curves).summary()
    assert summary.columns.tolist() == ["mean", "std", "n_folds"]
    assert summary.loc["a", "n_folds"].to_dict() == {1: 2, 5: 2}
    for name, curve in curves.items():
        expected = curve.groupby("step")["score"].agg(["mean", "std"])
        pd.testing.assert_frame_equal(summary.loc[name][["mean", "std"]], expected)


def test_an_estimator_is_cross_validated_by_early_prediction_curve():
    X = np.random.default_rng(0).normal(size=(30, 4, 2))
    y = (X[:, 2].sum(axis=1) > 0).astype(int)
    clf = DKTClassifier(task="many-to-one", max_epochs=1, random_state=0)
    options = {"steps": [1, 3], "cv": StratifiedKFold(2), "scoring": "neg_log_loss"}
    curve = early_prediction_curve(clf, X, y, refit=False, **options)
    display = EarlyPredictionDisplay.from_estimator(clf, X, y, refit=False, **options)
    pd.testing.assert_frame_equal(display.curves[["step", "fold", "score"]], curve)
    assert display.metric == "neg_log_loss"
    assert not hasattr(clf, "net_")


def test_negative_scores_are_drawn_as_losses():
    curve = make_curve(neg_log_loss=-1.5, roc_auc=0)
    display = EarlyPredictionDisplay.from_curve(curve, metric="neg_log_loss")
    assert (display.curves["score"] < 0).all()  # as scikit-learn has it
    expected = -curve.groupby("step")["neg_log_loss"].mean()
    (line,) = display.lines_.values()
    np.testing.assert_allclose(line.get_ydata(), expected)
    assert (points(display)[0][:, 1] > 0).all()
    assert display.ax_.get_ylabel() == "log loss (lower is better)"


@pytest.mark.parametrize(
    ("columns", "metric", "found"),
    [
        (["score"], None, "score"),
        (["roc_auc"], None, "roc_auc"),
        (["roc_auc", "accuracy"], "accuracy", "accuracy"),
        (["score"], "accuracy", "accuracy"),
    ],
)
def test_the_score_is_found(columns, metric, found):
    curve = make_curve(**{name: place for place, name in enumerate(columns)})
    display = EarlyPredictionDisplay.from_curve(curve, metric=metric)
    assert display.metric == found
    own = curve[found] if found in curve else curve["score"]
    assert display.curves["score"].tolist() == own.tolist()


# --- what is said -------------------------------------------------------------------


def test_the_legend_says_what_the_band_is():
    title, texts = legend(EarlyPredictionDisplay.from_curve(make_curve()))
    assert texts == ["mean ± 1 standard deviation over 4 folds"]
    one = {"DKT": make_curve(n_folds=1)}  # of one fold, there is no deviation
    assert legend(EarlyPredictionDisplay.from_curve(one))[1] == [
        "DKT: mean over 1 fold"
    ]
    two = {"DKT": make_curve(), "BKT": make_curve(n_folds=3)}
    title, texts = legend(EarlyPredictionDisplay.from_curve(two))
    assert title == "mean ± 1 standard deviation\nover 3–4 folds"
    assert texts == ["DKT", "BKT"]


def test_many_models_differ_in_colour_or_marker_and_have_no_bands():
    curves = {f"a rather long name of the model, {k}": make_curve() for k in range(12)}
    display = EarlyPredictionDisplay.from_curve(curves)
    looks = {(x.get_color(), x.get_marker()) for x in display.lines_.values()}
    assert len(looks) == 12
    assert len(display.ax_.collections) == 0
    title, texts = legend(display)
    assert title == "mean over 4 folds"
    assert len(set(texts)) == 12
    assert max(map(len, texts)) == 32
    assert display.plot(spread=True) is display
    assert len(display.ax_.collections) == 24


def test_chance_and_steps_are_named():
    display = EarlyPredictionDisplay.from_curve(
        make_curve(), chance=0.5, step_label="weeks seen"
    )
    assert display.ax_.get_xlabel() == "weeks seen"
    assert [text.get_text() for text in display.ax_.texts] == ["chance"]
    assert list(display.ax_.lines[-1].get_ydata()) == [0.5, 0.5]


def test_axes_may_be_given_and_ink_follows_the_style():
    for style, colour in (("default", "black"), ("dark_background", "white")):
        with plt.style.context(style):
            figure, ax = plt.subplots()
            display = EarlyPredictionDisplay.from_curve(make_curve(), ax=ax, chance=0.5)
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert ax.texts[0].get_color() == ax.lines[-1].get_color() == colour


# --- errors ------------------------------------------------------------------------


def test_what_is_no_curve_is_refused_with_a_way_out():
    draw = EarlyPredictionDisplay.from_curve
    with pytest.raises(ValueError, match=r"curve=\{\}; expected at least one curve"):
        draw({})
    by_step = pd.DataFrame({"score": [1.0]}, index=pd.Index([1], name="step"))
    with pytest.raises(
        ValueError,
        match=r"curve of 'DKT' has columns \['score'\]; expected \['step', 'fold'\]",
    ):
        draw({"DKT": by_step})
    with pytest.raises(
        ValueError, match=r"has the scores \['a', 'b'\], and metric=None; expected one"
    ):
        draw(make_curve(a=0, b=1))
    with pytest.raises(ValueError, match="metric='c'; expected one of them"):
        draw(make_curve(a=0, b=1), metric="c")


def test_several_scores_do_not_share_a_picture():
    with pytest.raises(ValueError, match=r"scoring=\['roc_auc', 'f1'\]; expected one"):
        EarlyPredictionDisplay.from_estimator(
            DKTClassifier(), None, None, scoring=["roc_auc", "f1"]
        )
