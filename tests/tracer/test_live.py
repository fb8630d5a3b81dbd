"""Answer by answer, a live tracer says what the classifier says of whole logs.

What all live tracers must pass is in `sktrace.testing`, and asked in test_contract.py;
here are other networks, what DKT alone promises, and what is special to each family.
"""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import AFMClassifier, DKTClassifier, MeanClassifier, PFAClassifier

from ..conftest import CLOSE, DKTS


def live(tracer, X):
    """Trace a log moment by moment; return the prediction of each row before it."""
    p = pd.Series(np.nan, X.index)
    for (_, student), rows in X.groupby(["order_id", "user_id"]):
        told = tracer.predict_proba(student, rows["skill_name"].tolist())
        p[rows.index] = told.to_numpy()
        rows = rows.dropna(subset=["correct"])
        if len(rows):
            answers = rows["correct"].tolist()
            tracer.update(student, rows["skill_name"].tolist(), answers)
    return p


@pytest.mark.parametrize("share", [0, 0.3])
def test_live_predictions_are_those_of_the_log(trained_dkt, log, share):
    rng = np.random.default_rng(0)
    log["correct"] = log["correct"].where(rng.uniform(size=len(log)) >= share)
    log["skill_name"] = log["skill_name"].where(rng.uniform(size=len(log)) > 0.1, "new")
    tracer = trained_dkt.tracer()
    p = live(tracer, log)
    np.testing.assert_allclose(p, trained_dkt.predict_proba(log)[:, 1], **CLOSE)
    for student, expected in trained_dkt.predict_next(log).iterrows():
        np.testing.assert_allclose(tracer.predict_proba(student), expected, **CLOSE)


def test_a_stranger_is_met_in_the_initial_state(trained_dkt):
    tracer = trained_dkt.tracer()
    skills = trained_dkt.skills_.tolist()
    first = pd.DataFrame(
        {
            "user_id": range(len(skills)),
            "order_id": 0,
            "skill_name": skills,
            "correct": np.nan,
        }
    )
    expected = trained_dkt.predict_proba(first)[:, 1]
    np.testing.assert_allclose(tracer.predict_proba("ann"), expected, **CLOSE)
    assert tracer.states_ == {}


def test_predictions_are_a_series_by_skill(trained_dkt):
    tracer = trained_dkt.tracer()
    p = tracer.predict_proba("ann")
    pd.testing.assert_series_equal(tracer.knowledge_state("ann"), p)
    assert p.index.tolist() == trained_dkt.skills_.tolist()
    assert p.index.name == "skill_name"
    assert p.dtype == np.float64
    some = tracer.predict_proba("ann", ["skill 2", "new", "skill 0", "other"])
    assert some.index.tolist() == ["skill 2", "new", "skill 0", "other"]
    np.testing.assert_allclose(some["skill 2"], p["skill 2"], **CLOSE)
    np.testing.assert_allclose(some["new"], some["other"], **CLOSE)


def test_students_do_not_disturb_each_other(trained_dkt):
    tracer, alone = trained_dkt.tracer(), trained_dkt.tracer()
    for i in range(5):
        tracer.update("ann", "skill 0", i % 2)
        alone.update("ann", "skill 0", i % 2)
        tracer.update("bob", "skill 1", 1)
        tracer.predict_proba("ann")
    np.testing.assert_array_equal(
        tracer.predict_proba("ann"), alone.predict_proba("ann")
    )
    assert (tracer.predict_proba("ann") != tracer.predict_proba("bob")).any()


def test_skills_of_one_question_have_no_order(trained_dkt):
    one, other = trained_dkt.tracer(), trained_dkt.tracer()
    one.update("ann", ["skill 0", "skill 1", "skill 2"], [1, 0, 1])
    other.update("ann", ["skill 2", "skill 0", "skill 1"], [1, 1, 0])
    np.testing.assert_array_equal(one.predict_proba("ann"), other.predict_proba("ann"))


def test_one_answer_counts_for_all_skills_of_a_question(trained_dkt):
    one, each = trained_dkt.tracer(), trained_dkt.tracer()
    one.update("ann", ["skill 0", "skill 1"], 1)
    each.update("ann", ["skill 0", "skill 1"], [True, 1.0])
    np.testing.assert_array_equal(one.predict_proba("ann"), each.predict_proba("ann"))
    single, listed = trained_dkt.tracer(), trained_dkt.tracer()
    single.update("ann", "skill 0", 0)
    listed.update("ann", ["skill 0"], [0])
    np.testing.assert_array_equal(
        single.predict_proba("ann"), listed.predict_proba("ann")
    )


def test_a_joined_name_is_a_question_on_several_skills(trained_dkt):
    joined, listed = trained_dkt.tracer(), trained_dkt.tracer()
    joined.update("ann", "skill 0~~skill 2", 1)
    listed.update("ann", ["skill 0", "skill 2"], 1)
    pd.testing.assert_series_equal(
        joined.predict_proba("ann"), listed.predict_proba("ann")
    )
    p = joined.predict_proba("ann", ["skill 1~~skill 3", "skill 1", "skill 3"])
    assert p.iloc[0] == p.iloc[1:].mean()


def test_the_state_does_not_grow(trained_dkt):
    tracer = trained_dkt.tracer()
    sizes = []
    for _ in range(2):
        for i in range(30):
            tracer.update("ann", f"skill {i % 4}", i % 2)
        sizes.append(len(pickle.dumps(tracer)))
    assert sizes[0] == sizes[1]
    empty = len(pickle.dumps(trained_dkt.tracer()))
    per_student = sizes[0] - empty
    for i in range(100):
        tracer.update(i, "skill 0", 1)
    assert len(pickle.dumps(tracer)) < empty + 1.1 * 101 * per_student


def test_a_pickled_tracer_goes_on_where_it_was(trained_dkt, log):
    tracer = trained_dkt.tracer()
    early = log["order_id"] < 2
    live(tracer, log[early])
    copy = pickle.loads(pickle.dumps(tracer))
    assert copy.states_.keys() == tracer.states_.keys()
    p, q = live(tracer, log[~early]), live(copy, log[~early])
    np.testing.assert_array_equal(p, q)
    np.testing.assert_allclose(p, trained_dkt.predict_proba(log)[~early, 1], **CLOSE)


def test_fitting_again_does_not_change_a_tracer(log):
    classifier = clone(DKTS["gru"]).fit(log, log["correct"])
    tracer = classifier.tracer()
    tracer.update("ann", "skill 0", 1)
    before = tracer.predict_proba("ann")
    classifier.partial_fit(log, 1 - log["correct"])
    classifier.set_params(random_state=1, handle_unknown="error")
    classifier.fit(log.assign(skill_name="other"), log["correct"])
    pd.testing.assert_series_equal(tracer.predict_proba("ann"), before)
    assert tracer.predict_proba("ann", ["new"]).notna().all()


def test_tracers_of_one_classifier_share_no_students(trained_dkt):
    tracer = trained_dkt.tracer()
    tracer.update("ann", "skill 0", 1)
    assert trained_dkt.tracer().states_ == {}


def test_a_forgotten_student_is_a_stranger(trained_dkt):
    tracer = trained_dkt.tracer()
    before = tracer.predict_proba("ann")
    tracer.update("ann", "skill 0", 1)
    assert (tracer.predict_proba("ann") != before).any()
    tracer.forget("ann")
    tracer.forget("bob")
    pd.testing.assert_series_equal(tracer.predict_proba("ann"), before)


def test_one_skill_may_go_without_a_name(log):
    classifier = clone(DKTS["gru"]).set_params(skill=None).fit(log, log["correct"])
    tracer = classifier.tracer()
    tracer.update("ann", "all", 1)
    X = pd.DataFrame({"user_id": "ann", "order_id": [0], "correct": [1]})
    expected = classifier.predict_next(X).iloc[0]
    np.testing.assert_allclose(tracer.predict_proba("ann"), expected, **CLOSE)


# --- means and factor models -------------------------------------------------------

CLASSICAL = {"counts": "linear", "student_effect": None, "averages": None}
MODELS = {
    "mean by student": MeanClassifier(by="student"),
    "AFM": AFMClassifier(),
    "AFM without students": AFMClassifier(**CLASSICAL),
    "PFA": PFAClassifier(),
    "PFA without students": PFAClassifier(**CLASSICAL),
    "PFA fixed students": PFAClassifier(student_effect="fixed"),
}


def answers_of(student, skills, correct, order=None):
    """Write the answers of one student, one moment after the other."""
    order = range(len(skills)) if order is None else order
    return pd.DataFrame(
        {
            "user_id": student,
            "order_id": order,
            "skill_name": skills,
            "correct": correct,
        }
    )


@pytest.mark.parametrize("name", MODELS)
def test_answers_on_unseen_skills_are_counted_together(log, name):
    fitted = clone(MODELS[name]).fit(log, log["correct"])
    tracer = fitted.tracer()
    asked = ["new", "other", "skill 0"]
    before = tracer.predict_proba("ann", asked)
    skills, correct = ["new", "other", "third"], [1, 0, 1]
    for skill, answer in zip(skills, correct, strict=True):
        tracer.update("ann", skill, answer)
    after = tracer.predict_proba("ann", asked)
    expected = fitted.predict_next(answers_of("ann", skills, correct), asked).iloc[0]
    np.testing.assert_allclose(after, expected, **CLOSE)
    assert after["new"] == after["other"] != before["new"]
    if name.endswith(("without students", "fixed students")):
        assert after["skill 0"] == before["skill 0"]  # practice is of a skill alone


def test_students_of_the_training_log_are_known_by_name(log):
    fitted = clone(MODELS["PFA fixed students"]).fit(log, log["correct"])
    effects = fitted.student_effects_["effect"]
    tracer = fitted.tracer()
    stranger = tracer.predict_proba("ann")
    for student, effect in effects.items():
        known = tracer.predict_proba(student)
        shift = np.log(known / (1 - known)) - np.log(stranger / (1 - stranger))
        np.testing.assert_allclose(shift, effect, **CLOSE)
    student = effects.abs().idxmax()
    known = tracer.predict_proba(student)
    assert abs(known - stranger).min() > 1e-3
    pd.testing.assert_series_equal(tracer.predict_proba(int(student)), known)
    pd.testing.assert_series_equal(tracer.predict_proba(str(student)), stranger)
    # Forgotten is what the student has answered, not what fit has found.
    tracer.update(student, "skill 0", 1)
    assert tracer.predict_proba(student, "skill 0").iloc[0] != known["skill 0"]
    tracer.forget(student)
    pd.testing.assert_series_equal(tracer.predict_proba(student), known)


@pytest.mark.parametrize("name", ["mean by student", "AFM", "PFA"])
def test_a_joined_row_is_one_answer_of_the_student_and_tied_rows_are_two(log, name):
    fitted = clone(MODELS[name]).fit(log, log["correct"])
    joined, tied = fitted.tracer(), fitted.tracer()
    joined.update("ann", "skill 0~~skill 1", 1)
    tied.update("ann", ["skill 0", "skill 1"], 1)
    for tracer, X in (
        (joined, answers_of("ann", ["skill 0~~skill 1"], [1])),
        (tied, answers_of("ann", ["skill 0", "skill 1"], [1, 1], order=[0, 0])),
    ):
        p = tracer.predict_proba("ann", "skill 3")
        expected = fitted.predict_next(X, "skill 3").iloc[0]
        np.testing.assert_allclose(p, expected, **CLOSE)
    # Two right answers speak more for a student than one does.
    one, two = (t.predict_proba("ann", "skill 3").iloc[0] for t in (joined, tied))
    assert two > one > fitted.tracer().predict_proba("ann", "skill 3").iloc[0]


def test_a_joined_row_is_practice_of_each_of_its_skills(log):
    fitted = clone(MODELS["PFA without students"]).fit(log, log["correct"])
    joined, tied = fitted.tracer(), fitted.tracer()
    joined.update("ann", "skill 0~~skill 1", 1)
    tied.update("ann", ["skill 0", "skill 1"], 1)
    pd.testing.assert_series_equal(
        joined.predict_proba("ann"), tied.predict_proba("ann")
    )
    changed = joined.predict_proba("ann") != fitted.tracer().predict_proba("ann")
    assert changed.tolist() == [True, True, False, False]


@pytest.mark.parametrize("name", MODELS)
def test_what_is_known_without_states_of_skills_is_what_is_predicted(log, name):
    tracer = clone(MODELS[name]).fit(log, log["correct"]).tracer(log)
    student = log["user_id"].iloc[0]
    pd.testing.assert_series_equal(
        tracer.knowledge_state(student), tracer.predict_proba(student)
    )


# --- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize("correct", [2, 0.5, np.nan, None, "yes", [1, 2]])
def test_an_answer_is_right_or_wrong(log, correct):
    tracer = clone(DKTS["gru"]).fit(log, log["correct"]).tracer()
    with pytest.raises(ValueError, match=r"correct=.* for student 'ann'; expected 0"):
        tracer.update("ann", ["skill 0", "skill 1"], correct)
    assert tracer.states_ == {}


@pytest.mark.parametrize(
    ("skill", "correct"), [("skill 0", [1, 0]), (["skill 0", "skill 1"], [1, 0, 1])]
)
def test_there_is_an_answer_per_skill(log, skill, correct):
    tracer = clone(DKTS["gru"]).fit(log, log["correct"]).tracer()
    with pytest.raises(ValueError, match=r"correct=\[1, 0.*expected"):
        tracer.update("ann", skill, correct)


def test_an_answer_names_a_skill(log):
    tracer = clone(DKTS["gru"]).fit(log, log["correct"]).tracer()
    with pytest.raises(ValueError, match=r"skill=\[\]"):
        tracer.update("ann", [], [])


def test_an_unfitted_classifier_has_no_tracer():
    with pytest.raises(ValueError, match="not fitted"):
        DKTClassifier().tracer()


def test_effects_of_students_who_are_dates_are_found(log):
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(log["user_id"], unit="D")
    log["user_id"] = days.astype("datetime64[ns]")
    afm = AFMClassifier(student_effect="fixed").fit(log, log["correct"])
    live, now = afm.tracer(log), afm.predict_next(log)
    assert (now.nunique() > 1).all()
    for student, expected in now.iterrows():
        np.testing.assert_allclose(live.predict_proba(student), expected, **CLOSE)


@pytest.mark.parametrize("correct", [pd.NA, None, np.nan, [1, None]])
def test_an_answer_that_is_missing_is_no_answer(log, correct):
    live = MeanClassifier().fit(log, log["correct"]).tracer()
    skills = np.array(["skill 0", "skill 1"])  # an array is a list, too
    with pytest.raises(ValueError, match=r"correct=.* expected 0 or 1, one for all"):
        live.update("ann", skills, correct)
    live.update("ann", skills, 1)
