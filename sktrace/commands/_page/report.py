"""One self-contained page of what a comparison found."""

import base64
import io
import warnings
from argparse import Namespace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone

from ..display import ClassMasteryDisplay, LearningCurveDisplay, TracerComparisonDisplay
from ..inspection import calibration_by_skill
from ._comparison import METRICS, Comparison
from ._items import ITEM
from ._log_file import LogFile
from ._log_summary import LogSummary
from ._settings import list_settings, render_page

__all__ = ["Findings", "render"]

MOST_SKILLS = 200  # in the table; a page has an end
MOST_SKILLS_DRAWN = 110
SNIPPET = """\
from sklearn.model_selection import cross_validate
from sktrace import {estimators}
from sktrace.datasets import {reader}{metrics}
from sktrace.model_selection import StudentKFold

X = {call}
X = X.dropna(subset=["correct"]).reset_index(drop=True)
tracer = {tracer!r}
folds = StudentKFold({options.folds}, shuffle=True, random_state={options.seed})
scores = cross_validate(tracer, X, X["correct"], cv=folds, scoring={scoring})
print(scores["test_score"])
"""


class Findings(NamedTuple):
    """What a page is made of."""

    options: Namespace
    log: LogFile
    X: pd.DataFrame  # the answers that were predicted
    summary: LogSummary
    comparison: Comparison
    metrics: list
    tracers: dict  # name to tracer, those that failed among them
    best: tuple  # name of the best tracer, and it, fitted on all answers

    @property
    def name(self):
        """What the log is called."""
        log = self.options.log
        return "A made-up class" if log is None else Path(log).name


def render(findings):
    """Return the page."""
    comparison = findings.comparison
    tracers = {name: findings.tracers[name] for name in comparison.results}
    return render_page(
        "page.html",
        findings=findings,
        table=comparison.table(findings.metrics),
        headline=comparison.headline(),
        marks=comparison.marks(),
        rope=comparison.found.rope,
        unknown=comparison.unknown_folds(findings.metrics),
        figures=draw_figures(findings),
        skills=tabulate_skills(findings),
        most_skills=MOST_SKILLS,
        most_skills_drawn=MOST_SKILLS_DRAWN,
        settings=list_settings("compare", findings.options, findings.log),
        score=METRICS[comparison.metric],
        item_readers=name_readers(tracers, "item"),
        time_readers=name_readers(tracers, "time"),
        snippet=write_snippet(findings),
    )


def draw_figures(findings):
    """Return each picture for a light and for a dark page, by name."""
    name, tracer = findings.best
    X, p = findings.X, findings.comparison.predictions[name]
    skills = findings.summary.skills
    fewest = min(5, skills["n_students"].max())
    shown = skills.index[:MOST_SKILLS_DRAWN].tolist()
    displays = {
        "comparison": lambda: draw_scores(findings),
        "learning": lambda: LearningCurveDisplay.from_predictions(
            X, X["correct"], {name: p}, min_students=fewest
        ),
        "mastery": lambda: ClassMasteryDisplay.from_estimator(tracer, X, skills=shown),
    }
    return {name: draw_or_say(make) for name, make in displays.items()}


def draw_scores(findings):
    """Draw the scores that are known, in the folds that have them all."""
    comparison = findings.comparison
    # Accuracy, which depends on where to cut, is left to the table.
    known = {m: comparison.folds_with(m) for m in findings.metrics if m != "accuracy"}
    known = {metric: folds for metric, folds in known.items() if folds.any()}
    scored = np.all(list(known.values()), axis=0)
    if not scored.any():  # of the log loss, all are known
        known, scored = ["neg_log_loss"], ~scored
    results = {
        name: {key: scores[scored] for key, scores in own.items()}
        for name, own in comparison.results.items()
    }
    return TracerComparisonDisplay.from_results(results, metrics=list(known))


def draw_or_say(make):
    """Draw, or say what went wrong: the page is not to be lost for a picture."""
    try:
        return draw(make())
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def draw(display):
    """Draw in matplotlib's light and dark style, as data that stand in the page."""
    import matplotlib.pyplot as plt

    drawn = {}
    plt.close(display.figure_)
    for theme, style in {"light": "default", "dark": "dark_background"}.items():
        with plt.style.context(style):
            figure = display.plot().figure_
            data = base64.b64encode(save(figure)).decode()
            plt.close(figure)
        drawn[theme] = f"data:image/svg+xml;base64,{data}"
    return drawn


def save(figure):
    """Return a figure as SVG, with letters as shapes where the font has them all."""
    import matplotlib as mpl

    for fonttype in ("path", "none"):  # none: the browser's fonts write the text
        with (
            io.BytesIO() as file,
            mpl.rc_context({"svg.fonttype": fonttype}),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            figure.savefig(file, format="svg", transparent=True)
            content = file.getvalue()
        if not any("missing from font" in str(w.message) for w in warned):
            break
    return content


def tabulate_skills(findings):
    """Return what was observed and predicted, the most practised skill first."""
    X, (name, _) = findings.X, findings.best
    skills = calibration_by_skill(
        findings.comparison.predictions[name], X, X["correct"]
    )
    return skills.sort_values("n_rows", ascending=False, kind="stable")


def name_readers(tracers, role):
    """Name the tracers to which a column was named."""
    return [name for name, own in tracers.items() if own.get_params().get(role)]


def write_snippet(findings):
    """Return Python code that gets the same scores of the best tracer."""
    options, tracer = findings.options, clone(findings.best[1])
    if hasattr(tracer, "verbose"):
        tracer.set_params(verbose=0)
    members = getattr(tracer, "estimators", None) or []  # of a blend
    parts = [tracer, *(member for _, member in members)]
    if options.log is None:
        reader, arguments = "make_interactions", ["n_students=500", "n_skills=10"]
        arguments += [f"random_state={options.seed}"]
    else:
        reader, arguments = "read_interactions", [repr(options.log)]
        arguments += [f"{k}={v!r}" for k, v in findings.log.settings.items()]
    by_question = findings.comparison.metric == "roc_auc_by_question"
    item = f"item={ITEM!r}" if ITEM in findings.X else ""
    return SNIPPET.format(
        tracer=tracer,
        estimators=", ".join(sorted({type(one).__name__ for one in parts})),
        reader=reader,
        call=f"{reader}({', '.join(arguments)}){'[0]' * (options.log is None)}",
        metrics="\nfrom sktrace.metrics import question_scorer" * by_question,
        scoring=f"question_scorer({item})" if by_question else '"roc_auc"',
        options=options,
    )
