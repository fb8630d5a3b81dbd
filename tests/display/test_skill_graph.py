"""What SkillGraphDisplay draws is what the influence of skills says."""

import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from sktrace import BKTClassifier, DKTClassifier
from sktrace.display import SkillGraphDisplay
from sktrace.inspection import skill_influence

from ..conftest import BELOW_HALF, make_log

mpl.use("agg")


def as_pairs(lift, names=None):
    """Write a matrix of lifts as `skill_influence` does."""
    n = len(lift)
    names = [f"skill {k:03d}" for k in range(n)] if names is None else names
    names = pd.Index(names, tupleize_cols=False)
    return pd.DataFrame(
        {
            "skill": names.repeat(n),
            "on": names.take(np.tile(np.arange(n), n)),
            "lift": np.ravel(lift),
        }
    )


def make_lift(n_skills, n_clusters=3, seed=0):
    """Draw lifts that are higher within a cluster, and have mean 1 on each skill."""
    rng = np.random.default_rng(seed)
    cluster = np.arange(n_skills) % n_clusters
    lift = rng.uniform(0.7, 1.1, (n_skills, n_skills))
    lift += 0.5 * (cluster[:, None] == cluster[None])
    return lift / lift.mean(axis=0), cluster


def drawn(display, kind):
    return [child for child in display.ax_.get_children() if type(child) is kind]


def boxes(display):
    """Return left, bottom, right and top of each node."""
    return np.array([p.get_bbox().extents for p in drawn(display, FancyBboxPatch)])


def texts(display):
    return [text.get_text() for text in display.ax_.texts]


# --- which arrows ------------------------------------------------------------------


def test_the_strongest_influences_on_each_skill_by_hand():
    lift = np.array(
        [[1.9, 1.3, 0.8, 1.2], [1.1, 1, 1.2, 1.1], [0.9, 1.2, 2, 1], [0.5] * 4]
    )
    influence = as_pairs(lift, list("abcd"))
    display = SkillGraphDisplay.from_influence(influence, top=1, threshold=1.05)
    edges = list(display.edges_.itertuples(index=False, name=None))
    # The diagonal is left out; of d, nothing starts, and one arrow ends there.
    assert edges == [("a", "b", 1.3), ("a", "d", 1.2), ("b", "c", 1.2), ("b", "a", 1.1)]
    assert len(drawn(display, FancyArrowPatch)) == 4
    display.plot(top=2)
    assert len(display.edges_) == 6
    display.plot(top=9, threshold=1.15)
    assert display.edges_["lift"].tolist() == [1.3, 1.2, 1.2, 1.2]
    display.plot(top=1, threshold=1.25)
    assert display.nodes_["skill"].tolist() == ["a", "b"]
    assert display.ax_.get_title("left") == (
        "The strongest influence on each skill, above ×1.25; colours: skills so tied.\n"
        "2 skills without an edge are not drawn."
    )


def test_it_draws_what_the_tracer_says():
    log = make_log(n_students=40)
    dkt = DKTClassifier(hidden_size=4, max_epochs=3, lr=0.1, random_state=0)
    dkt.fit(log, log["correct"])
    display = SkillGraphDisplay.from_estimator(dkt, top=9, threshold=0)
    pairs = skill_influence(dkt).query("skill != on").set_index(["skill", "on"])
    assert len(display.edges_) == len(pairs) == 12
    edges = display.edges_.set_index(["skill", "on"])["lift"]
    np.testing.assert_array_equal(edges, pairs.loc[edges.index, "lift"])
    some = SkillGraphDisplay.from_estimator(
        dkt, skills=["skill 1", "skill 3"], top=9, threshold=0
    )
    assert set(some.nodes_["skill"]) == {"skill 1", "skill 3"}
    ends = some.edges_.set_index(["skill", "on"])["lift"]
    np.testing.assert_array_equal(ends, edges.loc[ends.index])


def test_pairs_without_a_row_have_no_arrow():
    lift, _ = make_lift(9)
    influence = as_pairs(lift)
    met = influence[(influence.index % 4 != 1)]
    display = SkillGraphDisplay.from_influence(met, top=9, threshold=1.0)
    expected = met.query("skill != on and lift > 1")
    assert len(display.edges_) == len(expected)
    matrix = SkillGraphDisplay.from_influence(met, kind="matrix", top=9, threshold=1)
    assert np.isnan(matrix.image_.get_array().filled(np.nan)).sum() == (
        81 - len(met.query("skill != on"))
    )


def test_the_frame_is_left_as_it_was():
    influence = as_pairs(make_lift(6)[0])
    before = influence.copy(deep=True)
    display = SkillGraphDisplay.from_influence(influence)
    display.plot(kind="matrix")
    pd.testing.assert_frame_equal(influence, before)


# --- where they stand --------------------------------------------------------------


def test_clusters_are_found_and_have_one_colour():
    lift, cluster = make_lift(12)
    display = SkillGraphDisplay.from_influence(as_pairs(lift))
    found = display.nodes_.set_index("skill")["community"].sort_index().to_numpy()
    pairs = {*zip(cluster.tolist(), found.tolist(), strict=True)}
    assert len(pairs) == 3
    assert {p.get_edgecolor()[:3] for p in drawn(display, FancyBboxPatch)} == {
        to_rgb(colour) for colour in ("#0072B2", "#E69F00", "#009E73")
    }
    # And they stand together.
    x = display.nodes_[["x", "y"]].to_numpy()
    community = display.nodes_["community"].to_numpy()
    apart = np.linalg.norm(x[:, None] - x[None], axis=2)
    same = community[:, None] == community[None]
    assert apart[same].mean() < 0.6 * apart[~same].mean()


@pytest.mark.parametrize("n_skills", [2, 5, 30, 110])
def test_no_name_covers_another(n_skills):
    lift, _ = make_lift(n_skills, n_clusters=min(n_skills // 2, 8))
    names = [f"a skill with a long name and a number, {k}" for k in range(n_skills)]
    display = SkillGraphDisplay.from_influence(as_pairs(lift, names), threshold=0.5)
    assert len(display.nodes_) == n_skills
    left, bottom, right, top = boxes(display).T
    covers = (
        (left[:, None] < right[None])
        & (left[None] < right[:, None])
        & (bottom[:, None] < top[None])
        & (bottom[None] < top[:, None])
    )
    assert covers.sum() == n_skills  # each itself
    (x0, x1), (y0, y1) = display.ax_.get_xlim(), display.ax_.get_ylim()
    assert left.min() >= x0
    assert right.max() <= x1
    assert bottom.min() >= y0
    assert top.max() <= y1
    inside = np.column_stack([(left + right) / 2, (bottom + top) / 2])
    np.testing.assert_allclose(inside, display.nodes_[["x", "y"]])


def test_many_skills_have_numbers_and_a_key():
    lift, _ = make_lift(31)
    display = SkillGraphDisplay.from_influence(as_pairs(lift))
    assert display.nodes_.index.tolist() == list(range(1, 32))
    shown = texts(display)
    assert shown.count("31") == 2  # in the node and in the key
    assert set(display.nodes_["skill"]) < set(shown)
    _, ax = plt.subplots(figsize=(3, 3))
    display.plot(ax=ax)
    assert set(display.nodes_["skill"]).isdisjoint(texts(display))  # no room


def test_the_same_numbers_make_the_same_picture():
    influence = as_pairs(make_lift(40)[0])
    nodes = [SkillGraphDisplay.from_influence(influence).nodes_ for _ in range(2)]
    pd.testing.assert_frame_equal(*nodes, check_exact=True)


# --- how it looks ------------------------------------------------------------------


def test_the_matrix_is_the_lift_in_the_order_of_its_names():
    lift, cluster = make_lift(9)
    display = SkillGraphDisplay.from_influence(as_pairs(lift), kind="matrix")
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == [label.get_text() for label in display.ax_.get_xticklabels()]
    order = [int(name[-3:]) for name in names]
    expected = lift[np.ix_(order, order)]
    np.fill_diagonal(expected, np.nan)
    np.testing.assert_array_equal(display.image_.get_array().filled(np.nan), expected)
    assert (np.diff(cluster[order]) != 0).sum() == 2  # clusters stand together
    low, high = display.image_.get_clim()
    assert low * high == pytest.approx(1)
    assert display.figure_.axes[-1].get_ylabel().startswith("lift: P(correct) over")


def test_a_matrix_shows_skills_that_no_arrow_ties():
    bkt = BKTClassifier(n_restarts=1, bounds=BELOW_HALF, random_state=0)
    log = make_log()
    bkt.fit(log, log["correct"])
    display = SkillGraphDisplay.from_estimator(bkt, kind="matrix")
    assert len(display.ax_.get_yticklabels()) == 4
    assert len(display.edges_) == len(display.nodes_) == 0


@pytest.mark.parametrize("kind", ["graph", "matrix"])
def test_axes_may_be_given(kind):
    figure, (ax, other) = plt.subplots(1, 2)
    influence = as_pairs(make_lift(5)[0])
    display = SkillGraphDisplay.from_influence(influence, ax=ax, kind=kind)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert not other.has_data()
    half = plt.figure().subfigures(1, 2)[0]
    display.plot(ax=half.subplots(), kind=kind)
    assert display.figure_ is half


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_ink_and_paper_are_those_of_the_style(style):
    influence = as_pairs(make_lift(40)[0])
    with plt.style.context(style):
        ink = to_rgb(mpl.rcParams["text.color"])
        paper = np.array(to_rgb(mpl.rcParams["axes.facecolor"]))
        display = SkillGraphDisplay.from_influence(influence)
        numbers = [text for text in display.ax_.texts if text.get_ha() == "center"]
        assert {to_rgb(text.get_color()) for text in numbers} == {ink}
        for box in drawn(display, FancyBboxPatch):
            face, edge = box.get_facecolor()[:3], np.array(box.get_edgecolor()[:3])
            np.testing.assert_allclose(face, 0.3 * edge + 0.7 * paper, atol=1e-6)
        legend = display.ax_.get_legend()
        assert {to_rgb(line.get_color()) for line in legend.get_lines()} == {ink}
        matrix = SkillGraphDisplay.from_influence(influence, kind="matrix")
        np.testing.assert_allclose(matrix.image_.cmap(0.5)[:3], paper, atol=0.01)


def test_an_arrow_is_as_wide_as_the_lift_is_high():
    display = SkillGraphDisplay.from_influence(as_pairs(make_lift(8)[0]))
    widths = sorted(arrow.get_linewidth() for arrow in drawn(display, FancyArrowPatch))
    lift = display.edges_["lift"].to_numpy()[::-1]
    np.testing.assert_allclose(np.polyfit(lift, widths, 1, full=True)[1], 0, atol=1e-12)
    legend = display.ax_.get_legend()
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels[0] == "×1.05"
    assert labels[-1] == f"×{lift[-1]:.2f}"
    assert legend.get_lines()[-1].get_linewidth() == pytest.approx(widths[-1])
    title = legend.get_title().get_text().replace("\n", " ")
    assert title.startswith("lift: P(correct) after a right answer where the arrow")


def test_names_may_be_anything_hashable():
    names = [("a", 1), 2.5, "$x$ and $", "", " ", frozenset("b")]
    display = SkillGraphDisplay.from_influence(as_pairs(make_lift(6)[0], names))
    display.figure_.draw_without_rendering()
    assert "$x$ and $" in texts(display)
    assert "('a', 1)" in texts(display)


# --- what is refused ---------------------------------------------------------------


def test_a_tracer_that_keeps_skills_apart_has_no_graph():
    log = make_log()
    bkt = BKTClassifier(n_restarts=1, bounds=BELOW_HALF, random_state=0)
    bkt.fit(log, log["correct"])
    message = (
        r"^No pair of the 4 skills has a lift above threshold=1\.05; the highest is "
        r"[01]\.\d{3}\. Pass a lower threshold, or a tracer that sees skills together, "
        r"such as DKTClassifier; BKTClassifier and means keep them apart\.$"
    )
    with pytest.raises(ValueError, match=message):
        SkillGraphDisplay.from_estimator(bkt)


def test_other_frames_and_other_kinds():
    influence = as_pairs(make_lift(4)[0])
    message = (
        "influence has no column 'lift'; got the columns ['skill', 'on'], expected "
        "those that sktrace.inspection.skill_influence(estimator) returns."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        SkillGraphDisplay.from_influence(influence[["skill", "on"]])
    with pytest.raises(ValueError, match="kind='tree'; expected 'graph' or 'matrix'"):
        SkillGraphDisplay.from_influence(influence, kind="tree")
    for top in (0, "a", 1.5):
        message = f"top={top!r}; expected a whole number of at least 1."
        with pytest.raises(ValueError, match=re.escape(message)):
            SkillGraphDisplay.from_influence(influence, top=top)


@pytest.mark.parametrize("kind", ["graph", "matrix"])
def test_pairs_that_cannot_be_drawn(kind):
    influence = as_pairs(make_lift(4)[0])
    with pytest.raises(ValueError, match="influence has 0 rows; expected at least one"):
        SkillGraphDisplay.from_influence(influence[:0], kind=kind)
    influence.loc[1, "lift"] = np.inf
    skill, on = influence.loc[1, ["skill", "on"]].tolist()
    message = f"influence holds a lift of inf of {skill!r} on {on!r}; expected finite"
    with pytest.raises(ValueError, match=re.escape(message)):
        SkillGraphDisplay.from_influence(influence, kind=kind)
