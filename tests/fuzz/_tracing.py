"""What is asked of a tracer and a log in dresses.

A log is written plainly and in dresses. Fitting and predicting have to come to the
same in both: the same probabilities to 1e-9, however rows stand, or two refusals;
dresses that need not be read may be refused where the plain log is not. On top of
that one of these is asked, by chance:

* blind: own, tied and later answers do not change a prediction;
* weightless: a row without weight may have any target;
* pickled: a copy predicts the same;
* live: after a log, a live tracer asks as `predict_next` does;
* again: a second fit is the first to the last bit.

Nothing may change a frame, warn in foreign words, or leave [0, 1].
"""

import pickle

import numpy as np
import pandas as pd
from hypothesis import event
from hypothesis import strategies as st

from ._advice import check_advice
from ._families import name_columns, tracers
from ._logs import dress_pairs, written
from ._names import PLAIN_NAMES
from ._numbers import CONTAINERS
from ._outcomes import attempt, probabilities, same_frame

__all__ = ["RELATIONS", "Case", "cases", "check_case"]

WEIGHED = ("array", "float16", "arrow", "objects", "list")
EXACT, CLOSE, LOOSE = 1e-9, 1e-6, 1e-4
RELATIONS = ("none", "blind", "weightless", "pickled", "live", "again")


class Case:
    """An estimator, a log, weights, and what is asked of them."""

    def __init__(self, family, drawn, log, weights, labels, relation):
        self.family, self.log, self.weights = family, log, weights
        self.label, self.container, self.weighed_by = labels
        self.class_, self.params, self.read, self.roles = drawn
        self.relation = relation

    def __repr__(self):
        return (
            f"Case({self.family}, {self.class_.__name__}, {self.params}, {self.read}, "
            f"{sorted(self.roles)}, {self.log}, weights={self.weights} as "
            f"{self.weighed_by}, y={self.label} as {self.container}, {self.relation})"
        )

    def tracer(self, plainly):
        names = self.log.names
        if plainly:
            names = {role: role for role in names}
        return self.class_(**name_columns(self.params, self.read, self.roles, names))

    def plain(self, **codes):
        """Write the log plainly; DKT reads students' names, to divide them in folds."""
        but = ["student"] if self.family == "DKT" else []
        return self.log.with_codes(**codes).plain(but)

    def target(self, codes):
        """Return 0 and 1, NaN where X has no answer."""
        return np.array([np.nan if c is None else c for c in codes], dtype=float)


@st.composite
def cases(draw, family, max_rows=12):
    drawn = draw(tracers(family))
    log = draw(written(tuple(sorted(drawn[-1])), max_rows))
    if "order" not in drawn[-1]:
        log = log.in_order()
    if draw(st.integers(0, 3)) == 0:
        usual = USUAL if draw(st.integers(0, 5)) else WEIGHTS
        weights = draw(st.lists(usual, min_size=len(log), max_size=len(log)))
    else:
        weights = None
    dress = PLAIN_NAMES
    if draw(st.integers(0, 3)) == 0:
        dress = draw(dress_pairs("label", log.codes["correct"]))[0]
    labels = (
        dress,
        draw(st.sampled_from(list(CONTAINERS))),
        draw(st.sampled_from(WEIGHED)),
    )
    return Case(family, drawn, log, weights, labels, draw(st.sampled_from(RELATIONS)))


USUAL = st.sampled_from([1.0, 0.0, 0.5, 2.0, 3.0])
WEIGHTS = st.one_of([USUAL] * 3 + [st.sampled_from([0.0, 1e-300, 5e-324, 1e300])])


def check_case(case):
    log = case.log
    fitted, p = fit_plainly(case)
    again = fit_dressed(case)
    if p.refused:
        event("refused")
        # Folds of a blend follow from names, and may leave one without any skill.
        by_fold = case.family == "blend" and "no skill in any row" in str(p.refusal)
        assert again.refused or by_fold, (
            f"in dresses a log is accepted that is refused plainly: {p.refusal}"
        )
        return "refused"
    if again.refused:
        if log.must and case.label.must:
            raise AssertionError(
                f"refused in dresses, but not plainly: {again.refusal}"
            ) from again.refusal
        event("refused in dresses")
        return "refused in dresses"
    event("accepted")
    tracer, q = again.value
    probabilities(p.value, len(log))
    probabilities(q, len(log))
    agree(log.restore(q), p.value, tolerance(case), "dressed and plain")
    ask(case, fitted, p.value, tracer)
    return "accepted"


def tolerance(case):
    if case.log.sorted:
        return EXACT
    return CLOSE if case.family in ("means", "AFM", "PFA", "Rasch") else 1.0


def fit_plainly(case):
    X, y = case.plain(), case.target(case.log.codes["correct"])
    tracer = case.tracer(plainly=True)
    fitted = attempt(tracer.fit, X, y, **weighed(case.weights))
    if fitted.refused:
        return None, fitted
    return tracer, attempt(tracer.predict_proba, X)


def fit_dressed(case):
    log = case.log
    X, after = log.dressed(0), log.dressed(1)
    before = X.copy(deep=True)
    y = case.label.column([log.codes["correct"][row] for row in log.rows])
    y = CONTAINERS[case.container](y)
    weights = case.weights and [case.weights[row] for row in log.rows]
    tracer = case.tracer(plainly=False)
    fitted = attempt(tracer.fit, X, y, **weighed(weights, case.weighed_by))
    same_frame(X, before)
    if fitted.refused:
        if case.label is PLAIN_NAMES and weights is None:
            check_advice(tracer.fit, X, log.names["correct"], fitted.refusal)
        return fitted
    before = after.copy(deep=True)
    predicted = attempt(tracer.predict_proba, after)
    same_frame(after, before)
    if predicted.refused:
        return predicted
    return type(predicted)((tracer, predicted.value))


def weighed(weights, by="array"):
    """Return weights as a keyword, in one of several types that can hold them."""
    if weights is None:
        return {}
    column = pd.Series(weights, dtype=float)
    if by == "float16" and set(weights) <= {0.0, 0.5, 1.0, 2.0, 3.0}:
        column = column.astype(np.float16)
    elif by == "arrow":
        column = column.astype("double[pyarrow]")
    elif by == "objects":
        column = column.astype(object)
    return {"sample_weight": column.tolist() if by == "list" else column}


def agree(got, expected, within, what):
    apart = np.abs(got - expected).max(initial=0.0)
    assert apart <= within, f"{what} are {apart:g} apart:\n{got}\n{expected}"


def ask(case, fitted, p, tracer):
    relation = case.relation
    if relation == "blind":
        ask_blind(case, fitted, p)
    elif relation == "weightless" and case.weights:
        ask_weightless(case, p)
    elif relation == "pickled":
        copy = pickle.loads(pickle.dumps(fitted))
        np.testing.assert_array_equal(copy.predict_proba(case.plain()), p)
    elif relation == "live" and hasattr(tracer, "tracer"):
        ask_live(case, tracer)
    elif relation == "again":
        np.testing.assert_array_equal(fit_plainly(case)[1].value, p)


def ask_blind(case, fitted, p):
    """Change answers from some row on: no earlier or tied row may notice."""
    codes = case.log.codes
    reads_order = "order" in case.roles
    time = np.array(
        codes["order"] if reads_order else range(len(case.log)), dtype=float
    )
    student = np.array([-1 if s is None else s for s in codes["student"]])
    for pivot in range(0, len(time), 3):
        hidden = (student == student[pivot]) & (time >= time[pivot])
        flipped = [
            {0: 1, 1: None, None: 0}[c] if hide else c
            for c, hide in zip(codes["correct"], hidden, strict=True)
        ]
        q = attempt(fitted.predict_proba, case.plain(correct=flipped))
        blind = (student != student[pivot]) | (time <= time[pivot])
        agree(q.value[blind], p[blind], CLOSE, "predictions with other later answers")


def ask_weightless(case, p):
    """Change the targets of rows that weigh nothing."""
    correct = case.log.codes["correct"]
    y = case.target(correct)
    free = np.array(case.weights) == 0
    y[free] = 1 - y[free]
    if len(np.unique(y[~np.isnan(y)])) < 2:  # labels are known from all rows
        return
    X = case.plain()
    tracer = case.tracer(plainly=True)
    fitted = attempt(tracer.fit, X, y, **weighed(case.weights))
    assert not fitted.refused, fitted.refusal
    agree(tracer.predict_proba(X), p, EXACT, "fits that differ in weightless targets")


def ask_live(case, tracer):
    X = case.log.dressed(1)
    live = attempt(tracer.tracer, X).value
    expected = attempt(tracer.predict_next, X).value
    names = expected.columns.tolist()
    for place, student in enumerate(expected.index.tolist()):
        got = attempt(live.predict_proba, student, names).value
        agree(got.to_numpy(), expected.to_numpy()[place], CLOSE, "live and batch")
