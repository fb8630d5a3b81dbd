"""Items and times of a log reach the tracers, the scores and the page."""

import re
import shlex

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from sktrace.__main__ import build_parser, main
from sktrace.commands._reading.items import count_items, leave_out_idle_items
from sktrace.commands._reading.log_file import read_log
from sktrace.commands._reading.log_summary import summarise
from sktrace.commands._running.comparison import score
from sktrace.commands._running.tracers import make_tracers
from sktrace.commands._settings import write_command
from sktrace.datasets import make_interactions, read_interactions
from sktrace.metrics import question_level

mpl.use("agg")


def parse(*words):
    return build_parser().parse_args(["compare", *map(str, words)])


def make_questions():
    """A class whose every fourth question is on two skills: two rows that tie."""
    X, _ = make_interactions(
        40, 3, n_attempts=15, n_items=12, times=True, random_state=0
    )
    X = X.astype({"skill_name": str, "item_id": str})
    twice = X["item_id"].isin(["item 01", "item 05", "item 09"])
    return pd.concat([X, X[twice].assign(skill_name="other")]).sort_values(
        ["user_id", "order_id"], kind="stable", ignore_index=True
    )


@pytest.fixture
def csv(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_csv(tmp_path)


def write_csv(folder):
    names = {"user_id": "Pupil", "order_id": "Step", "skill_name": "Topic",
             "correct": "Right", "item_id": "Problem", "time": "Seconds"}  # fmt: skip
    log = make_questions().rename(columns=names)
    log.to_csv(folder / "log.csv", index=False)
    return "log.csv"


# Which columns are read


def test_items_are_guessed_named_or_none(csv):
    log = read_log(parse(csv))
    assert log.columns["item"] == ["Problem"]
    assert log.how["item"] == "guessed"
    assert list(log.X)[4:] == ["item_id"]
    log = read_log(parse(csv, "--item", "none"))
    assert log.columns["item"] is None
    assert list(log.X)[4:] == []
    log = read_log(parse(csv, "--item", "Problem", "Topic"))
    assert log.columns["item"] == ["Problem", "Topic"]
    assert (
        log.X["item_id"][0] == f"{log.X['item_id'][0][:7]} / {log.X['skill_name'][0]}"
    )
    with pytest.raises(ValueError, match="--item Task: the log has 0 columns of this"):
        read_log(parse(csv, "--item", "Task"))


def test_times_are_read_where_they_are_named(csv):
    log = read_log(parse(csv, "--time", "Seconds", "--time-unit", "ms"))
    assert (log.columns["time"], log.how["time"]) == ("Seconds", "named")
    expected = make_questions()["time"] / 1000
    np.testing.assert_allclose(log.X["time"], expected)


EXPORT = """\
user_id,problem_id,start_time,skill,correct,template
1,7,2008-09-22 12:20:00,a,1,x
1,8,2008-09-22 12:20:10,a,0,y
2,7,2008-09-22 12:20:00,a,1,x
2,8,2008-09-22 12:20:10,b,0,y
"""


@pytest.mark.parametrize(
    ("options", "columns", "further"),
    [
        ([], {"item": ["problem_id"]}, {"time": None}),
        (["--item", "none"], {"item": None}, {"item": None, "time": None}),
        (["--item", "template"], {"item": ["template"]},
         {"item": "template", "time": None}),
        (["--time", "start_time"], {"item": ["problem_id"], "time": "start_time"},
         {"time": "start_time"}),
    ],
)  # fmt: skip
def test_what_an_export_has_may_be_named_or_left_out(
    tmp_path, options, columns, further
):
    path = tmp_path / "log.csv"
    path.write_text(EXPORT)
    log = read_log(parse(path, *options))
    assert log.format == "assistments"
    known = {"student": "user_id", "order": "start_time", "skill": "skill",
             "correct": "correct"}  # fmt: skip
    assert log.columns == known | columns
    named = {"item": "--item" in options, "time": True}
    assert log.how == {
        role: "named" if named.get(role) else "known of the format"
        for role in log.columns
    }
    assert log.settings == further
    assert list(log.X) == list(read_interactions(path, **further))


STEPS = """\
Anon Student Id\tProblem Name\tStep Name\tFirst Transaction Time\tFirst Attempt\t\
KC (Geo)
ann\tp1\ts1\t2008-09-22 12:20:00\tcorrect\tarea
ann\tp2\ts1\t2008-09-22 12:20:00\thint\tarea
bob\tp1\ts1\t2008-09-22 12:20:00\tincorrect\tarea
"""


def test_steps_that_tie_are_questions_of_their_own(tmp_path, capsys):
    path = tmp_path / "log.txt"
    path.write_text(STEPS)
    log = read_log(parse(path))
    assert ("item", "Problem Name / Step Name", "known of the format") in list(
        log.describe_columns()
    )
    assert log.X["item_id"].tolist() == ["p1 / s1", "p2 / s1", "p1 / s1"]
    summary = summarise(log.X)
    assert summary.n_questions == 3
    assert "questions answered" not in summary.counts


def test_a_log_that_names_its_columns_as_we_do_is_no_export(tmp_path):
    path = tmp_path / "log.csv"
    make_questions().to_csv(path, index=False)
    log = read_log(parse(path))
    assert log.format == "table"
    assert list(log.X)[4:] == ["item_id"]  # time is there, and not named
    log = read_log(parse(path, "--time", "time"))
    assert list(log.X)[4:] == ["item_id", "time"]


def test_skills_of_a_cell_are_taken_apart(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("user_id,timestamp,question_id,tags,correct\nu1,1,q1,1;2,1\n")
    log = read_log(parse(path, "--skill-sep", ";"))
    assert log.X["skill_name"].tolist() == ["1~~2"]


def test_the_advice_on_times_is_spelt_as_an_option_that_works(csv, capsys):
    assert main(["compare", csv, "--time", "Topic"]) == 2
    assert "Or leave the times out: --time none." in capsys.readouterr().err
    assert "time" not in read_log(parse(csv, "--time", "none")).X


def test_the_command_can_be_typed_as_it_stands():
    options = parse("log.csv", "--item", "Problem Name", "Step Name", "--time", "Time")
    again = shlex.split(write_command("compare", options))[3:]
    assert build_parser().parse_args(again) == options


# Which items say something


def make(rows):
    columns = ["user_id", "skill_name", "item_id"]
    X = pd.DataFrame(rows, columns=columns)
    return X.assign(order_id=range(len(X)), correct=1)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        # Each row has its own item: a number of the answer, not of what was asked.
        ([(n % 3, "a", n) for n in range(9)], "hardly any was met by two students"),
        ([(n % 3, "ab"[n % 2], "AB"[n % 2]) for n in range(9)],
         "each skill has one item of its own"),
        ([(n % 3, "ab"[n % 2], 1) for n in range(9)], "there are no two of them"),
        ([(n % 3, "ab"[n % 2], None) for n in range(9)], "there are no two of them"),
    ],
)  # fmt: skip
def test_items_that_say_nothing_are_left_out_and_it_is_said(rows, reason):
    X = make(rows)
    kept, notes = leave_out_idle_items(X)
    assert list(kept) == [name for name in X if name != "item_id"]
    assert len(notes) == 1
    assert notes[0].startswith(f"The items are left out: {reason}")
    assert summarise(kept, notes=notes).warnings[0] == notes[0]


@pytest.mark.parametrize(
    "rows",
    [
        [(n % 3, "a", n // 3) for n in range(9)],
        [(n % 3, "ab"[n % 2], "AAB"[n % 3]) for n in range(9)],
        # One skill with two items is enough.
        [(n % 3, "ab"[n > 5], n // 3) for n in range(9)],
    ],
)
def test_items_that_say_something_stay(rows):
    X = make(rows)
    kept, notes = leave_out_idle_items(X)
    assert kept is X
    assert notes == []
    assert leave_out_idle_items(X.drop(columns="item_id"))[1] == []


def test_what_was_left_out_is_left_out_again(tmp_path):
    path = tmp_path / "log.csv"
    rows = "1,1,a,1,1\n1,2,a,2,0\n2,1,b,3,1\n2,2,a,4,0\n"
    path.write_text(f"user,time,skill,item,right\n{rows}")
    log = read_log(parse(path))
    assert log.columns["item"] == ["item"]
    assert log.settings["item"] is None
    assert len(log.notes) == 1
    again = read_interactions(path, **log.settings)
    pd.testing.assert_frame_equal(again, log.X)


# What is counted and scored


def test_answers_on_several_skills_count_once():
    X = make_questions()
    n_questions = len(X.drop_duplicates(["user_id", "order_id"]))
    summary = summarise(X)
    assert summary.n_questions == n_questions < len(X)
    assert summary.by_question
    assert summary.counts["items"] == "12"
    assert summary.counts["questions answered"] == f"{n_questions:,}"
    assert count_items(X).sum() == n_questions
    low, high = count_items(X).min(), count_items(X).max()
    assert summary.counts["answers per item"].startswith(f"{low} to {high}, half of")
    assert any("Those that name the same item are" in w for w in summary.warnings)
    missing = X["item_id"].where(X.index > 2)
    warnings = summarise(X.assign(item_id=missing)).warnings
    assert any("3 (0.5%) rows name no item" in text for text in warnings), warnings


def test_questions_of_one_moment_are_told_apart_by_their_items():
    X = make_questions().assign(order_id=lambda X: X["order_id"] // 2)
    p = np.linspace(0, 1, len(X))
    y = X["correct"]
    by_item = question_level(X, y, p, item="item_id")
    # Two questions of a moment that name the same item are taken for one.
    moments = X.groupby(["user_id", "order_id"])["item_id"].nunique()
    assert summarise(X).n_questions == len(by_item[0]) == moments.sum()
    without = X.drop(columns="item_id")
    assert summarise(without).n_questions != len(by_item[0])
    assert not summarise(without).by_question  # they agree by chance
    assert (
        score(X, p)["roc_auc_by_question"] != (score(without, p)["roc_auc_by_question"])
    )


def test_without_items_answers_that_always_agree_are_one_question():
    X = make_questions().drop(columns="item_id")
    summary = summarise(X)
    assert summary.by_question
    assert "items" not in summary.counts
    assert any("--item, tells them for sure" in text for text in summary.warnings)
    assert not summarise(X.drop_duplicates(["user_id", "order_id"])).by_question


ITEM_READERS = ["item's mean", "AFM", "PFA", "BKT", "transfer", "DKT", "blend"]


@pytest.mark.parametrize("columns", [[], ["item_id"], ["time"], ["item_id", "time"]])
def test_columns_are_named_to_the_tracers_that_read_them(columns):
    tracers = make_tracers(0, 1, columns, blend=True)
    named = [n for n, t in tracers.items() if t.get_params()["item"] == "item_id"]
    assert named == (ITEM_READERS if "item_id" in columns else [])
    timed = [n for n, t in tracers.items() if t.get_params().get("time") == "time"]
    assert ("DKT" in timed) == ("time" in columns)
    assert ("item's mean" in tracers) == ("item_id" in columns)


# The page


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A page on a log with items, written once for all that read it."""
    folder = tmp_path_factory.mktemp("compared")
    options = ["--time", "Seconds", "--epochs", "1", "--folds", "2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["compare", write_csv(folder), *options]) == 0
    return (folder / "log-report.html").read_text("utf-8")


@pytest.fixture
def page(written):
    return re.sub(r"\s+", " ", written).replace("&#39;", "'")


def test_the_page_says_what_was_read_and_scores_by_question(page):
    assert "<tr><td>item</td><td>Problem</td><td>guessed</td></tr>" in page
    assert "<tr><td>time</td><td>Seconds</td><td>named</td></tr>" in page
    assert "<dt>items</dt><dd>12</dd>" in page
    assert "<dt>answers per item</dt>" in page
    assert "rows of one moment that name the same item count once" in page
    readers = ", ".join(ITEM_READERS)
    assert f"The item as well as the skill is read by {readers}." in page
    assert re.search(r"How long ago answers were given is read by .*DKT, blend\.", page)
    assert "<b>Item's mean</b>" in page
    assert "an AUC by question of" in page
    assert '<th scope="col">AUC by question</th>' in page


@pytest.mark.usefixtures("csv")  # which the snippet reads
def test_the_snippet_of_the_page_gives_the_scores_of_the_page(page, written):
    code = re.search(r"<pre><code>(.*?)</code></pre>", written, re.DOTALL)[1]
    code = code.replace("&#34;", '"').replace("&#39;", "'")
    namespace = {}
    exec(code, namespace)
    scores = namespace["scores"]["test_score"]
    assert f"an AUC by question of {scores.mean():.3f} (95 % interval" in page
    assert f"<td>{scores.mean():.3f} ± {scores.std(ddof=1):.3f}</td>" in page


def test_trace_names_items_to_its_tracers(csv, tmp_path, capsys):
    assert main(["trace", csv, "--epochs", "1", "--next", "next.csv"]) == 0
    assert (tmp_path / "mastery.png").exists()
    assert pd.read_csv("next.csv", index_col=0).shape == (40, 4)
    assert "! " not in capsys.readouterr().out


def test_trace_says_which_items_it_leaves_out(csv, capsys):
    log = pd.read_csv(csv).assign(Problem=range(len(make_questions())))
    log.to_csv(csv, index=False)
    assert main(["trace", csv, "--epochs", "1"]) == 0
    assert "! The items are left out: hardly any was met" in capsys.readouterr().out
