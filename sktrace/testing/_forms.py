"""Frames come in many forms, which all say the same."""

import numpy as np
import pandas as pd

from .._tracer.questions import roles_of
from ._logs import fit, fresh, proba, write_for
from ._promises import agree, demand, each_row

__all__ = [
    "check_columns_may_have_other_names",
    "check_index_and_columns_mean_nothing",
    "check_one_skill_needs_no_column",
    "check_skills_may_be_anything_hashable",
    "check_the_frame_is_left_as_it_was",
    "check_types_of_columns_mean_nothing",
]

INDEXES_AND_COLUMNS = {
    "a duplicate index": lambda X: X.set_axis([0] * len(X)),
    "an index of strings": lambda X: X.set_axis([f"row {i}" for i in range(len(X))]),
    "extra columns": lambda X: X.assign(hint="x", when=pd.Timestamp(0)),
    "columns reordered": lambda X: X[X.columns[::-1]],
}
TYPES = {
    "nullable columns": lambda X: X.convert_dtypes(),
    "answers False and True": lambda X: X.assign(correct=X["correct"].astype(bool)),
    "categories": lambda X: X.astype({"skill_name": "category", "user_id": "category"}),
    "columns of objects": lambda X: X.astype({"skill_name": object, "user_id": object}),
    "an order of fractions": lambda X: X.assign(order_id=X["order_id"] / 10),
    "small integers": lambda X: X.astype({"correct": "int8", "order_id": "int16"}),
}


def check_index_and_columns_mean_nothing(tracer):
    """Any index does, further columns are ignored, columns have no order."""
    _compare_forms(tracer, INDEXES_AND_COLUMNS)


def check_types_of_columns_mean_nothing(tracer):
    """Columns may be nullable, categorical, of objects, small integers, fractions."""
    _compare_forms(tracer, TYPES)


def _compare_forms(tracer, forms):
    log = write_for(tracer, n_students=8)
    p = proba(fit(tracer, log), log)
    for form, change in forms.items():
        other = change(log)
        agree(
            proba(fit(tracer, other), other),
            p,
            f"a frame with {form} is fitted and predicted as one without",
            within=1e-12,
        )


def check_skills_may_be_anything_hashable(tracer):
    """Skills may be numbers, strings, tuples, dates, or several of them."""
    log = write_for(tracer)
    plain = fit(tracer, log)
    names = plain.skills_.tolist()
    for skills in (
        list(pd.date_range("2024-01-01", periods=4)),
        [("a", 1), ("a", 2), ("b", 1), ("b", 2)],
        [1, "b", 2.5, "d"],
    ):
        code = dict(zip(names, skills, strict=True))
        cells = pd.Series([code[name] for name in log["skill_name"]], dtype=object)
        other = log.assign(skill_name=cells)
        fitted = fit(tracer, other)
        demand(
            set(fitted.skills_.tolist()) == set(skills),
            f"skills_ are the skills of the log, {skills}; got {fitted.skills_!r}",
        )
        p = proba(fitted, other)
        each_row(np.isfinite(p), f"skills may be {skills}")
        # In another order, weights drawn at random would go to other skills.
        if fitted.skills_.tolist() == skills:
            agree(
                p,
                proba(plain, log),
                f"skills may be called {skills}",
                within=1e-12,
            )


def check_the_frame_is_left_as_it_was(tracer):
    """Neither fit nor predict_proba changes X or y, which may be read-only."""
    log = write_for(tracer)
    for column in log:
        log[column].to_numpy().flags.writeable = False
    before, y = log.copy(deep=True), log["correct"].copy()
    fitted = fresh(tracer)
    methods = ("predict_proba", "predict", "predict_next", "knowledge_state", "tracer")
    for X in (log, before.copy(deep=True)):  # once read-only, once not
        fitted.fit(X, y)
        _compare_frames(X, before, "fit")
        for method in methods:
            if hasattr(fitted, method):
                getattr(fitted, method)(X)
                _compare_frames(X, before, method)
        demand(y.equals(before["correct"]), "fit leaves y as it was")


def _compare_frames(X, before, method):
    try:
        pd.testing.assert_frame_equal(X, before)
    except AssertionError as error:
        raise AssertionError(
            f"Broken promise: {method} leaves X as it was. {error}"
        ) from None


def check_one_skill_needs_no_column(tracer):
    """Under skill=None all rows are of one skill."""
    log = write_for(tracer)
    same = log.assign(skill_name="a")
    agree(
        proba(fit(tracer, log, skill=None), log),
        proba(fit(tracer, same), same),
        "skill=None reads all rows as of one skill",
        within=1e-12,
    )


def check_columns_may_have_other_names(tracer):
    """Columns may have any names, as long as the parameters tell them."""
    log = write_for(tracer)
    names = dict(zip(log, ["who", 2, "what", "ok"], strict=False))
    roles = {
        role: names.get(column) for role, column in roles_of(fresh(tracer)).items()
    }
    roles = {role: name for role, name in roles.items() if name is not None}
    renamed = log.rename(columns=names)
    agree(
        proba(fit(tracer, renamed, renamed["ok"], **roles), renamed),
        proba(fit(tracer, log), log),
        f"columns may be called {list(names.values())}",
    )
