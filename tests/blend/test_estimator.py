import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    TransferClassifier,
)
from sktrace._blend.members import named_members
from sktrace.model_selection import StudentKFold
from tests.conftest import BELOW_HALF, make_log, proba

SKILL, STUDENT = MeanClassifier(), MeanClassifier(by="student")
MEANS = [("by_skill", SKILL), ("by_student", STUDENT)]


def fit(log, members=MEANS, **params):
    blend = BlendClassifier(members, **({"random_state": 0} | params))
    return blend.fit(log, log["correct"])


class Spy(MeanClassifier):
    """Remembers, for all its clones, who taught it and of whom it was asked."""

    seen = []

    def fit(self, X, y, sample_weight=None):
        self.seen.append(("fit", set(X["user_id"])))
        warnings.warn("fitted", UserWarning, stacklevel=2)
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        self.seen.append(("asked", set(X["user_id"])))
        return super().predict_proba(X)


@pytest.fixture
def spy():
    Spy.seen.clear()
    return Spy()


@pytest.fixture
def log():
    return make_log(n_students=12)


# --- what is predicted ---------------------------------------------------------------


def test_all_weight_on_the_first_is_the_first(log):
    members = [("afm", AFMClassifier()), ("mean", SKILL)]
    blend = fit(log, members, weights=[1, 0])
    alone = AFMClassifier().fit(log, log["correct"])
    close = {"rtol": 0, "atol": 1e-12}
    np.testing.assert_allclose(proba(blend, log), proba(alone, log), **close)
    np.testing.assert_allclose(
        blend.predict_next(log), alone.predict_next(log), **close
    )
    np.testing.assert_allclose(
        blend.tracer(log).predict_proba(3), alone.tracer(log).predict_proba(3), **close
    )


def test_stated_weights_add_logits_up(log):
    blend = fit(log, weights=[0.7, 0.5])
    p, q = (proba(clone(m).fit(log, log["correct"]), log) for _, m in MEANS)
    np.testing.assert_allclose(
        proba(blend, log), expit(0.7 * logit(p) + 0.5 * logit(q))
    )
    assert blend.weights_.to_dict() == {"by_skill": 0.7, "by_student": 0.5}
    equal, half = fit(log, weights=None), fit(log, weights=[0.5, 0.5])
    np.testing.assert_array_equal(proba(equal, log), proba(half, log))
    assert equal.n_held_out_ == 0


def test_the_skills_of_a_row_are_averaged_before_logits_are():
    row = {"user_id": 1, "order_id": 9, "skill_name": "skill 0~~skill 1"}
    row = pd.DataFrame([row | {"correct": np.nan}])
    blend = fit(make_log(), weights=None)
    p = [expit(logit(proba(m, row))) for m in blend.estimators_]
    np.testing.assert_allclose(proba(blend, row), expit(np.mean(logit(p), axis=0)))


# --- what is learnt ------------------------------------------------------------------


def test_students_who_differ_are_told_by_their_mean_and_skills_by_theirs():
    rng = np.random.default_rng(0)
    log = make_log(n_students=150, n_steps=20, ties=False)
    ability = dict(zip(log["user_id"].unique(), rng.beta(0.3, 0.3, 150), strict=True))
    by_student = log["user_id"].map(ability)
    by_skill = log["skill_name"].map(lambda name: [0.05, 0.3, 0.7, 0.95][int(name[-1])])
    for chance, right in ((by_student, "by_student"), (by_skill, "by_skill")):
        answers = (rng.uniform(size=len(log)) < chance).astype(int)
        weights = fit(log.assign(correct=answers)).weights_
        assert weights.idxmax() == right
        assert weights[right] > 0.8
        assert weights.drop(right).item() < 0.2


def test_who_is_held_out_taught_nobody_who_is_weighed(log, spy):
    members = [("spy", spy), ("alike", MeanClassifier())]  # which weigh the same
    with pytest.warns(UserWarning, match="fitted") as caught:
        blend = fit(log, members)
    everyone, (*folds, last) = set(log["user_id"]), spy.seen
    for (did, taught), (then, asked) in zip(folds[::2], folds[1::2], strict=True):
        assert (did, then) == ("fit", "asked")
        assert taught.isdisjoint(asked)
        assert taught | asked == everyone
    assert set.union(*(asked for _, asked in folds[1::2])) == everyone
    assert last == ("fit", everyone)
    assert blend.n_held_out_ == len(everyone)
    assert len(caught) == 1  # of the fit that stays


def test_stated_weights_hold_nobody_out(log, spy):
    with pytest.warns(UserWarning, match="fitted"):
        fit(log, [("spy", spy), ("by_student", STUDENT)], weights=None)
    assert spy.seen == [("fit", set(log["user_id"]))]


def test_who_counts_nothing_is_not_fitted(log):
    blend = fit(log, weights=[0, 1])
    assert blend.estimators_ == [blend.named_estimators_["by_student"]]
    assert blend.named_estimators_["by_skill"] == "drop"
    assert blend.weights_.to_dict() == {"by_skill": 0, "by_student": 1}


def test_one_member_needs_no_weights(log):
    blend = fit(log, [("by_skill", "drop"), ("by_student", STUDENT)])
    assert blend.weights_.to_dict() == {"by_skill": 0, "by_student": 1}
    assert blend.n_held_out_ == 0


def test_a_class_of_one_has_equal_weights_and_is_told_so():
    log = make_log(n_students=1, seed=3).assign(correct=lambda X: X.index % 2)
    with pytest.warns(UserWarning, match="equal weights: no student can be held out"):
        blend = fit(log)
    assert blend.weights_.tolist() == [0.5, 0.5]


def test_rows_of_one_question_count_once(log):
    plain = fit(log).weights_
    twice = fit(pd.concat([log, log])).weights_  # which tie, and so are one question
    np.testing.assert_allclose(twice, plain, atol=0.05)


def test_the_scale_of_weights_means_nothing(log):
    members = [("much", clone(STUDENT)), ("little", clone(STUDENT))]
    members[1][1].set_params(strength=50.0)
    one, other = (
        BlendClassifier(members, random_state=0)
        .fit(log, log["correct"], sample_weight=np.full(len(log), weight))
        .weights_
        for weight in (1.0, 64.0)
    )
    assert (one > 0).all()
    pd.testing.assert_series_equal(one, other)


def test_order_of_rows_means_nothing_in_fit(log):
    shuffled = log.sample(frac=1, random_state=1)
    one, other = fit(log), fit(shuffled)
    pd.testing.assert_series_equal(one.weights_, other.weights_, check_exact=True)
    np.testing.assert_array_equal(proba(one, log), proba(other, log))


def test_the_default_blends_what_is_unlike():
    named = named_members(BlendClassifier())
    assert {name: type(member) for name, member in named.items()} == {
        "transfer": TransferClassifier,
        "bkt": BKTClassifier,
        "dkt": DKTClassifier,
    }


def test_labels_may_be_strings_and_answers_missing(log):
    y = np.where(log["correct"] == 1, "right", "wrong").astype(object)
    y[:6] = None
    queries = log.assign(correct=log["correct"].where(np.arange(len(log)) >= 6))
    blend = BlendClassifier(MEANS, random_state=0).fit(queries, y)
    assert blend.classes_.tolist() == ["right", "wrong"]
    answers = fit(queries.assign(correct=queries["correct"].fillna(0))).weights_
    assert set(blend.weights_.index) == set(answers.index)


# --- scikit-learn's ways -------------------------------------------------------------


def test_members_have_parameters_and_names(log):
    blend = BlendClassifier([*MEANS, ("afm", AFMClassifier())], weights=None)
    assert blend.get_params()["afm__counts"] == "log"
    assert "afm__counts" not in blend.get_params(deep=False)
    blend.set_params(afm__counts="linear", by_skill="drop", by_student__strength=1.0)
    assert blend.estimators[2][1].counts == "linear"
    assert blend.estimators[0] == ("by_skill", "drop")
    blend.fit(log, log["correct"])
    assert blend.named_estimators_["afm"].counts == "linear"
    assert not hasattr(blend.estimators[2][1], "skills_")  # what was passed is cloned


def test_searches_reach_members(log):
    grid = {"by_skill__strength": [1.0, 50.0], "by_student": ["drop", STUDENT]}
    search = GridSearchCV(
        BlendClassifier(MEANS, random_state=0), grid, cv=StudentKFold(2)
    )
    assert set(search.fit(log, log["correct"]).best_params_) == set(grid)


def test_members_without_a_seed_get_one(log):
    bkt = BKTClassifier(n_restarts=2, bounds=BELOW_HALF)
    members = [("own", clone(bkt).set_params(random_state=7)), ("none", bkt)]
    one, other = fit(log, members, weights=None), fit(log, members, weights=None)
    assert one.named_estimators_["own"].random_state == 7
    assert isinstance(one.named_estimators_["none"].random_state, int)
    np.testing.assert_array_equal(proba(one, log), proba(other, log))


def test_two_jobs_fit_what_one_fits(log):
    one = fit(log)
    with joblib.parallel_config("threading"):  # processes take seconds to start
        two = fit(log, n_jobs=2)
    np.testing.assert_array_equal(proba(one, log), proba(two, log))


@pytest.mark.parametrize("n_jobs", [1, 2])  # two fit it before weights are known
def test_who_turns_out_to_count_nothing_is_left_out(log, monkeypatch, n_jobs):
    learnt = np.array([0.0, 1.0])
    monkeypatch.setattr("sktrace._blend.strangers.learn_weights", lambda *_: learnt)
    with joblib.parallel_config("threading"):
        blend = fit(log, n_jobs=n_jobs)
    assert blend.estimators_ == [blend.named_estimators_["by_student"]]
    assert blend.named_estimators_["by_skill"] == "drop"


def test_a_live_blend_pickles_and_keeps_members_states(log):
    live = fit(log, [("by_student", STUDENT), ("afm", AFMClassifier())]).tracer(log)
    assert all(len(state) == 2 for state in live.states_.values())
    again = pickle.loads(pickle.dumps(live))
    again.update(3, "skill 1", 1)
    live.update(3, "skill 1", 1)
    pd.testing.assert_series_equal(again.predict_proba(3), live.predict_proba(3))


def test_a_blend_may_be_a_member(log):
    inner = BlendClassifier(MEANS, weights=None)
    outer = fit(log, [("means", inner), ("afm", AFMClassifier())], weights=[1, 0])
    np.testing.assert_allclose(
        proba(outer, log), proba(fit(log, weights=None), log), atol=1e-12
    )


# --- columns -------------------------------------------------------------------------


@pytest.fixture
def pages(log):
    return log.assign(page=log["order_id"] % 3).rename(columns={"user_id": "who"})


def test_columns_are_said_once_and_read_by_those_who_can(pages):
    bkt = BKTClassifier(n_restarts=1, bounds=BELOW_HALF)
    members = [("pages", MeanClassifier(by="item")), ("bkt", bkt), ("reads", Reader())]
    blend = fit(pages, members, student="who", item="page", weights=None)
    assert {member.student for member in blend.estimators_} == {"who"}
    assert [getattr(m, "item", "none") for m in blend.estimators_] == [
        "page",
        "page",
        "none",
    ]
    live = blend.tracer(pages)
    np.testing.assert_allclose(
        live.predict_proba(3, ["skill 1"], item=[2]),
        blend.predict_next(pages, ["skill 1"], items=[2]).loc[3],
    )


class Reader(MeanClassifier):
    """A tracer that was told of no items."""

    _known_before = {}
    _parameter_constraints = {
        name: allowed
        for name, allowed in MeanClassifier._parameter_constraints.items()
        if name not in ("item", "by")
    }

    def __init__(
        self,
        *,
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        skill_separator="~~",
        strength=5.0,
        handle_unknown="prior",
    ):
        super().__init__(
            student=student,
            order=order,
            skill=skill,
            correct=correct,
            skill_separator=skill_separator,
            strength=strength,
            handle_unknown=handle_unknown,
        )
        del self.item


def test_one_who_reads_another_column_is_refused_by_what_repairs_it(pages):
    members = [("mean", SKILL), ("pages", MeanClassifier(by="item", item="page"))]
    with pytest.raises(ValueError, match=r"BlendClassifier\(item='page'\)"):
        fit(pages, members, student="who")
    fit(pages, members, student="who", item="page")  # the same may be said twice
    members = [("mean", MeanClassifier(student="name"))]
    with pytest.raises(ValueError, match="'mean' states student='name', and the blend"):
        fit(pages, members, student="who")


def test_columns_that_a_blend_does_not_read_are_refused(pages):
    bkt = BKTClassifier(learn_group="page", bounds=BELOW_HALF)
    with pytest.raises(ValueError, match="learn_group=None"):
        fit(pages, [("bkt", bkt), ("mean", SKILL)], student="who")


# --- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "named"),
    [
        (GridSearchCV(SKILL, {"strength": [1]}), "search.best_estimator_"),
        (MeanClassifier, "the class MeanClassifier"),
        (DKTClassifier(task="many-to-one"), "many-to-many"),
    ],
)
def test_members_are_tracers(log, member, named):
    with pytest.raises(TypeError, match=named):
        fit(log, [("mean", SKILL), ("odd", member)])


@pytest.mark.parametrize(
    "members",
    [[], [SKILL], [("mean", "drop")], [("a", SKILL), ("a", SKILL)], [("item", SKILL)]],
)
def test_members_have_names_of_their_own(log, members):
    with pytest.raises(ValueError, match=r"expected names|unique|conflict"):
        fit(log, members)


@pytest.mark.parametrize("weights", [[1], [1, -1], [0, 0], [1, np.nan]])
def test_stated_weights_are_one_for_each_and_not_negative(log, weights):
    with pytest.raises(ValueError, match=r"weights=.*expected 2 finite numbers"):
        fit(log, weights=weights)


def test_weights_of_rows_need_members_that_take_them(log):
    class Deaf(MeanClassifier):
        def fit(self, X, y):
            return super().fit(X, y)

    with pytest.raises(TypeError, match=r"set_params\(deaf=\"drop\"\)"):
        BlendClassifier([("deaf", Deaf()), ("mean", SKILL)]).fit(
            log, log["correct"], sample_weight=np.ones(len(log))
        )


def test_members_of_the_default_list_are_set_by_name():
    blend = BlendClassifier().set_params(bkt="drop", dkt__hidden_size=4)
    named = dict(blend.estimators)
    assert named["bkt"] == "drop"
    assert named["dkt"].hidden_size == 4


def test_weights_as_a_series_go_by_name(log):
    weights = pd.Series([0.2, 0.8], index=["by_student", "by_skill"])
    assert fit(log, weights=weights).weights_["by_skill"] == 0.8
    with pytest.raises(ValueError, match="expected 2 finite numbers"):
        fit(log, weights=["a", "b"])
