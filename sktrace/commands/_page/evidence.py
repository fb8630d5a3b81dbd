"""What the page says of tracers, of learning curves and of the log."""

import numpy as np

from ...display import TracerComparisonDisplay
from .curve_pictures import draw_curve
from .pictures import draw_or_say
from .skills_table import MOST_SKILLS

__all__ = ["describe_curves", "describe_evidence", "describe_log", "name_readers"]


def describe_evidence(findings):
    """Return what evidence.html shows, by the names that it calls it."""
    comparison = findings.comparison
    tracers = {name: findings.tracers[name] for name in comparison.results}
    return {
        "table": comparison.table(findings.metrics),
        "headline": comparison.headline(),
        "marks": comparison.marks(),
        "rope": comparison.found.rope,
        "unknown": comparison.unknown_folds(findings.metrics),
        "figure": draw_or_say(lambda: draw_scores(findings)),
        "item_readers": name_readers(tracers, "item"),
        "time_readers": name_readers(tracers, "time"),
    }


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


def name_readers(tracers, role):
    """Name the tracers to which a column was named."""
    return [name for name, own in tracers.items() if own.get_params().get(role)]


def describe_curves(findings):
    """Return what curves.html shows, by the names that it calls it."""
    practice = findings.practice
    curves, most = practice.curves, practice.count()["answers"]
    shown = most.sort_values(ascending=False, kind="stable").index[:MOST_SKILLS]
    drawn = {
        skill: (draw_curve(curves[skill]), *curves[skill]["n_students"].iloc[[0, -1]])
        for skill in [None, *shown]
        if skill in curves
    }
    return {
        "whole": drawn.get(None),
        "curves": {k: drawn[k] for k in shown if k in drawn},
        "names": practice.skills,
        "short": [practice.skills[k] for k in shown if k not in drawn],
        "n_skills": len(most),
    }


def describe_log(findings):
    """Return what log.html shows, by the names that it calls it."""
    return {"summary": findings.summary, "log": findings.log}
