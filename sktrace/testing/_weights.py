"""Weights say how much a row teaches, not whether it is read."""

import numpy as np
import pandas as pd

from ._logs import flip, fresh, proba, write_for
from ._promises import agree, need_weights

__all__ = [
    "check_students_of_zero_weight_are_as_if_absent",
    "check_targets_of_zero_weight_have_no_influence",
    "check_weights_do_not_depend_on_the_order_of_rows",
    "check_weights_of_one_are_no_weights",
]


def _fit(tracer, log, y=None, weight=None):
    y = log["correct"] if y is None else y
    return fresh(tracer).fit(log, y, sample_weight=weight)


def check_weights_do_not_depend_on_the_order_of_rows(tracer):
    """Rows that are alike but for their weight may stand in any order, to 1e-12."""
    need_weights(tracer)
    log = write_for(tracer)
    log = pd.concat([log, log], ignore_index=True)
    weight = np.random.default_rng(0).integers(1, 4, len(log)).astype(float)
    rows = np.random.default_rng(1).permutation(len(log))
    agree(
        proba(_fit(tracer, log.iloc[rows], weight=weight[rows]), log),
        proba(_fit(tracer, log, weight=weight), log),
        "fit with weights does not depend on the order of rows",
        within=1e-12,
    )


def check_students_of_zero_weight_are_as_if_absent(tracer):
    """Students whose rows all have weight 0 teach nothing."""
    need_weights(tracer)
    log = write_for(tracer)
    kept = (log["user_id"] % 2 == 0).to_numpy()
    agree(
        proba(_fit(tracer, log, weight=kept.astype(float)), log),
        proba(_fit(tracer, log[kept]), log),
        "students of weight 0 are as if absent from fit",
        within=1e-6,
    )


def check_targets_of_zero_weight_have_no_influence(tracer):
    """What y says of a row of weight 0 is not learnt."""
    need_weights(tracer)
    log = write_for(tracer)
    weight = (log["order_id"] != 1).to_numpy(float)
    y = flip(log, weight == 0)["correct"]
    agree(
        proba(_fit(tracer, log, y, weight), log),
        proba(_fit(tracer, log, weight=weight), log),
        "targets of weight 0 have no influence on fit",
        within=1e-12,
    )


def check_weights_of_one_are_no_weights(tracer):
    """Rows of weight 1 teach what rows teach without weights."""
    need_weights(tracer)
    log = write_for(tracer)
    agree(
        proba(_fit(tracer, log, weight=np.ones(len(log))), log),
        proba(_fit(tracer, log), log),
        "weights of 1 are as no weights",
        within=1e-12,
    )
