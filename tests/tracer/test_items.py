"""What all tracers that read items have in common, whatever their names are."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
)
from sktrace.datasets import make_interactions

from ..conftest import BELOW_HALF, CLOSE, proba

TRACERS = {
    "mean": MeanClassifier(by="item", item="item_id"),
    "AFM": AFMClassifier(item="item_id"),
    "PFA": PFAClassifier(item="item_id"),
    "Rasch": RaschClassifier(model="2pl"),
    "BKT": BKTClassifier(
        item="item_id", bounds=BELOW_HALF, n_restarts=1, random_state=0
    ),
    "DKT": DKTClassifier(
        item="item_id", hidden_size=6, embedding_size=4, max_epochs=1, random_state=0
    ),
}


@pytest.fixture(scope="module")
def made():
    return make_interactions(
        n_students=40, n_skills=3, n_items=9, return_items=True, random_state=0
    )


@pytest.fixture(params=TRACERS)
def tracer(request):
    return clone(TRACERS[request.param])


def test_hard_items_are_those_that_are_answered_wrong(tracer, made):
    X, y, truth = made
    items = tracer.fit(X, y).items_
    share = X.groupby("item_id")["correct"].mean()
    easier = share - share.groupby(truth["skill_name"]).transform("mean")
    assert items["difficulty"].corr(easier) < -0.7
    assert (items["se"] > 0).all()
    counts = X["item_id"].value_counts()
    assert items["n_answers"].tolist() == counts[items.index].tolist()
    # Also where the second class is the wrong answer.
    named = clone(tracer).fit(X, np.where(y == 1, "right", "wrong")).items_
    np.testing.assert_allclose(named["difficulty"], items["difficulty"], atol=1e-3)


LARGE = 2**60 + 1
NAMES = {
    "large integers": lambda codes: codes + LARGE,
    "large and missing": lambda codes: (codes + LARGE).astype("Int64").mask(codes == 3),
    "tuples": lambda codes: pd.Series([("p", c) for c in codes], codes.index),
    "days": lambda codes: pd.Timestamp("2024-01-01") + pd.to_timedelta(codes, unit="D"),
    "floats": lambda codes: codes / 4,
    "categories": lambda codes: codes.astype(str).astype("category"),
}


@pytest.mark.parametrize("write", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("name", ["Rasch", "DKT"])
def test_an_item_is_known_by_whatever_name_it_has(name, write, made):
    X = made[0][made[0]["user_id"] < 12]
    codes = X["item_id"].astype("category").cat.codes.astype("int64")
    X = X.assign(item_id=write(codes))
    tracer = clone(TRACERS[name]).fit(X, X["correct"])
    asked = tracer.items_.index[[2, 0]].tolist()
    next_ones = tracer.predict_next(X, items=asked)
    assert next_ones.columns.tolist() == asked
    named = X.dropna(subset=["item_id"])
    skills = [
        named["skill_name"][[i == item for i in named["item_id"]]].iloc[0]
        for item in asked
    ]
    told = tracer.predict_next(X, skills, items=asked)
    np.testing.assert_allclose(told, next_ones, **CLOSE)
    live, student = tracer.tracer(X), X["user_id"].iloc[0]
    for said in (
        live.predict_proba(student, item=asked),
        live.predict_proba(student, skills, item=asked),
    ):
        np.testing.assert_allclose(said, next_ones.loc[student], **CLOSE)


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_dates_are_the_same_items_in_any_unit(unit, made):
    X, y, _ = made
    codes = X["item_id"].astype("category").cat.codes
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(codes, unit="D")
    fitted, other = (
        X.assign(item_id=day.astype(f"datetime64[{u}]")) for u in ("ms", unit)
    )
    rasch = RaschClassifier().fit(fitted, y)
    np.testing.assert_array_equal(proba(rasch, fitted), proba(rasch, other))


@pytest.mark.parametrize("kind", [list, pd.Index, np.array])
def test_features_and_order_are_named_by_any_list(kind, made):
    X, y, _ = made
    X = X.assign(week=X["order_id"] // 9, row=X["order_id"] % 9)
    told = PFAClassifier(features=["week", "row"], order=["week", "row"]).fit(X, y)
    names = kind(["week", "row"])
    same = PFAClassifier(features=names, order=names).fit(X, y)
    np.testing.assert_array_equal(proba(same, X), proba(told, X))


def test_columns_that_cannot_be_are_refused_with_a_repair(tracer, made):
    X, y, _ = made
    X = X.assign(step="a")
    message = r"item=\['item_id', 'step'\]; .*one column"
    with pytest.raises(ValueError, match=message) as told:
        tracer.set_params(item=["item_id", "step"]).fit(X, y)
    repair = str(told.value).split("several: ")[1].split(", and pass")[0]
    exec(repair, {"X": X})
    assert tracer.set_params(item="item").fit(X, y).items_.index[0].endswith(" a")
    with pytest.raises(ValueError, match=r"item='correct' is the column of answers"):
        tracer.set_params(item="correct").fit(X, y)
    message = r"a name that is a tuple.*\['item_id', 'step'\]"
    with pytest.raises(ValueError, match=message):
        tracer.set_params(item=("item_id", "step")).fit(X, y)


def test_columns_named_after_fit_ask_for_another_fit(made):
    X, y, _ = made
    pfa = PFAClassifier().fit(X, y)
    with pytest.raises(ValueError, match=r"\['item'\], but fit read none.*Fit again"):
        pfa.set_params(item="item_id").predict_proba(X)
    pfa.fit(X, y).set_params(item=None)
    with pytest.raises(ValueError, match=r"are none, but fit read \['item'\]"):
        pfa.predict_proba(X)


def test_items_need_not_be_named_in_any_row(tracer, made):
    X, y, _ = made
    nameless = X.assign(item_id=pd.Series(np.nan, X.index, dtype=object))
    assert np.isfinite(proba(tracer.fit(nameless, y), nameless)).all()
    assert len(tracer.items_) == 0


def test_items_are_asked_of_those_that_read_them(tracer, made):
    X, y, _ = made
    tracer.fit(X, y)
    known = tracer.items_.index[0]
    with pytest.raises(ValueError, match=r"1 item\(s\) were not seen in fit: 'new'"):
        tracer.predict_next(X, items=[known, "new"])
    plain = PFAClassifier().fit(X, y)
    with pytest.raises(ValueError, match=r"reads none; .* pass item=\.\.\."):
        plain.predict_next(X, items=[known])
