"""Faults, each planted in several forms, and what has to be said of them."""

from dataclasses import dataclass, field
from functools import partial

from sklearn.model_selection import KFold
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sktrace import BKTClassifier, PFAClassifier

from . import _cases as cases
from ._logs import ENCODINGS, lesson
from ._networks import NETWORKS
from ._procedures import best_epoch_of_its_answers, encodes_both, scales_both
from ._regressions import REGRESSIONS, LaterSeconds, OnColumns, RowBefore

__all__ = ["MADE_FOR", "PLANTED", "Planted"]

ASKED_AGAIN = "randomised answers", "prefix invariance", "company"
MADE_FOR = {  # a fault, and the checks of which one has to find it
    "future key": ASKED_AGAIN,
    "time of the own row": ("targets in the features",),
    "unrolled questions": ("unrolled questions",),
    "target encoding": ("targets in the features", *ASKED_AGAIN),
    "padding": ("padding",),
    "best test epoch": ("rows inside the estimator", *ASKED_AGAIN),
    "scaled on all rows": (
        *("scaled on all rows", "rows inside the estimator"),
        *ASKED_AGAIN,
    ),
    "folds of rows": ("students on both sides",),
    "students twice": ("students on both sides", "rows on both sides"),
    "row by row": ("company", "targets in the features"),
}


@dataclass
class Planted:
    """A fault, how it was planted, and the arguments of `audit` that hold it.

    `seen` is what has to be said of it at least: "fault", "look", or "nothing" where
    rows and predictions cannot show it.
    """

    fault: str
    how: str
    build: object = field(repr=False)
    seen: str = "fault"

    @property
    def name(self):
        return f"{self.fault}: {self.how}"

    def found(self, report):
        """Return the worst of what the checks say that are made for this fault."""
        own = report.loc[report["check"].isin(MADE_FOR[self.fault]), "verdict"]
        return next((v for v in ("fault", "look") if (own == v).any()), "nothing")

    def arguments(self, n_students=150):
        estimator, X, y, *more = self.build(lesson(n_students))
        return (estimator, X, y), (more[0] if more else {})


PFA = PFAClassifier()
PADDED_AS_A_SKILL = {"skill": "skill 01", "item": "item 01"}

PLANTED = [
    *(
        Planted("future key", name, partial(cases.answered_by, model))
        for name, model in (NETWORKS | REGRESSIONS).items()
    ),
    Planted(
        "future key",
        "seconds of the next row",
        lambda log: cases.answered_by(LaterSeconds(), log, "response_time"),
    ),
    Planted(
        "future key",
        "answer of the same moment",
        partial(cases.tied, RowBefore()),
    ),
    Planted(
        "time of the own row",
        "response time as a feature of DKT",
        partial(
            cases.on_column,
            "response_time",
            cases.small_dkt(features=["response_time"]),
        ),
    ),
    Planted(
        "time of the own row",
        "ms_first_response in a regression",
        partial(cases.on_column, "ms_first_response", OnColumns(["ms_first_response"])),
    ),
    Planted(
        "time of the own row",
        "elapsed_time as a feature of PFA",
        partial(
            cases.on_column, "elapsed_time", PFAClassifier(features=["elapsed_time"])
        ),
    ),
    Planted(
        "time of the own row",
        "a column of no telling name",
        partial(cases.on_column, "x7", OnColumns(["x7"])),
    ),
    Planted(
        "time of the own row",
        "hints taken",
        cases.on_hints,
    ),
    Planted(
        "time of the own row", "gap by a stamp after the answer", cases.by_clock, "look"
    ),
    Planted(
        "time of the own row",
        "gap computed inside",
        cases.inside,
    ),
    Planted(
        "unrolled questions",
        "DKT that reads items",
        partial(cases.unrolled, cases.small_dkt(item="item_id"), ["item_id"]),
    ),
    Planted(
        "unrolled questions",
        "items in a column nobody named",
        partial(cases.unrolled, PFA, ["item_id"]),
    ),
    Planted(
        "unrolled questions",
        "no items, a clock that ties",
        partial(cases.unrolled, PFA, ["timestamp"]),
    ),
    Planted("unrolled questions", "no items", partial(cases.unrolled, PFA, []), "look"),
    Planted("unrolled questions", "predictions", cases.unrolled_predictions),
    *(
        Planted("target encoding", name, partial(cases.encoded, *how))
        for name, how in ENCODINGS.items()
    ),
    Planted(
        "target encoding",
        "as a feature of PFA",
        partial(
            cases.encoded,
            *ENCODINGS["mean by item"],
            estimator=PFAClassifier(features=["encoded"]),
        ),
    ),
    Planted(
        "target encoding", "in a procedure", partial(cases.trained_on, encodes_both)
    ),
    Planted("padding", "a skill of its own, PFA", partial(cases.with_padding, PFA)),
    Planted(
        "padding",
        "a skill of its own, BKT",
        partial(cases.with_padding, BKTClassifier()),
    ),
    Planted(
        "padding",
        "an existing skill",
        partial(cases.with_padding, PFA, **PADDED_AS_A_SKILL),
    ),
    Planted(
        "padding", "before the first row", partial(cases.with_padding, PFA, first=True)
    ),
    Planted("padding", "skill 0, item 0", partial(cases.with_padding, PFA, skill="0")),
    Planted("padding", "predicted .01", cases.predicted_padding),
    Planted(
        "padding",
        "predicted .01, an existing skill",
        partial(cases.predicted_padding, **PADDED_AS_A_SKILL),
    ),
    Planted("padding", "predicted 0", partial(cases.predicted_padding, of_padding=0.0)),
    Planted(
        "best test epoch",
        "a procedure that looks into X",
        partial(cases.trained_on, best_epoch_of_its_answers),
    ),
    Planted("best test epoch", "parameters X_test, y_test", cases.given_its_test),
    Planted("best test epoch", "a closure over y", cases.in_a_closure),
    Planted("best test epoch", "an object that holds y", cases.held_by_an_object),
    Planted(
        "scaled on all rows",
        "StandardScaler before",
        partial(cases.scaled_before, scaler=StandardScaler()),
    ),
    Planted(
        "scaled on all rows",
        "MinMaxScaler before",
        partial(cases.scaled_before, scaler=MinMaxScaler()),
        "nothing",
    ),
    Planted(
        "scaled on all rows",
        "within each student",
        partial(cases.scaled_before, scaler=None, by="user_id"),
    ),
    Planted(
        "scaled on all rows",
        "in a procedure",
        lambda log: cases.trained_on(scales_both, log, "rating", "n_before"),
    ),
    Planted("scaled on all rows", "a frozen scaler", cases.frozen_scaler),
    Planted("folds of rows", "cv=5", partial(cases.split_by, 5)),
    Planted(
        "folds of rows",
        "KFold, shuffled",
        partial(cases.split_by, KFold(5, shuffle=True, random_state=0)),
    ),
    Planted("folds of rows", "a list of splits", cases.split_by_hand),
    Planted("folds of rows", "groups of skills", cases.split_by_skill),
    Planted("folds of rows", "train_test_split", cases.halved_rows),
    Planted("folds of rows", "predictions, cv=5", partial(cases.predicted_by, 5)),
    Planted(
        "folds of rows", "predictions, train_test_split", cases.predicted_halved_rows
    ),
    Planted("students twice", "chunks under new names", cases.in_chunks, "look"),
    Planted("students twice", "overlapping windows", cases.overlapping_chunks),
    Planted("students twice", "every student again", cases.twins),
    Planted("students twice", "the test again in training", cases.learnt_twins),
    Planted("row by row", "memory of the index", partial(cases.memorised, "index")),
    Planted(
        "row by row", "memory of a row's id", partial(cases.memorised, "row_id"), "look"
    ),
    Planted("row by row", "predicted by position", cases.by_position),
]
