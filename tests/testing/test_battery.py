"""The battery of checks: who may pass it, and what its table says."""

import ast
import re
from inspect import getsource

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import EstimatorCheckFailedWarning, NotFittedError

from sktrace import DKTClassifier, MeanClassifier
from sktrace.testing import _battery, _promises, check_tracer, tracer_checks
from sktrace.testing._logs import fit, make_log, write_for

from .. import conftest
from ._broken import PredictsTheRarer
from ._broken_items import Items
from ._columns import Columns

RARER = "check_predict_is_the_more_probable_class"


@pytest.fixture
def three_checks(monkeypatch):
    """Leave three checks only: one passes, one fails, one is skipped."""
    names = [
        "check_fitted_attributes",
        RARER,
        "check_knowledge_state_is_rows_by_skills",
    ]
    some = {name: check for name, check in tracer_checks().items() if name in names}
    monkeypatch.setattr(_battery, "tracer_checks", lambda grid: some)
    return names


@pytest.fixture
def in_one_process(monkeypatch):
    """Leave out the check that starts processes, which takes seconds."""
    some = tracer_checks()
    del some["check_two_jobs_find_what_one_finds"]
    monkeypatch.setattr(_battery, "tracer_checks", lambda grid: some)


@pytest.mark.usefixtures("in_one_process")
def test_a_tracer_with_further_columns_passes():
    tracer = Columns(by="student", hardness="said", seconds="took")
    table = check_tracer(tracer).set_index("check")
    skipped = table.index[table["status"] == "skipped"]
    assert skipped.str.contains("knowledge_state|items|saved").all()
    assert (table["status"] == "passed").sum() == len(table) - 5
    assert set(table.loc[skipped, "reason"]) == {
        "Columns has no method 'knowledge_state'",
        "it reads no items",
        "its class is not marked by sktrace.saving.stored",
    }


@pytest.mark.usefixtures("in_one_process")
def test_a_tracer_with_items_passes():
    table = check_tracer(Items(by="item", item="page")).set_index("check")
    skipped = table.index[table["status"] == "skipped"]
    assert not skipped.str.contains("items|known_before").any()
    assert (table["status"] == "failed").sum() == 0


def test_names_of_columns_and_settings_of_a_tracer_do_not_matter(three_checks):
    tracer = PredictsTheRarer(
        student="who", order=None, skill=2, correct="ok", handle_unknown="error"
    )
    before = tracer.get_params()
    table = check_tracer(tracer, on_fail=None)
    assert table["status"].tolist() == ["passed", "failed", "skipped"]
    assert tracer.get_params() == before
    with pytest.raises(NotFittedError):
        tracer.predict_proba(make_log())


def test_the_table_says_what_failed_and_where(three_checks):
    table = check_tracer(PredictsTheRarer(), on_fail=None)
    assert table.columns.tolist() == ["check", "promise", "status", "error", "reason"]
    assert table["check"].tolist() == three_checks
    failed = table.iloc[1]
    assert failed["promise"].startswith("Predict names the class that")
    assert re.fullmatch(
        r"Broken promise: predict is the more probable class\. Broken in \d+ rows "
        r"\(the first at position 0\) of \d+, where it got [01], expected [01], to the "
        r"last bit\.",
        str(failed["error"]),
    )
    assert table["error"].iloc[0] is None
    assert table["reason"].tolist() == [
        "",
        "",
        "PredictsTheRarer has no method 'knowledge_state'",
    ]


def test_a_failure_raises_or_warns(three_checks):
    with pytest.raises(AssertionError, match="predict is the more probable class"):
        check_tracer(PredictsTheRarer())
    with pytest.warns(EstimatorCheckFailedWarning, match=RARER) as caught:
        table = check_tracer(PredictsTheRarer(), on_fail="warn")
    assert len(caught) == 1
    assert table["status"].tolist() == ["passed", "failed", "skipped"]


def test_a_failure_may_be_expected(three_checks):
    expected = {RARER: "it likes surprises"}
    table = check_tracer(PredictsTheRarer(), expected_failed_checks=expected)
    assert table["status"].tolist() == ["passed", "xfail", "skipped"]
    assert table["reason"].iloc[1] == "it likes surprises"
    assert isinstance(table["error"].iloc[1], AssertionError)
    table = check_tracer(MeanClassifier(), expected_failed_checks=expected)
    assert table["status"].tolist() == ["passed", "passed", "skipped"]
    with pytest.warns(EstimatorCheckFailedWarning, match="it likes surprises"):
        check_tracer(
            PredictsTheRarer(), expected_failed_checks=expected, on_fail="warn"
        )


@pytest.mark.parametrize(
    ("tracer", "options", "error", "match"),
    [
        (MeanClassifier, {}, TypeError, "tracer is MeanClassifier; expected an unfit"),
        (3, {}, TypeError, "tracer is 3; expected"),
        (DKTClassifier(task="many-to-one"), {}, TypeError, "task='many-to-one'"),
        (MeanClassifier(), {"on_fail": "cry"}, ValueError, "on_fail='cry'; expected"),
        (
            MeanClassifier(),
            {"expected_failed_checks": {"check_me": "no"}},
            ValueError,
            r"names 1 check\(s\) that there are not: 'check_me'",
        ),
    ],
)
def test_what_is_no_tracer_is_refused(tracer, options, error, match):
    with pytest.raises(error, match=match):
        check_tracer(tracer, **options)


class Outsider(ClassifierMixin, BaseEstimator):
    """A tracer that owes nothing to this package: it predicts a half."""

    def __init__(self, student="u", order="o", skill="s", correct="c"):
        self.student = student
        self.order = order
        self.skill = skill
        self.correct = correct

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


@pytest.mark.usefixtures("in_one_process")
def test_a_tracer_may_come_from_anywhere():
    table = check_tracer(Outsider(), on_fail=None).set_index("check")
    status = table["status"]
    assert status["check_own_tied_and_later_answers_are_invisible"] == "passed"
    assert status["check_one_prediction_per_row"] == "passed"
    assert status["check_unreadable_frames_are_refused"] == "failed"
    skipped = table.index[status == "skipped"]
    for word in ("live", "joined", "weight", "predict_next", "knowledge_state"):
        asked = [name for name in table.index if word in name]
        assert set(asked) <= set(skipped), word
    assert not table["error"][skipped].isna().any()
    errors = table["error"][status == "failed"].map(str)
    assert errors.str.startswith("Broken promise: ").all()


def test_searches_go_over_the_grid_of_the_caller():
    asked = "check_searches_with_folds_of_students"
    tracer_checks({"strength": [1.0, 2.0]})[asked](MeanClassifier())
    with pytest.raises(AssertionError, match="Invalid parameter 'cell'"):
        tracer_checks({"cell": ["gru", "rnn"]})[asked](MeanClassifier())
    with pytest.raises(AssertionError, match="Invalid parameter 'cell'"):
        check_tracer(MeanClassifier(), grid={"cell": ["gru"]})


def test_a_promise_is_a_sentence():
    for check in tracer_checks().values():
        promise = check.__doc__
        assert "\n" not in promise
        assert promise[0].isupper()
        assert promise.endswith(".")
        assert not promise.endswith("..")


def test_every_check_is_in_the_battery():
    for group in _battery.GROUPS:
        names = {
            node.name
            for node in ast.parse(getsource(group)).body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("check_")
        }
        assert names == set(group.__all__)


def test_numbers_agree_bit_by_bit_or_nearly():
    agree = _promises.agree
    agree([1.0, np.nan], [1.0, np.nan], "x")
    agree([1.0], [1.0 + 1e-9], "x", within=1e-6)
    for got, expected in (
        ([1.0], [np.nextafter(1, 2)]),
        ([1.0, np.nan], [1.0, 2.0]),
        ([1.0], [1.0, 1.0]),
        ([[1.0, 2.0]], [[1.0, 3.0]]),
        (["a"], ["b"]),
        (1.0, 2.0),
    ):
        with pytest.raises(AssertionError, match=r"Broken promise: it is so"):
            agree(got, expected, "it is so")
    with pytest.raises(AssertionError, match="within 1e-06"):
        agree([1.0], [1.1], "it is so", within=1e-6)


def test_logs_have_ties_and_the_columns_that_are_read():
    log = write_for(Columns(hardness="said", seconds="took"))
    assert log.columns.tolist()[4:] == ["said", "took"]
    assert log.duplicated(["user_id", "order_id"]).mean() > 0.3


def test_a_tracer_is_seeded_unless_it_has_a_seed():
    small = clone(conftest.small_dkt(max_epochs=1, random_state=None))
    assert fit(small, make_log()).random_state == 0
    assert fit(small.set_params(random_state=5), make_log()).random_state == 5
