"""How a comparison is run: by which models, in how many processes, and how long."""

from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pandas as pd
import pytest
from joblib import effective_n_jobs

from sktrace import AFMClassifier, BlendClassifier, MeanClassifier
from sktrace.__main__ import build_parser, main
from sktrace.commands import _compare
from sktrace.commands._running import folds as folding
from sktrace.commands._running.comparison import cross_validate_tracers
from sktrace.commands._running.cost import Cost, choose_jobs, say_duration
from sktrace.commands._running.tracers import make_tracers
from sktrace.datasets import make_interactions

from ._odd_tracers import Ending, Refusing


@pytest.fixture(scope="module")
def X():
    return make_interactions(n_students=20, n_skills=4, random_state=0)[0]


# --- processes ---------------------------------------------------------------------


def test_several_processes_find_what_one_finds(X):
    blend = BlendClassifier([("mean", MeanClassifier())], random_state=0)
    tracers = {"mean": MeanClassifier(), "AFM": AFMClassifier(), "no": Refusing()}
    tracers["blend"] = blend  # of what is fitted beside it
    here, beside = (
        cross_validate_tracers(tracers, X, 3, 0, n_jobs=n_jobs, quiet=True)
        for n_jobs in (1, 2)
    )
    assert here.failed == beside.failed == {"no": "ArithmeticError: not today"}
    for name in ("mean", "AFM", "blend"):
        np.testing.assert_array_equal(here.predictions[name], beside.predictions[name])
    assert here.table(["roc_auc"])["AUC"].equals(beside.table(["roc_auc"])["AUC"])


def test_a_process_that_is_ended_is_told_of(X):
    with pytest.raises(MemoryError, match=r"One of 2 processes .* --jobs 1 --resume"):
        cross_validate_tracers({"a": Ending()}, X, 2, 0, n_jobs=2, quiet=True)


def test_where_one_fold_fails_the_others_are_not_tried(X, monkeypatch):
    tried = []
    monkeypatch.setattr(folding, "_try_fold", lambda *task: tried.append(task) or "no")
    folds = [(np.arange(10), np.arange(10, 20))] * 3
    tracers = {"a": MeanClassifier(), "b": MeanClassifier()}
    done, failed = folding.predict_folds(tracers, X, folds, quiet=True)
    assert done == {}
    assert failed == {"a": "no", "b": "no"}
    assert len(tried) == 2


def test_if_no_tracer_can_be_fitted_the_first_says_why(X):
    tracers = {"a": Refusing(), "b": Refusing()}
    with pytest.raises(ValueError, match="a said: ArithmeticError: not today"):
        cross_validate_tracers(tracers, X, 2, 0, quiet=True)


def test_the_next_best_is_fitted_where_the_best_cannot_be(X):
    tracers = {"best": Refusing(), "next": MeanClassifier()}
    name, fitted = _compare.fit_best(["best", "next"], tracers, X)
    assert name == "next"
    assert fitted.predict_proba(X).shape == (len(X), 2)
    with pytest.raises(ArithmeticError):
        _compare.fit_best(["best"], tracers, X)


def test_the_best_is_fitted_here_where_a_process_beside_was_ended(X, monkeypatch):
    n_jobs, fit = [], BlendClassifier.fit

    def end(self, X, y):
        n_jobs.append(effective_n_jobs(self.n_jobs))
        if n_jobs == [2]:
            raise BrokenProcessPool
        return fit(self, X, y)

    monkeypatch.setattr(BlendClassifier, "fit", end)
    blend = BlendClassifier([("mean", MeanClassifier())])
    assert _compare.fit_best(["blend"], {"blend": blend}, X, 2) == ("blend", blend)
    assert n_jobs == [2, 1]


# --- time --------------------------------------------------------------------------


def test_time_grows_with_rows_epochs_and_folds_and_shrinks_with_processes():
    few, many = (make_tracers(0, epochs, blend=True) for epochs in (1, 8))
    cost = Cost(few, 10**5).total(5)
    assert Cost(many, 10**5).total(5) > cost
    assert Cost(few, 10**6).total(5) > 5 * cost
    assert Cost(few, 10**5, slowness=2).total(5) == pytest.approx(2 * cost)
    assert Cost(few, 10**5).total(10) > 1.5 * cost
    assert cost / 2 < Cost(few, 10**5).total(5, n_jobs=2) < cost
    cost = Cost(few, 10**5)  # of what no number of processes makes shorter
    mean, blend = cost.of("skill's mean"), cost.of_task("blend")
    assert cost.total(5, n_jobs=1000) == pytest.approx(blend + mean + cost.page)


def test_processes_are_started_where_they_pay_and_have_room(monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda only_physical_cores: 8)
    tracers = make_tracers(0, 8, blend=True)
    assert choose_jobs(None, Cost(tracers, 1_000), 2) == 1
    assert choose_jobs(None, Cost({"m": MeanClassifier()}, 10**6), 5) == 1
    assert Cost(tracers, 100).of("DKT") > 1  # a small class has as many steps
    monkeypatch.setattr("sktrace.commands._running.cost._count_memory", lambda: 2**40)
    assert choose_jobs(None, Cost(tracers, 10**6), 5) == 8
    monkeypatch.setattr("sktrace.commands._running.cost._count_memory", lambda: 2**31)
    assert choose_jobs(None, Cost(tracers, 10**6), 5) == 1
    assert choose_jobs(3, Cost(tracers, 10**6), 5) == 3  # who asks knows


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3, "some seconds"),
        (70, "about a minute"),
        (100, "about 2 minutes"),
        (7200, "about 2.0 hours"),
    ],
)
def test_a_time_is_said_as_roughly_as_it_is_known(seconds, said):
    assert say_duration(seconds) == said


# --- options -----------------------------------------------------------------------


@pytest.fixture
def run(X, tmp_path, monkeypatch, capsys):
    """Compare means with AFM on a small log, whose last answer is not known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_compare, "render", lambda found: b"a page")
    log = X[X["user_id"] < 12].astype({"correct": float})
    log.loc[log.index[-1], "correct"] = np.nan
    log.to_csv("log.csv", index=False)

    def run(*options):
        words = ["compare", "log.csv", "--models", "afm", "--folds", "2", *options]
        status = main(words)
        return status, *capsys.readouterr()

    return run


def test_models_are_chosen_in_any_capitals(run):
    status, out, _ = run()
    assert status == 0
    for name in ("AFM", "skill's mean", "student's mean so far"):
        assert f"\n{name} " in out
    assert "PFA" not in out
    assert "DKT" not in out


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--models", "AMF"], "AMF; expected some of AFM, PFA, BKT, transfer, DKT, bl"),
        (["--below", "60"], "60; expected a share between 0 and 1"),
        (["--jobs", "0"], "0; expected at least 1"),
    ],
)
def test_an_option_out_of_range_is_refused(option, said, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["compare", *option])
    assert said in capsys.readouterr().err


def test_quiet_prints_nothing(run, tmp_path):
    assert run("--models", "dkt", "--epochs", "1", "--quiet") == (0, "", "")
    assert (tmp_path / "log-report.html").exists()


def test_predictions_are_a_row_for_each_of_the_log_and_audited(run, tmp_path, capsys):
    run("--predictions", "p.csv", "--class-table", "c.csv")
    table, log = pd.read_csv("p.csv"), pd.read_csv("log.csv")
    pd.testing.assert_frame_equal(table[list(log)], log)
    assert list(table)[4:] == [
        "fold", "skill's mean", "student's mean so far", "AFM"
    ]  # fmt: skip
    asked = log["correct"].notna()
    assert table.loc[asked].notna().all(axis=None)
    assert table.loc[~asked, "fold":].isna().all(axis=None)
    assert table.groupby("user_id")["fold"].nunique().max() == 1
    words = ["audit", "log.csv", "--predictions", "p.csv", "--probability", "AFM"]
    assert main(words) == 0
    assert "'AFM' of p.csv, row by row" in (tmp_path / "log-audit.html").read_text(
        "utf-8"
    ).replace("&#39;", "'")
    learnt = AFMClassifier().fit(log[asked], log["correct"][asked])
    now = learnt.predict_next(log[asked]).stack()
    ours = pd.read_csv("c.csv").set_index(["student", "skill"])["p_correct_now"]
    np.testing.assert_allclose(ours.loc[now.index], now, atol=5e-5)


def test_columns_that_are_called_as_ours_lose_nothing(run, tmp_path):
    names = {"user_id": "fold", "order_id": "AFM", "skill_name": "skill's mean"}
    pd.read_csv("log.csv").rename(columns=names).to_csv("log.csv", index=False)
    words = ["--student", "fold", "--order", "AFM", "--skill", "skill's mean"]
    assert run(*words, "--predictions", "p.csv")[0] == 0
    table, log = pd.read_csv("p.csv"), pd.read_csv("log.csv")
    pd.testing.assert_frame_equal(table[list(log)], log)
    assert list(table)[4:] == [
        "fold (predicted)", "skill's mean (predicted)", "student's mean so far",
        "AFM (predicted)",
    ]  # fmt: skip
    table.sample(frac=1, random_state=0).to_csv("p.csv", index=False)
    audit = ["audit", "log.csv", *words, "--predictions", "p.csv"]
    assert main([*audit, "--probability", "AFM (predicted)"]) == 0
    page = (tmp_path / "log-audit.html").read_text("utf-8").replace("&#39;", "'")
    assert "'AFM (predicted)' of p.csv, by 'fold', 'AFM', " in page.replace(
        "&#34;", '"'
    )


def test_tables_have_a_place_each(run):
    status, _, err = run("--predictions", "x.csv", "--class-table", "./x.csv")
    assert status == 2
    assert err == "sktrace: --class-table x.csv: another table goes there.\n"
