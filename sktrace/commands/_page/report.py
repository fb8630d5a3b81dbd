"""One self-contained page of what a comparison found."""

from .._reading.items import ITEM
from .._running.comparison import METRICS
from .._running.folds import silence
from .._settings import list_settings
from .calibration_table import describe_calibration
from .class_section import describe_class, write_lead
from .evidence import describe_curves, describe_evidence, describe_log
from .findings import Findings
from .odd_items import describe_items
from .parameters import describe_parameters
from .skills_table import describe_skills
from .templates import render_page, render_part

__all__ = ["Findings", "render"]


def render(findings):
    """Return the page; of what fails, it says so, and shows the rest."""
    sections = {
        name: show(f"{name}.html", heading, describe, findings)
        for name, (heading, describe) in SECTIONS.items()
    }
    return render_page(
        "page.html", name=findings.name, lead=write_lead(findings), sections=sections
    )


def show(template, heading, describe, findings):
    """Return a section, or a sentence in its place: hours of work stand beside it."""
    try:
        common = {"findings": findings, "score": METRICS[findings.comparison.metric]}
        return render_part(template, **(common | describe(findings)))
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return render_part("failed.html", heading=heading, why=why)


def describe_again(findings):
    """Return what again.html shows, by the names that it calls it."""
    return {
        "settings": list_settings("compare", findings.options, findings.log),
        "snippet": write_snippet(findings),
    }


def write_snippet(findings):
    """Return Python code that gets the same scores of the best tracer."""
    options, tracer = findings.options, silence(findings.best[1])
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


# Each is a template of this name, shown with what its function returns.
SECTIONS = {
    "class": ("The class now", describe_class),
    "skills": ("Skills", describe_skills),
    "items": ("Items that misbehave", describe_items),
    "evidence": ("The evidence", describe_evidence),
    "calibration": ("Does what is predicted happen?", describe_calibration),
    "curves": ("Learning curves", describe_curves),
    "parameters": ("BKT's parameters", describe_parameters),
    "log": ("The log", describe_log),
    "again": ("To do it again", describe_again),
}
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
