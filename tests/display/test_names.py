"""Names are print, whatever they hold: no formula, and none that is left out."""

import io
import warnings
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from sktrace import BKTClassifier, DKTClassifier, PFAClassifier
from sktrace.display import (
    ClassMasteryDisplay,
    EarlyPredictionDisplay,
    ItemDisplay,
    KnowledgeCurveDisplay,
    LearningCurveDisplay,
    MasteryDisplay,
    SkillGraphDisplay,
    TracerComparisonDisplay,
    TrainingDisplay,
)
from sktrace.display._style import shorten

from ..conftest import BELOW_HALF

mpl.use("agg")
NAMES = ["$x^$", "$5 or $6_", r"\$7 or $", "plain"]  # the first is no formula
# What no format of pictures can hold, or would be read otherwise; and how it is shown.
HOSTILE = {
    "nul\x00": r"nul\x00",
    "\x1b[31m\x0b": r"\x1b[31m\x0b",
    "\x9b2J\x7f": r"\x9b2J\x7f",
    "two\nlines\r\t": r"two\nlines\r\t",
    "turned \u202e": r"turned \u202e",
    "\ufffe]]>&<\"'": "\\ufffe]]>&<\"'",
    "x" * 100_000: "x" * 10 + "…" + "x" * 10,
    "\u200d\u3000": r"'\u200d\u3000'",
}


@pytest.fixture
def odd(log):
    skills = sorted(set(log["skill_name"]))
    log["skill_name"] = log["skill_name"].map(dict(zip(skills, NAMES, strict=True)))
    return log.assign(user_id="$" + log["user_id"].astype(str) + "^$")


def written(figure):
    """Return all that a figure says, as a reader sees it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()
    texts = [t for t in figure.findobj(mpl.text.Text) if t.get_visible()]
    seen = [t._preprocess_math(t.get_text()) for t in texts]
    assert not any(is_formula for _, is_formula in seen)
    return [text for text, _ in seen]


def fit(tracer, log):
    return tracer.fit(log, log["correct"])


def draw_class(log):
    return ClassMasteryDisplay.from_estimator(fit(PFAClassifier(), log), log)


def draw_mastery(log):
    dkt = fit(DKTClassifier(hidden_size=2, max_epochs=1, random_state=0), log)
    return MasteryDisplay.from_estimator(dkt, log, log["user_id"].iloc[0], skills=NAMES)


def draw_knowledge(log):
    bkt = fit(BKTClassifier(bounds=BELOW_HALF, random_state=0), log)
    student = log.groupby("user_id")["skill_name"].nunique().idxmax()
    return KnowledgeCurveDisplay.from_estimator(bkt, log, student)


def draw_items(log):
    table = pd.DataFrame({"harder": 0.0, "discrimination": range(4)}, index=NAMES)
    return ItemDisplay.from_items(table.assign(verdict="$v^$"))


def draw_learning(log):
    p = {name: np.full(len(log), 0.5) for name in NAMES}
    return LearningCurveDisplay.from_predictions(log, log["correct"], p)


def draw_graph(log, **options):
    influence = [(a, b, 1.5) for a in NAMES for b in NAMES if a != b]
    influence = pd.DataFrame(influence, columns=["skill", "on", "lift"])
    return SkillGraphDisplay(influence).plot(**options)


def draw_matrix(log):
    return draw_graph(log, kind="matrix")


def draw_comparison(log):
    scores = {"test_$x^$": [0.5, 0.6]}
    return TracerComparisonDisplay.from_results(dict.fromkeys(NAMES, scores))


def draw_early(log):
    curve = pd.DataFrame({"step": [1, 2], "fold": 0, "$x^$": [0.5, 0.6]})
    return EarlyPredictionDisplay.from_curve(dict.fromkeys(NAMES, curve))


def draw_training(log):
    history = pd.DataFrame({"epoch": [1, 2], "train_loss": [0.5, 0.6]})
    history = history.assign(**{"$x^$": 0.5, "train_$x^$": 0.5})
    return TrainingDisplay(history).plot()


DRAWN = [
    (draw_class, slice(None)),
    (draw_mastery, slice(None)),
    (draw_knowledge, slice(1)),
    (draw_items, slice(None)),
    (draw_learning, slice(None)),
    (draw_graph, slice(None)),
    (draw_matrix, slice(None)),
    (draw_comparison, slice(None)),
    (draw_early, slice(None)),
    (draw_training, slice(1)),
]


@pytest.mark.parametrize(("draw", "which"), DRAWN)
def test_a_name_that_looks_like_a_formula_is_printed(odd, draw, which):
    text = written(draw(odd).figure_)
    for name in [*NAMES[which], *["$v^$"] * (draw is draw_items)]:
        assert any(name in line for line in text)


@pytest.mark.parametrize(("draw", "which"), DRAWN)
@pytest.mark.parametrize("start", [0, 4])
def test_a_name_that_no_picture_can_hold_is_written_out(
    log, monkeypatch, draw, which, start
):
    names = list(HOSTILE)[start : start + 4]
    monkeypatch.setattr(__name__ + ".NAMES", names)
    skills = sorted(set(log["skill_name"]))
    log["skill_name"] = log["skill_name"].map(dict(zip(skills, names, strict=True)))
    log["user_id"] = [f"{names[0]}{number}" for number in log["user_id"]]
    figure = draw(log).figure_
    text = "".join(written(figure)).replace("\n", "")
    for name in names[which] if draw is not draw_training else []:
        assert HOSTILE[name] in text
    if draw in (draw_class, draw_graph):  # two ways to draw text
        for kind in ("png", "svg", "pdf"):
            with io.BytesIO() as file:
                figure.savefig(file, format=kind)
                if kind == "svg":
                    ElementTree.fromstring(file.getvalue())


def test_a_student_and_a_class_that_look_like_formulas_are_printed(odd):
    display = draw_mastery(odd)
    student = odd["user_id"].iloc[0]
    assert f"student {student}" in written(display.figure_)
    y = np.where(odd["correct"] == 1, "$a^$", "$b^$")
    display = ClassMasteryDisplay.from_estimator(PFAClassifier().fit(odd, y), odd)
    assert "P($b^$)" in written(display.figure_)


def test_a_long_name_is_cut_before_it_is_escaped():
    assert shorten("$" * 40) == r"\$" * 16 + "…" + r"\$" * 15
    assert shorten(7) == "7"


def test_bytes_that_are_no_text_are_written_out():
    assert shorten("b\udcff") == r"b\udcff"


def test_a_name_that_begins_with_an_underscore_is_in_the_legend(log):
    p = {"_m": np.full(len(log), 0.5), "n": np.full(len(log), 0.4)}
    for skills in ("all skills", ["all skills", "skill 1"]):
        display = LearningCurveDisplay.from_predictions(
            log, log["correct"], p, skills=skills
        )
        assert {"_m", "n"} <= set(written(display.figure_))
    curve = pd.DataFrame({"step": [1, 2], "fold": 0, "score": [0.5, 0.6]})
    display = EarlyPredictionDisplay.from_curve({"_m": curve, "n": curve})
    assert {"_m", "n"} <= set(written(display.figure_))
    display = EarlyPredictionDisplay.from_curve({"_m": curve})
    assert "_m: mean over 1 fold" in written(display.figure_)
