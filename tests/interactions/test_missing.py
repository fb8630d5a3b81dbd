"""What is missing is missing, however a column holds it; names are the same in any."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier, MeanClassifier
from sktrace._interactions.codes import factorize
from sktrace._interactions.names import plain_name, rank_names, spell_name
from sktrace._interactions.numbers import find_missing
from sktrace.datasets import make_interactions

pa = pytest.importorskip("pyarrow")


def arrow_with_nan(values):
    """Return a column of pyarrow that holds NaN, which is no null there."""
    array = pa.array(np.asarray(values, dtype=float), from_pandas=False)
    return pd.Series(pd.arrays.ArrowExtensionArray(array))


def masked_with_nan(values):
    """Return a nullable column of pandas that holds NaN, which its mask leaves out."""
    values = np.asarray(values, dtype=float)
    return pd.Series(pd.arrays.FloatingArray(values, np.zeros(len(values), bool)))


def categories_with_nan(values):
    codes, names = pd.factorize(np.asarray(values, dtype=float), use_na_sentinel=False)
    categories = pd.Index(arrow_with_nan(names))
    return pd.Series(pd.Categorical.from_codes(codes, categories))


HIDE_NAN = [arrow_with_nan, masked_with_nan]


@pytest.mark.parametrize("hide", HIDE_NAN)
def test_nan_that_pandas_does_not_call_missing_is_missing(hide):
    values = hide([1.0, np.nan, 3.0])
    assert not values.isna().any()
    assert find_missing(values).tolist() == [False, True, False]


@pytest.mark.parametrize("hide", HIDE_NAN)
@pytest.mark.parametrize("column", ["order_id", "user_id"])
def test_hidden_nan_is_refused_and_the_advice_drops_it(hide, column):
    X, y = make_interactions(n_students=6, n_skills=2, random_state=0)
    X = X.assign(**{column: hide([np.nan, *X[column][1:]])})
    with pytest.raises(ValueError, match=r"in 1 row \(the first at position 0\)") as e:
        BKTClassifier().fit(X, y)
    kept = eval(str(e.value).rpartition(": ")[2].rstrip("."), {"X": X})
    assert len(kept) == len(X) - 1
    BKTClassifier(random_state=0).fit(kept, y[kept.index])


@pytest.mark.parametrize("hide", [*HIDE_NAN, categories_with_nan])
def test_a_skill_that_is_hidden_nan_is_the_unknown_skill(hide):
    codes, names = factorize(hide([2.0, np.nan, 1.0, 2.0]))
    assert codes.tolist() == [1, -1, 0, 1]
    assert names.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("hide", HIDE_NAN)
def test_an_answer_that_is_hidden_nan_is_a_question(hide):
    X, y = make_interactions(n_students=6, n_skills=2, random_state=0)
    correct = [np.nan, *X["correct"][1:]]
    plain = MeanClassifier(by="student").fit(X, y)
    expected = plain.predict_proba(X.assign(correct=correct))
    np.testing.assert_array_equal(
        plain.predict_proba(X.assign(correct=hide(correct))), expected
    )


# --- names -------------------------------------------------------------------------

DAYS = pd.Series(pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-02"]))
SAME_DATES = {
    "seconds": DAYS.astype("datetime64[s]"),
    "nanoseconds": DAYS.astype("datetime64[ns]"),
    "arrow": DAYS.astype("timestamp[s][pyarrow]"),
    "arrow days": DAYS.astype("date32[pyarrow]"),
    "days of Python": DAYS.dt.date,
    "dates of numpy": pd.Series(list(DAYS.to_numpy("M8[D]")), dtype=object),
    "categories": DAYS.astype("category"),
}


@pytest.mark.parametrize("dates", SAME_DATES.values(), ids=SAME_DATES)
def test_dates_are_the_same_names_in_any_unit_and_type(dates):
    codes, names = factorize(dates)
    assert codes.tolist() == [1, 0, 1]
    assert names.tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_durations_are_the_same_names_in_any_unit(unit):
    codes, names = factorize(pd.Series(np.array([2, 1, 2], f"m8[{unit}]")))
    assert codes.tolist() == [1, 0, 1]
    assert names.tolist() == [pd.Timedelta(n, unit) for n in (1, 2)]


def test_a_tracer_knows_skills_that_are_dates_by_name_and_live():
    X, y = make_interactions(n_students=10, n_skills=3, random_state=0)
    days = pd.to_timedelta(X["skill_name"].str[6:].astype(int), unit="D")
    X = X.assign(skill_name=pd.Timestamp("2024-01-01") + days)
    bkt = BKTClassifier(random_state=0).fit(X, y)
    named = [np.datetime64("2024-01-02"), datetime.date(2024, 1, 2)]
    asked = bkt.predict_next(X, skills=named)
    day = pd.Timestamp("2024-01-02")
    np.testing.assert_array_equal(asked, bkt.predict_next(X)[[day, day]])
    live = bkt.tracer()
    live.update("ann", named[0], 1)
    live.update(np.datetime64("2024-01-01"), named[1], 1)
    assert set(live.states_) == {"ann", pd.Timestamp("2024-01-01")}
    assert live.knowledge_state("ann")[day] > live.knowledge_state("bob")[day]


@pytest.mark.parametrize("nobody", [None, np.nan, pd.NaT, ["ann"]])
def test_a_live_tracer_refuses_a_student_without_a_name(nobody):
    X, y = make_interactions(n_students=6, n_skills=2, random_state=0)
    live = MeanClassifier().fit(X, y).tracer()
    with pytest.raises(ValueError, match="names nobody; expected one hashable name"):
        live.update(nobody, "skill 0", 1)
    assert not live.states_


def test_names_of_all_types_have_one_order():
    names = [3, "b", ("a", 2), 1.5, b"x", ("a", 1), "a", pd.Timestamp(0), True]
    names += [frozenset("ab"), frozenset("a"), (1, "z")]
    array = np.empty(len(names), dtype=object)
    array[:] = names
    ranked = array[rank_names(array)].tolist()
    assert ranked[:3] == [True, 1.5, 3]
    for seed in range(5):
        mixed = np.random.default_rng(seed).permutation(array)
        assert mixed[rank_names(mixed)].tolist() == ranked


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT, np.datetime64("NaT")])
def test_a_missing_name_of_any_type_is_none(missing):
    assert plain_name(missing) is None
    assert factorize(pd.Series(["a", missing], dtype=object))[0].tolist() == [0, -1]


ZONES = [pd.Timestamp("2024-01-01 00:00Z").tz_convert(z) for z in ("UTC", "Asia/Tokyo")]


@pytest.mark.parametrize(
    "equal",
    [
        [1, 1.0, True, Decimal(1), Fraction(1), np.int8(1)],
        [0.5, Fraction(1, 2)],
        ZONES,
        [(1, "a"), (1.0, "a")],
        [frozenset("abc"), frozenset("cba")],
    ],
)
def test_equal_names_are_spelt_alike(equal):
    assert len(set(equal)) == 1
    assert len({spell_name(name) for name in equal}) == 1


@pytest.mark.parametrize("name", [{}, {"a"}, ("a", [])])
def test_what_cannot_be_hashed_names_nothing(name):
    X, y = make_interactions(n_students=6, n_skills=2, random_state=0)
    mean = MeanClassifier().fit(X, y)
    for ask in (
        lambda: mean.tracer().update("ann", name, 1),
        lambda: mean.tracer().predict_proba("ann", [name]),
        lambda: mean.predict_next(X, [name]),
    ):
        with pytest.raises(TypeError, match="names nothing, since it cannot be hashed"):
            ask()


def test_half_a_letter_is_refused_and_the_advice_is_taken():
    X, y = make_interactions(n_students=6, n_skills=2, random_state=0)
    X["skill_name"] = pd.Series([f"{n}\udcff" for n in X["skill_name"]], dtype=object)
    with pytest.raises(
        ValueError, match="was not decoded as it was encoded"
    ) as refused:
        MeanClassifier().fit(X, y)
    call = str(refused.value).partition(" question marks: ")[2].rstrip(".")
    exec(call, {"X": X})
    assert MeanClassifier().fit(X, y).skills_.tolist() == ["skill 01?", "skill 02?"]
