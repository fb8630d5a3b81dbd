"""The class on the page: who is below, on what, and what each number is."""

import csv
import io
import json
import re
from argparse import Namespace
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import AFMClassifier, MeanClassifier
from sktrace.__main__ import build_parser
from sktrace.commands._page import class_lists, class_section, pictures, report
from sktrace.commands._page.class_section import summarise_need
from sktrace.commands._page.class_table import class_csv
from sktrace.commands._page.report import Findings, render, show
from sktrace.commands._page.templates import press, read_file, show_name
from sktrace.commands._reading.log_file import LogFile
from sktrace.commands._reading.log_summary import summarise
from sktrace.commands._running.comparison import cross_validate_tracers
from sktrace.display import ClassMasteryDisplay

mpl.use("agg")

NAMES = ["<b>Ann</b>", "=1+1", "דוד", "x" * 99, "O'Neil & co", "李小龍", "7", "-5"]


def make_class(n_students=8, n_skills=5, seed=0):
    """Return answers of students with odd names, who have not practised every skill."""
    random = np.random.default_rng(seed)
    names = np.array(
        [NAMES[s] if s < len(NAMES) else f"s {s}" for s in range(n_students)]
    )
    X = pd.DataFrame(
        {
            "user_id": names.repeat(12),
            "order_id": np.tile(np.arange(12), n_students),
            "skill_name": random.integers(0, n_skills, 12 * n_students),
        }
    )
    hard = random.random(12 * n_students) < X["skill_name"] / n_skills
    X["skill_name"] = X["skill_name"].map("<i>skill</i> {}".format)
    return X.assign(correct=(~hard).astype(int))


def compare(X, *options, tracers=None):
    """Return what a comparison of few tracers finds."""
    options = build_parser().parse_args(["compare", "--folds", "2", *options])
    tracers = tracers or {"AFM": AFMClassifier(), "skill's mean": MeanClassifier()}
    log = LogFile(X, "made-up class", {}, {}, {}, {}, [])
    comparison = cross_validate_tracers(tracers, X, 2, 0)
    name = comparison.ranking()[0]
    best = name, tracers[name].fit(X, X["correct"])
    metrics = ["roc_auc", "neg_log_loss"]
    return Findings(options, log, X, summarise(X), comparison, metrics, tracers, best)


def replace_below(options, below):
    return Namespace(**(vars(options) | {"below": below}))


def show_class(findings):
    return show("class.html", "Class", class_section.describe_class, findings)


@pytest.fixture(scope="module", autouse=True)
def _drawn_in_no_time():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "draw", lambda display: {"data": ""})
        patch.setattr(ClassMasteryDisplay, "plot", lambda self: self)
        yield


@pytest.fixture(scope="module")
def found():
    return compare(make_class())


@pytest.fixture(scope="module")
def section(found):
    return show_class(found)


class Tables(HTMLParser):
    """What a browser sees: identifiers, and cells of tables, whose ends may lack."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.tables, self.inside = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids += [attributes["id"]] if "id" in attributes else []
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append([attributes.get("class"), ""])
        within = ("bdi", "b", "ul", "li", "details", "summary")
        self.inside = tag in ("td", "th") or (self.inside and tag in within)

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th", "tr", "table")

    def handle_data(self, data):
        if self.inside:
            self.tables[-1][-1][-1][1] += data.rstrip("\n")


def test_the_whole_table_holds_what_the_tracer_predicts_next(found, section):
    X = found.X
    tracer = clone(found.tracers["AFM"]).fit(X, X["correct"])
    p = tracer.predict_next(X)
    head, *rows = Tables(section).tables[2]
    skills = [text for _, text in head[2:]]
    counts = X.groupby(["user_id", "skill_name"]).size()
    assert sorted(skills) == sorted(p.columns)
    assert len(rows) == len(p)
    for (_, name), (_, n_below), *cells in rows:
        own = p.loc[name if name[0] != "x" else NAMES[3]]
        marked = 0
        for skill, (mark, text) in zip(skills, cells, strict=True):
            expected = int(100 * own[skill] + 1e-9)
            practised = (own.name, skill) in counts.index
            below = practised and own[skill] < 0.6
            assert text == f"{expected}{'' if practised else '?'}"
            assert mark == ("b" if below else "k" if practised else None)
            marked += below
        assert int(n_below) == marked


def test_who_needs_help_is_who_is_below_on_a_practised_skill(found, section):
    table = found.class_table
    by_student, by_skill, _ = Tables(section).tables
    below = table.needs_help
    assert len(by_student) - 1 == below.any(axis=1).sum()
    assert len(by_skill) - 1 == below.any(axis=0).sum()
    n_below = [int(row[2][1]) for row in by_student[1:]]
    assert n_below == sorted(n_below, reverse=True)
    assert sum(n_below) == below.sum() == sum(int(row[2][1]) for row in by_skill[1:])
    for row in by_student[1:]:
        percents = [int(p) for p in re.findall(r"(\d+)\xa0%", row[3][1])]
        assert percents == sorted(percents)
        assert len(percents) == int(row[2][1])
        assert max(percents) < 60


def test_who_needs_most_help_comes_first_whatever_the_order_of_the_log(found):
    table = found.class_table
    again = compare(found.X.sample(frac=1, random_state=0)).class_table
    assert again.p.index.tolist() == table.p.index.tolist()
    pd.testing.assert_frame_equal(again.p[table.p.columns], table.p, atol=1e-6)
    assert table.answers.tolist() == [12] * 8
    assert table.n.sum() == len(found.X)
    assert table.right.sum() == found.X["correct"].sum()


@pytest.mark.parametrize(("below", "n_needing"), [("0", 0), ("1", 8)])
def test_the_threshold_is_chosen(found, below, n_needing):
    table = found.class_table._replace(below=float(below))
    assert table.needs_help.any(axis=1).sum() == n_needing
    said = summarise_need(table)
    if n_needing:
        assert said.startswith("8 of 8 students need help: on a skill that they have")
        assert "below 100 % now, as AFM predicts it." in said
    else:
        assert said == (
            "Nobody needs help: on no skill that a student has practised is the chance "
            "of a right answer below 0 % now, as AFM predicts it."
        )


def test_the_option_is_what_is_read_from_the_command_line():
    assert compare(make_class(), "--below", "0.35").class_table.below == 0.35


def test_a_mean_that_leads_does_not_say_who_needs_help(found, section):
    assert found.best[0] == "skill's mean"
    assert found.class_table.tracer == "AFM"
    assert "Skill&#39;s mean leads the comparison, but tells no two students" in section
    best = "AFM", clone(found.tracers["AFM"]).fit(found.X, found.X["correct"])
    other = replace(found, best=best)
    pd.testing.assert_frame_equal(other.class_table.p, found.class_table.p)
    assert "leads the comparison, but" not in show_class(other)


def test_a_page_says_where_a_tracer_knows_no_more_than_means(section):
    said = "Take all of this for a first guess"
    assert said in section  # of eight students, little is told
    X = make_class(60, n_skills=4)
    able = X["user_id"].factorize()[0] % 2
    findings = compare(X.assign(correct=(X["order_id"] % 4 > 0) * able))
    assert "; skill's mean is worse." in findings.comparison.headline()
    assert said not in show_class(findings)


def test_names_are_text_in_every_script(section):
    assert "<b>Ann" not in section
    assert "<i>skill" not in section
    assert "<bdi>&lt;b&gt;Ann&lt;/b&gt;</bdi>" in section
    for name in ("דוד", "李小龍", "O&#39;Neil &amp; co"):
        assert f"<bdi>{name}</bdi>" in section


def test_the_script_reads_the_numbers_of_the_table(found, section):
    text = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', section, re.DOTALL
    )
    data, table = json.loads(text[1]), found.class_table
    assert data["students"] == list(map(show_name, table.p.index))
    assert data["skills"] == list(map(show_name, table.p.columns))
    for row, own in enumerate(data["cells"]):
        cells = np.reshape(own, (-1, 4))
        assert sorted(cells[:, 0]) == np.flatnonzero(table.n[row]).tolist()
        assert cells[:, 1].tolist() == sorted(cells[:, 1])
        np.testing.assert_array_equal(cells[:, 2], table.n[row, cells[:, 0]])
        np.testing.assert_array_equal(cells[:, 3], table.right[row, cells[:, 0]])


def test_the_script_is_short_and_nothing_waits_for_it(section):
    assert len(press(read_file("page.js")).encode()) < 4096
    assert len(re.findall(r" hidden", section)) == 1  # what it alone can do
    assert 'id="controls" hidden>' in section


def test_the_csv_has_a_row_for_each_student_and_skill_and_no_formula(found):
    table = found.class_table
    text = class_csv(table).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == table.p.size
    assert list(rows[0]) == [
        "student", "skill", "p_correct_now", "n_answers", "n_right", "below"
    ]  # fmt: skip
    names = {row["student"] for row in rows}
    assert "'=1+1" in names
    assert "-5" in names  # a number
    p = np.array([float(row["p_correct_now"]) for row in rows])
    np.testing.assert_allclose(p, table.p.to_numpy().ravel(), rtol=1e-12)
    below = np.array([row["below"] == "1" for row in rows])
    np.testing.assert_array_equal(below, table.needs_help.ravel())


def test_where_nobody_is_below_the_lists_are_empty_and_the_table_is_not(found):
    text = show_class(replace(found, options=replace_below(found.options, 0)))
    by_student, by_skill, whole = Tables(text).tables
    assert len(by_student) == len(by_skill) == 1
    assert len(whole) == 9
    assert '<b id="needing">0</b> of 8 students are' in text


def test_percents_are_cut_so_that_what_is_below_shows_it():
    p = np.array([0.6, 0.5999999, 0.57, 0.29, 1.0, 0.0])
    assert class_lists.cut_down(p).tolist() == [60, 59, 57, 29, 100, 0]


def test_a_wide_table_is_printed_in_parts_and_a_huge_one_is_not(found, monkeypatch):
    table = found.class_table
    percent = class_lists.cut_down(table.p.to_numpy())
    assert [part.use for part in class_lists.make_parts(table, percent)] == [""]
    monkeypatch.setattr(class_lists, "WIDEST_PRINTED", 2)
    screen, *parts = class_lists.make_parts(table, percent)
    assert [part.use for part in parts] == ["print"] * 3
    assert [name for part in parts for name in part.skills] == screen.skills
    for row, whole in enumerate(screen.rows):
        assert "".join(part.rows[row] for part in parts) == whole
    monkeypatch.setattr(class_lists, "MOST_PRINTED", 39)
    assert len(class_lists.make_parts(table, percent)) == 1
    assert "too large to be printed" in show_class(found)
    monkeypatch.setattr(class_lists, "MOST_CELLS", 24)
    assert len(class_lists.make_parts(table, percent)[0].skills) == 3
    assert "Of 5 skills, the 3 practised most are shown" in show_class(found)


def test_a_cell_takes_few_letters(found):
    table = found.class_table
    parts = class_lists.make_parts(table, class_lists.cut_down(table.p.to_numpy()))
    assert sum(map(len, parts[0].rows)) / table.p.size < 14


def test_of_very_many_students_those_are_listed_who_need_most_help(found, monkeypatch):
    monkeypatch.setattr(class_section, "MOST_STUDENTS", 3)
    text = show_class(found)
    assert "Shown on this page are the 3 of 8" in text
    assert len(Tables(text).tables[2]) == 4


def test_identifiers_are_unique_and_every_part_is_there(found):
    page = render(found).decode()
    ids = Tables(page).ids
    assert len(ids) == len(set(ids))
    assert "could not be made" not in page
    assert page.count("<section>") == len(report.SECTIONS)
    assert page.index("Who needs help</h2>") < page.index("To do it again</h2>")
    assert "http" not in page.replace("http://www.w3.org", "")


def test_whatever_fails_the_page_is_written(found, monkeypatch):
    def fail(*args):
        raise ZeroDivisionError("no <b>luck</b>")

    failing = {name: (heading, fail) for name, (heading, _) in report.SECTIONS.items()}
    monkeypatch.setattr(report, "SECTIONS", failing)
    monkeypatch.setattr(class_section, "summarise_need", fail)
    page = render(found).decode()
    said = "could not be made: ZeroDivisionError: no &lt;b&gt;luck&lt;/b&gt;"
    assert page.count(said) == len(failing)
    lead = f'<p class="lead">{found.comparison.headline()}</p>'
    assert lead in page.replace("&#39;", "'")


def test_a_tracer_that_cannot_be_asked_is_a_sentence(found):
    other = replace(found, best=("yours", object()))
    text = show_class(other)
    assert text.startswith("<h2>Class</h2>")
    assert "This part of the page is unknown, since it could not be made" in text


def test_a_picture_that_fails_is_a_sentence(found, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("no paper")

    monkeypatch.setattr(ClassMasteryDisplay, "plot", fail)
    assert "An overview" not in show_class(found)  # the table shows as much
    monkeypatch.setattr(class_section, "MANY", 1)
    text = show_class(found)
    assert "This picture could not be drawn. ValueError: no paper" in text
    assert len(Tables(text).tables) == 3


def test_a_class_of_one_skill_or_of_one_answer_each_has_a_table():
    X = make_class(seed=1)
    one_skill = compare(X.assign(skill_name="one"), tracers={"mean": MeanClassifier()})
    head, *rows = Tables(show_class(one_skill)).tables[2]
    assert [text for _, text in head] == ["student", "skills below", "one"]
    assert len(rows) == 8
    X = X.groupby("user_id", as_index=False, sort=False).head(1)
    X = X.assign(correct=[0, 1] * 4).reset_index(drop=True)
    found = compare(X, tracers={"mean": MeanClassifier()})
    assert len(Tables(show_class(found)).tables[2]) == 9
