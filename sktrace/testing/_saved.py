"""Written to a file that runs nothing, and read back: the same tracer."""

import tempfile
from pathlib import Path
from unittest import SkipTest

import numpy as np
from sklearn.base import BaseEstimator

from .._plain.tree import WRITERS
from ..saving import load, save
from ._logs import fit, proba, write_for
from ._promises import agree, demand

__all__ = ["check_saved_tracers_are_the_same"]


def check_saved_tracers_are_the_same(tracer):
    """Saved and loaded, a tracer predicts, traces and learns on, to the last bit."""
    if type(tracer) not in WRITERS:
        raise SkipTest("its class is not marked by sktrace.saving.stored")
    log = write_for(tracer)
    fitted = fit(tracer, log)
    again = _save_and_load(fitted)
    demand(
        _parameters(again) == _parameters(fitted),
        f"parameters are saved; got {again!r}, not {fitted!r}",
    )
    p = proba(fitted, log)
    agree(proba(again, log), p, "saved and loaded, a tracer predicts the same")
    agree(
        proba(_save_and_load(again), log), p, "saved twice, a tracer predicts the same"
    )
    if hasattr(fitted, "tracer"):
        agree(
            *(_ask_live(each, log) for each in (again, fitted)),
            "saved and loaded, a tracer traces the same answers alike",
        )
    if hasattr(fitted, "partial_fit"):
        agree(
            *(
                proba(each.partial_fit(log, log["correct"]), log)
                for each in (again, fitted)
            ),
            "saved and loaded, a tracer goes on learning the same",
        )


def _save_and_load(fitted):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tracer.sktrace"
        save(fitted, path)
        return load(path)


def _parameters(fitted):
    """Return the parameters that are no estimators, in words."""
    return {
        name: repr(value)
        for name, value in fitted.get_params().items()
        if not isinstance(value, BaseEstimator) and name != "estimators"
    }


def _ask_live(fitted, log):
    """Return what a live tracer predicts after each of some answers."""
    live = fitted.tracer()
    asked = []
    for skill, correct in zip(fitted.skills_[:2], (1, 0), strict=False):
        live.update("new", skill, correct)
        asked.append(live.predict_proba("new", [*fitted.skills_]).to_numpy())
    return np.concatenate(asked)
