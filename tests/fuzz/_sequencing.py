"""What is asked of whole sequences, and of frames of numbers.

Sequences of numbers are written as a padded array of floats and in another form:
other types, lists, frames, `Sequences`. The same numbers have to give the same
predictions to 1e-9, or two refusals. A frame for `SequenceRegressor` is written
plainly and in dresses, as logs are; there, numbers known only after a step must not
tell of their own.
"""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from sktrace import DKTClassifier, SequenceRegressor, Sequences

from ._dress import with_nan
from ._logs import dress_pairs, written
from ._outcomes import Outcome, attempt, same_frame

__all__ = ["check_frame", "check_whole", "frame_cases", "whole_cases"]

SMALL = {"hidden_size": 4, "max_epochs": 1, "random_state": 0}
PARAMETERS = {
    "dropout": st.sampled_from([0.0, 0.5]),
    "cell": st.sampled_from(["gru", "lstm", "rnn"]),
    "standardize": st.booleans(),
    "lr": st.sampled_from([3e-3, 1e-300, 0.5]),
    "batch_size": st.sampled_from(["auto", 1]),
    "early_stopping": st.booleans(),
}
USUAL = [0.0, 1.0, -1.0, 0.5, 3.0, 2.0]
NUMBERS = [
    st.sampled_from([*USUAL, *odd]) for odd in ([], [None], [1e30, 1e-30, 1e300])
]


@st.composite
def parameters(draw):
    changed = draw(st.sets(st.sampled_from(sorted(PARAMETERS)), max_size=2))
    return SMALL | {name: draw(PARAMETERS[name]) for name in sorted(changed)}


# --- whole sequences ---------------------------------------------------------------


@st.composite
def whole_cases(draw):
    """Draw an estimator, sequences as lists of steps, targets, and a form."""
    n_features = draw(st.integers(1, 2))
    numbers = NUMBERS[draw(st.sampled_from([0, 0, 0, 0, 1, 2]))]
    step = st.lists(numbers, min_size=n_features, max_size=n_features)
    X = draw(st.lists(st.lists(step, min_size=1, max_size=3), min_size=1, max_size=6))
    X = [[*own, [1.0] * n_features] for own in X]  # whose last step is there
    if draw(st.integers(0, 9)):
        X = [*X, *X]
    labels = draw(st.lists(st.integers(0, 2), min_size=len(X), max_size=len(X)))
    labels[:2] = [0, 1][: len(X)]
    class_ = draw(st.sampled_from([SequenceRegressor, DKTClassifier]))
    role = "number" if class_ is SequenceRegressor else "correct"
    dressed = max(labels) < 2 and draw(st.booleans())
    dresses = draw(dress_pairs(role, labels)) if dressed else None
    return class_, draw(parameters()), X, labels, dresses, draw(st.sampled_from(FORMS))


def padded(X, dtype=np.float64):
    n_steps = max(len(own) for own in X)
    array = np.full((len(X), n_steps, len(X[0][0])), np.nan, dtype)
    for row, own in zip(array, X, strict=True):
        row[: len(own)] = [with_nan(step, dtype=dtype) for step in own]
    return array


def frames(X, dtype):
    names = [f"feature {place}" for place in range(len(X[0][0]))]
    return [
        pd.DataFrame([with_nan(step) for step in own], columns=names).astype(dtype)
        for own in X
    ]


def write(form, X):
    """Write sequences in a form; the numbers must survive it, which float16 ends."""
    arrays = [np.array([with_nan(step) for step in own]) for own in X]
    if form == "objects":
        return padded(X).astype(object)
    if form == "None":
        return [[[None if v is None else v for v in s] for s in own] for own in X]
    if form == "arrays":
        return arrays
    if form == "array of arrays":
        gathered = np.empty(len(arrays), dtype=object)
        gathered[:] = arrays
        return gathered
    if form == "read-only":
        array = padded(X)
        array.flags.writeable = False
        return array
    if form == "swapped bytes":
        return padded(X).astype(">f8")
    if form == "Fortran":
        return np.asfortranarray(padded(X))
    if form == "float32 of floats":
        return padded(X).astype(np.float32).astype(np.float64)
    if form == "container":
        return Sequences.from_padded(padded(X))
    return frames(X, form)


FORMS = [
    *("objects", "None", "arrays", "array of arrays", "read-only", "swapped bytes"),
    *("Fortran", "container", "Float64", "double[pyarrow]", "object", "float64"),
]


def check_whole(case):
    class_, params, X, labels, dresses, form = case
    plain = fit_whole(class_, params, padded(X), np.array(labels), padded(X))
    y = np.array(labels) if dresses is None else dresses[0].column(labels)
    other = write(form, X)
    again = fit_whole(class_, params, other, y, write(form, X))
    may_refuse = form == "object" or (dresses and not dresses[0].must)
    return compare(plain, again, not may_refuse, range(len(X)))


def fit_whole(class_, params, X, y, after):
    model = class_(task="many-to-one", **params)
    fitted = attempt(model.fit, X, y)
    if fitted.refused:
        return fitted
    ask = model.predict_proba if class_ is DKTClassifier else model.predict
    return attempt(ask, after)


def compare(plain, again, must, rows, within=1e-9):
    if plain.refused:
        assert again.refused, f"accepted, though plainly refused: {plain.refusal}"
        return "refused"
    assert np.isfinite(plain.value).all(), f"not finite: {plain.value}"
    if again.refused:
        assert not must, f"refused, but not plainly: {again.refusal}"
        return "refused in dresses"
    scale = max(1.0, np.abs(plain.value).max())
    restored = np.empty_like(again.value)
    restored[rows] = again.value
    apart = np.abs(restored - plain.value).max() / scale
    assert apart <= within, f"{apart:g} apart:\n{restored}\n{plain.value}"
    return "accepted"


# --- frames of numbers -------------------------------------------------------------


@st.composite
def frame_cases(draw):
    log = draw(written(("student", "order", "number")))
    few = min(dress.most for dress in log.dresses["order"])
    if draw(st.integers(0, 9)) and len(log) <= few:  # else many tie, which is refused
        log = log.with_codes(order=[*range(len(log))])
    read = draw(st.sampled_from(["features", "past_features", "both"]))
    return draw(parameters()), log, read


def check_frame(case):
    params, log, read = case
    plain = fit_frame(params, log, read, plainly=True)
    again = fit_frame(params, log, read, plainly=False)
    outcome = compare(
        plain, again, log.must, list(log.rows), 1e-9 if log.sorted else np.inf
    )
    if outcome == "accepted" and read == "past_features" and len(log):
        check_blind(params, log, plain.value)
    return outcome


def fit_frame(params, log, read, *, plainly, codes=None):
    """Fit to the time of steps, by their number, and predict in other dresses."""
    names = {role: role for role in log.names} if plainly else log.names
    given = {
        "features": [names["number"]] if read != "past_features" else [],
        "past_features": [names["number"]] if read != "features" else [],
    }
    model = SequenceRegressor(
        student=names["student"], order=names["order"], **given, **params
    )
    X = log.plain() if plainly else log.dressed(0)
    target = with_nan([(log.codes["student"][r] or 0) + r % 3 for r in range(len(log))])
    y = target if plainly else target[list(log.rows)]
    before = X.copy(deep=True)
    fitted = attempt(model.fit, X, y)
    same_frame(X, before)
    if fitted.refused:
        return fitted
    if codes is not None:
        log = log.with_codes(number=codes)
    return attempt(model.predict, log.plain() if plainly else log.dressed(1))


def check_blind(params, log, p):
    """Change what is known after steps of one time: no step of that time may notice."""
    pivot = len(log) // 2
    student, order = (np.array(log.codes[role]) for role in ("student", "order"))
    hidden = (student == student[pivot]) & (order >= order[pivot])
    codes = [
        3 - (code or 0) if hide else code
        for code, hide in zip(log.codes["number"], hidden, strict=True)
    ]
    q = fit_frame(params, log, "past_features", plainly=True, codes=codes)
    assert isinstance(q, Outcome)
    assert not q.refused, q.refusal
    blind = (student != student[pivot]) | (order <= order[pivot])
    apart = np.abs(q.value - p)[blind].max(initial=0.0)
    assert apart <= 1e-6, f"steps see their own past_features: {apart:g}"
