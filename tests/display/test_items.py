"""Items lie where the tables say, odd ones stand out, and names have room."""

import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import clone

from sktrace import (
    AFMClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
)
from sktrace.datasets import make_interactions
from sktrace.display import ItemDisplay
from sktrace.inspection import item_fit

mpl.use("agg")


def draw_table(n_items=60, n=80, seed=0):
    """Make up items of two skills, three of which have a wrong key."""
    rng = np.random.default_rng(seed)
    item = np.tile(np.arange(n_items), n)
    p = expit(rng.normal(0.7, 1.2, size=len(item)))
    y = (rng.uniform(size=len(item)) < p).astype(int)
    y = np.where(item < 3, 1 - y, y)
    X = pd.DataFrame({"user_id": range(len(item)), "order_id": 0})
    X["skill_name"] = np.where(item % 2, "odd", "even")
    X["item_id"] = [f"p{k}" for k in item]
    return item_fit(p, X, y, item="item_id")


@pytest.fixture(scope="module")
def table():
    return draw_table()


@pytest.fixture(scope="module")
def made():
    X, y = make_interactions(n_students=60, n_skills=3, n_items=12, random_state=0)
    later = X["user_id"] >= 30
    return X[~later], y[~later], X[later], y[later]


def offsets(display):
    return {name: p.get_offsets().data for name, p in display.points_.items()}


def test_points_lie_where_the_table_says(table):
    display = ItemDisplay.from_items(table)
    for verdict, drawn in offsets(display).items():
        own = table[table["verdict"] == verdict]
        np.testing.assert_array_equal(drawn, own[["harder", "discrimination"]])
    assert set(display.points_) == {"like the others", "backwards"}
    assert display.ax_.get_xlabel() == "harder than predicted (logits)"
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["like the others (57)", "backwards (3)"]


def test_intervals_are_of_95_percent_and_of_named_items_in_a_crowd(table):
    for items, n_barred in ((table, 3), (table.head(20), 20)):
        ax = ItemDisplay.from_items(items).ax_
        bars = [bar for c in ax.containers for bar in c[2]]
        ends = [np.array(bar.get_segments()) for bar in bars]
        assert sum(map(len, ends)) == 2 * n_barred
    first = table.iloc[0]
    ax = ItemDisplay.from_items(table.head(1)).ax_
    (across,), (along,) = (bar.get_segments() for bar in ax.containers[0][2])
    np.testing.assert_allclose(
        across[:, 0],
        first["harder"] + 1.96 * np.array([-1, 1]) * first["harder_se"],
    )
    np.testing.assert_allclose(np.diff(along[:, 1]), 3.92 * first["discrimination_se"])


def test_the_odd_ones_have_names_and_of_few_items_all(table):
    names = [text.get_text() for text in ItemDisplay.from_items(table).names_]
    assert sorted(names) == ["p0", "p1", "p2"]
    few = ItemDisplay.from_items(table.tail(5))
    assert len(few.names_) == 5
    assert ItemDisplay.from_items(table, max_names=0).names_ == []
    assert len(ItemDisplay.from_items(table, max_names=2).names_) == 2


def test_no_name_covers_another_and_none_leaves_the_axes():
    rng = np.random.default_rng(0)
    crowd = pd.DataFrame(rng.normal(size=(400, 2)), columns=["difficulty", "b"])
    crowd = crowd.rename(columns={"b": "discrimination"}).assign(verdict="too hard")
    crowd.index = [f"a rather long name of problem {k}" for k in crowd.index]
    display = ItemDisplay.from_items(crowd, max_names=200)
    assert 5 < len(display.names_) < 200
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.names_]
    inside = display.ax_.get_window_extent()
    for k, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:k])
        assert inside.x0 <= box.x0 < box.x1 <= inside.x1 + 1


def test_every_verdict_has_a_name_where_there_is_room_for_few(table):
    kinds = ["too hard", "too easy", "too noisy", "backwards"]
    x = np.arange(80) // 20 * 3.0
    odd = pd.DataFrame({"difficulty": x, "discrimination": np.arange(80) % 20})
    odd["verdict"] = np.repeat(kinds, 20)
    display = ItemDisplay.from_items(odd, max_names=4)
    named = {int(text.get_text()) for text in display.names_}
    assert named == {0, 20, 40, 60}


@pytest.mark.parametrize("model", [PFAClassifier(), RaschClassifier(model="2pl")])
def test_what_a_model_learnt_goes_before_what_answers_say(made, model):
    X, y, X_later, y_later = made
    fit = clone(model).set_params(item="item_id").fit(X, y)
    expected = fit.items_[["difficulty", "discrimination"]]
    alone = ItemDisplay.from_estimator(fit)
    assert alone.ax_.get_legend() is None
    np.testing.assert_array_equal(offsets(alone)["items"], expected)
    held_out = ItemDisplay.from_estimator(fit, X_later, y_later).items
    pd.testing.assert_frame_equal(
        held_out[expected.columns], expected.loc[held_out.index], check_names=False
    )
    np.testing.assert_array_equal(
        held_out["difficulty_se"], fit.items_.loc[held_out.index, "se"]
    )
    assert held_out["discrimination_se"].isna().all()
    assert "verdict" in held_out


def test_what_a_model_did_not_learn_is_what_answers_say(made):
    X, y, X_later, y_later = made
    without = MeanClassifier().fit(X, y)
    display = ItemDisplay.from_estimator(without, X_later, item="item_id")
    fit = item_fit(without, X_later, y_later, item="item_id")
    pd.testing.assert_frame_equal(display.items, fit[display.items.columns])
    afm = AFMClassifier(item="item_id", item_slopes=False).fit(X, y)
    items = ItemDisplay.from_estimator(afm, X_later).items
    fit = item_fit(afm, X_later, y_later)
    np.testing.assert_array_equal(items["discrimination"], fit["discrimination"])
    np.testing.assert_array_equal(
        items["difficulty"], afm.items_.loc[fit.index, "difficulty"]
    )


def test_items_that_fit_did_not_see_are_not_drawn(made):
    X, y, X_later, _ = made
    afm = AFMClassifier(item="item_id", item_slopes=False).fit(X, y)
    items = X_later["item_id"].astype(object)
    new = X_later.assign(item_id=items.replace("item 01", "item 99"))
    display = ItemDisplay.from_estimator(afm, new)
    assert "item 99" not in display.items.index
    assert len(display.items) == 11


def test_items_of_a_skill_and_of_axes_that_are_given(table):
    _, axes = plt.subplots(1, 2)
    display = ItemDisplay.from_items(table, ax=axes[1], skills="odd")
    assert display.ax_ is axes[1]
    assert sum(map(len, offsets(display).values())) == 30
    assert display.ax_.get_legend().get_title().get_text() == "odd"
    bare = ItemDisplay.from_items(table.drop(columns="verdict"), skills=["even"])
    assert bare.ax_.get_title(loc="left") == "even"
    both = ItemDisplay.from_items(table, skills=["odd", "even"])
    assert both.ax_.get_legend().get_title().get_text() == ""


@pytest.mark.parametrize("n_items", [1, 5, 300, 16_891])
def test_any_number_of_items_is_drawn_and_none_is_lost(n_items, tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "difficulty": rng.normal(size=n_items),
            "se": 0.3,
            "discrimination": rng.normal(1, 0.3, size=n_items),
            "n_answers": rng.integers(1, 300, size=n_items),
        }
    )
    display = ItemDisplay.from_items(table)
    assert len(offsets(display)["items"]) == n_items
    path = tmp_path / "items.svg"
    display.figure_.savefig(path)
    assert path.stat().st_size < 1_000_000


# --- what is refused ---------------------------------------------------------------


def test_what_has_no_discrimination_needs_answers(made):
    X, y, _, _ = made
    way_out = (
        "; expected answers of students whom it was not trained on, which tell how "
        "items discriminate: from_estimator(estimator, X, y, item=...)."
    )
    mean, afm = (
        MeanClassifier().fit(X, y),
        AFMClassifier(item="item_id", item_slopes=False).fit(X, y),
    )
    for tracer, lacks in ((mean, "items_"), (afm, "discrimination in its items_")):
        message = f"{type(tracer).__name__} has no {lacks}{way_out}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            ItemDisplay.from_estimator(tracer)
        assert ItemDisplay.from_estimator(tracer, X, y, item="item_id").points_


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda table: table.drop(columns="discrimination"),
            "expected 'difficulty' or 'harder', and 'discrimination'. Answers of "
            "held-out students tell them: item_fit(estimator, X, y, item=...).",
        ),
        (lambda table: table.drop(columns="harder"), "expected 'difficulty' or"),
        (
            lambda table: table.assign(harder=np.nan),
            "No item has both a difficulty and a discrimination; expected one at least",
        ),
    ],
)
def test_a_table_without_numbers_to_draw_is_refused(table, change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        ItemDisplay.from_items(change(table))


def test_what_is_no_table_no_skill_and_no_number_is_refused(table):
    with pytest.raises(TypeError, match="table is 'list'; expected a DataFrame"):
        ItemDisplay.from_items([1, 2])
    message = "No item of 1 skill(s): 'x'; expected some of 'even', 'odd'."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        ItemDisplay.from_items(table.sort_values("skill"), skills="x")
    with pytest.raises(ValueError, match=r"^skills=\[\] names none at all; expected"):
        ItemDisplay.from_items(table, skills=[])
    with pytest.raises(ValueError, match="the table has no column 'skill'"):
        ItemDisplay.from_items(table.drop(columns="skill"), skills="odd")
    for odd in (-1, 2.5, "all"):
        message = f"max_names={odd!r}; expected a whole number of at least 0."
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            ItemDisplay.from_items(table, max_names=odd)
