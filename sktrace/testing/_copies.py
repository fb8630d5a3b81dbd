"""Fitted again, copied, stored: the same tracer."""

import copy
import io
import pickle

import joblib
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from ._logs import fit, fresh, proba, write_for
from ._promises import agree, demand, refused

__all__ = [
    "check_copies_predict_alike",
    "check_refitting_forgets",
    "check_same_seed_same_bits",
]


def check_same_seed_same_bits(tracer):
    """Fitted twice on one log, with one seed, a tracer is the same to the last bit."""
    log = write_for(tracer)
    p = proba(fit(tracer, log), log)
    again = fit(tracer, log)
    agree(proba(again, log), p, "one seed and one log make one tracer")
    again.fit(log, log["correct"])
    agree(proba(again, log), p, "fitted again, a tracer is what it was")


def check_refitting_forgets(tracer):
    """A tracer fitted before on another log knows nothing of it."""
    log = write_for(tracer)
    other = write_for(tracer, seed=1, n_skills=3).assign(
        user_id=lambda X: -X["user_id"]
    )
    other["skill_name"] = "other " + other["skill_name"]
    again = fit(tracer, other).fit(log, log["correct"])
    once = fit(tracer, log)
    demand(
        again.skills_.tolist() == once.skills_.tolist(),
        f"skills_ are those of the last fit; got {again.skills_!r}",
    )
    agree(
        proba(again, log), proba(once, log), "what an earlier fit learnt is forgotten"
    )


def check_copies_predict_alike(tracer):
    """Pickled, stored by joblib or copied, a tracer predicts the same bits."""
    log = write_for(tracer)
    fitted = fit(tracer, log)
    p = proba(fitted, log)
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    for how, copied in {
        "pickled": pickle.loads(pickle.dumps(fitted)),
        "stored by joblib": joblib.load(file),
        "copied": copy.copy(fitted),
        "deep-copied": copy.deepcopy(fitted),
    }.items():
        agree(proba(copied, log), p, f"{how}, a tracer predicts the same")
    with refused(NotFittedError, "a clone is not fitted, and asking it is refused"):
        clone(fitted).predict_proba(log)
    unfitted = pickle.loads(pickle.dumps(fresh(tracer)))
    agree(
        proba(unfitted.fit(log, log["correct"]), log),
        p,
        "pickled before fit, a tracer learns the same",
    )
