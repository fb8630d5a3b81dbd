"""``python -m sktrace compare``: from somebody's CSV to one page."""

import base64
import contextlib
import io
import os
import re
import shlex
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_validate

from sktrace import AFMClassifier, MeanClassifier
from sktrace.__main__ import build_parser, main
from sktrace.commands._compare import choose_path
from sktrace.commands._page.pictures import draw_or_say
from sktrace.commands._running.comparison import cross_validate_tracers, score
from sktrace.commands._running.tracers import make_blend, make_tracers
from sktrace.commands._settings import write_command
from sktrace.datasets import make_interactions
from sktrace.display import ClassMasteryDisplay
from sktrace.model_selection import StudentKFold, compare_tracers

from ..conftest import make_log

mpl.use("agg")


@pytest.fixture
def csv(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_csv(tmp_path)


def write_csv(folder):
    log = make_log(n_students=30, n_steps=20)
    easy = np.where(log["user_id"] % 2, 0.9, 0.2)  # some know more than others
    correct = np.random.default_rng(0).random(len(log)) < easy
    log["correct"] = np.where(correct, "Yes", "no")
    log.loc[::9, "correct"] = None  # not asked yet
    log["user_id"] = "<b>" + log["user_id"].astype(str)  # a name is not markup
    names = {"user_id": "Pupil", "order_id": "Timestamp", "skill_name": "Topic"}
    path = folder / "some log.csv"
    log.rename(columns=names).to_csv(path, sep=";", index=False)
    return path


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A folder in which a log was compared, once for all, and what was printed."""
    folder = tmp_path_factory.mktemp("compared")
    csv = write_csv(folder)
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.chdir(folder)
        options = ["--epochs", "1", "--folds", "2", "--models", "AFM", "PFA", "BKT"]
        assert main(["compare", csv.name, *options]) == 0
    return folder, out.getvalue(), err.getvalue()


@pytest.fixture
def folder(compared):
    return compared[0]


@pytest.fixture
def page(folder):
    return (folder / "some log-report.html").read_text("utf-8")


def test_the_page_stands_alone(page):
    assert "http" not in page.replace("http://www.w3.org", "")
    sources = re.findall(r'(?:src|srcset)="([^"]{20})', page)
    assert [source[:18] for source in sources] == ["data:image/svg+xml"]


def test_the_page_says_what_was_read_and_how_to_do_it_again(page):
    for text in ("some log.csv", "<td>Pupil</td>", ">guessed<", "SHA-256"):
        assert text in page
    command = "python -m sktrace compare &#39;some log.csv&#39; --epochs 1 --seed 0"
    assert f"{command} --folds 2" in page
    assert "&lt;b&gt;108" in page
    assert "<b>108" not in page


def test_nothing_but_the_page_is_left_behind(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "some log-report.html", "some log.csv"
    ]  # fmt: skip


def test_progress_guesses_and_scores_are_printed(compared):
    _, out, err = compared
    assert "student  'Pupil' (guessed" in out
    assert "! " in out
    assert "AUC by question" in out  # since rows tie
    assert "vs best" in out
    assert re.search(r"(leads|predicts best), with an AUC of 0\.\d+ \(95 % interv", out)
    assert out.endswith("Report: some log-report.html\n")
    assert "BKT, fold 2 of 2" in err


@pytest.mark.usefixtures("csv")  # which the snippet reads
def test_the_snippet_of_the_page_gives_the_scores_of_the_page(page):
    code = re.search(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)[1]
    code = code.replace("&#34;", '"').replace("&#39;", "'")
    namespace = {}
    exec(code, namespace)
    scores = namespace["scores"]["test_score"]
    assert f"with an AUC of {scores.mean():.3f} (95 % interval" in page
    assert f"<td>{scores.mean():.3f} ± {scores.std(ddof=1):.3f}</td>" in page


def test_scores_are_those_of_cross_validate():
    X, _ = make_interactions(n_students=500, n_skills=10, random_state=0)
    X = X[X["user_id"] < 60].reset_index(drop=True)
    tracers = {"AFM": AFMClassifier(), "mean": MeanClassifier()}
    comparison = cross_validate_tracers(tracers, X, 3, 0)
    folds = StudentKFold(3, shuffle=True, random_state=0)
    metrics = ["roc_auc", "neg_log_loss", "accuracy"]
    for name, tracer in tracers.items():
        expected = cross_validate(
            clone(tracer), X, X["correct"], cv=folds, scoring=metrics
        )
        for metric in metrics:
            np.testing.assert_allclose(
                comparison.results[name][f"test_{metric}"], expected[f"test_{metric}"]
            )
    # Without ties every row is a question.
    own = comparison.results["AFM"]
    np.testing.assert_array_equal(own["test_roc_auc_by_question"], own["test_roc_auc"])
    pooled = roc_auc_score(X["correct"], comparison.predictions["AFM"])
    assert pooled == pytest.approx(own["test_roc_auc"].mean(), abs=0.02)


def test_rows_without_an_answer_have_no_score():
    X = make_log().astype({"correct": float})
    p = np.linspace(0, 1, len(X))
    asked = np.arange(len(X)) % 3 > 0
    expected = score(X[asked], p[asked])
    assert score(X.assign(correct=X["correct"].where(asked)), p) == expected


def test_the_headline_is_the_verdict_and_only_what_is_not_worse_is_marked():
    X, _ = make_interactions(n_students=500, n_skills=10, random_state=0)
    X = X[X["user_id"] < 100].reset_index(drop=True)
    tracers = {"AFM": AFMClassifier(), "mean": MeanClassifier()}
    tracers["AFM again"] = AFMClassifier()
    comparison = cross_validate_tracers(tracers, X, 5, 0)
    headline = comparison.headline()
    assert headline.startswith("AFM leads, with an AUC of 0.7")
    assert headline.endswith(
        "): AFM again is practically the same (within 0.005); mean is worse. "
        "Both models beat mean."
    )
    expected = compare_tracers(tracers, X, X["correct"], random_state=0)
    pd.testing.assert_frame_equal(comparison.found.pairs, expected.pairs)
    assert comparison.marks() == {"AFM": "level", "AFM again": "level", "mean": ""}
    table = comparison.table(["roc_auc"])
    assert table["vs best"].tolist()[:2] == ["leads", "same"]
    assert re.fullmatch(r"−0\.\d\d\d, worse", table.loc["mean", "vs best"])
    del tracers["AFM again"]
    comparison = cross_validate_tracers(tracers, X, 5, 0)
    assert comparison.marks() == {"AFM": "best", "mean": ""}
    assert comparison.headline().endswith("); mean is worse.")


def test_the_page_marks_what_is_not_told_apart(page):
    rows = re.findall(r'<tr class="(level|best)">\s*<td>(.*?)</td>', page)
    assert len(rows) > 1  # of thirty students, little is told
    assert {mark for mark, _ in rows} == {"level"}
    assert ", not told apart</td>" in page
    assert "too close to call" not in page


def test_by_question_what_is_compared_are_questions():
    X = make_log(n_students=30, n_steps=20)
    known = np.random.default_rng(0).random(30)
    X["correct"] = (known[X["user_id"].factorize()[0]] > 0.5).astype(int)
    flip = np.random.default_rng(1).random(len(X)) < 0.3
    X["correct"] = X["correct"].where(~flip, 1 - X["correct"])
    tracers = {"own": MeanClassifier(by="student"), "mean": MeanClassifier()}
    comparison = cross_validate_tracers(tracers, X, 3, 0, metric="roc_auc_by_question")
    found = comparison.found
    assert found.metric == "AUC by question"
    for name in tracers:
        own = found.scores.loc[found.scores["tracer"] == name, "score"]
        expected = comparison.results[name]["test_roc_auc_by_question"]
        np.testing.assert_allclose(own, expected, rtol=1e-12)
        assert not np.allclose(own, comparison.results[name]["test_roc_auc"])


def test_folds_without_an_auc_tell_nothing():
    X, _ = make_interactions(n_students=500, n_skills=10, random_state=0)
    X = X[X["user_id"] < 4].reset_index(drop=True)
    X["correct"] = X["user_id"] % 2  # all right, or all wrong
    tracers = {"own": MeanClassifier(by="student"), "mean": MeanClassifier()}
    comparison = cross_validate_tracers(tracers, X, 4, 0)
    assert comparison.headline() == (
        "No fold has an AUC: the answers of each are all alike."
    )
    assert comparison.marks() == {"own": "", "mean": ""}
    assert comparison.table(["accuracy"])["vs best"].tolist()[0] == "leads"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "report.pdf"], "--out report.pdf: expected a name that ends in"),
        (["--out", "no/where.html"], "--out no/where.html: there is no such folder;"),
        (["--folds", "99"], "--folds 99: the log holds answers of 30 student(s)"),
        (
            ["--correct", "Topic"],
            "2 things are to be mended:\n- No column's name says sk",
        ),
    ],
)
def test_what_cannot_work_is_said_at_once_and_writes_nothing(
    csv, capsys, options, message
):
    assert main(["compare", csv.name, *options]) == 2
    assert f"sktrace: {message}" in capsys.readouterr().err
    assert [path.name for path in csv.parent.iterdir()] == ["some log.csv"]


def test_a_broken_csv_is_one_clear_line(csv, capsys):
    csv.write_text("Pupil,Topic,right\nann,add,1,more\n")
    assert main(["compare", csv.name]) == 2
    err = capsys.readouterr().err
    assert err.startswith(
        "sktrace: some log.csv has more cells than the 3 of its header"
    )
    assert err.count("\n") == 1


def test_answers_that_are_all_alike_are_refused(csv, capsys):
    log = pd.read_csv(csv, sep=";").assign(correct=1)
    log.to_csv(csv, index=False)
    assert main(["compare", csv.name]) == 2
    assert "answers are right; expected both" in capsys.readouterr().err


def test_a_page_does_not_go_over_its_log(csv, capsys):
    log = csv.rename(csv.with_name("log.html"))
    before = log.read_bytes()
    assert main(["compare", log.name, "--out", log.name]) == 2
    assert "--out log.html: this is the log itself" in capsys.readouterr().err
    assert log.read_bytes() == before


def test_names_with_dots_keep_reports_apart(csv):
    for name in ("2024.05.csv.gz", "2024.06.csv"):
        options = build_parser().parse_args(["compare", name])
        assert str(choose_path(options)) == f"{name[:7]}-report.html"


def test_few_students_and_folds_without_an_auc_still_make_a_page(csv, capsys):
    log = make_log(n_students=4, n_steps=40)
    log.loc[log["user_id"] == 3, "correct"] = 1  # alone in its fold
    log.to_csv(csv, index=False)
    assert main(["compare", csv.name, "--models", "AFM", "--folds", "4"]) == 0
    page = csv.with_name("some log-report.html").read_text("utf-8")
    assert "The AUC is that of 3 folds; in the others, all answers are alike." in page


def test_folds_that_leave_one_kind_of_answers_are_refused(csv, capsys):
    log = make_log(n_students=2)
    log["correct"] = (log["user_id"] == 3).astype(int)
    log.to_csv(csv, index=False)
    assert main(["compare", csv.name, "--folds", "2"]) == 2
    assert (
        "Without the students of fold 1 of 2, all answers are"
        in capsys.readouterr().err
    )


def test_names_in_other_scripts_are_left_to_the_fonts_of_the_browser():
    p = pd.DataFrame({"分数 1": [0.2, 0.7], "skill": 0.5})
    picture = draw_or_say(lambda: ClassMasteryDisplay(p).plot())["data"]
    assert "分数 1" in base64.b64decode(picture.split(",")[1]).decode()


def test_the_command_can_be_typed_as_it_stands():
    typed = ["--skill=-s", "--threshold", "0.0", "--drop-missing", "--", "-log.csv"]
    options = build_parser().parse_args(["compare", *typed])
    again = shlex.split(write_command("compare", options))[3:]
    assert again[:2] == ["compare", "./-log.csv"]
    options.log = "./-log.csv"
    assert build_parser().parse_args(again) == options


@pytest.mark.skipif(os.name != "posix", reason="pipes")
def test_a_reader_who_has_read_enough_gets_no_traceback(csv):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "sktrace", "compare", csv.name, "--models", "PFA"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, timeout=120)
    os.close(write)
    assert done.returncode == 141
    assert done.stderr == b""
    assert [path.name for path in csv.parent.iterdir()] == [csv.name]


def test_the_blend_is_made_of_the_tracers_beside_it():
    tracers = make_tracers(3, 2)
    blend = make_blend(3, 2)
    members = dict(blend.estimators)
    assert list(members) == ["transfer", "bkt", "dkt"]
    assert members["dkt"].max_epochs == tracers["DKT"].max_epochs == 2
    assert members["bkt"].bounds == tracers["BKT"].bounds
    assert blend.random_state == 3
