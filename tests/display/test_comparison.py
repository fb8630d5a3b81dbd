"""What TracerComparisonDisplay draws is what cross_validate returned."""

import copy
import re
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, cross_validate

from sktrace import MeanClassifier, PFAClassifier
from sktrace.datasets import make_interactions
from sktrace.display import (
    EarlyPredictionDisplay,
    LearningCurveDisplay,
    TracerComparisonDisplay,
)
from sktrace.display._comparison import BEST
from sktrace.model_selection import (
    StudentKFold,
    StudentShuffleSplit,
    compare_tracers,
)

mpl.use("agg")

TRACERS = {"mean": MeanClassifier(), "PFA": PFAClassifier()}


@pytest.fixture(scope="module")
def course():
    return make_interactions(n_students=40, n_skills=4, random_state=0)


@pytest.fixture(scope="module")
def results():
    """Three tracers on folds of which some are easier; c is as good as b, but loss."""
    easy = np.array([0.0, 0.1, 0.3])
    return {
        "a": {
            "fit_time": np.ones(3),
            "test_roc_auc": 0.5 + easy,
            "test_neg_mae": -easy,
        },
        "b": {"test_roc_auc": [0.61, 0.7, 0.91], "test_neg_mae": -easy - 1},
        "c": {"test_neg_mae": -easy - 0.5, "test_roc_auc": 0.55 + easy},
    }


def names(panel):
    return [label.get_text() for label in panel.get_yticklabels()]


def numbers(panel):
    return [text.get_text() for text in panel.texts]


def means(panel):
    """Return x of the large dots, from the top."""
    dots = [line for line in panel.lines if line.get_marker() == "o"]
    dots.sort(key=lambda line: line.get_ydata()[0])
    return [line.get_xdata()[0] for line in dots]


# --- numbers -----------------------------------------------------------------------


def test_scores_are_those_of_cross_validate_on_folds_of_students(course):
    X, y = course
    before = X.copy()
    display = TracerComparisonDisplay.from_estimators(TRACERS, X, y)
    for name, tracer in TRACERS.items():
        expected = cross_validate(
            tracer, X, y, cv=StudentKFold(5), scoring=["roc_auc", "neg_log_loss"]
        )
        own = display.scores[display.scores["tracer"] == name]
        for metric, scores in own.groupby("metric"):
            assert scores["fold"].tolist() == [0, 1, 2, 3, 4]
            np.testing.assert_allclose(scores["score"], expected[f"test_{metric}"])
    assert X.equals(before)
    assert not hasattr(TRACERS["PFA"], "classes_")  # clones were fitted


def test_folds_drawn_at_random_are_drawn_once(course):
    cv = StudentShuffleSplit(3, random_state=np.random.RandomState(0))
    same = {"one": MeanClassifier(), "two": MeanClassifier()}
    display = TracerComparisonDisplay.from_estimators(
        same, *course, cv=cv, scoring="accuracy"
    )
    assert (display.differences["difference"] == 0).all()
    assert display.scores["score"].nunique() > 1


def test_the_default_folds_read_the_column_of_the_tracers(course):
    X, y = course
    tracer = MeanClassifier(student="pupil")
    display = TracerComparisonDisplay.from_estimators(
        {"mean": tracer}, X.rename(columns={"user_id": "pupil"}), y
    )
    same = TracerComparisonDisplay.from_estimators({"mean": MeanClassifier()}, X, y)
    assert display.scores.equals(same.scores)


def test_other_folds_groups_and_named_scorers(course):
    X, y = course
    display = TracerComparisonDisplay.from_estimators(
        TRACERS,
        X,
        y,
        groups=X["user_id"],
        cv=GroupKFold(2),
        scoring={"AUC": "roc_auc"},
    )
    assert display.scores["metric"].unique().tolist() == ["AUC"]
    assert len(display.scores) == 4


def test_the_summary_has_means_and_deviations_best_first(results):
    summary = TracerComparisonDisplay.from_results(results).summary()
    assert summary.loc["roc_auc"].index.tolist() == ["b", "c", "a"]
    assert summary.loc["neg_mae"].index.tolist() == ["a", "c", "b"]
    for (metric, tracer), row in summary.iterrows():
        scores = np.asarray(results[tracer][f"test_{metric}"])
        np.testing.assert_allclose(row["mean"], scores.mean())
        np.testing.assert_allclose(row["std"], scores.std(ddof=1))


def test_differences_are_taken_fold_by_fold(results):
    display = TracerComparisonDisplay.from_results(results, metrics=["roc_auc"])
    differences = display.differences.pivot(
        index="fold", columns="tracer", values="difference"
    )
    np.testing.assert_allclose(differences["a"], [-0.11, -0.1, -0.11])
    assert (differences["b"] == 0).all()
    row = display.summary().loc[("roc_auc", "a")]
    np.testing.assert_allclose(row["difference"], differences["a"].mean())
    np.testing.assert_allclose(row["difference_std"], differences["a"].std())
    assert row["difference_std"] < row["std"] / 10  # folds are shared


# --- the picture -------------------------------------------------------------------


def test_the_best_by_the_first_metric_stands_at_the_top(results):
    display = TracerComparisonDisplay.from_results(results)
    first, second = display.axes_
    assert names(first) == ["b", "c", "a"]
    assert first.yaxis_inverted()
    np.testing.assert_allclose(means(first), [0.74, 0.55 + 0.4 / 3, 0.5 + 0.4 / 3])
    assert [text.get_weight() for text in first.texts] == ["bold", "normal", "normal"]
    assert [text.get_weight() for text in second.texts] == ["normal", "normal", "bold"]
    other = TracerComparisonDisplay.from_results(results, metrics=["neg_mae"])
    assert names(other.ax_) == ["a", "c", "b"]


def colours(panel):
    return [text.get_color() for text in panel.texts]


def test_what_is_not_told_apart_from_the_best_is_in_colour_and_nothing_is_bold():
    best = np.array([0.7, 0.72, 0.71, 0.73, 0.7])
    near = best + np.array([-0.01, 0.009, -0.01, 0.008, -0.004])
    scores = {"best": best, "near": near, "far": best - 0.1, "same": best - 0.001}
    results = {name: {"test_roc_auc": own} for name, own in scores.items()}
    panel = TracerComparisonDisplay.from_results(results).ax_
    assert names(panel) == ["best", "same", "near", "far"]
    assert colours(panel) == [BEST, BEST, BEST, "black"]
    assert {text.get_weight() for text in panel.texts} == {"normal"}
    del results["near"], results["same"]
    panel = TracerComparisonDisplay.from_results(results).ax_
    assert colours(panel) == [BEST, "black"]
    assert [text.get_weight() for text in panel.texts] == ["bold", "normal"]


def test_chances_are_those_of_compare_tracers(course):
    X, y = course
    tracers = TRACERS | {"slow mean": MeanClassifier(strength=20)}
    cv = StudentShuffleSplit(4, test_size=0.4, random_state=0)  # no folds of 1 in k
    found = compare_tracers(tracers, X, y, cv=cv, n_bootstraps=0).summary()
    display = TracerComparisonDisplay.from_estimators(tracers, X, y, cv=cv)
    summary = display.summary().loc["roc_auc"]
    assert summary.index.tolist() == found.index.tolist()
    others = summary.index[1:]
    np.testing.assert_allclose(summary.loc[others, "worse"], found["worse"][others])
    assert summary["worse"].iloc[0] == 0
    other = TracerComparisonDisplay(display.scores, rope=1.0).summary()
    assert (other["worse"] < 0.01).all()


def test_one_fold_tells_nobody_apart():
    results = {"a": {"test_f1": [0.5]}, "b": {"test_f1": [0.9]}}
    display = TracerComparisonDisplay.from_results(results)
    assert colours(display.ax_) == [BEST, BEST]
    assert {text.get_weight() for text in display.ax_.texts} == {"normal"}


def test_negative_scores_are_drawn_as_losses(results):
    before = copy.deepcopy(results)
    display = TracerComparisonDisplay.from_results(results, metrics=["neg_mae"])
    np.testing.assert_allclose(means(display.ax_), np.array([0, 0.5, 1]) + 0.4 / 3)
    assert display.ax_.get_xlabel() == "mae\n(lower is better)"
    assert numbers(display.ax_)[0] == "0.13 ± 0.15"
    assert (display.scores["score"] <= 0).all()
    for tracer, result in before.items():
        for key, values in result.items():
            np.testing.assert_array_equal(results[tracer][key], values)


def test_folds_and_deviations_are_drawn(results):
    display = TracerComparisonDisplay.from_results(results, metrics=["roc_auc"])
    folds, bar, *_ = display.ax_.collections
    np.testing.assert_allclose(folds.get_offsets()[:, 0], [0.61, 0.7, 0.91])
    std = np.std([0.61, 0.7, 0.91], ddof=1)
    (segment,) = bar.get_segments()
    np.testing.assert_allclose(segment[:, 0], [0.74 - std, 0.74 + std])
    title = display.ax_.get_title(loc="left")
    assert title == (
        "mean ± 1 standard deviation, 3 folds\nin colour: not told apart from the best"
    )


@pytest.mark.parametrize(
    ("mean", "std", "number"),
    [
        (0.742, 0.004, "0.742 ± 0.004"),
        (0.742, 0.031, "0.742 ± 0.031"),
        (12.34, 0.41, "12.3 ± 0.4"),
        (1234.0, 99.0, "1234 ± 99"),
        (-0.004, 0.009, "−0.0040 ± 0.0090"),
        (0.5, 0.0, "0.500 ± 0.000"),
        (0.0, 0.0, "0.000 ± 0.000"),
    ],
)
def test_numbers_have_as_many_decimals_as_they_tell(mean, std, number):
    scores = mean + std * np.array([-1.0, 0, 1])
    display = TracerComparisonDisplay.from_results({"a": {"test_x": scores}})
    assert numbers(display.ax_) == [number]


def test_one_fold_has_no_deviation():
    display = TracerComparisonDisplay.from_results({"a": {"test_f1": [0.5]}})
    assert numbers(display.ax_) == ["0.500"]
    assert len(display.ax_.collections) == 0
    assert display.ax_.get_title(loc="left") == ""
    assert display.summary()["std"].isna().all()


def test_many_tracers_with_long_names_and_four_metrics():
    rng = np.random.default_rng(0)
    metrics = ["roc_auc", "neg_log_loss", "r2", "neg_root_mean_squared_error"]
    results = {
        f"a tracer with a really long name, number {k}": {
            f"test_{metric}": rng.uniform(size=5) for metric in metrics
        }
        for k in range(12)
    }
    display = TracerComparisonDisplay.from_results(results)
    assert [panel.get_xlabel() for panel in display.axes_] == [
        "ROC AUC",
        "log loss\n(lower is better)",
        "R²",
        "root mean squared error\n(lower is better)",
    ]
    labels = names(display.ax_)
    assert len(set(labels)) == 12
    assert max(map(len, labels)) == 32
    display.figure_.canvas.draw()
    # Nothing is cut off, nor runs into the next panel.
    outer = [panel.get_tightbbox() for panel in display.axes_]
    assert min(box.x0 for box in outer) >= 0
    assert max(box.x1 for box in outer) <= display.figure_.bbox.x1
    for boxes in (
        [panel.get_tightbbox(for_layout_only=True) for panel in display.axes_],
        [panel.xaxis.label.get_window_extent() for panel in display.axes_],
    ):
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_axes_may_be_given_and_ink_follows_the_style(results):
    for style, colour in (("default", "black"), ("dark_background", "white")):
        with plt.style.context(style):
            figure, ax = plt.subplots()
            display = TracerComparisonDisplay.from_results(
                results, metrics=["roc_auc"], ax=ax
            )
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert [text.get_color() for text in ax.texts[1:]] == [colour, colour]
    figure, panels = plt.subplots(1, 2)
    display = TracerComparisonDisplay.from_results(results, ax=panels)
    assert list(display.axes_) == list(panels)
    assert names(panels[1]) == names(panels[0])
    with pytest.raises(
        ValueError, match=r"ax holds 1 axes; expected 2, one for each of \['roc_auc'"
    ):
        display.plot(ax=panels[0])


# --- errors ------------------------------------------------------------------------


def test_results_that_cannot_be_compared_are_refused(results):
    draw = TracerComparisonDisplay.from_results
    with pytest.raises(ValueError, match=r"results=\{\}; expected at least one"):
        draw({})
    with pytest.raises(
        ValueError, match=r"no metric to show: .*'a' have \['fit_time'\]"
    ):
        draw({"a": {"fit_time": [1.0]}})
    with pytest.raises(
        ValueError,
        match=r"The results of 'a' lack 'test_f1', they have \['test_roc_auc', 'test_n",
    ):
        draw(results, metrics=["f1"])
    short = {"test_roc_auc": [0.5, 0.6]}
    with pytest.raises(
        ValueError, match="'d' was scored on 2 folds, other than the 3 of 'a'; expected"
    ):
        draw({**results, "d": short}, metrics=["roc_auc"])
    failed = {"test_roc_auc": [0.5, np.nan, 0.5]}
    with pytest.raises(ValueError, match="'roc_auc' of 'd' is missing in fold 1; expe"):
        draw({**results, "d": failed}, metrics=["roc_auc"])


def test_other_folds_are_refused_where_they_are_known(course):
    X, y = course
    first, same, other = (
        cross_validate(
            MeanClassifier(), X, y, cv=cv, scoring=["roc_auc"], return_indices=True
        )
        for cv in (
            StudentKFold(3),
            StudentKFold(3),
            StudentKFold(3, shuffle=True, random_state=0),
        )
    )
    draw = TracerComparisonDisplay.from_results
    draw({"one": first, "two": same})
    with pytest.raises(ValueError, match="'two' was scored on 3 folds, other than"):
        draw({"one": first, "two": other})


@pytest.mark.parametrize(
    "scores", [0.5, np.float64(0.5), [], np.empty(0), [[0.5, 0.6]]]
)
def test_scores_that_are_no_list_of_folds_are_refused(scores):
    message = "'test_r' of 'a' is .*; expected a list of the scores of one or more fol"
    with pytest.raises(ValueError, match=message):
        TracerComparisonDisplay.from_results({"a": {"test_r": scores}})


def test_one_metric_goes_by_its_name_and_comes_but_once(results):
    for metrics in ("roc_auc", ["roc_auc"], ["roc_auc", "roc_auc"]):
        display = TracerComparisonDisplay.from_results(results, metrics=metrics)
        assert len(display.axes_) == 1
        assert set(display.scores["metric"]) == {"roc_auc"}


@pytest.mark.parametrize("name", [None, ("PFA", 1), np.nan])
def test_a_name_that_is_none_is_refused(name):
    message = f"A model is named {name!r}; expected strings, such as 'DKT'. Rename it"
    with pytest.raises(TypeError, match=re.escape(message)):
        TracerComparisonDisplay.from_results({"a": {"test_r": [1]}, name: {}})
    with pytest.raises(TypeError, match=re.escape(message)):
        TracerComparisonDisplay.from_estimators({name: MeanClassifier()}, None, None)
    with pytest.raises(TypeError, match=re.escape(message)):
        EarlyPredictionDisplay.from_curve({name: None})
    with pytest.raises(TypeError, match=re.escape(message)):
        LearningCurveDisplay.from_predictions(None, [0, 1], {name: [0.5, 0.5]})


@pytest.mark.parametrize("tracers", [{}, [MeanClassifier()], MeanClassifier()])
def test_tracers_without_names_are_refused(course, tracers):
    with pytest.raises(TypeError, match="expected a dict of one or more tracers by na"):
        TracerComparisonDisplay.from_estimators(tracers, *course)


def test_scores_may_be_made_by_hand():
    scores = pd.DataFrame(
        {"tracer": ["a", "b"], "metric": "f1", "fold": 0, "score": [0.1, 0.2]}
    )
    assert names(TracerComparisonDisplay(scores).plot().ax_) == ["b", "a"]
