"""What the page says of skills, items, calibration, curves, BKT and the log."""

import re
from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss

from sktrace.commands._page import report, skills_table
from sktrace.commands._page.calibration_table import tabulate_calibration
from sktrace.commands._page.curve_pictures import draw_curve
from sktrace.commands._page.odd_items import describe_items
from sktrace.commands._page.parameters import describe_parameters, remark_on_rates
from sktrace.commands._page.skills_table import describe_skills, find_words
from sktrace.commands._page.templates import render_part
from sktrace.datasets import make_interactions

from ._found import find

SECTIONS = ("skills", "items", "evidence", "calibration", "curves", "parameters", "log")
HOSTILE = "<script>alert(1)</script> & co"


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch):
    """Leave out the picture of matplotlib, which has tests of its own."""
    monkeypatch.setattr(
        "sktrace.commands._page.evidence.draw_or_say",
        lambda make: {"failed": "not now"},
    )


def show(findings):
    """Return all sections but the class', by name."""
    return {
        name: report.show(f"{name}.html", *report.SECTIONS[name], findings)
        for name in SECTIONS
    }


def make(n_students=20, **more):
    X = make_interactions(n_students, 4, n_attempts=20, random_state=0, **more)[0]
    names = {column: str for column in X if X[column].dtype == "category"}
    return X.astype(names)


@pytest.fixture(scope="module")
def found():
    X = make(n_items=12)
    X["skill_name"] = X["skill_name"].replace({X["skill_name"][0]: HOSTILE})
    X = pd.concat([X, X.iloc[:3]], ignore_index=True)
    X.loc[5, "item_id"] = None
    X.loc[7, "skill_name"] = None
    return find(X)


@pytest.fixture(scope="module")
def sections(found):
    return show(found)


def test_every_part_is_there_and_names_are_text(sections):
    for name, section in sections.items():
        assert "could not be made" not in section, name
        assert "<script>" not in section
        assert "nan" not in re.sub(r"<[^>]*>", "", section), name
    assert "&lt;script&gt;" in sections["skills"]
    assert "&lt;script&gt;" in sections["curves"]


def test_every_skill_has_a_small_curve_that_leads_to_a_large_one(found, sections):
    for k in range(len(found.practice.skills)):
        assert f'href="#curve-{k}"' in sections["skills"]
        assert f'id="curve-{k}"' in sections["curves"]


def test_right_and_predicted_are_means_of_the_answers(found):
    said = describe_skills(found)
    X = found.X.assign(p=found.comparison.predictions[found.best[0]])
    for row in said["skills"].itertuples():
        own = X[X["skill_name"] == said["names"][row.Index]]
        assert row.answers == len(own)
        assert row.students == own["user_id"].nunique()
        assert row.observed == pytest.approx(own["correct"].mean())
        assert row.predicted == pytest.approx(own["p"].mean())


def test_right_now_is_the_mean_of_the_class(found):
    said, table = describe_skills(found), found.class_table
    for row in said["skills"].itertuples():
        column = table.p.columns.get_loc(said["names"][row.Index])
        own = table.p.to_numpy()[table.n[:, column] > 0, column]
        assert row.now == pytest.approx(own.mean())


def test_an_item_with_a_wrong_key_is_named():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"user_id": range(800), "order_id": 0, "skill_name": "sum"})
    X["item_id"] = [f"item {k % 8}" for k in range(800)]
    p = rng.uniform(0.2, 0.95, size=800)
    y = (rng.uniform(size=800) < p).astype(int)
    X["correct"] = np.where(X["item_id"] == "item 3", 1 - y, y)
    predicted = Namespace(predictions={"best": p})
    found = Namespace(X=X, best=("best", None), comparison=predicted)
    section = render_part("items.html", findings=found, **describe_items(found))
    assert "1 of 8 items does not behave like the others" in section
    assert "<bdi>item 3</bdi>" in section
    assert "is its key wrong?" in section
    X["correct"] = y
    section = render_part("items.html", findings=found, **describe_items(found))
    assert "None of 8 items behaves unlike the others" in section


def test_without_items_nothing_is_said_of_them():
    found = Namespace(X=make(), best=("best", None))
    assert render_part("items.html", **describe_items(found)).strip() == ""


def skill(**more):
    """A skill of which nothing is to be said, but what is told otherwise."""
    plain = {"highest": 0.8, "lowest": 0.6, "predicted": 0.7, "first": 0.5}
    plain |= {"gain": 0.05, "gain_se": 0.01, "same": 0.05, "same_se": 0.01}
    return pd.DataFrame([plain | more])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, []),
        ({"highest": 0.59}, ["hard", "predicted too hopefully"]),
        ({"gain": 0.2}, ["learnt by practice"]),
        ({"gain": 0.0, "same": 0.0}, ["hardly learnt by practice"]),
        ({"gain": -0.1, "same": -0.1}, ["worse with practice"]),
        ({"gain": -0.1, "same": 0.2}, []),  # they stop who have mastered it
        ({"gain": 0.0, "same": 0.0, "first": 0.9}, []),  # nothing is left to learn
        ({"gain": 0.2, "gain_se": 0.1}, []),
        ({"gain": np.nan, "same": np.nan}, []),
        ({"same_se": np.nan, "gain": -0.1}, []),
        ({"predicted": 0.83}, ["predicted too hopefully"]),
        ({"predicted": 0.57}, ["predicted too doubtfully"]),
        ({"predicted": 0.81}, []),
    ],
)
def test_words_stand_only_where_the_whole_interval_is_beyond(more, words):
    assert find_words(skill(**more), 0.7).tolist() == [words]


def test_of_many_skills_intervals_are_wider():
    alone = find_words(skill(gain=0.08), 0.7)
    among = find_words(pd.concat([skill(gain=0.08)] * 500, ignore_index=True), 0.7)
    assert alone.iloc[0] == ["learnt by practice"]
    assert not among.map(len).any()


def test_of_too_many_skills_the_most_practised_are_shown(found, monkeypatch):
    monkeypatch.setattr(skills_table, "MOST_SKILLS", 2)
    said = describe_skills(found)
    counts = found.practice.count()["answers"]
    assert set(said["skills"].index) == set(counts.nlargest(2).index)
    section = render_part("skills.html", findings=found, **said)
    assert "The 2 of 4 skills practised most" in section


def test_a_calibrated_prediction_is_right_in_every_tenth_and_a_bold_one_is_not():
    rng = np.random.default_rng(0)
    p, student = rng.uniform(size=20_000), np.arange(20_000) % 500
    y = (rng.random(len(p)) < p).astype(int)
    table = tabulate_calibration(p, y, student)
    assert (table["off"] == "").all()
    assert table["answers"].sum() == len(p)
    last = (p >= 0.9) & (p <= 1)
    assert table["observed"].iloc[-1] == pytest.approx(y[last].mean())
    # Murphy's decomposition: what binning loses of the Brier score is small.
    weight, gap = table["answers"], table["predicted"] - table["observed"]
    spread = table["observed"] * (1 - table["observed"])
    assert (weight * (gap**2 + spread)).sum() / len(p) == pytest.approx(
        brier_score_loss(y, p), abs=0.002
    )
    bold = tabulate_calibration(np.where(p > 0.5, (1 + p) / 2, p / 2), y, student)
    assert bold["off"].iloc[-2:].tolist() == ["too hopeful"] * 2
    assert bold["off"].iloc[0] == "too doubtful"


def test_few_answers_do_not_tell_that_a_prediction_is_wrong():
    table = tabulate_calibration(np.full(2, 0.1), np.array([1, 0]), np.arange(2))
    assert table["off"].tolist() == [""]


@pytest.mark.parametrize(
    ("guess", "slip", "remark"),
    [
        (0.2, 0.1, ""),
        (0.5, 0.5, "no more often than who does not"),
        (0.45, 0.4, "hardly more often"),
        (0.5, 0.1, "The guess is at the end of its range"),
    ],
)
def test_implausible_rates_are_remarked_on(guess, slip, remark):
    row = pd.Series({"guess": guess, "slip": slip})
    assert remark in remark_on_rates(row)
    assert bool(remark) == bool(remark_on_rates(row))


def test_the_parameters_are_those_of_the_bkt_that_leads():
    found = find(make(), tracers=("BKT",))
    said = describe_parameters(found)
    rates = said["rates"].sort_index()[["prior", "learn", "guess", "slip"]]
    expected = found.best[1].params_.loc[list(said["names"])].drop(columns="forget")
    np.testing.assert_array_equal(rates.to_numpy(), expected.to_numpy())


def test_a_curve_says_in_words_where_it_begins_and_ends(found):
    curve = found.practice.curves[0]
    text = re.search("<title>(.*)</title>", draw_curve(curve))[1]
    assert f"opportunity 1: {curve['observed'].iloc[0]:.0%} right" in text
    assert f"opportunity {curve['opportunity'].iloc[-1]}: " in text


def one_skill_and_item():
    return make().assign(skill_name="only", item_id="only")


def one_answer_each():
    return make().drop_duplicates("user_id")


def nearly_all_right():
    X = make()
    return X.assign(correct=(X["order_id"] + X["user_id"] % 4 > 0).astype(int))


def one_moment():
    return make().assign(order_id=0)


def two_students():
    X = make()
    X = X[X["user_id"].isin(X["user_id"].value_counts().index[:2])]
    return X.assign(correct=X["order_id"] % 2)


def joined_skills_without_items():
    X = make().assign(item_id=None)
    return X.assign(skill_name=X["skill_name"] + "~~" + X["skill_name"].shift(-1))


@pytest.mark.parametrize(
    "odd",
    [
        one_skill_and_item,
        one_answer_each,
        nearly_all_right,
        one_moment,
        two_students,
        joined_skills_without_items,
    ],
)
def test_an_odd_log_has_all_parts_or_sentences_in_their_place(odd):
    found = find(odd().reset_index(drop=True), ("mean", "BKT"))
    for name, section in show(found).items():
        assert "could not be made" not in section, (name, section)
        assert "nan" not in re.sub(r"<[^>]*>", "", section), (name, section)
